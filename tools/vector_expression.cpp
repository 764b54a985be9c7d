// SPDX-License-Identifier: Apache-2.0
#include "tools/vector_expression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "netlists/failure.hpp"

namespace arrayspice {

struct VectorExpression::ReductionName {
  std::string_view text;
  Reduction reduction;
};
const VectorExpression::ReductionName VectorExpression::kReductions[] = {
    {"length(", Reduction::Length},   {"mean(", Reduction::Mean},
    {"vecmin(", Reduction::Minimum},  {"vecmax(", Reduction::Maximum},
    {"minimum(", Reduction::Minimum}, {"maximum(", Reduction::Maximum},
};

namespace {

/// A scope in which `let` variables hide parameters of the same name.
class Hiding final : public NameScope {
 public:
  Hiding(const NameScope& scope, const std::set<std::string>& hidden)
      : scope_(scope), hidden_(hidden) {}
  std::optional<double> value(std::string_view name) const override {
    return hidden_.contains(std::string(name)) ? std::nullopt : scope_.value(name);
  }
  const Function* function(std::string_view name) const override {
    return scope_.function(name);
  }
  std::vector<std::string_view> names() const override { return scope_.names(); }

 private:
  const NameScope& scope_;
  const std::set<std::string>& hidden_;
};

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

std::size_t matching_bracket(std::string_view text, std::size_t open) {
  int depth = 0;
  for (std::size_t k = open; k < text.size(); ++k) {
    if (text[k] == '(') ++depth;
    if (text[k] == ')' && --depth == 0) return k;
  }
  return std::string_view::npos;
}

constexpr std::string_view kPlaceholder = "_r";  // stands for a reduction in the text

}  // namespace

/// Replaces the first call of a reduction by a name that stands for its value. False when
/// there is none or it is wrong.
bool VectorExpression::take_reduction(std::string& text, Location where,
                                      const NameScope& scope, ProbeTable& probes,
                                      const std::set<std::string>& variables,
                                      VectorExpression& into, Diagnostics& diagnostics) {
  for (const ReductionName& name : kReductions) {
    const std::size_t begin = text.find(name.text);
    if (begin == std::string::npos) continue;
    if (begin > 0 && is_name_character(text[begin - 1])) continue;
    const std::size_t open = begin + name.text.size() - 1;
    const std::size_t close = matching_bracket(text, open);
    if (close == std::string::npos) continue;
    Location inner_place = where;
    inner_place.column = static_cast<std::uint16_t>(inner_place.column + open + 1);
    auto inner = compile({text.substr(open + 1, close - open - 1), inner_place}, scope,
                         probes, variables, diagnostics);
    if (!inner) return false;
    const std::size_t length = close + 1 - begin;
    const std::string stand_in = fmt::format("{}{}", kPlaceholder, into.inputs_.size());
    text.replace(begin, length, fmt::format("{:<{}}", stand_in, length));
    into.inputs_.push_back(
        {.reduction = name.reduction,
         .reduced = std::make_shared<VectorExpression>(std::move(*inner))});
    return true;
  }
  return false;
}

std::optional<VectorExpression> VectorExpression::compile(
    const TextScanner::Part& part, const NameScope& scope, ProbeTable& probes,
    const std::set<std::string>& variables, Diagnostics& diagnostics) {
  VectorExpression result;
  result.label_ = part.text;
  std::string text = part.text;
  const std::size_t errors = diagnostics.errors();
  while (
      take_reduction(text, part.where, scope, probes, variables, result, diagnostics)) {
  }
  if (diagnostics.errors() > errors) return std::nullopt;
  const auto expression = Expression::parse(text, part.where, diagnostics);
  if (!expression) return std::nullopt;
  const std::size_t reductions = result.inputs_.size();
  const auto resolve = [&](const Reference& r, Location where,
                           Diagnostics& d) -> std::optional<std::int32_t> {
    const bool is_name = r.kind == Reference::Kind::Name;
    for (std::size_t k = 0; is_name && k < reductions; ++k)
      if (r.first == fmt::format("{}{}", kPlaceholder, k))
        return static_cast<std::int32_t>(k);
    Input input;
    if (is_name && variables.contains(r.first)) {
      input.variable = r.first;
    } else {
      const auto probe = probes.add(r, where, d);
      if (!probe) return std::nullopt;
      input.probe = *probe;
    }
    result.inputs_.push_back(std::move(input));
    return static_cast<std::int32_t>(result.inputs_.size() - 1);
  };
  auto program =
      compile_output(*expression, Hiding(scope, variables), resolve, diagnostics);
  if (!program) return std::nullopt;
  result.program_ = std::move(*program);
  return result;
}

bool VectorExpression::needs_plot() const {
  return std::any_of(inputs_.begin(), inputs_.end(), [](const Input& input) {
    return input.probe >= 0 || (input.reduced && input.reduced->needs_plot());
  });
}

double VectorExpression::reduce(Reduction reduction, const std::vector<double>& values) {
  switch (reduction) {
    case Reduction::Length:
      return static_cast<double>(values.size());
    case Reduction::Mean:
      return std::accumulate(values.begin(), values.end(), 0.0) /
             static_cast<double>(values.size());
    case Reduction::Minimum:
      return *std::min_element(values.begin(), values.end());
    case Reduction::Maximum:
      break;
  }
  return *std::max_element(values.begin(), values.end());
}

std::vector<double> VectorExpression::values_of(const Input& input, const Plot& plot,
                                                const Variables& variables) const {
  if (input.reduced)
    return {reduce(input.reduction, input.reduced->evaluate(plot, variables))};
  if (input.probe < 0) {
    const auto at = variables.find(input.variable);
    if (at == variables.end())
      throw Failure(Exit::Numeric,
                    fmt::format("'{}' in '{}' has no value: its measure failed",
                                input.variable, label_));
    return at->second;
  }
  std::vector<double> values;
  for (std::size_t k = 0; k < plot.points(); ++k)
    values.push_back(plot.row(k)[static_cast<std::size_t>(input.probe)]);
  return values;
}

std::vector<double> VectorExpression::evaluate(const Plot& plot,
                                               const Variables& variables) const {
  std::vector<std::vector<double>> columns;
  std::size_t length = 1;
  for (const Input& input : inputs_) {
    columns.push_back(values_of(input, plot, variables));
    length = std::max(length, columns.back().size());
  }
  for (const auto& column : columns)
    if (column.size() != 1 && column.size() != length)
      throw Failure(Exit::Input, fmt::format("'{}' joins vectors of {} and {} elements",
                                             label_, column.size(), length));
  std::vector<double> result, row(columns.size());
  for (std::size_t k = 0; k < length; ++k) {
    for (std::size_t c = 0; c < columns.size(); ++c)
      row[c] = columns[c][columns[c].size() == 1 ? 0 : k];
    result.push_back(program_.evaluate(
        std::span(row).first(static_cast<std::size_t>(program_.inputs()))));
  }
  return result;
}

}  // namespace arrayspice
