// SPDX-License-Identifier: Apache-2.0
// Sorts the cards of a deck. Only what shapes the reading is acted on here: includes,
// library sections, subcircuits, conditions, control blocks.
#include "netlists/deck.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "netlists/characters.hpp"
#include "netlists/cursor.hpp"
#include "netlists/deck_commands.hpp"
#include "netlists/line_reader.hpp"
#include "netlists/messages.hpp"
#include "netlists/source.hpp"

namespace arrayspice {

const Subcircuit* Subcircuit::find(std::string_view wanted) const {
  for (const Subcircuit* s = this; s; s = s->parent)
    if (const auto at = s->inner.find(wanted); at != s->inner.end())
      return at->second.get();
  return nullptr;
}

std::vector<std::string_view> Subcircuit::names_in_sight() const {
  std::vector<std::string_view> names;
  for (const Subcircuit* s = this; s; s = s->parent)
    for (const auto& [known, definition] : s->inner) names.push_back(known);
  return names;
}

namespace {

constexpr std::size_t kDeepestInclude = 200;

class DeckReader {
 public:
  DeckReader(SourceLoader& loader, const Sources& sources, Deck& deck,
             Diagnostics& diagnostics)
      : loader_(loader), sources_(sources), deck_(deck), diagnostics_(diagnostics) {
    scopes_.push_back(&deck.top);
    bodies_.push_back({&deck.top.body, {}});
  }

  void read_deck(std::uint16_t file) {
    LineReader reader(sources_, file, deck_.cards, diagnostics_);
    deck_.title = std::string(reader.take_raw_line());
    deck_.where = {file, 1, 1};
    open_.push_back({file, {}});
    read(reader, {});
    open_.pop_back();
    report_unclosed();
  }

 private:
  struct OpenFile {
    std::uint16_t file;
    std::string section;
    friend bool operator==(const OpenFile&, const OpenFile&) = default;
  };
  /// Where cards go: the body of a subcircuit, or of a branch of an open `.if`.
  struct OpenBody {
    Body* body;
    Card if_card;  // data == nullptr: not a branch of an `.if`
  };

  Location place(const Card& card) const { return deck_.cards.place(card, 0); }
  Body& body() { return *bodies_.back().body; }
  bool in_condition() const { return bodies_.back().if_card.data != nullptr; }

  /// Reads cards up to the end; with a section name only that `.lib` section.
  void read(LineReader& reader, const std::string& section) {
    bool inside = section.empty(), skipping = false;
    while (auto card = reader.next()) {
      if (card->text().front() != '.') {
        if (inside && !skipping) body().elements.push_back(*card);
        continue;
      }
      Cursor cursor(*card, deck_.cards, buffer_);
      const std::string name(cursor.word());
      if (name == ".lib" && is_section_start(cursor)) {
        const bool wanted = !section.empty() && to_lower(cursor.file_name()) == section;
        section_found_ = section_found_ || wanted;
        (section.empty() ? skipping : inside) = section.empty() || wanted;
      } else if (name == ".endl") {
        skipping = false;
        inside = section.empty();
      } else if (inside && !skipping) {
        if (name == ".end") return;
        dispatch(name, *card, cursor, reader);
      }
    }
  }

  /// `.lib name` opens a section, `.lib file name` includes one.
  static bool is_section_start(Cursor cursor) {
    return !cursor.file_name().empty() && cursor.done();
  }

  void dispatch(const std::string& name, const Card& card, Cursor& cursor,
                LineReader& reader) {
    if (name == ".include" || name == ".inc") return include(card, cursor, {});
    if (name == ".lib") return library(card, cursor);
    if (!check_balance(card, deck_.cards, diagnostics_)) return;
    if (name == ".model") return model(card, cursor);
    if (name == ".subckt" || name == ".macro") return open_subcircuit(card, cursor);
    if (name == ".ends" || name == ".eom") return close_subcircuit(card, cursor);
    if (name == ".if") return open_if(card);
    if (name == ".elseif" || name == ".elif" || name == ".else")
      return next_branch(card, name == ".else");
    if (name == ".endif") return close_if(card);
    if (name == ".control") return control(card, reader);
    if (name == ".title") {
      deck_.title = std::string(cursor.original(cursor.rest().text));
      return;
    }
    if (name.starts_with(".param") || name == ".func") {
      body().parameters.push_back(card);
    } else if (is_kept_command(name)) {
      body().commands.push_back(card);
    } else {
      report_command(name, place(card), diagnostics_);
    }
  }

