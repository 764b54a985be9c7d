// SPDX-License-Identifier: Apache-2.0
#include "netlists/line_reader.hpp"

#include <fmt/format.h>

#include <cstring>

#include "netlists/characters.hpp"
#include "netlists/messages.hpp"
#include "netlists/utf8.hpp"

namespace arrayspice {

namespace {

std::string_view trim_left(std::string_view line) {
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  return line;
}

std::string_view trim_right(std::string_view line) {
  while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
  return line;
}

}  // namespace

LineReader::LineReader(const Sources& sources, std::uint16_t file, Cards& cards,
                       Diagnostics& diagnostics)
    : text_(sources.text(file)),
      file_(file),
      cards_(cards),
      diagnostics_(diagnostics),
      all_utf8_(find_invalid_utf8(text_) == std::string_view::npos) {}

bool LineReader::read_line(std::string_view& line) {
  if (position_.at >= text_.size()) return false;
  const char* begin = text_.data() + position_.at;
  const std::size_t rest = text_.size() - position_.at;
  const auto* end = static_cast<const char*>(std::memchr(begin, '\n', rest));
  const std::size_t length = end ? static_cast<std::size_t>(end - begin) : rest;
  position_ = {position_.at + length + (end ? 1 : 0), begin, position_.line + 1};
  line = std::string_view(begin, length);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return true;
}

std::string_view LineReader::take_raw_line() {
  std::string_view line;
  read_line(line);
  return trim_right(trim_left(line));
}

/// Cuts an end-of-line comment off. Double quotes protect; `//` needs a blank before it
/// so that a path keeps its slashes.
std::string_view LineReader::strip_comment(std::string_view line) const {
  bool quoted = false;
  for (std::size_t k = 0; k < line.size(); ++k) {
    const char c = line[k];
    if (!starts_comment(c)) continue;
    if (c == '"') quoted = !quoted;
    if (quoted || c == '"') continue;
    if (c == ';') return line.substr(0, k);
    const bool after_blank = k == 0 || is_blank(line[k - 1]);
    const char following = k + 1 < line.size() ? line[k + 1] : ' ';
    if (c == '$' && dollar_comments_ && after_blank && is_blank(following))
      return line.substr(0, k);
    if (c == '/' && following == '/' && after_blank) return line.substr(0, k);
  }
  return line;
}

std::uint16_t LineReader::column(std::string_view text) const {
  return column_of(static_cast<std::size_t>(text.data() - position_.line_begin) + 1);
}

void LineReader::check_bytes(std::string_view text) {
  if (all_utf8_) return;
  const std::size_t at = find_invalid_utf8(text);
  if (at == std::string_view::npos) return;
  const std::string_view bad = text.substr(at);
  diagnostics_.error(
      message::kEncoding, {file_, column(bad), position_.line},
      fmt::format(
          "byte 0x{:02x} at offset {} is not UTF-8; convert the file, for example "
          "with iconv -f latin1 -t utf-8",
          static_cast<unsigned char>(bad[0]),
          static_cast<std::size_t>(bad.data() - text_.data())));
}

std::optional<Card> LineReader::next() {
  std::optional<Card> card;
  Position start = position_;
  for (std::string_view line; read_line(line); start = position_) {
    line = trim_left(line);
    const bool comment = line.starts_with('*');
    if (!comment && !line.empty()) line = trim_right(strip_comment(line));
    if (comment || line.empty()) continue;
    const bool continues = line.front() == '+';
    if (!continues && card) {
      position_ = start;
      break;
    }
    check_bytes(line);
    if (card) {
      line = trim_left(line.substr(1));
      cards_.join(*card, line, position_.line, column(line));
      continue;
    }
    card = Card{line.data(),    static_cast<std::uint32_t>(line.size()),
                position_.line, file_,
                column(line),   Card::kNotJoined};
    if (continues)
      diagnostics_.error(message::kSyntax, {file_, column(line), position_.line},
                         "there is no line before this that '+' could continue");
  }
  if (card) cards_.seal(*card);
  return card;
}

}  // namespace arrayspice
