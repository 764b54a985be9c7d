// SPDX-License-Identifier: Apache-2.0
#include "netlists/arrays/spec.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>
#include <variant>

#include "devices/constants.hpp"
#include "netlists/arrays/array_type.hpp"
#include "netlists/arrays/cell_model.hpp"
#include "netlists/arrays/pairs.hpp"
#include "netlists/arrays/spec_keys.hpp"
#include "netlists/atomic_file.hpp"
#include "netlists/messages.hpp"

namespace arrayspice {

namespace {

constexpr std::string_view kParameters = "cell.parameters";

/// Where a value was given: a place in the spec, or the key of a `--set`.
struct Origin {
  Location where;
  std::string override_key;
};

/// A value as the user wrote it; monostate: of a type that no key has.
using Value = std::variant<std::monostate, std::string, std::int64_t, double>;

Value value_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* integer = node.as_integer()) return integer->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  return {};
}

template <class T>
std::optional<T> parse_whole(std::string_view text) {
  T value{};
  const auto [rest, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || rest != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The right side of `--set key=value`: a number when it is one, else a text, whose
/// quotes may be left out.
Value value_of(std::string_view text) {
  if (const auto integer = parse_whole<std::int64_t>(text)) return *integer;
  if (const auto number = parse_whole<double>(text)) return *number;
  if (text.size() >= 2 && text.front() == text.back() &&
      (text.front() == '"' || text.front() == '\''))
    text = text.substr(1, text.size() - 2);
  return std::string(text);
}

std::optional<double> as_number(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value))
    return static_cast<double>(*integer);
  if (const auto* number = std::get_if<double>(&value)) return *number;
  return std::nullopt;
}

