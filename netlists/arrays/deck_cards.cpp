// SPDX-License-Identifier: Apache-2.0
#include "netlists/arrays/deck_cards.hpp"

#include <fmt/format.h>

#include "netlists/arrays/cell_model.hpp"

namespace arrayspice {

namespace {

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

/// The bulk junctions of level 1 are made negligible: the access device is an ideal
/// channel.
std::string access_card(const ArraySpec& spec) {
  const auto& a = spec.access;
  return fmt::format(
      ".model access nmos(level=1 vto={} kp={} lambda={} gamma={} phi={} is=1e-30)\n",
      a.threshold, a.transconductance * a.width_over_length, a.channel_length_modulation,
      a.body_effect, a.surface_potential);
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
  const bool braces = dialect == Dialect::Xyce;
  return fmt::format(
      ".subckt amplifier inverting out\n"
      "Voffset plus 0 {offset}\n"
      "Gin 0 z plus inverting 1\n"
      "Rz z 0 {gain}\n"
      "Fz z 0 Vy 1\n"
      "By stage 0 V={open}{clamp}*tanh(V(z)/{clamp}){close}\n"
      "Vy stage y 0\n"
      "Cy y 0 {capacitance}\n"
      "Eout out 0 y 0 1\n"
      ".ends amplifier\n",
      fmt::arg("offset", s.offset), fmt::arg("gain", s.gain), fmt::arg("clamp", s.clamp),
      fmt::arg("open", braces ? "{" : ""), fmt::arg("close", braces ? "}" : ""),
      fmt::arg("capacitance", 1.0 / (kTwoPi * s.bandwidth)));
}

std::string amplifier_cards(const ArraySpec& spec, Dialect dialect) {
  if (dialect != Dialect::Native) return amplifier_macro(spec, dialect);
  const auto& s = spec.sense;
  return fmt::format(".model amplifier opamp(gain={} gbw={} clamp={} offset={})\n",
                     s.gain, s.bandwidth, s.clamp, s.offset);
}

std::string output_of(const ArraySpec& spec, std::int64_t j) {
  return spec.sense.kind == "virtual-ground" ? fmt::format("i(Vsense_{})", j)
                                             : fmt::format("v(out_{})", j);
}

/// `print` lines of a few outputs each.
std::string print_lines(const ArraySpec& spec, std::string_view command) {
  constexpr std::int64_t kPerLine = 8;
  std::string text;
  for (std::int64_t j = 0; j < spec.array.columns; ++j) {
    text += j % kPerLine == 0 ? std::string(command) : std::string();
    text += ' ' + output_of(spec, j);
    if ((j + 1) % kPerLine == 0 || j + 1 == spec.array.columns) text += '\n';
  }
  return text;
}

std::string measure_lines(const ArraySpec& spec, std::string_view command) {
  std::string text;
  for (std::int64_t j = 0; j < spec.array.columns; ++j)
    text += fmt::format("{} tran y_{} find {} at={}\n", command, j, output_of(spec, j),
                        spec.sense.integration_time);
  return text;
}

std::string transient_line(const ArraySpec& spec) {
  const double stop = spec.sense.integration_time, step = stop / 200;
  return fmt::format("tran {} {} 0 {} uic\n", step, stop, step);
}

}  // namespace

std::string model_cards(const ArraySpec& spec, Dialect dialect) {
  std::string text = cell_cards(spec, dialect);
  if (spec.cell.structure == "1T1R") text += access_card(spec);
  if (spec.cell.structure == "1S1R" && dialect == Dialect::Native)
    text += selector_card(spec);
  if (spec.sense.kind != "virtual-ground") text += amplifier_cards(spec, dialect);
  return text;
}

std::string analysis_cards(const ArraySpec& spec, std::span<const double> inputs,
                           Dialect dialect) {
  const bool integrates = spec.sense.kind == "integrator";
  switch (dialect) {
    case Dialect::Native:
      return ".options reltol=1e-9 abstol=1e-16 vntol=1e-12 trtol=1\n" +
             (integrates ? '.' + transient_line(spec) + measure_lines(spec, ".measure")
                         : ".op\n" + print_lines(spec, ".print op"));
    case Dialect::Ngspice:
      return ".options reltol=1e-9 abstol=1e-16 vntol=1e-12 chgtol=1e-24 gmin=1e-18 "
             "trtol=1\n.control\nset numdgt=15\n" +
             (integrates ? transient_line(spec) + measure_lines(spec, "meas")
                         : "op\n" + print_lines(spec, "print")) +
             "quit\n.endc\n";
    case Dialect::Xyce:
      break;
  }
  return ".options nonlin reltol=1e-9 abstol=1e-16\n.options device gmin=1e-18\n" +
         (integrates ? '.' + transient_line(spec) + measure_lines(spec, ".measure")
                     : fmt::format(".dc Vin_0 {0} {0} 1\n", inputs[0]) +
                           print_lines(spec, ".print dc format=noindex precision=15"));
}

}  // namespace arrayspice
