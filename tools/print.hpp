// SPDX-License-Identifier: Apache-2.0
// Results on stdout: `name = value` lines and tables.
#pragma once

#include <string_view>
#include <vector>

#include "tools/output_expression.hpp"
#include "tools/plot.hpp"

namespace arrayspice {

/// Digits after the point; `set numdgt=` changes it.
inline constexpr int kDefaultDigits = 14;

void print_value(std::string_view name, double value, int digits = kDefaultDigits);

/// One line per output for a single point, else a table. A transient is interpolated to
/// multiples of the printing step, as ngspice does.
void print_outputs(const Plot& plot, const std::vector<OutputExpression>& outputs,
                   int digits = kDefaultDigits);

/// A table of columns of equal length after their index.
void print_table(const std::vector<std::string>& names,
                 const std::vector<std::vector<double>>& columns, int digits);

}  // namespace arrayspice
