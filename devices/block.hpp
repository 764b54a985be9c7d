// SPDX-License-Identifier: Apache-2.0
// Block<D>: all instances of one model card of device D, and the only stamping code.
//
// Per instance: gather the pin values v, call D::equations with dual numbers, add the pin
// residuals to the rows of the pins and the derivatives to precomputed slots. A limiting
// device is linearised at D::limit(v) = v*, and its tangent is extended to the point
// asked for:  f(v) ~ f(v*) + G(v*) (v - v*),  so no device writes companion currents.
#pragma once

#include <algorithm>
#include <cassert>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "devices/arrangement.hpp"
#include "devices/constants.hpp"
#include "devices/device_block.hpp"

namespace arrayspice {

namespace detail {

/// The couplings of a device as a constexpr array; all pairs when it declares none.
template <class D>
constexpr auto couplings() {
  if constexpr (requires { D::kCouplings; }) {
    return D::kCouplings;
  } else {
    constexpr std::size_t n = kPinCount<D>;
    std::array<Coupling, n * n> all{};
    for (std::size_t k = 0; k < n * n; ++k) all[k] = {k / n, k % n, false};
    return all;
  }
}

/// Externals come first.
template <class D>
constexpr std::size_t external_pins() {
  std::size_t count = 0;
  for (const Pin& p : D::kPins) count += p.scope == Scope::External;
  return count;
}

template <class P, class Table>
std::vector<ParameterInfo> describe(const Table& table) {
  const P defaults{};
  std::vector<ParameterInfo> rows;
  for (const auto& p : table)
    rows.push_back({p.name, p.unit, p.range, p.doc, defaults.*(p.member)});
  return rows;
}

}  // namespace detail

/// The description of D, made once from its tables.
template <DeviceModel D>
const DeviceType& device_type() {
  static const DeviceType type{
      D::kName, D::kPins, D::kBranches,
      detail::describe<typename D::Model>(D::kModelParameters),
      detail::describe<typename D::Instance>(D::kInstanceParameters)};
  return type;
}

template <DeviceModel D>
class Block final : public DeviceBlock {
  using Model = typename D::Model;
  using Instance = typename D::Instance;
  static constexpr std::size_t N = kPinCount<D>;
  static constexpr std::size_t kExternal = detail::external_pins<D>();
  static constexpr auto kCoupled = detail::couplings<D>();
  static constexpr bool kCollapses = requires(const Model& m, const Instance& i) {
    D::collapse(m, i, N);
  };
  using Values = std::array<double, N>;

 public:
  explicit Block(Model model = {}) : model_(std::move(model)) {}

  const DeviceType& type() const override { return device_type<D>(); }
  std::size_t size() const override { return instances_.size(); }
  bool linear() const override { return Linear<D>; }

  void set_model(const Assignment& a) override {
    if constexpr (D::kModelParameters.size() > 0)
      model_.*(D::kModelParameters[a.parameter].member) = a.value;
  }
  double model_value(std::size_t parameter) const override {
    if constexpr (D::kModelParameters.size() > 0)
      return model_.*(D::kModelParameters[parameter].member);
    return kNotGiven;
  }
  void set_instance(InstanceId k, const Assignment& a) override {
    if constexpr (D::kInstanceParameters.size() > 0)
      instances_[k].*(D::kInstanceParameters[a.parameter].member) = a.value;
  }
  double instance_value(InstanceId k, std::size_t parameter) const override {
    if constexpr (D::kInstanceParameters.size() > 0)
      return instances_[k].*(D::kInstanceParameters[parameter].member);
    return kNotGiven;
  }
  void set_waveform(InstanceId k, std::shared_ptr<const Waveform> waveform) override {
    if constexpr (requires(Instance i) { i.waveform; })
      instances_[k].waveform = std::move(waveform);
  }

  InstanceId add(std::span<const UnknownId> external_pins,
                 std::span<const Assignment> parameters,
                 const AllocateUnknown& allocate) override {
    const auto k = static_cast<InstanceId>(instances_.size());
    instances_.emplace_back();
    for (const Assignment& a : parameters) set_instance(k, a);
    std::array<UnknownId, N> pins{};
    for (std::size_t p = 0; p < N; ++p)
      pins[p] = p < external_pins.size() ? external_pins[p]
                                         : internal_pin(k, p, pins, allocate);
    pins_.push_back(pins);
    if constexpr (kCollapses) note_twins(k);
    if constexpr (Limiting<D>) linearised_.emplace_back();
    if constexpr (Switching<D>) states_.push_back(D::initial_state(instances_[k]));
    return k;
  }

