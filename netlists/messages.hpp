// SPDX-License-Identifier: Apache-2.0
// Every message about input, each code once: the list behind docs/messages.md. A test
// checks that codes are unique. E01xx text, E02xx expressions, E03xx elements and models,
// E04xx analyses and options, E05xx files, E06xx array specs, E07xx array files; the same
// ranges with W are warnings.
#pragma once

#include "netlists/diagnostic.hpp"

namespace arrayspice::message {

inline constexpr Message kSyntax{"E0101",
                                 "a line does not have the form its command needs"};
inline constexpr Message kEncoding{"E0102", "bytes that are not UTF-8 outside a comment"};
inline constexpr Message kBadNumber{"E0103", "a number that is malformed or overflows"};
inline constexpr Message kNul{"E0104", "a NUL byte in a text file"};
inline constexpr Message kUnbalanced{"E0105", "a bracket or quote without its partner"};
inline constexpr Message kUnknownCard{"E0106", "a dot command that does not exist"};
inline constexpr Message kUnsupported{"E0107",
                                      "something SPICE knows and this program lacks"};
inline constexpr Message kStructure{"E0108", "block commands that do not pair up"};
inline constexpr Message kEmpty{"E0109", "a deck without elements"};

inline constexpr Message kExpression{"E0201", "an expression that cannot be parsed"};
inline constexpr Message kUndefinedName{"E0202",
                                        "a parameter or function without a value"};
inline constexpr Message kNotFinite{"E0203", "an expression whose value is not finite"};
inline constexpr Message kUndefinedProbe{
    "E0204", "an expression that refers to a voltage or current that is not there"};
inline constexpr Message kParameterCycle{"E0205",
                                         "parameters that are defined by each other"};

inline constexpr Message kUnknownElement{"E0301",
                                         "an element letter that does not exist"};
inline constexpr Message kMissingPart{"E0302",
                                      "an element without all its nodes and values"};
inline constexpr Message kUndefinedModel{"E0303", "a model that no .model card defines"};
inline constexpr Message kUndefinedSubcircuit{"E0304",
                                              "a subcircuit that is not defined"};
inline constexpr Message kRecursion{"E0305", "a subcircuit that contains itself"};
inline constexpr Message kDuplicateDevice{"E0306", "two devices of one name"};
inline constexpr Message kUnknownParameter{"E0307", "a parameter that the device lacks"};
inline constexpr Message kOutOfRange{"E0308", "a parameter outside its range"};
inline constexpr Message kWrongModel{"E0309",
                                     "a model of a type that the element cannot use"};
inline constexpr Message kWaveform{"E0310", "a source waveform with wrong arguments"};
inline constexpr Message kUndefinedDevice{"E0311",
                                          "a reference to a device that is missing"};
inline constexpr Message kUndefinedNode{"E0312", "a reference to a node that is missing"};
inline constexpr Message kRedefined{"E0313",
                                    "a subcircuit or model that is defined twice"};
inline constexpr Message kNodeCount{"E0314", "a number of nodes that does not fit"};
inline constexpr Message kContradiction{"E0315", "parameters that contradict each other"};
inline constexpr Message kTooDeep{"E0316", "subcircuits that are nested too deeply"};

inline constexpr Message kAnalysis{"E0401", "an analysis with wrong arguments"};
inline constexpr Message kUnknownOption{"E0402", "an option that does not exist"};
inline constexpr Message kOptionValue{"E0403",
                                      "an option with a value that it cannot take"};
inline constexpr Message kMeasure{"E0404", "a .measure that cannot be understood"};
inline constexpr Message kOutput{"E0405", "a .print or .save that cannot be understood"};
inline constexpr Message kControl{"E0406",
                                  "a control command that is unknown or not allowed"};
inline constexpr Message kIllPosed{
    "E0408", "a circuit without a unique solution, whatever the values of its elements"};
inline constexpr Message kNoAnalysis{"E0407", "a deck that asks for no analysis"};

inline constexpr Message kMissingFile{"E0501", "an included file that does not exist"};
inline constexpr Message kIncludeCycle{"E0502", "files that include each other"};
inline constexpr Message kNotRegular{"E0503", "something to be included that is no file"};
inline constexpr Message kSandbox{"E0504", "a file outside what --sandbox allows"};
inline constexpr Message kUndefinedSection{"E0505",
                                           "a .lib section that is not in the file"};
inline constexpr Message kTooLarge{"E0506", "more or larger files than can be read"};

inline constexpr Message kIgnored{"W0101", "something that has no effect here"};
inline constexpr Message kParameterRedefined{"W0201",
                                             "a parameter that is defined twice"};
inline constexpr Message kUnitTrap{"W0301",
                                   "a suffix that may not mean what it seems to"};
inline constexpr Message kSuspicious{"W0302", "a value that is allowed but unusual"};

inline constexpr Message kSpecSyntax{"E0601", "an array spec that is not TOML"};
inline constexpr Message kSpecUnknown{"E0602", "a section or key that no array spec has"};
inline constexpr Message kSpecType{"E0603", "a value of another type than its key needs"};
inline constexpr Message kSpecRange{"E0604", "a value outside what its key allows"};
inline constexpr Message kSpecMissing{"E0605", "a key without a default that is missing"};
inline constexpr Message kSpecContradiction{"E0606", "values that contradict each other"};

}  // namespace arrayspice::message
