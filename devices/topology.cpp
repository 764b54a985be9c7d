// SPDX-License-Identifier: Apache-2.0
#include "devices/topology.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <unordered_map>

namespace arrayspice {

namespace {

constexpr std::size_t kMostNamed = 8;

/// Sets of unknowns, joined one edge at a time.
class UnionFind {
 public:
  explicit UnionFind(std::size_t n) : parent_(n) {
    std::iota(parent_.begin(), parent_.end(), 0);
  }
  UnknownId find(UnknownId u) {
    while (parent_[u] != u) u = parent_[u] = parent_[parent_[u]];
    return u;
  }
  /// False when both were in one set already.
  bool join(UnknownId a, UnknownId b) {
    a = find(a);
    b = find(b);
    parent_[std::max(a, b)] = std::min(a, b);
    return a != b;
  }

 private:
  std::vector<UnknownId> parent_;
};

struct Edge {
  UnknownId from, to;
  DeviceId device;
};

/// A set of nodes without a path to ground, and what joins it to the rest.
struct Component {
  std::vector<UnknownId> nodes;
  std::vector<DeviceId> inside, open, current, controlled;
  bool sensed = false;  ///< some device's equations depend on its potential
};

class Checker {
 public:
  Checker(const Circuit& circuit, const TopologyOptions& options)
      : circuit_(circuit),
        options_(options),
        paths_(circuit.unknowns()),
        loops_(circuit.unknowns()) {}

  /// Of the last run: sets of nodes that keep their charge.
  std::vector<std::vector<UnknownId>> floating() { return std::move(floating_); }
  void keep_all_charges() { keeps_all_ = true; }

  std::vector<TopologyFinding> run() {
    for (const UnknownId u : options_.held) paths_.join(kGround, u);
    join_paths();
    for (DeviceId d = 0; d < circuit_.devices() && !loop_types_.empty(); ++d)
      if (loop_types_.contains(&circuit_.device_type(d))) add_loop_edges(d);
    if (!ground_is_used_ && circuit_.devices() > 0) {
      report(TopologyFinding::Kind::NoGround, {}, {},
             "no device is connected to ground (node 0)");
      return std::move(findings_);
    }
    report_components();
    return std::move(findings_);
  }

 private:
  bool is_path(BranchKind kind) const {
    if (kind == BranchKind::Open) return options_.charges_are_given;
    return kind == BranchKind::Conductance || kind == BranchKind::Voltage ||
           kind == BranchKind::Inductor;
  }
  bool is_loop_edge(BranchKind kind) const {
    if (kind == BranchKind::Inductor) return !options_.charges_are_given;
    return kind == BranchKind::Voltage;
  }

  /// Block by block: in memory, devices lie in that order.
  void join_paths() {
    for (BlockId b = 0; b < circuit_.blocks(); ++b) {
      const DeviceBlock& block = circuit_.block(b);
      bool has_loop_edge = false;
      for (InstanceId k = 0; k < block.size(); ++k) {
        const auto pins = block.pins(k);
        for (const UnknownId u : pins) ground_is_used_ |= u == kGround;
        for (const Branch& branch : block.branches(k)) {
          if (is_path(branch.kind)) paths_.join(pins[branch.from], pins[branch.to]);
          has_loop_edge |= is_loop_edge(branch.kind);
        }
      }
      if (has_loop_edge) loop_types_.insert(&block.type());
    }
  }

  // --- loops

  void add_loop_edges(DeviceId d) {
    const auto pins = circuit_.device_pins(d);
    for (const Branch& b : circuit_.device_branches(d))
      if (is_loop_edge(b.kind)) add_loop_edge({pins[b.from], pins[b.to], d});
  }

  /// Edges that close no loop form a forest; the path between the ends of one that does
  /// is the rest of its loop.
  void add_loop_edge(const Edge& edge) {
    if (loops_.join(edge.from, edge.to)) {
      forest_[edge.from].push_back({edge.from, edge.to, edge.device});
      forest_[edge.to].push_back({edge.to, edge.from, edge.device});
    } else if (findings_.size() < options_.most) {
      report_loop(edge);
    }
  }