/// 1e6 is a whole number too, as long as a double holds it exactly.
std::optional<std::int64_t> as_integer(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
  const auto* number = std::get_if<double>(&value);
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (!number || std::abs(*number) > kExact || *number != std::floor(*number))
    return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

class SpecReader {
 public:
  SpecReader(std::uint16_t file, Sources& sources, Diagnostics& diagnostics)
      : file_(file), sources_(sources), diagnostics_(diagnostics) {}

  void read_text();
  void apply_override(const std::string& text);
  std::optional<ArraySpec> finish();

 private:
  void error(const Origin& origin, const Message& message, const std::string& text) {
    const bool is_override = !origin.override_key.empty();
    diagnostics_.error(
        message, origin.where,
        is_override ? fmt::format("--set {}: {}", origin.override_key, text) : text);
  }
  Location at(const toml::source_position& position) const {
    constexpr auto kLast = std::numeric_limits<std::uint16_t>::max();
    return {file_,
            static_cast<std::uint16_t>(std::min<std::uint32_t>(position.column, kLast)),
            position.line};
  }
  void read_section(std::string_view section, const toml::table& table);
  void read_parameters(const toml::node& node, const Origin& origin);
  void assign(std::string_view section, std::string_view name, const Value& value,
              const Origin& origin);
  void assign(const SpecKey& key, const Value& value, const Origin& origin);
  void assign_parameter(const std::string& name, const Value& value,
                        const Origin& origin);
  void refuse_unknown(std::string_view section, std::string_view name,
                      const Origin& origin);
  void settle_type();
  void assign_pending();
  void check_required();
  void check_parameters();
  Origin place(std::string_view first, std::string_view second) const;
  void check_converters();
  void check_together();
  void warn_of_unused();

  std::uint16_t file_;
  Sources& sources_;
  Diagnostics& diagnostics_;
  ArraySpec spec_, defaults_;
  struct Pending {
    const SpecKey* key;
    Value value;
    Origin origin;
  };
  std::vector<Pending> pending_;         // defaults depend on some of them
  std::map<std::string, Origin> given_;  // by full name
};

std::set<std::string_view> sections() {
  std::set<std::string_view> all;
  for (const SpecKey& key : spec_keys()) all.insert(key.section);
  return all;
}

std::string suggestion(std::string_view given, const std::vector<std::string_view>& among,
                       const char* form) {
  const std::string_view best = nearest(given, among);
  return best.empty() ? std::string() : fmt::format(fmt::runtime(form), best);
}

void SpecReader::read_text() {
  toml::table root;
  try {
    root = toml::parse(sources_.text(file_), sources_.path(file_));
  } catch (const toml::parse_error& e) {
    diagnostics_.error(message::kSpecSyntax, at(e.source().begin),
                       std::string(e.description()));
    return;
  }
  const auto known = sections();
  for (const auto& [key, node] : root) {
    const Origin origin{at(key.source().begin), {}};
    if (!known.contains(key.str()))
      error(origin, message::kSpecUnknown,
            fmt::format("unknown section [{}]{}", key.str(),
                        suggestion(key.str(), {known.begin(), known.end()},
                                   "; did you mean [{}]?")));
    else if (const toml::table* table = node.as_table())
      read_section(key.str(), *table);
    else
      error(origin, message::kSpecType,
            fmt::format("'{0}' must be a section: [{0}]", key.str()));
  }
}

void SpecReader::read_section(std::string_view section, const toml::table& table) {
  for (const auto& [key, node] : table) {
    const Origin origin{at(key.source().begin), {}};
    if (section == "cell" && key.str() == "parameters")
      read_parameters(node, origin);
    else
      assign(section, key.str(), value_of(node), origin);
  }
}

void SpecReader::read_parameters(const toml::node& node, const Origin& origin) {
  const toml::table* table = node.as_table();
  if (!table)
    return error(origin, message::kSpecType, "[cell.parameters] must be a section");
  for (const auto& [key, value] : *table)
    assign_parameter(std::string(key.str()), value_of(value),
                     {at(key.source().begin), {}});
}

void SpecReader::apply_override(const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::string name = text.substr(0, equals);
  const Origin origin{{}, name};
  const std::size_t dot = name.rfind('.');
  if (equals == std::string::npos || dot == std::string::npos)
    return error(origin, message::kSpecSyntax,
                 "needs the form section.key=value, such as wire.word_line_resistance=2");
  const std::string section = name.substr(0, dot), key = name.substr(dot + 1);
  const Value value = value_of(std::string_view(text).substr(equals + 1));
  if (section == kParameters)
    assign_parameter(key, value, origin);
  else
    assign(section, key, value, origin);
}

void SpecReader::assign(std::string_view section, std::string_view name,
                        const Value& value, const Origin& origin) {
  const SpecKey* key = find_spec_key(section, name);
  if (!key) return refuse_unknown(section, name, origin);
  given_[key->full_name()] = origin;
  pending_.push_back({key, value, origin});
}

/// The array and its cells first: the defaults of the other keys depend on them.
void SpecReader::assign_pending() {
  const auto decides = [](const Pending& p) {
    return p.key->section == "array" || p.key->full_name() == "cell.structure";
  };
  for (const Pending& p : pending_)
    if (decides(p)) assign(*p.key, p.value, p.origin);
  if (!diagnostics_.has_errors()) settle_type();
  defaults_ = spec_;
  for (const Pending& p : pending_)
    if (!decides(p)) assign(*p.key, p.value, p.origin);
}

void SpecReader::settle_type() {
  const ArrayType* type = find_array_type(spec_.array.type);
  if (!type) return;  // missing: check_required() says so
  const bool chosen = given_.contains("cell.structure");
  const CellStructure* structure =
      chosen ? find_structure(*type, spec_.cell.structure) : &type->structures.front();
  if (structure) return apply_defaults(*type, *structure, spec_);
  std::vector<std::string_view> offered;
  for (const CellStructure& s : type->structures) offered.push_back(s.name);
  error(given_.at("cell.structure"), message::kSpecContradiction,
        fmt::format("a {} array has no cell.structure \"{}\"; it has \"{}\"", type->name,
                    spec_.cell.structure, fmt::join(offered, "\", \"")));
}

void SpecReader::refuse_unknown(std::string_view section, std::string_view name,
                                const Origin& origin) {
  std::vector<std::string_view> beside;
  std::string elsewhere;
  for (const SpecKey& key : spec_keys()) {
    if (key.section == section) beside.push_back(key.name);
    if (key.name == name && elsewhere.empty())
      elsewhere = fmt::format("; did you mean '{}'?", key.full_name());
  }
  std::string hint = suggestion(name, beside, "; did you mean '{}'?");
  if (hint.empty()) hint = elsewhere;
  if (hint.empty() && beside.empty()) {
    const auto known = sections();
    hint =
        suggestion(section, {known.begin(), known.end()}, "; did you mean section '{}'?");
  }
  if (hint.empty() && !beside.empty())
    hint = fmt::format("; [{}] has {}", section, fmt::join(beside, ", "));
  error(origin, message::kSpecUnknown,
        fmt::format("unknown key '{}.{}'{}", section, name, hint));
}

void SpecReader::assign(const SpecKey& key, const Value& value, const Origin& origin) {
  const auto refuse = [&](const Message& message, std::string_view hint = {}) {
    error(origin, message,
          fmt::format("'{}' must be {}{}", key.full_name(), key.allowed(), hint));
  };
  if (const auto* text = std::get_if<SpecKey::Text>(&key.member)) {
    const auto* given = std::get_if<std::string>(&value);
    if (!given) return refuse(message::kSpecType);
    if (std::find(key.words.begin(), key.words.end(), *given) == key.words.end())
      return refuse(message::kSpecRange,
                    suggestion(*given, {key.words.begin(), key.words.end()},
                               "; did you mean \"{}\"?"));
    (*text)(spec_) = *given;
  } else if (const auto* integer = std::get_if<SpecKey::Integer>(&key.member)) {
    const auto given = as_integer(value);
    if (!given) return refuse(message::kSpecType);
    if (!key.range.contains(static_cast<double>(*given)))
      return refuse(message::kSpecRange, fmt::format(", not {}", *given));
    (*integer)(spec_) = *given;
  } else {
    const auto given = as_number(value);
    if (!given) return refuse(message::kSpecType);
    if (!std::isfinite(*given) || !key.range.contains(*given))
      return refuse(message::kSpecRange, fmt::format(", not {}", *given));
    std::get<SpecKey::Number>(key.member)(spec_) = *given;
  }
}

void SpecReader::assign_parameter(const std::string& name, const Value& value,
                                  const Origin& origin) {
  given_[fmt::format("{}.{}", kParameters, name)] = origin;
  const auto given = as_number(value);
  if (!given || !std::isfinite(*given))
    return error(origin, message::kSpecType,
                 fmt::format("'{}.{}' must be a number", kParameters, name));
  spec_.cell.parameters[name] = *given;
}

void SpecReader::check_required() {
  for (const SpecKey& key : spec_keys())
    if (key.is_required() && !given_.contains(key.full_name()))
      diagnostics_.error(message::kSpecMissing, {file_, 1, 1},
                         fmt::format("'{}' is missing: {}; it must be {}",
                                     key.full_name(), key.doc, key.allowed()));
}

void SpecReader::check_parameters() {
  const auto table = cell_parameters(spec_.cell.model);
  std::vector<std::string_view> names;
  for (const ParameterInfo& p : table) names.push_back(p.name);
  for (const auto& [name, value] : spec_.cell.parameters) {
    const Origin& origin = given_.at(fmt::format("{}.{}", kParameters, name));
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) {
      error(origin, message::kSpecUnknown,
            fmt::format("a {} cell has no parameter '{}'{}", spec_.cell.model, name,
                        suggestion(name, names, "; did you mean '{}'?")));
      continue;
    }
    const ParameterInfo& p = table[static_cast<std::size_t>(at - names.begin())];
    if (!p.range.contains(value))
      error(origin, message::kSpecRange,
            fmt::format("'{}.{}' is out of range: {}, not {}", kParameters, name, p.doc,
                        value));
  }
}

