// SPDX-License-Identifier: Apache-2.0
#include "behavior/fit_readout.hpp"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>

#include "behavior/cell_response.hpp"
#include "behavior/cell_table.hpp"
#include "behavior/fit_neighbours.hpp"
#include "behavior/fit_table.hpp"
#include "behavior/mvm.hpp"
#include "behavior/statistics.hpp"
#include "netlists/arrays/array_type.hpp"
#include "netlists/failure.hpp"

namespace arrayspice {

namespace {

// Numbers of test vectors; the test set is 0 .. kTestSolves - 1.
constexpr std::int64_t kFirstValidation = std::int64_t{1} << 32;
constexpr std::int64_t kFirstTraining = std::int64_t{1} << 33;
constexpr std::int64_t kTrainingSolves = 80, kChips = 8, kChipSolves = 12;
constexpr double kMargin = 0.7;  // of the aim, on the validation set
constexpr double kNoWorse = 1.1;
constexpr double kEqualShares = 1e-9;
constexpr double kCellError = 1e-5;

/// Points of the readout table along both axes.
struct Size {
  std::size_t u, v;
};
constexpr std::array<Size, 4> kCurves{{{2, 1}, {5, 1}, {9, 1}, {17, 1}}};
constexpr std::array<Size, 3> kTables{{{5, 5}, {9, 9}, {17, 17}}};
/// Of rows that act on each other, and the shapes of what they do.
constexpr std::array<std::size_t, 2> kDistances{1, 2};
constexpr std::array<std::size_t, 4> kShapes{1, 2, 3, 4};
constexpr int kCouplingRounds = 4;
constexpr std::array kSmoothness{1e-4, 1e-3, 1e-2, 1e-1};

struct Candidate {
  ReadoutModel model;
  double error = 0.0;       // NRMSE on the validation set
  std::size_t numbers = 0;  // that the model consists of
};

/// u, v and the output of all columns of all solves of a set.
struct Samples {
  std::vector<double> u, v, y;
};

Samples samples_of(const ReadoutModel& model, const TestSet& set, const ArraySpec& spec) {
  Samples all;
  for (std::int64_t k = 0; k < set.count; ++k) {
    const ReadoutSums sums =
        readout_sums(model, weights_of(set, spec, k), inputs_of(set, spec, k));
    all.u.insert(all.u.end(), sums.u.begin(), sums.u.end());
    all.v.insert(all.v.end(), sums.v.begin(), sums.v.end());
  }
  all.y = set.y.values;
  return all;
}

double range(const std::vector<double>& values) {
  const auto [low, high] = std::ranges::minmax(values);
  return high - low;
}

double rms_error(const BilinearTable& table, const Samples& at) {
  double squares = 0.0;
  for (std::size_t k = 0; k < at.y.size(); ++k)
    squares += std::pow(table.at(at.u[k], at.v[k]) - at.y[k], 2);
  return std::sqrt(squares / static_cast<double>(at.y.size()));
}

class ReadoutFitter {
 public:
  ReadoutFitter(const ArraySpec& spec, const FitOptions& options,
                const std::function<void(const std::string&, double)>& progress)
      : spec_(spec),
        nominal_(spec),
        options_(options),
        progress_(progress),
        aim_(options.max_error.value_or(kReadoutAim)),
        bound_(options.max_error.value_or(kAcceptedError)) {
    nominal_.variation = {};
  }

  ReadoutExport run() {
    report("cell response", 0.0);
    response_ = measure_cell_response(nominal_, options_.threads);
    out_.circuit_solves = response_.circuit_solves;
    training_ = solve("training solves", kFirstTraining, kTrainingSolves, 0.15, 0.5);
    validation_ =
        solve("validation solves", kFirstValidation, kValidationSolves, 0.5, 0.6);
    if (input_domain(spec_).unit == "level") add_range(training_);
    report("tables", 0.6);
    choose();
    out_.test = solve("held-out solves", 0, kTestSolves, 0.65, 0.85);
    judge();
    report("settling", 0.85);
    measure_effects();
    report("chips", 0.9);
    if (varies()) out_.spread = spread_over_chips();
    report("done", 1.0);
    return std::move(out_);
  }

 private:
  void report(const std::string& stage, double done) const {
    if (progress_) progress_(stage, done);
  }

  TestSet solve(const std::string& stage, std::int64_t first, std::int64_t count,
                double from, double to) {
    report(stage, from);
    out_.circuit_solves += count;
    return solve_test_set(nominal_, first, count, options_.weights, options_.threads,
                          [&](double done) { report(stage, from + (to - from) * done); });
  }

