// SPDX-License-Identifier: Apache-2.0
#include "netlists/arrays/deck_sink.hpp"

#include <fmt/format.h>

#include <cmath>

#include "devices/constants.hpp"
#include "devices/cubic_cell.hpp"
#include "netlists/arrays/cell_model.hpp"

namespace arrayspice {

namespace {
constexpr std::size_t kBuffer = 1 << 16;

/// "V(p,m)"
std::string voltage_between(const Name& p, const Name& m) {
  std::string text = "V(";
  append_name(text, p);
  append_name(text += ',', m);
  return text += ')';
}

/// devices/comparator.hpp, for simulators that lack it.
std::string comparator_macro(std::string_view name, NetlistSink::Values values,
                             bool braces) {
  double low = 0.0, high = 1.0, gain = 1e4, tau = 20e-12, hysteresis = 0.0, range = 1.0;
  for (const auto& [key, value] : values)
    (key == "low"          ? low
     : key == "high"       ? high
     : key == "gain"       ? gain
     : key == "hysteresis" ? hysteresis
     : key == "range"      ? range
                           : tau) = value;
  const double half = 0.5 * (high - low);
  return fmt::format(
      ".subckt {name} inp inm out ref params: offset=0\n"
      "Bdrive drive 0 V={open}{range}*tanh((V(inp,inm)+offset+{hysteresis}"
      "*tanh({slope}*V(z)))/{range}){close}\n"
      "Rz drive z 1\n"
      "Cz z 0 {tau}\n"
      "Bout out ref V={open}{middle}+{half}*tanh({slope}*V(z)){close}\n"
      ".ends {name}\n",
      fmt::arg("name", name), fmt::arg("tau", tau), fmt::arg("middle", low + half),
      fmt::arg("half", half), fmt::arg("slope", gain / half),
      fmt::arg("hysteresis", hysteresis), fmt::arg("range", range),
      fmt::arg("open", braces ? "{" : ""), fmt::arg("close", braces ? "}" : ""));
}

/// devices/injecting_switch.hpp: a conductance, and the charges of both ends, each of a
/// capacitor whose current is copied.
std::string injecting_macro(std::string_view name, NetlistSink::Values values,
                            double temperature, bool braces) {
  double vt = 0.4, width = 0.2, ron = 1e3, roff = 1e12, cch = 0.0, vth = 0.4;
  for (const auto& [key, value] : values)
    (key == "vt"      ? vt
     : key == "width" ? width
     : key == "ron"   ? ron
     : key == "roff"  ? roff
     : key == "cch"   ? cch
                      : vth) = value;
  const double ut2 = 2.0 * thermal_voltage(temperature);
  constexpr double kCopy = 1e-15;  // F
  std::string text = fmt::format(
      ".subckt {} p m cp cm\n"
      "Bg p m I={}V(p,m)*{}*exp({}/(1+exp({}*(V(cp,cm)-({}))))){}\n",
      name, braces ? "{" : "", 1.0 / roff, std::log(roff / ron), -4.0 / width, vt,
      braces ? "}" : "");
  for (const char end : {'p', 'm'})
    text += fmt::format(
        "Bq{0} q{0} 0 V={1}{2}*ln(1+exp((V(cp,{0})-({3}))/{4})){5}\n"
        "Vq{0} q{0} x{0} 0\n"
        "Cq{0} x{0} 0 {6}\n"
        "Fq{0} cp {0} Vq{0} 1\n",
        end, braces ? "{" : "", 0.5 * cch * ut2 / kCopy, vth, ut2, braces ? "}" : "",
        kCopy);
  return text + fmt::format(".ends {}\n", name);
}

}  // namespace

void append_name(std::string& text, const Name& name) {
  text += name.stem;
  for (const std::int64_t index : {name.i, name.j, name.k}) {
    if (index < 0) return;
    const fmt::format_int digits(index);
    text += '_';
    text.append(digits.data(), digits.size());
  }
}

DeckSink::DeckSink(const ArraySpec& spec, Dialect dialect, const DeckWriter& write)
    : write_(write),
      native_(dialect == Dialect::Native),
      braces_(dialect == Dialect::Xyce),
      selector_(spec.selector.exponential),
      amplifier_offset_(spec.sense.offset),
      temperature_(spec.environment.temperature) {
  const std::string& model = spec.cell.model;
  if (model == "ohmic") {
    form_ = CellForm::Resistor;
  } else if (native_) {
    form_ = CellForm::Native;
  } else if (model == "sinh") {
    form_ = CellForm::Sinh;
    v0_ = cell_parameter(spec, "v0");
  } else if (model == "cubic") {
    form_ = CellForm::Cubic;
  } else {
    form_ = CellForm::Rram;
    v0_ = cell_parameter(spec, "v0");
    i0_ = cell_parameter(spec, "i0");
    g0_ = cell_parameter(spec, "g0");
  }
}

void DeckSink::text(std::string_view lines) {
  buffer_ += lines;
  if (buffer_.size() >= kBuffer) finish();
}

void DeckSink::finish() {
  write_(buffer_);
  buffer_.clear();
}

void DeckSink::words(Pins names) {
  for (const Name& name : names) {
    append_name(buffer_, name);
    buffer_ += ' ';
  }
}

void DeckSink::number(double value) {
  fmt::format_to(std::back_inserter(buffer_), "{}", value);
}

void DeckSink::end_line() { text("\n"); }

void DeckSink::values(Values values) {
  for (const auto& [key, value] : values)
    fmt::format_to(std::back_inserter(buffer_), " {}={}", key, value);
}

void DeckSink::element(const Name& name, Pins pins, double value) {
  words({name});
  words(pins);
  number(value);
  end_line();
}

void DeckSink::source(const Name& name, const Name& p, const Name& m,
                      const Signal& signal) {
  words({name, p, m});
  if (signal.is_constant()) {
    number(signal.start());
  } else {
    buffer_ += "PWL(";
    for (const auto& [t, value] : signal.points)
      fmt::format_to(std::back_inserter(buffer_), "{} {} ", t, value);
    buffer_.back() = ')';
  }
  end_line();
}

void DeckSink::model(std::string_view name, char, std::string_view type, Values values_) {
  if (type == "comparator" && !native_)
    return text(comparator_macro(name, values_, braces_));
  if (type == "injecting_switch") {
    own_models_.insert(std::string(name));
    if (!native_) return text(injecting_macro(name, values_, temperature_, braces_));
  }
  fmt::format_to(std::back_inserter(buffer_), ".model {} {}(", name, type);
  if (type == "nmos" || type == "pmos") buffer_ += "level=1";
  values(values_);
  text(")\n");
}

void DeckSink::device(const Name& name, Pins pins, std::string_view model,
                      Values values_) {
  for (const auto& [key, value] : values_)
    if (key == "delvto" && !native_)
      return shifted_transistor(name, pins, model, values_);
  const bool is_own = own_models_.contains(model);
  if (is_own && native_) buffer_ += 'N';
  if ((is_own || name.stem.front() == 'N') && !native_) buffer_ += 'X';  // its macro
  words({name});
  words(pins);
  buffer_ += model;
  values(values_);
  end_line();
}

/// Where transistors have no `delvto`: a source in front of the gate.
void DeckSink::shifted_transistor(const Name& name, Pins pins, std::string_view model,
                                  Values values_) {
  const Name* const pin = pins.begin();
  const std::string gate_stem = fmt::format("g{}", name.stem);
  const Name gate{gate_stem, name.i, name.j, name.k};
  const std::string source_stem = fmt::format("Vdelta_{}", name.stem);
  const auto with = [&](std::string_view key) {
    for (const auto& [known, value] : values_)
      if (known == key) return value;
    return 0.0;
  };
  source({source_stem, name.i, name.j, name.k}, pin[1], gate, with("delvto"));
  device(name, {pin[0], gate, pin[2], pin[3]}, model,
         {{"w", with("w")}, {"l", with("l")}});
}

void DeckSink::initial(const Name& node, double volt) {
  buffer_ += ".ic v(";
  append_name(buffer_, node);
  fmt::format_to(std::back_inserter(buffer_), ")={}\n", volt);
}

void DeckSink::cell(std::int64_t i, std::int64_t j, const Name& p, const Name& m,
                    double siemens) {
  if (siemens == 0.0) return;  // an open circuit
  switch (form_) {
    case CellForm::Resistor:
      return resistor({"Rcell", i, j}, p, m, 1.0 / siemens);
    case CellForm::Native:
      words({{"Ncell", i, j}, p, m});
      buffer_ += "cell g=";
      number(siemens);
      break;
    case CellForm::Rram:
      words({{"Xcell", i, j}, p, m});
      buffer_ += "rram start=";
      number(-1e9 * g0_ * std::log(siemens * v0_ / i0_));
      break;
    case CellForm::Sinh:
    case CellForm::Cubic:
      words({{"Bcell", i, j}, p, m});
      buffer_ += braces_ ? "I={" : "I=";
      buffer_ += current(p, m, siemens);
      if (braces_) buffer_ += '}';
      break;
  }
  end_line();
}

/// The cell's current as an expression, for simulators that lack the device.
std::string DeckSink::current(const Name& p, const Name& m, double siemens) const {
  const std::string voltage = voltage_between(p, m);
  if (form_ == CellForm::Sinh)
    return fmt::format("{}*sinh({}/{})", siemens * v0_, voltage, v0_);
  CubicCell::Instance fitted{siemens};
  CubicCell::prepare({}, fitted, 0.0);
  return fmt::format("{}*cubic({},{},{})", siemens, voltage, fitted.b2, fitted.b3);
}

void DeckSink::selector(const Name& name, const Name& p, const Name& m) {
  if (native_) {
    words({name, p, m});
    return text("selector\n");
  }
  words({{"Bsel", name.i, name.j}, p, m});
  text(fmt::format("I={}{}*sinh({}/{}){}\n", braces_ ? "{" : "", selector_.i0,
                   voltage_between(p, m), selector_.v0, braces_ ? "}" : ""));
}

void DeckSink::amplifier(const Name& name, const Name& inverting, const Name& output,
                         double offset) {
  buffer_ += native_ ? 'N' : 'X';
  if (native_)
    words({name, kGroundName, inverting, output, kGroundName});
  else
    words({name, inverting, output});
  buffer_ += "amplifier";
  if (offset != 0.0) values({{"offset", amplifier_offset_ + offset}});
  end_line();
}

}  // namespace arrayspice
