// SPDX-License-Identifier: Apache-2.0
#include "tools/deck_run.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <set>

#include "devices/topology.hpp"
#include "netlists/messages.hpp"
#include "netlists/version.hpp"
#include "tools/control.hpp"
#include "tools/deck_outputs.hpp"
#include "tools/heap.hpp"
#include "tools/session.hpp"
#include "tools/statistics.hpp"

namespace arrayspice {

namespace {

class DeckRun {
 public:
  explicit DeckRun(const DeckRunOptions& options) : options_(options) {}

  Exit run() {
    const HeapWarmer warmer(heap_to_warm());
    auto netlist = read_netlist(options_.deck, options_.read, sources_, diagnostics_);
    if (!netlist) return refuse();
    netlist_ = std::move(*netlist);
    probes_.emplace(*netlist_.circuit);
    saved_probes_.emplace(*netlist_.circuit);
    if (!read_commands()) return refuse();
    show_diagnostics();
    if (!topology_is_sound()) return Exit::Numeric;
    if (options_.no_run) return print_size();
    run_analyses();
    if (writer_) writer_->finish();
    if (options_.stats) print_statistics();
    return failed_ > 0 ? Exit::Numeric : Exit::Done;
  }

 private:
  /// What a deck of elements takes at least, by the length of its text. A second thread
  /// and memory that may not be used after all: both must be allowed.
  std::uintmax_t heap_to_warm() const {
    constexpr std::uintmax_t kWorthIt = 1 << 20, kPerByte = 14;
    if (options_.threads < 2 || options_.no_run || options_.read.max_memory > 0) return 0;
    std::error_code none;
    const auto size = std::filesystem::file_size(options_.deck, none);
    return none || size < kWorthIt ? 0 : kPerByte * size;
  }

  /// Notes and warnings are for the user who did not ask for quiet; errors always.
  void show_diagnostics() {
    for (const Diagnostic& d : diagnostics_.all())
      if (d.severity == Severity::Error || !options_.quiet)
        fmt::print(stderr, "{}\n", render(d, sources_));
    if (diagnostics_.warnings() > Diagnostics::kMost && !options_.quiet)
      fmt::print(stderr, "warning: {} warnings in all; the first {} are shown\n",
                 diagnostics_.warnings(), Diagnostics::kMost);
    if (diagnostics_.errors() > Diagnostics::kMost)
      fmt::print(stderr, "error: {} errors in all; the first {} are shown\n",
                 diagnostics_.errors(), Diagnostics::kMost);
  }

  Exit refuse() {
    show_diagnostics();
    const bool too_large = std::any_of(
        diagnostics_.all().begin(), diagnostics_.all().end(),
        [](const Diagnostic& d) { return d.code == message::kTooLarge.code; });
    return too_large ? Exit::Resource : Exit::Input;
  }

  /// Results that go nowhere else are listed; a listing of a large circuit is expensive.
  bool needs_listing() const { return options_.output.empty() && !options_.no_run; }

  bool read_commands() {
    control_ = ControlScript::read(netlist_, *probes_, diagnostics_);
    outputs_ = DeckOutputs::read(netlist_, *probes_, !needs_listing(), diagnostics_);
    for (const TextCommand& save : netlist_.saves)
      if (auto read = read_output_command(save, netlist_, *saved_probes_, diagnostics_))
        std::move(read->outputs.begin(), read->outputs.end(), std::back_inserter(saved_));
    if (netlist_.analyses.empty() && control_ && !control_->runs_analyses() &&
        !diagnostics_.has_errors())
      diagnostics_.error(message::kNoAnalysis, {1, 0, 1},
                         "the deck asks for no analysis; add .op, .dc or .tran");
    if (diagnostics_.has_errors()) return false;
    warn_of_what_is_not_run();
    return true;
  }

  /// A `.control` block that runs analyses of its own leaves those of the deck to `run`.
  void warn_of_what_is_not_run() {
    std::set<std::string> printed, measured;
    const bool runs_deck = control_->runs_deck() || !control_->runs_analyses();
    if (runs_deck)
      for (const AnalysisCommand& command : netlist_.analyses)
        printed.insert(analysis_name(command));
    measured = printed;
    for (const AnalysisCommand& command : control_->analyses())
      measured.insert(analysis_name(command));
    outputs_->warn_of_missing(printed, measured, diagnostics_);
    if (runs_deck) return;
    for (const AnalysisCommand& command : netlist_.analyses)
      diagnostics_.warning(message::kIgnored, command.where,
                           "this analysis is not run: the .control block runs its own; "
                           "'run' there runs those of the deck");
  }

  static const char* analysis_name(const AnalysisCommand& command) {
    static constexpr const char* kNames[] = {"op", "dc", "tran"};
    return kNames[command.what.index()];
  }

  /// Every way in which an operating point or a start from given charges is needed.
  bool topology_is_sound() {
    std::vector<AnalysisCommand> all = control_->analyses();
    all.insert(all.end(), netlist_.analyses.begin(), netlist_.analyses.end());
    std::vector<UnknownId> held;
    for (const NodeValue& v : netlist_.initial_conditions) held.push_back(v.first);
    std::set<std::string> said;
    for (const AnalysisCommand& command : all) {
      const auto* tran = std::get_if<TranCommand>(&command.what);
      TopologyOptions check;
      if (tran) check.held = held;
      check.charges_are_given = tran && tran->use_initial_conditions;
      for (const TopologyFinding& finding : check_topology(*netlist_.circuit, check))
        if (said.insert(finding.sentence).second) show_finding(finding);
    }
    return said.empty();
  }

