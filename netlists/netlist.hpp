// SPDX-License-Identifier: Apache-2.0
// A deck, read and elaborated: the circuit and what the deck asks to be done with it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "devices/circuit.hpp"
#include "netlists/diagnostic.hpp"
#include "netlists/expression.hpp"
#include "solver/analysis.hpp"

namespace arrayspice {

struct OpCommand {};

struct DcCommand {
  struct Sweep {
    enum class Kind { Source, Resistor, Temperature } kind = Kind::Source;
    DeviceId device = kNoDevice;
    std::string name;  ///< as written, lower case
    double start = 0.0, stop = 0.0, step = 0.0;
  };
  std::vector<Sweep> sweeps;  ///< innermost first, one or two
};

struct TranCommand {
  double step = 0.0, stop = 0.0, start = 0.0, max_step = 0.0;
  bool use_initial_conditions = false;
};

struct AnalysisCommand {
  Location where;
  std::variant<OpCommand, DcCommand, TranCommand> what;
};

/// A line kept as text for the program that runs the deck (`.print`, `.save`, `.measure`,
/// lines of a `.control` block): blanks folded, comments removed, case kept.
struct TextCommand {
  Location where;
  std::string text;
};

/// `.options`, `.temp`: what the deck sets; everything else keeps its default.
struct DeckOptions {
  Tolerances tolerances;
  Method method = Method::TrBdf2;
  int highest_order = 2;      ///< `maxord`; 1: backward Euler, whatever the method
  bool is_damped = false;     ///< `xmu` below 1/2
  Location damping_given_at;  ///< of `xmu`
  Method formula() const { return highest_order == 1 ? Method::BackwardEuler : method; }
  double temperature = 27.0;          ///< degC, `.temp` or `.options temp=`
  double nominal_temperature = 27.0;  ///< degC, `tnom`
  std::vector<std::pair<std::string, double>> given;  ///< as written, for the record
};

struct Netlist {
  std::string title;
  std::unique_ptr<Circuit> circuit;  ///< finalized
  std::vector<AnalysisCommand> analyses;
  std::vector<TextCommand> prints, saves, measures, control;
  std::vector<NodeValue> initial_conditions;  ///< `.ic`
  std::vector<NodeValue> nodeset;
  DeckOptions options;
  std::shared_ptr<const NameScope> parameters;  ///< top-level `.param` and `.func`
  std::size_t elements = 0;
  double parse_seconds = 0.0, elaborate_seconds = 0.0;
};

struct ReadOptions {
  std::vector<std::filesystem::path> include_paths;
  bool sandbox = false;  ///< read only below the deck's folder and the include paths
  std::vector<std::pair<std::string, double>> parameters;  ///< -D name=value
  std::size_t max_memory = 0;  ///< bytes, 0: no limit; checked before expansion
};

/// Reads, parses and elaborates a deck. Nullopt when there was an error; `diagnostics`
/// then says which, with places in `sources`.
std::optional<Netlist> read_netlist(const std::filesystem::path& deck,
                                    const ReadOptions& options, Sources& sources,
                                    Diagnostics& diagnostics);

/// The same for a text in memory (tests); includes resolve relative to `directory`.
std::optional<Netlist> read_netlist_text(std::string text, const std::string& name,
                                         const std::filesystem::path& directory,
                                         const ReadOptions& options, Sources& sources,
                                         Diagnostics& diagnostics);

/// Parses an analysis line (`op`, `dc v1 0 1 0.1`, `tran 1n 1u uic`, with or without the
/// leading dot) against the circuit; used for dot cards and for lines of `.control`.
std::optional<AnalysisCommand> parse_analysis(std::string_view text, Location where,
                                              const Circuit& circuit,
                                              const NameScope& scope,
                                              Diagnostics& diagnostics);

}  // namespace arrayspice
