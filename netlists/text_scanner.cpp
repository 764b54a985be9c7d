// SPDX-License-Identifier: Apache-2.0
#include "netlists/text_scanner.hpp"

#include "netlists/card.hpp"

namespace arrayspice {

namespace {
bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return out;
}

/// Where a quoted or bracketed text that opens at `open` closes.
std::size_t closing(std::string_view text, std::size_t open, char close) {
  if (close != '}') return text.find(close, open + 1);
  int depth = 0;
  for (std::size_t k = open; k < text.size(); ++k) {
    if (text[k] == '{') ++depth;
    if (text[k] == '}' && --depth == 0) return k;
  }
  return std::string_view::npos;
}
}  // namespace

TextScanner::TextScanner(std::string_view text, Location where)
    : original_(text), text_(lower(text)), where_(where) {}

Location TextScanner::place(std::size_t offset) const {
  Location at = where_;
  if (at.column > 0) at.column = column_of(at.column + offset);
  return at;
}

bool TextScanner::done() {
  while (at_ < text_.size() && (is_blank(text_[at_]) || text_[at_] == ',')) ++at_;
  return at_ == text_.size();
}

Location TextScanner::here() {
  done();
  return place(at_);
}

std::size_t TextScanner::end_of_word() const {
  const std::size_t end = text_.find_first_of(" \t,=()'\"{}", at_);
  return end == std::string::npos ? text_.size() : end;
}

std::string TextScanner::word() {
  done();
  const std::size_t begin = at_;
  at_ = end_of_word();
  return text_.substr(begin, at_ - begin);
}

std::string TextScanner::peek_word() {
  done();
  return text_.substr(at_, end_of_word() - at_);
}

bool TextScanner::accept(char c) {
  if (done() || text_[at_] != c) return false;
  ++at_;
  return true;
}

std::size_t TextScanner::end_of_bare(bool up_to_equal) const {
  int depth = 0;
  for (std::size_t k = at_; k < text_.size(); ++k) {
    const char c = text_[k], before = k > 0 ? text_[k - 1] : ' ';
    const char after = k + 1 < text_.size() ? text_[k + 1] : ' ';
    if (c == '(' || c == '{' || c == '[') ++depth;
    if (c == ')' || c == '}' || c == ']') --depth;
    if (depth > 0) continue;
    if (is_blank(c)) return k;
    const bool is_comparison =
        after == '=' || before == '=' || before == '<' || before == '>' || before == '!';
    if (up_to_equal && c == '=' && !is_comparison) return k;
  }
  return text_.size();
}

TextScanner::Part TextScanner::take(std::size_t end, std::size_t skip_after) {
  Part part{text_.substr(at_, end - at_), place(at_)};
  at_ = std::min(text_.size(), end + skip_after);
  return part;
}

TextScanner::Part TextScanner::expression(bool up_to_equal) {
  if (done()) return {{}, place(at_)};
  std::size_t open = at_;
  if (text_.compare(at_, 4, "par(") == 0) open = text_.find_first_not_of(' ', at_ + 4);
  const char quote = open < text_.size() ? text_[open] : ' ';
  if (quote == '\'' || quote == '"' || quote == '{') {
    const std::size_t close = closing(text_, open, quote == '{' ? '}' : quote);
    if (close != std::string::npos) {
      const bool in_par = open != at_;
      at_ = open + 1;
      Part part = take(close, 1);
      if (in_par) accept(')');
      return part;
    }
  }
  return take(end_of_bare(up_to_equal), 0);
}

TextScanner::Part TextScanner::rest() {
  done();
  Part part = take(text_.size(), 0);
  while (!part.text.empty() && is_blank(part.text.back())) part.text.pop_back();
  return part;
}

std::string_view TextScanner::original_rest() {
  done();
  return std::string_view(original_).substr(at_);
}

}  // namespace arrayspice