  void report_loop(const Edge& closing) {
    std::vector<DeviceId> devices = forest_path(closing.from, closing.to);
    devices.push_back(closing.device);
    std::sort(devices.begin(), devices.end());
    const auto is_inductor = [&](DeviceId d) {
      return circuit_.device_branches(d)[0].kind == BranchKind::Inductor;
    };
    const auto inductors = static_cast<std::size_t>(
        std::count_if(devices.begin(), devices.end(), is_inductor));
    const char* what = inductors == 0                ? "voltage sources"
                       : inductors == devices.size() ? "inductors"
                                                     : "voltage sources and inductors";
    const char* when = inductors == 0 ? "" : " in an operating point";
    std::string sentence = fmt::format("loop of {} {}{}", what, names(devices), when);
    report(TopologyFinding::Kind::VoltageLoop, std::move(devices),
           {closing.from, closing.to}, std::move(sentence));
  }

  /// Devices along the forest from one node to another (breadth first).
  std::vector<DeviceId> forest_path(UnknownId from, UnknownId to) {
    std::unordered_map<UnknownId, Edge> reached{{from, Edge{from, from, kNoDevice}}};
    std::vector<UnknownId> queue{from};
    for (std::size_t k = 0; k < queue.size() && !reached.count(to); ++k)
      for (const Edge& e : forest_[queue[k]])
        if (reached.emplace(e.to, e).second) queue.push_back(e.to);
    std::vector<DeviceId> devices;
    for (UnknownId u = to; u != from; u = reached.at(u).from)
      devices.push_back(reached.at(u).device);
    return devices;
  }

  // --- nodes without a path to ground

  void report_components() {
    const UnknownId ground = paths_.find(kGround);
    std::vector<Component> components;
    std::unordered_map<UnknownId, std::size_t> index;
    for (UnknownId u = 0; u < circuit_.unknowns(); ++u) {
      if (circuit_.quantity(u) != Quantity::Voltage || paths_.find(u) == ground) continue;
      const auto [at, is_new] = index.emplace(paths_.find(u), components.size());
      if (is_new) components.emplace_back();
      components[at->second].nodes.push_back(u);
    }
    if (components.empty()) return;
    for (DeviceId d = 0; d < circuit_.devices(); ++d) survey(d, index, components);
    for (BlockId b = 0; b < circuit_.blocks(); ++b)
      if (circuit_.block(b).reads_beyond_pins())
        for (Component& c : components) c.sensed = true;
    for (const Component& c : components)
      if (findings_.size() < options_.most) judge(c);
  }

  /// Notes how a device touches the components.
  void survey(DeviceId d, const std::unordered_map<UnknownId, std::size_t>& index,
              std::vector<Component>& components) {
    const auto pins = circuit_.device_pins(d);
    const auto component_at = [&](UnknownId u) -> Component* {
      const auto at = index.find(paths_.find(u));
      return at == index.end() ? nullptr : &components[at->second];
    };
    const auto branches = circuit_.device_branches(d);
    for (const UnknownId u : pins)
      if (Component* c = component_at(u)) add_once(c->inside, d);
    for (const Branch& b : branches) {
      if (paths_.find(pins[b.from]) == paths_.find(pins[b.to])) continue;
      for (Component* c : {component_at(pins[b.from]), component_at(pins[b.to])})
        if (c) add_once(crossing(*c, b.kind), d);
    }
    for (std::size_t p = 0; p < pins.size(); ++p)
      if (Component* c = component_at(pins[p])) c->sensed |= only_senses(branches, p);
  }

  /// A pin that carries no static current: a control input or a gate.
  static bool only_senses(std::span<const Branch> branches, std::size_t pin) {
    return std::none_of(branches.begin(), branches.end(),
                        [&](const Branch& b) {
                          return b.kind != BranchKind::Open &&
                                 (b.from == pin || b.to == pin);
                        }) &&
           (branches.empty() || branches.front().kind != BranchKind::Open);
  }

  static std::vector<DeviceId>& crossing(Component& c, BranchKind kind) {
    if (kind == BranchKind::Current) return c.current;
    return kind == BranchKind::Controlled ? c.controlled : c.open;
  }

