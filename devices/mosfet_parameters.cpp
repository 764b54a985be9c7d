// SPDX-License-Identifier: Apache-2.0
#include "devices/mosfet_parameters.hpp"

namespace arrayspice {

namespace {

// SPICE's value, 3e-6 above CODATA's: parameters derived from tox agree with it.
constexpr double kVacuumPermittivity = 8.854214871e-12;  // F/m
constexpr double kOxidePermittivity = 3.9 * kVacuumPermittivity;
constexpr double kSiliconPermittivity = 11.7 * kVacuumPermittivity;
constexpr double kIntrinsicDensity = 1.45e16;  // 1/m^3 at 27 degC

double value_or(double parameter, double otherwise) {
  return given(parameter) ? parameter : otherwise;
}

/// Threshold of a transistor of doping nsub, from the work functions of gate and bulk.
double threshold_from_doping(const MosfetModel& t, double phi, double gamma, double oxide,
                             double gap) {
  const double p = t.polarity;
  const double gate = t.tpg == 0.0 ? 3.2 : 3.25 + 0.5 * gap - p * t.tpg * 0.5 * gap;
  const double bulk = 3.25 + 0.5 * gap + p * 0.5 * phi;
  const double flat_band = gate - bulk - t.nss * 1e4 * kElementaryCharge / oxide;
  return flat_band + p * (gamma * std::sqrt(phi) + phi);
}

struct Electrical {
  double vto, kp, gamma, phi;
};

/// What is not given follows from tox and nsub, or is SPICE's default.
Electrical electrical(const MosfetModel& t, double oxide, double nominal) {
  Electrical e{value_or(t.vto, 0.0), value_or(t.kp, 2e-5), value_or(t.gamma, 0.0),
               value_or(t.phi, 0.6)};
  if (oxide == 0.0) return e;
  if (!given(t.kp)) e.kp = t.uo * 1e-4 * oxide;
  if (!given(t.nsub)) return e;
  const double density = t.nsub * 1e6;
  if (density <= kIntrinsicDensity)
    throw std::invalid_argument("nsub is below the intrinsic density 1.45e10/cm^3");
  if (!given(t.phi))
    e.phi = std::max(
        0.1, 2.0 * thermal_voltage(nominal) * std::log(density / kIntrinsicDensity));
  if (!given(t.gamma))
    e.gamma = std::sqrt(2.0 * kSiliconPermittivity * kElementaryCharge * density) / oxide;
  if (!given(t.vto))
    e.vto = threshold_from_doping(t, e.phi, e.gamma, oxide, silicon_gap(nominal));
  return e;
}

MosfetInstance::Junction bulk_junction(const MosfetModel& t, double m, double area,
                                       double perimeter, bool by_area,
                                       double given_bottom) {
  MosfetInstance::Junction j{};
  j.is = m * (by_area ? t.at.js * area : t.at.is);
  j.bottom = m * (given(given_bottom) ? given_bottom : t.at.cj * area);
  j.sidewall = m * t.at.cjsw * perimeter;
  j.v_critical = critical_voltage(t.at.vt, j.is);
  return j;
}

double conductance(double m, double resistance) {
  return resistance > 0.0 ? m / resistance : 0.0;
}

}  // namespace

void prepare_mosfet(MosfetModel& t, double temperature) {
  const double nominal = t.tnom + kZeroCelsius;
  const double gap = silicon_gap(temperature), nominal_gap = silicon_gap(nominal);
  const double ratio = temperature / nominal;
  t.at.oxide = given(t.tox) ? kOxidePermittivity / t.tox : 0.0;
  const Electrical e = electrical(t, t.at.oxide, nominal);

  t.at.vt = thermal_voltage(temperature);
  t.at.kp = e.kp / (ratio * std::sqrt(ratio));
  t.at.gamma = e.gamma;
  t.at.phi = potential_at(e.phi, nominal, temperature);
  if (t.at.phi <= 0.0)
    throw std::invalid_argument(
        "the surface potential phi is not positive at this "
        "temperature");
  const double p = t.polarity;
  t.at.vbi = p * e.vto - e.gamma * std::sqrt(e.phi) + p * 0.5 * (nominal_gap - gap) +
             0.5 * (t.at.phi - e.phi);
  t.at.vto = t.at.vbi + e.gamma * std::sqrt(t.at.phi);

  const double growth = std::exp(nominal_gap / thermal_voltage(nominal) - gap / t.at.vt);
  t.at.is = t.is * growth;
  t.at.js = t.js * growth;
  t.at.pb = potential_at(t.pb, nominal, temperature);
  const double bottom = depletion_factor(t.pb, t.mj, nominal, temperature);
  t.at.cbd = t.cbd * bottom;
  t.at.cbs = t.cbs * bottom;
  t.at.cj = t.cj * bottom;
  t.at.cjsw = t.cjsw * depletion_factor(t.pb, t.mjsw, nominal, temperature);
}

void prepare_mosfet(const MosfetModel& t, MosfetInstance& x) {
  const double length = x.l - 2.0 * t.ld;
  if (length <= 0.0)
    throw std::invalid_argument("the channel length l - 2 ld is not positive");
  x.at.shift = t.polarity * x.delvto;
  x.at.beta = t.at.kp * x.m * x.w / length;
  x.at.oxide = t.at.oxide * x.m * x.w * length;
  x.at.overlap_source = t.cgso * x.m * x.w;
  x.at.overlap_drain = t.cgdo * x.m * x.w;
  x.at.overlap_bulk = t.cgbo * x.m * length;
  x.at.drain_conductance = conductance(x.m, series_resistance(t, t.rd, x.nrd));
  x.at.source_conductance = conductance(x.m, series_resistance(t, t.rs, x.nrs));
  const bool by_area = t.at.js > 0.0 && x.ad > 0.0 && x.as > 0.0;
  x.at.drain = bulk_junction(t, x.m, x.ad, x.pd, by_area, t.at.cbd);
  x.at.source = bulk_junction(t, x.m, x.as, x.ps, by_area, t.at.cbs);
}

}  // namespace arrayspice
