// SPDX-License-Identifier: Apache-2.0
// Writes an array as a deck, element by element, in one of three dialects. Memory is that
// of one buffer, whatever the size of the array.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>

#include "netlists/arrays/array.hpp"
#include "netlists/arrays/sink.hpp"

namespace arrayspice {

class DeckSink final : public NetlistSink {
 public:
  DeckSink(const ArraySpec& spec, Dialect dialect, const DeckWriter& write);

  /// Lines as they are.
  void text(std::string_view lines);

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

  /// Hands over what is still in the buffer.
  void finish();

 private:
  enum class CellForm { Resistor, Native, Sinh, Cubic, Rram };
  void words(std::initializer_list<Name> names);
  void number(double value);
  void end_line();
  void two_terminal(const Name& name, const Name& p, const Name& m, double value);
  std::string current(const Name& p, const Name& m, double siemens) const;

  const DeckWriter& write_;
  CellForm form_;
  bool native_, braces_;
  Selector::Model selector_;
  double v0_ = 0.0, i0_ = 0.0, g0_ = 0.0;  // V, A, m: of the cell model
  std::string buffer_;
};

}  // namespace arrayspice
