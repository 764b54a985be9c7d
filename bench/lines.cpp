// SPDX-License-Identifier: Apache-2.0
// Times the array solver on arrays made up here: one case a run, one line of JSON out.
// bench/lines.py runs the cases and puts the alternatives beside them.
//
//   lines_bench CASE [N=256] [ohm=1] [threads=1] [runs=5] [pattern=random]
//
// CASE: linear, factors (the same without iterations), blocks (of inputs), many (1000
// inputs), transient (100 steps), sinh, access (1T1R), general (the linear case by
// circuit and factorisation), bandwidth.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "behavior/mvm.hpp"
#include "netlists/diagnostic.hpp"
#include "solver/lines/kernels.hpp"
#include "solver/lines/line_transient.hpp"

namespace {

using namespace arrayspice;
using lines::LineSolver;

using Arguments = std::map<std::string, std::string>;
std::int64_t integer(const Arguments& a, const char* key) {
  return std::stoll(a.at(key));
}

double seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(const Arguments& a, const std::function<void()>& work) {
  std::vector<double> times;
  work();  // the first run pays for pages and caches
  for (std::int64_t k = 0; k < integer(a, "runs"); ++k) times.push_back(seconds(work));
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

/// Of this program alone: what getrusage() says starts at the size of its parent.
double peak_megabytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind("VmHWM:", 0) == 0) return std::stod(line.substr(6)) / 1024.0;
  return 0.0;
}

/// Uniform random in 10 to 100 uS; `checkerboard`: in blocks of 8 x 8, every other one
/// hundred times smaller.
std::vector<double> cells(const Arguments& a) {
  const std::int64_t n = integer(a, "N");
  std::mt19937_64 engine(1);
  std::uniform_real_distribution<> draw(1e-5, 1e-4);
  std::vector<double> g(n * n);
  for (double& v : g) v = draw(engine);
  if (a.at("pattern") == "checkerboard")
    for (std::int64_t k = 0; k < n * n; ++k)
      if ((k / n / 8 + k % n / 8) % 2) g[k] *= 0.01;
  return g;
}

std::vector<double> voltages(std::int64_t count, double largest) {
  std::mt19937_64 engine(2);
  std::uniform_real_distribution<> draw(0.0, largest);
  std::vector<double> v(count);
  for (double& x : v) x = draw(engine);
  return v;
}

/// One segment and 10 ohm at the driven and at the sensed end.
lines::Grid grid(const Arguments& a) {
  const std::int64_t n = integer(a, "N");
  const double ohm = std::stod(a.at("ohm"));
  const auto all = [&](double g) { return std::vector<double>(n, g); };
  const double end = 1.0 / (ohm + 10.0);
  return {
      n, n, {all(1.0 / ohm), all(end), all(0.0)}, {all(1.0 / ohm), all(0.0), all(end)}};
}

ArraySpec spec(const Arguments& a, const std::string& cell, double largest) {
  const std::string text = fmt::format(
      "[array]\ntype = 'current-domain'\nrows = {0}\ncolumns = {0}\n"
      "[cell]\nminimum = 1e-7\nmaximum = 1e-4\n{1}"
      "[wire]\nword_line_resistance = {2}\nbit_line_resistance = {2}\n"
      "[driver]\nresistance = 10.0\n[sense]\nresistance = 10.0\n[input]\nmaximum = {3}\n",
      a.at("N"), cell, std::stod(a.at("ohm")), largest);
  Sources sources;
  Diagnostics diagnostics;
  if (auto spec = read_spec_text(text, "bench", {}, sources, diagnostics)) return *spec;
  throw std::logic_error("the spec of the bench is wrong:\n" + text);
}

void run_linear(const Arguments& a) {
  LineSolver solver(grid(a), static_cast<int>(integer(a, "threads")));
  const double factor = seconds([&] { solver.set_cells(cells(a)); });
  const auto inputs = voltages(solver.rows(), 0.2);
  std::vector<double> outputs(solver.columns());
  lines::SolveReport report;
  const double time = median(a, [&] { report = solver.solve(inputs, outputs); });
  fmt::print(
      "{{\"seconds\": {}, \"set_cells\": {}, \"iterations\": {}, \"coarse\": {}, "
      "\"residual\": {}, \"converged\": {}, \"MB\": {}, \"simd\": \"{}\"}}\n",
      time, factor, report.iterations, report.coarse_grid, report.residual,
      report.converged, peak_megabytes(), lines::instruction_set());
}

/// Seconds an input: one by one, and in blocks of four.
void run_blocks(const Arguments& a) {
  LineSolver solver(grid(a), static_cast<int>(integer(a, "threads")));
  solver.set_cells(cells(a));
  constexpr std::int64_t kInputs = 4;
  const std::int64_t n = solver.rows();
  const auto inputs = voltages(kInputs * n, 0.2);
  std::vector<double> outputs(kInputs * n);
  const double single = median(a, [&] {
    for (std::int64_t k = 0; k < kInputs; ++k)
      solver.solve(std::span(inputs).subspan(k * n, n),
                   std::span(outputs).subspan(k * n, n));
  });
  const double block = median(a, [&] { solver.solve_block(inputs, outputs); });
  fmt::print("{{\"seconds\": {}, \"single\": {}, \"MB\": {}}}\n", block / kInputs,
             single / kInputs, peak_megabytes());
}

