// SPDX-License-Identifier: Apache-2.0
#include "behavior/energy_meter.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "devices/comparator.hpp"
#include "devices/current_source.hpp"
#include "devices/vcvs.hpp"
#include "devices/voltage_source.hpp"

namespace arrayspice {

namespace {

using Feed = EnergyMeter::Feed;

/// A voltage that changes by less, in parts of itself, rests.
constexpr double kAtRest = 1e-9;

constexpr auto kClocks =
    std::to_array<std::string_view>({"vrst", "vph1", "vph2", "vph3", "vpre", "vrd",
                                     "vsmp", "vstart", "vdec", "vtry", "vshift"});
constexpr auto kInputs =
    std::to_array<std::string_view>({"vin", "vinb", "vdrv", "egate"});

/// Is it called by one of these names, with or without indices?
bool is_one_of(std::string_view device, std::span<const std::string_view> stems) {
  const std::string_view stem = device.substr(0, device.find('_'));
  return std::find(stems.begin(), stems.end(), stem) != stems.end();
}

double Energy::*kind_of(std::string_view device) {
  if (is_one_of(device, kInputs)) return &Energy::inputs;
  return is_clock(device) ? &Energy::clocks : &Energy::supplies;
}

constexpr std::array<std::string_view, 1> kInverters{"ninv"};

std::vector<Feed> feeds_of(const Circuit& circuit) {
  std::vector<Feed> feeds;
  for (DeviceId d = 0; d < circuit.devices(); ++d) {
    const std::string_view type = circuit.device_type(d).name;
    const std::string_view name = circuit.device_name(d);
    if (type == VoltageSource::kName || type == Vcvs::kName)
      feeds.push_back({d, kind_of(name), Feed::Law::Voltage});
    else if (type == CurrentSource::kName)
      feeds.push_back({d, kind_of(name), Feed::Law::Current});
    else if (type == Comparator::kName && is_one_of(name, kInverters))
      feeds.push_back({d, &Energy::inverters, Feed::Law::Inverter});
  }
  return feeds;
}

std::size_t first_pin(const Feed& feed) {
  return feed.law == Feed::Law::Inverter ? std::size_t{Comparator::OUT} : 0;
}

}  // namespace

Energy operator+(const Energy& a, const Energy& b) {
  return {a.inputs + b.inputs, a.supplies + b.supplies, a.clocks + b.clocks,
          a.inverters + b.inverters, a.sense + b.sense};
}

Energy operator*(double factor, const Energy& e) {
  return {factor * e.inputs, factor * e.supplies, factor * e.clocks, factor * e.inverters,
          factor * e.sense};
}

bool is_clock(std::string_view device) { return is_one_of(device, kClocks); }

Energy power_at_rest(const Circuit& circuit, std::span<const double> x, const Env& env) {
  Energy power;
  for (const Feed& feed : feeds_of(circuit)) {
    const auto pins = circuit.device_pins(feed.device);
    const double out = -circuit.pin_current(feed.device, first_pin(feed), x, env);
    if (feed.law == Feed::Law::Inverter) continue;  // it drives no current at rest
    power.*feed.kind += x[pins[0]] * out;
    power.supplies -= x[pins[1]] * out;
  }
  return power;
}

EnergyMeter::EnergyMeter(const Circuit& circuit, double temperature)
    : circuit_(circuit),
      feeds_(feeds_of(circuit)),
      rail_(circuit.find_node("vdd").value_or(kGround)) {
  env_.transient = true;
  env_.temperature = temperature;
}

void EnergyMeter::add(double t, std::span<const double> x) {
  env_.time = t;
  // Currents jump at the corners of sources: those known there are left of them.
  const bool from_corner = time_ == last_corner_;
  for (Feed& feed : feeds_) advance(feed, x, has_begun_ ? t - time_ : 0.0, from_corner);
  if (!has_begun_ || t >= next_corner_) {
    last_corner_ = t;
    next_corner_ = circuit_.next_breakpoint(t);
  }
  has_begun_ = true;
  time_ = t;
}

void EnergyMeter::advance(Feed& feed, std::span<const double> x, double dt,
                          bool from_corner) {
  const auto pins = circuit_.device_pins(feed.device);
  const std::size_t first = first_pin(feed);
  const double volt = x[pins[first]];
  const double ampere = -circuit_.pin_current(feed.device, first, x, env_);
  const double mean = from_corner ? ampere : 0.5 * (feed.ampere + ampere);
  if (feed.law == Feed::Law::Voltage) {
    const double change = volt - feed.volt;
    const bool rests =
        std::abs(change) <= kAtRest * (std::abs(volt) + std::abs(feed.volt));
    const int direction = rests ? 0 : change > 0.0 ? 1 : -1;
    if (direction != feed.direction) settle(feed);
    feed.direction = direction;
    feed.charge += mean * dt;
  } else if (feed.law == Feed::Law::Current) {
    const double across = volt - x[pins[1]];
    energy_.*feed.kind += 0.5 * (feed.volt - feed.behind + across) * mean * dt;
  } else {
    energy_.*feed.kind += x[rail_] * std::max(mean, 0.0) * dt;
  }
  feed.volt = volt;
  feed.behind = feed.law == Feed::Law::Inverter ? 0.0 : x[pins[1]];
  feed.ampere = ampere;
}

/// Its voltage has come to where it was heading.
void EnergyMeter::settle(Feed& feed) {
  energy_.*feed.kind += feed.volt * feed.charge;
  energy_.supplies -= feed.behind * feed.charge;
  feed.charge = 0.0;
}

Energy EnergyMeter::finish() {
  for (Feed& feed : feeds_) {
    settle(feed);
    feed.direction = 0;
  }
  has_begun_ = false;
  return std::exchange(energy_, {});
}

}  // namespace arrayspice
