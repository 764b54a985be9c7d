// SPDX-License-Identifier: Apache-2.0
// The probe on the array in the array solver: small changes by one solution of the
// transposed system for each column.
#include <cmath>

#include "behavior/array_probe.hpp"
#include "behavior/wired_array.hpp"
#include "netlists/arrays/chip.hpp"
#include "solver/lines/line_transient.hpp"

namespace arrayspice {

namespace {

class LineProbe final : public ArrayProbe {
 public:
  LineProbe(const ArraySpec& spec, const Matrix& conductances)
      : spec_(spec),
        conductances_(conductances),
        array_(spec, conductances),
        outputs_(columns(), 0.0) {}

  void solve(std::span<const double> inputs) override {
    inputs_.assign(inputs.begin(), inputs.end());
    std::string why_not = array_.solve(inputs, outputs_, solves_ > 0);
    if (!why_not.empty()) why_not = array_.solve(inputs, outputs_);
    if (!why_not.empty()) throw NotByLines(why_not);
    ++solves_;
  }

  std::vector<double> outputs() const override { return outputs_; }

  Matrix cell_voltages() const override {
    const auto cells = static_cast<std::size_t>(rows() * columns());
    Matrix v{rows(), columns(), std::vector<double>(cells)};
    std::vector<double> bit(cells);
    array_.solver().voltages(v.values, bit);
    for (std::size_t k = 0; k < cells; ++k) v.values[k] -= bit[k];
    return v;
  }

  Matrix effective_conductance() override {
    Matrix g{rows(), columns(), {}};
    g.values.resize(static_cast<std::size_t>(rows() * columns()));
    if (!array_.law()) {
      if (!array_.solver().effective_conductance(g.values)) throw not_converged();
      return g;
    }
    std::vector<double> by_input(rows());
    for (std::int64_t j = 0; j < columns(); ++j) {
      differentiate(j, {.by_input = by_input});
      const AmplifierEnds* const ends = array_.amplifiers();
      const double gain = ends ? ends->transimpedance(j, array_.currents()[j]) : 1.0;
      for (std::int64_t i = 0; i < rows(); ++i) g(i, j) = gain * by_input[i];
    }
    return g;
  }

  std::vector<double> output_conductance() override {
    std::vector<double> g, by_terminal(columns());
    for (std::int64_t j = 0; j < columns(); ++j) {
      differentiate(j, {.by_terminal = by_terminal});
      g.push_back(std::abs(by_terminal[j]));
    }
    return g;
  }

  /// What word lines take in leaves them through their cells.
  Energy power() override {
    const std::vector<double> current = cell_currents();
    Energy power;
    for (std::int64_t i = 0; i < rows(); ++i)
      for (std::int64_t j = 0; j < columns(); ++j)
        power.inputs += inputs_[i] * current[i * columns() + j];
    return power;
  }

  Energy step(std::span<const double> inputs, const Step& step,
              const OutputObserver& observe) override {
    solve(inputs);
    const Energy taken = step.stop * power() + charging(node_capacitance_of(spec_));
    double current2 = 0.0;
    for (const double i : array_.currents()) current2 += i * i;
    AmplifierEnds* const ends = array_.amplifiers();
    lines::LineTransient transient(array_.solver(), node_capacitance_of(spec_),
                                   {.stop = step.stop,
                                    .max_step = step.max_step,
                                    .reltol = step.reltol,
                                    .current = std::sqrt(current2),
                                    .ends = ends},
                                   array_.law());
    std::vector<double> outputs(columns(), 0.0);
    observe(0.0, outputs);
    const lines::LineTransientReport report = transient.run(
        [&](double, std::span<double> v) { std::ranges::copy(inputs, v.begin()); },
        [&](double t, std::span<const double> currents) {
          for (std::size_t j = 0; j < outputs.size(); ++j)
            outputs[j] =
                ends ? ends->output_of_charge(transient.end_charges()[j]) : currents[j];
          observe(t, outputs);
          return true;
        },
        true);
    if (!report.completed) throw NotByLines("the step response: " + report.message);
    ++solves_;
    return taken;
  }

  std::int64_t rows() const override { return array_.solver().rows(); }
  std::int64_t columns() const override { return array_.solver().columns(); }

 private:
  static NotByLines not_converged() {
    return NotByLines("derivatives of the outputs do not converge");
  }

  /// A, rows x columns, from word line to bit line.
  std::vector<double> cell_currents() {
    lines::LineSolver& solver = array_.solver();
    if (!array_.law()) {
      Matrix v = cell_voltages();
      for (std::size_t k = 0; k < v.values.size(); ++k)
        v.values[k] *= conductances_.values[k];
      return std::move(v.values);
    }
    lines::Buffer i(solver.size()), out(solver.size()), in(solver.size());
    const auto [word, bit] = solver.state();
    array_.law()->evaluate(0, solver.size(), word->data(), bit->data(),
                           {i.data(), out.data(), in.data()});
    std::vector<double> current;
    for (std::int64_t row = 0; row < rows(); ++row)
      for (std::int64_t j = 0; j < columns(); ++j)
        current.push_back(i[solver.index(row, j)]);
    return current;
  }

  /// What charges the lines from 0 V to the last solution takes beside what flows at
  /// rest, of an array that is linear: for  G v + C dv/dt = B V  from v = 0 the sources
  /// at V deliver  V' B' integral (v(inf) - v) dt = v(inf)' C v(inf)  more than
  /// V' I(inf) t, as G is symmetric.
  Energy charging(const lines::NodeCapacitance& at) const {
    const auto cells = static_cast<std::size_t>(rows() * columns());
    std::vector<double> word(cells), bit(cells);
    array_.solver().voltages(word, bit);
    Energy energy;
    for (std::int64_t i = 0; i < rows(); ++i) {
      for (std::int64_t j = 0; j < columns(); ++j) {
        const std::int64_t k = i * columns() + j;
        energy.inputs += at.word[i] * word[k] * word[k] + at.bit[j] * bit[k] * bit[k];
        if (i < std::ssize(at.word_coupling))
          energy.inputs +=
              at.word_coupling[i] * std::pow(word[k] - word[k + columns()], 2);
        if (j < std::ssize(at.bit_coupling))
          energy.inputs += at.bit_coupling[j] * std::pow(bit[k] - bit[k + 1], 2);
      }
    }
    return energy;
  }

  /// Of the current out of bit line j.
  void differentiate(std::int64_t j, const lines::Gradient& wanted) {
    std::vector<double> weights(columns(), 0.0);
    weights[j] = 1.0;
    if (!array_.solver().gradient(weights, wanted)) throw not_converged();
  }

  ArraySpec spec_;
  Matrix conductances_;
  WiredArray array_;
  std::vector<double> inputs_, outputs_;
};

}  // namespace

std::unique_ptr<ArrayProbe> make_line_probe(const ArraySpec& spec,
                                            const Matrix& conductances) {
  return std::make_unique<LineProbe>(spec, conductances);
}

}  // namespace arrayspice