  /// With the place of the first device that is named.
  void show_finding(const TopologyFinding& finding) {
    Location where;
    if (!finding.devices.empty())
      where = unpack(netlist_.circuit->device_tag(finding.devices.front()));
    const Diagnostic d{
        Severity::Error, message::kIllPosed.code, where, finding.sentence, {}};
    fmt::print(stderr, "{}\n", render(d, sources_));
  }

  Exit print_size() {
    const Circuit& circuit = *netlist_.circuit;
    std::size_t nodes = 0;
    for (UnknownId u = 1; u < circuit.unknowns(); ++u) nodes += circuit.is_node(u);
    fmt::print("elements = {}\nnodes = {}\nunknowns = {}\nnonzeros = {}\n",
               netlist_.elements, nodes, circuit.unknowns() - 1,
               circuit.pattern().nonzeros() - 1);
    return Exit::Done;
  }

  void run_analyses() {
    const bool balance = options_.stats;
    session_.emplace(netlist_, *probes_,
                     Session::Options{options_.linear, options_.quiet, balance});
    if (!options_.output.empty()) {
      writer_ = make_waveform_writer(options_.format, options_.output, provenance());
      session_->write_to(*writer_, std::move(saved_), *saved_probes_);
    }
    std::vector<RowFunction> events;
    outputs_->add_events(events);
    control_->add_events(events);
    session_->watch(std::move(events));
    failed_ +=
        control_->run({[&](const AnalysisCommand& c) { return analyse_and_measure(c); },
                       [&] { return run_deck_analyses(); }});
    if (!control_->runs_analyses()) run_deck_analyses();
    failed_ += outputs_->failed_measures();
    report_added_gmin();
  }

  Plot analyse(const AnalysisCommand& command) {
    Plot plot = session_->run(command);
    if (options_.verbose && !options_.stats)
      fmt::print(stderr, "{}", analysis_statistics(netlist_, session_->reports().back()));
    return plot;
  }

  /// `.measure` follows every analysis of its kind, `.print` only those of the deck.
  Plot analyse_and_measure(const AnalysisCommand& command) {
    Plot plot = analyse(command);
    outputs_->measure(plot);
    return plot;
  }

  Plot run_deck_analyses() {
    Plot last;
    for (const AnalysisCommand& command : netlist_.analyses) {
      last = analyse(command);
      if (!writer_ && !outputs_->shows(last.kind) && !options_.quiet)
        fmt::print(
            stderr,
            "warning: nothing of the {} analysis is shown; add .print, .measure or "
            "-o FILE\n",
            last.kind);
      outputs_->report(last);
    }
    return last;
  }

  /// A solution that needed help is not the circuit's own: said whether asked or not.
  void report_added_gmin() const {
    for (const AnalysisReport& report : session_->reports())
      if (report.summary.added_gmin > netlist_.options.tolerances.gmin)
        fmt::print(stderr, "warning: {}: {}\n", report.title, report.summary.message);
  }

  void print_statistics() const {
    const std::chrono::duration<double> total = std::chrono::steady_clock::now() - start_;
    std::fflush(stdout);
    fmt::print(stderr, "{}", statistics(netlist_, *session_, total.count()));
  }

  Provenance provenance() const {
    uLong crc = ::crc32(0, nullptr, 0);
    for (std::uint16_t file = 1; file <= sources_.size(); ++file) {
      const std::string_view text = sources_.text(file);
      crc = ::crc32_z(crc, reinterpret_cast<const Bytef*>(text.data()), text.size());
    }
    const Tolerances& t = netlist_.options.tolerances;
    std::string command = "simulate " + options_.deck;
    for (const auto& [name, value] : options_.read.parameters)
      command += fmt::format(" -D {}={}", name, value);
    return {netlist_.title,
            options_.deck,
            fmt::format("{:08x}", crc),
            std::string(version()),
            command,
            fmt::format("reltol={} abstol={} vntol={} chgtol={} trtol={} gmin={} itl1={} "
                        "itl2={} itl4={} temp={}",
                        t.reltol, t.abstol, t.vntol, t.chgtol, t.trtol, t.gmin, t.itl1,
                        t.itl2, t.itl4, netlist_.options.temperature)};
  }

  const DeckRunOptions& options_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  Sources sources_;
  Diagnostics diagnostics_;
  Netlist netlist_;
  std::optional<ProbeTable> probes_, saved_probes_;
  std::vector<OutputExpression> saved_;
  std::optional<ControlScript> control_;
  std::optional<DeckOutputs> outputs_;
  std::unique_ptr<WaveformWriter> writer_;
  std::optional<Session> session_;
  std::size_t failed_ = 0;
};

}  // namespace

Exit run_deck(const DeckRunOptions& options) { return DeckRun(options).run(); }

}  // namespace arrayspice
