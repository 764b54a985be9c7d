// SPDX-License-Identifier: Apache-2.0
// The grammar of expressions, by operator precedence (Dijkstra's shunting yard): operands
// go to the output, operators wait on a stack until one that binds less tightly arrives.
//
//   tightest   ^ **            left to right: 2^3^2 = 64, as in ngspice; -2^2 = -4
//              - + !           prefix
//              * / %
//              + -
//              < > <= >=
//              == != <>
//              && &
//              || |
//   loosest    ? :             right to left
#include <cmath>
#include <optional>

#include "devices/operation.hpp"
#include "netlists/expression_tree.hpp"
#include "netlists/messages.hpp"
#include "netlists/number.hpp"

namespace arrayspice {

namespace {

using Item = Expression::Node::Item;
using Kind = Expression::Node::Kind;
using Op = Program::Op;

constexpr int kTernary = 1;
constexpr int kPrefix = 8;

struct Operator {
  std::string_view text;
  Op op;
  int precedence;
};
// Longer texts before their prefixes.
constexpr Operator kOperators[] = {
    {"**", Op::Power, 9},    {"<=", Op::LessEqual, 5}, {">=", Op::GreaterEqual, 5},
    {"<>", Op::NotEqual, 4}, {"==", Op::Equal, 4},     {"!=", Op::NotEqual, 4},
    {"&&", Op::And, 3},      {"||", Op::Or, 2},        {"^", Op::Power, 9},
    {"*", Op::Multiply, 7},  {"/", Op::Divide, 7},     {"%", Op::Modulo, 7},
    {"+", Op::Add, 6},       {"-", Op::Subtract, 6},   {"<", Op::Less, 5},
    {">", Op::Greater, 5},   {"&", Op::And, 3},        {"|", Op::Or, 2},
};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool is_letter(char c) { return (lower(c) >= 'a' && lower(c) <= 'z') || c == '_'; }
bool is_name(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '#' || c == '$';
}
std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

class Parser {
 public:
  Parser(std::string_view text, Location at, Diagnostics& diagnostics)
      : text_(text), diagnostics_(diagnostics) {
    node_.at = at;
  }

  std::optional<Expression::Node> parse() {
    bool want_operand = true;
    for (skip_blanks(); at_ < text_.size(); skip_blanks())
      if (!(want_operand ? operand(want_operand) : operation(want_operand)))
        return std::nullopt;
    if (want_operand) return fail(at_, "an operand is missing at the end"), std::nullopt;
    if (!unwind_to_bracket()) return std::nullopt;
    if (!waiting_.empty())
      return fail(waiting_.back().offset, "this bracket is never closed"), std::nullopt;
    return std::move(node_);
  }

 private:
  enum class Wait : std::uint8_t { Bracket, Call, Question, Operation };
  struct Waiting {
    Wait wait;
    Op op = Op::Constant;
    int precedence = 0;
    std::uint32_t offset = 0;
    std::int32_t call = 0;
    std::int32_t arguments = 1;
    char closing = ')';
  };

  bool fail(std::size_t offset, const std::string& text) {
    diagnostics_.error(message::kExpression, place(offset), text);
    return false;
  }
  Location place(std::size_t offset) const {
    return node_.place(static_cast<std::uint32_t>(offset));
  }
  std::uint32_t here() const { return static_cast<std::uint32_t>(at_); }
  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  // --- where an operand is due
  bool operand(bool& want_operand) {
    const char c = text_[at_];
    if (c == '(' || c == '{') {
      waiting_.push_back(
          {.wait = Wait::Bracket, .offset = here(), .closing = c == '(' ? ')' : '}'});
      ++at_;
      return true;
    }
    if (c == '+') return ++at_, true;
    if (c == '-' || c == '!') {
      waiting_.push_back(
          {Wait::Operation, c == '-' ? Op::Negate : Op::Not, kPrefix, here()});
      ++at_;
      return true;
    }
    want_operand = false;
    if (c == '@') return device_parameter();
    if (is_letter(c)) return name(want_operand);
    if (c == ')' && !waiting_.empty() && waiting_.back().wait == Wait::Call)
      return fail(at_, "an argument of the function is missing");
    return number();
  }

  bool number() {
    const auto scanned = scan_number(text_.substr(at_));
    if (!scanned)
      return fail(at_, "expected a number, a name or an opening bracket here");
    if (!std::isfinite(scanned->value)) {
      diagnostics_.error(message::kBadNumber, place(at_),
                         "the number is beyond 1.8e308, the largest there is");
      return false;
    }
    node_.items.push_back(
        {.kind = Kind::Number, .offset = here(), .number = scanned->value});
    at_ += scanned->length;
    return true;
  }

  bool name(bool& want_operand) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_name(text_[at_])) ++at_;
    std::string word = lower(text_.substr(begin, at_ - begin));
    const std::size_t end = at_;
    skip_blanks();
    if (!take('(')) {
      at_ = end;
      return refer({Reference::Kind::Name, std::move(word), {}}, begin);
    }
    if (word == "v") return probe(Reference::Kind::Voltage, begin);
    if (word == "i") return probe(Reference::Kind::Current, begin);
    Waiting call{.wait = Wait::Call,
                 .offset = static_cast<std::uint32_t>(begin),
                 .call = static_cast<std::int32_t>(node_.calls.size())};
    node_.calls.push_back(std::move(word));
    skip_blanks();
    if (take(')')) {
      call.arguments = 0;
      return emit_call(call);
    }
    waiting_.push_back(call);
    return want_operand = true;
  }

