// SPDX-License-Identifier: Apache-2.0
// The exported model as an .npz: schema aimc-behav/1, members as docs/line-model.md lists
// them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "behavior/accuracy.hpp"
#include "behavior/line_model.hpp"
#include "behavior/npz.hpp"
#include "netlists/arrays/spec.hpp"

namespace arrayspice {

inline constexpr std::string_view kModelSchema = "aimc-behav/1";
inline constexpr std::string_view kModelMeta = "meta.json";

/// Held-out circuit solves of arrays and inputs, each with its own weights.
struct TestSet {
  std::int64_t count = 0;
  std::vector<double> w;           ///< count x rows x columns, S
  std::vector<double> x;           ///< count x rows, V
  Matrix y;                        ///< count x columns, A: the circuit
  Matrix model;                    ///< count x columns, A: the model
  std::vector<std::string> kinds;  ///< per solve: which distribution it is from
};

struct ExportedModel {
  LineModel line;
  TestSet test;
  Accuracy accuracy;  ///< on the test set
  std::vector<double>
      convergence;  ///< NRMSE on the validation set after 1, 2, ... sweeps
  double table_error = 0.0;
  std::int64_t circuit_solves = 0;
};

/// What meta.json says beside the model itself.
struct ModelRecord {
  std::string spec_file;
  std::string command;
  std::string weights_file;
  double max_error = 0.0;
};

NpzContents model_contents(const ExportedModel& model, const ArraySpec& spec,
                           const ModelRecord& record);

/// The model of a file; throws Failure (Exit::Input) naming the member that is missing or
/// wrong. name is what messages call the file.
LineModel line_model_of(const NpzContents& contents, const std::string& name);

}  // namespace arrayspice
