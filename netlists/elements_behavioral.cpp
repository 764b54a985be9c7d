// SPDX-License-Identifier: Apache-2.0
// Elements that an expression, a polynomial or a table describes: B, the nonlinear forms
// of E F G H, and R or C whose value depends on voltages or currents. The device is added
// at once; what it refers to is looked up when all others exist.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "netlists/characters.hpp"
#include "netlists/elements.hpp"
#include "netlists/lookup.hpp"
#include "netlists/messages.hpp"
#include "netlists/poly.hpp"

namespace arrayspice {

namespace {

using Kind = BehavioralKind;

/// Adds the device and puts the rest of its card off. The cursor is at what is to be read
/// then; `m=` is looked for there, too.
void add_behavioral(Element& e, Kind kind, std::span<const UnknownId> nodes, Law law) {
  const BlockId block = e.to.behavioral_block(kind);
  if (e.to.add(block, *e.in, e.name, nodes, {}, e.where) == kNoDevice) return;
  const auto instance = static_cast<InstanceId>(e.to.circuit().block(block).size() - 1);
  e.to.defer({e.in, e.cursor.card(), law, block, instance, e.cursor.offset()});
}

bool is_current_kind(Kind kind) { return kind != Kind::Voltage; }

/// Collects the inputs of a program while the expression is compiled.
class Inputs {
 public:
  explicit Inputs(Element& e) : e_(e) {}

  std::optional<std::int32_t> operator()(const Reference& reference) {
    const auto input = find(reference);
    if (!input) return std::nullopt;
    inputs_.push_back(*input);
    return static_cast<std::int32_t>(inputs_.size() - 1);
  }
  void add(const BehavioralInput& input) { inputs_.push_back(input); }
  const std::vector<BehavioralInput>& all() const { return inputs_; }

 private:
  std::optional<BehavioralInput> find(const Reference& r) const {
    using Source = BehavioralInput::Kind;
    switch (r.kind) {
      case Reference::Kind::Name:
        if (r.first == "time") return BehavioralInput{Source::Time};
        if (r.first == "temper") return BehavioralInput{Source::Temperature};
        return std::nullopt;
      case Reference::Kind::Voltage: {
        const auto plus = e_.to.existing_node(*e_.in, r.first);
        const auto minus = r.second.empty() ? std::optional(kGround)
                                            : e_.to.existing_node(*e_.in, r.second);
        if (!plus || !minus) return std::nullopt;
        return BehavioralInput{Source::Unknown, *plus, *minus};
      }
      case Reference::Kind::Current: {
        const auto current = e_.to.branch_current(*e_.in, r.first);
        if (!current) return std::nullopt;
        return BehavioralInput{Source::Unknown, *current, kGround};
      }
      case Reference::Kind::DeviceParameter:
        break;
    }
    return std::nullopt;
  }

