// SPDX-License-Identifier: Apache-2.0
#include "tools/build_facts.hpp"

#include <fmt/format.h>

#include <Eigen/Core>
#include <boost/version.hpp>

#include "netlists/version.hpp"

namespace arrayspice {

std::string build_facts() {
#ifdef __clang__
  constexpr const char* kCompiler = "clang " __clang_version__;
#else
  constexpr const char* kCompiler = "g++ " __VERSION__;
#endif
  return fmt::format(
      "arrayspice {}\n"
      "compiler    {}, C++{}, {} build{}\n"
      "libraries   SuiteSparse {} ({}), Eigen {}.{}.{}, Boost {}, fmt {}.{}.{}\n"
      "licence     {}\n",
      version(), kCompiler, __cplusplus / 100 % 100, ARRAYSPICE_BUILD_TYPE,
      ARRAYSPICE_SANITIZED ? " with sanitizers" : "", ARRAYSPICE_SUITESPARSE,
      ARRAYSPICE_WITH_GPL ? "KLU, CHOLMOD with supernodal module"
                          : "KLU, simplicial CHOLMOD",
      EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION, BOOST_LIB_VERSION,
      FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100,
      ARRAYSPICE_WITH_GPL ? "sources Apache-2.0; this binary GPL-3.0 (it links GPL "
                            "modules of SuiteSparse)"
                          : "Apache-2.0, with LGPL libraries of SuiteSparse");
}

}  // namespace arrayspice
