// SPDX-License-Identifier: Apache-2.0
// The channel of the EKV transistor, shared by transistor, flash cell and FeFET. All
// voltages are referred to the bulk, so source and drain are alike.
//
//   vp = (vg - vt)/n,   if = ln^2(1 + exp((vp - vs)/(2 ut))),   ir the same with vd
//   i  = 2 n beta ut^2 (if - ir) (1 + lambda |vd - vs|),   vt = vto - sigma |vd - vs|
//
// ut = kT/q. Below threshold i = 2 n beta ut^2 exp((vg - vt)/(n ut)) (exp(-vs/ut) -
// exp(-vd/ut)), far above it beta n/2 ((vp - vs)^2 - (vp - vd)^2). Charges, with x =
// sqrt(1/4 + i) at either end and cox that of the whole gate:
//
//   q_d = -n cox ut (4/15 (3 xr^3 + 6 xr^2 xf + 4 xr xf^2 + 2 xf^3)/(xf + xr)^2 - 1/2)
//   q_s the same with f and r exchanged,
//   q_b = -(n - 1) cox vp - (n - 1)/n (q_d + q_s),   q_g = -(q_d + q_s + q_b)
//
// Source: C. Enz, F. Krummenacher, E. Vittoz, Analog Integrated Circuits and Signal
// Processing 8, 83 (1995); M. Bucher et al., "The EPFL-EKV MOSFET model equations for
// simulation, version 2.6" (1997), here with a constant slope factor n. Ours: channel
// length modulation and barrier lowering (sigma) are linear in |vd - vs|, with |u| made
// smooth as u tanh(u/(4 ut)), which is even and has no corner.
#pragma once

#include "devices/constants.hpp"
#include "devices/limiting.hpp"

namespace arrayspice {

struct EkvChannel {
  double vto = 0.4;  ///< V, at temperature
  double n = 1.3;
  double beta = 3e-4;   ///< A/V^2: mobility times cox w/l, at temperature
  double lambda = 0.0;  ///< 1/V
  double sigma = 0.0;   ///< V/V
  double ut = 0.025;    ///< V
};

/// ln(1 + exp(x)), which is x far up and exp(x) far down.
template <class T>
T soft_plus(const T& x) {
  const double u = value_of(x), e = std::exp(-std::abs(u));
  return chain(x, std::max(u, 0.0) + std::log1p(e), (u > 0.0 ? 1.0 : e) / (1.0 + e));
}

template <class T>
struct EkvEnds {
  T vp;        ///< pinch-off voltage
  T forward;   ///< if
  T reverse;   ///< ir
  T distance;  ///< |vd - vs|
};

template <class T>
EkvEnds<T> ekv_ends(const EkvChannel& c, const T& vg, const T& vd, const T& vs) {
  using std::tanh;
  const T u = vd - vs;
  const T distance = u * tanh(u / (4.0 * c.ut));
  const T vp = (vg - (c.vto - c.sigma * distance)) / c.n;
  const T f = soft_plus<T>((vp - vs) / (2.0 * c.ut)),
          r = soft_plus<T>((vp - vd) / (2.0 * c.ut));
  return {vp, f * f, r * r, distance};
}

/// Current from drain to source.
template <class T>
T ekv_current(const EkvChannel& c, const EkvEnds<T>& e) {
  return 2.0 * c.n * c.beta * c.ut * c.ut * (e.forward - e.reverse) *
         (1.0 + c.lambda * e.distance);
}

template <class T>
struct EkvCharges {
  T drain, source, bulk;
};

/// 8 (3 xr^3 + 6 xr^2 xf + 4 xr xf^2 + 2 xf^3) - 15 (xf + xr)^2 with x = 1/2 + f, 1/2 +
/// r: multiplied out, since below threshold nearly all of it cancels.
template <class T>
T ekv_end_charge(const T& f, const T& r) {
  return 10.0 * f + 20.0 * r + 25.0 * f * f + 45.0 * r * r + 50.0 * f * r +
         f * f * (16.0 * f + 32.0 * r) + r * r * (24.0 * r + 48.0 * f);
}

/// Charges at the pins other than the gate; oxide in F.
template <class T>
EkvCharges<T> ekv_charges(const EkvChannel& c, const EkvEnds<T>& e, double oxide) {
  using std::sqrt;
  const T f = e.forward / (0.5 + sqrt(0.25 + e.forward));
  const T r = e.reverse / (0.5 + sqrt(0.25 + e.reverse));
  const T scale = -c.n * c.ut * oxide / (30.0 * (1.0 + f + r) * (1.0 + f + r));
  EkvCharges<T> q;
  q.drain = scale * ekv_end_charge(f, r);
  q.source = scale * ekv_end_charge(r, f);
  q.bulk = -(c.n - 1.0) * (oxide * e.vp + (q.drain + q.source) / c.n);
  return q;
}

}  // namespace arrayspice