  Element& e_;
  std::vector<BehavioralInput> inputs_;
};

void read_multiplier(Element& e, const Deferred& from) {
  double m = e.in->multiplier;
  while (!e.cursor.done()) {
    const Location where = e.cursor.here();
    const std::string_view name = e.cursor.word();
    const ValueText text =
        !name.empty() && e.cursor.accept('=') ? e.cursor.value() : ValueText{};
    const auto value = text ? e.to.number(text, e.cursor, *e.in) : std::nullopt;
    if (!text || name != "m") {
      e.error(message::kUnknownParameter, where, "only m=... may follow here");
      return;
    }
    m *= value.value_or(1.0);
  }
  const auto& block =
      static_cast<const BehavioralBlock&>(e.to.circuit().block(from.block));
  if (m == 1.0) return;
  if (!is_current_kind(block.kind()))
    e.error(message::kUnsupported, e.where, "a voltage source cannot have m");
  else
    e.to.circuit().block(from.block).set_instance(from.instance, {0, m});
}

void define(Element& e, const Deferred& from, Program program, const Inputs& inputs) {
  auto& block = static_cast<BehavioralBlock&>(e.to.circuit().block(from.block));
  try {
    block.define(from.instance, std::move(program), inputs.all());
  } catch (const std::invalid_argument& contradiction) {
    e.error(message::kContradiction, e.where, contradiction.what());
  }
}

std::optional<Program> compile(Element& e, const ValueText& text, Inputs& inputs) {
  if (!text) {
    e.error(message::kMissingPart, e.where,
            fmt::format("{} needs an expression", e.name));
    return std::nullopt;
  }
  const auto expression = parse_value(text, e.cursor, e.to.diagnostics());
  if (!expression) return std::nullopt;
  return expression->compile(*e.in->scope, std::ref(inputs), e.to.diagnostics());
}

void finish_expression(Element& e, const Deferred& from) {
  Inputs inputs(e);
  auto program = compile(e, e.cursor.long_value(), inputs);
  if (!program) return;
  define(e, from, std::move(*program), inputs);
  read_multiplier(e, from);
}

/// Numbers in brackets or not, up to the end or `m=`.
std::optional<std::vector<double>> read_numbers(Element& e) {
  std::vector<double> numbers;
  while (!e.cursor.done_or_brackets() && !e.cursor.at_assignment()) {
    const Location where = e.cursor.here();
    const ValueText text = e.cursor.value();
    if (!text) {
      e.error(message::kSyntax, where, "a number is expected here");
      return std::nullopt;
    }
    const auto value = e.to.number(text, e.cursor, *e.in);
    if (!value) return std::nullopt;
    numbers.push_back(*value);
  }
  return numbers;
}

/// `(n) control ... coefficient ...`; a control is two nodes or a device.
void finish_polynomial(Element& e, const Deferred& from, bool voltages) {
  const Location where = e.cursor.here();
  e.cursor.done_or_brackets();
  const auto dimension = read_number(e, "the number of inputs after POLY");
  if (!dimension) return;
  if (*dimension < 1.0 || *dimension > 1000.0 || *dimension != std::floor(*dimension)) {
    e.error(message::kSyntax, where, "POLY(n) needs a whole number of inputs, 1 or more");
    return;
  }
  Inputs inputs(e);
  for (int k = 0; k < static_cast<int>(*dimension); ++k) {
    std::array<UnknownId, 2> control{kGround, kGround};
    e.cursor.done_or_brackets();
    if (voltages && !read_nodes(e, control)) return;
    if (!voltages) {
      const auto current = read_branch_current(e);
      if (!current) return;
      control[0] = *current;
    }
    inputs.add({BehavioralInput::Kind::Unknown, control[0], control[1]});
  }
  const auto coefficients = read_numbers(e);
  if (!coefficients) return;
  if (coefficients->empty()) {
    e.error(message::kMissingPart, e.where, fmt::format("{} needs coefficients", e.name));
    return;
  }
  define(e, from, polynomial(static_cast<std::int32_t>(*dimension), *coefficients),
         inputs);
  read_multiplier(e, from);
}

/// `{x} = (x1,y1) (x2,y2) ...`
void finish_table(Element& e, const Deferred& from) {
  e.cursor.accept('=');
  Inputs inputs(e);
  const auto program = compile(e, e.cursor.value(), inputs);
  if (!program) return;
  e.cursor.accept('=');
  const Location where = e.cursor.here();
  const auto numbers = read_numbers(e);
  if (!numbers) return;
  Program::Table table;
  for (std::size_t k = 0; k + 1 < numbers->size(); k += 2) {
    table.x.push_back((*numbers)[k]);
    table.y.push_back((*numbers)[k + 1]);
  }
  if (numbers->size() < 4 || numbers->size() % 2 != 0 || !is_ascending(table.x)) {
    e.error(message::kSyntax, where,
            "a table is two or more points (x,y) with ascending x, each x once");
    return;
  }
  define(e, from, tabulated(*program, std::move(table)), inputs);
  read_multiplier(e, from);
}

bool is_behavioral_letter(char c) {
  return c == 'b' || c == 'e' || c == 'g' || c == 'r' || c == 'c';
}

void read_ideal_op_amp(Element& e, std::span<const UnknownId> output) {
  std::array<UnknownId, 4> nodes{output[0], output[1]};
  if (!read_nodes(e, std::span(nodes).last(2))) return;
  const Registration& device = *find_registration('e', "opamp", 1);
  std::vector<Assignment> none;
  read_parameters(e, device.type(), false, none);
  e.to.add(e.to.plain_block(device), *e.in, e.name, nodes, none, e.where);
}

}  // namespace

void read_behavioral_source(Element& e) {
  std::array<UnknownId, 2> nodes;
  if (!read_nodes(e, nodes)) return;
  const Location where = e.cursor.here();
  const std::string_view quantity = e.cursor.at_assignment() ? e.cursor.word() : "";
  e.cursor.accept('=');
  if (quantity == "v" || quantity == "i")
    return add_behavioral(e, quantity == "v" ? Kind::Voltage : Kind::Current, nodes,
                          Law::Expression);
  e.error(message::kSyntax, where,
          "the form is Bname n1 n2 V=expression or I=expression");
}

bool read_nonlinear_controlled(Element& e, std::span<const UnknownId> nodes) {
  const char letter = e.name.front();
  const Kind kind = letter == 'e' || letter == 'h' ? Kind::Voltage : Kind::Current;
  const bool voltages = letter == 'e' || letter == 'g';
  const std::size_t start = e.cursor.offset();
  const std::string_view word = e.cursor.word();
  if (word == "poly") {
    add_behavioral(e, kind, nodes,
                   voltages ? Law::VoltagePolynomial : Law::CurrentPolynomial);
  } else if (voltages && word == "table") {
    add_behavioral(e, kind, nodes, Law::Table);
  } else if (voltages && (word == "value" || word == (letter == 'e' ? "vol" : "cur"))) {
    e.cursor.accept('=');
    add_behavioral(e, kind, nodes, Law::Expression);
  } else if (letter == 'e' && word == "opamp") {
    read_ideal_op_amp(e, nodes);
  } else if (word == "laplace" || word == "freq") {
    e.error(message::kUnsupported, e.where, fmt::format("'{}' is not supported", word));
  } else {
    e.cursor.go_to(start);
    return false;
  }
  return true;
}

bool depends_on_circuit(std::string_view text) {
  const auto has_call = [&](char function) {
    for (std::size_t at = text.find('('); at != text.npos; at = text.find('(', at + 1)) {
      std::size_t k = at;
      while (k > 0 && is_blank(text[k - 1])) --k;
      if (k > 0 && text[k - 1] == function && (k == 1 || !is_name_character(text[k - 2])))
        return true;
    }
    return false;
  };
  return has_call('v') || has_call('i') || text.find("time") != text.npos ||
         text.find("temper") != text.npos;
}

bool read_nonlinear_passive(Element& e, std::span<const UnknownId> nodes) {
  const char letter = e.name.front();
  if (letter == 'l') return false;
  Cursor ahead = e.cursor;
  const std::string_view name = ahead.at_assignment() ? ahead.word() : "";
  const bool charge = letter == 'c' && name == "q";
  const bool own = name.size() == 1 && name.front() == letter;
  if (!name.empty() && !charge && !own) return false;
  ahead.accept('=');
  const std::size_t start = ahead.offset();
  const ValueText text = ahead.value();
  if (!text || (!charge && !depends_on_circuit(text.text))) return false;
  e.cursor.go_to(start);
  const Kind kind = charge          ? Kind::Charge
                    : letter == 'r' ? Kind::Resistance
                                    : Kind::Capacitance;
  add_behavioral(e, kind, nodes, Law::Expression);
  return true;
}

void finish_behavioral(Element& e, const Deferred& from) {
  e.cursor.go_to(from.offset);
  switch (from.law) {
    case Law::Expression:
      return finish_expression(e, from);
    case Law::VoltagePolynomial:
      return finish_polynomial(e, from, true);
    case Law::CurrentPolynomial:
      return finish_polynomial(e, from, false);
    case Law::Table:
      return finish_table(e, from);
    case Law::None:
      break;
  }
}

void collect_sensed_devices(const Card& card, std::set<std::string, std::less<>>& names) {
  const std::string_view text = card.text();
  if (!is_behavioral_letter(to_lower(text.front()))) return;
  for (std::size_t at = text.find('('); at != text.npos; at = text.find('(', at + 1)) {
    const bool call =
        at > 1 && to_lower(text[at - 1]) == 'i' && !is_name_character(text[at - 2]);
    if (!call) continue;
    const std::size_t end = std::min(text.find_first_of(") ", at), text.size());
    names.insert(to_lower(text.substr(at + 1, end - at - 1)));
  }
}

}  // namespace arrayspice