  /// Sums of bits have as many values as there are rows, and random ones hardly reach the
  /// ends: all inputs on or off, over columns with ever more cells at their maximum.
  void add_range(TestSet& set) {
    const Domain x = input_domain(spec_), w = weight_domain(spec_);
    const std::int64_t rows = spec_.array.rows, columns = spec_.array.columns;
    for (std::int64_t shift = 0; shift <= rows; shift += columns) {
      Matrix weights{rows, columns, {}};
      for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < columns; ++j)
          weights.values.push_back(i < j + shift ? w.maximum : w.minimum);
      for (const double input : {x.minimum, x.maximum}) {
        const Matrix inputs{1, rows,
                            std::vector<double>(static_cast<std::size_t>(rows), input)};
        const Matrix y = ArraySolver(nominal_, weights).multiply(inputs);
        set.w.insert(set.w.end(), weights.values.begin(), weights.values.end());
        set.x.insert(set.x.end(), inputs.values.begin(), inputs.values.end());
        set.y.values.insert(set.y.values.end(), y.values.begin(), y.values.end());
        ++set.y.rows;
        ++set.count;
        ++out_.circuit_solves;
      }
    }
  }

  // --- what the cells bring

  /// f = x w.
  BilinearTable product_cell() const {
    const Domain x = input_domain(spec_), w = weight_domain(spec_);
    BilinearTable cell{
        {x.minimum, x.maximum - x.minimum, 2}, {w.minimum, w.maximum - w.minimum, 2}, {}};
    for (const double a : {x.minimum, x.maximum})
      for (const double b : {w.minimum, w.maximum}) cell.values.push_back(a * b);
    return cell;
  }

  /// f as measured, from that of the smallest input and weight.
  BilinearTable measured_cell() const {
    BilinearTable cell = response_.output;
    const double rest = cell.values.front();
    for (double& f : cell.values) f -= rest;
    return cell;
  }

  /// f = w phi(x): phi as measured with the largest weight, so scaled that it is x at
  /// both ends.
  BilinearTable shaped_cell() const {
    const BilinearTable& measured = response_.output;
    const std::size_t last = measured.b.count - 1;
    const double low = measured(0, last), high = measured(measured.a.count - 1, last);
    BilinearTable cell{
        measured.a, {measured.b.first, measured.b.last() - measured.b.first, 2}, {}};
    for (std::size_t k = 0; k < cell.a.count; ++k) {
      const double t = high == low ? 0.0 : (measured(k, last) - low) / (high - low);
      const double phi = cell.a.first + t * (cell.a.last() - cell.a.first);
      for (const std::size_t l : {0, 1}) cell.values.push_back(phi * cell.b[l]);
    }
    return cell;
  }

  /// Conductances that see voltages: f is a cell's current into a line at 0 V, l how much
  /// less it becomes per volt of the line.
  ReadoutModel resistive_cells() {
    const MeasuredCell measured = measure_cell(nominal_, kCellError);
    out_.circuit_solves += measured.solves;
    const ChordTable& table = measured.table;
    BilinearTable current{response_.output.a, response_.output.b, {}}, slope = current;
    for (const double v : current.a.points())
      for (const double g : current.b.points()) {
        const ChordTable::Point at = table.at(table.cell(g), v);
        current.values.push_back(at.i);
        slope.values.push_back(at.d);
      }
    ReadoutModel model;
    model.cell = current;
    model.load = slope;
    return model;
  }

  bool is_conductance_of_voltage() const {
    return weight_domain(spec_).unit == "S" && input_domain(spec_).unit == "V";
  }

  /// The sums of loads, over all training samples.
  std::vector<double> loads(const ReadoutModel& model) const {
    ReadoutModel of_load;
    of_load.cell = model.load.value_or(model.cell);
    of_load.second = ReadoutFeature::Weight;
    const Samples sums = samples_of(of_load, training_, spec_);
    return model.load ? sums.u : sums.v;
  }

