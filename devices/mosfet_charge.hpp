// SPDX-License-Identifier: Apache-2.0
// Gate charges of the level-1 transistor: J. Meyer's capacitances as charges.
//
// SPICE integrates Meyer's capacitances (RCA Review 32, 1971), which lose charge in every
// cycle. But the gate charge of which they are the derivatives exists,
//
//   Q_gate = 2/3 Cox (a^2 + a b + b^2)/(a + b),   a = vgs - v_on, b = vgd - v_on,
//
// and the channel charge is shared between the ends as D. Ward and R. Dutton found (IEEE
// J. Solid-State Circuits SC-13, 1978): 40/60 in saturation, 50/50 at vds = 0,
//
//   Q_d = -Cox (4 a^3 + 8 a^2 b + 12 a b^2 + 6 b^3)/(15 (a + b)^2),
//   Q_s the same with a and b exchanged.
//
// So the gate sees Meyer's cgs and cgd in strong inversion and charge is conserved
// exactly. Around and below threshold a and b are the soft overdrives, whose slope rises
// from 0 to 1 over the last phi/2 below threshold, where SPICE lets cgs rise too. The
// gate-bulk charge is a function of vgb alone: cgb = Cox below vgb = vto - phi, falling
// linearly to 0 at vto, which is Meyer's for a source at the potential of the bulk.
#pragma once

#include "solver/dual.hpp"

namespace arrayspice {

/// Charges on the gate that face each of the other electrodes, in coulomb.
template <class T>
struct ChannelCharges {
  T source{0.0};
  T drain{0.0};
  T bulk{0.0};
};

/// 0 for u < -phi/2, u + phi/4 for u > 0, a parabola between: once differentiable.
template <class T>
T soft_overdrive(const T& u, double phi) {
  if (value_of(u) >= 0.0) return u + 0.25 * phi;
  const T above = u + 0.5 * phi;
  return value_of(above) <= 0.0 ? T(0.0) : above * above / phi;
}

/// Charge between gate and bulk: its slope is cgb.
template <class T>
T gate_bulk_charge(const T& u, double oxide, double phi) {
  if (value_of(u) >= 0.0) return T(0.0);
  if (value_of(u) <= -phi) return oxide * (u + 0.5 * phi);
  return -oxide / (2.0 * phi) * (u * u);
}

/// u_source, u_drain: gate voltage over threshold seen from either end of the channel;
/// u_bulk: over the zero-bias threshold, seen from the bulk.
template <class T>
ChannelCharges<T> channel_charges(const T& u_source, const T& u_drain, const T& u_bulk,
                                  double oxide, double phi) {
  ChannelCharges<T> q;
  q.bulk = gate_bulk_charge(u_bulk, oxide, phi);
  const T a = soft_overdrive(u_source, phi), b = soft_overdrive(u_drain, phi);
  const T sum = a + b;
  constexpr double kNoChannel = 1e-30;  // V, keeps the quotients from 0/0
  if (value_of(sum) <= kNoChannel) return q;
  const T scale = oxide / (15.0 * sum * sum);
  q.drain = scale * (a * a * (4.0 * a + 8.0 * b) + b * b * (12.0 * a + 6.0 * b));
  q.source = scale * (b * b * (4.0 * b + 8.0 * a) + a * a * (12.0 * b + 6.0 * a));
  return q;
}

}  // namespace arrayspice
