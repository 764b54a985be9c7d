// SPDX-License-Identifier: Apache-2.0
// Builds an array as a Circuit in memory, element by element.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "devices/circuit.hpp"
#include "netlists/arrays/sink.hpp"
#include "netlists/arrays/spec.hpp"

namespace arrayspice {

class CircuitSink final : public NetlistSink {
 public:
  CircuitSink(const ArraySpec& spec, Circuit& circuit);

  void resistor(const Name& name, const Name& p, const Name& m, double ohm) override;
  void capacitor(const Name& name, const Name& p, const Name& m, double farad) override;
  void voltage_source(const Name& name, const Name& p, const Name& m,
                      double volt) override;
  void cell(std::int64_t i, std::int64_t j, const Name& p, const Name& m,
            double siemens) override;
  void transistor(const Name& name, const Name& drain, const Name& gate,
                  const Name& source) override;
  void selector(const Name& name, const Name& p, const Name& m) override;
  void amplifier(const Name& name, const Name& inverting, const Name& output) override;

  UnknownId node(const Name& name);
  const std::vector<DeviceId>& cells() const { return cells_; }
  /// Sources `Vin`, `Vsense`.
  const std::vector<DeviceId>& inputs() const { return inputs_; }
  const std::vector<DeviceId>& ammeters() const { return ammeters_; }

 private:
  using Values = std::initializer_list<std::pair<std::string_view, double>>;
  BlockId add_block(char letter, std::string_view model_type, const Values& model);
  DeviceId add(BlockId block, const Name& name, std::initializer_list<Name> pins,
               const Assignment* principal);

  Circuit& circuit_;
  std::int64_t columns_;
  std::vector<UnknownId> word_line_, bit_line_;  // nodes wl_i_j and bl_i_j, once met
  BlockId resistors_, capacitors_, sources_, cell_block_;
  BlockId transistors_ = 0, selectors_ = 0, amplifiers_ = 0;
  std::vector<DeviceId> cells_, inputs_, ammeters_;
  std::string text_;
};

}  // namespace arrayspice
