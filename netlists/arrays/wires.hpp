// SPDX-License-Identifier: Apache-2.0
// The lines that arrays of all types share: sources with their drivers, word lines, bit
// lines, with resistance and capacitance per segment (geometry.hpp has the drawing).
#pragma once

#include "netlists/arrays/geometry.hpp"
#include "netlists/arrays/sink.hpp"
#include "netlists/arrays/spec.hpp"

namespace arrayspice {

class ArrayWires {
 public:
  ArrayWires(const ArraySpec& spec, NetlistSink& sink)
      : spec_(spec), at_(spec), sink_(sink) {}

  const ArrayGeometry& at() const { return at_; }

  /// Source `Vin_i`, driver and word line i.
  void word_line(std::int64_t i, const Signal& input);
  /// Bit line j from its first cell to its sense node.
  void bit_line(std::int64_t j);
  /// Capacitances between neighbouring lines.
  void coupling();

  /// Elements that only exist when they have a value and two nodes.
  void wire(const Name& name, const Name& p, const Name& m, double ohm);
  void capacitance(const Name& name, const Name& p, const Name& m, double farad);

 private:
  const ArraySpec& spec_;
  ArrayGeometry at_;
  NetlistSink& sink_;
};

}  // namespace arrayspice
