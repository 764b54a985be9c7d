// SPDX-License-Identifier: Apache-2.0
// All instances of one model card, type-erased. One virtual call per block, none per
// instance. Most devices get theirs from the template in block.hpp; a device with a
// variable number of pins (the behavioural source) implements this interface itself.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "devices/device.hpp"
#include "devices/waveform.hpp"
#include "solver/system.hpp"

namespace arrayspice {

using InstanceId = std::uint32_t;

/// A row of a parameter table without the type of its owner.
struct ParameterInfo {
  std::string_view name;
  std::string_view unit;
  Range range;
  std::string_view doc;
  double default_value;
};

/// What there is to know of a device type before any instance exists.
struct DeviceType {
  std::string_view name;
  std::span<const Pin> pins;
  std::span<const Branch> branches;
  std::vector<ParameterInfo> model_parameters;
  std::vector<ParameterInfo> instance_parameters;

  std::size_t external_pins() const;
  std::optional<std::size_t> model_parameter(std::string_view lower_case_name) const;
  std::optional<std::size_t> instance_parameter(std::string_view lower_case_name) const;
};

struct Assignment {
  std::size_t parameter;  ///< index into the table of DeviceType
  double value;           ///< SI
};

/// Gives a new internal unknown.
using AllocateUnknown = std::function<UnknownId(Quantity)>;

/// The slot of (row, column) in a pattern; for row or column 0 the bucket after all
/// slots.
class FindSlot {
 public:
  explicit FindSlot(const SparsePattern& pattern) : pattern_(pattern) {}
  std::int32_t operator()(UnknownId row, UnknownId column) const {
    return row == kGround || column == kGround ? pattern_.nonzeros()
                                               : pattern_.slot(row, column);
  }

 private:
  const SparsePattern& pattern_;
};

class DeviceBlock {
 public:
  virtual ~DeviceBlock() = default;

  virtual const DeviceType& type() const = 0;
  virtual std::size_t size() const = 0;
  virtual bool linear() const = 0;

  // --- building
  /// Values are already checked against the table's range.
  virtual void set_model(const Assignment& assignment) = 0;
  virtual InstanceId add(std::span<const UnknownId> external_pins,
                         std::span<const Assignment> parameters,
                         const AllocateUnknown& allocate) = 0;
  virtual void set_instance(InstanceId instance, const Assignment& assignment) = 0;
  virtual double instance_value(InstanceId instance, std::size_t parameter) const = 0;
  virtual double model_value(std::size_t parameter) const = 0;
  /// Independent sources only; others have no waveform and ignore it.
  virtual void set_waveform(InstanceId, std::shared_ptr<const Waveform>) {}
  /// Computes what depends on temperature; throws std::invalid_argument when parameters
  /// contradict each other.
  virtual void prepare(double temperature) = 0;

  /// Gives every unknown u the number moved[u], sorts the instances by their pins and
  /// returns the new id of each.
  virtual std::vector<InstanceId> rearrange(std::span<const UnknownId> moved) = 0;

  // --- structure
  virtual std::span<const UnknownId> pins(InstanceId instance) const = 0;
  virtual std::span<const Branch> branches(InstanceId) const { return type().branches; }
  /// Do equations depend on unknowns that are no pins (the inputs of an expression)?
  virtual bool reads_beyond_pins() const { return false; }
  /// Calls visit(row, column, conductive) for every Jacobian entry of every instance;
  /// conductive is false for an entry that only charges can fill.
  using VisitCoupling = std::function<void(UnknownId, UnknownId, bool conductive)>;
  virtual void visit_couplings(const VisitCoupling& visit) const = 0;
  /// Looks up the slots of all couplings.
  virtual void bind(const FindSlot& find) = 0;

  // --- numbers
  /// Adds f, q of all instances; with want == ResidualAndJacobian also g, c (nonlinear
  /// blocks only: those of linear blocks come from stamp_baseline()).
  virtual void evaluate(std::span<const double> x, const Env& env, Want want,
                        Evaluation& out) = 0;
  /// Linear blocks: adds the constant g, c.
  virtual void stamp_baseline(const Env& env, const FindSlot& find, Evaluation& out) = 0;
  /// f and q of one instance, per pin (for device currents and diagnostics).
  virtual void pin_residual(InstanceId instance, std::span<const double> x,
                            const Env& env, std::span<double> f,
                            std::span<double> q) const = 0;
  virtual void forget_limits() {}
  /// Discrete states return to what the netlist says.
  virtual void reset_states() {}
  virtual void accept(std::span<const double> x, const Env& env) = 0;
  /// Writes the `ic=` of internal unknowns (an inductor's current) into x.
  virtual void initial_internals(std::span<double>) const {}
  /// Adds the charges at the start of a `uic` transient.
  virtual void initial_charges(std::span<const double> x, const Env& env,
                               std::span<double> q) = 0;
  virtual double next_breakpoint(double t) const = 0;
};

}  // namespace arrayspice
