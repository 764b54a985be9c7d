// SPDX-License-Identifier: Apache-2.0
// A deck after reading: cards sorted by what they are, still text. Elements keep their
// order; definitions may come after their use.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "netlists/card.hpp"
#include "netlists/netlist.hpp"

namespace arrayspice {

struct Conditional;

/// The cards of the deck, of a subcircuit, or of a branch of an `.if`.
struct Body {
  std::vector<Card> elements;
  std::vector<Card> parameters;  ///< .param, .func
  std::vector<Card> commands;    ///< everything else that begins with a dot
  std::map<std::string, Card, std::less<>> models;
  std::vector<Conditional> conditionals;
};

/// `.if` ... `.elseif` ... `.else` ... `.endif`; the first branch whose condition holds.
struct Conditional {
  struct Branch {
    Card condition;  ///< the card itself; without condition for `.else`
    bool always = false;
    Body body;
  };
  std::vector<Branch> branches;
};

struct Subcircuit {
  std::string name;
  Card card;
  std::vector<std::string> ports;
  std::size_t defaults_offset = 0;  ///< where `p=v ...` begins in the card
  Body body;
  std::map<std::string, std::unique_ptr<Subcircuit>, std::less<>> inner;
  Subcircuit* parent = nullptr;

  /// The definition that `name` means inside this one, or null.
  const Subcircuit* find(std::string_view name) const;
  std::vector<std::string_view> names_in_sight() const;
};

struct Deck {
  std::string title;
  Cards cards;
  Subcircuit top;  ///< the deck itself: no name, no ports
  std::vector<TextCommand> control;
  Location where;  ///< of the title
};

/// Reads a deck and all it includes. Errors are reported and reading goes on.
class SourceLoader;
void read_deck(std::uint16_t file, SourceLoader& loader, const Sources& sources,
               Deck& deck, Diagnostics& diagnostics);

}  // namespace arrayspice