  /// The rest of `v(a)`, `v(a,b)`, `i(v1)`: names of nodes may hold any sign but these.
  bool probe(Reference::Kind kind, std::size_t begin) {
    const std::size_t close = text_.find(')', at_);
    if (close == std::string_view::npos)
      return fail(begin, "this bracket is never closed");
    const std::string_view inside = text_.substr(at_, close - at_);
    const std::size_t comma =
        kind == Reference::Kind::Voltage ? inside.find(',') : std::string_view::npos;
    Reference r{kind, trimmed(inside.substr(0, comma)), {}};
    if (comma != std::string_view::npos) r.second = trimmed(inside.substr(comma + 1));
    const bool pair = comma != std::string_view::npos;
    if (!is_one_name(r.first) || (pair && !is_one_name(r.second)))
      return fail(at_, kind == Reference::Kind::Voltage
                           ? "expected the name of a node, or of two with a comma between"
                           : "expected the name of one device");
    at_ = close + 1;
    return refer(std::move(r), begin);
  }

  static std::string trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return lower(text);
  }
  static bool is_one_name(std::string_view text) {
    return !text.empty() &&
           text.find_first_of(" \t\n\r,(){}'\"") == std::string_view::npos;
  }

  bool device_parameter() {
    const std::size_t begin = at_;
    const std::size_t open = text_.find('[', begin);
    const std::size_t close = text_.find(']', begin);
    if (open == std::string_view::npos || close == std::string_view::npos || close < open)
      return fail(begin, "expected @device[parameter]");
    Reference r{Reference::Kind::DeviceParameter,
                lower(text_.substr(begin + 1, open - begin - 1)),
                lower(text_.substr(open + 1, close - open - 1))};
    if (!is_one_name(r.first) || !is_one_name(r.second))
      return fail(begin, "expected @device[parameter]");
    at_ = close + 1;
    return refer(std::move(r), begin);
  }

  bool refer(Reference reference, std::size_t offset) {
    node_.items.push_back({.kind = Kind::Reference,
                           .offset = static_cast<std::uint32_t>(offset),
                           .index = static_cast<std::int32_t>(node_.references.size())});
    node_.references.push_back(std::move(reference));
    return true;
  }

  // --- after an operand
  bool operation(bool& want_operand) {
    switch (text_[at_]) {
      case ')':
      case '}':
        return close();
      case ',':
        return comma(want_operand);
      case '?':
        return question(want_operand);
      case ':':
        return colon(want_operand);
      default:
        break;
    }
    for (const Operator& o : kOperators)
      if (text_.substr(at_).starts_with(o.text)) {
        unwind(o.precedence);
        waiting_.push_back({Wait::Operation, o.op, o.precedence, here()});
        at_ += o.text.size();
        want_operand = true;
        return true;
      }
    return fail(at_, text_[at_] == '='
                         ? "expected an operator here; equality is written =="
                         : "expected an operator here");
  }

  /// Emits the waiting operators that bind at least as tightly as `precedence`.
  void unwind(int precedence) {
    while (!waiting_.empty() && waiting_.back().wait == Wait::Operation &&
           waiting_.back().precedence >= precedence) {
      const Waiting& w = waiting_.back();
      node_.items.push_back({.kind = Kind::Operation, .op = w.op, .offset = w.offset});
      waiting_.pop_back();
    }
  }
  bool unwind_to_bracket() {
    unwind(kTernary);
    if (!waiting_.empty() && waiting_.back().wait == Wait::Question)
      return fail(waiting_.back().offset, "this ? has no :");
    return true;
  }

  bool close() {
    const char c = text_[at_];
    if (!unwind_to_bracket()) return false;
    if (waiting_.empty() || waiting_.back().closing != c)
      return fail(at_, std::string("this ") + c + " closes nothing");
    const Waiting w = waiting_.back();
    waiting_.pop_back();
    ++at_;
    return w.wait != Wait::Call || emit_call(w);
  }
  bool emit_call(const Waiting& w) {
    node_.items.push_back({.kind = Kind::Call,
                           .builtin = find_builtin(node_.calls[w.call]),
                           .offset = w.offset,
                           .index = w.call,
                           .arguments = w.arguments});
    return true;
  }

  bool comma(bool& want_operand) {
    if (!unwind_to_bracket()) return false;
    if (waiting_.empty() || waiting_.back().wait != Wait::Call)
      return fail(at_, "a comma is only allowed between the arguments of a function");
    ++waiting_.back().arguments;
    ++at_;
    return want_operand = true;
  }

  bool question(bool& want_operand) {
    unwind(kTernary + 1);
    waiting_.push_back({.wait = Wait::Question, .offset = here()});
    ++at_;
    return want_operand = true;
  }

  /// The branch between ? and : ends here; from now on the two are one operator.
  bool colon(bool& want_operand) {
    unwind(kTernary);
    if (waiting_.empty() || waiting_.back().wait != Wait::Question)
      return fail(at_, "this : has no ?");
    Waiting& w = waiting_.back();
    w = {Wait::Operation, Op::Select, kTernary, w.offset};
    ++at_;
    return want_operand = true;
  }

  std::string_view text_;
  Diagnostics& diagnostics_;
  Expression::Node node_;
  std::vector<Waiting> waiting_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<Expression> Expression::parse(std::string_view text, Location at,
                                            Diagnostics& diagnostics) {
  auto node = Parser(text, at, diagnostics).parse();
  if (!node) return std::nullopt;
  Expression expression;
  expression.where_ = at;
  expression.root_ = std::make_shared<const Node>(std::move(*node));
  return expression;
}

}  // namespace arrayspice
