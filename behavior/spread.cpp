// SPDX-License-Identifier: Apache-2.0
// How outputs spread over the chips of a seed.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "behavior/extract.hpp"
#include "behavior/parallel.hpp"

namespace arrayspice {

namespace {
constexpr std::int64_t kSamplesAtOnce = 64;
}

Spread spread_of_samples(const ExtractOptions& options, std::int64_t columns,
                         const std::function<std::vector<double>(std::int64_t)>& sample,
                         const std::function<void(std::int64_t done)>& told) {
  const auto width = static_cast<std::size_t>(columns);
  std::vector<double> sum(width, 0.0), squares(width, 0.0), first;
  for (std::int64_t done = 0; done < options.samples;) {
    const std::int64_t now = std::min(kSamplesAtOnce, options.samples - done);
    std::vector<std::vector<double>> outputs(static_cast<std::size_t>(now));
    for_each_index(now, options.threads, [&](std::int64_t k) {
      outputs[static_cast<std::size_t>(k)] = sample(done + k);
    });
    if (first.empty()) first = outputs.front();  // shifts the sums: no digits cancel
    for (const std::vector<double>& y : outputs) {
      for (std::size_t j = 0; j < width; ++j) {
        sum[j] += y[j] - first[j];
        squares[j] += (y[j] - first[j]) * (y[j] - first[j]);
      }
    }
    told(done += now);
  }
  const auto n = static_cast<double>(options.samples);
  Spread spread{std::vector<double>(width), std::vector<double>(width)};
  for (std::size_t j = 0; j < width; ++j) {
    spread.mean[j] = first[j] + sum[j] / n;
    const double variance =
        n > 1.0 ? (squares[j] - sum[j] * sum[j] / n) / (n - 1.0) : 0.0;
    spread.sigma[j] = std::sqrt(std::max(0.0, variance));
  }
  return spread;
}

namespace {
std::vector<double> relative(const Spread& spread) {
  std::vector<double> parts(spread.mean.size());
  for (std::size_t j = 0; j < parts.size(); ++j)
    parts[j] = spread.mean[j] == 0.0 ? 0.0 : spread.sigma[j] / std::abs(spread.mean[j]);
  return parts;
}
}  // namespace

Table spread_table(const Spread& spread, std::string_view unit) {
  Table table;
  table.add("column", index_column(std::ssize(spread.mean)));
  table.add(fmt::format("mean ({})", unit), spread.mean);
  table.add(fmt::format("sigma ({})", unit), spread.sigma);
  table.add("sigma/mean", relative(spread));
  return table;
}

double relative_spread(const Spread& spread) {
  double sum = 0.0;
  for (const double part : relative(spread)) sum += part;
  return sum / static_cast<double>(spread.mean.size());
}

}  // namespace arrayspice
