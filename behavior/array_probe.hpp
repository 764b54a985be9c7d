// SPDX-License-Identifier: Apache-2.0
// An array on the bench: apply inputs, read outputs and cell voltages, ask for what small
// changes do to the outputs, watch a step. By lines (solver/lines) or as a circuit.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "behavior/energy_meter.hpp"
#include "netlists/arrays/array.hpp"

namespace arrayspice {

/// At every time point, first at t = 0: outputs.
using OutputObserver = std::function<void(double t, std::span<const double> outputs)>;

class ArrayProbe {
 public:
  virtual ~ArrayProbe() = default;

  /// Finds the operating point with these inputs (rows, V), starting from the last one.
  /// Throws Failure (Exit::Numeric) when there is none; by lines NotByLines when only
  /// they find none.
  virtual void solve(std::span<const double> inputs) = 0;
  virtual std::vector<double> outputs() const = 0;  ///< columns, the output's unit
  /// Word line minus bit line at every cell, V.
  virtual Matrix cell_voltages() const = 0;

  /// d output_j / d input_i at the last solution, rows x columns.
  virtual Matrix effective_conductance() = 0;
  /// W, that the last solution takes.
  virtual Energy power() = 0;
  /// Virtual grounds: the conductance that each sense node sees at the last solution, S.
  virtual std::vector<double> output_conductance() = 0;

  struct Step {
    double stop, max_step;  ///< s
    double reltol;          ///< truncation error
  };
  /// Inputs step from 0 to `inputs` at t = 0, every node at 0 V before. Returns the
  /// energy that it takes (J). Throws as solve() does.
  virtual Energy step(std::span<const double> inputs, const Step& step,
                      const OutputObserver& observe) = 0;

  virtual std::int64_t rows() const = 0;
  virtual std::int64_t columns() const = 0;
  std::int64_t solves() const { return solves_; }

 protected:
  std::int64_t solves_ = 0;
};

std::unique_ptr<ArrayProbe> make_circuit_probe(const ArraySpec& spec,
                                               const Matrix& conductances);
/// Only where why_not_lines() has nothing to say; step() where why_not_line_step() has.
std::unique_ptr<ArrayProbe> make_line_probe(const ArraySpec& spec,
                                            const Matrix& conductances);

/// What the lines do not solve and a circuit may.
class NotByLines : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Does the array solver know what small changes do to the outputs? If not, why not
/// (empty: it does).
std::string why_not_line_slopes(const ArraySpec& spec);
/// Can the array solver follow a step of the inputs? If not, why not (empty: it can).
std::string why_not_line_step(const ArraySpec& spec);

/// Calls measure() with the array by lines, unless there is a reason against it; when the
/// lines then do not solve it, once more with the array as a circuit.
void measure_array(const ArraySpec& spec, const Matrix& conductances,
                   const std::string& why_not_lines,
                   const std::function<void(ArrayProbe&)>& measure);

}  // namespace arrayspice
