// SPDX-License-Identifier: Apache-2.0
// The exported model as an .npz: schema aimc-behav/1, members as docs/line-model.md lists
// them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "behavior/accuracy.hpp"
#include "behavior/anchored_model.hpp"
#include "behavior/line_model.hpp"
#include "behavior/model_record.hpp"
#include "behavior/npz.hpp"
#include "behavior/test_set.hpp"
#include "netlists/arrays/spec.hpp"

namespace arrayspice {

enum class Tier : std::uint8_t {
  Frozen,    ///< one matrix: given weights, ohmic cells
  Coral,     ///< matrix products: inputs from 0
  Anchored,  ///< sweeps from an anchored start
  Line,      ///< sweeps from the inputs
};
inline constexpr std::array kTiers{Tier::Frozen, Tier::Coral, Tier::Anchored, Tier::Line};
std::string_view tier_name(Tier tier);  ///< "frozen", "coral", "awl", "line"

/// Errors of a simple model on the same held-out solves.
struct Baseline {
  std::string name;
  Accuracy accuracy;
  double nonideality = 0.0;
};

inline constexpr std::array kCoralProducts{8, 12, 16};

struct ExportedModel {
  LineModel line;
  std::optional<AnchoredSettings> anchored = {};
  Tier tier = Tier::Line;      ///< that test.model, accuracy and convergence are of
  int products = 0;            ///< of CORAL
  Matrix frozen_weights = {};  ///< rows x columns, S; of the frozen tier
  Matrix frozen = {};          ///< rows x columns, S: I = V^T frozen
  TestSet test = {};
  Accuracy accuracy = {};  ///< on the test set
  double nonideality = 0.0;
  /// NRMSE on the validation set after 1, 2, ... sweeps of the tier; CORAL: with the
  /// numbers of products in kCoralProducts.
  std::vector<double> convergence = {};
  /// Relative, on held-out vectors; nothing where the circuit's gradient is not known.
  std::optional<double> gradient_by_conductance = {}, gradient_by_input = {};
  std::vector<Baseline> baselines = {};
  /// Largest WarmStart::activity on the held-out vectors, at least 1.
  double activity = 1.0;
  double table_error = 0.0;
  std::int64_t circuit_solves = 0;

  /// Sweeps, or products, that the tier takes.
  int cost() const;
  /// Inputs below 0 V are modelled too.
  bool has_both_signs() const { return tier != Tier::Coral; }
};

/// Outputs (batch x columns) of the model's tier; inputs are (batch x rows). Of pairs
/// both are those of the cells that are built (netlists/arrays/pairs.hpp).
Matrix model_outputs(const ExportedModel& model, const Matrix& conductances,
                     const Matrix& inputs);

NpzContents model_contents(const ExportedModel& model, const ArraySpec& spec,
                           const ModelRecord& record);

/// The model of a file; throws Failure (Exit::Input) naming the member that is missing or
/// wrong. name is what messages call the file.
LineModel line_model_of(const NpzContents& contents, const std::string& name);
/// Nothing for a file without that tier.
std::optional<AnchoredSettings> anchored_settings_of(const NpzContents& contents,
                                                     const std::string& name);
/// 0 for a file without CORAL.
int coral_products_of(const NpzContents& contents, const std::string& name);

}  // namespace arrayspice
