// SPDX-License-Identifier: Apache-2.0
// The front door: finds the verb, parses its options, turns every failure into one line
// on stderr and an exit code.
#pragma once

#include <span>
#include <string>

#include "tools/verb.hpp"

namespace arrayspice {

/// Runs the program with the arguments after its name.
Exit run_command_line(std::span<const std::string> arguments);

/// The options of a verb with those that all verbs have, as `--help` shows them.
po::options_description options_of(const Verb& verb);

}  // namespace arrayspice
