// SPDX-License-Identifier: Apache-2.0
// Tables as comma-separated text: one line of column names, then numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace arrayspice {

struct Table {
  std::vector<std::string> names;            ///< e.g. "settling_time (s)"
  std::vector<std::vector<double>> columns;  ///< one per name, all of one length

  void add(std::string name, std::vector<double> values);
  std::size_t rows() const { return columns.empty() ? 0 : columns.front().size(); }
};

/// Numbers in the shortest form that reads back exactly.
std::string csv_text(const Table& table);

/// Throws Failure (Exit::Input) with the line that is wrong; name is what messages call
/// the file.
Table parse_csv(std::string_view text, const std::string& name);

/// 0, 1, ... count - 1: the first column of many tables.
std::vector<double> index_column(std::int64_t count);

}  // namespace arrayspice