  static void add_once(std::vector<DeviceId>& devices, DeviceId d) {
    if (devices.empty() || devices.back() != d) devices.push_back(d);
  }

  /// Singular for certain: Kirchhoff's law of the whole component holds no unknown, or,
  /// with controlled sources across its border, nothing depends on its potential.
  void judge(const Component& c) {
    using Kind = TopologyFinding::Kind;
    if (!c.controlled.empty() && c.sensed) return;
    if (keeps_charge(c)) return floating_.push_back(c.nodes);
    const std::string nodes = node_names(c.nodes);
    const bool one = c.nodes.size() == 1;
    std::vector<DeviceId> sources = c.current;
    sources.insert(sources.end(), c.controlled.begin(), c.controlled.end());
    std::sort(sources.begin(), sources.end());
    if (!sources.empty()) {
      report(Kind::CurrentCutset, sources, c.nodes,
             fmt::format("cutset of current sources {} at {}", names(sources), nodes));
    } else if (!c.open.empty() || one) {
      const auto& devices = c.open.empty() ? c.inside : c.open;
      report(Kind::NoDcPath, devices, c.nodes,
             fmt::format("{} {} {} no DC path to ground ({})", one ? "node" : "nodes",
                         nodes, one ? "has" : "have", names(devices)));
    } else {
      report(Kind::Island, c.inside, c.nodes,
             fmt::format("nodes {} form an island without ground ({})", nodes,
                         names(c.inside)));
    }
  }

  bool keeps_charge(const Component& c) const {
    if (c.open.empty() || !c.current.empty() || !c.controlled.empty()) return false;
    const auto is_charged = [&](UnknownId u) {
      const auto& all = options_.charged;
      return std::find(all.begin(), all.end(), u) != all.end();
    };
    return keeps_all_ || std::any_of(c.nodes.begin(), c.nodes.end(), is_charged);
  }

  // --- words

  void report(TopologyFinding::Kind kind, std::vector<DeviceId> devices,
              std::vector<UnknownId> nodes, std::string sentence) {
    devices.resize(std::min(devices.size(), kMostNamed));
    nodes.resize(std::min(nodes.size(), kMostNamed));
    findings_.push_back(
        {kind, std::move(devices), std::move(nodes), std::move(sentence)});
  }

  template <class Name>
  static std::string listed(std::size_t count, Name name) {
    std::string text;
    for (std::size_t k = 0; k < std::min(count, kMostNamed); ++k)
      text += (k ? ", " : "") + std::string(name(k));
    return count > kMostNamed ? fmt::format("{} and {} more", text, count - kMostNamed)
                              : text;
  }
  std::string names(const std::vector<DeviceId>& devices) const {
    if (devices.empty()) return "no device";
    return listed(devices.size(),
                  [&](std::size_t k) { return circuit_.device_name(devices[k]); });
  }
  std::string node_names(const std::vector<UnknownId>& nodes) const {
    return listed(nodes.size(),
                  [&](std::size_t k) { return circuit_.unknown_name(nodes[k]); });
  }

  const Circuit& circuit_;
  const TopologyOptions& options_;
  UnionFind paths_, loops_;
  std::set<const DeviceType*> loop_types_;  // of devices that may close a loop
  std::unordered_map<UnknownId, std::vector<Edge>> forest_;
  bool ground_is_used_ = false, keeps_all_ = false;
  std::vector<TopologyFinding> findings_;
  std::vector<std::vector<UnknownId>> floating_;
};

}  // namespace

std::vector<TopologyFinding> check_topology(const Circuit& circuit,
                                            const TopologyOptions& options) {
  return Checker(circuit, options).run();
}

std::vector<std::vector<UnknownId>> floating_nodes(const Circuit& circuit,
                                                   const TopologyOptions& options) {
  Checker checker(circuit, options);
  checker.run();
  return checker.floating();
}

std::vector<std::vector<UnknownId>> all_floating_nodes(const Circuit& circuit) {
  const TopologyOptions none;
  Checker checker(circuit, none);
  checker.keep_all_charges();
  checker.run();
  return checker.floating();
}

}  // namespace arrayspice
