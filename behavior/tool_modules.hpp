// SPDX-License-Identifier: Apache-2.0
// Python modules that bring an exported model into aihwkit and CrossSim, which have no
// file format for one. Each carries the model and what runs it.
#pragma once

#include <filesystem>
#include <string>

#include "behavior/model_file.hpp"

namespace arrayspice {

/// The text of a module with noise model, fitted parameters and an analog tile.
std::string aihwkit_module(const ExportedModel& model, const ArraySpec& spec,
                           const ModelRecord& record);

/// A folder with crosssim.json (parameters) and crosssim_model.py (device, converter and
/// array classes), and meta.json.
void write_crosssim_folder(const std::filesystem::path& path, const ExportedModel& model,
                           const ArraySpec& spec, const ModelRecord& record);

}  // namespace arrayspice
