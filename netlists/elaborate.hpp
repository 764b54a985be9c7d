// SPDX-License-Identifier: Apache-2.0
// Turns a deck into a circuit: expands subcircuit instances, evaluates parameters in
// their scopes, finds models, and hands each element to the reader of its kind
// (elements.hpp).
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "devices/behavioral.hpp"
#include "devices/registry.hpp"
#include "netlists/cursor.hpp"
#include "netlists/deck.hpp"
#include "netlists/expansion_size.hpp"
#include "netlists/parameter_scope.hpp"
#include "netlists/values.hpp"

namespace arrayspice {

/// One expansion of a subcircuit, or the deck itself.
struct Instance {
  std::string prefix;  ///< "x1.x2.", empty for the deck
  const Subcircuit* definition = nullptr;
  std::shared_ptr<const Instance> parent;
  std::shared_ptr<ParameterScope> scope;
  std::vector<UnknownId> ports;  ///< in the order of definition->ports
  double multiplier = 1.0;       ///< product of the `m=` of the instances around it
  /// Devices whose current an expression inside wants, lower case.
  std::set<std::string, std::less<>> sensed;
  std::vector<const Body*> bodies;  ///< the body and the branches of `.if` that hold
};
using InstancePointer = std::shared_ptr<const Instance>;

/// What the waveforms of sources take their defaults from.
struct TransientTimes {
  double step = 0.0;
  double stop = 0.0;
};

/// A `.model` card that was found, and the instance whose parameters it sees.
struct ModelCardReference {
  const Card* card = nullptr;
  const Instance* owner = nullptr;
  std::string type;    ///< lower case, aliases resolved
  double level = 1.0;  ///< as written, also when it is no whole number
};

/// How the rest of a card that was put off describes its behavioural device.
enum class Law { None, Expression, VoltagePolynomial, CurrentPolynomial, Table };

/// A card to be read, or read on from `offset`, once all other devices exist.
struct Deferred {
  InstancePointer in;
  Card card;
  Law law = Law::None;  ///< None: the device itself is still to be added
  BlockId block = 0;
  InstanceId instance = 0;
  std::size_t offset = 0;
};

class Elaborator {
 public:
  Elaborator(const Deck& deck, const ReadOptions& options, Diagnostics& diagnostics);

  /// Builds everything; the caller finalizes the circuit.
  void run();

  Circuit& circuit() { return *circuit_; }
  std::unique_ptr<Circuit> take_circuit() { return std::move(circuit_); }
  const Instance& top() const { return *top_; }
  const DeckOptions& options() const { return options_; }
  /// Commands of the deck whose `.if` holds, in order.
  std::vector<Card> commands() const;
  /// `.ic` and `.nodeset` inside subcircuits, with the instances they belong to.
  std::vector<std::pair<InstancePointer, Card>> local_initial_conditions() const {
    return local_conditions_;
  }
  /// The place of a device or model for which preparing fails at a temperature (K).
  Location find_contradiction(double temperature);
  const Cards& cards() const { return deck_.cards; }
  Diagnostics& diagnostics() { return diagnostics_; }
  const TransientTimes& times() const { return times_; }

  // --- services for the element readers
  UnknownId node(const Instance& in, std::string_view name);
  /// A node that must exist: the control of a behavioural source.
  std::optional<UnknownId> existing_node(const Instance& in, std::string_view name) const;
  std::string device_name(const Instance& in, std::string_view name) const;
  /// A device by the name used inside `in`, or by its full name.
  std::optional<DeviceId> find_device(const Instance& in, std::string_view name) const;
  std::optional<double> number(const ValueText& value, const Cursor& cursor,
                               const Instance& in);

  /// The model that `name` means inside `in`; card == nullptr when there is none.
  ModelCardReference find_model(const Instance& in, std::string_view name);
  std::vector<std::string_view> model_names(const Instance& in) const;
  /// The block of a model card.
  BlockId model_block(const ModelCardReference& model, const Registration& device);
  /// The one block of a device without model card.
  BlockId plain_block(const Registration& device);

  BlockId behavioral_block(BehavioralKind kind);
  /// The branch current of a device by the name used inside `in`.
  std::optional<UnknownId> branch_current(const Instance& in,
                                          std::string_view name) const;

  /// Adds a device; a name that is taken is an error.
  DeviceId add(BlockId block, const Instance& in, std::string_view name,
               std::span<const UnknownId> pins, std::span<const Assignment> parameters,
               Location where);
  /// Reads a card once all other devices exist.
  void defer(Deferred card) { deferred_.push_back(std::move(card)); }

 private:
  void declare(Instance& in, const Body& body);
  void declare_parameters(Instance& in, const Body& body);
  void declare_parameter_line(Instance& in, Cursor& cursor);
  void declare_function(Instance& in, Cursor& cursor);
  void choose_branches(Instance& in, const Body& body);
  void read_settings();
  void read_local_commands(const InstancePointer& in);
  void find_transient_times();
  DeviceId add_named(BlockId block, const Instance& in, std::string_view name,
                     std::span<const UnknownId> pins,
                     std::span<const Assignment> parameters, Location where);
  void collect_sensed(Instance& in);
  std::vector<UnknownId> insert_sensor(BlockId block, const Instance& in,
                                       std::string_view name,
                                       std::span<const UnknownId> pins, Location where);
  void expand(const InstancePointer& in);
  void read_element(const InstancePointer& in, const Card& card);
  void read_subcircuit(const InstancePointer& in, Cursor& cursor, std::string_view name);
  void read_model_parameters(const ModelCardReference& model, const DeviceType& type,
                             std::vector<Assignment>& parameters);
  BlockId make_block(const Registration& device,
                     const std::vector<Assignment>& parameters);
  void read_subcircuit_parameters(Instance& made, const Instance& in, Cursor& cursor);

  const Deck& deck_;
  const ReadOptions& read_options_;
  Diagnostics& diagnostics_;
  std::unique_ptr<Circuit> circuit_ = std::make_unique<Circuit>();
  std::shared_ptr<Instance> top_;
  DeckOptions options_;
  TransientTimes times_;
  std::set<std::string, std::less<>> globals_;
  std::vector<Deferred> deferred_;
  std::vector<std::pair<InstancePointer, Card>> local_conditions_;
  std::string buffer_, name_buffer_;
  std::map<std::pair<const Card*, const Registration*>, BlockId> global_blocks_;
  std::map<std::pair<const Registration*, std::string>, BlockId> model_blocks_;
  std::map<BlockId, const Card*> block_models_;
  std::map<const Registration*, BlockId> plain_blocks_;
  std::map<BehavioralKind, BlockId> behavioral_blocks_;
  ExpansionSize sizes_;
};

}  // namespace arrayspice
