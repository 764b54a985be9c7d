// SPDX-License-Identifier: Apache-2.0
// Names and numbers are those of the HDF5 File Format Specification, version 3.0:
// superblock version 2, object headers version 2, links kept in the header of their
// group.
#include "behavior/hdf5.hpp"

#include <bit>
#include <memory>

namespace arrayspice {

namespace {

constexpr std::uint64_t kUndefined = ~std::uint64_t{0};
constexpr std::size_t kSuperblockSize = 48;

enum Message : std::uint8_t {
  kDataspace = 1,
  kLinkInfo = 2,
  kDatatype = 3,
  kFillValue = 5,
  kLink = 6,
  kLayout = 8,
  kGroupInfo = 10
};

std::string number(std::uint64_t value, int bytes) {
  std::string out;
  for (int k = 0; k < bytes; ++k) out += static_cast<char>(value >> (8 * k) & 0xff);
  return out;
}

std::string octets(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) out += static_cast<char>(value);
  return out;
}

std::string message(Message type, const std::string& data) {
  return number(type, 1) + number(data.size(), 2) + number(0, 1) + data;
}

std::string object_header(const std::string& messages) {
  const std::string header = "OHDR" + octets({2, 0x02}) +  // sizes of four bytes
                             number(messages.size(), 4) + messages;
  return header + number(lookup3(header), 4);
}

/// IEEE 754 double, little-endian.
std::string float64_type() {
  return octets({0x11, 0x20, 63, 0}) + number(sizeof(double), 4) + number(0, 2) +
         number(64, 2) + octets({52, 11, 0, 52}) + number(1023, 4);
}

/// UTF-8 of a fixed length, padded with zeros.
std::string string_type(std::size_t length) {
  return octets({0x13, 0x11, 0, 0}) + number(length, 4);
}

std::string dataspace(const std::vector<std::int64_t>& shape) {
  std::string out = octets({2, static_cast<int>(shape.size()), 0, shape.empty() ? 0 : 1});
  for (const std::int64_t n : shape) out += number(static_cast<std::uint64_t>(n), 8);
  return out;
}

struct Group {
  std::map<std::string, std::uint64_t> datasets;  ///< addresses of their headers
  std::map<std::string, std::unique_ptr<Group>> groups;
};

class Hdf5Writer {
 public:
  Hdf5Writer() : file_(kSuperblockSize, '\0') {}

  void add(std::string_view name, const std::string& type, const std::string& space,
           std::string_view bytes) {
    const std::uint64_t data = bytes.empty() ? kUndefined : append(bytes);
    const std::string layout = octets({3, 1}) + number(data, 8) + number(bytes.size(), 8);
    const std::string header = message(kDataspace, space) + message(kDatatype, type) +
                               message(kFillValue, octets({3, 0x0a})) +
                               message(kLayout, layout);
    Group* group = &root_;
    for (std::size_t slash; (slash = name.find('/')) != name.npos;) {
      auto& inner = group->groups[std::string(name.substr(0, slash))];
      if (!inner) inner = std::make_unique<Group>();
      group = inner.get();
      name.remove_prefix(slash + 1);
    }
    group->datasets[std::string(name)] = append(object_header(header));
  }

  std::string finish() && {
    const std::uint64_t root = write(root_);
    const std::string start = "\x89HDF\r\n\x1a\n" + octets({2, 8, 8, 0}) + number(0, 8) +
                              number(kUndefined, 8) + number(file_.size(), 8) +
                              number(root, 8);
    file_.replace(0, kSuperblockSize, start + number(lookup3(start), 4));
    return std::move(file_);
  }

 private:
  /// Where the bytes start, which is a multiple of 8.
  std::uint64_t append(std::string_view bytes) {
    file_.append((8 - file_.size() % 8) % 8, '\0');
    const std::uint64_t at = file_.size();
    file_ += bytes;
    return at;
  }

  std::uint64_t write(const Group& group) {
    std::map<std::string, std::uint64_t> links = group.datasets;
    for (const auto& [name, inner] : group.groups) links[name] = write(*inner);
    std::string messages = message(kLinkInfo, octets({0, 0}) + number(kUndefined, 8) +
                                                  number(kUndefined, 8)) +
                           message(kGroupInfo, octets({0, 0}));
    for (const auto& [name, header] : links)
      messages += message(
          kLink, octets({1, 0}) + number(name.size(), 1) + name + number(header, 8));
    return append(object_header(messages));
  }

  std::string file_;
  Group root_;
};

}  // namespace

std::uint32_t lookup3(std::string_view bytes) {
  using U = std::uint32_t;
  U a = 0xdeadbeef + static_cast<U>(bytes.size()), b = a, c = a;
  const auto word = [&](std::size_t at) {
    U value = 0;
    for (std::size_t k = 0; k < 4 && at + k < bytes.size(); ++k)
      value |= static_cast<U>(static_cast<unsigned char>(bytes[at + k])) << (8 * k);
    return value;
  };
  const auto mix = [](U& to, U& from, U& next, int turn) {
    to = (to - from) ^ std::rotl(from, turn);
    from += next;
  };
  const auto fold = [](U& to, U from, int turn) {
    to = (to ^ from) - std::rotl(from, turn);
  };
  std::size_t at = 0;
  const auto take = [&] {
    a += word(at);
    b += word(at + 4);
    c += word(at + 8);
    at += 12;
  };
  while (bytes.size() > at + 12) {
    take();
    mix(a, c, b, 4), mix(b, a, c, 6), mix(c, b, a, 8);
    mix(a, c, b, 16), mix(b, a, c, 19), mix(c, b, a, 4);
  }
  if (at == bytes.size()) return c;
  take();
  fold(c, b, 14), fold(a, c, 11), fold(b, a, 25);
  fold(c, b, 16), fold(a, c, 4), fold(b, a, 14), fold(c, b, 24);
  return c;
}

std::string hdf5_bytes(const NpzContents& contents) {
  Hdf5Writer writer;
  for (const auto& [name, text] : contents.texts)
    writer.add(name, string_type(text.size()), dataspace({}), text);
  for (const auto& [name, array] : contents.arrays)  // little-endian, as the host is
    writer.add(name, float64_type(), dataspace(array.shape),
               {reinterpret_cast<const char*>(array.values.data()),
                array.values.size() * sizeof(double)});
  return std::move(writer).finish();
}

}  // namespace arrayspice
