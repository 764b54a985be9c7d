// SPDX-License-Identifier: Apache-2.0
#include "netlists/deck_commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "netlists/messages.hpp"

namespace arrayspice {

namespace {

constexpr std::array<std::string_view, 15> kKept{
    ".op", ".dc",      ".tran", ".print",   ".plot",   ".save",   ".measure", ".meas",
    ".ic", ".nodeset", ".opt",  ".options", ".option", ".global", ".temp"};
constexpr std::array<std::string_view, 23> kStructural{
    ".include", ".inc",    ".lib",    ".endl",      ".model",     ".param",
    ".params",  ".func",   ".subckt", ".macro",     ".ends",      ".eom",
    ".if",      ".elseif", ".else",   ".endif",     ".control",   ".endc",
    ".title",   ".end",    ".elif",   ".parameter", ".parameters"};

/// What SPICE programs know and this one lacks, and what to do instead.
struct Lacking {
  std::string_view name;
  std::string_view instead;
};
constexpr std::string_view kAnalyses = "analyses are .op, .dc and .tran";
constexpr std::string_view kRepeat = "run the deck again for every value: -D name=value";
constexpr std::string_view kParameters = "parameters are .param and -D name=value";
constexpr std::string_view kFiles = "all of a file is read: .include and .lib";
constexpr std::array kLacking{
    Lacking{".ac", kAnalyses},
    Lacking{".alter", kRepeat},
    Lacking{".connect", "give both nodes one name"},
    Lacking{".csparam", kParameters},
    Lacking{".data", kRepeat},
    Lacking{".disto", kAnalyses},
    Lacking{".fft", kAnalyses},
    Lacking{".four", kAnalyses},
    Lacking{".fourier", kAnalyses},
    Lacking{".global_param", kParameters},
    Lacking{".hb", kAnalyses},
    Lacking{".libsave", kFiles},
    Lacking{".lin", kAnalyses},
    Lacking{".mc", kRepeat},
    Lacking{".noise", kAnalyses},
    Lacking{".preprocess", kFiles},
    Lacking{".probe", "outputs are .print, .save and .measure"},
    Lacking{".protect", kFiles},
    Lacking{".pss", kAnalyses},
    Lacking{".pz", kAnalyses},
    Lacking{".sampling", kRepeat},
    Lacking{".sens", kAnalyses},
    Lacking{".sp", kAnalyses},
    Lacking{".step", kRepeat},
    Lacking{".tf", kAnalyses},
    Lacking{".unprotect", kFiles},
    Lacking{".wcase", kRepeat},
};

}  // namespace

bool is_kept_command(std::string_view name) {
  return std::find(kKept.begin(), kKept.end(), name) != kKept.end();
}

void report_command(std::string_view name, Location where, Diagnostics& diagnostics) {
  if (name == ".endc") {
    diagnostics.error(message::kStructure, where, ".endc without .control");
    return;
  }
  if (name == ".width") {
    diagnostics.warning(message::kIgnored, where,
                        ".width has no effect: lines are as long as their numbers");
    return;
  }
  const auto lacking = std::find_if(kLacking.begin(), kLacking.end(),
                                    [&](const Lacking& l) { return l.name == name; });
  if (lacking != kLacking.end()) {
    diagnostics.error(message::kUnsupported, where,
                      fmt::format("{} is not supported; {}", name, lacking->instead));
    return;
  }
  std::vector<std::string_view> known(kKept.begin(), kKept.end());
  known.insert(known.end(), kStructural.begin(), kStructural.end());
  const std::string_view best = nearest(name, known);
  diagnostics.error(message::kUnknownCard, where,
                    best.empty()
                        ? fmt::format("unknown command '{}'", name)
                        : fmt::format("unknown command '{}'; is {} meant?", name, best));
}

}  // namespace arrayspice
