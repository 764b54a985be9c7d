// SPDX-License-Identifier: Apache-2.0
// The pn junction as diode and transistor share it: how SPICE scales it with temperature,
// its depletion charge and its current.
// Source: P. Antognetti, G. Massobrio, "Semiconductor Device Modeling with SPICE", ch. 1.
#pragma once

#include <cmath>

#include "devices/constants.hpp"
#include "devices/limiting.hpp"

namespace arrayspice {

/// Band gap of silicon in eV.
inline double silicon_gap(double temperature) {
  return 1.16 - 7.02e-4 * temperature * temperature / (temperature + 1108.0);
}

/// Change of a built-in potential from room temperature to T: phi(T) = phi0 T/T0 + shift,
/// from the intrinsic concentration n_i^2 ~ T^3 exp(-Eg/kT).
inline double potential_shift(double temperature) {
  const double vt = thermal_voltage(temperature);
  const double gap = silicon_gap(temperature) / (2.0 * vt);
  const double room_gap =
      silicon_gap(kRoomTemperature) / (2.0 * thermal_voltage(kRoomTemperature));
  return -2.0 * vt * (1.5 * std::log(temperature / kRoomTemperature) - gap + room_gap);
}

/// A built-in potential given at `nominal` K, at `temperature` K.
inline double potential_at(double phi, double nominal, double temperature) {
  const double at_room = (phi - potential_shift(nominal)) / (nominal / kRoomTemperature);
  return temperature / kRoomTemperature * at_room + potential_shift(temperature);
}

/// Factor on a depletion capacitance with grading m and potential phi, given at
/// `nominal`.
inline double depletion_factor(double phi, double m, double nominal, double temperature) {
  const double at_room = (phi - potential_shift(nominal)) / (nominal / kRoomTemperature);
  const auto growth = [&](double t) {
    const double change = (potential_at(phi, nominal, t) - at_room) / at_room;
    return 1.0 + m * (4e-4 * (t - kRoomTemperature) - change);
  };
  return growth(temperature) / growth(nominal);
}

/// is (exp(u/nvt) - 1) for u > -3 nvt; below, SPICE's -is (1 + (3 nvt/(e u))^3), which
/// meets it there and keeps a conductance in reverse that does not vanish.
template <class T>
T junction_current(const T& u, double is, double nvt) {
  if (value_of(u) >= -3.0 * nvt) return is * (limited_exp(u / nvt) - 1.0);
  const T a = 3.0 * nvt / (std::exp(1.0) * u);
  return -is * (1.0 + a * a * a);
}

/// Depletion charge of C = c (1 - u/phi)^-m, with C continued by its tangent from fc phi.
template <class T>
T depletion_charge(const T& u, double c, double phi, double m, double fc) {
  const double corner = fc * phi;
  if (value_of(u) < corner) {
    using std::pow;
    return c * phi / (1.0 - m) * (1.0 - pow(1.0 - u / phi, 1.0 - m));
  }
  const double at_corner = phi / (1.0 - m) * (1.0 - std::pow(1.0 - fc, 1.0 - m));
  const T linear = (1.0 - fc * (1.0 + m)) * (u - corner);
  const T quadratic = m / (2.0 * phi) * (u * u - corner * corner);
  return c * (at_corner + (linear + quadratic) / std::pow(1.0 - fc, 1.0 + m));
}

}  // namespace arrayspice