/// Where the first of two keys that was given stands.
Origin SpecReader::place(std::string_view first, std::string_view second) const {
  for (const std::string_view key : {first, second})
    if (const auto at = given_.find(std::string(key)); at != given_.end())
      return at->second;
  return Origin{};
}

void SpecReader::check_converters() {
  const auto& c = spec_.converter;
  const std::string_view unit = array_type(spec_).experiment(spec_).unit;
  if (c.adc == "tdc" && unit != "s")
    error(place("converter.adc", "array.type"), message::kSpecContradiction,
          fmt::format("'converter.adc' = \"tdc\" converts times; the outputs of this "
                      "array are in {}",
                      unit));
  if (c.dac_bits > 0 && cell_structure(spec_).input.unit == "level")
    error(place("converter.dac_bits", "cell.structure"), message::kSpecContradiction,
          "'converter.dac_bits' must be 0 where inputs are levels");
  if (c.range == "fixed" && c.adc != "tdc" && !(c.maximum > c.minimum))
    error(place("converter.maximum", "converter.range"), message::kSpecContradiction,
          fmt::format("'converter.maximum' = {} must be above 'converter.minimum' = {}",
                      c.maximum, c.minimum));
}

void SpecReader::check_together() {
  if (spec_.cell.minimum > spec_.cell.maximum)
    error(place("cell.minimum", "cell.maximum"), message::kSpecContradiction,
          fmt::format("'cell.minimum' = {} is greater than 'cell.maximum' = {}",
                      spec_.cell.minimum, spec_.cell.maximum));
  const ArrayType& type = array_type(spec_);
  const CellStructure& structure = cell_structure(spec_);
  if (std::find(structure.senses.begin(), structure.senses.end(), spec_.sense.kind) ==
      structure.senses.end())
    error(place("sense.kind", "cell.structure"), message::kSpecContradiction,
          fmt::format("{} cells of a {} array are sensed by \"{}\", not \"{}\"",
                      structure.name, type.name, fmt::join(structure.senses, "\" or \""),
                      spec_.sense.kind));
  if (const std::string why = type.contradiction(spec_); !why.empty())
    error(place("array.type", "array.type"), message::kSpecContradiction, why);
  if (has_pairs(spec_) && type.name != "current-domain")
    error(place("array.pairs", "array.type"), message::kSpecContradiction,
          "only a current-domain array has 'array.pairs'");
  const ConductanceRange range = programmable(spec_);
  if (structure.weight.unit == "S" &&
      (spec_.cell.minimum < range.low || spec_.cell.maximum > range.high))
    error(place("cell.minimum", "cell.maximum"), message::kSpecContradiction,
          fmt::format("a {} cell can be programmed from {} to {} S; 'cell.minimum' and "
                      "'cell.maximum' must lie within",
                      spec_.cell.model, range.low, range.high));
  try {
    ThresholdSelector::Model selector = spec_.selector.threshold;
    ThresholdSelector::prepare(selector, kRoomTemperature);
  } catch (const std::invalid_argument& contradiction) {
    error(place("selector.threshold_voltage", "selector.holding_current"),
          message::kSpecContradiction,
          fmt::format("the threshold selector of [selector]: {}", contradiction.what()));
  }
  check_converters();
  if (spec_.variation.stuck_off + spec_.variation.stuck_on > 1.0)
    error(place("variation.stuck_off", "variation.stuck_on"), message::kSpecContradiction,
          fmt::format("'variation.stuck_off' + 'variation.stuck_on' = {} is more than 1",
                      spec_.variation.stuck_off + spec_.variation.stuck_on));
}

