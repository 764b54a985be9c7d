// SPDX-License-Identifier: Apache-2.0
// Writes the reference pages from the program's own tables: `arrayspice_reference
// devices`, `options` or `spec`; Markdown on standard output. ./dev docs calls it.
#include <fmt/format.h>

#include <cmath>
#include <iostream>
#include <string>
#include <string_view>

#include "devices/registry.hpp"
#include "netlists/arrays/spec_keys.hpp"
#include "netlists/option_card.hpp"

namespace arrayspice {
namespace {

std::string allowed(const Range& range) {
  if (std::isinf(range.low) && std::isinf(range.high)) return "any";
  if (std::isinf(range.high))
    return fmt::format("{} {:g}", range.low_is_open ? ">" : "≥", range.low);
  if (std::isinf(range.low)) return fmt::format("≤ {:g}", range.high);
  return fmt::format("{:g} … {:g}", range.low, range.high);
}

void write_parameters(std::string_view title, std::span<const ParameterInfo> table,
                      std::ostream& out) {
  if (table.empty()) return;
  out << "\n"
      << title
      << "\n\n| name | default | unit | allowed | meaning |\n|---|---|---|---|---|\n";
  for (const ParameterInfo& p : table)
    out << fmt::format(
        "| `{}` | {} | {} | {} | {} |\n", p.name,
        given(p.default_value) ? fmt::format("{:g}", p.default_value) : "–", p.unit,
        allowed(p.range), p.doc);
}

std::string heading(const Registration& device) {
  const char letter = static_cast<char>(device.letter - 'a' + 'A');
  if (device.card == ModelCard::None)
    return fmt::format("{}: {}", letter, device.type().name);
  const std::string_view optional =
      device.card == ModelCard::Optional ? " (optional)" : "";
  const std::string level =
      device.level == 1 ? "" : fmt::format("(level={})", device.level);
  return fmt::format("{}: {}, `.model` {}{}{}", letter, device.type().name,
                     device.model_type, level, optional);
}

void write_devices(std::ostream& out) {
  out << "# Devices\n\nMade from the tables in `devices/` by `./dev docs`.\n";
  for (const Registration& device : registry()) {
    const DeviceType& type = device.type();
    out << "\n## " << heading(device) << "\n\nPins:";
    for (const Pin& pin : type.pins)
      if (pin.scope == Scope::External) out << ' ' << pin.name;
    out << '\n';
    write_parameters("On the element line:", type.instance_parameters, out);
    write_parameters("On the `.model` card:", type.model_parameters, out);
  }
}

void write_spec_keys(std::ostream& out) {
  out << "# Keys of an array spec\n\nMade from the table in "
         "`netlists/arrays/spec_keys.cpp` "
         "by `./dev docs`.\n\n| key | default | unit | allowed | meaning |\n"
         "|---|---|---|---|---|\n";
  ArraySpec spec;
  for (const SpecKey& key : spec_keys())
    out << fmt::format("| `{}` | {} | {} | {} | {} |\n", key.full_name(),
                       key.is_required() ? "required" : spec_value(key, spec), key.unit,
                       key.allowed(), key.doc);
}

}  // namespace
}  // namespace arrayspice

int main(int count, char** arguments) {
  const std::string_view page = count == 2 ? arguments[1] : "";
  if (page == "devices") {
    arrayspice::write_devices(std::cout);
  } else if (page == "options") {
    std::cout << arrayspice::describe_options();
  } else if (page == "spec") {
    arrayspice::write_spec_keys(std::cout);
  } else {
    std::cerr << "usage: arrayspice_reference devices|options|spec\n";
    return 2;
  }
  return 0;
}
