// SPDX-License-Identifier: Apache-2.0
// Junction diode, SPICE level 1.
//
//   i = is (exp(u/(n vt)) - 1),  beyond -bv: -is exp(-(bv + u)/(nbv vt)),
//   q = tt i + depletion charge,  u = v(anode') - v(k),
//   series resistance rs between the pin and anode'
//
// Sources: Antognetti and Massobrio, ch. 1; temperature scaling, ikf and defaults from
// the ngspice manual, "Junction Diodes". Without rs, anode' is the pin itself.
#pragma once

#include "devices/block.hpp"
#include "devices/junction.hpp"

namespace arrayspice {

struct Diode {
  static constexpr std::string_view kName = "diode";
  enum : std::size_t { A, K, AI };
  static constexpr std::array kPins{Pin{"anode"}, Pin{"cathode"},
                                    Pin{"anode'", Scope::Internal}};
  static constexpr std::array kBranches{Branch{A, AI, BranchKind::Conductance},
                                        Branch{AI, K, BranchKind::Conductance}};
  static constexpr std::array kCouplings{
      Coupling{A, A},  Coupling{A, AI}, Coupling{AI, A}, Coupling{K, K},
      Coupling{K, AI}, Coupling{AI, K}, Coupling{AI, AI}};

  struct Model {
    double is = 1e-14;
    double n = 1.0;
    double rs = 0.0;
    double tt = 0.0;
    double cjo = 0.0;
    double vj = 1.0;
    double m = 0.5;
    double eg = 1.11;
    double xti = 3.0;
    double fc = 0.5;
    double bv = kNotGiven;
    double ibv = 1e-3;
    double nbv = kNotGiven;
    double ikf = kNotGiven;
    double kf = 0.0;
    double af = 1.0;
    double tnom = 27.0;
    struct {  // at temperature
      double is, vt, vj, cjo, bv, v_critical;
    } at{};
  };
  struct Instance {
    double area = 1.0;
    double m = 1.0;
    double off = 0.0;
    double ic = kNotGiven;
  };
  static constexpr std::array kModelParameters{
      Param<Model>{"is", &Model::is, "A", kPositive, "saturation current"},
      Param<Model>{"js", &Model::is, "A", kPositive, "same as is"},
      Param<Model>{"n", &Model::n, "", kPositive, "emission coefficient"},
      Param<Model>{"rs", &Model::rs, "ohm", kNotNegative, "series resistance"},
      Param<Model>{"tt", &Model::tt, "s", kNotNegative, "transit time"},
      Param<Model>{"cjo", &Model::cjo, "F", kNotNegative, "depletion capacitance at 0 V"},
      Param<Model>{"cj0", &Model::cjo, "F", kNotNegative, "same as cjo"},
      Param<Model>{"cj", &Model::cjo, "F", kNotNegative, "same as cjo"},
      Param<Model>{"vj", &Model::vj, "V", kPositive, "built-in potential"},
      Param<Model>{"pb", &Model::vj, "V", kPositive, "same as vj"},
      Param<Model>{"m", &Model::m, "", {0.0, 0.9}, "grading coefficient"},
      Param<Model>{"mj", &Model::m, "", {0.0, 0.9}, "same as m"},
      Param<Model>{"eg", &Model::eg, "eV", kPositive, "band gap"},
      Param<Model>{"xti", &Model::xti, "", kAny, "temperature exponent of is"},
      Param<Model>{
          "fc", &Model::fc, "", {0.0, 0.95}, "start of the linear capacitance / vj"},
      Param<Model>{"bv", &Model::bv, "V", kPositive,
                   "breakdown voltage; not given: none"},
      Param<Model>{"ibv", &Model::ibv, "A", kPositive, "current at breakdown"},
      Param<Model>{"nbv", &Model::nbv, "", kPositive,
                   "emission coefficient in breakdown; n"},
      Param<Model>{"ikf", &Model::ikf, "A", kPositive, "forward knee current"},
      Param<Model>{"ik", &Model::ikf, "A", kPositive, "same as ikf"},
      Param<Model>{"kf", &Model::kf, "", kAny, "flicker noise, without effect here"},
      Param<Model>{"af", &Model::af, "", kAny, "flicker noise, without effect here"},
      Param<Model>{"tnom", &Model::tnom, "degC", kAny, "temperature of the parameters"},
  };
  static constexpr std::array kInstanceParameters{
      Param<Instance>{"area", &Instance::area, "", kPositive, "area factor"},
      Param<Instance>{"m", &Instance::m, "", kPositive, "parallel devices"},
      Param<Instance>{
          "off", &Instance::off, "", {0.0, 1.0}, "1: start the iteration at 0 V"},
      Param<Instance>{"ic", &Instance::ic, "V", kAny, "initial voltage with `uic`"},
  };

