// SPDX-License-Identifier: Apache-2.0
// Small arrays for tests, and what ngspice says of their decks.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>

#include "netlists/arrays/array.hpp"
#include "netlists/arrays/random.hpp"

namespace arrayspice {

inline ArraySpec square_array(std::int64_t n, double ohm_per_segment) {
  ArraySpec spec;
  spec.array = {"current-domain", n, n, 1};
  spec.wire.word_line_resistance = spec.wire.bit_line_resistance = ohm_per_segment;
  return spec;
}

inline Matrix uniform_matrix(std::int64_t rows, std::int64_t columns, double value) {
  return {rows, columns, std::vector<double>(rows * columns, value)};
}

/// One input vector, uniform in [low, high] V.
inline std::vector<double> random_inputs(std::int64_t rows, double low, double high) {
  std::vector<double> inputs;
  for (std::int64_t i = 0; i < rows; ++i)
    inputs.push_back(low + (high - low) * uniform(3, Draw::Input, 0, i));
  return inputs;
}

inline bool has_ngspice() { return std::system("command -v ngspice > /dev/null") == 0; }

/// Runs a deck in ngspice; the `name = value` lines of its output, names in lower case.
inline std::map<std::string, double> run_ngspice(const std::string& deck) {
  const auto base = std::filesystem::temp_directory_path() /
                    ("arrayspice_deck_" + std::to_string(::getpid()));
  const std::string in = base.string() + ".cir", out = base.string() + ".log";
  std::ofstream(in) << deck;
  const int status =
      std::system(("timeout 240 ngspice -b " + in + " > " + out + " 2>&1").c_str());
  std::stringstream text;
  text << std::ifstream(out).rdbuf();
  std::filesystem::remove(in);
  std::filesystem::remove(out);
  std::map<std::string, double> results;
  if (status != 0) return results;
  static const std::regex kResult(R"((\S+)\s+=\s+([-+0-9.eE]+).*)");
  for (std::string line; std::getline(text, line);)
    if (std::smatch found; std::regex_match(line, found, kResult))
      results[found[1]] = std::stod(found[2]);
  return results;
}

}  // namespace arrayspice
