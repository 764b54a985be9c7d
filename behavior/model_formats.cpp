// SPDX-License-Identifier: Apache-2.0
#include "behavior/model_formats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "behavior/model_file.hpp"
#include "behavior/output_folder.hpp"
#include "behavior/table.hpp"

namespace arrayspice {

std::string safetensors_bytes(const NpzContents& contents) {
  nlohmann::ordered_json header;
  for (const auto& [name, text] : contents.texts) header["__metadata__"][name] = text;
  std::size_t offset = 0;
  for (const auto& [name, array] : contents.arrays) {
    const std::size_t end = offset + array.values.size() * sizeof(double);
    header[name] = {
        {"dtype", "F64"}, {"shape", array.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  constexpr std::size_t kAlignment = 8;
  text.append((kAlignment - text.size() % kAlignment) % kAlignment, ' ');
  const std::uint64_t length = text.size();
  std::string bytes(sizeof length, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);  // little-endian, as the host is
  bytes += text;
  for (const auto& [name, array] : contents.arrays)
    bytes.append(reinterpret_cast<const char*>(array.values.data()),
                 array.values.size() * sizeof(double));
  return bytes;
}

void write_csv_folder(const std::filesystem::path& path, const NpzContents& contents) {
  OutputFolder folder(path, kModelMeta);
  for (const auto& [name, text] : contents.texts) folder.write(name, text);
  for (const auto& [name, array] : contents.arrays) {
    const std::int64_t width = array.shape.empty() ? 1 : array.shape.back();
    Table table;
    for (std::int64_t c = 0; c < width; ++c) {
      std::vector<double> column;
      for (std::size_t k = c; k < array.values.size(); k += width)
        column.push_back(array.values[k]);
      table.add(fmt::format("{}", c), std::move(column));
    }
    std::string file = name + ".csv";
    std::replace(file.begin(), file.end(), '/', '_');
    folder.write(file, csv_text(table));
  }
  folder.commit();
}

}  // namespace arrayspice