  static void prepare(Model& d, double temperature) {
    const double nominal = d.tnom + kZeroCelsius;
    const double ratio = temperature / nominal;
    d.at.vt = thermal_voltage(temperature);
    d.at.is =
        d.is * std::exp(((ratio - 1.0) * d.eg / d.at.vt + d.xti * std::log(ratio)) / d.n);
    d.at.vj = potential_at(d.vj, nominal, temperature);
    d.at.cjo = d.cjo * depletion_factor(d.vj, d.m, nominal, temperature);
    d.at.v_critical = critical_voltage(d.n * d.at.vt, d.at.is);
    d.at.bv = given(d.bv) ? breakdown_start(d) : kNotGiven;
    if (d.at.vj <= 0.0)
      throw std::invalid_argument(
          "the diode's built-in potential vj is not positive at this "
          "temperature");
  }

  static std::size_t collapse(const Model& d, const Instance&, std::size_t) {
    return d.rs == 0.0 ? std::size_t{A} : kOwnUnknown;
  }

  template <class T>
  static void equations(const Model& d, const Instance& x, const Env& env,
                        const std::array<T, 3>& v, Residual<T, 3>& out) {
    const double scale = x.area * x.m;
    const T u = v[AI] - v[K];
    const T i = scale * junction(d, u);
    out.current(AI, K, i + env.gmin * u);
    out.charge(AI, K, d.tt * i);
    if (d.at.cjo > 0.0)
      out.charge(AI, K, depletion_charge(u, scale * d.at.cjo, d.at.vj, d.m, d.fc));
    if (d.rs > 0.0) out.current(A, AI, scale / d.rs * (v[A] - v[AI]));
  }

  static bool limit(const Model& d, const Instance& x, std::array<double, 3>& v,
                    const std::array<double, 3>* previous) {
    const double u = v[AI] - v[K];
    const double limited = previous ? limit_from(d, u, (*previous)[AI] - (*previous)[K])
                                    : first_guess(d, x, u);
    if (limited == u) return false;
    v[AI] = v[K] + limited;
    return true;
  }

  static void initial_pins(const Instance& x, std::array<double, 3>& v) {
    if (given(x.ic)) v[AI] = v[K] + x.ic;
  }

 private:
  /// Current of one unit of area.
  template <class T>
  static T junction(const Model& d, const T& u) {
    using std::sqrt;
    T i = junction_current(u, d.at.is, d.n * d.at.vt);
    if (given(d.at.bv) && value_of(u) < -d.at.bv)
      i -= d.at.is * (limited_exp(-(u + d.at.bv) / breakdown_voltage(d)) - 1.0);
    if (given(d.ikf) && value_of(i) > 0.0) i /= 1.0 + sqrt(i / d.ikf);
    return i;
  }

  /// n vt of the breakdown branch.
  static double breakdown_voltage(const Model& d) {
    return (given(d.nbv) ? d.nbv : d.n) * d.at.vt;
  }

  /// Where the breakdown exponential starts, so that the current at -bv is ibv.
  static double breakdown_start(const Model& d) {
    return d.ibv > d.at.is ? d.bv - breakdown_voltage(d) * std::log(d.ibv / d.at.is)
                           : d.bv;
  }

  static double limit_from(const Model& d, double u, double u_old) {
    const double vtb = breakdown_voltage(d);
    if (given(d.at.bv) && u < std::min(0.0, -d.at.bv + 10.0 * vtb)) {
      const double mirrored = -(u + d.at.bv);
      return u + (mirrored -
                  limit_junction(mirrored, -(u_old + d.at.bv), vtb, d.at.v_critical));
    }
    return limit_junction(u, u_old, d.n * d.at.vt, d.at.v_critical);
  }

  /// A start from nothing is made where the diode conducts, as SPICE does.
  static double first_guess(const Model& d, const Instance& x, double u) {
    if (u == 0.0 && x.off == 0.0) return d.at.v_critical;
    return limit_from(d, u, std::min(u, d.at.v_critical));
  }
};

}  // namespace arrayspice
