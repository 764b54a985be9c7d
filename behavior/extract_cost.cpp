// SPDX-License-Identifier: Apache-2.0
// What extract() says of the energy and the latency of a product.
#include <fmt/format.h>

#include "behavior/extract.hpp"
#include "behavior/product_cost.hpp"
#include "netlists/arrays/adc.hpp"

namespace arrayspice {

namespace {

/// A product whose cycle does not close to so much is said not to.
constexpr double kClosed = 1e-2;

std::string not_counted(const ArraySpec& spec) {
  if (sense_circuits(spec) == 0 || spec.sense.supply_power > 0.0) return {};
  return "; amplifiers and comparators are not in it (sense.supply_power is 0)";
}

std::string settled_to(const ArraySpec& spec, int bits) {
  return has_adc(spec) ? "half a step of the converters"
                       : fmt::format("half an LSB of {} bits", bits);
}

/// One line for the product, one for what restores the array.
Table energy_table(const ProductCost& cost) {
  Table table;
  const auto add = [&](const char* name, double product, double restoring) {
    std::vector<double> values{product};
    if (cost.cycle > 0.0) values.push_back(restoring);
    table.add(name, std::move(values));
  };
  add("part (0: product, 1: restoring)", 0.0, 1.0);
  for (const auto& [name, kind] : {std::pair{"inputs (J)", &Energy::inputs},
                                   std::pair{"supplies (J)", &Energy::supplies},
                                   std::pair{"clocks (J)", &Energy::clocks},
                                   std::pair{"inverters (J)", &Energy::inverters},
                                   std::pair{"sense (J)", &Energy::sense}})
    add(name, cost.product.*kind, cost.restoring.*kind);
  add("total (J)", cost.product.total(), cost.restoring.total());
  return table;
}

}  // namespace

HalfStep half_step_of(const ArraySpec& spec, const ExtractOptions& options) {
  const auto adc = make_adc(spec);
  return {options.bits, adc ? 0.5 * adc->lsb() : 0.0};
}

void extract_cost(const ArraySpec& spec, const ProductCost& cost,
                  const ExtractOptions& options, std::string_view inputs,
                  Extraction& out) {
  const bool rests = cost.cycle == 0.0;
  out.figures.push_back(
      {"power", cost.power.total(), "W",
       fmt::format("of all sources, {}{}{}", inputs,
                   rests ? ", at rest" : ", mean over a cycle", not_counted(spec))});
  out.figures.push_back(
      {"latency", cost.latency, "s",
       fmt::format("from the inputs to the slowest output, within {}{}",
                   settled_to(spec, options.bits),
                   rests && cost.latency == 0.0 ? "; without capacitance at once" : "")});
  if (rests && cost.latency == 0.0) return;
  if (!rests)
    out.figures.push_back({"cycle", cost.cycle, "s",
                           "from one product to the next: reset, product, and what "
                           "restores the array"});
  std::string meaning = fmt::format(
      "of all sources, {}, {}{}", inputs,
      rests ? "from lines at 0 V until the slowest output has settled" : "over a cycle",
      not_counted(spec));
  if (cost.left > kClosed)
    meaning += fmt::format("; the cycle leaves {:.2g} of what moved", cost.left);
  out.figures.push_back({"energy", cost.energy(), "J", std::move(meaning)});
  out.energy = energy_table(cost);
}

}  // namespace arrayspice
