// SPDX-License-Identifier: Apache-2.0
// An exported readout table as the members of a file: schema aimc-behav/1, members as
// docs/models.md lists them.
#pragma once

#include <string>
#include <string_view>

#include "behavior/fit_readout.hpp"
#include "behavior/model_record.hpp"
#include "behavior/npz.hpp"

namespace arrayspice {

/// What meta.json calls this kind of model.
inline constexpr std::string_view kReadoutTier = "readout";

NpzContents readout_contents(const ReadoutExport& model, const ArraySpec& spec,
                             const ModelRecord& record);

/// The model of a file; throws Failure (Exit::Input) naming the member that is missing or
/// wrong. second is meta.json's readout.second; name is what messages call the file.
ReadoutModel readout_model_of(const NpzContents& contents, const std::string& second,
                              const std::string& name);

}  // namespace arrayspice
