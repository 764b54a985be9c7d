// SPDX-License-Identifier: Apache-2.0
// `.op`, `.dc`, `.tran`, as dot cards and as lines of a `.control` block.
#include <fmt/format.h>

#include <cmath>

#include "netlists/cursor.hpp"
#include "netlists/lookup.hpp"
#include "netlists/messages.hpp"
#include "netlists/netlist.hpp"
#include "netlists/values.hpp"

namespace arrayspice {

namespace {

class AnalysisReader {
 public:
  AnalysisReader(Cursor& cursor, const Circuit& circuit, const NameScope& scope,
                 Diagnostics& diagnostics)
      : cursor_(cursor), circuit_(circuit), scope_(scope), diagnostics_(diagnostics) {}

  std::optional<DcCommand> dc() {
    DcCommand command;
    do {
      const auto sweep = read_sweep();
      if (!sweep) return std::nullopt;
      command.sweeps.push_back(*sweep);
    } while (!cursor_.done() && command.sweeps.size() < 2);
    if (!finished("dc source start stop step [source2 start2 stop2 step2]"))
      return std::nullopt;
    return command;
  }

  std::optional<TranCommand> tran() {
    constexpr const char* kForm = "tran step stop [start [maxstep]] [uic]";
    TranCommand command;
    double* const values[] = {&command.step, &command.stop, &command.start,
                              &command.max_step};
    Location places[4];
    std::size_t count = 0;
    while (!cursor_.done() && count < 4 && cursor_.peek_word() != "uic") {
      places[count] = cursor_.here();
      const auto value = read_value(kForm);
      if (!value) return std::nullopt;
      *values[count++] = *value;
    }
    if (cursor_.peek_word() == "uic") {
      cursor_.word();
      command.use_initial_conditions = true;
    }
    if (count < 2)
      return refuse(cursor_.place(0), fmt::format("the form is {}", kForm)), std::nullopt;
    if (!finished(kForm)) return std::nullopt;
    if (command.step <= 0.0)
      return refuse(places[0], "the step of a transient must be positive"), std::nullopt;
    if (command.stop <= 0.0)
      return refuse(places[1],
                    fmt::format("a transient cannot stop at {:g} s", command.stop)),
             std::nullopt;
    if (command.start < 0.0 || command.start >= command.stop)
      return refuse(places[2], "the start must lie between 0 and the stop time"),
             std::nullopt;
    if (command.max_step < 0.0)
      return refuse(places[3], "the largest step must be positive"), std::nullopt;
    return command;
  }

  bool finished(std::string_view form) {
    if (cursor_.done()) return true;
    refuse(cursor_.here(), fmt::format("unexpected; the form is {}", form));
    return false;
  }

 private:
  void refuse(Location where, std::string text) {
    diagnostics_.error(message::kAnalysis, where, std::move(text));
  }

  std::optional<double> read_value(std::string_view form) {
    const Location where = cursor_.here();
    const ValueText text = cursor_.value();
    if (text) return evaluate(text, cursor_, scope_, diagnostics_);
    refuse(where, fmt::format("a number is expected here; the form is {}", form));
    return std::nullopt;
  }

  std::optional<DcCommand::Sweep> read_sweep() {
    constexpr const char* kForm = "dc source start stop step";
    const Location where = cursor_.here();
    DcCommand::Sweep sweep;
    sweep.name = std::string(cursor_.word());
    if (!find_swept(sweep, where)) return std::nullopt;
    double* const values[] = {&sweep.start, &sweep.stop, &sweep.step};
    Location step_place;
    for (double* value : values) {
      step_place = cursor_.here();
      const auto read = read_value(kForm);
      if (!read) return std::nullopt;
      *value = *read;
    }
    const double span = sweep.stop - sweep.start;
    if (span != 0.0 && !(sweep.step * span > 0.0)) {
      refuse(step_place, fmt::format("steps of {:g} never lead from {:g} to {:g}",
                                     sweep.step, sweep.start, sweep.stop));
      return std::nullopt;
    }
    return sweep;
  }

  bool find_swept(DcCommand::Sweep& sweep, Location where) {
    using Kind = DcCommand::Sweep::Kind;
    if (sweep.name == "temp") {
      sweep.kind = Kind::Temperature;
      return true;
    }
    const auto device = find_device(circuit_, sweep.name);
    if (!device) {
      diagnostics_.error(
          message::kUndefinedDevice, where,
          sweep.name.empty()
              ? std::string("the name of a source is expected here")
              : fmt::format("there is no source '{}'{}", sweep.name,
                            suggestion(sweep.name, device_names(circuit_))));
      return false;
    }
    const DeviceType& type = circuit_.device_type(*device);
    sweep.device = *device;
    if (type.name == "resistor") {
      sweep.kind = Kind::Resistor;
    } else if (type.instance_parameter("dc")) {
      sweep.kind = Kind::Source;
    } else {
      refuse(where, fmt::format("a {} cannot be swept; V, I, R and TEMP can", type.name));
      return false;
    }
    return true;
  }

  Cursor& cursor_;
  const Circuit& circuit_;
  const NameScope& scope_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::optional<AnalysisCommand> parse_analysis(std::string_view text, Location where,
                                              const Circuit& circuit,
                                              const NameScope& scope,
                                              Diagnostics& diagnostics) {
  const Card card{text.data(),  static_cast<std::uint32_t>(text.size()),
                  where.line,   where.file,
                  where.column, Card::kNotJoined};
  const Cards cards;
  std::string buffer;
  Cursor cursor(card, cards, buffer);
  std::string_view name = cursor.word();
  if (name.starts_with('.')) name.remove_prefix(1);
  AnalysisReader reader(cursor, circuit, scope, diagnostics);
  if (name == "op") {
    if (!reader.finished("op")) return std::nullopt;
    return AnalysisCommand{where, OpCommand{}};
  }
  if (name == "dc") {
    if (auto dc = reader.dc()) return AnalysisCommand{where, std::move(*dc)};
    return std::nullopt;
  }
  if (name == "tran") {
    if (const auto tran = reader.tran()) return AnalysisCommand{where, *tran};
    return std::nullopt;
  }
  diagnostics.error(
      message::kUnsupported, where,
      fmt::format("analysis '{}' is not supported; op, dc and tran are", name));
  return std::nullopt;
}

}  // namespace arrayspice
