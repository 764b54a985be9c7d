// SPDX-License-Identifier: Apache-2.0
#include "netlists/arrays/current_domain.hpp"

#include "netlists/arrays/geometry.hpp"

namespace arrayspice {

namespace {

class CurrentDomain {
 public:
  CurrentDomain(const ArraySpec& spec, NetlistSink& sink)
      : spec_(spec), at_(spec), sink_(sink) {}

  void describe(const Matrix& conductances, std::span<const double> inputs) {
    for (std::int64_t i = 0; i < spec_.array.rows; ++i) word_line(i, inputs[i]);
    for (std::int64_t i = 0; i < spec_.array.rows; ++i)
      for (std::int64_t j = 0; j < spec_.array.columns; ++j)
        if (conductances(i, j) > 0.0) cell(i, j, conductances(i, j));
    for (std::int64_t j = 0; j < spec_.array.columns; ++j) bit_line(j);
    for (std::int64_t j = 0; j < spec_.array.columns; ++j) sense(j);
    coupling();
  }

 private:
  void wire(const Name& name, const Name& p, const Name& m, double ohm) {
    if (ohm > 0.0) sink_.resistor(name, p, m, ohm);
  }
  void capacitance(const Name& name, const Name& p, const Name& m, double farad) {
    if (farad > 0.0 && p != m) sink_.capacitor(name, p, m, farad);
  }

  void word_line(std::int64_t i, double volt) {
    const std::int64_t last = spec_.array.columns - 1;
    const double segment = spec_.wire.word_line_resistance;
    sink_.voltage_source({"Vin", i}, at_.source(i), kGroundName, volt);
    wire({"Rdrv", i}, at_.source(i), at_.driven_left(i), spec_.driver.resistance);
    for (std::int64_t j = 0; j <= last; ++j) {
      const Name before = j == 0 ? at_.driven_left(i) : at_.word_line(i, j - 1);
      wire({"Rwl", i, j}, before, at_.word_line(i, j), segment);
      capacitance({"Cwl", i, j}, at_.word_line(i, j), kGroundName,
                  spec_.wire.word_line_capacitance);
    }
    if (spec_.driver.sides == "both") {
      wire({"Rwl", i, last + 1}, at_.word_line(i, last), at_.driven_right(i), segment);
      wire({"Rdrvr", i}, at_.driven_right(i), at_.source(i), spec_.driver.resistance);
    }
    if (spec_.cell.structure == "1T1R")
      sink_.voltage_source({"Vgate", i}, at_.gate(i), kGroundName,
                           spec_.access.gate_voltage);
  }

  void cell(std::int64_t i, std::int64_t j, double siemens) {
    const Name top = at_.word_line(i, j), bottom = at_.bit_line(i, j);
    if (spec_.cell.structure == "1R") return sink_.cell(i, j, top, bottom, siemens);
    sink_.cell(i, j, top, at_.middle(i, j), siemens);
    if (spec_.cell.structure == "1S1R")
      return sink_.selector({"Nsel", i, j}, at_.middle(i, j), bottom);
    sink_.transistor({"Maccess", i, j}, at_.middle(i, j), at_.gate(i), bottom);
  }

  void bit_line(std::int64_t j) {
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

  void sense(std::int64_t j) {
    if (spec_.sense.kind == "virtual-ground")
      return sink_.voltage_source({"Vsense", j}, at_.sense(j), kGroundName, 0.0);
    const Name input = at_.virtual_ground(j), output = at_.output(j);
    sink_.voltage_source({"Vsense", j}, at_.sense(j), input, 0.0);
    if (spec_.sense.kind == "tia")
      sink_.resistor({"Rfeedback", j}, input, output, spec_.sense.feedback_resistance);
    else
      sink_.capacitor({"Cfeedback", j}, input, output, spec_.sense.feedback_capacitance);
    sink_.amplifier({"amp", j}, input, output);
  }

  void coupling() {
    const double farad = spec_.wire.coupling_capacitance;
    const std::int64_t rows = spec_.array.rows, columns = spec_.array.columns;
    if (farad == 0.0) return;
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t j = 0; j < columns; ++j) {
        if (i + 1 < rows)
          capacitance({"Ccwl", i, j}, at_.word_line(i, j), at_.word_line(i + 1, j),
                      farad);
        if (j + 1 < columns)
          capacitance({"Ccbl", i, j}, at_.bit_line(i, j), at_.bit_line(i, j + 1), farad);
      }
    }
  }

  const ArraySpec& spec_;
  ArrayGeometry at_;
  NetlistSink& sink_;
};

}  // namespace

void describe_current_domain(const ArraySpec& spec, const Matrix& conductances,
                             std::span<const double> inputs, NetlistSink& sink) {
  CurrentDomain(spec, sink).describe(conductances, inputs);
}

}  // namespace arrayspice
