// SPDX-License-Identifier: Apache-2.0
// What every verb that works on an array spec takes: SPEC, --set and --weights.
#pragma once

#include <optional>
#include <string>

#include "netlists/arrays/array.hpp"
#include "tools/verb.hpp"

namespace arrayspice {

struct ArrayArguments {
  std::string spec_file;
  std::string weights_file;  ///< empty when none were given
  ArraySpec spec;
  Matrix weights;  ///< checked against the spec; no rows when none were given
};

void declare_array_arguments(po::options_description& options,
                             po::positional_options_description& positional,
                             bool spec_is_required = true);

/// Reads the spec and the weights. Nothing when the spec has errors, which are then on
/// stderr; throws Failure for files that cannot be read and for an array beyond the
/// memory of this machine, of which memory() says what the job needs.
std::optional<ArrayArguments> read_array_arguments(
    const po::variables_map& given, double (*memory)(const ArraySpec&) = memory_needed);

/// Throws Failure when `needed` bytes are beyond --max-memory or this machine.
void require_memory(const ArraySpec& spec, double needed, const po::variables_map& given);

/// The command line again, as the record beside a result.
std::string command_text(std::string_view verb, const po::variables_map& given);

}  // namespace arrayspice
