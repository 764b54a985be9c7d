// SPDX-License-Identifier: Apache-2.0
// One walk over an expression and the `.func` bodies it calls, for evaluating (Machine's
// Value is a double) and for compiling (an instruction's number). Private to
// expression*.cpp.
//
// A Machine has
//   using Value;
//   static constexpr bool kSource;    ngspice's B-source meaning of pow and pwr
//   Value number(double);
//   Value apply(Program::Op, Value a, Value b, Value c);
//   Value table(Value x, Program::Table);
//   std::optional<double> constant(Value);
//   std::optional<Value> resolve(const Reference&);
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "devices/operation.hpp"
#include "netlists/expression_tree.hpp"
#include "netlists/messages.hpp"

namespace arrayspice {

template <class Machine>
class ExpressionWalk {
  using Node = Expression::Node;
  using Value = typename Machine::Value;
  using Op = Program::Op;

 public:
  ExpressionWalk(Machine& machine, const NameScope& scope, Diagnostics& diagnostics)
      : machine_(machine), scope_(scope), diagnostics_(diagnostics) {}

  /// The value of the expression, or nullopt after an error.
  std::optional<Value> run(const Node& root) {
    if (!walk(root, nullptr, 0)) return std::nullopt;
    return stack_.back();
  }

 private:
  /// A chain of functions that call each other twice doubles the work at every level.
  static constexpr std::int64_t kMostSteps = 10'000'000;
  static constexpr std::size_t kDeepestCall = 100;

  bool fail(const Message& message, Location where, std::string text) {
    diagnostics_.error(message, where, std::move(text));
    return false;
  }

  /// Leaves one value on the stack. The formal parameters of a function are the values
  /// from stack_[base] on.
  bool walk(const Node& node, const std::vector<std::string>* formals, std::size_t base) {
    steps_ += static_cast<std::int64_t>(node.items.size());
    if (steps_ > kMostSteps)
      return fail(
          message::kExpression, node.at,
          "the functions of this expression expand to more than 10 million steps");
    for (const Node::Item& item : node.items) {
      switch (item.kind) {
        case Node::Kind::Number:
          stack_.push_back(machine_.number(item.number));
          break;
        case Node::Kind::Reference:
          if (!refer(node, item, formals, base)) return false;
          break;
        case Node::Kind::Operation:
          operate(item.op, arity(item.op));
          break;
        case Node::Kind::Call:
          if (!call(node, item)) return false;
          break;
      }
    }
    return true;
  }

  void operate(Op op, int operands) {
    const Value* top = stack_.data() + stack_.size() - operands;
    const Value none{};
    replace(operands, machine_.apply(op, top[0], operands > 1 ? top[1] : none,
                                     operands > 2 ? top[2] : none));
  }
  void replace(std::size_t arguments, Value value) {
    stack_.resize(stack_.size() - arguments);
    stack_.push_back(value);
  }

  bool refer(const Node& node, const Node::Item& item,
             const std::vector<std::string>* formals, std::size_t base) {
    const Reference& r = node.references[item.index];
    if (r.kind == Reference::Kind::Name) {
      if (formals != nullptr) {
        const auto at = std::find(formals->begin(), formals->end(), r.first);
        if (at != formals->end()) {
          stack_.push_back(
              stack_[base + static_cast<std::size_t>(at - formals->begin())]);
          return true;
        }
      }
      if (const auto x = named(r.first))
        return stack_.push_back(machine_.number(*x)), true;
    }
    const auto value = machine_.resolve(r);
    if (!value) return unknown(node, item, r);
    stack_.push_back(*value);
    return true;
  }

  std::optional<double> named(const std::string& name) const {
    if (const auto x = scope_.value(name)) return x;
    for (const NamedConstant& c : named_constants())
      if (c.name == name) return c.value;
    return std::nullopt;
  }

  bool unknown(const Node& node, const Node::Item& item, const Reference& r) {
    const Location where = node.place(item.offset);
    if (r.kind != Reference::Kind::Name)
      return fail(message::kUndefinedProbe, where,
                  written(r) + (Machine::kSource ? ": there is no such node or device"
                                                 : " has no value here: only numbers and "
                                                   "parameters may be used"));
    std::string text = "'" + r.first + "' is not defined";
    const auto near = nearest(r.first, scope_.names());
    if (!near.empty()) text += "; did you mean '" + std::string(near) + "'?";
    return fail(message::kUndefinedName, where, std::move(text));
  }

  // --- functions
  bool call(const Node& node, const Node::Item& item) {
    const std::string& name = node.calls[item.index];
    if (const Function* f = scope_.function(name)) return call(node, item, name, *f);
    if (item.builtin < 0) return unknown_function(node, item, name);
    return call(node, item, builtins()[item.builtin]);
  }

