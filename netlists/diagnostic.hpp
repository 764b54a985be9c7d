// SPDX-License-Identifier: Apache-2.0
// What the user is told about his input: a place, what is wrong, what would be right.
// Library code collects diagnostics and goes on; only tools/ prints them.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace arrayspice {

/// A place in an input file: line and column count from 1; file 0 means "no place".
struct Location {
  std::uint16_t file = 0;
  std::uint16_t column = 0;
  std::uint32_t line = 0;
  friend bool operator==(const Location&, const Location&) = default;
};

/// A Location as the opaque tag that a Circuit keeps per device, and back.
std::uint64_t pack(Location where);
Location unpack(std::uint64_t tag);

/// The texts that were read, so that a message can quote the line. Views stay valid.
class Sources {
 public:
  /// Takes over a text; returns its file number (from 1).
  std::uint16_t add(std::string path, std::string text);
  const std::string& path(std::uint16_t file) const { return files_[file - 1].path; }
  std::string_view text(std::uint16_t file) const { return files_[file - 1].text; }
  std::size_t size() const { return files_.size(); }
  /// The line a location is on, without its line end.
  std::string_view line(Location where) const;

 private:
  struct File {
    std::string path;
    std::string text;
  };
  std::deque<File> files_;
};

enum class Severity : std::uint8_t { Error, Warning, Note };

/// One kind of message. All of them are listed in messages.hpp, each code once.
struct Message {
  std::string_view code;     ///< "E0107"
  std::string_view meaning;  ///< one line for the generated page of messages
};

struct Diagnostic {
  Severity severity = Severity::Error;
  std::string_view code;
  Location where;
  std::string text;
  struct Note {
    Location where;
    std::string text;
  };
  std::vector<Note> notes;  ///< "first defined here", "in expansion of x1"
};

class Diagnostics {
 public:
  /// Errors beyond this many are counted but not kept, and so are warnings.
  static constexpr std::size_t kMost = 20;

  Diagnostic& error(const Message& message, Location where, std::string text) {
    return add(Severity::Error, message, where, std::move(text));
  }
  Diagnostic& warning(const Message& message, Location where, std::string text) {
    return add(Severity::Warning, message, where, std::move(text));
  }
  /// Moves every place that is kept.
  template <class Move>
  void relocate(const Move& move) {
    for (Diagnostic& d : kept_) d.where = move(d.where);
  }
  bool has_errors() const { return errors_ > 0; }
  std::size_t errors() const { return errors_; }
  std::size_t warnings() const { return warnings_; }  ///< and notes
  const std::deque<Diagnostic>& all() const { return kept_; }

 private:
  Diagnostic& add(Severity severity, const Message& message, Location where,
                  std::string text);
  std::deque<Diagnostic> kept_;
  Diagnostic overflow_;
  std::size_t errors_ = 0, warnings_ = 0;
};

/// `path:line:column: error: text [E0107]`, the line, a caret, the notes.
std::string render(const Diagnostic& diagnostic, const Sources& sources);

/// The candidate nearest to a mistyped name (edit distance at most a third of its
/// length, and something in common), or an empty view.
std::string_view nearest(std::string_view name,
                         const std::vector<std::string_view>& among);

}  // namespace arrayspice
