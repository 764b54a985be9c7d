// SPDX-License-Identifier: Apache-2.0
#include "devices/behavioral.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "devices/arrangement.hpp"
#include "devices/constants.hpp"

namespace arrayspice {

namespace {

using Kind = BehavioralKind;
enum : std::size_t { P, M, I };

constexpr std::array kPins{Pin{"p"}, Pin{"m"},
                           Pin{"branch", Scope::Internal, Quantity::Current}};

DeviceType make_type(std::string_view name, std::size_t pins) {
  return {name,
          std::span(kPins).first(pins),
          {},
          {},
          {{"m", "", kPositive, "parallel devices", 1.0}}};
}

/// +1 when the input is v(p) - v(m), -1 when it is the opposite, else 0.
double own_sign(std::span<const UnknownId> pins, const BehavioralInput& input) {
  if (input.kind != BehavioralInput::Kind::Unknown) return 0.0;
  if (input.plus == pins[P] && input.minus == pins[M]) return 1.0;
  return input.plus == pins[M] && input.minus == pins[P] ? -1.0 : 0.0;
}

void gather(std::span<const BehavioralInput> inputs, std::span<const double> x,
            const Env& env, std::span<double> u) {
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    switch (inputs[k].kind) {
      case BehavioralInput::Kind::Unknown:
        u[k] = x[inputs[k].plus] - x[inputs[k].minus];
        break;
      case BehavioralInput::Kind::Time:
        u[k] = env.time;
        break;
      case BehavioralInput::Kind::Temperature:
        u[k] = env.temperature - kZeroCelsius;
        break;
    }
  }
}

// Gauss-Legendre on (0, 1), 8 points: exact for polynomials up to degree 15.
struct Knot {
  double s, weight;
};
constexpr std::array kKnots{Knot{0.019855071751231884, 0.050614268145188130},
                            Knot{0.101666761293186630, 0.111190517226687235},
                            Knot{0.237233795041835507, 0.156853322938943643},
                            Knot{0.408282678752175098, 0.181341891689180991},
                            Knot{0.591717321247824902, 0.181341891689180991},
                            Knot{0.762766204958164493, 0.156853322938943643},
                            Knot{0.898333238706813370, 0.111190517226687235},
                            Knot{0.980144928248768116, 0.050614268145188130}};
constexpr int kPanels = 4;

constexpr double kSmallestResistance = 1e-12;  // ohm, where an expression passes 0

}  // namespace

const DeviceType& BehavioralBlock::type() const {
  static const DeviceType current = make_type("behavioural current source", 2);
  static const DeviceType voltage = make_type("behavioural voltage source", 3);
  static const DeviceType resistor = make_type("behavioural resistor", 2);
  static const DeviceType capacitor = make_type("behavioural capacitor", 2);
  switch (kind_) {
    case Kind::Current:
      return current;
    case Kind::Voltage:
      return voltage;
    case Kind::Resistance:
      return resistor;
    case Kind::Charge:
    case Kind::Capacitance:
      return capacitor;
  }
  return current;
}

double BehavioralBlock::model_value(std::size_t) const { return kNotGiven; }

InstanceId BehavioralBlock::add(std::span<const UnknownId> external_pins,
                                std::span<const Assignment> parameters,
                                const AllocateUnknown& allocate) {
  assert(external_pins.size() == 2);
  Instance i;
  i.pins = {external_pins[P], external_pins[M], kNoUnknown};
  if (kind_ == Kind::Voltage) i.pins[I] = allocate(Quantity::Current);
  i.program = Program({{Program::Op::Constant}}, 0);
  i.branch = {P, M, branch_kind(i)};
  instances_.push_back(std::move(i));
  const auto id = static_cast<InstanceId>(instances_.size() - 1);
  for (const Assignment& a : parameters) set_instance(id, a);
  return id;
}

void BehavioralBlock::define(InstanceId instance, Program program,
                             std::span<const BehavioralInput> inputs) {
  assert(inputs.size() == static_cast<std::size_t>(program.inputs()));
  Instance& i = instances_[instance];
  const auto foreign = [&](const BehavioralInput& input) {
    return input.kind == BehavioralInput::Kind::Unknown && own_sign(i.pins, input) == 0.0;
  };
  if (kind_ == Kind::Capacitance && std::any_of(inputs.begin(), inputs.end(), foreign))
    throw std::invalid_argument(
        "a capacitance may depend on the voltage across it, on time and on temperature; "
        "give the charge (q=) where it depends on anything else");
  i.program = std::move(program);
  i.inputs.assign(inputs.begin(), inputs.end());
  i.branch.kind = branch_kind(i);
  u_.resize(std::max(u_.size(), inputs.size()));
  gradient_.resize(u_.size());
}

