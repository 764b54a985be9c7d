// SPDX-License-Identifier: Apache-2.0
// The quantity that a `.dc` sweep moves; it gets its old value back at the end.
#pragma once

#include <cstddef>
#include <string>

#include "netlists/netlist.hpp"

namespace arrayspice {

class SweptValue {
 public:
  SweptValue(const DcCommand::Sweep& sweep, Circuit& circuit);
  ~SweptValue();
  SweptValue(const SweptValue&) = delete;
  SweptValue& operator=(const SweptValue&) = delete;

  std::size_t points() const { return points_; }
  double value(std::size_t k) const {
    return sweep_.start + static_cast<double>(k) * sweep_.step;
  }
  /// Moves the circuit, or env for a temperature, to the k-th value.
  void set(std::size_t k, Env& env);

  /// As ngspice names the column: "v-sweep", "i-sweep", "res-sweep", "temp-sweep".
  static std::string scale_name(const DcCommand::Sweep& sweep, const Circuit& circuit);
  static const char* scale_type(const DcCommand::Sweep& sweep, const Circuit& circuit);

 private:
  void put(double value);

  DcCommand::Sweep sweep_;
  Circuit& circuit_;
  std::size_t points_ = 1;
  std::size_t parameter_ = 0;
  double before_ = 0.0;
};

}  // namespace arrayspice