  /// y (L + p3) = p0 s + p1 + p2 L by least squares; nothing where the denominator
  /// vanishes among the samples.
  std::optional<std::array<double, 4>> fit_division(const ReadoutModel& model) const {
    const Samples at = samples_of(model, training_, spec_);
    const std::vector<double> load = loads(model);
    const double least = std::ranges::min(load);
    if (least <= 0.0) return {};
    const auto count = static_cast<Eigen::Index>(at.y.size());
    Eigen::MatrixXd design(count, 4);
    Eigen::VectorXd wanted(count);
    for (Eigen::Index k = 0; k < count; ++k) {
      design.row(k) << at.u[k] / load[k], 1.0 / load[k], 1.0, -at.y[k] / load[k];
      wanted[k] = at.y[k];
    }
    const Eigen::VectorXd scale = design.colwise().norm().cwiseMax(1e-300);
    const Eigen::VectorXd p =
        (design * scale.cwiseInverse().asDiagonal()).colPivHouseholderQr().solve(wanted);
    const std::array<double, 4> found{p[0] / scale[0], p[1] / scale[1], p[2] / scale[2],
                                      p[3] / scale[3]};
    if (found[3] <= -0.5 * least) return {};
    return found;
  }

  // --- the table

  void choose() {
    add_all();
    const bool couples = spec_.wire.coupling_capacitance > 0.0 && spec_.array.columns > 1;
    if (couples && best_error() > kMargin * aim_) add_coupled();
    const double best = best_error();
    const double enough = std::max(kMargin * aim_, kNoWorse * best);
    std::erase_if(candidates_, [&](const Candidate& c) { return c.error > enough; });
    const Candidate& chosen =
        *std::ranges::min_element(candidates_, {}, &Candidate::numbers);
    out_.model = chosen.model;
    out_.validation = chosen.error;
  }

  /// Every form, for the training and the validation set as they are.
  void add_all() {
    for (const BilinearTable& cell : {product_cell(), measured_cell()})
      add_forms(with_cell(cell), false);
    for (const BilinearTable& cell : {product_cell(), shaped_cell()})
      add_forms(with_cell(cell), true);
    if (is_conductance_of_voltage()) {
      ReadoutModel resistive = resistive_cells();
      add_forms(resistive, true);
      // Where no current leaves the line but into its load: y = s/(L + G_load).
      resistive.division = {1.0, 0.0, 0.0, spec_.sense.load_conductance};
      add_candidates(resistive);
    }
    if (best_error() > kMargin * aim_) add_neighbours();
  }

  /// Columns that capacitances couple: all forms again for what each would be alone. The
  /// coupling and what cells bring are found in turn.
  void add_coupled() {
    for (int round = 0; round < kCouplingRounds; ++round) {
      coupling_ = best_coupling();
      if (coupling_ == 0.0) return;
      response_ = measure_cell_response(nominal_, options_.threads, coupling_);
      out_.circuit_solves += response_.circuit_solves;
    }
    training_.y = decoupled(coupling_, training_.y);
    validation_.y = decoupled(coupling_, validation_.y);
    add_all();
  }
  /// With the cells that leave least.
  double best_coupling() const {
    ReadoutModel shared = with_cell(measured_cell());
    shared.share = response_.share;
    const ReadoutModel product = with_cell(product_cell());
    const std::vector<double> load = loads(product);
    FittedCoupling best = fit_coupling(product, training_, spec_, load);
    for (const ReadoutModel& model : {with_cell(measured_cell()), shared}) {
      const FittedCoupling found = fit_coupling(model, training_, spec_, load);
      if (found.residual < best.residual) best = found;
    }
    return best.coupling;
  }

  double best_error() const {
    return std::ranges::min_element(candidates_, {}, &Candidate::error)->error;
  }

  /// Rows that act on later ones, for cells as measured.
  void add_neighbours() {
    ReadoutModel model = with_cell(measured_cell());
    if (!shares_are_equal()) model.share = response_.share;
    for (const std::size_t distance : kDistances)
      for (const std::size_t shapes : kShapes) {
        model.neighbours.reset();
        model.neighbours = fit_neighbours(model, training_, spec_, distance, shapes);
        if (model.neighbours) add_candidates(model);
      }
  }

  static ReadoutModel with_cell(const BilinearTable& cell) {
    ReadoutModel model;
    model.cell = cell;
    return model;
  }

  /// With and without shares of rows.
  void add_forms(ReadoutModel model, bool divides) {
    for (const bool with_shares : {false, true}) {
      if (with_shares && shares_are_equal()) continue;
      if (with_shares) model.share = response_.share;
      model.division.reset();
      if (divides && !(model.division = fit_division(model))) continue;
      add_candidates(model);
    }
  }

  bool shares_are_equal() const {
    return std::ranges::all_of(response_.share, [](double share) {
      return std::abs(share - 1.0) < kEqualShares;
    });
  }

