// SPDX-License-Identifier: Apache-2.0
// The nodes of an array. Row 0 is at the top, column 0 at the left:
//
//   in_i -Rdrv- drv_i -Rwl_i_0- wl_i_0 -Rwl_i_1- wl_i_1 ... wl_i_(n-1)
//        [-Rwl_i_n- drvr_i -Rdrvr- in_i]
//
//   [out_j -Rsenset- top_j -Rblt-] bl_0_j -Rbl_0_j- bl_1_j ... bl_(m-1)_j
//        -Rbl_(m-1)_j- end_j -Rsense- out_j
//
// with the parts in brackets for sides = "both". A zero resistance makes its two nodes
// one: they take the name of the source or sense node, else of the line's first cell.
#pragma once

#include "netlists/arrays/sink.hpp"
#include "netlists/arrays/spec.hpp"

namespace arrayspice {

class ArrayGeometry {
 public:
  explicit ArrayGeometry(const ArraySpec& spec)
      : word_line_is_one_(spec.wire.word_line_resistance == 0.0),
        bit_line_is_one_(spec.wire.bit_line_resistance == 0.0),
        driver_is_ideal_(spec.driver.resistance == 0.0),
        sense_is_ideal_(spec.sense.resistance == 0.0),
        has_amplifier_(uses_amplifier(spec)) {}

  Name source(std::int64_t i) const { return {"in", i}; }
  Name driven_left(std::int64_t i) const { return driven("drv", i); }
  Name driven_right(std::int64_t i) const { return driven("drvr", i); }
  Name word_line(std::int64_t i, std::int64_t j) const {
    if (!word_line_is_one_) return {"wl", i, j};
    return driver_is_ideal_ ? source(i) : Name{"wl", i, 0};
  }
  Name bit_line(std::int64_t i, std::int64_t j) const {
    if (!bit_line_is_one_) return {"bl", i, j};
    return sense_is_ideal_ ? sense(j) : Name{"bl", 0, j};
  }
  Name bottom(std::int64_t j) const { return sensed("end", j); }
  Name top(std::int64_t j) const { return sensed("top", j); }
  /// Where the output current leaves the bit line.
  Name sense(std::int64_t j) const { return {has_amplifier_ ? "sns" : "out", j}; }
  Name virtual_ground(std::int64_t j) const { return {"vg", j}; }
  Name output(std::int64_t j) const { return {"out", j}; }
  Name gate(std::int64_t i) const { return {"g", i}; }
  /// Between the memory cell and its access transistor or selector.
  Name middle(std::int64_t i, std::int64_t j) const { return {"n", i, j}; }

 private:
  Name driven(std::string_view stem, std::int64_t i) const {
    if (driver_is_ideal_) return source(i);
    return word_line_is_one_ ? word_line(i, 0) : Name{stem, i};
  }
  Name sensed(std::string_view stem, std::int64_t j) const {
    if (sense_is_ideal_) return sense(j);
    return bit_line_is_one_ ? bit_line(0, j) : Name{stem, j};
  }

  bool word_line_is_one_, bit_line_is_one_, driver_is_ideal_, sense_is_ideal_;
  bool has_amplifier_;
};

}  // namespace arrayspice
