// SPDX-License-Identifier: Apache-2.0
#include "tools/control.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "netlists/messages.hpp"
#include "netlists/values.hpp"
#include "tools/deck_outputs.hpp"
#include "tools/print.hpp"

namespace arrayspice {

namespace {

using Kind = ControlStatement::Kind;

class ControlReader {
 public:
  ControlReader(const Netlist& netlist, ProbeTable& probes, Diagnostics& diagnostics)
      : netlist_(netlist), probes_(probes), diagnostics_(diagnostics) {}

  std::optional<ControlStatement> read(const TextCommand& line) {
    TextScanner in(line.text, line.where);
    const std::string name = in.word();
    for (const Command& command : kCommands)
      if (command.name == name) return (this->*command.read)(line, in);
    refuse(line.where, unknown_command(name));
    return std::nullopt;
  }

 private:
  using Read = std::optional<ControlStatement> (ControlReader::*)(const TextCommand&,
                                                                  TextScanner&);
  struct Command {
    std::string_view name;
    Read read;
  };
  static const Command kCommands[13];

  std::nullopt_t refuse(Location where, std::string text) {
    diagnostics_.error(message::kControl, where, std::move(text));
    return std::nullopt;
  }

  static std::string unknown_command(const std::string& name) {
    std::vector<std::string_view> names;
    std::string list;
    for (const Command& c : kCommands) {
      names.push_back(c.name);
      list += fmt::format("{}{}", list.empty() ? "" : ", ", c.name);
    }
    return fmt::format("control command '{}' is not supported{}; {} are", name,
                       suggestion(name, names), list);
  }

  std::optional<ControlStatement> analysis(const TextCommand& line, TextScanner&) {
    auto command = parse_analysis(line.text, line.where, *netlist_.circuit,
                                  *netlist_.parameters, diagnostics_);
    if (!command) return std::nullopt;
    has_plot_ = true;
    return ControlStatement{.kind = Kind::Analysis, .analysis = std::move(command)};
  }

  std::optional<ControlStatement> run(const TextCommand& line, TextScanner& in) {
    if (!in.done())
      return refuse(in.here(), "run takes no file name; -o FILE writes the waveforms");
    if (netlist_.analyses.empty())
      return refuse(line.where, "run: the deck has no .op, .dc or .tran to run");
    has_plot_ = true;
    return ControlStatement{.kind = Kind::Run};
  }

  std::optional<VectorExpression> expression(const TextScanner::Part& part) {
    auto compiled = VectorExpression::compile(part, *netlist_.parameters, probes_,
                                              variables_, diagnostics_);
    if (compiled && compiled->needs_plot() && !has_plot_)
      return refuse(part.where, "no analysis runs before this line");
    return compiled;
  }

  std::optional<ControlStatement> print(const TextCommand& line, TextScanner& in) {
    ControlStatement statement{.kind = Kind::Print};
    while (!in.done()) {
      const TextScanner::Part part = in.expression();
      if (part.text == "all") {
        for (const auto& output : all_outputs(*netlist_.circuit, probes_))
          if (auto one = expression({output.label, part.where}))
            statement.outputs.push_back(std::move(*one));
        continue;
      }
      auto output = expression(part);
      if (!output) return std::nullopt;
      statement.outputs.push_back(std::move(*output));
    }
    if (statement.outputs.empty())
      return refuse(line.where,
                    "print names nothing; the form is print v(node) i(v1) ...");
    return statement;
  }

  std::optional<ControlStatement> measure(const TextCommand& line, TextScanner&) {
    if (!has_plot_) return refuse(line.where, "no analysis runs before this line");
    auto measurement =
        compile_measure(line, *netlist_.parameters, probes_,
                        {variables_.begin(), variables_.end()}, diagnostics_);
    if (!measurement) return std::nullopt;
    variables_.insert(measurement->measure.name);
    return ControlStatement{.kind = Kind::Measure, .measurement = std::move(measurement)};
  }

  std::optional<ControlStatement> let(const TextCommand& line, TextScanner& in) {
    ControlStatement statement{.kind = Kind::Let};
    statement.text = in.word();
    const bool is_element = statement.text.find('[') != std::string::npos;
    if (statement.text.empty() || is_element || !in.accept('='))
      return refuse(line.where, "the form is let name = expression");
    auto value = expression(in.rest());
    if (!value) return std::nullopt;
    statement.outputs.push_back(std::move(*value));
    variables_.insert(statement.text);
    return statement;
  }

  std::optional<ControlStatement> set(const TextCommand& line, TextScanner& in) {
    if (in.word() != "numdgt") return ignored_setting(line);
    const Location where = in.here();
    const auto digits =
        in.accept('=') ? parse_number(in.expression().text) : std::nullopt;
    if (!digits || !(*digits >= 1.0 && *digits <= 30.0))
      return refuse(where, "the form is set numdgt=15, with 1 to 30 digits");
    return ControlStatement{.kind = Kind::Digits, .digits = static_cast<int>(*digits)};
  }

  std::optional<ControlStatement> unset(const TextCommand& line, TextScanner& in) {
    if (in.word() != "numdgt") return ignored_setting(line);
    return ControlStatement{.kind = Kind::Digits, .digits = kDefaultDigits};
  }

