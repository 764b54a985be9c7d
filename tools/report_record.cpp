// SPDX-License-Identifier: Apache-2.0
#include "tools/report_record.hpp"

#include <fmt/format.h>

#include "netlists/failure.hpp"

namespace arrayspice {

Json parse_record(const std::string& text, const std::string& name,
                  std::string_view schema) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || json.value("schema", "") != schema)
    throw Failure(Exit::Input,
                  fmt::format("{}: not a record of schema {}", name, schema));
  return json;
}

std::string with_sound_record(const std::string& name,
                              const std::function<std::string()>& make) {
  try {
    return make();
  } catch (const Json::exception& wrong) {
    throw Failure(Exit::Input, fmt::format("{}: damaged record: {}", name, wrong.what()));
  }
}

void add_provenance(HtmlPage& page, const Json& provenance) {
  const auto shown = [](const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
  };
  page.add_heading("Provenance");
  HtmlPage::Rows rows;
  for (const auto& [key, value] : provenance.items()) {
    if (key == "spec") continue;
    if (!value.is_object()) {
      rows.push_back({key, shown(value)});
      continue;
    }
    for (const auto& [option, given] : value.items())
      if (shown(given) != "") rows.push_back({option, shown(given)});
  }
  page.add_table({}, rows);
  if (provenance.contains("spec"))
    page.add_text_block("array spec with all defaults", shown(provenance.at("spec")));
}

}  // namespace arrayspice