/// The whole array factored, as where the iteration gives up; `pattern=unsymmetric`: the
/// slopes of each cell differ.
void run_factors(const Arguments& a) {
  lines::SchurSolver solver(grid(a));
  const std::int64_t n = integer(a, "N");
  lines::Buffer out(solver.size()), in(solver.size()), s(solver.size());
  const std::vector<double> g = cells(a);
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      out[solver.index(i, j)] = g[i * n + j];
      in[solver.index(i, j)] = 1.5 * g[i * n + j];
    }
    s[solver.index(i, 0)] = 0.01;
  }
  solver.factor(a.at("pattern") == "unsymmetric" ? in : out, out);
  lines::SolveReport report;
  const auto solve = [&] { report = solver.solve(s, {}, {.max_iterations = 0}); };
  const double first = seconds(solve);
  fmt::print("{{\"seconds\": {}, \"again\": {}, \"factor_nonzeros\": {}, \"MB\": {}}}\n",
             first, median(a, solve), report.factor_nonzeros, peak_megabytes());
}

void run_transient(const Arguments& a) {
  LineSolver solver(grid(a), static_cast<int>(integer(a, "threads")));
  solver.set_cells(cells(a));
  const auto amplitude = voltages(solver.rows(), 0.2);
  const auto frequency = voltages(solver.rows(), 2e9);
  const std::vector<double> farad(solver.rows(), 1e-15);
  const Method method = a.at("pattern") == "trap" ? Method::Trapezoidal : Method::TrBdf2;
  lines::LineTransient transient(
      solver, {.word = farad, .bit = farad, .word_coupling = {}, .bit_coupling = {}},
      {.stop = 1e-9, .max_step = 1e-11, .method = method, .fixed_step = true});
  lines::LineTransientReport report;
  const double time = median(a, [&] {
    report = transient.run(
        [&](double t, std::span<double> v) {
          for (std::size_t i = 0; i < v.size(); ++i)
            v[i] = amplitude[i] * (1.0 + std::sin(6.283185307179586 * frequency[i] * t));
        },
        [](double, std::span<const double>) { return true; });
  });
  fmt::print(
      "{{\"seconds\": {}, \"iterations\": {}, \"steps\": {}, \"converged\": {}, "
      "\"MB\": {}}}\n",
      time, report.iterations, report.steps, report.completed, peak_megabytes());
}

/// The product as `arrayspice mvm` computes it; by lines the time without the set-up of
/// the array, by circuit with it, since that is where the factors are made.
void run_product(const Arguments& a, const ArraySpec& array, std::int64_t inputs,
                 const MvmOptions& options) {
  const std::int64_t n = integer(a, "N");
  const Matrix weights{n, n, cells(a)};
  const Matrix x{inputs, n, voltages(inputs * n, array.input.maximum)};
  std::vector<double> times;
  MvmStats stats;
  for (std::int64_t k = 0; k < integer(a, "runs"); ++k) {
    ArraySolver solver(array, weights, options);
    solver.multiply(x);
    stats = solver.stats();
    const bool with_set_up = options.method == MvmMethod::Circuit;
    times.push_back(stats.solve_seconds + (with_set_up ? stats.build_seconds : 0.0));
  }
  std::sort(times.begin(), times.end());
  fmt::print(
      "{{\"seconds\": {}, \"iterations\": {}, \"method\": \"{}\", "
      "\"converged\": true, \"residual\": {}, \"factor_nonzeros\": {}, \"MB\": {}}}\n",
      times[times.size() / 2], stats.linear_iterations, stats.method,
      stats.worst_residual, stats.linear.factor_nonzeros, peak_megabytes());
}

/// a = b + s c on arrays far larger than any cache: bytes that a program can move.
void run_bandwidth(const Arguments& a) {
  const std::int64_t n = std::int64_t{1} << 26;
  lines::Buffer x(n), y(n), z(n);
  lines::Team team(static_cast<int>(integer(a, "threads")));
  constexpr std::int64_t kPiece = 1 << 14;
  const double time = median(a, [&] {
    team.for_each(n / kPiece, [&](int, std::int64_t piece) {
      for (std::int64_t k = piece * kPiece; k < (piece + 1) * kPiece; ++k)
        x[k] = y[k] + 3.0 * z[k];
    });
  });
  // 24 bytes that are used, and 8 that the processor reads before it writes.
  fmt::print("{{\"seconds\": {}, \"GB_per_s\": {}}}\n", time,
             32.0 * static_cast<double>(n) / time * 1e-9);
}

void run(const std::string& what, const Arguments& a) {
  const std::string ohmic, sinh = "model = 'sinh'\n", access = "structure = '1T1R'\n";
  MvmOptions options;
  options.threads = static_cast<int>(integer(a, "threads"));
  if (what == "linear") return run_linear(a);
  if (what == "blocks") return run_blocks(a);
  if (what == "factors") return run_factors(a);
  if (what == "transient") return run_transient(a);
  if (what == "bandwidth") return run_bandwidth(a);
  if (what == "many") return run_product(a, spec(a, ohmic, 0.2), 1000, options);
  if (what == "sinh") return run_product(a, spec(a, sinh, 0.5), 1, options);
  if (what == "access") return run_product(a, spec(a, access, 0.2), 1, options);
  options.method = MvmMethod::Circuit;
  options.backend = Backend::Klu;
  if (what == "general-sinh") return run_product(a, spec(a, sinh, 0.5), 1, options);
  if (what == "general-access") return run_product(a, spec(a, access, 0.2), 1, options);
  options.backend = Backend::Cholmod;
  if (what == "general") return run_product(a, spec(a, ohmic, 0.2), 1, options);
  throw std::invalid_argument("no such case: " + what);
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments{
      {"N", "256"}, {"ohm", "1"}, {"threads", "1"}, {"runs", "5"}, {"pattern", "random"}};
  for (int k = 2; k < argc; ++k) {
    const std::string word = argv[k];
    arguments[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
  }
  try {
    run(argc > 1 ? argv[1] : "", arguments);
  } catch (const std::exception& error) {
    fmt::print(stderr, "lines_bench: {}\n", error.what());
    return 1;
  }
}
