// SPDX-License-Identifier: Apache-2.0
// libFuzzer target: expressions through parser, evaluation, compiler and program. A value
// or an error, never both; what a program gives is finite.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "netlists/expression.hpp"

namespace {

using namespace arrayspice;

struct Names final : NameScope {
  std::optional<double> value(std::string_view name) const override {
    return name == "x" ? std::optional(0.5) : std::nullopt;
  }
  const Function* function(std::string_view) const override { return nullptr; }
  std::vector<std::string_view> names() const override { return {"x"}; }
};

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Diagnostics diagnostics;
  const auto e = Expression::parse(text, {0, 1, 1}, diagnostics);
  require(e.has_value() != diagnostics.has_errors());
  if (!e) return 0;
  const auto value = e->evaluate(Names{}, diagnostics);
  require(value.has_value() != diagnostics.has_errors());
  require(std::isfinite(value.value_or(0.0)));
  diagnostics = {};
  const auto resolve = [](const Reference& r) {
    return std::optional(static_cast<std::int32_t>(r.first.size() % 4));
  };
  const auto program = e->compile(Names{}, resolve, diagnostics);
  require(program.has_value() != diagnostics.has_errors());
  if (!program) return 0;
  const std::vector<double> u{0.7, -0.2, 1e9, 0.0};
  std::vector<double> gradient(u.size());
  require(std::isfinite(program->evaluate(u, gradient)));
  for (const double g : gradient) require(std::isfinite(g));
  return 0;
}
