// SPDX-License-Identifier: Apache-2.0
#include "netlists/expression.hpp"

#include <algorithm>
#include <unordered_set>

#include "netlists/expression_walk.hpp"

namespace arrayspice {

namespace {

/// Numbers and parameters only, with the C library's meaning of every function.
struct Calculator {
  using Value = double;
  static constexpr bool kSource = false;

  static double number(double x) { return x; }
  static double apply(Program::Op op, double a, double b, double c) {
    return arrayspice::apply<Domain::Plain>(op, a, b, c);
  }
  static double table(double x, const Program::Table& points) {
    return look_up(points, x).y;
  }
  static std::optional<double> constant(double x) { return x; }
  static std::optional<double> resolve(const Reference&) { return std::nullopt; }
};

}  // namespace

std::optional<double> Expression::evaluate(const NameScope& scope,
                                           Diagnostics& diagnostics) const {
  Calculator calculator;
  const auto value =
      ExpressionWalk<Calculator>(calculator, scope, diagnostics).run(*root_);
  if (value && !std::isfinite(*value)) {
    diagnostics.error(message::kNotFinite, where_,
                      std::isnan(*value)
                          ? "the expression has no value (a function outside its domain)"
                          : "the value of the expression is infinite (overflow, or a "
                            "division by zero)");
    return std::nullopt;
  }
  return value;
}

std::vector<Reference> Expression::references(const NameScope* scope) const {
  std::vector<Reference> found;
  std::unordered_set<std::string> seen;
  std::unordered_set<const Function*> visited;
  std::vector<std::pair<const Node*, const Function*>> open{{root_.get(), nullptr}};
  while (!open.empty()) {
    const auto [node, function] = open.back();
    open.pop_back();
    for (const Node::Item& item : node->items) {
      if (item.kind == Node::Kind::Reference) {
        const Reference& r = node->references[item.index];
        const bool formal =
            function != nullptr && r.kind == Reference::Kind::Name &&
            std::find(function->parameters.begin(), function->parameters.end(),
                      r.first) != function->parameters.end();
        if (!formal && seen.insert(written(r)).second) found.push_back(r);
      } else if (item.kind == Node::Kind::Call && scope != nullptr) {
        const Function* f = scope->function(node->calls[item.index]);
        if (f != nullptr && visited.insert(f).second)
          open.emplace_back(f->body->root_.get(), f);
      }
    }
  }
  return found;
}

}  // namespace arrayspice
