// SPDX-License-Identifier: Apache-2.0
// From a deck to a Netlist: read, elaborate, finalize, then the commands that refer to
// the finished circuit.
#include "netlists/netlist.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <sstream>
#include <stdexcept>

#include "netlists/characters.hpp"
#include "netlists/elaborate.hpp"
#include "netlists/elements.hpp"
#include "netlists/lookup.hpp"
#include "netlists/messages.hpp"
#include "netlists/source.hpp"

namespace arrayspice {

namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string folded(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool blank = is_blank(c);
    if (!blank) result += c;
    if (blank && !result.empty() && result.back() != ' ') result += ' ';
  }
  return result;
}

/// Commands that need the circuit.
class CommandReader {
 public:
  CommandReader(Elaborator& elaborator, Netlist& netlist, Diagnostics& diagnostics)
      : elaborator_(elaborator), netlist_(netlist), diagnostics_(diagnostics) {}

  void read(const Card& card) {
    std::string buffer;
    Cursor cursor(card, elaborator_.cards(), buffer);
    const Location where = cursor.here();
    const std::string_view name = cursor.word();
    if (name == ".op" || name == ".dc" || name == ".tran") {
      analysis(card, where);
    } else if (name == ".print") {
      netlist_.prints.push_back({where, folded(card.text())});
    } else if (name == ".save") {
      netlist_.saves.push_back({where, folded(card.text())});
    } else if (name.starts_with(".meas")) {
      netlist_.measures.push_back({where, folded(card.text())});
    } else if (name == ".plot") {
      diagnostics_.warning(message::kIgnored, where, ".plot has no effect; use .print");
    } else if (name == ".ic") {
      node_values(elaborator_.top(), cursor, netlist_.initial_conditions);
    } else if (name == ".nodeset") {
      node_values(elaborator_.top(), cursor, netlist_.nodeset);
    }
  }

  /// `v(n)=value ...`
  void node_values(const Instance& in, Cursor& cursor, std::vector<NodeValue>& values) {
    while (!cursor.done()) {
      const Location where = cursor.here();
      if (cursor.word() != "v" || !cursor.accept('(')) return bad_form(where);
      const Location node_place = cursor.here();
      const std::string_view node = cursor.word();
      if (!cursor.accept(')') || !cursor.accept('=')) return bad_form(where);
      const ValueText text = cursor.value();
      if (!text) return bad_form(where);
      const auto value = elaborator_.number(text, cursor, in);
      const auto unknown = elaborator_.existing_node(in, node);
      if (!unknown) undefined_node(node, node_place);
      if (value && unknown) values.emplace_back(*unknown, *value);
    }
  }

 private:
  void analysis(const Card& card, Location where) {
    auto command = parse_analysis(card.text(), where, elaborator_.circuit(),
                                  *elaborator_.top().scope, diagnostics_);
    if (command) netlist_.analyses.push_back(std::move(*command));
  }
  void bad_form(Location where) {
    diagnostics_.error(message::kSyntax, where, "the form is v(node)=value");
  }
  void undefined_node(std::string_view node, Location where) {
    const auto names = node_names(elaborator_.circuit());
    const std::vector<std::string_view> views(names.begin(), names.end());
    diagnostics_.error(
        message::kUndefinedNode, where,
        fmt::format("there is no node '{}'{}", node, suggestion(node, views)));
  }

  Elaborator& elaborator_;
  Netlist& netlist_;
  Diagnostics& diagnostics_;
};

/// Derived constants and the pattern; a device whose parameters contradict each other is
/// reported by its block.
void finalize(Elaborator& elaborator, Diagnostics& diagnostics) {
  const double kelvin = elaborator.options().temperature + 273.15;
  try {
    elaborator.circuit().finalize(kelvin);
  } catch (const std::invalid_argument& contradiction) {
    diagnostics.error(message::kContradiction, elaborator.find_contradiction(kelvin),
                      contradiction.what());
  }
}

/// Node numbers that the netlist holds follow.
void arrange(Circuit& circuit, Netlist& netlist) {
  const std::vector<UnknownId> moved = circuit.arrange();
  if (moved.empty()) return;
  for (auto* values : {&netlist.initial_conditions, &netlist.nodeset})
    for (auto& [node, value] : *values) node = moved[node];
}

bool mentions(const std::vector<TextCommand>& commands, const std::string& name) {
  return std::any_of(commands.begin(), commands.end(), [&](const TextCommand& command) {
    return to_lower(command.text).find(name) != std::string::npos;
  });
}

