// SPDX-License-Identifier: Apache-2.0
#include "netlists/npy.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>

#include "netlists/atomic_file.hpp"
#include "netlists/failure.hpp"

namespace arrayspice {

static_assert(std::endian::native == std::endian::little,
              "numbers are copied as they lie in the file");

namespace {

constexpr std::string_view kMagic("\x93NUMPY", 6);

Failure bad(const std::string& name, const std::string& why) {
  return Failure(Exit::Input, fmt::format("{}: {}", name, why));
}

struct Header {
  std::string descr;
  bool fortran_order = false;
  std::vector<std::int64_t> shape;
  std::size_t data = 0;  ///< where the numbers start
};

/// The text behind `'key':` in a Python dictionary, blanks skipped.
std::optional<std::string_view> value_of_key(std::string_view dictionary,
                                             std::string_view key) {
  for (const char quote : {'\'', '"'}) {
    const std::size_t at = dictionary.find(fmt::format("{0}{1}{0}", quote, key));
    if (at == std::string_view::npos) continue;
    std::string_view rest = dictionary.substr(at + key.size() + 2);
    rest.remove_prefix(std::min(rest.find_first_not_of(" :"), rest.size()));
    return rest;
  }
  return std::nullopt;
}

std::optional<std::vector<std::int64_t>> parse_shape(std::string_view text) {
  if (!text.starts_with('(')) return std::nullopt;
  const std::size_t end = text.find(')');
  if (end == std::string_view::npos) return std::nullopt;
  text = text.substr(1, end - 1);
  std::vector<std::int64_t> shape;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(" ,"), text.size()));
    if (text.empty()) return shape;
    std::int64_t extent = 0;
    const auto [rest, error] =
        std::from_chars(text.data(), text.data() + text.size(), extent);
    if (error != std::errc() || extent < 0) return std::nullopt;
    shape.push_back(extent);
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  }
}

/// Length of the dictionary and where it starts: 2 bytes in version 1, 4 from version 2.
std::string_view dictionary_of(std::string_view bytes, const std::string& name) {
  if (!bytes.starts_with(kMagic))
    throw bad(name, "not a .npy file (it does not start with \\x93NUMPY)");
  if (bytes.size() < 12) throw bad(name, "truncated in the header");
  const int version = bytes[6];
  if (version < 1 || version > 3)
    throw bad(name, fmt::format(".npy version {}; versions 1 to 3 are read", version));
  std::uint32_t length = 0;
  std::memcpy(&length, bytes.data() + 8, version == 1 ? 2 : 4);
  const std::size_t start = version == 1 ? 10 : 12;
  if (length > bytes.size() - start) throw bad(name, "truncated in the header");
  return bytes.substr(start, length);
}

Header parse_header(std::string_view bytes, const std::string& name) {
  const std::string_view dictionary = dictionary_of(bytes, name);
  Header header;
  header.data =
      static_cast<std::size_t>(dictionary.data() - bytes.data()) + dictionary.size();
  const auto descr = value_of_key(dictionary, "descr");
  const auto order = value_of_key(dictionary, "fortran_order");
  const auto shape = value_of_key(dictionary, "shape");
  if (!descr || !order || !shape)
    throw bad(name, "the header lacks 'descr', 'fortran_order' or 'shape'");
  if (!descr->empty() && (descr->front() == '\'' || descr->front() == '"'))
    header.descr = descr->substr(1, descr->find(descr->front(), 1) - 1);
  header.fortran_order = order->starts_with("True");
  auto extents = parse_shape(*shape);
  if (!extents) throw bad(name, "the header's shape is not a tuple of sizes");
  header.shape = std::move(*extents);
  return header;
}

std::size_t item_size(const Header& header, const std::string& name) {
  if (header.descr == "<f8") return 8;
  if (header.descr == "<f4") return 4;
  const std::string_view shown =
      header.descr.empty() ? "structured" : std::string_view(header.descr);
  throw bad(name,
            fmt::format("dtype '{}' is not read; save as float64 ('<f8') or float32 "
                        "('<f4'), e.g. array.astype('<f8')",
                        shown));
}