  // --- files
  void include(const Card& card, Cursor& cursor, const std::string& section) {
    const Location where = cursor.here();
    const std::string name = cursor.file_name();
    if (name.empty()) {
      diagnostics_.error(
          message::kSyntax, place(card),
          "a name is missing: .include \"file\", .lib \"file\" section, or "
          ".lib section ... .endl");
      return;
    }
    const std::uint16_t file = loader_.load_include(name, card.file, where);
    if (file == 0 || is_cycle({file, section}, where)) return;
    open_.push_back({file, section});
    LineReader reader(sources_, file, deck_.cards, diagnostics_);
    section_found_ = section.empty();
    read(reader, section);
    if (!section_found_) report_section(file, section, where);
    section_found_ = true;
    open_.pop_back();
  }

  void library(const Card& card, Cursor& cursor) {
    Cursor ahead = cursor;
    ahead.file_name();
    const std::string section = to_lower(ahead.file_name());
    include(card, cursor, section);
  }

  bool is_cycle(const OpenFile& next, Location where) {
    const auto first = std::find(open_.begin(), open_.end(), next);
    if (first == open_.end() && open_.size() < kDeepestInclude) return false;
    if (first == open_.end()) {
      diagnostics_.error(message::kTooLarge, where,
                         fmt::format("files are nested {} deep", open_.size()));
      return true;
    }
    std::string chain;
    for (auto at = first; at != open_.end(); ++at)
      chain += sources_.path(at->file) + " → ";
    diagnostics_.error(
        message::kIncludeCycle, where,
        fmt::format("include cycle {}{}", chain, sources_.path(next.file)));
    return true;
  }

  void report_section(std::uint16_t file, const std::string& section, Location where) {
    Diagnostics unused;
    Cards cards;
    LineReader reader(sources_, file, cards, unused);
    std::vector<std::string> names;
    std::string buffer;
    while (auto card = reader.next()) {
      Cursor cursor(*card, cards, buffer);
      if (cursor.word() == ".lib" && is_section_start(cursor))
        names.push_back(to_lower(cursor.file_name()));
    }
    const std::vector<std::string_view> views(names.begin(), names.end());
    const std::string_view best = nearest(section, views);
    diagnostics_.error(
        message::kUndefinedSection, where,
        fmt::format("{} has no section '{}'{}", sources_.path(file), section,
                    best.empty() ? "" : fmt::format("; is '{}' meant?", best)));
  }

  // --- definitions
  bool repeats(const Card& card, const Card& first, std::string_view what,
               std::string_view name) {
    if (card.file == first.file && card.line == first.line) return true;
    diagnostics_
        .error(message::kRedefined, place(card),
               fmt::format("{} '{}' is defined twice", what, name))
        .notes.push_back({place(first), "first defined here"});
    return true;
  }

  void model(const Card& card, Cursor& cursor) {
    const std::string name(cursor.word());
    if (name.empty()) {
      diagnostics_.error(message::kSyntax, place(card),
                         "a model needs a name and a type");
      return;
    }
    const auto [at, is_new] = body().models.emplace(name, card);
    if (!is_new) repeats(card, at->second, "model", name);
  }

  void open_subcircuit(const Card& card, Cursor& cursor) {
    auto made = std::make_unique<Subcircuit>();
    made->name = std::string(cursor.word());
    made->card = card;
    made->parent = scopes_.back();
    if (made->name.empty())
      diagnostics_.error(message::kSyntax, place(card), "a subcircuit needs a name");
    if (in_condition())
      diagnostics_.error(message::kUnsupported, place(card),
                         "a subcircuit cannot be defined inside .if");
    read_ports(*made, cursor);
    auto& known = scopes_.back()->inner;
    const std::string name = made->name;
    if (const auto at = known.find(name); at != known.end()) {
      repeats(card, at->second->card, "subcircuit", name);
      repeated_.push_back(std::move(made));
      return enter(*repeated_.back());
    }
    enter(*known.emplace(name, std::move(made)).first->second);
  }

  void enter(Subcircuit& subcircuit) {
    scopes_.push_back(&subcircuit);
    bodies_.push_back({&subcircuit.body, {}});
  }

