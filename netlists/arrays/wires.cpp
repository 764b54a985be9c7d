// SPDX-License-Identifier: Apache-2.0
#include "netlists/arrays/wires.hpp"

namespace arrayspice {

void ArrayWires::wire(const Name& name, const Name& p, const Name& m, double ohm) {
  if (ohm > 0.0) sink_.resistor(name, p, m, ohm);
}

void ArrayWires::capacitance(const Name& name, const Name& p, const Name& m,
                             double farad) {
  if (farad > 0.0 && p != m) sink_.capacitor(name, p, m, farad);
}

void ArrayWires::word_line(std::int64_t i, const Signal& input) {
  const std::int64_t last = spec_.array.columns - 1;
  const double segment = spec_.wire.word_line_resistance;
  const ArrayPart part = sink_.part();
  if (!part.has_row(i)) return;
  sink_.source({"Vin", i}, at_.source(i), kGroundName, input);
  wire({"Rdrv", i}, at_.source(i), at_.driven_left(i), spec_.driver.resistance);
  for (std::int64_t j = 0; j <= last; ++j) {
    const Name before = j == 0 ? at_.driven_left(i) : at_.word_line(i, j - 1);
    wire({"Rwl", i, j}, before, at_.word_line(i, j), segment);
    if (part.has_column(j))
      capacitance({"Cwl", i, j}, at_.word_line(i, j), kGroundName,
                  spec_.wire.word_line_capacitance);
  }
  if (spec_.driver.sides == "both") {
    wire({"Rwl", i, last + 1}, at_.word_line(i, last), at_.driven_right(i), segment);
    wire({"Rdrvr", i}, at_.driven_right(i), at_.source(i), spec_.driver.resistance);
  }
}

void ArrayWires::bit_line(std::int64_t j) {
  const std::int64_t last = spec_.array.rows - 1;
  const double segment = spec_.wire.bit_line_resistance;
  if (spec_.sense.sides == "both") {
    wire({"Rsenset", j}, at_.sense(j), at_.top(j), spec_.sense.resistance);
    wire({"Rblt", j}, at_.top(j), at_.bit_line(0, j), segment);
  }
  for (std::int64_t i = 0; i <= last; ++i) {
    const Name after = i == last ? at_.bottom(j) : at_.bit_line(i + 1, j);
    wire({"Rbl", i, j}, at_.bit_line(i, j), after, segment);
    capacitance({"Cbl", i, j}, at_.bit_line(i, j), kGroundName,
                spec_.wire.bit_line_capacitance);
  }
  wire({"Rsense", j}, at_.bottom(j), at_.sense(j), spec_.sense.resistance);
}

void ArrayWires::coupling() {
  const double farad = spec_.wire.coupling_capacitance;
  const std::int64_t rows = spec_.array.rows, columns = spec_.array.columns;
  if (farad == 0.0) return;
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) {
      if (!sink_.part().has_column(j)) continue;
      if (i + 1 < rows)
        capacitance({"Ccwl", i, j}, at_.word_line(i, j), at_.word_line(i + 1, j), farad);
      if (j + 1 < columns)
        capacitance({"Ccbl", i, j}, at_.bit_line(i, j), at_.bit_line(i, j + 1), farad);
    }
  }
}

}  // namespace arrayspice
