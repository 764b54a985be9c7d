// SPDX-License-Identifier: Apache-2.0
// The parameters and functions of a deck or of one subcircuit instance. Values are
// computed when first asked for, so definitions may come in any order; names that are not
// found are looked up in the instance that holds this one, as ngspice does.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "netlists/expression.hpp"

namespace arrayspice {

class ParameterScope final : public NameScope {
 public:
  ParameterScope(std::shared_ptr<const ParameterScope> parent, Diagnostics& diagnostics)
      : parent_(std::move(parent)), diagnostics_(&diagnostics) {}

  /// Later definitions replace earlier ones. False when there was one at another place.
  bool define(const std::string& name, double value, Location where = {});
  bool define(const std::string& name, Expression expression, Location where);
  /// A value that later definitions do not replace (the command line's).
  void fix(const std::string& name, double value);
  /// The deck defines that name as well, or has asked for its value.
  bool is_wanted(std::string_view name) const;
  void define_function(const std::string& name, Function function);

  std::optional<double> value(std::string_view name) const override;
  const Function* function(std::string_view name) const override;
  std::vector<std::string_view> names() const override;
  /// The names defined in this scope itself.
  std::vector<std::string> own_names() const;
  /// Computes everything that nobody asked for yet, to report its errors.
  void settle() const;

 private:
  enum class State { Pending, Active, Done };
  struct Entry {
    std::optional<Expression> expression;
    double value = 0.0;
    State state = State::Done;
    bool fixed = false;
    Location where;
    bool wanted = false;
  };
  /// What is being computed, for the chain of a cycle; shared by all scopes of a deck.
  struct Chain {
    std::vector<std::string_view> names;
  };

  bool put(const std::string& name, Entry entry);
  double compute(std::string_view name, Entry& entry) const;
  void report_cycle(std::string_view name, const Entry& entry) const;
  Chain& chain() const { return parent_ ? parent_->chain() : chain_; }

  std::shared_ptr<const ParameterScope> parent_;
  Diagnostics* diagnostics_;
  mutable std::map<std::string, Entry, std::less<>> entries_;
  std::vector<std::string_view> order_;  // keys of entries_ as they were defined
  std::map<std::string, Function, std::less<>> functions_;
  mutable Chain chain_;
};

}  // namespace arrayspice
