// SPDX-License-Identifier: Apache-2.0
// Transimpedance amplifiers at the ends of an array's bit lines, for the array solver:
//
//   last cell -- series resistance -- inverting input -- feedback -- output
//
// with the op-amp's own equations (op_amp.hpp), its output resistance 0, its other input
// at 0 V. The feedback is a resistance or, of integrators, a capacitance, which has no
// operating point. In a transient the charges of an end are that of the op-amp's pole,
// output over 2 pi gbw, and that of the capacitance.
#pragma once

#include <utility>
#include <vector>

#include "devices/op_amp.hpp"
#include "solver/lines/line_transient.hpp"

namespace arrayspice {

class AmplifierEnds final : public lines::MovingEndLaw {
 public:
  struct Column {
    double series;    ///< ohm, from the last cell to the amplifier; may be 0
    double offset;    ///< V, of its amplifier, in place of the model's
    double feedback;  ///< ohm
    /// F: above 0, of all columns then, in place of the resistance.
    double capacitance = 0.0;
  };
  AmplifierEnds(const OpAmp::Model& amplifier, std::vector<Column> columns)
      : amplifier_(amplifier), columns_(std::move(columns)) {}

  std::size_t charges_of_an_end() const override { return integrates() ? 2 : 1; }
  bool rests() const override { return !integrates(); }
  void evaluate(std::span<const double> voltage, std::span<double> current,
                std::span<double> conductance) const override;
  void set_step(double alpha, std::span<const double> injected) override;
  void charges(std::span<const double> voltage, std::span<double> charge) const override;
  Slopes slopes(std::span<const double> voltage) const override;

  /// At rest: output voltage of an amplifier whose feedback takes this current.
  double output(std::size_t column, double current) const;
  /// Its derivative, ohm.
  double transimpedance(std::size_t column, double current) const;
  /// Output voltage at this charge.
  double output_of_charge(double charge) const;

 private:
  struct Stage {
    double input, output, charge;                    // V: inverting input and output
    double input_slope, output_slope, charge_slope;  // by the stage's state
  };
  Stage stage(const Column& column, double state, double injected) const;
  Stage settle(std::size_t column, double voltage) const;
  bool integrates() const { return !columns_.empty() && columns_[0].capacitance > 0.0; }
  /// S, of the feedback in this time step.
  double admittance(std::size_t column) const {
    const Column& at = columns_[column];
    return integrates() ? alpha_ * at.capacitance : 1.0 / at.feedback;
  }
  /// V, into the pole.
  double injected(std::size_t column) const {
    return injected_.empty() ? 0.0 : injected_[column];
  }
  /// A, into the capacitance.
  double kept(std::size_t column) const {
    return integrates() && !injected_.empty() ? injected_[columns_.size() + column] : 0.0;
  }
  double through(std::size_t column, const Stage& at) const;

  OpAmp::Model amplifier_;
  std::vector<Column> columns_;
  double alpha_ = 0.0;
  std::vector<double> injected_;
};

}  // namespace arrayspice