  std::vector<InstanceId> rearrange(std::span<const UnknownId> moved) override {
    std::vector<UnknownId> last_pin;
    last_pin.reserve(pins_.size());
    for (auto& pins : pins_) {
      for (UnknownId& u : pins) u = moved[u];
      last_pin.push_back(std::ranges::max(pins));
    }
    std::vector<InstanceId> place = places_by(last_pin);
    put_in_place(instances_, place);
    put_in_place(pins_, place);
    if constexpr (Switching<D>) put_in_place(states_, place);
    forget_limits();
    return place;
  }

  void prepare(double temperature) override {
    if constexpr (requires { D::prepare(model_, temperature); })
      D::prepare(model_, temperature);
    if constexpr (requires(Instance i) {
                    D::prepare(std::as_const(model_), i, temperature);
                  })
      for (Instance& i : instances_) D::prepare(std::as_const(model_), i, temperature);
  }

  std::span<const UnknownId> pins(InstanceId k) const override { return pins_[k]; }
  std::span<const Branch> branches(InstanceId) const override {
    if constexpr (requires { D::branches(model_); }) return D::branches(model_);
    return D::kBranches;
  }

  void visit_couplings(const VisitCoupling& visit) const override {
    for (const auto& pins : pins_)
      for (const Coupling& c : coupled())
        visit(pins[c.row], pins[c.column], !c.charge_only);
  }

  void bind(const FindSlot& find) override {
    if constexpr (!Linear<D>) {
      slots_.clear();
      slots_.reserve(pins_.size() * coupled().size());
      for (const auto& pins : pins_)
        for (const Coupling& c : coupled())
          slots_.push_back(find(pins[c.row], pins[c.column]));
    }
  }

  void evaluate(std::span<const double> x, const Env& env, Want want,
                Evaluation& out) override {
    if constexpr (!Linear<D>) {
      if (want == Want::ResidualAndJacobian) {
        if constexpr (kCollapses)
          if (all_collapsed_) return add_tangents<kExternal>(x, env, out);
        return add_tangents<N>(x, env, out);
      }
    }
    for (std::size_t k = 0; k < pins_.size(); ++k) add_residual(k, x, env, out);
  }

  void stamp_baseline(const Env& env, const FindSlot& find, Evaluation& out) override {
    if constexpr (Linear<D>) {
      for (std::size_t k = 0; k < pins_.size(); ++k) {
        const auto r = differentiate<N>(k, Values{}, env);
        for (const Coupling& c : kCoupled) {
          const std::int32_t slot = find(pins_[k][c.row], pins_[k][c.column]);
          out.g[slot] += r.f[c.row].gradient[c.column];
          out.add_capacitance(slot, r.q[c.row].gradient[c.column]);
        }
      }
    }
  }

  void pin_residual(InstanceId k, std::span<const double> x, const Env& env,
                    std::span<double> f, std::span<double> q) const override {
    auto r = at<double>(k, gather(k, x), env);
    for (std::size_t p = 0; p < N; ++p) {
      const std::size_t onto = external_twin(k, p);  // what it carries flows in there
      f[p] = q[p] = 0.0;
      f[onto] += r.f[p];
      q[onto] += r.q[p];
    }
  }

  void forget_limits() override {
    if constexpr (Limiting<D>)
      for (auto& l : linearised_) l.reset();
  }

  void reset_states() override {
    if constexpr (Switching<D>)
      for (std::size_t k = 0; k < pins_.size(); ++k)
        states_[k] = D::initial_state(instances_[k]);
  }

  void accept(std::span<const double> x, const Env&) override {
    if constexpr (Switching<D>)
      for (std::size_t k = 0; k < pins_.size(); ++k)
        states_[k] = next_state(k, gather(k, x));
  }

