// SPDX-License-Identifier: Apache-2.0
// The lines that arrays of all types share: sources with their drivers, word lines, bit
// lines, with resistance and capacitance per segment (geometry.hpp has the drawing).
#pragma once

#include <span>

#include "netlists/arrays/array.hpp"
#include "netlists/arrays/geometry.hpp"
#include "netlists/arrays/sink.hpp"
#include "netlists/arrays/spec.hpp"

namespace arrayspice {

class ArrayWires {
 public:
  ArrayWires(const ArraySpec& spec, NetlistSink& sink)
      : spec_(spec), at_(spec), sink_(sink) {}

  const ArrayGeometry& at() const { return at_; }

  /// Source `Vin_i`, driver and word line i, unless the sink wants another row.
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

/// What describes an array of some type: derived classes have
/// `void describe(const Matrix& weights, std::span<const double> inputs)`.
class ArrayDescription {
 public:
  ArrayDescription(const ArraySpec& spec, NetlistSink& sink)
      : spec_(spec),
        part_(sink.part()),
        wires_(spec, sink),
        at_(wires_.at()),
        sink_(sink) {}

 protected:
  /// Calls visit(i, j) for the cells, or visit(j) for the columns, that the sink wants.
  template <class Visit>
  void each_cell(Visit visit) const {
    for (std::int64_t i = 0; i < spec_.array.rows; ++i)
      for (std::int64_t j = 0; j < spec_.array.columns; ++j)
        if (part_.has(i, j)) visit(i, j);
  }
  template <class Visit>
  void each_column(Visit visit) const {
    for (std::int64_t j = 0; j < spec_.array.columns; ++j)
      if (part_.has_column(j)) visit(j);
  }

  const ArraySpec& spec_;
  ArrayPart part_;
  ArrayWires wires_;
  const ArrayGeometry& at_;
  NetlistSink& sink_;
};

/// ArrayType::describe by such a class.
template <class Description>
void describe_by(const ArraySpec& spec, const Matrix& weights,
                 std::span<const double> inputs, NetlistSink& sink) {
  Description(spec, sink).describe(weights, inputs);
}

}  // namespace arrayspice
