// SPDX-License-Identifier: Apache-2.0
#include "solver/lines/line_transient.hpp"

#include <algorithm>
#include <cmath>

namespace arrayspice::lines {

namespace {

// As in the general engine (transient.cpp).
constexpr double kSafety = 0.85, kWorthGrowing = 1.5, kMostGrowth = 2.0, kMostCut = 0.1;
constexpr double kFirstStep = 1e-3;  // of the largest, after a corner
constexpr double kSmallestStep = 1e-12;
/// What the estimate of an error needs.
constexpr SolveOptions kRough{.tolerance = 1e-2};

const Tableau& tableau(Method method) {
  switch (method) {
    case Method::TrBdf2:
      return tableaus::kTrBdf2;
    case Method::BackwardEuler:
      return tableaus::kBackwardEuler;
    default:
      return tableaus::kTrapezoidal;
  }
}

}  // namespace

LineTransient::LineTransient(LineSolver& solver, NodeCapacitance capacitance,
                             const LineTransientOptions& options, CellLaw* law)
    : solver_(solver),
      capacitance_(std::move(capacitance)),
      options_(options),
      law_(law),
      now_(make_field(solver.size())),
      injected_(make_field(solver.size())),
      increment_(make_field(solver.size())),
      inputs_(solver.rows()),
      outputs_(solver.columns()) {
  capacitance_.word.resize(solver.panel_size() / kWidth, 0.0);
  capacitance_.bit.resize(solver.size() / solver.panel_size() * kWidth, 0.0);
  for (int k = 0; k < Tableau::kMostStages; ++k) g_.push_back(make_field(solver.size()));
  if (options_.ends) {
    largest_charge_.assign(options_.ends->charges_of_an_end(), 0.0);
    end_charge_.assign(largest_charge_.size() * outputs_.size(), 0.0);
  }
  end_injected_ = end_charge_;
  end_g_.assign(Tableau::kMostStages, end_charge_);
}

/// Calls update(i, panel, k) for the 16 nodes from k on of every row of every panel,
/// padding included; panels at the same time.
template <class Update>
void LineTransient::for_each_row(const Update& update) {
  const std::int64_t panel_size = solver_.panel_size();
  solver_.team().for_each(solver_.size() / panel_size, [&](int, std::int64_t panel) {
    for (std::int64_t i = 0; i < panel_size / kWidth; ++i)
      update(i, panel, panel * panel_size + i * kWidth);
  });
}

/// q of the nodes from k on of word line i. Padding has no capacitance.
LineTransient::Lanes LineTransient::word_charges(const Buffer& w, std::int64_t i,
                                                 std::int64_t k) const {
  const double* const here = w.data() + k;
  Lanes q;
  for (std::int64_t l = 0; l < kWidth; ++l) q[l] = capacitance_.word[i] * here[l];
  const auto& coupling = capacitance_.word_coupling;
  if (coupling.empty() || i >= solver_.rows()) return q;
  const auto add = [&](double farad, std::int64_t neighbour) {
    for (std::int64_t l = 0; l < kWidth; ++l)
      q[l] += farad * (here[l] - here[l + neighbour]);
  };
  if (i > 0) add(coupling[i - 1], -kWidth);
  if (i + 1 < solver_.rows()) add(coupling[i], kWidth);
  return q;
}

LineTransient::Lanes LineTransient::bit_charges(const Buffer& b, std::int64_t panel,
                                                std::int64_t k) const {
  const double* const here = b.data() + k;
  const std::int64_t first = panel * kWidth;
  Lanes q;
  for (std::int64_t l = 0; l < kWidth; ++l) q[l] = capacitance_.bit[first + l] * here[l];
  const auto& coupling = capacitance_.bit_coupling;
  if (coupling.empty()) return q;
  const std::int64_t next_panel = solver_.panel_size() - kWidth + 1;
  const std::int64_t used = std::min(kWidth, solver_.columns() - first);
  for (std::int64_t l = 0; l < used; ++l) {
    const std::int64_t to_left = l > 0 ? 1 : next_panel;
    const std::int64_t to_right = l + 1 < kWidth ? 1 : next_panel;
    const std::int64_t j = first + l;
    if (j > 0) q[l] += coupling[j - 1] * (here[l] - here[l - to_left]);
    if (j + 1 < solver_.columns()) q[l] += coupling[j] * (here[l] - here[l + to_right]);
  }
  return q;
}

/// Adds sum_s weight_s g_s of the nodes from k on.
void LineTransient::add_currents(std::span<const double> weights, Buffer Field::*family,
                                 std::int64_t k, Lanes& sum) const {
  for (std::size_t s = 0; s < weights.size(); ++s) {
    const double* const g = (g_[s].*family).data() + k;
    for (std::int64_t l = 0; l < kWidth; ++l) sum[l] += weights[s] * g[l];
  }
}

/// Only TR-BDF2 has an error estimate; the others keep their step.
bool LineTransient::is_adaptive() const {
  return !options_.fixed_step && options_.method == Method::TrBdf2;
}

bool LineTransient::start(const InputWaveform& waveform, bool from_rest) {
  waveform(0.0, inputs_);
  set_matrix(0.0);
  bool found = true;
  if (options_.ends && !options_.ends->rests()) {
    law_->start();
  } else {
    found = solve({}, {.ends = options_.ends});
    take_end_charges(end_charge_);
  }
  if (from_rest) {
    now_.word.fill(0.0);
    now_.bit.fill(0.0);
    std::fill(end_charge_.begin(), end_charge_.end(), 0.0);
    solver_.set_state(now_.word, now_.bit);
  } else {
    now_.word.copy(*solver_.state().word);
    now_.bit.copy(*solver_.state().bit);
  }
  return found;
}

/// Ohmic cells: from the present voltages when there is an absolute tolerance.
bool LineTransient::solve(const SolveOptions& linear, const NewtonOptions& newton) {
  if (law_) {
    const NewtonReport report = solver_.solve(*law_, inputs_, outputs_, newton);
    report_.iterations += report.linear_iterations;
    return report.converged;
  }
  const SolveReport report = linear.absolute > 0.0
                                 ? solver_.solve_again(inputs_, outputs_, linear)
                                 : solver_.solve(inputs_, outputs_, linear);
  report_.iterations += report.iterations;
  return report.converged;
}

/// What capacitances add to the matrix: alpha C.
void LineTransient::set_matrix(double alpha) {
  alpha_ = alpha;
  const auto shunts = [&](std::int64_t lines, const std::vector<double>& to_ground,
                          const std::vector<double>& coupling) {
    std::vector<double> shunt(static_cast<std::size_t>(lines));
    for (std::int64_t l = 0; l < lines; ++l) {
      const double before = l > 0 && !coupling.empty() ? coupling[l - 1] : 0.0;
      const double after = l < std::ssize(coupling) ? coupling[l] : 0.0;
      shunt[l] = alpha * (to_ground[l] + before + after);
    }
    return shunt;
  };
  const auto conductance = [&](std::vector<double> farad) {
    for (double& c : farad) c *= alpha;
    return farad;
  };
  const auto& c = capacitance_;
  solver_.set_shunts(shunts(solver_.rows(), c.word, c.word_coupling),
                     shunts(solver_.columns(), c.bit, c.bit_coupling));
  solver_.set_coupling({conductance(c.word_coupling), conductance(c.bit_coupling)});
  if (!options_.ends) return;
  std::fill(end_injected_.begin(), end_injected_.end(), 0.0);
  options_.ends->set_step(alpha, end_injected_);
}

void LineTransient::set_step(const Tableau& formula, double h) {
  const double alpha = 1.0 / (formula.diagonal * h);
  if (alpha != alpha_) set_matrix(alpha);
}

/// Currents alpha q_0 + sum_j (a_ij/d) g_j into the nodes.
void LineTransient::prepare_stage(const Tableau& formula, int stage) {
  std::array<double, Tableau::kMostStages> weight{};
  for (int j = 0; j < stage; ++j) weight[j] = formula.a[stage][j] / formula.diagonal;
  const std::span before(weight.data(), static_cast<std::size_t>(stage));
  for_each_row([&](std::int64_t i, std::int64_t panel, std::int64_t k) {
    const auto inject = [&](Lanes into, Buffer Field::*family) {
      for (double& value : into) value *= alpha_;
      add_currents(before, family, k, into);
      std::copy(into.begin(), into.end(), (injected_.*family).data() + k);
    };
    inject(word_charges(now_.word, i, k), &Field::word);
    inject(bit_charges(now_.bit, panel, k), &Field::bit);
  });
  if (!options_.ends) return;
  for (std::size_t j = 0; j < end_charge_.size(); ++j) {
    end_injected_[j] = alpha_ * end_charge_[j];
    for (int s = 0; s < stage; ++s) end_injected_[j] += weight[s] * end_g_[s][j];
  }
  options_.ends->set_step(alpha_, end_injected_);
}

/// g_i = alpha q_i less what was injected.
void LineTransient::finish_stage(int stage) {
  const auto [w, b] = solver_.state();
  for_each_row([&, w = w, b = b](std::int64_t i, std::int64_t panel, std::int64_t k) {
    const auto finish = [&](const Lanes& charges, const Buffer& injected, Buffer& g) {
      for (std::int64_t l = 0; l < kWidth; ++l)
        g[k + l] = alpha_ * charges[l] - injected[k + l];
    };
    finish(word_charges(*w, i, k), injected_.word, g_[stage].word);
    finish(bit_charges(*b, panel, k), injected_.bit, g_[stage].bit);
  });
  take_end_charges(end_g_[stage]);
  for (std::size_t j = 0; j < end_charge_.size(); ++j)
    end_g_[stage][j] = alpha_ * end_g_[stage][j] - end_injected_[j];
}

void LineTransient::take_end_charges(std::vector<double>& charge) {
  if (options_.ends) options_.ends->charges(end_voltages(), charge);
  for (std::size_t k = 0; k < charge.size(); ++k) {
    double& largest = largest_charge_[k / outputs_.size()];
    largest = std::max(largest, std::abs(charge[k]));
  }
}

std::vector<double> LineTransient::end_voltages() const {
  std::vector<double> v(outputs_.size());
  for (std::int64_t j = 0; j < solver_.columns(); ++j)
    v[j] = (*solver_.state().bit)[solver_.index(solver_.rows() - 1, j)];
  return v;
}

bool LineTransient::solve_stage(double t, const InputWaveform& waveform) {
  waveform(t, inputs_);
  const Family& word = solver_.grid().word;
  double drive2 = 0.0;
  for (std::int64_t i = 0; i < solver_.rows(); ++i) {
    const double g = word.first_end[i] + word.last_end[i];
    drive2 += g * g * inputs_[i] * inputs_[i];
    largest_voltage_ = std::max(largest_voltage_, std::abs(inputs_[i]));
  }
  drive_ = std::max(drive_, std::sqrt(drive2));
  const double absolute =
      options_.tolerance * (options_.current > 0.0 ? options_.current : drive_);
  return solve({.tolerance = 0.0, .absolute = absolute}, {.tolerance = options_.tolerance,
                                                          .absolute = absolute,
                                                          .ends = options_.ends,
                                                          .warm_start = true});
}

/// Takes all stages from now_; the solver then holds the voltages at t_end.
bool LineTransient::take_step(const Tableau& formula, double h, double t_end,
                              const InputWaveform& waveform) {
  set_step(formula, h);
  for (int i = formula.explicit_first ? 1 : 0; i < formula.stages; ++i) {
    prepare_stage(formula, i);
    const bool last = i + 1 == formula.stages;
    if (!solve_stage(last ? t_end : t_ + formula.c[i] * h, waveform)) return false;
    finish_stage(i);
  }
  return true;
}

/// Largest error over its tolerance, of a voltage or of an end's charge. An error h sum
/// e_i g_i of the charges moves the voltages by J^-1 alpha times it: what wires damp does
/// not count.
double LineTransient::error_of(const Tableau& formula) {
  std::array<double, Tableau::kMostStages> weight{};
  for (int s = 0; s < formula.stages; ++s)
    weight[s] = formula.error[s] / formula.diagonal;
  const std::span all(weight.data(), static_cast<std::size_t>(formula.stages));
  for_each_row([&](std::int64_t, std::int64_t, std::int64_t k) {
    for (Buffer Field::*family : {&Field::word, &Field::bit}) {
      Lanes error{};
      add_currents(all, family, k, error);
      std::copy(error.begin(), error.end(), (increment_.*family).data() + k);
    }
  });
  std::vector<double> extra(end_charge_.size(), 0.0);  // injected into the ends
  for (std::size_t j = 0; j < extra.size(); ++j)
    for (int s = 0; s < formula.stages; ++s) extra[j] += weight[s] * end_g_[s][j];
  MovingEndLaw::Slopes slopes;
  if (options_.ends) {
    slopes = options_.ends->slopes(end_voltages());
    for (std::size_t k = 0; k < extra.size(); ++k) {
      const auto j = static_cast<std::int64_t>(k % outputs_.size());
      increment_.bit[solver_.index(solver_.rows() - 1, j)] -=
          slopes.current_by_injected[k] * extra[k];
    }
  }
  const auto [word, bit] = solver_.respond(increment_.word, increment_.bit, kRough);
  double largest = 0.0;
  for (const Buffer* field : {word, bit})
    for (const double v : *field) largest = std::max(largest, std::abs(v));
  const double of_voltage = largest_voltage_ > 0.0 ? largest / largest_voltage_ : 0.0;
  return std::max(of_voltage, end_error(extra, slopes, *bit)) / options_.reltol;
}

/// Of the ends' charges, relative to the largest of their kind so far.
double LineTransient::end_error(std::span<const double> extra,
                                const MovingEndLaw::Slopes& slopes,
                                const Buffer& bit) const {
  const std::size_t columns = outputs_.size(), kinds = largest_charge_.size();
  double worst = 0.0;
  for (std::size_t k = 0; k < extra.size(); ++k) {
    const std::size_t kind = k / columns, j = k % columns;
    const auto column = static_cast<std::int64_t>(j);
    double moved =
        slopes.charge_by_voltage[k] * bit[solver_.index(solver_.rows() - 1, column)];
    for (std::size_t d = 0; d < kinds; ++d)
      moved += slopes.charge_by_injected[(kind * kinds + d) * columns + j] *
               extra[d * columns + j];
    if (largest_charge_[kind] > 0.0)
      worst = std::max(worst, std::abs(moved) / largest_charge_[kind]);
  }
  return worst;
}

double LineTransient::next_step(double h, double error, int order) const {
  const double ratio =
      error > 0.0 ? kSafety * std::pow(error, -1.0 / order) : kMostGrowth;
  if (error > 1.0) return h * std::max(kMostCut, ratio);
  const double grown = ratio >= kWorthGrowing ? h * std::min(ratio, kMostGrowth) : h;
  return std::min(options_.max_step, grown);
}

double LineTransient::next_corner() const {
  const auto corner =
      std::upper_bound(options_.corners.begin(), options_.corners.end(), t_);
  return corner == options_.corners.end() ? options_.stop
                                          : std::min(*corner, options_.stop);
}

/// Tries one step; true when it was accepted.
bool LineTransient::advance(const InputWaveform& waveform) {
  const double corner = next_corner();
  const bool meets = step_ >= (corner - t_) * (1.0 - 1e-6);
  const double h = meets ? corner - t_ : step_, t_end = meets ? corner : t_ + step_;
  const Tableau& formula =
      derivative_is_known_ ? tableau(options_.method) : tableaus::kStarter;
  if (!take_step(formula, h, t_end, waveform)) {
    report_.message = "the solution of a time step does not converge";
    return false;
  }
  if (is_adaptive()) {
    const double error = error_of(formula);
    const double next = next_step(h, error, formula.error_order);
    if (error > 1.0) return reject(next);
    step_ = meets ? std::max(step_, next) : next;  // the corner shortened this one
  }
  accept(formula, t_end);
  if (meets && corner < options_.stop) {
    derivative_is_known_ = false;
    if (is_adaptive()) step_ = std::min(step_, kFirstStep * options_.max_step);
  }
  return true;
}

bool LineTransient::reject(double next) {
  ++report_.rejected;
  solver_.set_state(now_.word, now_.bit);
  step_ = next;
  if (step_ < kSmallestStep * options_.stop) report_.message = "time step too small";
  return false;
}

void LineTransient::accept(const Tableau& formula, double t) {
  t_ = t;
  ++report_.steps;
  derivative_is_known_ = true;
  now_.word.copy(*solver_.state().word);
  now_.bit.copy(*solver_.state().bit);
  const int last = formula.stages - 1;
  for (std::size_t j = 0; j < end_charge_.size(); ++j)
    end_charge_[j] = (end_g_[last][j] + end_injected_[j]) / alpha_;
  if (last == 0) return;
  std::swap(g_[0], g_[last]);
  std::swap(end_g_[0], end_g_[last]);
}

LineTransientReport LineTransient::run(const InputWaveform& waveform,
                                       const LineObserver& observe, bool from_rest) {
  report_ = {};
  t_ = alpha_ = 0.0;
  derivative_is_known_ = false;
  step_ = options_.max_step * (is_adaptive() ? kFirstStep : 1.0);
  if (!start(waveform, from_rest)) report_.message = "no operating point at t = 0";
  solver_.set_injection(&injected_.word, &injected_.bit);
  while (report_.message.empty() && t_ < options_.stop)
    if (advance(waveform) && !observe(t_, outputs_)) report_.message = "stopped";
  solver_.set_injection(nullptr, nullptr);
  set_matrix(0.0);
  report_.completed = report_.message.empty();
  return report_;
}

}  // namespace arrayspice::lines
