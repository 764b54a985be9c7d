// SPDX-License-Identifier: Apache-2.0
// What other tools take instead of a model: circuit solves to fit a surrogate on, and
// tables of states and outputs.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "behavior/model_file.hpp"
#include "netlists/arrays/spec.hpp"

namespace arrayspice {

/// Solves of `count` random arrays and inputs, of all kinds in turn; model is empty. They
/// are none of those that a model is chosen or judged on.
TestSet make_dataset(const ArraySpec& spec, std::int64_t count, const Matrix& weights,
                     int threads, const std::function<void(double)>& progress);

/// A folder with V.npy (n, rows), G.npy (n, rows, columns), I.npy and I_ideal.npy
/// (n, columns) in SI units, and meta.json.
void write_dataset_folder(const std::filesystem::path& path, const TestSet& set,
                          const ArraySpec& spec, const std::string& command);

/// A folder with the files that NeuroSim reads: mem_states.csv (states,mean,std: S) and
/// output_noise.csv (output,mean,std: codes), and meta.json that says how codes and
/// currents belong together.
void write_neurosim_folder(const std::filesystem::path& path, const ExportedModel& model,
                           const ArraySpec& spec, const std::string& command);

}  // namespace arrayspice
