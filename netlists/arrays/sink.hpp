// SPDX-License-Identifier: Apache-2.0
// Who is told the elements of an array, one by one: a Circuit in memory or a deck.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "netlists/arrays/part.hpp"
#include "netlists/arrays/signal.hpp"

namespace arrayspice {

/// A node or device name with up to three indices, `wl_3_7`, kept apart until text is
/// needed.
struct Name {
  std::string_view stem;
  std::int64_t i = -1, j = -1, k = -1;
  friend bool operator==(const Name&, const Name&) = default;
};
inline constexpr Name kGroundName{"0"};

/// L of transistors in a deck; W follows from W/L, and nothing else depends on it.
inline constexpr double kChannelLength = 1e-6;  // m

void append_name(std::string& text, const Name& name);

struct NamedValue {
  std::string_view name;
  double value;
};

/// The letter that a device's name begins with says what it is, as in a deck.
class NetlistSink {
 public:
  using Pins = std::initializer_list<Name>;
  using Values = std::initializer_list<NamedValue>;
  virtual ~NetlistSink() = default;

  /// A description leaves out what belongs to other parts only.
  virtual ArrayPart part() const { return {}; }

  /// R, C, E or G: pins and one value.
  virtual void element(const Name& name, Pins pins, double value) = 0;
  /// V or I. Sources named `Vin` (or `Iin`) are the inputs.
  virtual void source(const Name& name, const Name& p, const Name& m,
                      const Signal& signal) = 0;
  /// A `.model` card of an element letter, before the devices that name it.
  virtual void model(std::string_view name, char letter, std::string_view type,
                     Values values) = 0;
  /// M, S or N (a comparator): a device of such a card.
  virtual void device(const Name& name, Pins pins, std::string_view model,
                      Values values) = 0;
  /// The memory cell of the spec's model, of a conductance greater than 0.
  virtual void cell(std::int64_t i, std::int64_t j, const Name& p, const Name& m,
                    double siemens) = 0;
  /// The selector in series with a memory cell.
  virtual void selector(const Name& name, const Name& p, const Name& m) = 0;
  /// The sense amplifier; its non-inverting input is ground. `offset`, V: beside that of
  /// the spec.
  virtual void amplifier(const Name& name, const Name& inverting, const Name& output,
                         double offset) = 0;
  /// `.ic`: the node's voltage when the transient starts.
  virtual void initial(const Name& node, double volt) = 0;

  void resistor(const Name& name, const Name& p, const Name& m, double ohm) {
    element(name, {p, m}, ohm);
  }
  void capacitor(const Name& name, const Name& p, const Name& m, double farad) {
    element(name, {p, m}, farad);
  }
  void amplifier(const Name& name, const Name& inverting, const Name& output) {
    amplifier(name, inverting, output, 0.0);
  }
};

}  // namespace arrayspice
