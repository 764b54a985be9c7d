// SPDX-License-Identifier: Apache-2.0
// From a spec of any type to a validated readout table: measure what one cell brings, fit
// tables on one set of circuit solves, choose among them on a second, judge on a third.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "behavior/accuracy.hpp"
#include "behavior/fit_model.hpp"
#include "behavior/readout_effects.hpp"
#include "behavior/readout_model.hpp"
#include "behavior/test_set.hpp"
#include "netlists/arrays/spec.hpp"

namespace arrayspice {

/// Standard deviation over chips and columns of the line that leads from nominal outputs
/// to those of a chip.
struct ColumnSpread {
  double gain = 0.0, offset = 0.0;  ///< 1, and the outputs' unit
  double residual = 0.0;            ///< rms around those lines, outputs' unit
};

struct ReadoutExport {
  ReadoutModel model;
  TestSet test;
  Accuracy accuracy;        ///< on the test set, relative to full_scale
  double full_scale = 0.0;  ///< range of the test set's outputs
  double validation = 0.0;  ///< NRMSE that the table was chosen by
  struct Rival {
    std::string name;
    double nrmse;  ///< on the test set, of full scale
  };
  std::vector<Rival>
      rivals;  ///< ideal (with the best gain and offset), one gain and offset
  std::optional<ColumnSpread> spread;  ///< of a spec with variation
  std::optional<SettlingCurve> settling;
  std::vector<double> noise;  ///< per column, outputs' unit; empty: none
  std::optional<ConverterTable> converter;
  std::int64_t circuit_solves = 0;
};

inline constexpr double kReadoutAim = 1e-4;

/// Throws Failure: Exit::Input for options that do not fit, Exit::Numeric when the error
/// stays above the bound (the message says what was reached).
ReadoutExport fit_readout(
    const ArraySpec& spec, const FitOptions& options,
    const std::function<void(const std::string&, double)>& progress);

}  // namespace arrayspice