  void initial_internals(std::span<double> x) const override {
    if constexpr (InitialPins<D>) {
      for (std::size_t k = 0; k < pins_.size(); ++k) {
        Values v = gather(k, x);
        D::initial_pins(instances_[k], v);
        for (std::size_t p = 0; p < N; ++p)
          if (D::kPins[p].scope == Scope::Internal &&
              D::kPins[p].quantity != Quantity::Voltage)
            x[pins_[k][p]] = v[p];
      }
    }
  }

  void initial_charges(std::span<const double> x, const Env& env,
                       std::span<double> q) override {
    for (std::size_t k = 0; k < pins_.size(); ++k) {
      Values v = gather(k, x);
      if constexpr (InitialPins<D>) D::initial_pins(instances_[k], v);
      const auto r = at<double>(k, v, env);
      for (std::size_t p = 0; p < N; ++p) q[pins_[k][p]] += r.q[p];
    }
  }

  double next_breakpoint(double t) const override {
    double next = std::numeric_limits<double>::infinity();
    if constexpr (requires(const Instance& i) { D::next_breakpoint(i, t); })
      for (const Instance& i : instances_)
        next = std::min(next, D::next_breakpoint(i, t));
    return next;
  }

 private:
  /// The external pin that an internal pin coincides with; p itself when there is none.
  std::size_t external_twin([[maybe_unused]] InstanceId k, std::size_t p) const {
    if constexpr (requires { D::collapse(model_, instances_[k], p); }) {
      if (D::kPins[p].scope == Scope::Internal) {
        const std::size_t onto = D::collapse(model_, instances_[k], p);
        if (onto != kOwnUnknown) return onto;
      }
    }
    return p;
  }

  UnknownId internal_pin(InstanceId k, std::size_t p,
                         const std::array<UnknownId, N>& pins,
                         const AllocateUnknown& allocate) const {
    const std::size_t twin = external_twin(k, p);
    return twin == p ? allocate(D::kPins[p].quantity) : pins[twin];
  }

  /// Do the internal pins of all instances coincide with the same external ones? Then
  /// these alone are variables.
  void note_twins(InstanceId k) requires kCollapses {
    const bool before = all_collapsed_;
    for (std::size_t p = kExternal; p < N; ++p) {
      const std::size_t twin = external_twin(k, p);
      all_collapsed_ &= twin != p && (k == 0 || twin == twin_[p]);
      twin_[p] = twin;
    }
    if (k == 0 || all_collapsed_ != before) merged_ = merge_couplings();
  }

  std::vector<Coupling> merge_couplings() const {
    if (!all_collapsed_) return {kCoupled.begin(), kCoupled.end()};
    const auto twin = [this](std::size_t p) { return p < kExternal ? p : twin_[p]; };
    std::vector<Coupling> merged;
    for (const Coupling& c : kCoupled) {
      const std::size_t row = twin(c.row), column = twin(c.column);
      const auto same = std::find_if(
          merged.begin(), merged.end(),
          [&](const Coupling& m) { return m.row == row && m.column == column; });
      if (same == merged.end())
        merged.push_back({row, column, c.charge_only});
      else
        same->charge_only &= c.charge_only;
    }
    return merged;
  }

  /// Between pins, internal ones replaced by their twins.
  const auto& coupled() const {
    if constexpr (kCollapses)
      return merged_;
    else
      return kCoupled;
  }

  Values gather(std::size_t k, std::span<const double> x) const {
    Values v;
    for (std::size_t p = 0; p < N; ++p) v[p] = x[pins_[k][p]];
    return v;
  }

  /// The state the device is in at v: the accepted one moved on, so that it depends on v
  /// and the past only, not on the iterates in between.
  int next_state([[maybe_unused]] std::size_t k, [[maybe_unused]] const Values& v) const {
    if constexpr (Switching<D>)
      return D::next_state(model_, instances_[k], states_[k], v);
    return 0;
  }

  template <class T>
  Residual<T, N> at(std::size_t k, const std::array<T, N>& v, const Env& env) const {
    Residual<T, N> r;
    if constexpr (Switching<D>) {
      Values plain;
      for (std::size_t p = 0; p < N; ++p) plain[p] = value_of(v[p]);
      D::equations(model_, instances_[k], env, v, r, next_state(k, plain));
    } else {
      D::equations(model_, instances_[k], env, v, r);
    }
    return r;
  }

