// SPDX-License-Identifier: Apache-2.0
#include "tools/measurement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "netlists/messages.hpp"
#include "netlists/values.hpp"
#include "tools/curve.hpp"

namespace arrayspice {

namespace {

using Kind = Measure::Kind;

Curve curve_of(const Plot& plot, const Program& y) {
  Curve curve;
  curve.t = plot.scale;
  curve.y.reserve(plot.points());
  const auto inputs = static_cast<std::size_t>(y.inputs());
  for (std::size_t k = 0; k < plot.points(); ++k)
    curve.y.push_back(y.evaluate(plot.row(k).first(inputs)));
  return curve;
}

/// signal - level: what crosses zero.
Curve difference(const Plot& plot, const Program& signal, const Program& level) {
  Curve curve = curve_of(plot, signal);
  const Curve other = curve_of(plot, level);
  for (std::size_t k = 0; k < curve.y.size(); ++k) curve.y[k] -= other.y[k];
  return curve;
}

struct Window {
  double from, to;
  bool contains(double t) const { return t >= from && t <= to; }
};

Window window_of(const Measure& m) {
  return {std::min(m.from, m.to), std::max(m.from, m.to)};
}

/// Every time that the event happens.
std::vector<double> instants(const Curve& curve, const Measure::Event& event,
                             Window window) {
  std::vector<double> times;
  for (const Crossing& crossing : crossings(curve)) {
    if (crossing.t < event.delay || !window.contains(crossing.t)) continue;
    if (event.edge == Measure::Event::Edge::Rise && !crossing.rising) continue;
    if (event.edge == Measure::Event::Edge::Fall && crossing.rising) continue;
    times.push_back(crossing.t);
  }
  return times;
}

/// When the event happens, or nullopt.
std::optional<double> instant(const Plot& plot, const Measure::Event& event,
                              const std::optional<Program>& signal,
                              const std::optional<Program>& level, Window window) {
  if (event.at) return event.at;
  const auto times = instants(difference(plot, *signal, *level), event, window);
  const auto n = static_cast<std::size_t>(event.count);
  if (event.count == Measure::Event::kLast && !times.empty()) return times.back();
  if (event.count == Measure::Event::kLast || times.size() < n) return std::nullopt;
  return times[n - 1];
}

/// How often it happens from the n-th time on; of the last time, once.
double number_of(const std::vector<double>& times, const Measure::Event& event) {
  const auto all = static_cast<double>(times.size());
  if (event.count == Measure::Event::kLast) return std::min(all, 1.0);
  return std::max(0.0, all - static_cast<double>(event.count - 1));
}

std::optional<double> aggregate(Kind kind, const Curve& curve) {
  if (curve.t.empty()) return std::nullopt;
  const auto low = std::min_element(curve.y.begin(), curve.y.end());
  const auto high = std::max_element(curve.y.begin(), curve.y.end());
  const double span = curve.t.back() - curve.t.front();
  switch (kind) {
    case Kind::Minimum:
      return *low;
    case Kind::Maximum:
      return *high;
    case Kind::PeakToPeak:
      return *high - *low;
    case Kind::MinimumAt:
      return curve.t[static_cast<std::size_t>(low - curve.y.begin())];
    case Kind::MaximumAt:
      return curve.t[static_cast<std::size_t>(high - curve.y.begin())];
    case Kind::Integral:
      return integral(curve);
    case Kind::Average:
      return span == 0.0 ? curve.y.front() : integral(curve) / span;
    default:
      return span == 0.0 ? std::abs(curve.y.front())
                         : std::sqrt(integral_of_square(curve) / span);
  }
}

bool compile_parameter(Measurement& compiled, const NameScope& scope,
                       const std::vector<std::string>& names, Diagnostics& diagnostics) {
  const auto resolve = [&](const Reference& r, Location where,
                           Diagnostics& d) -> std::optional<std::int32_t> {
    if (std::find(names.begin(), names.end(), r.first) == names.end()) {
      d.error(message::kUndefinedName, where,
              fmt::format("no measure before this one is named '{}'{}", r.first,
                          suggestion(r.first, {names.begin(), names.end()})));
      return std::nullopt;
    }
    compiled.results.push_back(r.first);
    return static_cast<std::int32_t>(compiled.results.size() - 1);
  };
  compiled.expression =
      compile_output(*compiled.measure.expression, scope, resolve, diagnostics);
  return compiled.expression.has_value();
}

}  // namespace

std::optional<Measurement> compile_measure(const TextCommand& command,
                                           const NameScope& scope, ProbeTable& probes,
                                           const std::vector<std::string>& names,
                                           Diagnostics& diagnostics) {
  auto measure = parse_measure(command, scope, diagnostics);
  if (!measure) return std::nullopt;
  Measurement compiled{.measure = std::move(*measure)};
  const Measure& m = compiled.measure;
  if (m.kind == Kind::Parameter) {
    if (!compile_parameter(compiled, scope, names, diagnostics)) return std::nullopt;
    return compiled;
  }
  bool good = true;
  const auto compile = [&](const std::optional<Expression>& from,
                           std::optional<Program>& into) {
    if (!from) return;
    into = compile_output(
        *from, scope,
        [&](const Reference& r, Location where, Diagnostics& d) {
          return probes.add(r, where, d);
        },
        diagnostics);
    good = good && into;
  };
  compile(m.expression, compiled.expression);
  compile(m.event.signal, compiled.signal);
  compile(m.event.level, compiled.level);
  compile(m.target.signal, compiled.target_signal);
  compile(m.target.level, compiled.target_level);
  return good ? std::optional(std::move(compiled)) : std::nullopt;
}

void Measurement::add_events(std::vector<RowFunction>& functions) const {
  const auto add = [&](const std::optional<Program>& y,
                       const std::optional<Program>& at) {
    if (!y || !at) return;
    const auto value = [](const Program& of, std::span<const double> row) {
      return of.evaluate(row.first(static_cast<std::size_t>(of.inputs())));
    };
    functions.push_back([=, y = *y, at = *at](std::span<const double> row) {
      return value(y, row) - value(at, row);
    });
  };
  if (measure.analysis != Measure::Analysis::Tran) return;
  add(signal, level);
  add(target_signal, target_level);
}

std::optional<double> Measurement::evaluate(const Plot& plot,
                                            const std::map<std::string, double>& known,
                                            std::string& why) const {
  if (measure.kind == Kind::Parameter) {
    std::vector<double> values;
    for (const std::string& name : results) {
      const auto at = known.find(name);
      if (at == known.end()) {
        why = fmt::format("'{}' has no value", name);
        return std::nullopt;
      }
      values.push_back(at->second);
    }
    return expression->evaluate(values);
  }
  if (plot.points() == 0) {
    why = "the analysis has no points";
    return std::nullopt;
  }
  const Window window = window_of(measure);
  if (measure.kind == Kind::Count)
    return number_of(instants(difference(plot, *signal, *level), measure.event, window),
                     measure.event);
  const bool is_event = measure.kind == Kind::Interval || measure.kind == Kind::Find ||
                        measure.kind == Kind::When || measure.kind == Kind::Derivative;
  if (!is_event) {
    const Curve curve = clipped(curve_of(plot, *expression), window.from, window.to);
    const auto result = aggregate(measure.kind, curve);
    if (!result) why = "no point lies between from and to";
    return result;
  }
  const auto t = instant(plot, measure.event, signal, level, window);
  if (!t) {
    why = measure.kind == Kind::Interval ? "the trigger does not occur"
                                         : "the crossing does not occur";
    return std::nullopt;
  }
  if (measure.kind == Kind::When) return t;
  if (measure.kind == Kind::Interval) {
    const auto end = instant(plot, measure.target, target_signal, target_level, window);
    if (!end) why = "the target does not occur";
    return end ? std::optional(*end - *t) : std::nullopt;
  }
  const Curve curve = curve_of(plot, *expression);
  const auto result =
      measure.kind == Kind::Find ? value_at(curve, *t) : slope_at(curve, *t);
  if (!result)
    why = fmt::format("{:g} is outside the analysis, which goes from {:g} to {:g}", *t,
                      plot.scale.front(), plot.scale.back());
  return result;
}

}  // namespace arrayspice