/// A current source that the voltage between its own pins controls is a conductance.
BranchKind BehavioralBlock::branch_kind(const Instance& i) const {
  switch (kind_) {
    case Kind::Voltage:
      return BranchKind::Voltage;
    case Kind::Resistance:
      return BranchKind::Conductance;
    case Kind::Charge:
    case Kind::Capacitance:
      return BranchKind::Open;
    case Kind::Current:
      break;
  }
  bool any = false, p = i.pins[P] == kGround, m = i.pins[M] == kGround;
  for (const BehavioralInput& input : i.inputs) {
    if (input.kind != BehavioralInput::Kind::Unknown) continue;
    any = true;
    p |= input.plus == i.pins[P] || input.minus == i.pins[P];
    m |= input.plus == i.pins[M] || input.minus == i.pins[M];
  }
  if (any && p && m) return BranchKind::Conductance;
  return any ? BranchKind::Controlled : BranchKind::Current;
}

bool BehavioralBlock::reads_beyond_pins() const {
  return std::any_of(instances_.begin(), instances_.end(),
                     [](const Instance& i) { return !i.inputs.empty(); });
}

void BehavioralBlock::set_instance(InstanceId instance, const Assignment& a) {
  instances_[instance].m = a.value;
}

std::vector<InstanceId> BehavioralBlock::rearrange(std::span<const UnknownId> moved) {
  std::vector<UnknownId> last_pin;
  last_pin.reserve(instances_.size());
  for (Instance& i : instances_) {
    for (UnknownId& u : i.pins)
      if (u != kNoUnknown) u = moved[u];
    for (BehavioralInput& input : i.inputs) {
      if (input.kind != BehavioralInput::Kind::Unknown) continue;
      input.plus = moved[input.plus];
      input.minus = moved[input.minus];
    }
    last_pin.push_back(std::ranges::max(i.pins));
  }
  std::vector<InstanceId> place = places_by(last_pin);
  put_in_place(instances_, place);
  return place;
}

double BehavioralBlock::instance_value(InstanceId instance, std::size_t) const {
  return instances_[instance].m;
}

std::span<const UnknownId> BehavioralBlock::pins(InstanceId instance) const {
  return std::span(instances_[instance].pins).first(kind_ == Kind::Voltage ? 3 : 2);
}

std::span<const Branch> BehavioralBlock::branches(InstanceId instance) const {
  return {&instances_[instance].branch, 1};
}

/// visit(row, column, slope) for every entry of the Jacobian; always in the same order.
template <class Visit>
void BehavioralBlock::each_coupling(const Instance& i, const Law& law,
                                    std::span<const double> gradient,
                                    const Visit& visit) const {
  const auto [p, m, branch] = i.pins;
  const bool is_voltage = kind_ == Kind::Voltage;
  if (is_voltage) {
    visit(p, branch, 1.0);
    visit(m, branch, -1.0);
    visit(branch, p, 1.0);
    visit(branch, m, -1.0);
  } else if (kind_ == Kind::Resistance || kind_ == Kind::Capacitance) {
    visit(p, p, law.own);
    visit(p, m, -law.own);
    visit(m, p, -law.own);
    visit(m, m, law.own);
  }
  if (kind_ == Kind::Capacitance) return;
  for (std::size_t k = 0; k < i.inputs.size(); ++k) {
    const BehavioralInput& input = i.inputs[k];
    if (input.kind != BehavioralInput::Kind::Unknown) continue;
    const double slope = gradient[k];
    if (is_voltage) {
      visit(branch, input.plus, -slope);
      visit(branch, input.minus, slope);
    } else {
      visit(p, input.plus, slope);
      visit(p, input.minus, -slope);
      visit(m, input.plus, -slope);
      visit(m, input.minus, slope);
    }
  }
}

void BehavioralBlock::visit_couplings(const VisitCoupling& visit) const {
  for (const Instance& i : instances_)
    each_coupling(i, {}, gradient_, [&](UnknownId row, UnknownId column, double) {
      visit(row, column, !has_charge());
    });
}

void BehavioralBlock::bind(const FindSlot& find) {
  slots_.clear();
  for (const Instance& i : instances_)
    each_coupling(i, {}, gradient_, [&](UnknownId row, UnknownId column, double) {
      slots_.push_back(find(row, column));
    });
}

/// y(u) - (1 - s) y(0), and dy/du when `gradient` is not empty.
double BehavioralBlock::value(const Instance& i, std::span<double> u, const Env& env,
                              std::span<double> gradient) const {
  double y = gradient.empty() ? i.program.evaluate(u) : i.program.evaluate(u, gradient);
  if (env.source_scale != 1.0 && !has_charge()) {
    for (std::size_t k = 0; k < u.size(); ++k)
      if (i.inputs[k].kind == BehavioralInput::Kind::Unknown) u[k] = 0.0;
    y -= (1.0 - env.source_scale) * i.program.evaluate(u);
  }
  return y;
}