/// Values that were given, differ from the default and change nothing.
void SpecReader::warn_of_unused() {
  for (const SpecKey& key : spec_keys()) {
    const auto given = given_.find(key.full_name());
    const std::string condition = missing_condition(key, spec_);
    if (given == given_.end() || condition.empty() ||
        spec_value(key, spec_) == spec_value(key, defaults_))
      continue;
    diagnostics_.warning(
        message::kIgnored, given->second.where,
        fmt::format("'{}' has no effect without {}", key.full_name(), condition));
  }
}

std::optional<ArraySpec> SpecReader::finish() {
  assign_pending();
  if (!diagnostics_.has_errors()) check_required();
  if (!diagnostics_.has_errors()) {
    check_parameters();
    check_together();
  }
  if (diagnostics_.has_errors()) return std::nullopt;
  warn_of_unused();
  return std::move(spec_);
}

}  // namespace

std::optional<ArraySpec> read_spec_text(std::string text, const std::string& name,
                                        const std::vector<std::string>& overrides,
                                        Sources& sources, Diagnostics& diagnostics) {
  SpecReader reader(sources.add(name, std::move(text)), sources, diagnostics);
  reader.read_text();
  for (const std::string& text_of_override : overrides)
    reader.apply_override(text_of_override);
  return reader.finish();
}

std::optional<ArraySpec> read_spec(const std::filesystem::path& path,
                                   const std::vector<std::string>& overrides,
                                   Sources& sources, Diagnostics& diagnostics) {
  constexpr std::uintmax_t kMost = 16 << 20;
  return read_spec_text(read_file(path, kMost), path.string(), overrides, sources,
                        diagnostics);
}

std::string write_spec(const ArraySpec& spec) {
  ArraySpec copy = spec;
  std::string text;
  std::string_view section;
  const auto write_parameters = [&] {
    if (section != "cell" || copy.cell.parameters.empty()) return;
    text += fmt::format("\n[{}]\n", kParameters);
    for (const auto& [name, value] : copy.cell.parameters)
      text += fmt::format("{} = {}\n", name, value);
  };
  for (const SpecKey& key : spec_keys()) {
    if (key.section != section) {
      write_parameters();
      section = key.section;
      text += fmt::format("{}[{}]\n", text.empty() ? "" : "\n", section);
    }
    text += fmt::format("{} = {}\n", key.name, spec_value(key, copy));
  }
  return text;
}

bool uses_amplifier(const ArraySpec& spec) {
  const std::string& kind = spec.sense.kind;
  return kind == "tia" || kind == "integrator" || kind == "charge-amplifier" ||
         kind == "crossing-time" || kind == "integrated-voltage" || kind == "frequency" ||
         kind == "count" || kind == "regulated-cascode";
}

std::string describe_spec_keys() {
  ArraySpec defaults;
  std::string text =
      "| key | unit | default | allowed | meaning |\n|---|---|---|---|---|\n";
  for (const SpecKey& key : spec_keys())
    text += fmt::format("| `{}` | {} | {} | {} | {} |\n", key.full_name(), key.unit,
                        key.is_required() ? "none" : spec_value(key, defaults),
                        key.allowed(), key.doc);
  for (const std::string_view model : cell_models())
    for (const ParameterInfo& p : cell_parameters(model))
      text += fmt::format("| `{}.{}` ({}) | {} | {} | | {} |\n", kParameters, p.name,
                          model, p.unit, p.default_value, p.doc);
  return text;
}

}  // namespace arrayspice
