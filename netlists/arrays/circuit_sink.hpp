// SPDX-License-Identifier: Apache-2.0
// Builds an array as a Circuit in memory, element by element.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "devices/circuit.hpp"
#include "netlists/arrays/sink.hpp"
#include "netlists/arrays/spec.hpp"

namespace arrayspice {

/// Gives a source its values over time.
void set_signal(Circuit& circuit, DeviceId source, const Signal& signal);

class CircuitSink final : public NetlistSink {
 public:
  CircuitSink(const ArraySpec& spec, Circuit& circuit, const ArrayPart& part = {});

  ArrayPart part() const override { return part_; }

  void element(const Name& name, Pins pins, double value) override;
  void source(const Name& name, const Name& p, const Name& m,
              const Signal& signal) override;
  void model(std::string_view name, char letter, std::string_view type,
             Values values) override;
  void device(const Name& name, Pins pins, std::string_view model,
              Values values) override;
  void cell(std::int64_t i, std::int64_t j, const Name& p, const Name& m,
            double siemens) override;
  void selector(const Name& name, const Name& p, const Name& m) override;
  void amplifier(const Name& name, const Name& inverting, const Name& output,
                 double offset) override;
  void initial(const Name& node, double volt) override;

  UnknownId node(const Name& name);
  /// The node if there is one, else kNoUnknown.
  UnknownId find(const Name& name);
  DeviceId find_device(const Name& name);

  const std::vector<DeviceId>& cells() const { return cells_; }
  const std::vector<DeviceId>& sources() const { return sources_; }
  /// Those named `Vin`.
  const std::vector<DeviceId>& inputs() const { return inputs_; }
  const std::vector<std::pair<UnknownId, double>>& initial_voltages() const {
    return initial_;
  }

 private:
  BlockId add_block(char letter, std::string_view model_type, Values model);
  BlockId block_of_letter(char letter);
  DeviceId add(BlockId block, const Name& name, Pins pins,
               std::span<const Assignment> parameters);
  UnknownId* remembered(const Name& name);
  const std::string& text_of(const Name& name);

  Circuit& circuit_;
  ArrayPart part_;
  std::int64_t columns_;
  double amplifier_offset_;                      // of all, V
  std::vector<UnknownId> word_line_, bit_line_;  // nodes wl_i_j and bl_i_j, once met
  std::map<char, BlockId> letters_;
  std::map<std::string, BlockId, std::less<>> models_;
  BlockId cell_block_, selectors_ = 0, amplifiers_ = 0;
  std::vector<DeviceId> cells_, sources_, inputs_;
  std::vector<std::pair<UnknownId, double>> initial_;
  std::string text_;
};

}  // namespace arrayspice