BehavioralBlock::Law BehavioralBlock::law(const Instance& i, std::span<const double> x,
                                          std::span<double> u, const Env& env,
                                          std::span<double> gradient) const {
  u = u.first(i.inputs.size());
  gradient = gradient.first(std::min(gradient.size(), u.size()));
  gather(i.inputs, x, env, u);
  const double v = x[i.pins[P]] - x[i.pins[M]];
  if (kind_ == Kind::Capacitance) return capacitor(i, v, u, gradient);
  if (kind_ == Kind::Resistance) {
    // i = m v / r:  di/dv = m / r,  di/du = -i / r dr/du
    double r = gradient.empty() ? i.program.evaluate(u) : i.program.evaluate(u, gradient);
    if (std::abs(r) < kSmallestResistance) r = std::copysign(kSmallestResistance, r);
    const double g = i.m / r;
    for (double& slope : gradient) slope *= -g * v / r;
    return {g * v, g};
  }
  const double y = value(i, u, env, gradient);
  if (kind_ == Kind::Voltage) return {y, 0.0};
  for (double& slope : gradient) slope *= i.m;
  return {i.m * y, 0.0};
}

/// q = m v sum_k w_k y(v s_k) over the panels of (0, 1), and the exact slope of that sum.
BehavioralBlock::Law BehavioralBlock::capacitor(const Instance& i, double v,
                                                std::span<double> u,
                                                std::span<double> gradient) const {
  std::vector<double> own_gradient(gradient.empty() ? u.size() : 0);
  if (gradient.empty()) gradient = own_gradient;
  double mean = 0.0, slope = 0.0;  // of y, of v y(v s) with respect to v
  for (int panel = 0; panel < kPanels; ++panel) {
    for (const Knot& knot : kKnots) {
      const double s = (panel + knot.s) / kPanels, weight = knot.weight / kPanels;
      for (std::size_t k = 0; k < u.size(); ++k)
        if (const double sign = own_sign(i.pins, i.inputs[k]); sign != 0.0)
          u[k] = sign * v * s;
      const double y = i.program.evaluate(u, gradient);
      double dy = 0.0;
      for (std::size_t k = 0; k < u.size(); ++k)
        dy += own_sign(i.pins, i.inputs[k]) * gradient[k];
      mean += weight * y;
      slope += weight * (y + v * s * dy);
    }
  }
  return {i.m * v * mean, i.m * slope};
}

void BehavioralBlock::add_residual(const Instance& i, const Law& law,
                                   std::span<const double> x, std::span<double> f,
                                   std::span<double> q) const {
  const auto [p, m, branch] = i.pins;
  if (kind_ == Kind::Voltage) {
    f[p] += x[branch];
    f[m] -= x[branch];
    f[branch] += x[p] - x[m] - law.value;
    return;
  }
  const std::span<double> into = has_charge() ? q : f;
  into[p] += law.value;
  into[m] -= law.value;
}

void BehavioralBlock::evaluate(std::span<const double> x, const Env& env, Want want,
                               Evaluation& out) {
  if (want == Want::Residual) {
    for (const Instance& i : instances_)
      add_residual(i, law(i, x, u_, env, {}), x, out.f, out.q);
    return;
  }
  auto slot = slots_.begin();
  for (const Instance& i : instances_) {
    const Law at = law(i, x, u_, env, gradient_);
    add_residual(i, at, x, out.f, out.q);
    each_coupling(i, at, gradient_, [&](UnknownId, UnknownId, double slope) {
      if (has_charge())
        out.add_capacitance(*slot++, slope);
      else
        out.g[*slot++] += slope;
    });
  }
}

void BehavioralBlock::pin_residual(InstanceId instance, std::span<const double> x,
                                   const Env& env, std::span<double> f,
                                   std::span<double> q) const {
  const Instance& i = instances_[instance];
  std::vector<double> u(i.inputs.size());
  const Law at = law(i, x, u, env, {});
  std::fill(f.begin(), f.end(), 0.0);
  std::fill(q.begin(), q.end(), 0.0);
  if (kind_ == Kind::Voltage) {
    f[P] = x[i.pins[I]];
    f[M] = -x[i.pins[I]];
    f[I] = x[i.pins[P]] - x[i.pins[M]] - at.value;
    return;
  }
  const std::span<double> into = has_charge() ? q : f;
  into[P] = at.value;
  into[M] = -at.value;
}

void BehavioralBlock::initial_charges(std::span<const double> x, const Env& env,
                                      std::span<double> q) {
  if (!has_charge()) return;
  for (const Instance& i : instances_) add_residual(i, law(i, x, u_, env, {}), x, {}, q);
}

double BehavioralBlock::next_breakpoint(double) const {
  return std::numeric_limits<double>::infinity();
}

}  // namespace arrayspice
