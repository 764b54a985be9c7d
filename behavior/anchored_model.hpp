// SPDX-License-Identifier: Apache-2.0
// AWL-k: k line sweeps from a predicted state instead of w = V, b = 0 (docs/models.md has
// the equations). For every set of conductances the prediction is made from a few anchor
// inputs that are swept to their solution; it needs no circuit solve and no training.
//
//   LineArray array(model, conductances);
//   const WarmStart start(settings, array);
//   start.start(input, array);
//   for (...) array.sweep();
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "behavior/line_model.hpp"
#include "netlists/arrays/spec.hpp"

namespace arrayspice {

struct AnchoredSettings {
  int sweeps = 1;          ///< k
  int adjoint_sweeps = 2;  ///< of the transposed equations, for gradients
  int anchor_sweeps = 3;
  Matrix anchors;                    ///< anchors x rows, V
  Matrix modes;                      ///< modes of an unloaded bit line x rows
  std::vector<double> levels;        ///< V, from 0 to the largest input
  std::vector<double> start_levels;  ///< V, from 0
};

/// Why there is no such start for these wires; empty: there is.
std::string why_not_anchored(const LineModel& model);

/// Anchors of every kind of data with inputs from 0 to input.maximum.
AnchoredSettings anchored_settings(const ArraySpec& spec, const LineModel& model);

class WarmStart {
 public:
  /// Leaves the array in some state. It may be used with this array alone.
  WarmStart(const AnchoredSettings& settings, LineArray& array);
  ~WarmStart();
  WarmStart(WarmStart&&) noexcept;

  /// Puts the array into the predicted state.
  void start(std::span<const double> input, LineArray& array) const;
  /// The largest column state of an input over that of the anchors: above 1 the
  /// prediction extrapolates.
  double activity(std::span<const double> input) const;

  struct Parts;  // warm_start.hpp
  const Parts& parts() const { return *parts_; }

 private:
  std::unique_ptr<Parts> parts_;
};

/// Outputs (batch x columns) of an array after settings.sweeps; inputs are (batch x
/// rows).
Matrix anchored_outputs(const LineModel& model, const AnchoredSettings& settings,
                        const Matrix& conductances, const Matrix& inputs);

}  // namespace arrayspice
