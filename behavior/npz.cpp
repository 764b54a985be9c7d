// SPDX-License-Identifier: Apache-2.0
// ZIP (PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12, 4.3.16): per member a local header and
// its bytes, then a central directory that repeats the headers with their offsets, then
// one end record. All integers little-endian.
#include "behavior/npz.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "netlists/atomic_file.hpp"
#include "netlists/failure.hpp"

namespace arrayspice {

namespace {

constexpr std::uint32_t kLocalHeader = 0x04034b50, kCentralHeader = 0x02014b50,
                        kEndRecord = 0x06054b50;
constexpr std::size_t kLocalSize = 30, kCentralSize = 46, kEndSize = 22;
constexpr std::uint64_t kLargest = 0xfffffffe;  // of 32-bit sizes and offsets
constexpr std::string_view kArraySuffix = ".npy";

void put(std::string& out, std::uint64_t value, int bytes) {
  for (int k = 0; k < bytes; ++k) out += static_cast<char>(value >> (8 * k) & 0xff);
}

std::uint32_t get(std::string_view bytes, std::size_t at, int count) {
  std::uint32_t value = 0;
  for (int k = 0; k < count; ++k)
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + k]))
             << (8 * k);
  return value;
}

std::uint32_t checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      ::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

/// The fields that the local and the central header share, from "version needed" on.
std::string shared_fields(const std::string& name, std::string_view bytes) {
  constexpr std::uint32_t kVersion = 20, kFlags = 0, kStored = 0;
  constexpr std::uint32_t kTime = 0, kDate = 0x0021;  // 1980-01-01
  std::string out;
  for (const std::uint32_t field : {kVersion, kFlags, kStored, kTime, kDate})
    put(out, field, 2);
  put(out, checksum(bytes), 4);
  put(out, bytes.size(), 4);  // compressed
  put(out, bytes.size(), 4);  // as it was
  put(out, name.size(), 2);
  put(out, 0, 2);  // extra field
  return out;
}

class ZipWriter {
 public:
  void add(const std::string& name, std::string_view bytes) {
    if (file_.size() + bytes.size() + kLocalSize + name.size() > kLargest)
      throw Failure(Exit::Resource,
                    fmt::format("member {} makes the .npz larger than 4 GiB", name));
    const std::string fields = shared_fields(name, bytes);
    put(central_, kCentralHeader, 4);
    put(central_, 20, 2);  // version made by
    central_ += fields;
    put(central_, 0, 2);  // comment
    put(central_, 0, 2);  // disk
    put(central_, 0, 2);  // internal attributes
    put(central_, 0, 4);  // external attributes
    put(central_, file_.size(), 4);
    central_ += name;
    put(file_, kLocalHeader, 4);
    file_ += fields;
    file_ += name;
    file_ += bytes;
    ++members_;
  }

  std::string finish() && {
    const std::size_t start = file_.size();
    file_ += central_;
    put(file_, kEndRecord, 4);
    put(file_, 0, 4);  // disks
    put(file_, members_, 2);
    put(file_, members_, 2);
    put(file_, central_.size(), 4);
    put(file_, start, 4);
    put(file_, 0, 2);  // comment
    return std::move(file_);
  }

 private:
  std::string file_, central_;
  std::size_t members_ = 0;
};

struct Member {
  std::string name;
  std::string_view bytes;
};

class ZipReader {
 public:
  ZipReader(std::string_view bytes, const std::string& name)
      : bytes_(bytes), name_(name) {}

  std::vector<Member> members() const {
    const std::size_t end = end_record();
    const std::uint32_t count = get(bytes_, end + 10, 2);
    std::size_t at = get(bytes_, end + 16, 4);
    std::vector<Member> members;
    for (std::uint32_t k = 0; k < count; ++k) {
      require(at, kCentralSize, kCentralHeader);
      members.push_back(member(at));
      at += kCentralSize + get(bytes_, at + 28, 2) + get(bytes_, at + 30, 2) +
            get(bytes_, at + 32, 2);
    }
    return members;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw Failure(Exit::Input, fmt::format("{}: {}", name_, why));
  }

  void require(std::size_t at, std::size_t size, std::uint32_t magic) const {
    if (at + size > bytes_.size() || get(bytes_, at, 4) != magic)
      refuse("damaged .npz file: a header is missing");
  }

  /// The end record is the last thing but a comment of at most 64 KiB.
  std::size_t end_record() const {
    std::string magic;
    put(magic, kEndRecord, 4);
    const std::size_t at = bytes_.rfind(magic);
    if (at == std::string_view::npos || at + kEndSize > bytes_.size())
      refuse("not an .npz file (no ZIP directory at its end)");
    return at;
  }

  Member member(std::size_t central) const {
    const std::size_t name_size = get(bytes_, central + 28, 2);
    const std::size_t size = get(bytes_, central + 20, 4);
    const std::size_t local = get(bytes_, central + 42, 4);
    if (central + kCentralSize + name_size > bytes_.size())
      refuse("damaged .npz file: a name is cut off");
    std::string name(bytes_.substr(central + kCentralSize, name_size));
    if (get(bytes_, central + 10, 2) != 0)
      refuse(fmt::format("member {} is compressed; save with numpy.savez", name));
    require(local, kLocalSize, kLocalHeader);
    const std::size_t data =
        local + kLocalSize + get(bytes_, local + 26, 2) + get(bytes_, local + 28, 2);
    if (data + size > bytes_.size())
      refuse(fmt::format("damaged .npz file: member {} is cut off", name));
    const std::string_view bytes = bytes_.substr(data, size);
    if (checksum(bytes) != get(bytes_, central + 16, 4))
      refuse(fmt::format("damaged .npz file: wrong checksum of member {}", name));
    return {std::move(name), bytes};
  }

  std::string_view bytes_;
  const std::string& name_;
};

}  // namespace

std::string npz_bytes(const NpzContents& contents) {
  ZipWriter zip;
  for (const auto& [name, text] : contents.texts) zip.add(name, text);
  for (const auto& [name, array] : contents.arrays)
    zip.add(name + std::string(kArraySuffix), npy_bytes(array.shape, array.values));
  return std::move(zip).finish();
}

void write_npz(const std::filesystem::path& path, const NpzContents& contents) {
  write_file(path, npz_bytes(contents));
}

NpzContents parse_npz(std::string_view bytes, const std::string& name) {
  NpzContents contents;
  for (const Member& member : ZipReader(bytes, name).members()) {
    if (!member.name.ends_with(kArraySuffix)) {
      contents.texts[member.name] = member.bytes;
      continue;
    }
    const std::string array =
        member.name.substr(0, member.name.size() - kArraySuffix.size());
    contents.arrays[array] = parse_npy(member.bytes, fmt::format("{}[{}]", name, array));
  }
  return contents;
}

NpzContents read_npz(const std::filesystem::path& path) {
  return parse_npz(read_file(path), path.string());
}

NpyArray npy_scalar(double value) { return {{}, {value}}; }

NpyArray npy_vector(std::vector<double> values) {
  const auto n = static_cast<std::int64_t>(values.size());
  return {{n}, std::move(values)};
}

}  // namespace arrayspice
