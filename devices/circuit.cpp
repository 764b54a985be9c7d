// SPDX-License-Identifier: Apache-2.0
#include "devices/circuit.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "devices/arrangement.hpp"
#include "devices/topology.hpp"

namespace arrayspice {

std::size_t DeviceType::external_pins() const {
  return static_cast<std::size_t>(std::count_if(
      pins.begin(), pins.end(), [](const Pin& p) { return p.scope == Scope::External; }));
}

namespace {
std::optional<std::size_t> index_of(std::span<const ParameterInfo> table,
                                    std::string_view name) {
  const auto at = std::find_if(table.begin(), table.end(),
                               [&](const ParameterInfo& p) { return p.name == name; });
  if (at == table.end()) return std::nullopt;
  return static_cast<std::size_t>(at - table.begin());
}
}  // namespace

std::optional<std::size_t> DeviceType::model_parameter(std::string_view name) const {
  return index_of(model_parameters, name);
}

std::optional<std::size_t> DeviceType::instance_parameter(std::string_view name) const {
  return index_of(instance_parameters, name);
}

Circuit::Circuit() {
  const NamePool::Id zero = node_names_.intern("0");
  node_unknown_.push_back(add_unknown(Quantity::Voltage, zero));
  node_names_.intern("gnd");
  node_unknown_.push_back(kGround);
}

UnknownId Circuit::add_unknown(Quantity quantity, NamePool::Id name) {
  quantity_.push_back(quantity);
  node_name_.push_back(name);
  return unknowns() - 1;
}

UnknownId Circuit::node(std::string_view name) {
  const NamePool::Id id = node_names_.intern(name);
  if (id == node_unknown_.size())
    node_unknown_.push_back(add_unknown(Quantity::Voltage, id));
  return node_unknown_[id];
}

std::optional<UnknownId> Circuit::find_node(std::string_view name) const {
  const NamePool::Id id = node_names_.find(name);
  if (id == NamePool::kNone) return std::nullopt;
  return node_unknown_[id];
}

BlockId Circuit::add_block(std::unique_ptr<DeviceBlock> block) {
  blocks_.push_back(std::move(block));
  return static_cast<BlockId>(blocks_.size() - 1);
}

void Circuit::reserve(std::size_t devices) {
  devices_.reserve(devices);
  device_names_.reserve(devices, 0);
  node_names_.reserve(devices, 0);
  node_unknown_.reserve(devices);
  node_name_.reserve(devices);
  quantity_.reserve(devices);
}

DeviceId Circuit::add_device(BlockId block, std::string_view name,
                             std::span<const UnknownId> external_pins,
                             std::span<const Assignment> parameters, std::uint64_t tag) {
  assert(!finalized_);
  const NamePool::Id id = device_names_.intern(name);
  if (id != devices_.size()) return kNoDevice;
  const InstanceId instance = blocks_[block]->add(
      external_pins, parameters,
      [this](Quantity quantity) { return add_unknown(quantity, NamePool::kNone); });
  devices_.push_back({block, instance, tag});
  return id;
}

std::optional<DeviceId> Circuit::find_device(std::string_view name) const {
  const NamePool::Id id = device_names_.find(name);
  if (id == NamePool::kNone) return std::nullopt;
  return id;
}

std::vector<UnknownId> Circuit::arrange() {
  assert(!finalized_);
  if (is_arranged(blocks_, unknowns())) return {};
  std::vector<UnknownId> moved = number_by_neighbours(blocks_, unknowns());
  std::vector<Quantity> quantity(quantity_.size());
  std::vector<NamePool::Id> name(node_name_.size());
  for (UnknownId u = 0; u < unknowns(); ++u) {
    quantity[moved[u]] = quantity_[u];
    name[moved[u]] = node_name_[u];
  }
  quantity_ = std::move(quantity);
  node_name_ = std::move(name);
  for (UnknownId& u : node_unknown_) u = moved[u];
  std::vector<std::vector<InstanceId>> place;
  for (const auto& block : blocks_) place.push_back(block->rearrange(moved));
  for (DeviceRecord& device : devices_)
    device.instance = place[device.block][device.instance];
  return moved;
}

void Circuit::finalize(double temperature) {
  prepare(temperature);
  linear_ = std::all_of(blocks_.begin(), blocks_.end(),
                        [](const auto& b) { return b->linear() || b->size() == 0; });
  build_pattern();
  for (auto& block : blocks_) block->bind(FindSlot(pattern_));
  finalized_ = true;
}

namespace {

bool joins_by_capacitance(const DeviceBlock& block) {
  const auto branches = block.type().branches;
  return block.size() > 0 &&
         std::any_of(branches.begin(), branches.end(),
                     [](const Branch& b) { return b.kind == BranchKind::Open; });
}

/// Of nodes that float together, the one whose row may become that of their charge; empty
/// when there are none.
std::vector<UnknownId> first_of_floating(const Circuit& circuit) {
  std::vector<UnknownId> first;
  bool may_float = false;
  for (BlockId b = 0; b < circuit.blocks(); ++b)
    may_float |= joins_by_capacitance(circuit.block(b));
  if (!may_float) return first;
  for (const auto& nodes : all_floating_nodes(circuit)) {
    if (nodes.size() < 2) continue;
    first.resize(static_cast<std::size_t>(circuit.unknowns()), kNoUnknown);
    for (const UnknownId u : nodes) first[u] = nodes.front();
  }
  return first;
}

}  // namespace

void Circuit::build_pattern() {
  // The diagonal of every node is kept so that a solver may add conductance to ground.
  const std::vector<UnknownId> first = first_of_floating(*this);
  pattern_ = SparsePattern(unknowns(), [&](const auto& visit) {
    for (UnknownId u = 0; u < unknowns(); ++u)
      if (quantity_[u] == Quantity::Voltage) visit(u, u);
    for (const auto& block : blocks_)
      block->visit_couplings([&](UnknownId row, UnknownId column, bool) {
        if (row == kGround || column == kGround) return;
        visit(row, column);
        if (!first.empty() && first[row] != kNoUnknown) visit(first[row], column);
      });
  });

  conductive_.assign(pattern_.nonzeros() + 1, 0);
  for (UnknownId u = 0; u < unknowns(); ++u)
    if (quantity_[u] == Quantity::Voltage) conductive_[pattern_.slot(u, u)] = 1;
  for (const auto& block : blocks_)
    block->visit_couplings([&](UnknownId row, UnknownId column, bool conductive) {
      if (conductive && row != kGround && column != kGround)
        conductive_[pattern_.slot(row, column)] = 1;
    });
  conductive_.pop_back();
}

void Circuit::prepare(double temperature) {
  for (auto& block : blocks_) block->prepare(temperature);
  prepared_at_ = temperature;
  baseline_is_valid_ = false;
}

void Circuit::stamp_baseline(const Env& env) {
  const std::size_t slots = pattern_.nonzeros() + 1;
  baseline_.g.assign(slots, 0.0);
  baseline_.c.clear();
  for (auto& block : blocks_) block->stamp_baseline(env, FindSlot(pattern_), baseline_);
  baseline_.g[pattern_.slot(kGround, kGround)] = 1.0;
  baseline_is_valid_ = true;
}

std::string_view Circuit::device_name(DeviceId id) const {
  return device_names_.name(id);
}

std::span<const UnknownId> Circuit::device_pins(DeviceId id) const {
  return block_of(id).pins(devices_[id].instance);
}

std::span<const Branch> Circuit::device_branches(DeviceId id) const {
  return block_of(id).branches(devices_[id].instance);
}

UnknownId Circuit::branch_current(DeviceId id) const {
  const auto& described = device_type(id).pins;
  const auto pins = device_pins(id);
  for (std::size_t p = 0; p < described.size(); ++p)
    if (described[p].scope == Scope::Internal &&
        described[p].quantity == Quantity::Current)
      return pins[p];
  return kNoUnknown;
}

double Circuit::pin_current(DeviceId id, std::size_t pin, std::span<const double> x,
                            const Env& env) const {
  return pin_currents(id, x, env)[pin];
}

std::vector<double> Circuit::pin_currents(DeviceId id, std::span<const double> x,
                                          const Env& env) const {
  const std::size_t n = device_pins(id).size();
  std::vector<double> f(n), q(n);
  block_of(id).pin_residual(devices_[id].instance, x, env, f, q);
  return f;
}

double Circuit::pin_charge(DeviceId id, std::size_t pin, std::span<const double> x,
                           const Env& env) const {
  const std::size_t n = device_pins(id).size();
  std::vector<double> f(n), q(n);
  block_of(id).pin_residual(devices_[id].instance, x, env, f, q);
  return q[pin];
}

double Circuit::parameter(DeviceId id, std::size_t parameter) const {
  return block_of(id).instance_value(devices_[id].instance, parameter);
}

void Circuit::set_parameter(DeviceId id, const Assignment& assignment) {
  DeviceBlock& block = block_of(id);
  block.set_instance(devices_[id].instance, assignment);
  block.prepare(prepared_at_);
  if (block.linear()) baseline_is_valid_ = false;
}

std::string Circuit::unknown_name(UnknownId u) const {
  if (is_node(u)) return std::string(node_names_.name(node_name_[u]));
  for (DeviceId d = 0; d < devices(); ++d) {
    const auto pins = device_pins(d);
    const DeviceType& type = device_type(d);
    for (std::size_t p = type.external_pins(); p < pins.size(); ++p)
      if (pins[p] == u)
        return std::string(device_name(d)) + '#' + std::string(type.pins[p].name);
  }
  return "unknown " + std::to_string(u);
}

std::vector<std::string> Circuit::devices_at(UnknownId u, std::size_t most) const {
  std::vector<std::string> names;
  for (DeviceId d = 0; d < devices() && names.size() < most; ++d) {
    const auto pins = device_pins(d);
    if (std::find(pins.begin(), pins.end(), u) != pins.end())
      names.emplace_back(device_name(d));
  }
  return names;
}

void Circuit::evaluate(std::span<const double> x, const Env& env, Want want,
                       Evaluation& out) {
  assert(finalized_ && static_cast<std::int32_t>(x.size()) == unknowns());
  if (env.temperature != prepared_at_) prepare(env.temperature);
  if (want == Want::ResidualAndJacobian) {
    if (!baseline_is_valid_) stamp_baseline(env);
    out.g = baseline_.g;
    out.c = baseline_.c;
  }
  out.f.assign(x.size() + 1, 0.0);
  out.q.assign(x.size() + 1, 0.0);
  out.limited = false;
  for (auto& block : blocks_) block->evaluate(x, env, want, out);
  out.f[kGround] = x[kGround];
  out.q[kGround] = 0.0;
}

void Circuit::reset_states() {
  for (auto& block : blocks_) block->reset_states();
}

void Circuit::forget_limits() {
  for (auto& block : blocks_) block->forget_limits();
}

void Circuit::accept(std::span<const double> x, const Env& env) {
  for (auto& block : blocks_) block->accept(x, env);
}

void Circuit::initial_charges(std::span<const double> x, const Env& env,
                              std::span<double> q) {
  std::fill(q.begin(), q.end(), 0.0);
  // Fluxes of coupled inductors need the initial currents of all of them.
  std::vector<double> start(x.begin(), x.end());
  for (const auto& block : blocks_) block->initial_internals(start);
  for (auto& block : blocks_) block->initial_charges(start, env, q);
  q[kGround] = 0.0;
}

double Circuit::next_breakpoint(double t) const {
  double next = std::numeric_limits<double>::infinity();
  for (const auto& block : blocks_) next = std::min(next, block->next_breakpoint(t));
  return next;
}

}  // namespace arrayspice
