// SPDX-License-Identifier: Apache-2.0
// Defaults: ngspice manual, "Independent Sources for Voltage or Current". Unlike there, a
// rise or fall time that is given as 0 is a jump, not the time step.
#include "netlists/waveform_card.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "netlists/messages.hpp"

namespace arrayspice {

namespace {

struct Shape {
  std::string_view keyword;
  std::size_t least, most;  // arguments
  std::string_view form;
};

constexpr std::array kShapes{
    Shape{"pulse", 2, 8, "PULSE(v1 v2 td tr tf pw per n)"},
    Shape{"sin", 2, 6, "SIN(vo va freq td theta phase)"},
    Shape{"sine", 2, 6, "SIN(vo va freq td theta phase)"},
    Shape{"exp", 2, 6, "EXP(v1 v2 td1 tau1 td2 tau2)"},
    Shape{"pwl", 2, static_cast<std::size_t>(-1), "PWL(t1 v1 t2 v2 ...)"},
    Shape{"sffm", 2, 5, "SFFM(vo va fc mdi fs)"},
    Shape{"am", 3, 5, "AM(va vo mf fc td)"},
};

const Shape* find_shape(std::string_view word) {
  const auto at = std::find_if(kShapes.begin(), kShapes.end(),
                               [&](const Shape& s) { return s.keyword == word; });
  return at == kShapes.end() ? nullptr : &*at;
}

/// Arguments up to the closing bracket, or without brackets up to what is no value.
std::optional<std::vector<double>> read_arguments(Element& e) {
  std::vector<double> values;
  bool good = true;
  const bool bracket = e.cursor.accept('(');
  while (!e.cursor.done() && e.cursor.peek() != ')') {
    if (!bracket && (e.cursor.at_assignment() || e.cursor.peek_word() == "ac" ||
                     e.cursor.peek_word() == "dc"))
      break;
    const Location where = e.cursor.here();
    const ValueText text = e.cursor.value();
    if (!text) {
      e.error(message::kWaveform, where, "a number is expected here");
      e.cursor.rest();
      return std::nullopt;
    }
    const auto value = e.to.number(text, e.cursor, *e.in);
    good = good && value;
    values.push_back(value.value_or(0.0));
  }
  e.cursor.accept(')');
  if (!good) return std::nullopt;
  return values;
}

/// Argument k, or a default when it is not given.
class Arguments {
 public:
  explicit Arguments(std::vector<double> values) : values_(std::move(values)) {}
  double operator()(std::size_t k, double otherwise = 0.0) const {
    return k < values_.size() ? values_[k] : otherwise;
  }

 private:
  std::vector<double> values_;
};

bool is_not_negative(Element& e, double value, std::string_view what) {
  if (value >= 0.0) return true;
  e.error(message::kWaveform, e.where,
          fmt::format("the {} of {} cannot be negative: {:g}", what, e.name, value));
  return false;
}

std::optional<Waveform::Shape> pulse(Element& e, const Arguments& a) {
  const TransientTimes& times = e.to.times();
  const double stop = times.stop > 0.0 ? times.stop : 1e30;
  const double count = a(7);
  if (!(count >= 0.0 && count <= 1e9)) {
    e.error(message::kWaveform, e.where,
            fmt::format("the number of pulses of {} must be 0 (no end) to 1e9: {:g}",
                        e.name, count));
    return std::nullopt;
  }
  Waveform::Pulse p{a(0),
                    a(1),
                    a(2),
                    a(3, times.step),
                    a(4, times.step),
                    a(5, stop),
                    a(6, stop),
                    static_cast<int>(count)};
  const bool good = is_not_negative(e, p.rise, "rise time") &&
                    is_not_negative(e, p.fall, "fall time") &&
                    is_not_negative(e, p.width, "width") &&
                    is_not_negative(e, p.period, "period");
  if (!good) return std::nullopt;
  return p;
}

double frequency(const TransientTimes& times) {
  return times.stop > 0.0 ? 1.0 / times.stop : 0.0;
}

Waveform::Shape exponential(const Arguments& a, const TransientTimes& times) {
  const double start = a(2, times.step);
  const double step = times.step > 0.0 ? times.step : 1.0;
  return Waveform::Exponential{a(0),      a(1), start, a(3, step), a(4, start + step),
                               a(5, step)};
}

std::optional<Waveform::Shape> piece_wise_linear(Element& e,
                                                 const std::vector<double>& values) {
  if (values.size() % 2 != 0) {
    e.error(message::kWaveform, e.where,
            fmt::format("PWL of {} has {} numbers; times and values come in pairs",
                        e.name, values.size()));
    return std::nullopt;
  }
  Waveform::PieceWiseLinear shape;
  for (std::size_t k = 0; k < values.size(); k += 2) {
    if (k > 0 && values[k] < values[k - 2]) {
      e.error(message::kWaveform, e.where,
              fmt::format("PWL of {} goes back in time, from {:g} to {:g}", e.name,
                          values[k - 2], values[k]));
      return std::nullopt;
    }
    shape.points.emplace_back(values[k], values[k + 1]);
  }
  while (e.cursor.at_assignment()) {
    const std::string_view name = e.cursor.peek_word();
    if (name != "r" && name != "td") break;
    e.cursor.word();
    e.cursor.accept('=');
    const auto value = read_number(e, "a time");
    if (!value) return std::nullopt;
    (name == "r" ? shape.repeat_from : shape.delay) = *value;
  }
  return shape;
}

std::optional<Waveform::Shape> make_shape(Element& e, std::string_view keyword,
                                          const std::vector<double>& values) {
  const Arguments a(values);
  const double f0 = frequency(e.to.times());
  if (keyword == "pulse") return pulse(e, a);
  if (keyword == "pwl") return piece_wise_linear(e, values);
  if (keyword == "exp") return exponential(a, e.to.times());
  if (keyword == "sffm")
    return Waveform::FrequencyModulated{a(0), a(1), a(2, f0), a(3), a(4, f0)};
  if (keyword == "am")
    return Waveform::AmplitudeModulated{a(0), a(1), a(2), a(3, f0), a(4)};
  return Waveform::Sine{a(0), a(1), a(2, f0), a(3), a(4), a(5)};
}

}  // namespace

bool is_waveform(std::string_view word) { return find_shape(word) != nullptr; }

std::shared_ptr<const Waveform> read_waveform(Element& e) {
  const Location where = e.cursor.here();
  const Shape& shape = *find_shape(e.cursor.word());
  if (e.cursor.at_assignment()) {  // pwl file=...
    e.error(
        message::kUnsupported, where,
        fmt::format("{} takes its numbers from the card: {}", shape.keyword, shape.form));
    e.cursor.rest();
    return nullptr;
  }
  const auto values = read_arguments(e);
  if (!values) return nullptr;
  if (values->size() < shape.least || values->size() > shape.most) {
    e.error(message::kWaveform, where,
            fmt::format("{} arguments; the form is {}", values->size(), shape.form));
    return nullptr;
  }
  const auto made = make_shape(e, shape.keyword, *values);
  return made ? std::make_shared<const Waveform>(*made) : nullptr;
}

}  // namespace arrayspice
