// SPDX-License-Identifier: Apache-2.0
#include "netlists/arrays/deck_cards.hpp"

#include <fmt/format.h>

#include <cmath>

#include "devices/constants.hpp"
#include "netlists/arrays/cell_model.hpp"
#include "netlists/arrays/chip.hpp"

namespace arrayspice {

namespace {

/// Of transients; the smallest voltage that counts, V.
constexpr double kReltol = 1e-6, kVntol = 1e-9;

/// With a tighter abstol ngspice 39 creeps at its smallest step where only capacitors
/// carry currents. By Gear's method it fails where many switches close at once, by the
/// trapezoidal rule where an amplifier is driven through capacitors. Steps are as short
/// as its trtol of 1 asks for, but where only codes are read: it may fail on them, too.
constexpr std::string_view kNgspiceTransient =
    ".options method={} reltol=1e-5 abstol=1e-12 vntol=1e-8 chgtol=1e-20 gmin=1e-18 "
    "trtol={}\n";
constexpr std::string_view kNgspiceStatic =
    ".options reltol=1e-9 abstol=1e-16 vntol=1e-12 gmin=1e-18\n";

std::string native_cell_model(const ArraySpec& spec) {
  std::string card =
      fmt::format(".model cell {}(", cell_device(spec.cell.model).model_type);
  for (const ParameterInfo& p : cell_parameters(spec.cell.model))
    if (const double value = cell_parameter(spec, p.name); given(value))
      card += fmt::format("{}={} ", p.name, value);
  return card + ")\n";
}

/// netlists' reader and ngspice expand `.func` alike. Beyond vmax the tangent.
std::string cubic_function(const ArraySpec& spec) {
  const double v_max = cell_parameter(spec, "vmax");
  return fmt::format(
      ".func within(u) {{min(max(u,{0}),{1})}}\n"
      ".func cubic(u,b2,b3) {{within(u)*(1+within(u)*(b2+within(u)*b3))"
      "+(1+within(u)*(2*b2+3*b3*within(u)))*(u-within(u))}}\n",
      -v_max, v_max);
}

/// The Stanford/PKU cell of devices/stanford_rram.hpp; V(gap) is the gap in nm, and C
/// dgap/dt is in nm/s. Outside a transient the gap rests at `start`.
std::string rram_macro(const ArraySpec& spec) {
  const auto p = [&](std::string_view name) { return cell_parameter(spec, name); };
  constexpr double kThermalVoltPerKelvin = 8.617333262145e-05;
  return fmt::format(
      ".subckt rram p m params: start=0.2\n"
      "Bcell p m "
      "I={i0}*exp({inverse_g0}*min(max(V(gap),{low}),{high}))*sinh(V(p,m)/{v0})\n"
      "Vcell isense 0 0\n"
      "Bgamma gamma 0 V=(V(p,m)<0?{gamma0r}:{gamma0})-{beta}*V(gap)^3\n"
      "Bvt vt 0 "
      "V={k}*({t0}+{rth}*V(p,m)*{i0}*exp({inverse_g0}*V(gap))*sinh(V(p,m)/{v0}))\n"
      "Brate rate 0 V={scale}*0.5*(1+tanh((V(gamma)*abs(V(p,m))/{field}-1)/0.05))"
      "*exp(-{ea}/V(vt))*sinh({reach}*V(gamma)*V(p,m)/V(vt))\n"
      "Broom room 0 V=min(max((V(rate)<0?V(gap)-{low}:{high}-V(gap))/0.01,0),1)\n"
      "Bmove gap 0 I=time>0?-V(rate)*V(room)^2*(3-2*V(room)):V(gap)-start\n"
      "Cgap gap 0 1 ic={{start}}\n"
      "Rsense isense 0 1\n"
      ".ends rram\n",
      fmt::arg("i0", p("i0")), fmt::arg("inverse_g0", -1e-9 / p("g0")),
      fmt::arg("low", 1e9 * p("gapmin")), fmt::arg("high", 1e9 * p("gapmax")),
      fmt::arg("v0", p("v0")), fmt::arg("gamma0", p("gamma0")),
      fmt::arg("gamma0r", p("gamma0r")), fmt::arg("beta", p("beta")),
      fmt::arg("k", kThermalVoltPerKelvin), fmt::arg("t0", p("t0")),
      fmt::arg("rth", p("rth")), fmt::arg("scale", -1e9 * p("vel0")),
      fmt::arg("field", p("tox") * p("fmin")), fmt::arg("ea", p("ea")),
      fmt::arg("reach", p("a0") / p("tox")));
}

std::string cell_cards(const ArraySpec& spec, Dialect dialect) {
  if (spec.cell.model == "ohmic") return {};
  if (dialect == Dialect::Native) return native_cell_model(spec);
  if (spec.cell.model == "cubic") return cubic_function(spec);
  if (spec.cell.model == "stanford-rram") return rram_macro(spec);
  return {};
}

std::string selector_card(const ArraySpec& spec) {
  std::string card = fmt::format(".model selector {}(", selector_device(spec));
  for (const auto& [name, value] : selector_parameters(spec))
    card += fmt::format("{}={} ", name, value);
  return card + ")\n";
}

/// devices/op_amp.hpp with linear elements and one tanh: the current of Cy, which is
/// dy/dt / (2 pi GBW), is copied into the row of z.
std::string amplifier_macro(const ArraySpec& spec, Dialect dialect) {
  constexpr double kTwoPi = 6.283185307179586;
  const auto& s = spec.sense;
  const bool braces = dialect == Dialect::Xyce, behind = s.pole == "after-clamp";
  const double capacitance = 1.0 / (kTwoPi * s.bandwidth);
  const std::string pole =
      behind ? fmt::format("Fz z 0 Vy 1\nVy stage y 0\nCy y 0 {}\nEout out 0 y 0 1\n",
                           capacitance)
             : fmt::format("Cz z 0 {}\n", capacitance);
  return fmt::format(
      ".subckt amplifier inverting out params: offset={offset}\n"
      "Voffset plus 0 {{offset}}\n"
      "Gin 0 z plus inverting 1\n"
      "Rz z 0 {gain}\n"
      "By {stage} 0 V={open}{clamp}*tanh(V(z)/{clamp}){close}\n"
      "{pole}"
      ".ends amplifier\n",
      fmt::arg("offset", s.offset), fmt::arg("gain", s.gain), fmt::arg("clamp", s.clamp),
      fmt::arg("open", braces ? "{" : ""), fmt::arg("close", braces ? "}" : ""),
      fmt::arg("stage", behind ? "stage" : "out"), fmt::arg("pole", pole));
}

std::string amplifier_cards(const ArraySpec& spec, Dialect dialect) {
  if (dialect != Dialect::Native) return amplifier_macro(spec, dialect);
  const auto& s = spec.sense;
  return fmt::format(
      ".model amplifier opamp(gain={} gbw={} clamp={} offset={} windup={})\n", s.gain,
      s.bandwidth, s.clamp, s.offset, s.pole == "before-clamp" ? 1 : 0);
}

std::string text_of(const Reading& reading) {
  std::string name;
  append_name(name, reading.what);
  return (reading.is_current() ? "i(" : "v(") + name + ')';
}

/// `print` lines of a few outputs each.
std::string print_lines(const Experiment& experiment, std::int64_t columns,
                        std::string_view command) {
  constexpr std::int64_t kPerLine = 8;
  std::string text;
  for (std::int64_t j = 0; j < columns; ++j) {
    text += j % kPerLine == 0 ? std::string(command) : std::string();
    text += ' ' + text_of(experiment.reading(j));
    if ((j + 1) % kPerLine == 0 || j + 1 == columns) text += '\n';
  }
  return text;
}

/// ngspice calculates with measures only by commands.
std::string frequency_lines(const Reading::Event& event, std::int64_t j,
                            const std::string& what, std::string_view command) {
  std::string text = fmt::format(
      "{0} tran p_{1} trig {2} val={3} rise=1 td={4} targ {2} val={3} rise={5} td={4}\n",
      command, j, what, event.level, event.since, event.cycles + 1);
  return text +
         (command.front() == '.'
              ? fmt::format(".measure tran y_{0} param='{1}/p_{0}'\n", j, event.cycles)
              : fmt::format("let y_{0}={1}/p_{0}\nprint y_{0}\n", j, event.cycles));
}

/// In ngspice the level is passed as often upwards as a vector of 0 below and 1 above it
/// has a 1 that follows a 0.
std::string count_lines(const Reading::Event& event, std::int64_t j,
                        const std::string& what, std::string_view command) {
  if (command.front() == '.')
    return fmt::format("{} tran y_{} count {}={} rise=1 td={}\n", command, j, what,
                       event.level, event.since);
  return fmt::format(
      "let above=({1} ge {2})*(time ge {3})\n"
      "let last=length(above)-1\n"
      "let rises=above[1,last]*(1-above[0,last-1])\n"
      "let y_{0}=mean(rises)*length(rises)\nprint y_{0}\n",
      j, what, event.level, event.since);
}

std::string measure_line(const Experiment& experiment, std::int64_t j,
                         std::string_view command) {
  const Reading reading = experiment.reading(j);
  const std::string what = text_of(reading);
  if (!reading.event)
    return fmt::format("{} tran y_{} find {} at={}\n", command, j, what, experiment.stop);
  const Reading::Event& event = *reading.event;
  if (event.counts) return count_lines(event, j, what, command);
  if (event.cycles > 0) return frequency_lines(event, j, what, command);
  return fmt::format("{0} tran y_{1} trig at={2} targ {3} val={4} {5}=1 td={2}\n",
                     command, j, event.since, what, event.level,
                     event.rising ? "rise" : "fall");
}

std::string measure_lines(const Experiment& experiment, std::int64_t columns,
                          std::string_view command) {
  std::string text;
  for (std::int64_t j = 0; j < columns; ++j) text += measure_line(experiment, j, command);
  return text;
}

/// A little longer than the experiment: `at=` its very end would be out of range when
/// the last time point is rounded down.
std::string transient_line(const Experiment& e) {
  return fmt::format("tran {0} {1} 0 {0}{2}\n", e.max_step, e.stop + 0.01 * e.max_step,
                     e.from_rest ? " uic" : "");
}

/// Amplifiers do, but not in short steps from an injecting switch on; decisions that
/// switch capacitors need it.
bool suits_gear(const ArraySpec& spec) {
  return spec.sense.kind == "sar" ||
         (uses_amplifier(spec) && spec.sense.kind != "crossing-time");
}

/// The temperature where it is not the 27 degC of every simulator.
std::string temperature_card(const ArraySpec& spec, Dialect dialect) {
  const double celsius = spec.environment.temperature - kZeroCelsius;
  if (std::abs(celsius - 27.0) < 1e-9) return {};
  return fmt::format(".options {}temp={}\n", dialect == Dialect::Xyce ? "device " : "",
                     celsius);
}

}  // namespace

std::string difference_cards(const ArraySpec& spec, Dialect dialect) {
  if (spec.array.pairs != "separate") return {};
  const Experiment experiment = chip_experiment(spec);
  const bool braces = dialect == Dialect::Xyce;
  std::string text;
  for (std::int64_t j = 0; j < spec.array.columns; ++j)
    text += fmt::format("Bpair_{0} y_{0} 0 V={1}{2}-{3}{4}\n", j, braces ? "{" : "",
                        text_of(experiment.reading(2 * j)),
                        text_of(experiment.reading(2 * j + 1)), braces ? "}" : "");
  return text;
}

std::string model_cards(const ArraySpec& spec, Dialect dialect) {
  std::string text = temperature_card(spec, dialect) + cell_cards(spec, dialect);
  if (spec.cell.structure == "1S1R" && dialect == Dialect::Native)
    text += selector_card(spec);
  if (uses_amplifier(spec)) text += amplifier_cards(spec, dialect);
  return text;
}

std::string analysis_cards(const ArraySpec& spec, std::span<const double> inputs,
                           Dialect dialect) {
  Experiment experiment = chip_experiment(spec);
  if (spec.array.pairs == "separate")
    experiment.reading = [](std::int64_t j) { return Reading{{"y", j}}; };
  const std::int64_t columns = spec.array.columns;
  const bool moves = experiment.is_transient();
  switch (dialect) {
    case Dialect::Native:
      return fmt::format(
                 ".options reltol={} abstol=1e-16 vntol={} chgtol=1e-20 trtol=1\n",
                 moves ? kReltol : 1e-9, moves ? kVntol : 1e-12) +
             (moves ? '.' + transient_line(experiment) +
                          measure_lines(experiment, columns, ".measure")
                    : ".op\n" + print_lines(experiment, columns, ".print op"));
    case Dialect::Ngspice:
      return fmt::format(fmt::runtime(moves ? kNgspiceTransient : kNgspiceStatic),
                         suits_gear(spec) ? "gear" : "trap",
                         spec.sense.kind == "sar" ? 7 : 1) +
             ".control\nset numdgt=15\n" +
             (moves ? transient_line(experiment) +
                          measure_lines(experiment, columns, "meas")
                    : "op\n" + print_lines(experiment, columns, "print")) +
             "quit\n.endc\n";
    case Dialect::Xyce:
      break;
  }
  return ".options nonlin reltol=1e-9 abstol=1e-16\n.options device gmin=1e-18\n" +
         (moves ? '.' + transient_line(experiment) +
                      measure_lines(experiment, columns, ".measure")
                : fmt::format(".dc Vin_0 {0} {0} 1\n", inputs[0]) +
                      print_lines(experiment, columns,
                                  ".print dc format=noindex precision=15"));
}

}  // namespace arrayspice
