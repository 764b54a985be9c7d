// SPDX-License-Identifier: Apache-2.0
// Two-terminal cells with one moving state: reading, rate, and a loop under a sine.
#pragma once

#include <functional>

#include "devices/constants.hpp"
#include "tests/devices/test_circuit.hpp"

namespace arrayspice::testing {

/// Pins p, m and a state x with the row -dx/dt in a transient.
class Memristor {
 public:
  explicit Memristor(std::string_view type, const Settings& model = {},
                     const Settings& instance = {})
      : cell_('n', type, model, instance) {}

  double current(double v, double x) {
    set(v, x);
    return cell_.f(0);
  }
  double rate(double v, double x) {
    cell_.env().moving = true;
    set(v, x);
    return -cell_.f(kState);
  }
  /// Where the state rests out of a transient.
  double rest() {
    cell_.env().moving = false;
    set(1.0, 0.0);
    return -cell_.f(kState);
  }

 private:
  static constexpr std::size_t kState = 2;
  void set(double v, double x) {
    cell_.set_pins({v + 0.3, 0.3});
    cell_.x()[cell_.pin(kState)] = x;
  }
  SingleDevice cell_;
};

struct LoopPoint {
  double t, v, i, x;
};

/// The cell on a source v = amplitude sin(2 pi t/period), for `periods`.
inline std::vector<LoopPoint> sine_loop(std::string_view type, const Settings& model,
                                        const Settings& instance, double amplitude,
                                        double period, double periods = 1.0) {
  TestCircuit t;
  const DeviceId source = t.add("v1", "", {"a", "0"}, {{"dc", 0.0}});
  t.drive(source, Waveform::Sine{0.0, amplitude, 1.0 / period, 0.0, 0.0, 0.0});
  t.circuit.set_parameter(source, {0, kNotGiven});
  const DeviceId cell = t.add("n1", type, {"a", "0"}, instance, model);
  t.solve();
  const UnknownId x = t.circuit.device_pins(cell)[2];
  std::vector<LoopPoint> loop{{0.0, t.v("a"), -t.i("v1"), t.x[x]}};
  t.run(periods * period, period / 2000, false, [&](double time) {
    if (time > 0.0) loop.push_back({time, t.v("a"), -t.i("v1"), t.x[x]});
  });
  return loop;
}

/// Largest deviation of the states of a loop from x(t).
inline double worst(const std::vector<LoopPoint>& loop,
                    const std::function<double(double)>& x) {
  double most = 0.0;
  for (const LoopPoint& p : loop) most = std::max(most, std::abs(p.x - x(p.t)));
  return most;
}

/// Integral of f over [a, b] by Simpson's rule.
inline double integral(const std::function<double(double)>& f, double a, double b) {
  constexpr int kPieces = 2000;
  double sum = f(a) + f(b);
  for (int k = 1; k < kPieces; ++k) sum += (k % 2 ? 4 : 2) * f(a + (b - a) * k / kPieces);
  return sum * (b - a) / (3 * kPieces);
}

}  // namespace arrayspice::testing
