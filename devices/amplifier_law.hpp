// SPDX-License-Identifier: Apache-2.0
// Transimpedance amplifiers at the ends of an array's bit lines, for the array solver:
//
//   last cell -- series conductance -- inverting input -- feedback -- output
//
// with the op-amp's own equations (op_amp.hpp) at an operating point, its output
// resistance 0, its other input at 0 V.
#pragma once

#include "devices/op_amp.hpp"
#include "solver/lines/line_solver.hpp"

namespace arrayspice {

class AmplifierEnds final : public lines::EndLaw {
 public:
  /// `series`: S, from the last cell to the amplifier; `feedback`: ohm.
  AmplifierEnds(const OpAmp::Model& amplifier, double series, double feedback)
      : amplifier_(amplifier), series_(series), feedback_(feedback) {}

  void evaluate(std::span<const double> voltage, std::span<double> current,
                std::span<double> conductance) const override;

  /// Output voltage of an amplifier whose feedback takes this current.
  double output(double current) const;
  /// Its derivative, ohm.
  double transimpedance(double current) const;

 private:
  struct Stage {
    double input, output;              // V: inverting input and output
    double input_slope, output_slope;  // by the stage's state
  };
  Stage stage(double state) const;
  Stage settle(double voltage) const;

  OpAmp::Model amplifier_;
  double series_, feedback_;
};

}  // namespace arrayspice
