// SPDX-License-Identifier: Apache-2.0
// The JSON record beside every result (summary.json, meta.json) on a page.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "tools/html_page.hpp"

namespace arrayspice {

using Json = nlohmann::ordered_json;

/// Throws Failure (Exit::Input) when the text is no JSON or of another schema.
Json parse_record(const std::string& text, const std::string& name,
                  std::string_view schema);

/// Calls make(); a record that lacks a key or has one of another type becomes a Failure
/// (Exit::Input).
std::string with_sound_record(const std::string& name,
                              const std::function<std::string()>& make);

/// Where the numbers come from, and the spec as it was.
void add_provenance(HtmlPage& page, const Json& provenance);

}  // namespace arrayspice
