// SPDX-License-Identifier: Apache-2.0
#include "behavior/mvm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <mutex>

#include "behavior/array_experiment.hpp"
#include "behavior/array_lines.hpp"
#include "behavior/parallel.hpp"
#include "netlists/arrays/array_type.hpp"
#include "netlists/arrays/cell_statistics.hpp"
#include "netlists/arrays/pairs.hpp"
#include "netlists/failure.hpp"
#include "solver/lines/line_solver.hpp"

namespace arrayspice {

namespace {

/// Inputs that one worker takes at a time. An operating point of the circuit starts from
/// the solution of the input before in its block, so blocks must not depend on the number
/// of threads.
constexpr std::int64_t kOperatingPointBlock = 32;

/// From this many cells on, several threads finish one solve sooner than one.
constexpr double kCellsToShare = 256.0 * 256.0;

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

Matrix unit_inputs(std::int64_t rows) {
  Matrix inputs{rows, rows, std::vector<double>(rows * rows, 0.0)};
  for (std::int64_t i = 0; i < rows; ++i) inputs(i, i) = 1.0;
  return inputs;
}

/// Counts solves for who watches, who may interrupt.
class Count {
 public:
  Count(std::int64_t of, const MvmOptions& options) : of_(of), options_(options) {}

  void add(std::int64_t solves) {
    const std::lock_guard lock(mutex_);
    done_ += solves;
    if (options_.progress && !options_.progress(done_, of_))
      throw Failure(Exit::Interrupted,
                    fmt::format("interrupted after {} of {} solves", done_, of_));
  }

