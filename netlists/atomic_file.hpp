// SPDX-License-Identifier: Apache-2.0
// A file that appears whole or not at all: written under a temporary name in the same
// folder, synchronised, renamed; removed when the writer gives up.
//
//   AtomicFile file("deck.cir");
//   file.write("* title\n");
//   file.commit();            // without it the destructor removes what was written
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace arrayspice {

class AtomicFile {
 public:
  /// Opens the temporary file; throws Failure(Exit::Resource) when that is impossible. A
  /// target that is a device or a pipe (/dev/stdout) is written directly.
  explicit AtomicFile(const std::filesystem::path& target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Appends; buffered. Throws Failure(Exit::Resource) on a full disk and the like.
  void write(std::string_view bytes);
  std::size_t position() const { return flushed_ + buffer_.size(); }
  /// Overwrites bytes written before: a count that is known only at the end.
  void patch(std::size_t position, std::string_view bytes);
  /// Everything to the disk, then under its name.
  void commit();

  /// Removes the temporary files of all that are open; async-signal-safe, for the handler
  /// of a signal that ends the process.
  static void remove_unfinished() noexcept;

 private:
  void flush();
  [[noreturn]] void fail(const char* doing) const;

  std::filesystem::path target_;
  std::filesystem::path temporary_;  // empty: written directly
  std::string buffer_;
  std::size_t flushed_ = 0;
  int descriptor_ = -1;
  int remembered_ = -1;  // where remove_unfinished() finds the name
};

/// The whole of it in one call.
void write_file(const std::filesystem::path& target, std::string_view bytes);

/// The bytes of a regular file; throws Failure(Exit::Resource) saying why not, also when
/// it has more than `most` bytes (0: any size).
std::string read_file(const std::filesystem::path& path, std::uintmax_t most = 0);

}  // namespace arrayspice
