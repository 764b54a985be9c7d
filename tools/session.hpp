// SPDX-License-Identifier: Apache-2.0
// Runs the analyses of one netlist. Every point goes to the plot that printing and
// measuring work on, and to the waveform file when there is one.
#pragma once

#include <optional>
#include <vector>

#include "netlists/netlist.hpp"
#include "solver/linear_solver.hpp"
#include "tools/all_results.hpp"
#include "tools/measurement.hpp"
#include "tools/output_expression.hpp"
#include "tools/plot.hpp"
#include "tools/probe_table.hpp"
#include "tools/timed_system.hpp"
#include "tools/waveform_writer.hpp"

namespace arrayspice {

/// What one analysis took, for `--stats`.
struct AnalysisReport {
  std::string title{};
  Summary summary{};  ///< sums and the worst of all points of a sweep
  std::size_t points = 0;
  bool has_power = false;
  double delivered = 0.0, dissipated = 0.0;  ///< W, of the last operating point
};

class Session {
 public:
  struct Options {
    LinearOptions linear;
    bool quiet = false;
    bool balance_power = false;  ///< visit every device after an operating point
  };

  Session(Netlist& netlist, ProbeTable& probes, Options options);

  /// Points are also written there from now on; all quantities when `saved` is empty.
  void write_to(WaveformWriter& writer, std::vector<OutputExpression> saved,
                ProbeTable& saved_probes);

  /// Transients have a time point where one of these functions of a row of the probes
  /// changes its sign. Probes that depend on the past are not a number there.
  void watch(std::vector<RowFunction> events) { events_ = std::move(events); }

  /// Runs one analysis; throws Failure (Exit::Numeric) when it cannot be computed.
  Plot run(const AnalysisCommand& command);

  const std::vector<AnalysisReport>& reports() const { return reports_; }
  const TimedSystem& system() const { return system_; }
  /// Statistics of the DC and the transient solver, where they were needed.
  std::vector<LinearStats> solver_stats() const;

 private:
  Plot run_op(const OpCommand& command);
  Plot run_dc(const DcCommand& command);
  Plot run_tran(const TranCommand& command);

  DirectSolver& dc_solver();
  DirectSolver& transient_solver();
  OperatingPointOptions operating_point_options() const;
  /// One operating point; counts into the report, throws when there is none.
  void solve(const OperatingPointOptions& options, const std::string& what,
             std::vector<double>& x);
  void sweep_inner(const DcCommand& command, const std::string& outer, Env env,
                   std::vector<double>& x, Plot& plot);
  void begin(Plot& plot, const char* kind, std::string title, std::string scale,
             const char* scale_type);
  void record(const Point& point, Plot& plot);
  std::vector<EventFunction> event_functions(const Env& env);
  void balance_power(std::span<const double> x, const Env& env);

  Netlist& netlist_;
  ProbeTable& probes_;
  Options options_;
  TimedSystem system_;
  std::vector<ConservedCharge> conserved_, conserved_before_transient_;
  std::optional<DirectSolver> dc_, transient_;
  std::vector<AnalysisReport> reports_;

  WaveformWriter* writer_ = nullptr;
  std::vector<OutputExpression> saved_;
  ProbeTable* saved_probes_ = nullptr;
  std::optional<AllResults> all_;  ///< when nothing was chosen
  std::vector<double> saved_row_, file_row_;
  std::vector<RowFunction> events_;
};

}  // namespace arrayspice
