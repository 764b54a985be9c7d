// SPDX-License-Identifier: Apache-2.0
// A circuit: named nodes, blocks of devices, and the System that the solver sees.
//
//   Circuit c;
//   const BlockId r = c.add_block(std::make_unique<Block<Resistor>>());
//   c.add_device(r, "r1", {{c.node("a"), kGround}}, {{{0, 1e3}}});
//   ...
//   c.finalize();            // pattern, slots; no nodes or devices after this
//   operating_point(c, ...);
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "devices/device_block.hpp"
#include "devices/name_pool.hpp"
#include "solver/system.hpp"

namespace arrayspice {

using BlockId = std::uint32_t;
using DeviceId = std::uint32_t;
inline constexpr DeviceId kNoDevice = 0xffffffffu;
inline constexpr std::uint64_t kNoTag = 0;

class Circuit final : public System {
 public:
  Circuit();

  // --- building
  /// The node of that name, made when new. "0" and "gnd" are ground. Names are kept as
  /// given: fold the case before.
  UnknownId node(std::string_view name);
  std::optional<UnknownId> find_node(std::string_view name) const;

  /// The nodes in the order in which they were first named, after ground.
  std::span<const UnknownId> nodes() const {
    return std::span(node_unknown_).subspan(kNamesOfGround);
  }

  /// Room for so many devices and about as many nodes; only a hint.
  void reserve(std::size_t devices);

  BlockId add_block(std::unique_ptr<DeviceBlock> block);
  DeviceBlock& block(BlockId id) { return *blocks_[id]; }
  const DeviceBlock& block(BlockId id) const { return *blocks_[id]; }
  std::size_t blocks() const { return blocks_.size(); }

  /// Adds an instance; returns kNoDevice (and adds nothing) when the name is taken.
  /// tag: anything the caller wants back from device_tag(), such as a place in a file.
  DeviceId add_device(BlockId block, std::string_view name,
                      std::span<const UnknownId> external_pins,
                      std::span<const Assignment> parameters, std::uint64_t tag = kNoTag);
  std::optional<DeviceId> find_device(std::string_view name) const;

  /// Numbers the unknowns and orders the devices within their blocks anew where that
  /// makes a large circuit faster. All UnknownId and InstanceId from before are void: the
  /// result has the new number of every unknown, or is empty when nothing has moved.
  std::vector<UnknownId> arrange();

  /// Prepares all devices at a temperature (K), builds the pattern, binds all slots.
  /// Throws std::invalid_argument when a device's parameters contradict each other.
  void finalize(double temperature = 300.15);
  bool finalized() const { return finalized_; }

  // --- devices
  std::size_t devices() const { return devices_.size(); }
  std::string_view device_name(DeviceId id) const;
  std::uint64_t device_tag(DeviceId id) const { return devices_[id].tag; }
  /// The block that holds a device and its place there, for changes in bulk: nothing is
  /// prepared or stamped anew, as set_parameter() does.
  DeviceBlock& device_block(DeviceId id) { return block_of(id); }
  InstanceId device_instance(DeviceId id) const { return devices_[id].instance; }
  const DeviceType& device_type(DeviceId id) const { return block_of(id).type(); }
  std::span<const UnknownId> device_pins(DeviceId id) const;
  std::span<const Branch> device_branches(DeviceId id) const;
  /// The branch-current unknown of a voltage-defined device (V, L, E, H, B with v=), or
  /// kNoUnknown.
  UnknownId branch_current(DeviceId id) const;
  /// Static current (A) into a pin: f, without dq/dt.
  double pin_current(DeviceId id, std::size_t pin, std::span<const double> x,
                     const Env& env) const;
  /// Static currents (A) into all pins, in their order.
  std::vector<double> pin_currents(DeviceId id, std::span<const double> x,
                                   const Env& env) const;
  /// Charge (C) at a pin.
  double pin_charge(DeviceId id, std::size_t pin, std::span<const double> x,
                    const Env& env) const;
  double parameter(DeviceId id, std::size_t parameter) const;
  /// Switches return to what the netlist says, for an analysis that does not go on from
  /// the one before.
  void reset_states();
  /// Changes an instance parameter of a finalized circuit; derived constants follow.
  void set_parameter(DeviceId id, const Assignment& assignment);

  // --- System
  std::int32_t unknowns() const override {
    return static_cast<std::int32_t>(quantity_.size());
  }
  Quantity quantity(UnknownId u) const override { return quantity_[u]; }
  std::string unknown_name(UnknownId u) const override;
  /// True for a node of the netlist, false for an internal unknown of a device.
  bool is_node(UnknownId u) const { return node_name_[u] != NamePool::kNone; }
  std::vector<std::string> devices_at(UnknownId u, std::size_t most) const override;
  const SparsePattern& pattern() const override { return pattern_; }
  std::span<const std::uint8_t> conductive() const override { return conductive_; }
  bool linear() const override { return linear_; }
  void evaluate(std::span<const double> x, const Env& env, Want want,
                Evaluation& out) override;
  void forget_limits() override;
  void accept(std::span<const double> x, const Env& env) override;
  void initial_charges(std::span<const double> x, const Env& env,
                       std::span<double> q) override;
  double next_breakpoint(double t) const override;

 private:
  struct DeviceRecord {
    BlockId block;
    InstanceId instance;
    std::uint64_t tag;
  };

  DeviceBlock& block_of(DeviceId id) const { return *blocks_[devices_[id].block]; }
  static constexpr std::size_t kNamesOfGround = 2;

  UnknownId add_unknown(Quantity quantity, NamePool::Id name);
  void build_pattern();
  void prepare(double temperature);
  void stamp_baseline(const Env& env);

  NamePool node_names_;
  NamePool device_names_;                // device_names_ id == DeviceId
  std::vector<UnknownId> node_unknown_;  // by node name id
  std::vector<NamePool::Id> node_name_;  // by unknown; kNone for internal ones
  std::vector<Quantity> quantity_;       // by unknown
  std::vector<std::unique_ptr<DeviceBlock>> blocks_;
  std::vector<DeviceRecord> devices_;

  SparsePattern pattern_;
  std::vector<std::uint8_t> conductive_;
  Evaluation baseline_;  // g, c of the linear blocks
  bool baseline_is_valid_ = false;
  bool linear_ = true;
  bool finalized_ = false;
  double prepared_at_ = std::numeric_limits<double>::quiet_NaN();
};

}  // namespace arrayspice
