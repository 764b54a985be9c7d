// SPDX-License-Identifier: Apache-2.0
// The JSON record beside every result (summary.json, meta.json) on a page.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "tools/html_page.hpp"

namespace arrayspice {

using Json = nlohmann::ordered_json;

/// Throws Failure (Exit::Input) when the text is no JSON or of another schema.
Json parse_record(const std::string& text, const std::string& name,
                  std::string_view schema);

/// Where the numbers come from, and the spec as it was.
void add_provenance(HtmlPage& page, const Json& provenance);

}  // namespace arrayspice