/// A mistyped `-D` must not change nothing in silence.
void report_unwanted_definitions(const ParameterScope& scope, const ReadOptions& options,
                                 const Netlist& netlist, Diagnostics& diagnostics) {
  for (const auto& [given, value] : options.parameters) {
    const std::string name = to_lower(given);
    if (scope.is_wanted(name) || mentions(netlist.measures, name) ||
        mentions(netlist.prints, name) || mentions(netlist.control, name))
      continue;
    std::vector<std::string_view> others = scope.names();
    std::erase(others, name);
    diagnostics.warning(
        message::kIgnored, {},
        fmt::format("-D {} has no effect: the deck has no such parameter{}", name,
                    suggestion(name, others)));
  }
}

/// The first line is the title even when it was meant as an element: it looks like one
/// when its name has a number and its next two words are nodes of the circuit.
void warn_of_swallowed_element(const Deck& deck, const Circuit& circuit,
                               Diagnostics& diagnostics) {
  std::vector<std::string> words;
  std::istringstream line(to_lower(deck.title));
  for (std::string word; line >> word;) words.push_back(word);
  const auto is_node = [&](const std::string& word) {
    return word == "0" || circuit.find_node(word).has_value();
  };
  const bool has_number =
      !words.empty() && words[0].find_first_of("0123456789") != std::string::npos;
  if (words.size() < 4 || !has_number || !is_element_letter(words[0].front()) ||
      !is_node(words[1]) || !is_node(words[2]))
    return;
  diagnostics.warning(message::kSuspicious, deck.where,
                      "this line is the title, though it looks like an element; put a "
                      "title or an empty comment (*) before it");
}

std::optional<Netlist> build(Deck& deck, const ReadOptions& options, double parse_seconds,
                             Diagnostics& diagnostics) {
  const auto start = std::chrono::steady_clock::now();
  Elaborator elaborator(deck, options, diagnostics);
  elaborator.run();
  if (elaborator.circuit().devices() == 0 && !diagnostics.has_errors())
    diagnostics.error(message::kEmpty, deck.where, "the deck has no elements");
  Netlist netlist;
  CommandReader reader(elaborator, netlist, diagnostics);
  for (const Card& card : elaborator.commands()) reader.read(card);
  for (const auto& [in, card] : elaborator.local_initial_conditions()) {
    std::string buffer;
    Cursor cursor(card, deck.cards, buffer);
    const bool is_nodeset = cursor.word() == ".nodeset";
    reader.node_values(*in, cursor,
                       is_nodeset ? netlist.nodeset : netlist.initial_conditions);
  }
  deck.top.body.elements = {};  // a large deck's cards are not kept beside its pattern
  if (!diagnostics.has_errors()) arrange(elaborator.circuit(), netlist);
  if (!diagnostics.has_errors()) finalize(elaborator, diagnostics);
  if (diagnostics.has_errors()) return std::nullopt;
  warn_of_swallowed_element(deck, elaborator.circuit(), diagnostics);
  netlist.title = std::move(deck.title);
  netlist.control = std::move(deck.control);
  netlist.options = elaborator.options();
  netlist.parameters = elaborator.top().scope;
  report_unwanted_definitions(*elaborator.top().scope, options, netlist, diagnostics);
  netlist.circuit = elaborator.take_circuit();
  netlist.elements = netlist.circuit->devices();
  netlist.parse_seconds = parse_seconds;
  netlist.elaborate_seconds = seconds_since(start);
  return netlist;
}

std::optional<Netlist> read_loaded(std::uint16_t file, SourceLoader& loader,
                                   const ReadOptions& options, Sources& sources,
                                   Diagnostics& diagnostics,
                                   std::chrono::steady_clock::time_point start) {
  if (file == 0) return std::nullopt;
  if (sources.text(file).find_first_not_of(" \t\r\n") == std::string_view::npos) {
    diagnostics.error(message::kEmpty, {file, 1, 1}, "the deck is empty");
    return std::nullopt;
  }
  Deck deck;
  read_deck(file, loader, sources, deck, diagnostics);
  auto netlist = build(deck, options, seconds_since(start), diagnostics);
  diagnostics.relocate([&](Location where) { return deck.cards.physical(where); });
  return netlist;
}

}  // namespace

std::optional<Netlist> read_netlist(const std::filesystem::path& deck,
                                    const ReadOptions& options, Sources& sources,
                                    Diagnostics& diagnostics) {
  const auto start = std::chrono::steady_clock::now();
  SourceLoader loader(options, deck.parent_path(), sources, diagnostics);
  return read_loaded(loader.load_deck(deck), loader, options, sources, diagnostics,
                     start);
}

std::optional<Netlist> read_netlist_text(std::string text, const std::string& name,
                                         const std::filesystem::path& directory,
                                         const ReadOptions& options, Sources& sources,
                                         Diagnostics& diagnostics) {
  const auto start = std::chrono::steady_clock::now();
  SourceLoader loader(options, directory, sources, diagnostics);
  return read_loaded(loader.add_deck(name, std::move(text)), loader, options, sources,
                     diagnostics, start);
}

}  // namespace arrayspice