  void read_ports(Subcircuit& made, Cursor& cursor) {
    while (!cursor.done_or_brackets() && !cursor.at_assignment()) {
      const std::size_t at = cursor.offset();
      const std::string_view port = cursor.word();
      if (port == "params:" || port == "param:" || port == "optional:") break;
      if (port.empty()) {
        diagnostics_.error(message::kSyntax, cursor.place(at), "a node name is expected");
        break;
      }
      if (std::find(made.ports.begin(), made.ports.end(), port) != made.ports.end())
        diagnostics_.error(message::kNodeCount, cursor.place(at),
                           fmt::format("node '{}' is listed twice", port));
      made.ports.emplace_back(port);
    }
    made.defaults_offset = cursor.offset();
  }

  void close_subcircuit(const Card& card, Cursor& cursor) {
    const std::string_view name = cursor.word();
    if (scopes_.size() == 1 || in_condition()) {
      diagnostics_.error(message::kStructure, place(card),
                         in_condition() ? ".endif is missing before this .ends"
                                        : ".ends without .subckt");
      return;
    }
    if (!name.empty() && name != scopes_.back()->name)
      diagnostics_
          .error(
              message::kStructure, place(card),
              fmt::format(".ends {} closes subcircuit '{}'", name, scopes_.back()->name))
          .notes.push_back({place(scopes_.back()->card), "opened here"});
    scopes_.pop_back();
    bodies_.pop_back();
  }

  // --- conditions
  void open_if(const Card& card) {
    body().conditionals.emplace_back();
    Conditional& made = body().conditionals.back();
    made.branches.push_back({card, false, {}});
    bodies_.push_back({&made.branches.back().body, card});
  }

  void next_branch(const Card& card, bool always) {
    if (!in_condition()) {
      diagnostics_.error(message::kStructure, place(card), "there is no .if before this");
      return;
    }
    OpenBody open = bodies_.back();
    bodies_.pop_back();
    auto& branches = body().conditionals.back().branches;
    if (branches.back().always)
      diagnostics_.error(message::kStructure, place(card),
                         ".else must be the last branch");
    branches.push_back({card, always, {}});
    bodies_.push_back({&branches.back().body, open.if_card});
  }

  void close_if(const Card& card) {
    if (in_condition()) {
      bodies_.pop_back();
    } else {
      diagnostics_.error(message::kStructure, place(card), ".endif without .if");
    }
  }

  // --- control
  void control(const Card& opening, LineReader& reader) {
    reader.set_dollar_comments(false);
    bool closed = false;
    while (auto card = reader.next()) {
      if (to_lower(card->text()).starts_with(".endc")) {
        closed = true;
        break;
      }
      deck_.control.push_back({place(*card), fold_blanks(card->text())});
    }
    reader.set_dollar_comments(true);
    if (!closed)
      diagnostics_.error(message::kStructure, place(opening),
                         ".control is never closed; .endc is missing");
  }

  static std::string fold_blanks(std::string_view text) {
    std::string folded;
    for (const char c : text)
      if (!is_blank(c))
        folded += c;
      else if (folded.back() != ' ')
        folded += ' ';
    return folded;
  }

  void report_unclosed() {
    if (in_condition())
      diagnostics_.error(message::kStructure, place(bodies_.back().if_card),
                         ".if is never closed; .endif is missing");
    else if (scopes_.size() > 1)
      diagnostics_.error(message::kStructure, place(scopes_.back()->card),
                         fmt::format("subcircuit '{}' is never closed; .ends is missing",
                                     scopes_.back()->name));
  }

  SourceLoader& loader_;
  const Sources& sources_;
  Deck& deck_;
  Diagnostics& diagnostics_;
  std::vector<OpenFile> open_;
  std::vector<Subcircuit*> scopes_;
  std::vector<OpenBody> bodies_;
  std::vector<std::unique_ptr<Subcircuit>> repeated_;  // read for their errors only
  std::string buffer_;
  bool section_found_ = true;
};

}  // namespace

void read_deck(std::uint16_t file, SourceLoader& loader, const Sources& sources,
               Deck& deck, Diagnostics& diagnostics) {
  DeckReader(loader, sources, deck, diagnostics).read_deck(file);
}

}  // namespace arrayspice