  /// With respect to the first V pins; a pin beyond them is one with its twin.
  template <std::size_t V>
  Residual<Dual<V>, N> differentiate(std::size_t k, const Values& v,
                                     const Env& env) const {
    std::array<Dual<V>, N> dual;
    for (std::size_t p = 0; p < N; ++p)
      dual[p] = Dual<V>::variable(v[p], p < V ? p : twin_[p]);
    return at<Dual<V>>(k, dual, env);
  }

  void add_residual(std::size_t k, std::span<const double> x, const Env& env,
                    Evaluation& out) const {
    const auto r = at<double>(k, gather(k, x), env);
    for (std::size_t p = 0; p < N; ++p) {
      out.f[pins_[k][p]] += r.f[p];
      out.q[pins_[k][p]] += r.q[p];
    }
  }

  template <std::size_t V>
  void add_tangents(std::span<const double> x, const Env& env, Evaluation& out) {
    for (std::size_t k = 0; k < pins_.size(); ++k) {
      if (k + kAhead < pins_.size()) fetch(k + kAhead, x, out);
      add_tangent<V>(k, x, env, out);
    }
  }

  template <std::size_t V>
  void add_tangent(std::size_t k, std::span<const double> x, const Env& env,
                   Evaluation& out) {
    const Values v = gather(k, x);
    Values at_point = v;
    bool limited = false;
    if constexpr (Limiting<D>) {
      const auto& previous = linearised_[k];
      limited =
          D::limit(model_, instances_[k], at_point, previous ? &*previous : nullptr);
      linearised_[k] = at_point;
      out.limited |= limited;
    }
    // What limit() moves are the internal pins.
    for (std::size_t p = V; p < N; ++p) at_point[twin_[p]] = at_point[p];
    auto r = differentiate<V>(k, at_point, env);
    for (std::size_t p = V; p < N; ++p) {
      r.f[twin_[p]] += r.f[p];
      r.q[twin_[p]] += r.q[p];
    }
    for (std::size_t p = 0; p < V; ++p) {
      double f = r.f[p].value, q = r.q[p].value;
      if (limited) {
        for (std::size_t s = 0; s < V; ++s) {
          f += r.f[p].gradient[s] * (v[s] - at_point[s]);
          q += r.q[p].gradient[s] * (v[s] - at_point[s]);
        }
      }
      out.f[pins_[k][p]] += f;
      add_nonzero(q, out.q[pins_[k][p]]);
    }
    const std::int32_t* slot = &slots_[k * coupled().size()];
    for (const auto [row, column, charge_only] : coupled()) {
      add_nonzero(r.f[row].gradient[column], out.g[*slot]);
      out.add_capacitance(*slot++, r.q[row].gradient[column]);
    }
  }

  /// The pins and slots of a device lie anywhere in memory, and evaluating one takes
  /// long enough to bring those of a later one near.
  static constexpr std::size_t kAhead = 4;
  [[gnu::always_inline]] void fetch(std::size_t k, std::span<const double> x,
                                    const Evaluation& out) const {
    for (const UnknownId pin : pins_[k]) {
      __builtin_prefetch(&x[pin]);
      __builtin_prefetch(&out.f[pin]);
    }
    const std::size_t first = k * coupled().size();
    for (std::size_t e = 0; e < coupled().size(); ++e)
      __builtin_prefetch(&out.g[slots_[first + e]]);
  }

  /// Most devices lack most charges: zeros are not worth fetching what they add to.
  static void add_nonzero(double value, double& to) {
    if (value != 0.0) to += value;
  }

  struct Nothing {};
  Model model_;
  std::vector<Instance> instances_;
  std::vector<std::array<UnknownId, N>> pins_;
  std::vector<std::int32_t> slots_;  // of coupled(), nonlinear devices only
  // Where internal pins coincide with external ones in every instance.
  std::array<std::size_t, N> twin_{};
  bool all_collapsed_ = true;
  std::conditional_t<kCollapses, std::vector<Coupling>, Nothing> merged_;
  std::conditional_t<Limiting<D>, std::vector<std::optional<Values>>, Nothing>
      linearised_;
  std::conditional_t<Switching<D>, std::vector<int>, Nothing> states_;
};

}  // namespace arrayspice