  void add_candidates(ReadoutModel model) {
    model.coupling = coupling_;
    for (const ReadoutFeature second : kReadoutFeatures) {
      model.second = second;
      const Samples training = samples_of(model, training_, spec_);
      const Samples validation = samples_of(model, validation_, spec_);
      const auto add = [&](std::span<const Size> sizes) {
        for (const Size size : sizes)
          for (const double smoothness : kSmoothness) {
            model.readout =
                fit_table(training.u, training.v, training.y, size.u, size.v, smoothness);
            candidates_.push_back(
                {model, rms_error(model.readout, validation) / range(validation.y),
                 numbers_of(model)});
          }
      };
      if (second == ReadoutFeature::None)
        add(kCurves);
      else
        add(kTables);
    }
  }

  static std::size_t numbers_of(const ReadoutModel& model) {
    return model.cell.values.size() + model.share.size() + model.readout.values.size() +
           (model.load ? model.load->values.size() : 0) +
           (model.division ? model.division->size() : 0) + (model.coupling > 0.0) +
           (model.neighbours
                ? model.neighbours->own.size() + model.neighbours->both.size()
                : 0);
  }

  // --- how good it is

  void judge() {
    TestSet& set = out_.test;
    set.model = {set.count, set.y.columns, {}};
    Matrix ideal = set.model;
    for (std::int64_t k = 0; k < set.count; ++k) {
      const Matrix w = weights_of(set, spec_, k), x = inputs_of(set, spec_, k);
      for (const auto& [to, row] :
           {std::pair(&set.model, readout_outputs(out_.model, w, x)),
            std::pair(&ideal, array_type(spec_).ideal(spec_, w, x))})
        to->values.insert(to->values.end(), row.values.begin(), row.values.end());
    }
    out_.full_scale = range(set.y.values);
    out_.accuracy = accuracy_of(set.model, set.y, out_.full_scale);
    out_.rivals = {
        {"ideal", accuracy_of(ideal, set.y, out_.full_scale).nrmse},
        {"gain_offset", fit_line(ideal.values, set.y.values).residual / out_.full_scale}};
    if (out_.accuracy.nrmse > bound_)
      throw Failure(Exit::Numeric,
                    fmt::format("the model's error on held-out arrays is {:.3g} of full "
                                "scale, above the allowed {:.3g} (--max-error)",
                                out_.accuracy.nrmse, bound_));
  }

  void measure_effects() {
    out_.settling = measure_settling_curve(nominal_, out_.test, options_.threads);
    if (out_.settling) out_.circuit_solves += out_.settling->circuit_solves;
    out_.noise = noise_of_outputs(nominal_, out_.test);
    out_.converter = converter_table(spec_);
  }

  /// Does the spec say more of chips than which one?
  bool varies() const {
    ArraySpec first = spec_;
    first.variation.chip = nominal_.variation.chip;
    return write_spec(first) != write_spec(nominal_);
  }

  ColumnSpread spread_over_chips() {
    std::vector<double> gains, offsets, residuals;
    Matrix inputs{kChipSolves, spec_.array.rows, {}};
    for (std::int64_t k = 0; k < kChipSolves; ++k) {
      const Matrix x = inputs_of(training_, spec_, k);
      inputs.values.insert(inputs.values.end(), x.values.begin(), x.values.end());
    }
    const Matrix weights = weights_of(training_, spec_, 0);
    MvmOptions options;
    options.threads = options_.threads;
    const Matrix nominal = ArraySolver(nominal_, weights, options).multiply(inputs);
    for (std::int64_t chip = 0; chip < kChips; ++chip) {
      ArraySpec other = spec_;
      other.variation.chip += chip;
      const Matrix y =
          ArraySolver(other, programmed_conductances(other, weights), options)
              .multiply(inputs);
      for (std::int64_t j = 0; j < y.columns; ++j) {
        const FittedLine line = fit_line(column_of(nominal, j), column_of(y, j));
        gains.push_back(line.gain);
        offsets.push_back(line.offset);
        residuals.push_back(line.residual);
      }
    }
    out_.circuit_solves += (kChips + 1) * kChipSolves;
    return {population_deviation(gains), population_deviation(offsets),
            root_mean_square(residuals)};
  }

  const ArraySpec& spec_;
  ArraySpec nominal_;
  const FitOptions& options_;
  const std::function<void(const std::string&, double)>& progress_;
  double aim_, bound_;
  CellResponse response_;
  TestSet training_, validation_;
  double coupling_ = 0.0;  // that training and validation set are without
  std::vector<Candidate> candidates_;
  ReadoutExport out_;
};

}  // namespace

ReadoutExport fit_readout(
    const ArraySpec& spec, const FitOptions& options,
    const std::function<void(const std::string&, double)>& progress) {
  return ReadoutFitter(spec, options, progress).run();
}

}  // namespace arrayspice