 private:
  std::int64_t of_;
  const MvmOptions& options_;
  std::mutex mutex_;
  std::int64_t done_ = 0;
};

/// Where the effective matrix pays, with one solve for each line of the array's shorter
/// side (lines), one solve with the same factors for each row (circuit).
std::int64_t inputs_worth_a_matrix(const ArraySpec& spec, bool by_lines) {
  return by_lines ? std::min(spec.array.rows, spec.array.columns) : spec.array.rows;
}

}  // namespace

double memory_for_mvm(const ArraySpec& spec) {
  if (has_pairs(spec)) return memory_for_mvm(physical_array(spec));
  if (solves_columns(spec)) {
    ArraySpec column = spec;
    column.array.columns = 1;
    return memory_for_weights(spec) + memory_needed(column);
  }
  if (!why_not_line_products(spec).empty()) return memory_needed(spec);
  const auto rows = static_cast<double>(spec.array.rows);
  const auto columns = static_cast<double>(spec.array.columns);
  // Of 1T1R cells: the law's memory, the other slope, three vectors of BiCGStab.
  const double series = spec.cell.structure == "1R" ? 0.0 : 6.0;
  return memory_for_weights(spec) +
         lines::LineSolver::memory(rows, columns, is_linear(spec)) +
         series * sizeof(double) * rows * columns;
}

ArraySolver::ArraySolver(const ArraySpec& spec, const Matrix& conductances,
                         const MvmOptions& options)
    : described_(spec),
      spec_(physical_array(spec)),
      conductances_(conductances),
      options_(options) {
  const std::string why_not = why_not_line_products(spec_);
  if (options.method == MvmMethod::Lines && !why_not.empty())
    throw Failure(Exit::Input,
                  fmt::format("the array solver cannot solve this array: {}", why_not));
  by_lines_ = options.method == MvmMethod::Lines ||
              (options.method == MvmMethod::Auto && options.backend == Backend::Auto &&
               why_not.empty());
  by_columns_ = !by_lines_ && solves_columns(spec_);
  stats_.method = by_lines_ ? "lines" : "circuit";
  stats_.reason = by_lines_ ? "an array of resistive lines"
                  : options.method == MvmMethod::Auto && !why_not.empty() ? why_not
                                                                          : "asked for";
}

ArraySolver::~ArraySolver() = default;

std::unique_ptr<BlockSolver> ArraySolver::make_block_solver() const {
  const MakeBlockSolver circuit = [this] {
    return make_circuit_block_solver(spec_, conductances_, options_.backend);
  };
  if (!by_lines_) return circuit();
  const bool may_fall_back =
      options_.method == MvmMethod::Auto && memory_needed(spec_) <= options_.memory;
  return make_line_block_solver(spec_, conductances_, threads_each_,
                                may_fall_back ? circuit : MakeBlockSolver());
}

/// Workers for so many jobs; threads that would be idle share the solves of the others.
void ArraySolver::staff(std::int64_t jobs) {
  const auto start = Clock::now();
  const std::int64_t threads = std::max(options_.threads, 1);
  const std::int64_t wanted = std::clamp<std::int64_t>(jobs, 1, threads);
  const double cells =
      static_cast<double>(spec_.array.rows) * static_cast<double>(spec_.array.columns);
  const int each =
      by_lines_ && cells >= kCellsToShare ? static_cast<int>(threads / wanted) : 1;
  if (each != threads_each_) {
    for (const auto& worker : workers_) worker->report(past_);
    workers_.clear();
  }
  threads_each_ = each;
  while (static_cast<std::int64_t>(workers_.size()) < wanted)
    workers_.push_back(make_block_solver());
  stats_.build_seconds += seconds_since(start);
}

/// By lines and in transients every input is solved for itself, by lines with the same
/// bits in a block, which large linear arrays take in less time.
std::int64_t ArraySolver::inputs_in_a_block() const {
  if (reads_vary(spec_)) return 1;
  if (by_lines_)
    return is_linear(spec_) ? lines::LineSolver::inputs_in_a_block(spec_.array.rows,
                                                                   spec_.array.columns)
                            : 1;
  return array_type(spec_).experiment(spec_).is_transient() ? 1 : kOperatingPointBlock;
}

void ArraySolver::solve_blocks(const Matrix& inputs, Matrix& outputs) {
  const std::int64_t block = inputs_in_a_block();
  const std::int64_t jobs = inputs.rows * (by_columns_ ? spec_.array.columns : 1);
  const std::int64_t blocks = (jobs + block - 1) / block;
  staff(blocks);
  const auto solving = Clock::now();
  Count done(jobs, options_);
  for_each_index(
      blocks, static_cast<int>(workers_.size()), [&](int worker, std::int64_t b) {
        const std::int64_t first = b * block, last = std::min(first + block, jobs);
        workers_[worker]->solve(inputs, first, last, outputs);
        done.add(last - first);
      });
  stats_.solve_seconds += seconds_since(solving);
  stats_.solves += inputs.rows;
}

void ArraySolver::find_response() {
  response_ = {spec_.array.rows, spec_.array.columns, {}};
  response_.values.resize(response_.rows * response_.columns);
  if (by_lines_) {
    staff(1);
    const auto solving = Clock::now();
    const bool found = workers_[0]->respond(response_);
    stats_.solve_seconds += seconds_since(solving);
    if (found) {
      stats_.solves += std::min(response_.rows, response_.columns);
      return;
    }
  }
  solve_blocks(unit_inputs(spec_.array.rows), response_);
}

Matrix ArraySolver::multiply(const Matrix& inputs) {
  check_inputs(described_, inputs, "inputs");
  return logical_outputs(described_,
                         multiply_physical(physical_inputs(described_, inputs)));
}

Matrix ArraySolver::multiply_physical(const Matrix& inputs) {
  Matrix outputs{inputs.rows, spec_.array.columns, {}};
  const bool many = inputs.rows > inputs_worth_a_matrix(spec_, by_lines_);
  stats_.effective_matrix =
      is_linear(spec_) && !reads_vary(spec_) && (response_.rows > 0 || many);
  if (stats_.effective_matrix) {
    if (response_.rows == 0) find_response();
    outputs = product(inputs, response_);
  } else {
    outputs.values.resize(outputs.rows * outputs.columns);
    solve_blocks(inputs, outputs);
  }
  count_work();
  return outputs;
}

/// What all workers have spent.
void ArraySolver::count_work() {
  MvmStats spent = past_;
  for (const auto& worker : workers_) worker->report(spent);
  stats_.newton_steps = spent.newton_steps;
  stats_.linear_iterations = spent.linear_iterations;
  stats_.worst_residual = spent.worst_residual;
  stats_.by_factors = spent.by_factors;
  stats_.by_circuit = spent.by_circuit;
  stats_.by_circuit_reason = spent.by_circuit_reason;
  stats_.linear = spent.linear;
}

}  // namespace arrayspice