  bool unknown_function(const Node& node, const Node::Item& item,
                        const std::string& name) {
    std::vector<std::string_view> known;
    for (const Builtin& b : builtins()) known.push_back(b.name);
    for (const std::string_view n : scope_.names())
      if (scope_.function(n) != nullptr) known.push_back(n);
    std::string text = "there is no function '" + name + "'";
    const auto near = nearest(name, known);
    if (!near.empty()) text += "; did you mean '" + std::string(near) + "'?";
    return fail(message::kUndefinedName, node.place(item.offset), std::move(text));
  }

  bool wrong_count(const Node& node, const Node::Item& item, const std::string& wants) {
    return fail(message::kExpression, node.place(item.offset),
                "function '" + node.calls[item.index] + "' takes " + wants + ", not " +
                    std::to_string(item.arguments));
  }

  bool call(const Node& node, const Node::Item& item, const std::string& name,
            const Function& f) {
    const auto given = static_cast<std::size_t>(item.arguments);
    if (given != f.parameters.size())
      return wrong_count(node, item,
                         std::to_string(f.parameters.size()) +
                             (f.parameters.size() == 1 ? " argument" : " arguments"));
    if (std::find(active_.begin(), active_.end(), &f) != active_.end())
      return fail(message::kExpression, node.place(item.offset),
                  "function '" + name + "' calls itself");
    if (active_.size() == kDeepestCall)
      return fail(message::kExpression, node.place(item.offset),
                  "functions call each other more than 100 deep");
    active_.push_back(&f);
    const bool ok = walk(*f.body->root_, &f.parameters, stack_.size() - given);
    active_.pop_back();
    if (ok) replace(given + 1, Value(stack_.back()));
    return ok;
  }

  bool call(const Node& node, const Node::Item& item, const Builtin& b) {
    using Form = Builtin::Form;
    if (b.form == Form::Table || b.form == Form::PieceWise)
      return table(node, item, b.form == Form::PieceWise);
    if (b.form == Form::Random || (b.form == Form::Limit && item.arguments == 2))
      return fail(message::kExpression, node.place(item.offset),
                  "'" + node.calls[item.index] +
                      "' is a random number, which a deck cannot "
                      "repeat: give the value as a parameter (-D name=value)");
    if (b.form == Form::History)
      return fail(message::kExpression, node.place(item.offset),
                  "'" + node.calls[item.index] +
                      "' needs the past, which expressions do not "
                      "have: use a capacitor or an inductor");
    const int takes = b.form == Form::Square || b.form == Form::After ? 1 : arity(b.op);
    if (b.form == Form::Many ? item.arguments < takes : item.arguments != takes)
      return wrong_count(node, item,
                         std::to_string(takes) +
                             (takes == 1 ? " argument" : " arguments") +
                             (b.form == Form::Many ? " or more" : ""));
    switch (b.form) {
      case Form::Many:
        for (int k = 1; k < item.arguments; ++k) operate(b.op, 2);
        break;
      case Form::Square:
        stack_.push_back(Value(stack_.back()));
        operate(b.op, 2);
        break;
      case Form::After:
        stack_.push_back(machine_.number(0.0));
        operate(b.op, 2);
        break;
      case Form::Power:
        operate(Machine::kSource ? Op::Power : Op::Pow, 2);
        break;
      case Form::SignedPower:
        operate(Machine::kSource ? Op::Pwr : Op::Power, 2);
        break;
      default:
        operate(b.op, takes);
    }
    return true;
  }

  bool table(const Node& node, const Node::Item& item, bool extrapolates) {
    const auto n = static_cast<std::size_t>(item.arguments);
    if (n < 3 || n % 2 == 0) return wrong_count(node, item, "x and pairs of numbers");
    Program::Table points{{}, {}, extrapolates};
    const std::size_t first = stack_.size() - n + 1;
    for (std::size_t k = first; k < stack_.size(); k += 2) {
      const auto x = machine_.constant(stack_[k]), y = machine_.constant(stack_[k + 1]);
      if (!x || !y)
        return fail(message::kExpression, node.place(item.offset),
                    "the points of '" + node.calls[item.index] +
                        "' must be numbers: they may not depend on the circuit");
      if (!points.x.empty() && !(*x > points.x.back()))
        return fail(
            message::kExpression, node.place(item.offset),
            "the points of '" + node.calls[item.index] + "' must have ascending x");
      points.x.push_back(*x);
      points.y.push_back(*y);
    }
    replace(n, machine_.table(stack_[first - 1], std::move(points)));
    return true;
  }

  Machine& machine_;
  const NameScope& scope_;
  Diagnostics& diagnostics_;
  std::vector<Value> stack_;
  std::vector<const Function*> active_;
  std::int64_t steps_ = 0;
};

}  // namespace arrayspice
