// SPDX-License-Identifier: Apache-2.0
// From a spec to a validated model: measure the cell, choose tier and number of sweeps on
// one set of circuit solves, judge the model on another.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "behavior/model_file.hpp"
#include "netlists/arrays/spec.hpp"

namespace arrayspice {

struct FitOptions {
  /// NRMSE that the model must reach; the fewest sweeps that do are taken. Nothing: aims
  /// at kAimedError with at most kThriftySweeps, and accepts kAcceptedError.
  std::optional<double> max_error;
  std::optional<Tier> tier;  ///< nothing: the one with the fewest sweeps
  int threads = 1;           ///< the result does not depend on it
  Matrix weights;            ///< the user's, for test arrays like his; no rows: none
};
inline constexpr double kAimedError = 1e-6, kAcceptedError = 1e-3;
inline constexpr int kThriftySweeps = 12, kMostSweeps = 60;
inline constexpr std::int64_t kTestSolves = 40, kValidationSolves = 15;
/// Of these, how many are judged by their gradient.
inline constexpr std::int64_t kGradientSolves = 5;

/// Crossbars whose outputs are currents at (nearly) constant voltage, with or without
/// pairs.
bool has_line_model(const ArraySpec& spec);

/// Throws Failure: Exit::Input for an array without such a model, Exit::Numeric when the
/// error stays above the bound (the message says what was reached).
ExportedModel fit_model(const ArraySpec& spec, const FitOptions& options,
                        const std::function<void(const std::string&, double)>& progress);

}  // namespace arrayspice
