// SPDX-License-Identifier: Apache-2.0
// Who is told the elements of an array, one by one: a Circuit in memory or a deck.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace arrayspice {

/// A node or device name with up to two indices, `wl_3_7`, kept apart until text is
/// needed.
struct Name {
  std::string_view stem;
  std::int64_t i = -1, j = -1;
  friend bool operator==(const Name&, const Name&) = default;
};
inline constexpr Name kGroundName{"0"};

void append_name(std::string& text, const Name& name);

class NetlistSink {
 public:
  virtual ~NetlistSink() = default;

  virtual void resistor(const Name& name, const Name& p, const Name& m, double ohm) = 0;
  virtual void capacitor(const Name& name, const Name& p, const Name& m,
                         double farad) = 0;
  virtual void voltage_source(const Name& name, const Name& p, const Name& m,
                              double volt) = 0;
  /// The memory cell of the spec's model, of a conductance greater than 0.
  virtual void cell(std::int64_t i, std::int64_t j, const Name& p, const Name& m,
                    double siemens) = 0;
  /// The access transistor; its bulk is ground.
  virtual void transistor(const Name& name, const Name& drain, const Name& gate,
                          const Name& source) = 0;
  /// The selector in series with a memory cell.
  virtual void selector(const Name& name, const Name& p, const Name& m) = 0;
  /// The sense amplifier; its non-inverting input is ground.
  virtual void amplifier(const Name& name, const Name& inverting, const Name& output) = 0;
};

}  // namespace arrayspice
