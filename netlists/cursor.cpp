// SPDX-License-Identifier: Apache-2.0
#include "netlists/cursor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "netlists/characters.hpp"
#include "netlists/messages.hpp"

namespace arrayspice {

Cursor::Cursor(const Card& card, const Cards& cards, std::string& buffer)
    : card_(&card), cards_(&cards) {
  const std::string_view original = card.text();
  buffer.resize(original.size());
  for (std::size_t k = 0; k < original.size(); ++k) buffer[k] = to_lower(original[k]);
  text_ = buffer;
}

bool Cursor::done() {
  while (at_ < text_.size() && (is_blank(text_[at_]) || text_[at_] == ',')) ++at_;
  return at_ == text_.size();
}

bool Cursor::done_or_brackets() {
  while (!done() && (text_[at_] == '(' || text_[at_] == ')')) ++at_;
  return at_ == text_.size();
}

bool Cursor::accept(char c) {
  if (peek() != c) return false;
  ++at_;
  return true;
}

std::string_view Cursor::word() {
  done();
  const std::size_t begin = at_;
  while (at_ < text_.size() && !ends_word(text_[at_])) ++at_;
  return text_.substr(begin, at_ - begin);
}

std::string_view Cursor::peek_word() {
  done();
  const std::size_t begin = at_;
  const std::string_view found = word();
  at_ = begin;
  return found;
}

bool Cursor::at_assignment() {
  done();
  const std::size_t begin = at_;
  const std::string_view name = word();
  const bool is_name = std::all_of(name.begin(), name.end(), is_name_character);
  const bool found =
      !name.empty() && is_name && peek() == '=' && text_.substr(at_, 2) != "==";
  at_ = begin;
  return found;
}

ValueText Cursor::enclosed(char close) {
  const char open = text_[at_];
  const std::size_t begin = ++at_;
  std::size_t depth = 1;
  for (; at_ < text_.size(); ++at_) {
    if (text_[at_] == close && --depth == 0) break;
    if (text_[at_] == open) ++depth;
  }
  const ValueText found{text_.substr(begin, at_ - begin), begin, true};
  if (at_ < text_.size()) ++at_;
  return found;
}

std::size_t Cursor::bare_end(std::size_t from) const {
  std::size_t depth = 0;
  for (; from < text_.size(); ++from) {
    const char c = text_[from];
    if (c == '(' || c == '{') ++depth;
    if (c == ')' || c == '}') {
      if (depth == 0) return from;
      --depth;
    }
    if (depth == 0 && (is_blank(c) || c == ',' || c == '=' || c == '\'' || c == '"'))
      return from;
  }
  return from;
}

ValueText Cursor::value() {
  const char first = peek();
  if (first == '\'') return enclosed('\'');
  const std::size_t begin = at_;
  const std::size_t end = bare_end(begin);
  if (end == begin) return {};
  if (first == '{') {
    const ValueText inside = enclosed('}');
    if (at_ >= end) return inside;
  }
  at_ = end;
  return {text_.substr(begin, end - begin), begin, false};
}

ValueText Cursor::long_value() {
  const char first = peek();
  if (first == '\'') return enclosed('\'');
  const std::size_t begin = at_;
  std::size_t end = begin;
  while (!done() && !at_assignment()) {
    const std::size_t before = at_;
    end = bare_end(at_);
    while (end < text_.size() && text_.substr(end, 2) == "==") end = bare_end(end + 2);
    at_ = end;
    if (end == before) end = ++at_;
  }
  if (end == begin) return {};
  return {text_.substr(begin, end - begin), begin, false};
}

ValueText Cursor::rest() {
  done();
  std::size_t end = text_.size();
  while (end > at_ && is_blank(text_[end - 1])) --end;
  const ValueText found{text_.substr(at_, end - at_), at_, false};
  at_ = text_.size();
  return found;
}

std::string Cursor::file_name() {
  const char quote = peek();
  if (quote == '"' || quote == '\'') {
    const std::size_t begin = at_ + 1;
    const std::size_t end = std::min(text_.find(quote, begin), text_.size());
    at_ = std::min(end + 1, text_.size());
    return std::string(card_->text().substr(begin, end - begin));
  }
  const std::size_t begin = at_;
  while (at_ < text_.size() && !is_blank(text_[at_])) ++at_;
  return std::string(card_->text().substr(begin, at_ - begin));
}

bool check_balance(const Card& card, const Cards& cards, Diagnostics& diagnostics) {
  const std::string_view text = card.text();
  std::vector<std::size_t> open;
  std::size_t closing_quote = std::string_view::npos;
  const auto report = [&](std::size_t at, const char* what) {
    diagnostics.error(message::kUnbalanced, cards.place(card, at),
                      fmt::format("'{}' {}", text[at], what));
    return false;
  };
  for (std::size_t k = 0; k < text.size(); ++k) {
    const char c = text[k];
    if (!is_bracket(c) || k == closing_quote) continue;
    if (c == '\'' || c == '"') {
      closing_quote = text.find(c, k + 1);
      if (closing_quote == std::string_view::npos) return report(k, "is never closed");
      if (c == '"') k = closing_quote;
    } else if (c == '(' || c == '{') {
      open.push_back(k);
    } else {
      const char partner = c == ')' ? '(' : '{';
      if (open.empty() || text[open.back()] != partner)
        return report(k, "closes nothing that is open");
      open.pop_back();
    }
  }
  return open.empty() || report(open.back(), "is never closed");
}

std::string with_parentheses(std::string_view text) {
  std::string plain(text);
  for (char& c : plain) {
    if (c == '{') c = '(';
    if (c == '}') c = ')';
  }
  return plain;
}

}  // namespace arrayspice
