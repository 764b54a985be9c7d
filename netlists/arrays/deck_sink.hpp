// SPDX-License-Identifier: Apache-2.0
// Writes an array as a deck, element by element, in one of three dialects. Memory is that
// of one buffer, whatever the size of the array.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "netlists/arrays/array.hpp"
#include "netlists/arrays/sink.hpp"

namespace arrayspice {

class DeckSink final : public NetlistSink {
 public:
  DeckSink(const ArraySpec& spec, Dialect dialect, const DeckWriter& write);

  /// Lines as they are.
  void text(std::string_view lines);

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

  /// Hands over what is still in the buffer.
  void finish();

 private:
  enum class CellForm { Resistor, Native, Sinh, Cubic, Rram };
  void words(Pins names);
  void values(Values values);
  void number(double value);
  void end_line();
  std::string current(const Name& p, const Name& m, double siemens) const;

  const DeckWriter& write_;
  CellForm form_;
  bool native_, braces_;
  void shifted_transistor(const Name& name, Pins pins, std::string_view model,
                          Values values);

  Selector::Model selector_;
  std::set<std::string, std::less<>> own_models_;  // of devices that are switches by name
  double amplifier_offset_;                        // of all, V
  double temperature_;                             // K
  double v0_ = 0.0, i0_ = 0.0, g0_ = 0.0;          // V, A, m: of the cell model
  std::string buffer_;
};

}  // namespace arrayspice
