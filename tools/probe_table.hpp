// SPDX-License-Identifier: Apache-2.0
// The circuit quantities that outputs refer to: node voltages, branch and pin currents,
// device parameters. Each is found once by name and then read at every point.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "devices/circuit.hpp"
#include "netlists/expression.hpp"

namespace arrayspice {

bool is_independent_source(const DeviceType& type);

/// A solution as an analysis reports it.
struct Point {
  double scale = 0.0;  ///< s in a transient, the swept value in a sweep, else 0
  std::span<const double> x;
  Env env;
};

struct Probe {
  enum class Kind {
    Scale,
    Temperature,  ///< degC
    Unknown,      ///< x[a]
    Difference,   ///< x[a] - x[b]
    PinCurrent,   ///< current into a pin, static and charging
    Power,        ///< W, taken up by the device
    SourcePower,  ///< W, delivered by all independent sources
    Parameter,
  };
  Kind kind = Kind::Unknown;
  UnknownId a = kGround, b = kGround;
  DeviceId device = kNoDevice;
  std::size_t index = 0;        ///< of the pin or parameter
  std::size_t history = 0;      ///< of a pin current: which of the past ones is its own
  std::string name{};           ///< "v(a)"
  const char* type = "notype";  ///< as SPICE3 raw files name it
};

class ProbeTable {
 public:
  explicit ProbeTable(const Circuit& circuit) : circuit_(circuit) {}

  /// The index of what a reference means; reports what does not exist.
  std::optional<std::int32_t> add(const Reference& reference, Location where,
                                  Diagnostics& diagnostics);
  std::int32_t add(Probe probe);

  std::size_t size() const { return probes_.size(); }
  const Probe& operator[](std::size_t k) const { return probes_[k]; }

  /// A new analysis begins: no charges are known.
  void start();
  /// The values at a point; out has size() elements.
  void read(const Point& point, std::span<double> out);
  /// The same without touching what is known of the past: currents into pins, which
  /// depend on it, are not a number.
  void read_memoryless(const Point& point, std::span<double> out) const;

 private:
  std::optional<Probe> find(const Reference& reference, Location where,
                            Diagnostics& diagnostics) const;
  std::optional<Probe> find_name(const Reference& reference, Location where,
                                 Diagnostics& diagnostics) const;
  std::optional<Probe> find_voltage(const Reference& reference, Location where,
                                    Diagnostics& diagnostics) const;
  std::optional<Probe> find_current(const Reference& reference, Location where,
                                    Diagnostics& diagnostics) const;
  std::optional<Probe> find_parameter(const Reference& reference, Location where,
                                      Diagnostics& diagnostics) const;
  std::optional<UnknownId> node(const std::string& name, Location where,
                                Diagnostics& diagnostics) const;
  std::optional<DeviceId> device(const std::string& name, Location where,
                                 Diagnostics& diagnostics) const;

  double value(const Probe& probe, const Point& point) const;
  double pin_current(std::size_t probe, const Point& point);
  double power(DeviceId device, const Point& point) const;
  double source_power(const Point& point) const;

  /// The last two charges of a pin, for its charging current.
  struct History {
    std::size_t points = 0;
    double t[2]{}, q[2]{};
    double current = 0.0;
  };

  const Circuit& circuit_;
  std::vector<DeviceId> sources_;  ///< found when their power is first asked for
  std::vector<Probe> probes_;
  std::unordered_map<std::string, std::int32_t> by_name_;
  std::size_t pin_currents_ = 0;
  std::vector<History> histories_;  ///< of the pin currents
};

}  // namespace arrayspice
