// SPDX-License-Identifier: Apache-2.0
#include "netlists/expansion_size.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "netlists/characters.hpp"
#include "netlists/cursor.hpp"
#include "netlists/failure.hpp"
#include "netlists/messages.hpp"

namespace arrayspice {

namespace {

/// Expansion is recursive; deeper hierarchies do not occur and would exhaust the stack.
constexpr std::size_t kDeepest = 1000;
/// Names, pins, parameters and matrix entries of a two-terminal device, bytes.
constexpr double kBytesPerDevice = 250.0;

double machine_memory() {
  return static_cast<double>(::sysconf(_SC_PHYS_PAGES)) *
         static_cast<double>(::sysconf(_SC_PAGESIZE));
}

std::string bytes_text(double bytes) {
  constexpr std::array kUnits{"B", "kB", "MB", "GB", "TB", "PB"};
  std::size_t unit = 0;
  while (bytes >= 1000.0 && unit + 1 < kUnits.size()) bytes /= 1000.0, ++unit;
  return fmt::format("{:.3g} {}", bytes, kUnits[unit]);
}

}  // namespace

std::string_view called_subcircuit(Cursor& cursor) {
  std::string_view last;
  while (!cursor.done_or_brackets() && !cursor.at_assignment()) {
    const std::string_view word = cursor.word();
    if (word.empty() || word == "params:" || word == "param:") break;
    last = word;
  }
  return last;
}

void ExpansionSize::check(std::size_t max_memory) {
  const double total = devices(deck_.top);
  const double limit =
      max_memory > 0 ? static_cast<double>(max_memory) : machine_memory();
  const double needed = total * kBytesPerDevice;
  if (needed <= limit) return;
  throw Failure(Exit::Resource,
                fmt::format("the deck expands to {:.6g} devices, which need about {} of "
                            "memory; {} are allowed (--max-memory)",
                            total, bytes_text(needed), bytes_text(limit)));
}

double ExpansionSize::devices(const Subcircuit& subcircuit) {
  if (const auto at = known_.find(&subcircuit); at != known_.end()) return at->second;
  open_.push_back(&subcircuit);
  const double sum = devices(subcircuit.body, subcircuit);
  open_.pop_back();
  known_[&subcircuit] = sum;
  return sum;
}

double ExpansionSize::devices(const Body& body, const Subcircuit& subcircuit) {
  double sum = 0.0;
  for (const Card& card : body.elements) {
    if (to_lower(card.text().front()) != 'x') {
      sum += 1.0;
      continue;
    }
    Cursor cursor(card, deck_.cards, buffer_);
    cursor.word();
    const Subcircuit* called = subcircuit.find(called_subcircuit(cursor));
    if (called && enter(*called, card)) sum += devices(*called);
  }
  for (const Conditional& conditional : body.conditionals)
    for (const auto& branch : conditional.branches)
      sum += devices(branch.body, subcircuit);
  return sum;
}

/// May the call be followed? Reports a definition that is already open, with the chain.
bool ExpansionSize::enter(const Subcircuit& called, const Card& card) {
  const auto first = std::find(open_.begin(), open_.end(), &called);
  if (first == open_.end() && open_.size() < kDeepest) return true;
  const Location where = deck_.cards.place(card, 0);
  if (first == open_.end()) {
    diagnostics_.error(message::kTooDeep, where,
                       fmt::format("subcircuits are nested more than {} deep", kDeepest));
    recursive_.insert(&called);
    return false;
  }
  std::string chain;
  for (auto at = first; at != open_.end(); ++at) {
    chain += (*at)->name + " → ";
    recursive_.insert(*at);
  }
  diagnostics_.error(message::kRecursion, where,
                     fmt::format("subcircuit '{}' contains itself: {}{}", called.name,
                                 chain, called.name));
  return false;
}

}  // namespace arrayspice
