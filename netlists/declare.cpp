// SPDX-License-Identifier: Apache-2.0
// The declarations of a deck or subcircuit instance: parameters, functions, and which
// branches of `.if` hold.
#include <fmt/format.h>

#include "netlists/elaborate.hpp"
#include "netlists/messages.hpp"
#include "netlists/option_card.hpp"

namespace arrayspice {

void Elaborator::declare(Instance& in, const Body& body) {
  in.bodies.push_back(&body);
  declare_parameters(in, body);
  choose_branches(in, body);
}

void Elaborator::declare_parameters(Instance& in, const Body& body) {
  std::string buffer;
  for (const Card& card : body.parameters) {
    Cursor cursor(card, deck_.cards, buffer);
    if (cursor.word() == ".func") {
      declare_function(in, cursor);
    } else {
      declare_parameter_line(in, cursor);
    }
  }
}

/// `a=1 b={a+1} f(x)='x*x'`: any number of definitions.
void Elaborator::declare_parameter_line(Instance& in, Cursor& cursor) {
  while (!cursor.done()) {
    const std::size_t start = cursor.offset();
    const Location where = cursor.here();
    const std::string name(cursor.word());
    if (cursor.peek() == '(') {
      cursor.go_to(start);
      declare_function(in, cursor);
      continue;
    }
    const ValueText text =
        !name.empty() && cursor.accept('=') ? cursor.long_value() : ValueText{};
    if (!text) {
      diagnostics_.error(message::kSyntax, where, "a parameter is written name=value");
      return;
    }
    bool is_new = true;
    if (const auto number = parse_number(text.text)) {
      is_new = in.scope->define(name, *number, where);
    } else if (auto expression = parse_value(text, cursor, diagnostics_)) {
      is_new = in.scope->define(name, std::move(*expression), where);
    } else {
      in.scope->define(name, 1.0, where);  // reported; what depends on it goes on
    }
    if (!is_new)
      diagnostics_.warning(
          message::kParameterRedefined, where,
          fmt::format("parameter '{}' is defined again; this value holds", name));
  }
}

/// `f(x,y) {body}`, with or without `=`, braces or quotes.
void Elaborator::declare_function(Instance& in, Cursor& cursor) {
  const Location where = cursor.here();
  const std::string name(cursor.word());
  Function function;
  bool good = !name.empty() && cursor.accept('(');
  while (good && !cursor.accept(')')) {
    function.parameters.emplace_back(cursor.word());
    good = !function.parameters.back().empty();
  }
  if (good) cursor.accept('=');
  const ValueText text = good ? cursor.long_value() : ValueText{};
  if (!text) {
    diagnostics_.error(message::kSyntax, where, "a function is written name(x,y) {body}");
    cursor.rest();
    return;
  }
  auto body = parse_expression(text, cursor, diagnostics_);
  if (!body) return;
  function.body = std::make_shared<const Expression>(std::move(*body));
  in.scope->define_function(name, std::move(function));
}

void Elaborator::choose_branches(Instance& in, const Body& body) {
  for (const Conditional& conditional : body.conditionals) {
    for (const auto& branch : conditional.branches) {
      std::string buffer;
      Cursor cursor(branch.condition, deck_.cards, buffer);
      cursor.word();
      const auto holds =
          branch.always ? std::optional<double>(1.0) : number(cursor.rest(), cursor, in);
      if (!holds) break;
      if (*holds == 0.0) continue;
      declare(in, branch.body);
      break;
    }
  }
}

/// What shapes the circuit: options, temperature, global nodes.
void Elaborator::read_settings() {
  std::string buffer;
  for (const Card& card : commands()) {
    Cursor cursor(card, deck_.cards, buffer);
    const std::string_view name = cursor.word();
    if (name.starts_with(".opt")) {
      read_options(cursor, *top_->scope, options_, diagnostics_);
    } else if (name == ".temp") {
      read_temperature(cursor, *top_->scope, options_, diagnostics_);
    } else if (name == ".global") {
      while (!cursor.done_or_brackets() && !cursor.peek_word().empty())
        globals_.emplace(cursor.word());
    }
  }
  check_damping(options_, diagnostics_);
}

/// The first transient, from a card or from a line of `.control`. Its errors are reported
/// when it is run.
void Elaborator::find_transient_times() {
  std::string buffer;
  Diagnostics unused;
  const auto found = [&](const Card& card) {
    Cursor cursor(card, deck_.cards, buffer);
    const std::string_view name = cursor.word();
    if (name != ".tran" && name != "tran") return false;
    const ValueText step = cursor.value(), stop = cursor.value();
    if (step && stop) {
      times_.step = evaluate(step, cursor, *top_->scope, unused).value_or(0.0);
      times_.stop = evaluate(stop, cursor, *top_->scope, unused).value_or(0.0);
    }
    return true;
  };
  for (const Card& card : commands())
    if (found(card)) return;
  for (const TextCommand& line : deck_.control)
    if (found({line.text.data(), static_cast<std::uint32_t>(line.text.size())})) return;
}

/// Inside a subcircuit only initial conditions make sense.
void Elaborator::read_local_commands(const InstancePointer& in) {
  std::string buffer;
  for (const Body* body : in->bodies)
    for (const Card& card : body->commands) {
      Cursor cursor(card, deck_.cards, buffer);
      const std::string_view name = cursor.word();
      if (name == ".ic" || name == ".nodeset") {
        local_conditions_.emplace_back(in, card);
      } else {
        diagnostics_.error(message::kStructure, cursor.place(0),
                           fmt::format("{} does not belong inside a subcircuit", name));
      }
    }
}

std::vector<Card> Elaborator::commands() const {
  std::vector<Card> all;
  for (const Body* body : top_->bodies)
    all.insert(all.end(), body->commands.begin(), body->commands.end());
  return all;
}

}  // namespace arrayspice
