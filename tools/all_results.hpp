// SPDX-License-Identifier: Apache-2.0
// Every result of a circuit: the node voltages, then the current of every voltage-defined
// device. Names are made when asked for: a large circuit has many.
#pragma once

#include <span>
#include <vector>

#include "devices/circuit.hpp"
#include "tools/waveform_writer.hpp"

namespace arrayspice {

class AllResults {
 public:
  explicit AllResults(const Circuit& circuit);

  std::size_t size() const { return unknowns_.size(); }
  UnknownId unknown(std::size_t k) const { return unknowns_[k]; }
  Column column(std::size_t k) const;
  /// out has size() elements.
  void read(std::span<const double> x, std::span<double> out) const;

 private:
  const Circuit& circuit_;
  std::vector<UnknownId> unknowns_;
  std::vector<DeviceId> devices_;  ///< of the currents, which come last
};

}  // namespace arrayspice
