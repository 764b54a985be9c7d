// SPDX-License-Identifier: Apache-2.0
// Decks damaged at random: a netlist or an error, in bounded time and memory, never
// anything else. tests/fuzz looks further; this is what every run of the suite repeats.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "netlists/netlist.hpp"

namespace arrayspice {
namespace {

std::vector<std::string> decks() {
  std::vector<std::string> texts;
  const auto folder = std::filesystem::path(ARRAYSPICE_TEST_DATA).parent_path() / "decks";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".cir") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    texts.emplace_back(std::istreambuf_iterator<char>(file),
                       std::istreambuf_iterator<char>());
  }
  return texts;
}

void damage(std::string& text, const std::string& other, std::mt19937& random) {
  static constexpr std::array<std::string_view, 10> kPieces{
      "{",         "}", "'",     "\n+", ".subckt a b",
      "\n.ends\n", "=", "1e309", "(v(", "\n.lib 'x' y\n"};
  const std::size_t at = random() % (text.size() + 1);
  switch (random() % 5) {
    case 0:
      text.erase(at, random() % 8);
      break;
    case 1:
      text.insert(at, 1, static_cast<char>(random() % 256));
      break;
    case 2:
      text.insert(at, kPieces[random() % kPieces.size()]);
      break;
    case 3:
      text.insert(at, other.substr(random() % (other.size() + 1), random() % 40));
      break;
    default:
      text.resize(at);
  }
}

TEST(DamagedDeck, GivesANetlistOrAnError) {
  const std::vector<std::string> seeds = decks();
  ASSERT_GE(seeds.size(), 20u);
  std::mt19937 random(11);
  ReadOptions options;
  options.sandbox = true;
  options.max_memory = std::size_t{64} << 20;
  const auto start = std::chrono::steady_clock::now();
  for (int n = 0; n < 10000; ++n) {
    std::string text = seeds[random() % seeds.size()];
    for (auto edits = random() % 6; edits > 0; --edits)
      damage(text, seeds[random() % seeds.size()], random);
    Sources sources;
    Diagnostics diagnostics;
    const auto netlist = read_netlist_text(text, "damaged.cir", ARRAYSPICE_TEST_DATA,
                                           options, sources, diagnostics);
    ASSERT_EQ(netlist.has_value(), !diagnostics.has_errors()) << text;
    for (const Diagnostic& d : diagnostics.all()) render(d, sources);
  }
  // Measured: 0.7 s. The bound catches a text that takes quadratic time, not a busy
  // machine.
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(120));
}

}  // namespace
}  // namespace arrayspice
