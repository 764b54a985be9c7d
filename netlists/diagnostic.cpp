// SPDX-License-Identifier: Apache-2.0
#include "netlists/diagnostic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "netlists/utf8.hpp"

namespace arrayspice {

std::uint64_t pack(Location where) {
  return std::uint64_t{where.file} << 48 | std::uint64_t{where.column} << 32 | where.line;
}

Location unpack(std::uint64_t tag) {
  return {static_cast<std::uint16_t>(tag >> 48), static_cast<std::uint16_t>(tag >> 32),
          static_cast<std::uint32_t>(tag)};
}

std::uint16_t Sources::add(std::string path, std::string text) {
  files_.push_back({std::move(path), std::move(text)});
  return static_cast<std::uint16_t>(files_.size());
}

std::string_view Sources::line(Location where) const {
  if (where.file == 0 || where.line == 0) return {};
  std::string_view rest = text(where.file);
  for (std::uint32_t k = 1; k < where.line; ++k) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return {};
    rest.remove_prefix(end + 1);
  }
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return rest;
}

Diagnostic& Diagnostics::add(Severity severity, const Message& message, Location where,
                             std::string text) {
  const auto said = [&](const Diagnostic& d) {
    return d.severity != Severity::Error && d.code == message.code && d.where == where;
  };
  // One warning a place: a card may be expanded many times.
  if (severity != Severity::Error && where.file != 0 &&
      std::any_of(kept_.begin(), kept_.end(), said))
    return overflow_ = {severity, message.code, where, std::move(text), {}};
  std::size_t& count = severity == Severity::Error ? errors_ : warnings_;
  Diagnostic d{severity, message.code, where, std::move(text), {}};
  if (++count > kMost) return overflow_ = std::move(d);
  return kept_.emplace_back(std::move(d));
}

namespace {

std::string place(Location where, const Sources& sources) {
  if (where.file == 0) return {};
  return fmt::format("{}:{}:{}: ", sources.path(where.file), where.line,
                     std::max<int>(where.column, 1));
}

/// The offending line with a caret, cut to a window around the column; bytes that a
/// terminal cannot show become '?'.
std::string quote(Location where, const Sources& sources) {
  constexpr std::size_t kWidth = 100;
  const std::string_view line = sources.line(where);
  if (line.empty() || where.column == 0) return {};
  const std::size_t column = where.column - 1;
  const std::size_t first = column > kWidth ? column - kWidth / 2 : 0;
  std::string shown(line.substr(std::min(first, line.size()), kWidth));
  for (char& c : shown)
    if (static_cast<unsigned char>(c) < ' ' && c != '\t') c = '?';
  for (std::size_t bad; (bad = find_invalid_utf8(shown)) != std::string::npos;)
    shown[bad] = '?';
  std::string caret(column - first, ' ');
  for (std::size_t k = 0; k < caret.size() && k < shown.size(); ++k)
    if (shown[k] == '\t') caret[k] = '\t';
  return fmt::format("\n  {}\n  {}^", shown, caret);
}

const char* word(Severity severity) {
  switch (severity) {
    case Severity::Error:
      return "error";
    case Severity::Warning:
      return "warning";
    case Severity::Note:
      break;
  }
  return "note";
}

}  // namespace

std::string render(const Diagnostic& d, const Sources& sources) {
  std::string text =
      fmt::format("{}{}: {} [{}]{}", place(d.where, sources), word(d.severity), d.text,
                  d.code, quote(d.where, sources));
  for (const auto& note : d.notes)
    text += fmt::format("\n{}note: {}", place(note.where, sources), note.text);
  return text;
}

namespace {
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}
}  // namespace

std::string_view nearest(std::string_view name,
                         const std::vector<std::string_view>& among) {
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, name.size() / 3) + 1;
  for (const std::string_view candidate : among) {
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < best_distance && distance < name.size()) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace arrayspice
