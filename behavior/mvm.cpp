// SPDX-License-Identifier: Apache-2.0
#include "behavior/mvm.hpp"

#include <fmt/format.h>

#include <Eigen/Core>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread>

#include "netlists/failure.hpp"
#include "solver/lines/line_solver.hpp"

namespace arrayspice {

namespace {

/// Inputs that one worker takes at a time. Fixed, so that results do not depend on the
/// number of threads.
constexpr std::int64_t kBlock = 32;

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

Matrix unit_inputs(std::int64_t rows) {
  Matrix inputs{rows, rows, std::vector<double>(rows * rows, 0.0)};
  for (std::int64_t i = 0; i < rows; ++i) inputs(i, i) = 1.0;
  return inputs;
}

Matrix product(const Matrix& a, const Matrix& b) {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Matrix c{a.rows, b.columns, std::vector<double>(a.rows * b.columns)};
  Eigen::Map<RowMajor>(c.values.data(), c.rows, c.columns).noalias() =
      Eigen::Map<const RowMajor>(a.values.data(), a.rows, a.columns) *
      Eigen::Map<const RowMajor>(b.values.data(), b.rows, b.columns);
  return c;
}

/// Hands out blocks of inputs to threads, counts, and keeps the first failure.
class BlockQueue {
 public:
  BlockQueue(std::int64_t count, const MvmOptions& options)
      : count_(count), blocks_((count + kBlock - 1) / kBlock), options_(options) {}

  void work(BlockSolver& solver, const Matrix& inputs, Matrix& outputs) {
    for (std::int64_t b = next_++; b < blocks_ && !stop_; b = next_++) {
      const std::int64_t first = b * kBlock, last = std::min(first + kBlock, count_);
      try {
        solver.solve(inputs, first, last, outputs);
        finished(last - first);
      } catch (...) {
        failed(b, std::current_exception());
      }
    }
  }
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void finished(std::int64_t solves) {
    const std::lock_guard lock(mutex_);
    done_ += solves;
    if (options_.progress && !options_.progress(done_, count_))
      throw Failure(Exit::Interrupted,
                    fmt::format("interrupted after {} of {} solves", done_, count_));
  }
  void failed(std::int64_t block, std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    if (!failure_ || block < failed_block_) {
      failure_ = std::move(failure);
      failed_block_ = block;
    }
    stop_ = true;
  }

  std::int64_t count_, blocks_;
  const MvmOptions& options_;
  std::atomic<std::int64_t> next_ = 0;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  std::int64_t done_ = 0, failed_block_ = 0;
  std::exception_ptr failure_;
};

}  // namespace

bool is_linear(const ArraySpec& spec) {
  return spec.cell.structure == "1R" && spec.cell.model == "ohmic" &&
         spec.sense.kind == "virtual-ground";
}

std::string why_not_lines(const ArraySpec& spec) {
  if (spec.sense.kind != "virtual-ground") return "bit lines do not end in a voltage";
  if (spec.wire.word_line_resistance == 0.0 || spec.wire.bit_line_resistance == 0.0)
    return "wires without resistance";
  return {};
}

double memory_for_mvm(const ArraySpec& spec) {
  if (!why_not_lines(spec).empty()) return memory_needed(spec);
  return memory_for_weights(spec) +
         lines::LineSolver::memory(static_cast<double>(spec.array.rows),
                                   static_cast<double>(spec.array.columns),
                                   spec.cell.model == "ohmic");
}

ArraySolver::ArraySolver(const ArraySpec& spec, const Matrix& conductances,
                         const MvmOptions& options)
    : spec_(spec), conductances_(conductances), options_(options) {
  const std::string why_not = why_not_lines(spec);
  if (options.method == MvmMethod::Lines && !why_not.empty())
    throw Failure(Exit::Input,
                  fmt::format("the array solver cannot solve this array: {}", why_not));
  by_lines_ = options.method == MvmMethod::Lines ||
              (options.method == MvmMethod::Auto && options.backend == Backend::Auto &&
               why_not.empty());
  stats_.method = by_lines_ ? "lines" : "circuit";
  stats_.reason = by_lines_ ? "cells between resistive lines"
                  : options.method == MvmMethod::Auto && !why_not.empty() ? why_not
                                                                          : "asked for";
}

ArraySolver::~ArraySolver() = default;

std::unique_ptr<BlockSolver> ArraySolver::make_block_solver() const {
  return by_lines_ ? make_line_block_solver(spec_, conductances_)
                   : make_circuit_block_solver(spec_, conductances_, options_.backend);
}

void ArraySolver::solve_blocks(const Matrix& inputs, Matrix& outputs) {
  const auto blocks = static_cast<std::size_t>((inputs.rows + kBlock - 1) / kBlock);
  const std::size_t threads =
      std::clamp<std::size_t>(blocks, 1, std::max(options_.threads, 1));
  const auto start = Clock::now();
  while (workers_.size() < threads) workers_.push_back(make_block_solver());
  stats_.build_seconds += seconds_since(start);

  const auto solving = Clock::now();
  BlockQueue queue(inputs.rows, options_);
  {
    std::vector<std::jthread> others;
    for (std::size_t k = 1; k < threads; ++k)
      others.emplace_back([&, k] { queue.work(*workers_[k], inputs, outputs); });
    queue.work(*workers_[0], inputs, outputs);
  }
  queue.rethrow();
  stats_.solve_seconds += seconds_since(solving);
  stats_.solves += inputs.rows;
}

Matrix ArraySolver::multiply(const Matrix& inputs) {
  check_inputs(spec_, inputs, "inputs");
  Matrix outputs{inputs.rows, spec_.array.columns, {}};
  if (is_linear(spec_) && (response_.rows > 0 || inputs.rows > spec_.array.rows)) {
    if (response_.rows == 0) {
      response_ = {spec_.array.rows, spec_.array.columns, {}};
      response_.values.resize(response_.rows * response_.columns);
      solve_blocks(unit_inputs(spec_.array.rows), response_);
    }
    stats_.superposed = true;
    outputs = product(inputs, response_);
  } else {
    outputs.values.resize(outputs.rows * outputs.columns);
    solve_blocks(inputs, outputs);
  }
  stats_.iterations = 0;
  for (const auto& worker : workers_) worker->report(stats_);
  return outputs;
}

}  // namespace arrayspice
