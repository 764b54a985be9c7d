// SPDX-License-Identifier: Apache-2.0
// What a circuit takes from its sources, by its own currents.
//
// A source that moves is a driver that connects a node to a rail, and the charge Q that
// leaves it on the way to a voltage V comes from a rail of that voltage:
//
//   E = sum over edges and rests V(at their end) Q
//
// so that charging C to V takes C V^2 and emptying it to 0 V nothing, however slow the
// edge. (The integral of v i over a slow ramp would be C V^2/2, and the way back would
// return it: no driver does.) Charge that comes back at a constant voltage counts
// negative. An inverter that is a macro takes what leaves its output from the supply;
// what enters it goes to ground. Amplifiers and comparators are not in it.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "devices/circuit.hpp"

namespace arrayspice {

/// J (or W), by where it comes from.
struct Energy {
  double inputs = 0.0;     ///< drivers of word lines and of gated plates
  double supplies = 0.0;   ///< constant sources, those that precharge lines too
  double clocks = 0.0;     ///< of switches
  double inverters = 0.0;  ///< of delay stages
  double sense = 0.0;      ///< amplifiers and comparators

  double total() const { return inputs + supplies + clocks + inverters + sense; }
};
Energy operator+(const Energy& a, const Energy& b);
Energy operator*(double factor, const Energy& e);

/// Is the source of this name a clock of switches?
bool is_clock(std::string_view device);

/// W, of a circuit at rest at x.
Energy power_at_rest(const Circuit& circuit, std::span<const double> x, const Env& env);

class EnergyMeter {
 public:
  EnergyMeter(const Circuit& circuit, double temperature);

  /// The next time point, or the first.
  void add(double t, std::span<const double> x);
  /// J, since the first time point; the next one is the first of another transient.
  Energy finish();

  /// A device that feeds the circuit.
  struct Feed {
    DeviceId device;
    double Energy::*kind;
    enum class Law { Voltage, Current, Inverter } law;
    int direction = 0;    ///< of its voltage: rising, resting, falling
    double charge = 0.0;  ///< C, since that changed
    double volt = 0.0;    ///< of its first pin
    double behind = 0.0;  ///< V, of its second pin
    double ampere = 0.0;  ///< out of the first pin
  };

 private:
  void advance(Feed& feed, std::span<const double> x, double dt, bool from_corner);
  void settle(Feed& feed);

  const Circuit& circuit_;
  Env env_;
  std::vector<Feed> feeds_;
  UnknownId rail_;  // of inverters
  Energy energy_;
  bool has_begun_ = false;
  double time_ = 0.0, last_corner_ = 0.0, next_corner_ = 0.0;
};

}  // namespace arrayspice
