// SPDX-License-Identifier: Apache-2.0
// Expressions of `.control` blocks: over the vectors of the last analysis and the
// variables of `let` and `meas`, element by element; length, mean, vecmin and vecmax make
// one number of a vector.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tools/output_expression.hpp"
#include "tools/plot.hpp"

namespace arrayspice {

using Variables = std::map<std::string, std::vector<double>>;

class VectorExpression {
 public:
  /// `variables`: names that have a value when the expression is evaluated.
  static std::optional<VectorExpression> compile(const TextScanner::Part& part,
                                                 const NameScope& scope,
                                                 ProbeTable& probes,
                                                 const std::set<std::string>& variables,
                                                 Diagnostics& diagnostics);

  const std::string& label() const { return label_; }
  /// Refers to the results of an analysis.
  bool needs_plot() const;
  /// One element for a scalar. Throws Failure when lengths differ.
  std::vector<double> evaluate(const Plot& plot, const Variables& variables) const;

 private:
  enum class Reduction { Length, Mean, Minimum, Maximum };
  struct Input {
    std::int32_t probe = -1;
    std::string variable{};
    Reduction reduction = Reduction::Length;
    std::shared_ptr<const VectorExpression> reduced{};
  };
  struct ReductionName;
  static const ReductionName kReductions[];

  static bool take_reduction(std::string& text, Location where, const NameScope& scope,
                             ProbeTable& probes, const std::set<std::string>& variables,
                             VectorExpression& into, Diagnostics& diagnostics);
  static double reduce(Reduction reduction, const std::vector<double>& values);
  std::vector<double> values_of(const Input& input, const Plot& plot,
                                const Variables& variables) const;

  std::string label_;
  Program program_;
  std::vector<Input> inputs_;
};

}  // namespace arrayspice
