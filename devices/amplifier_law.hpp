// SPDX-License-Identifier: Apache-2.0
// Transimpedance amplifiers at the ends of an array's bit lines, for the array solver:
//
//   last cell -- series resistance -- inverting input -- feedback -- output
//
// with the op-amp's own equations (op_amp.hpp), its output resistance 0, its other input
// at 0 V. In a transient the charge of an end is that of the op-amp's pole, output over
// 2 pi gbw.
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
  };
  AmplifierEnds(const OpAmp::Model& amplifier, std::vector<Column> columns)
      : amplifier_(amplifier), columns_(std::move(columns)) {}

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
  Stage settle(const Column& column, double voltage, double injected) const;
  double injected(std::size_t column) const {
    return injected_.empty() ? 0.0 : injected_[column];
  }
  static double through(const Column& column, const Stage& at);

  OpAmp::Model amplifier_;
  std::vector<Column> columns_;
  double alpha_ = 0.0;
  std::vector<double> injected_;
};

}  // namespace arrayspice
