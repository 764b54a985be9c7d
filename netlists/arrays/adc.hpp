// SPDX-License-Identifier: Apache-2.0
// The converters of an array: what becomes of inputs before it, and of outputs behind it.
//
// An output y is x = (y - minimum)/LSB; the ideal converter changes from code k - 1 to k
// at x = k - 1/2 and holds at its ends.
//
//   sar    compares x + 1/2 + offset with trial levels, from the most significant bit on:
//          level = 2^B sum of the capacitors of set bits / sum of all, capacitor k of 2^k
//          units, one more unit at the end; n units differ by capacitor_sigma/sqrt(n)
//   ramp   counts clock periods until a ramp passes x + 1/2 + offset:
//          code = floor((x + 1/2 + offset)/(1 + slope error) + delay)
//   tdc    counts the elements of a delay line that an edge has passed: an element k is
//          time_step (1 + time_step_sigma z_k); LSB = time_step, minimum LSB/2
//
// Comparator noise is drawn for every decision (sar) or conversion (ramp). A DAC takes
// the nearest of its levels, whose elements differ and whose ends are its references:
// level n is (sum of the first n elements)/(sum of all) of its range.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "netlists/arrays/array.hpp"

namespace arrayspice {

/// Inputs as the DACs of this chip give them.
Matrix converted_inputs(const ArraySpec& spec, const Matrix& inputs);

/// Least and largest output that ranges of weights and inputs allow without
/// non-idealities, every weight and every input at an end of its range.
struct OutputRange {
  double minimum, maximum;
};
OutputRange full_scale(const ArraySpec& spec);

bool has_adc(const ArraySpec& spec);

/// The converters of all columns of one chip.
class Adc {
 public:
  virtual ~Adc() = default;

  std::int64_t codes() const { return codes_; }  ///< 0 .. codes() - 1
  double lsb() const { return lsb_; }            ///< in the output's unit
  double value_of(std::int64_t code) const {
    return minimum_ + lsb_ * static_cast<double>(code);
  }
  /// Is the output beyond the ends by more than half an LSB?
  bool clips(double output) const {
    const double x = (output - minimum_) / lsb_;
    return x < -0.5 || x > static_cast<double>(codes_) - 0.5;
  }

  std::int64_t code(double output, std::int64_t column, std::int64_t product) const;
  /// codes() - 1 outputs, rising: from each on the code is 1, 2, ... at least, without
  /// noise.
  std::vector<double> thresholds(std::int64_t column) const;

 protected:
  Adc(double minimum, double lsb, std::int64_t codes)
      : minimum_(minimum), lsb_(lsb), codes_(codes) {}

 private:
  /// In LSB; of any size.
  virtual std::int64_t convert(double x, std::int64_t column,
                               std::int64_t product) const = 0;
  virtual double threshold(std::int64_t code, std::int64_t column) const = 0;

  double minimum_, lsb_;
  std::int64_t codes_;
};

/// Null without one.
std::unique_ptr<Adc> make_adc(const ArraySpec& spec);

/// How far the steps of a converter are from equal ones, LSB.
struct Linearity {
  double inl, dnl;       ///< largest; INL is that from the line through both ends
  std::int64_t missing;  ///< codes that never come
};
Linearity linearity(const Adc& adc, std::int64_t column);

/// What the converters make of outputs (batch, columns).
struct Conversion {
  Matrix codes, values;
  std::int64_t clipped = 0;
};
Conversion converted_outputs(const Adc& adc, const Matrix& outputs);

}  // namespace arrayspice
