// SPDX-License-Identifier: Apache-2.0
// The polarisation of a ferroelectric layer, shared by capacitor and transistor: a
// Preisach model of branches that are scaled to start at the last turning point, written
// without that memory.
//
// Saturated branches in units of the saturation polarisation: p = tanh(a (v - vc)) going
// up, tanh(a (v + vc)) going down. A branch that turns at (v0, p0) is the saturated one
// scaled so that it starts there and ends in saturation. Going up, with y = tanh(a (v -
// vc)), (1 - p)/(1 - y) keeps its value. Differentiated, the turning point drops out:
//
//   dp/dv = a (1 + tanh a(v - vc)) (1 - p)  upwards
//   dp/dv = a (1 - tanh a(v + vc)) (1 + p)  downwards
//
// so the state is p alone, and a small loop closes on itself. The voltage w that the
// domains see follows the applied one, tau dw/dt = v - w with the time constant of
// switching; it also gives the direction. Sources: the branches after B. Jiang et al.,
// VLSI Technology Symposium (1997); the lag after K. Ni et al., VLSI Technology Symposium
// (2018).
#pragma once

#include "devices/bounded_state.hpp"
#include "devices/limiting.hpp"

namespace arrayspice {

struct Ferroelectric {
  double a;    ///< 1/V
  double vc;   ///< V, coercive
  double tau;  ///< s
};

/// dw/dt: the voltage w of the domains under v.
template <class T>
T domain_rate(const Ferroelectric& f, const T& v, const T& w) {
  return (v - w) / f.tau;
}

/// dp/dt of the polarisation p in -1 .. 1, with 1 + tanh(z) = 2/(1 + exp(-2 z)).
template <class T>
T polarisation_rate(const Ferroelectric& f, const T& v, const T& w, const T& p) {
  const T speed = domain_rate(f, v, w), inside = between(p, -1.0, 1.0);
  const bool up = value_of(speed) > 0.0;
  const T z = up ? f.a * (w - f.vc) : -f.a * (w + f.vc);
  const T room = up ? 1.0 - inside : 1.0 + inside;
  return 2.0 * f.a / (1.0 + limited_exp(-2.0 * z)) * room * speed;
}

}  // namespace arrayspice