  ControlStatement ignored_setting(const TextCommand& line) {
    diagnostics_.warning(
        message::kIgnored, line.where,
        fmt::format("'{}' has no effect: numdgt is the only setting", line.text));
    return ControlStatement{.kind = Kind::Echo};
  }

  std::optional<ControlStatement> echo(const TextCommand& line, TextScanner& in) {
    if (in.original_rest().find('$') != std::string_view::npos)
      return refuse(line.where,
                    "echo cannot insert variables; print NAME shows their values");
    return ControlStatement{.kind = Kind::Echo,
                            .text = std::string(in.original_rest()) + '\n'};
  }

  std::optional<ControlStatement> quit(const TextCommand& line, TextScanner& in) {
    if (!in.done())
      diagnostics_.warning(message::kIgnored, line.where,
                           "the number has no effect: the exit code says whether the "
                           "analyses succeeded");
    return ControlStatement{.kind = Kind::Quit};
  }

  const Netlist& netlist_;
  ProbeTable& probes_;
  Diagnostics& diagnostics_;
  std::set<std::string> variables_;
  bool has_plot_ = false;
};

const ControlReader::Command ControlReader::kCommands[13] = {
    {"op", &ControlReader::analysis},     {"dc", &ControlReader::analysis},
    {"tran", &ControlReader::analysis},   {"run", &ControlReader::run},
    {"print", &ControlReader::print},     {"meas", &ControlReader::measure},
    {"measure", &ControlReader::measure}, {"let", &ControlReader::let},
    {"set", &ControlReader::set},         {"unset", &ControlReader::unset},
    {"echo", &ControlReader::echo},       {"quit", &ControlReader::quit},
    {"exit", &ControlReader::quit},
};

/// The state of a running script.
struct Running {
  const ControlScript::Actions& actions;
  Plot plot{};
  Variables variables{};
  std::map<std::string, double> scalars{};  // what param= of a measure may refer to
  int digits = kDefaultDigits;
  std::size_t failed = 0;

  void print(const std::vector<VectorExpression>& outputs) const {
    std::vector<std::string> names;
    std::vector<std::vector<double>> columns;
    std::size_t length = 1;
    for (const VectorExpression& output : outputs) {
      names.push_back(output.label());
      columns.push_back(output.evaluate(plot, variables));
      length = std::max(length, columns.back().size());
    }
    if (length == 1) {
      for (std::size_t k = 0; k < names.size(); ++k)
        print_value(names[k], columns[k].front(), digits);
      return;
    }
    for (auto& column : columns) column.resize(length, column.back());
    if (plot.points() == length && !plot.scale_name.empty()) {
      names.insert(names.begin(), plot.scale_name);
      columns.insert(columns.begin(), plot.scale);
    }
    print_table(names, columns, digits);
  }

  void measure(const Measurement& measurement) {
    const std::string& name = measurement.measure.name;
    if (report_measure(measurement, plot, scalars))
      variables[name] = {scalars[name]};
    else
      ++failed;
  }

  void let(const ControlStatement& statement) {
    const auto& values = variables[statement.text] =
        statement.outputs.front().evaluate(plot, variables);
    if (values.size() == 1) scalars[statement.text] = values.front();
  }

  void execute(const ControlStatement& statement) {
    switch (statement.kind) {
      case Kind::Analysis:
        plot = actions.analyse(*statement.analysis);
        break;
      case Kind::Run:
        plot = actions.run_deck();
        break;
      case Kind::Print:
        print(statement.outputs);
        break;
      case Kind::Measure:
        measure(*statement.measurement);
        break;
      case Kind::Let:
        let(statement);
        break;
      case Kind::Digits:
        digits = statement.digits;
        break;
      case Kind::Echo:
        fmt::print("{}", statement.text);
        break;
      case Kind::Quit:
        break;
    }
  }
};

}  // namespace

std::optional<ControlScript> ControlScript::read(const Netlist& netlist,
                                                 ProbeTable& probes,
                                                 Diagnostics& diagnostics) {
  ControlScript script;
  ControlReader reader(netlist, probes, diagnostics);
  bool good = true;
  for (const TextCommand& line : netlist.control) {
    auto statement = reader.read(line);
    good = good && statement;
    if (statement) script.statements_.push_back(std::move(*statement));
  }
  return good ? std::optional(std::move(script)) : std::nullopt;
}

bool ControlScript::contains(Kind kind) const {
  return std::any_of(statements_.begin(), statements_.end(),
                     [&](const auto& s) { return s.kind == kind; });
}

std::vector<AnalysisCommand> ControlScript::analyses() const {
  std::vector<AnalysisCommand> all;
  for (const ControlStatement& s : statements_)
    if (s.analysis) all.push_back(*s.analysis);
  return all;
}

std::size_t ControlScript::run(const Actions& actions) const {
  Running state{.actions = actions};
  for (const ControlStatement& statement : statements_) {
    if (statement.kind == Kind::Quit) break;
    state.execute(statement);
  }
  return state.failed;
}

}  // namespace arrayspice
