// SPDX-License-Identifier: Apache-2.0
#include "tools/session.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "netlists/failure.hpp"
#include "tools/floating_charges.hpp"
#include "tools/progress.hpp"
#include "tools/swept_value.hpp"

namespace arrayspice {

namespace {

constexpr double kZeroCelsius = 273.15;

const char* remedy(Outcome outcome) {
  switch (outcome) {
    case Outcome::Singular:
      return "give every node a DC path to ground, every loop of voltage sources a "
             "resistance";
    case Outcome::NotFinite:
      return "check the expressions of behavioural sources for divisions by zero and "
             "overflows";
    case Outcome::StepTooSmall:
      return "soften abrupt edges, add a small capacitance at the nodes named, or loosen "
             "reltol";
    default:
      return "give .nodeset near the expected solution, or raise itl1 with .options";
  }
}

[[noreturn]] void give_up(const std::string& what, const Summary& summary) {
  throw Failure(Exit::Numeric, fmt::format("{}: {}; remedy: {}", what, summary.message,
                                           remedy(summary.outcome)));
}

/// Counts add up, the worst stays.
void merge(Summary& into, const Summary& from) {
  into.iterations += from.iterations;
  into.steps += from.steps;
  into.rejected_error += from.rejected_error;
  into.rejected_convergence += from.rejected_convergence;
  into.rung = std::max(into.rung, from.rung);
  into.added_gmin = std::max(into.added_gmin, from.added_gmin);
  if (from.worst_residual >= into.worst_residual) {
    into.worst_residual = from.worst_residual;
    into.worst_residual_at = from.worst_residual_at;
  }
  if (!from.message.empty()) into.message = from.message;
}

}  // namespace

Session::Session(Netlist& netlist, ProbeTable& probes, Options options)
    : netlist_(netlist),
      probes_(probes),
      options_(options),
      system_(*netlist.circuit),
      conserved_(conserved_charges(netlist, false)),
      conserved_before_transient_(conserved_charges(netlist, true)) {}

void Session::write_to(WaveformWriter& writer, std::vector<OutputExpression> saved,
                       ProbeTable& saved_probes) {
  writer_ = &writer;
  saved_ = std::move(saved);
  saved_probes_ = &saved_probes;
  if (saved_.empty()) all_.emplace(*netlist_.circuit);
}

DirectSolver& Session::dc_solver() {
  const bool has_charges = !conserved_.empty() || !conserved_before_transient_.empty();
  if (!dc_)
    dc_.emplace(system_.pattern(), options_.linear,
                has_charges ? std::span<const std::uint8_t>() : system_.conductive());
  return *dc_;
}

DirectSolver& Session::transient_solver() {
  if (!transient_) transient_.emplace(system_.pattern(), options_.linear);
  return *transient_;
}

std::vector<LinearStats> Session::solver_stats() const {
  std::vector<LinearStats> stats;
  if (dc_) stats.push_back(dc_->stats());
  if (transient_) stats.push_back(transient_->stats());
  return stats;
}

OperatingPointOptions Session::operating_point_options() const {
  OperatingPointOptions options;
  options.tolerances = netlist_.options.tolerances;
  options.env.temperature = netlist_.options.temperature + kZeroCelsius;
  options.nodeset = netlist_.nodeset;
  options.conserved = conserved_;
  return options;
}

void Session::solve(const OperatingPointOptions& options, const std::string& what,
                    std::vector<double>& x) {
  const Summary summary = operating_point(system_, dc_solver(), options, x);
  if (!summary.ok()) give_up(what, summary);
  merge(reports_.back().summary, summary);
  system_.accept(x, options.env);
}

void Session::begin(Plot& plot, const char* kind, std::string title, std::string scale,
                    const char* scale_type) {
  plot.kind = kind;
  plot.title = std::move(title);
  plot.scale_name = std::move(scale);
  plot.width = probes_.size();
  probes_.start();
  netlist_.circuit->reset_states();
  reports_.push_back({.title = plot.title});
  if (!writer_) return;
  const std::size_t scales = plot.scale_name.empty() ? 0 : 1;
  const auto column = [&](std::size_t k) -> Column {
    if (k < scales) return {plot.scale_name, scale_type};
    if (all_) return all_->column(k - scales);
    return {saved_[k - scales].label, saved_[k - scales].type};
  };
  saved_probes_->start();
  writer_->begin(
      {plot.kind, plot.title, scales + (all_ ? all_->size() : saved_.size()), column});
}

void Session::record(const Point& point, Plot& plot) {
  plot.scale.push_back(point.scale);
  plot.values.resize(plot.values.size() + plot.width);
  probes_.read(point, std::span(plot.values).last(plot.width));
  ++reports_.back().points;
  if (!writer_) return;
  file_row_.clear();
  if (!plot.scale_name.empty()) file_row_.push_back(point.scale);
  if (all_) {
    file_row_.resize(file_row_.size() + all_->size());
    all_->read(point.x, std::span(file_row_).last(all_->size()));
  } else {
    saved_row_.resize(saved_probes_->size());
    saved_probes_->read(point, saved_row_);
    for (const OutputExpression& output : saved_)
      file_row_.push_back(output.value(saved_row_));
  }
  writer_->row(file_row_);
}

std::vector<EventFunction> Session::event_functions(const Env& env) {
  std::vector<EventFunction> functions;
  for (const RowFunction& event : events_)
    functions.push_back([this, &event, env, row = std::vector<double>(probes_.size())](
                            double t, std::span<const double> x) mutable {
      probes_.read_memoryless({t, x, env}, row);
      return event(row);
    });
  return functions;
}

/// Power that sources deliver and everything else takes up, over all pins that are nodes.
void Session::balance_power(std::span<const double> x, const Env& env) {
  if (!options_.balance_power) return;
  const Circuit& circuit = *netlist_.circuit;
  AnalysisReport& report = reports_.back();
  report.has_power = true;
  report.delivered = report.dissipated = 0.0;
  std::vector<double> f, q;
  for (BlockId b = 0; b < circuit.blocks(); ++b) {
    const DeviceBlock& block = circuit.block(b);
    const DeviceType& type = block.type();
    double power = 0.0;
    for (InstanceId k = 0; k < block.size(); ++k) {
      const auto pins = block.pins(k);
      f.resize(pins.size());
      q.resize(pins.size());
      block.pin_residual(k, x, env, f, q);
      for (std::size_t p = 0; p < pins.size(); ++p)
        if (circuit.quantity(pins[p]) == Quantity::Voltage) power += x[pins[p]] * f[p];
    }
    const bool is_source = is_independent_source(type);
    (is_source ? report.delivered : report.dissipated) += is_source ? -power : power;
  }
}

Plot Session::run(const AnalysisCommand& command) {
  Plot plot;
  if (const auto* op = std::get_if<OpCommand>(&command.what)) plot = run_op(*op);
  if (const auto* dc = std::get_if<DcCommand>(&command.what)) plot = run_dc(*dc);
  if (const auto* tran = std::get_if<TranCommand>(&command.what)) plot = run_tran(*tran);
  if (writer_) writer_->end();
  return plot;
}

Plot Session::run_op(const OpCommand&) {
  Plot plot;
  begin(plot, "op", "Operating Point", "", "");
  const OperatingPointOptions options = operating_point_options();
  std::vector<double> x(system_.unknowns(), 0.0);
  solve(options, "operating point", x);
  Env env = options.env;
  env.gmin = options.tolerances.gmin;
  balance_power(x, env);
  record({0.0, x, env}, plot);
  return plot;
}

Plot Session::run_dc(const DcCommand& command) {
  Plot plot;
  const DcCommand::Sweep& inner = command.sweeps.front();
  begin(plot, "dc", "DC transfer characteristic",
        SweptValue::scale_name(inner, *netlist_.circuit),
        SweptValue::scale_type(inner, *netlist_.circuit));
  plot.first = inner.start;
  plot.last = inner.stop;
  Env env = operating_point_options().env;
  std::vector<double> x(system_.unknowns(), 0.0);
  if (command.sweeps.size() == 1) {
    sweep_inner(command, "", env, x, plot);
    return plot;
  }
  const DcCommand::Sweep& outer = command.sweeps[1];
  SweptValue swept(outer, *netlist_.circuit);
  for (std::size_t k = 0; k < swept.points(); ++k) {
    swept.set(k, env);
    sweep_inner(command, fmt::format("{} = {:g}, ", outer.name, swept.value(k)), env, x,
                plot);
  }
  return plot;
}

/// x: where the search for the first point starts, and its solution.
void Session::sweep_inner(const DcCommand& command, const std::string& outer, Env env,
                          std::vector<double>& x, Plot& plot) {
  const DcCommand::Sweep& sweep = command.sweeps.front();
  SweptValue swept(sweep, *netlist_.circuit);
  ProgressLine progress("dc", options_.quiet);
  OperatingPointOptions options = operating_point_options();
  options.env = env;
  std::vector<double> here = x;
  for (std::size_t k = 0; k < swept.points(); ++k) {
    swept.set(k, options.env);
    options.is_sweep_point = plot.points() > 0;
    if (options.is_sweep_point) options.nodeset.clear();
    solve(options,
          fmt::format("dc sweep at {}{} = {:g}", outer, sweep.name, swept.value(k)),
          here);
    if (k == 0) x = here;
    Env at = options.env;
    at.gmin = options.tolerances.gmin;
    if (k + 1 == swept.points()) balance_power(here, at);
    record({swept.value(k), here, at}, plot);
    progress.update(static_cast<double>(k + 1) / static_cast<double>(swept.points()));
  }
}

Plot Session::run_tran(const TranCommand& command) {
  Plot plot;
  begin(plot, "tran", "Transient Analysis", "time", "time");
  plot.print_step = command.step;
  plot.first = command.start;
  plot.last = command.stop;
  OperatingPointOptions start = operating_point_options();
  start.env.transient = true;
  start.forced = netlist_.initial_conditions;
  start.conserved = conserved_before_transient_;
  std::vector<double> x(system_.unknowns(), 0.0);
  if (command.use_initial_conditions) {
    for (const auto& [node, value] : netlist_.initial_conditions) x[node] = value;
  } else {
    solve(start, "operating point before the transient", x);
    Env env = start.env;
    env.gmin = start.tolerances.gmin;
    balance_power(x, env);
  }
  TransientOptions options{.tolerances = start.tolerances,
                           .env = start.env,
                           .step = command.step,
                           .stop = command.stop,
                           .start = command.start,
                           .max_step = command.max_step,
                           .use_initial_conditions = command.use_initial_conditions,
                           .method = netlist_.options.formula()};
  Env env = start.env;
  env.gmin = start.tolerances.gmin;
  options.events = event_functions(env);
  ProgressLine progress("tran", options_.quiet);
  const Summary summary = transient(system_, transient_solver(), options, x,
                                    [&](double t, std::span<const double> at) {
                                      env.time = t;
                                      record({t, at, env}, plot);
                                      progress.update(t / command.stop);
                                      return true;
                                    });
  if (!summary.ok()) give_up("transient", summary);
  merge(reports_.back().summary, summary);
  return plot;
}

}  // namespace arrayspice
