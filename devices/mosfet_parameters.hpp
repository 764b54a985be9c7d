// SPDX-License-Identifier: Apache-2.0
// Parameters of the level-1 transistor and what follows from them: process data to
// electrical parameters, scaling with temperature, geometry.
// Source: Antognetti and Massobrio, ch. 4; defaults of SPICE3 (ngspice manual,
// "MOSFETs").
#pragma once

#include "devices/block.hpp"
#include "devices/junction.hpp"

namespace arrayspice {

struct MosfetModel {
  double polarity = 1.0;  // -1: p channel
  double vto = kNotGiven, kp = kNotGiven, gamma = kNotGiven, phi = kNotGiven;
  double lambda = 0.0;
  double rd = kNotGiven, rs = kNotGiven, rsh = 0.0;
  double cbd = kNotGiven, cbs = kNotGiven, is = 1e-14, pb = 0.8;
  double cgso = 0.0, cgdo = 0.0, cgbo = 0.0;
  double cj = 0.0, mj = 0.5, cjsw = 0.0, mjsw = 0.5, js = 0.0;
  double tox = kNotGiven, nsub = kNotGiven, nss = 0.0, tpg = 1.0;
  double ld = 0.0, uo = 600.0, fc = 0.5;
  double kf = 0.0, af = 1.0, tnom = 27.0;
  struct {  // at temperature; voltages as for an n channel
    double vt, vto, vbi, kp, gamma, phi, is, js, pb, cbd, cbs, cj, cjsw, oxide;
  } at{};
};

struct MosfetInstance {
  double l = 1e-4, w = 1e-4, ad = 0.0, as = 0.0, pd = 0.0, ps = 0.0;
  double nrd = 1.0, nrs = 1.0, m = 1.0, off = 0.0, delvto = 0.0;
  struct Junction {
    double is, bottom, sidewall, v_critical;
  };
  struct {  // at temperature
    double beta, oxide, overlap_source, overlap_drain, overlap_bulk;
    double drain_conductance, source_conductance;
    double shift;  // of the threshold, as for an n channel
    Junction drain, source;
  } at{};
};

inline constexpr std::array kMosfetModelParameters{
    Param<MosfetModel>{"vto", &MosfetModel::vto, "V", kAny, "threshold at vbs = 0"},
    Param<MosfetModel>{"vt0", &MosfetModel::vto, "V", kAny, "same as vto"},
    Param<MosfetModel>{"kp", &MosfetModel::kp, "A/V^2", kNotNegative,
                       "transconductance; uo cox with tox, else 2e-5"},
    Param<MosfetModel>{"gamma", &MosfetModel::gamma, "V^0.5", kNotNegative,
                       "body effect; from nsub, else 0"},
    Param<MosfetModel>{"phi", &MosfetModel::phi, "V", kPositive,
                       "surface potential; from nsub, else 0.6"},
    Param<MosfetModel>{"lambda", &MosfetModel::lambda, "1/V", kAny,
                       "channel-length modulation"},
    Param<MosfetModel>{"rd", &MosfetModel::rd, "ohm", kNotNegative, "drain resistance"},
    Param<MosfetModel>{"rs", &MosfetModel::rs, "ohm", kNotNegative, "source resistance"},
    Param<MosfetModel>{"rsh", &MosfetModel::rsh, "ohm", kNotNegative,
                       "sheet resistance of drain and source; times nrd, nrs"},
    Param<MosfetModel>{"cbd", &MosfetModel::cbd, "F", kNotNegative,
                       "bulk-drain capacitance at 0 V; else from cj"},
    Param<MosfetModel>{"cbs", &MosfetModel::cbs, "F", kNotNegative,
                       "bulk-source capacitance at 0 V; else from cj"},
    Param<MosfetModel>{"is", &MosfetModel::is, "A", kPositive,
                       "saturation current of the bulk junctions"},
    Param<MosfetModel>{"pb", &MosfetModel::pb, "V", kPositive, "bulk junction potential"},
    Param<MosfetModel>{"cgso", &MosfetModel::cgso, "F/m", kNotNegative,
                       "gate-source overlap per width"},
    Param<MosfetModel>{"cgdo", &MosfetModel::cgdo, "F/m", kNotNegative,
                       "gate-drain overlap per width"},
    Param<MosfetModel>{"cgbo", &MosfetModel::cgbo, "F/m", kNotNegative,
                       "gate-bulk overlap per length"},
    Param<MosfetModel>{"cj", &MosfetModel::cj, "F/m^2", kNotNegative,
                       "bulk junction capacitance per area"},
    Param<MosfetModel>{"mj", &MosfetModel::mj, "", {0.0, 0.9}, "its grading coefficient"},
    Param<MosfetModel>{"cjsw", &MosfetModel::cjsw, "F/m", kNotNegative,
                       "bulk junction capacitance per perimeter"},
    Param<MosfetModel>{
        "mjsw", &MosfetModel::mjsw, "", {0.0, 0.9}, "its grading coefficient"},
    Param<MosfetModel>{"js", &MosfetModel::js, "A/m^2", kNotNegative,
                       "saturation current per area; with ad, as replaces is"},
    Param<MosfetModel>{"tox", &MosfetModel::tox, "m", kPositive,
                       "oxide thickness; not given: no gate capacitance"},
    Param<MosfetModel>{"nsub", &MosfetModel::nsub, "1/cm^3", kPositive, "bulk doping"},
    Param<MosfetModel>{"nss", &MosfetModel::nss, "1/cm^2", kAny, "surface states"},
    Param<MosfetModel>{"tpg",
                       &MosfetModel::tpg,
                       "",
                       {-1.0, 1.0},
                       "gate: 1 doped unlike the bulk, -1 like it, 0 aluminium"},
    Param<MosfetModel>{"ld", &MosfetModel::ld, "m", kNotNegative, "lateral diffusion"},
    Param<MosfetModel>{"uo", &MosfetModel::uo, "cm^2/Vs", kPositive, "mobility"},
    Param<MosfetModel>{"u0", &MosfetModel::uo, "cm^2/Vs", kPositive, "same as uo"},
    Param<MosfetModel>{
        "fc", &MosfetModel::fc, "", {0.0, 0.95}, "start of the linear capacitance / pb"},
    Param<MosfetModel>{"kf", &MosfetModel::kf, "", kAny,
                       "flicker noise, without effect here"},
    Param<MosfetModel>{"af", &MosfetModel::af, "", kAny,
                       "flicker noise, without effect here"},
    Param<MosfetModel>{"tnom", &MosfetModel::tnom, "degC", kAny,
                       "temperature of the parameters"},
};

inline constexpr std::array kMosfetInstanceParameters{
    Param<MosfetInstance>{"l", &MosfetInstance::l, "m", kPositive, "channel length"},
    Param<MosfetInstance>{"w", &MosfetInstance::w, "m", kPositive, "channel width"},
    Param<MosfetInstance>{"ad", &MosfetInstance::ad, "m^2", kNotNegative, "drain area"},
    Param<MosfetInstance>{"as", &MosfetInstance::as, "m^2", kNotNegative, "source area"},
    Param<MosfetInstance>{"pd", &MosfetInstance::pd, "m", kNotNegative,
                          "drain perimeter"},
    Param<MosfetInstance>{"ps", &MosfetInstance::ps, "m", kNotNegative,
                          "source perimeter"},
    Param<MosfetInstance>{"nrd", &MosfetInstance::nrd, "", kNotNegative, "drain squares"},
    Param<MosfetInstance>{"nrs", &MosfetInstance::nrs, "", kNotNegative,
                          "source squares"},
    Param<MosfetInstance>{"m", &MosfetInstance::m, "", kPositive, "parallel devices"},
    Param<MosfetInstance>{
        "off", &MosfetInstance::off, "", {0.0, 1.0}, "1: start the iteration at 0 V"},
    Param<MosfetInstance>{"delvto", &MosfetInstance::delvto, "V", kAny,
                          "added to the model's threshold"},
};

/// Resistance in series with an end of the channel, from rd or rs or else rsh.
inline double series_resistance(const MosfetModel& t, double resistance, double squares) {
  return given(resistance) ? resistance : t.rsh * squares;
}

/// v_on of an n channel. For vbs > 0 the square root goes on as its tangent, down to 0.
template <class T>
T threshold(const MosfetModel& t, const T& vbs) {
  using std::sqrt;
  if (value_of(vbs) <= 0.0) return t.at.vbi + t.at.gamma * sqrt(t.at.phi - vbs);
  const double root = std::sqrt(t.at.phi);
  if (value_of(vbs) >= 2.0 * t.at.phi) return T(t.at.vbi);
  return t.at.vbi + t.at.gamma * (root - vbs / (2.0 * root));
}

/// Electrical parameters at the nominal temperature, and all of them at `temperature`.
void prepare_mosfet(MosfetModel& t, double temperature);
void prepare_mosfet(const MosfetModel& t, MosfetInstance& x);

}  // namespace arrayspice
