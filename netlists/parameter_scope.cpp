// SPDX-License-Identifier: Apache-2.0
#include "netlists/parameter_scope.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "netlists/messages.hpp"

namespace arrayspice {

namespace {
/// Parameters may lead to parameters this often; each level takes program stack.
constexpr std::size_t kDeepest = 1000;
/// Stands in for a value that could not be computed: the error is reported once, where it
/// is, not again by everything that depends on it.
constexpr double kAfterError = 1.0;
}  // namespace

bool ParameterScope::put(const std::string& name, Entry entry) {
  const auto [at, is_new] = entries_.try_emplace(name);
  if (is_new) order_.push_back(at->first);
  if (!is_new && at->second.fixed) return at->second.wanted = true;
  const bool repeated =
      !is_new && at->second.where.file != 0 && at->second.where != entry.where;
  at->second = std::move(entry);
  return !repeated;
}

bool ParameterScope::define(const std::string& name, double value, Location where) {
  return put(name, {std::nullopt, value, State::Done, false, where, false});
}

bool ParameterScope::define(const std::string& name, Expression expression,
                            Location where) {
  return put(name, {std::move(expression), 0.0, State::Pending, false, where, false});
}

void ParameterScope::fix(const std::string& name, double value) {
  entries_[name] = {std::nullopt, value, State::Done, true, {}, false};
}

bool ParameterScope::is_wanted(std::string_view name) const {
  const auto at = entries_.find(name);
  return at != entries_.end() && at->second.wanted;
}

void ParameterScope::define_function(const std::string& name, Function function) {
  functions_[name] = std::move(function);
}

std::optional<double> ParameterScope::value(std::string_view name) const {
  const auto at = entries_.find(name);
  if (at == entries_.end()) return parent_ ? parent_->value(name) : std::nullopt;
  at->second.wanted = true;
  return compute(at->first, at->second);
}

double ParameterScope::compute(std::string_view name, Entry& entry) const {
  if (entry.state == State::Done) return entry.value;
  if (entry.state == State::Active || chain().names.size() >= kDeepest) {
    report_cycle(name, entry);
    return kAfterError;
  }
  entry.state = State::Active;
  chain().names.push_back(name);
  entry.value = entry.expression->evaluate(*this, *diagnostics_).value_or(kAfterError);
  chain().names.pop_back();
  entry.state = State::Done;
  return entry.value;
}

void ParameterScope::report_cycle(std::string_view name, const Entry& entry) const {
  const auto& names = chain().names;
  const auto first = std::find(names.begin(), names.end(), name);
  if (first == names.end()) {
    diagnostics_->error(
        message::kParameterCycle, entry.where,
        fmt::format("parameters lead to '{}' over more than {} others", name, kDeepest));
    return;
  }
  diagnostics_->error(
      message::kParameterCycle, entry.where,
      fmt::format("parameter cycle {} → {}", fmt::join(first, names.end(), " → "), name));
}

const Function* ParameterScope::function(std::string_view name) const {
  const auto at = functions_.find(name);
  if (at != functions_.end()) return &at->second;
  return parent_ ? parent_->function(name) : nullptr;
}

std::vector<std::string_view> ParameterScope::names() const {
  std::vector<std::string_view> all =
      parent_ ? parent_->names() : std::vector<std::string_view>{};
  for (const auto& [name, entry] : entries_) all.push_back(name);
  for (const auto& [name, function] : functions_) all.push_back(name);
  return all;
}

std::vector<std::string> ParameterScope::own_names() const {
  std::vector<std::string> own;
  for (const auto& [name, entry] : entries_) own.push_back(name);
  return own;
}

void ParameterScope::settle() const {
  for (const std::string_view name : order_) compute(name, entries_.find(name)->second);
}

}  // namespace arrayspice
