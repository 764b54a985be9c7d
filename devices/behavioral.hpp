// SPDX-License-Identifier: Apache-2.0
// Behavioural elements between two pins: what a B source, an E or G with an expression, a
// POLY or TABLE source, and an R or C with an expression are. With y the program's value:
//
//   Current      i = m y                 from p through the element to m
//   Voltage      v(p) - v(m) = y         its current i is an unknown of its own
//   Resistance   i = m v / y             v = v(p) - v(m)
//   Charge       q = m y
//   Capacitance  q = m integral_0^v y(v') dv'
//                so that i = y dv/dt as in ngspice and the charge returns with the
//                voltage; y may depend on v, not on other nodes
//
// Source stepping (Env::source_scale = s) scales what remains when all unknowns are zero:
// y(u) - (1 - s) y(0), so that a nonlinear resistor written as a current source keeps its
// conductance at s = 0, where x = 0 solves the circuit.
//
//   auto& block = ...;                                    // one block per kind
//   const DeviceId b = circuit.add_device(id, "b1", {{p, m}}, {});
//   block.define(block.size() - 1, program, inputs);      // once all devices are there
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "devices/device_block.hpp"
#include "devices/program.hpp"

namespace arrayspice {

enum class BehavioralKind : std::uint8_t {
  Current,
  Voltage,
  Resistance,
  Charge,
  Capacitance
};

/// Where an input of the program comes from. An Unknown is x[plus] - x[minus]: a node,
/// two nodes, or a branch current (minus = kGround).
struct BehavioralInput {
  enum class Kind : std::uint8_t { Unknown, Time, Temperature };  // s, degC
  Kind kind = Kind::Unknown;
  UnknownId plus = kGround;
  UnknownId minus = kGround;
};

class BehavioralBlock final : public DeviceBlock {
 public:
  explicit BehavioralBlock(BehavioralKind kind) : kind_(kind) {}

  BehavioralKind kind() const { return kind_; }
  /// Gives an instance its program; inputs.size() == program.inputs(). An instance
  /// without one has y = 0. Throws std::invalid_argument for a capacitance that depends
  /// on more than the voltage across it.
  void define(InstanceId instance, Program program,
              std::span<const BehavioralInput> inputs);

  const DeviceType& type() const override;
  std::size_t size() const override { return instances_.size(); }
  bool linear() const override { return false; }

  void set_model(const Assignment&) override {}
  double model_value(std::size_t) const override;
  InstanceId add(std::span<const UnknownId> external_pins,
                 std::span<const Assignment> parameters,
                 const AllocateUnknown& allocate) override;
  void set_instance(InstanceId instance, const Assignment& assignment) override;
  double instance_value(InstanceId instance, std::size_t parameter) const override;
  std::vector<InstanceId> rearrange(std::span<const UnknownId> moved) override;
  void prepare(double) override {}

  std::span<const UnknownId> pins(InstanceId instance) const override;
  std::span<const Branch> branches(InstanceId instance) const override;
  bool reads_beyond_pins() const override;
  void visit_couplings(const VisitCoupling& visit) const override;
  void bind(const FindSlot& find) override;

  void evaluate(std::span<const double> x, const Env& env, Want want,
                Evaluation& out) override;
  void stamp_baseline(const Env&, const FindSlot&, Evaluation&) override {}
  void pin_residual(InstanceId instance, std::span<const double> x, const Env& env,
                    std::span<double> f, std::span<double> q) const override;
  void accept(std::span<const double>, const Env&) override {}
  void initial_charges(std::span<const double> x, const Env& env,
                       std::span<double> q) override;
  double next_breakpoint(double) const override;

 private:
  struct Instance {
    std::array<UnknownId, 3> pins{};  // p, m, branch
    double m = 1.0;
    Program program;
    std::vector<BehavioralInput> inputs;
    Branch branch{0, 1, BranchKind::Current};
  };
  /// The element's own quantity (A, V or C) and its slopes.
  struct Law {
    double value = 0.0;
    double own = 0.0;  ///< d value / d v(p, m), beside what the inputs say
  };

  bool has_charge() const {
    return kind_ == BehavioralKind::Charge || kind_ == BehavioralKind::Capacitance;
  }
  BranchKind branch_kind(const Instance& i) const;
  double value(const Instance& i, std::span<double> u, const Env& env,
               std::span<double> gradient) const;
  Law law(const Instance& i, std::span<const double> x, std::span<double> u,
          const Env& env, std::span<double> gradient) const;
  Law capacitor(const Instance& i, double v, std::span<double> u,
                std::span<double> gradient) const;
  void add_residual(const Instance& i, const Law& law, std::span<const double> x,
                    std::span<double> f, std::span<double> q) const;
  template <class Visit>
  void each_coupling(const Instance& i, const Law& law, std::span<const double> gradient,
                     const Visit& visit) const;

  BehavioralKind kind_;
  std::vector<Instance> instances_;
  std::vector<std::int32_t> slots_;   // in the order of each_coupling()
  std::vector<double> u_, gradient_;  // as many as the longest list of inputs
};

}  // namespace arrayspice
