// SPDX-License-Identifier: Apache-2.0
// `.control` blocks: op, dc, tran, run, print, meas, let, set numdgt, echo, quit. All
// lines are read before the first one runs; any other command is an error with its place,
// and none ever starts a program or writes a file.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tools/measurement.hpp"
#include "tools/vector_expression.hpp"

namespace arrayspice {

struct ControlStatement {
  enum class Kind { Analysis, Run, Print, Measure, Let, Digits, Echo, Quit };
  Kind kind = Kind::Run;
  std::optional<AnalysisCommand> analysis{};
  std::vector<VectorExpression> outputs{};  ///< of Print; of Let one
  std::optional<Measurement> measurement{};
  std::string text{};  ///< of Echo; the variable of Let
  int digits = 0;
};

class ControlScript {
 public:
  /// Nullopt after an error.
  static std::optional<ControlScript> read(const Netlist& netlist, ProbeTable& probes,
                                           Diagnostics& diagnostics);

  bool empty() const { return statements_.empty(); }
  /// The block runs at least one analysis itself.
  bool runs_analyses() const { return runs_deck() || contains(Kind::Analysis); }
  /// It runs the dot analyses.
  bool runs_deck() const { return contains(Kind::Run); }
  std::vector<AnalysisCommand> analyses() const;

  /// Of all its measures.
  void add_events(std::vector<RowFunction>& functions) const {
    for (const ControlStatement& s : statements_)
      if (s.measurement) s.measurement->add_events(functions);
  }

  struct Actions {
    std::function<Plot(const AnalysisCommand&)> analyse;
    std::function<Plot()> run_deck;  ///< the dot analyses; gives the last plot
  };
  /// Runs it; returns the number of measures that failed.
  std::size_t run(const Actions& actions) const;

 private:
  using Kind = ControlStatement::Kind;
  bool contains(Kind kind) const;

  std::vector<ControlStatement> statements_;
};

}  // namespace arrayspice