/// Number of elements, checked against the bytes that are there before any allocation. In
/// floating point: exact below 2^53, and beyond it no file is as large.
std::size_t count_elements(const Header& header, std::size_t item, std::size_t available,
                           const std::string& name) {
  double bytes = static_cast<double>(item);
  for (const std::int64_t extent : header.shape) bytes *= static_cast<double>(extent);
  if (bytes != static_cast<double>(available))
    throw bad(name,
              fmt::format("shape {} of '{}' needs {:.0f} bytes of data, the file has {}",
                          shape_text(header.shape), header.descr, bytes, available));
  return available / item;
}

template <class T>
std::vector<double> convert(std::string_view data, std::size_t count) {
  std::vector<double> values(count);
  for (std::size_t k = 0; k < count; ++k) {
    T item;
    std::memcpy(&item, data.data() + k * sizeof(T), sizeof(T));
    values[k] = item;
  }
  return values;
}

/// Fortran order has the first index fastest, C order the last.
std::vector<double> to_c_order(const std::vector<double>& fortran,
                               std::span<const std::int64_t> shape) {
  std::vector<double> values(fortran.size());
  std::vector<std::int64_t> index(shape.size(), 0);
  for (const double value : fortran) {
    std::size_t k = 0;
    for (std::size_t d = 0; d < shape.size(); ++d) k = k * shape[d] + index[d];
    values[k] = value;
    for (std::size_t d = 0; d < shape.size() && ++index[d] == shape[d]; ++d) index[d] = 0;
  }
  return values;
}

}  // namespace

std::string shape_text(std::span<const std::int64_t> shape) {
  return fmt::format("({}{})", fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
}

std::string index_text(std::span<const std::int64_t> shape, std::size_t k) {
  std::vector<std::size_t> index(shape.size());
  for (std::size_t d = shape.size(); d-- > 0; k /= shape[d]) index[d] = k % shape[d];
  return fmt::format("[{}]", fmt::join(index, ", "));
}

NpyArray parse_npy(std::string_view bytes, const std::string& name) {
  Header header = parse_header(bytes, name);
  const std::size_t item = item_size(header, name);
  const std::string_view data = bytes.substr(header.data);
  const std::size_t count = count_elements(header, item, data.size(), name);
  NpyArray array{std::move(header.shape),
                 item == 8 ? convert<double>(data, count) : convert<float>(data, count)};
  if (header.fortran_order) array.values = to_c_order(array.values, array.shape);
  for (std::size_t k = 0; k < count; ++k)
    if (!std::isfinite(array.values[k]))
      throw bad(name, fmt::format("element {} is {}; every element must be finite",
                                  index_text(array.shape, k), array.values[k]));
  return array;
}

NpyArray read_npy(const std::filesystem::path& path) {
  return parse_npy(read_file(path), path.string());
}

std::string npy_bytes(std::span<const std::int64_t> shape,
                      std::span<const double> values) {
  std::string dictionary = fmt::format(
      "{{'descr': '<f8', 'fortran_order': False, 'shape': {}, }}", shape_text(shape));
  constexpr std::size_t kAlignment = 64, kPrefix = 10;  // magic, version, length
  dictionary.append(kAlignment - (kPrefix + dictionary.size() + 1) % kAlignment, ' ');
  dictionary += '\n';
  const auto length = static_cast<std::uint16_t>(dictionary.size());
  std::string bytes(kMagic);
  bytes.append(
      {'\x01', '\x00', static_cast<char>(length & 0xff), static_cast<char>(length >> 8)});
  bytes += dictionary;
  const std::size_t data = bytes.size();
  bytes.resize(data + values.size_bytes());
  if (!values.empty()) std::memcpy(&bytes[data], values.data(), values.size_bytes());
  return bytes;
}

void write_npy(const std::filesystem::path& path, std::span<const std::int64_t> shape,
               std::span<const double> values) {
  write_file(path, npy_bytes(shape, values));
}

}  // namespace arrayspice
