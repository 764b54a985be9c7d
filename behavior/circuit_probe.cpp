// SPDX-License-Identifier: Apache-2.0
// The probe on the array as a general circuit.
//
// With F(x, V) = 0 and one adjoint solve  J^T lambda = e_out  per output,
//     d x_out / d p = - lambda . dF/dp   for any number of parameters p:
// a source V adds  v(p) - v(m) - V = 0,  so  d x_out / dV = lambda[branch of V].
#include <cmath>
#include <utility>

#include "behavior/array_probe.hpp"
#include "netlists/failure.hpp"
#include "solver/analysis.hpp"
#include "solver/sensitivity.hpp"

namespace arrayspice {

namespace {

class CircuitProbe final : public ArrayProbe {
 public:
  CircuitProbe(const ArraySpec& spec, const Matrix& conductances)
      : spec_(spec),
        weights_(conductances),
        rows_(spec.array.rows),
        columns_(spec.array.columns),
        array_(build_array(spec, conductances)),
        solver_(array_.circuit->pattern(), {}, array_.circuit->conductive()),
        x_(static_cast<std::size_t>(array_.circuit->unknowns()), 0.0) {
    env_.temperature = spec.environment.temperature;
  }

  void solve(std::span<const double> inputs) override {
    set_signals(array_, spec_, weights_, inputs);
    OperatingPointOptions options;
    options.tolerances.reltol = 1e-9;
    options.tolerances.abstol = 1e-15;
    options.tolerances.vntol = 1e-12;
    options.env = env_;
    const Summary summary = operating_point(circuit(), solver_, options, x_);
    if (!summary.ok())
      throw Failure(Exit::Numeric, "operating point of the array: " + summary.message);
    ++solves_;
  }

  std::vector<double> outputs() const override { return outputs_of(x_); }

  Matrix cell_voltages() const override {
    Matrix v{rows_, columns_, {}};
    for (std::size_t k = 0; k < array_.word_line.size(); ++k)
      v.values.push_back(x_[array_.word_line[k]] - x_[array_.bit_line[k]]);
    return v;
  }

  Matrix effective_conductance() override {
    Matrix g{rows_, columns_, {}};
    g.values.resize(static_cast<std::size_t>(rows_ * columns_));
    for (std::int64_t j = 0; j < columns_; ++j) {
      const std::vector<double> lambda = adjoint(j);
      for (std::int64_t i = 0; i < rows_; ++i)
        g(i, j) = lambda[circuit().branch_current(array_.inputs[i])];
    }
    return g;
  }

  /// The output is the branch current of the sense source, so that its own entry of
  /// lambda is the derivative by that source's voltage.
  std::vector<double> output_conductance() override {
    std::vector<double> g;
    for (std::int64_t j = 0; j < columns_; ++j)
      g.push_back(std::abs(adjoint(j)[array_.outputs[j]]));
    return g;
  }

  Energy power() override { return power_at_rest(circuit(), x_, env_); }

  Energy step(std::span<const double> inputs, const Step& step,
              const OutputObserver& observe) override {
    set_signals(array_, spec_, weights_, inputs);
    TransientOptions options;
    options.tolerances.reltol = step.reltol;
    options.env = env_;
    options.stop = step.stop;
    options.step = options.max_step = step.max_step;
    options.keep_factors = true;            // linear but for amplifiers and cells
    options.use_initial_conditions = true;  // from rest: every node at 0 V
    std::vector<double> x(x_.size(), 0.0);
    DirectSolver solver(circuit().pattern(), {});
    EnergyMeter meter(circuit(), env_.temperature);
    const Summary summary =
        transient(circuit(), solver, options, x, [&](double t, auto state) {
          meter.add(t, state);
          observe(t, outputs_of(state));
          return true;
        });
    if (!summary.ok())
      throw Failure(Exit::Numeric, "step response of the array: " + summary.message);
    ++solves_;
    return meter.finish();
  }

  std::int64_t rows() const override { return rows_; }
  std::int64_t columns() const override { return columns_; }

 private:
  Circuit& circuit() { return *array_.circuit; }

  std::vector<double> outputs_of(std::span<const double> x) const {
    std::vector<double> y;
    for (const UnknownId out : array_.outputs) y.push_back(x[out]);
    return y;
  }

  /// lambda of column j at the last solution.
  std::vector<double> adjoint(std::int64_t column) {
    const OutputSelector output{{array_.outputs[column], 1.0}};
    Adjoints adjoints = solve_adjoints(circuit(), solver_, x_, env_, {&output, 1});
    if (!adjoints.ok())
      throw Failure(Exit::Numeric, "the array is singular at its operating point");
    return std::move(adjoints.lambda.front());
  }

  ArraySpec spec_;
  Matrix weights_;
  std::int64_t rows_, columns_;
  ArrayCircuit array_;
  DirectSolver solver_;
  std::vector<double> x_;
  Env env_;
};

}  // namespace

std::unique_ptr<ArrayProbe> make_circuit_probe(const ArraySpec& spec,
                                               const Matrix& conductances) {
  return std::make_unique<CircuitProbe>(spec, conductances);
}

}  // namespace arrayspice
