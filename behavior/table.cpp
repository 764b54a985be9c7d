// SPDX-License-Identifier: Apache-2.0
#include "behavior/table.hpp"

#include <fmt/format.h>

#include <cassert>
#include <charconv>
#include <numeric>

#include "netlists/failure.hpp"

namespace arrayspice {

namespace {

/// Cuts the text before the first `separator` off `rest`.
std::string_view take(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return taken;
}

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  do fields.push_back(take(line, ','));
  while (!line.empty());
  return fields;
}

double number(std::string_view field, const std::string& name, std::size_t line) {
  double value = 0.0;
  const auto [end, error] =
      std::from_chars(field.data(), field.data() + field.size(), value);
  if (error != std::errc() || end != field.data() + field.size())
    throw Failure(Exit::Input,
                  fmt::format("{}:{}: '{}' is not a number", name, line, field));
  return value;
}

}  // namespace

void Table::add(std::string name, std::vector<double> values) {
  assert(columns.empty() || values.size() == rows());
  names.push_back(std::move(name));
  columns.push_back(std::move(values));
}

std::string csv_text(const Table& table) {
  std::string text = fmt::format("{}\n", fmt::join(table.names, ","));
  for (std::size_t row = 0; row < table.rows(); ++row)
    for (std::size_t c = 0; c < table.columns.size(); ++c)
      fmt::format_to(std::back_inserter(text), "{}{}", table.columns[c][row],
                     c + 1 < table.columns.size() ? ',' : '\n');
  return text;
}

Table parse_csv(std::string_view text, const std::string& name) {
  Table table;
  for (const std::string_view field : fields_of(take(text, '\n')))
    table.add(std::string(field), {});
  for (std::size_t line = 2; !text.empty(); ++line) {
    const auto fields = fields_of(take(text, '\n'));
    if (fields.size() != table.names.size())
      throw Failure(Exit::Input, fmt::format("{}:{}: {} values under {} names", name,
                                             line, fields.size(), table.names.size()));
    for (std::size_t c = 0; c < fields.size(); ++c)
      table.columns[c].push_back(number(fields[c], name, line));
  }
  return table;
}

std::vector<double> index_column(std::int64_t count) {
  std::vector<double> index(static_cast<std::size_t>(count));
  std::iota(index.begin(), index.end(), 0.0);
  return index;
}

}  // namespace arrayspice
