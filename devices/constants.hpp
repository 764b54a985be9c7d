// SPDX-License-Identifier: Apache-2.0
// Physical constants (exact in the SI of 2019) and the reference temperature of SPICE.
#pragma once

namespace arrayspice {

inline constexpr double kBoltzmann = 1.380649e-23;             // J/K
inline constexpr double kElementaryCharge = 1.602176634e-19;   // C
inline constexpr double kElectricConstant = 8.8541878128e-12;  // F/m
inline constexpr double kPi = 3.14159265358979323846;
inline constexpr double kZeroCelsius = 273.15;      // K
inline constexpr double kRoomTemperature = 300.15;  // K, 27 degC: SPICE's REFTEMP

/// kT/q in volt.
constexpr double thermal_voltage(double temperature) {
  return kBoltzmann / kElementaryCharge * temperature;
}

/// 1 + tc1 dT + tc2 dT^2 with dT from tnom (degC): how SPICE scales R, C and L.
constexpr double temperature_factor(double temperature, double tnom, double tc1,
                                    double tc2) {
  const double dt = temperature - (tnom + kZeroCelsius);
  return 1.0 + dt * (tc1 + dt * tc2);
}

}  // namespace arrayspice
