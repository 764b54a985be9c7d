// SPDX-License-Identifier: Apache-2.0
#include "behavior/training_sets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "behavior/baselines.hpp"
#include "behavior/model_meta.hpp"
#include "behavior/output_folder.hpp"
#include "netlists/npy.hpp"
#include "netlists/version.hpp"

namespace arrayspice {

namespace {

constexpr std::int64_t kFirstSample = std::int64_t{1} << 34;  // number of test vectors
constexpr std::int64_t kStates = 16, kCodes = 32;             // of NeuroSim's tables

std::string npy_text(const std::vector<std::int64_t>& shape,
                     const std::vector<double>& values) {
  return npy_bytes(shape, values);
}

Matrix ideal_of(const TestSet& set, const ArraySpec& spec) {
  Matrix ideal{set.count, spec.array.columns, {}};
  for (std::int64_t k = 0; k < set.count; ++k) {
    const Matrix y = ideal_outputs(weights_of(set, spec, k), inputs_of(set, spec, k));
    ideal.values.insert(ideal.values.end(), y.values.begin(), y.values.end());
  }
  return ideal;
}

Json provenance(const ArraySpec& spec, const std::string& command) {
  return {{"tool", "ArraySpice"},
          {"version", version()},
          {"command", command},
          {"spec", write_spec(spec)}};
}

/// Mean and standard deviation of the codes that the circuit gives where the ideal
/// product gives one code; a code that no solve gave lies on the line between its
/// neighbours.
struct CodeTable {
  std::vector<double> mean, deviation;
  std::vector<std::int64_t> count;
};

CodeTable code_table(const Matrix& ideal, const Matrix& y, double per_code) {
  const auto codes = static_cast<std::size_t>(kCodes);
  std::vector<double> sum(codes), squares(codes);
  CodeTable table{std::vector<double>(codes), std::vector<double>(codes),
                  std::vector<std::int64_t>(codes)};
  for (std::size_t k = 0; k < ideal.values.size(); ++k) {
    const double wanted = std::round(ideal.values[k] / per_code);
    if (wanted < 0.0 || wanted >= static_cast<double>(kCodes)) continue;
    const auto code = static_cast<std::size_t>(wanted);
    // What is within the code stays out of the deviation.
    const double found =
        y.values[k] / per_code *
        (ideal.values[k] == 0.0 ? 1.0 : wanted * per_code / ideal.values[k]);
    sum[code] += found;
    squares[code] += found * found;
    ++table.count[code];
  }
  for (std::size_t c = 0; c < codes; ++c) {
    const auto n = static_cast<double>(table.count[c]);
    if (n == 0.0) continue;
    table.mean[c] = sum[c] / n;
    table.deviation[c] =
        std::sqrt(std::max(0.0, squares[c] / n - table.mean[c] * table.mean[c]));
  }
  return table;
}

void fill_gaps(CodeTable& table) {
  const std::size_t codes = table.count.size();
  for (std::size_t c = 0; c < codes; ++c) {
    if (table.count[c] > 0) continue;
    std::size_t above = c, below = c;
    while (above < codes && table.count[above] == 0) ++above;
    while (below > 0 && table.count[below] == 0) --below;
    const bool has_below = table.count[below] > 0 && below < c;
    if (above == codes && !has_below) return;
    const double c_d = static_cast<double>(c);
    const auto extend = [&](std::size_t from) {  // in proportion, from a single neighbour
      return from == 0 ? table.mean[0]
                       : table.mean[from] * c_d / static_cast<double>(from);
    };
    if (above == codes || !has_below) {
      const std::size_t from = has_below ? below : above;
      table.mean[c] = extend(from);
      table.deviation[c] = table.deviation[from];
      continue;
    }
    const double t = static_cast<double>(c - below) / static_cast<double>(above - below);
    table.mean[c] = (1.0 - t) * table.mean[below] + t * table.mean[above];
    table.deviation[c] = (1.0 - t) * table.deviation[below] + t * table.deviation[above];
  }
}

std::string states_text(const ArraySpec& spec) {
  std::string text = "states,mean,std\n";
  for (std::int64_t s = 0; s < kStates; ++s) {
    const double g = spec.cell.minimum + (spec.cell.maximum - spec.cell.minimum) *
                                             static_cast<double>(s) / (kStates - 1);
    text += fmt::format("{},{},{}\n", s, g, g * spec.variation.conductance_sigma);
  }
  return text;
}

std::string codes_text(const CodeTable& table) {
  std::string text = "output,mean,std\n";
  for (std::size_t c = 0; c < table.mean.size(); ++c)
    text += fmt::format("{},{},{}\n", c, table.mean[c], table.deviation[c]);
  return text;
}

}  // namespace

TestSet make_dataset(const ArraySpec& given, std::int64_t count, const Matrix& weights,
                     int threads, const std::function<void(double)>& progress) {
  ArraySpec spec = given;
  spec.variation = {};
  return solve_test_set(spec, kFirstSample, count, weights, threads, progress);
}

void write_dataset_folder(const std::filesystem::path& path, const TestSet& set,
                          const ArraySpec& spec, const std::string& command) {
  const std::int64_t rows = spec.array.rows, columns = spec.array.columns;
  OutputFolder folder(path, kModelMeta);
  folder.write("V.npy", npy_text({set.count, rows}, set.x));
  folder.write("G.npy", npy_text({set.count, rows, columns}, set.w));
  folder.write("I.npy", npy_text({set.count, columns}, set.y.values));
  folder.write("I_ideal.npy", npy_text({set.count, columns}, ideal_of(set, spec).values));
  const Json meta = {{"schema", "aimc-dataset/1"},
                     {"V", "inputs (n, rows), V"},
                     {"G", "conductances (n, rows, columns), S; without variation"},
                     {"I", "circuit solves (n, columns), A"},
                     {"I_ideal", "sum over rows of V G, A"},
                     {"kinds", set.kinds},
                     {"provenance", provenance(spec, command)}};
  folder.write(kModelMeta, meta.dump(1) + "\n");
  folder.commit();
}

void write_neurosim_folder(const std::filesystem::path& path, const ExportedModel& model,
                           const ArraySpec& spec, const std::string& command) {
  const Matrix ideal = ideal_of(model.test, spec);
  const double largest = *std::ranges::max_element(ideal.values);
  const double per_code = largest / static_cast<double>(kCodes - 1);
  CodeTable table = code_table(ideal, model.test.y, per_code);
  const std::vector<std::int64_t> counts = table.count;
  fill_gaps(table);
  OutputFolder folder(path, kModelMeta);
  folder.write("mem_states.csv", states_text(spec));
  folder.write("output_noise.csv", codes_text(table));
  const Json meta = {
      {"schema", "neurosim"},
      {"mem_type", "resistive"},
      {"ampere_per_code", per_code},
      {"outputs_per_code", counts},
      {"note",
       "output: code of the ideal product, mean and std: code of the circuit over the "
       "held-out solves; codes without an output are interpolated"},
      {"provenance", provenance(spec, command)}};
  folder.write(kModelMeta, meta.dump(1) + "\n");
  folder.commit();
}

}  // namespace arrayspice
