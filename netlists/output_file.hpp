// SPDX-License-Identifier: Apache-2.0
// A file that appears whole or not at all: written under a temporary name in the folder
// of its final name, flushed to the disk, then renamed.
#pragma once

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <string_view>

namespace arrayspice {

class OutputFile {
 public:
  /// Opens the temporary file; throws Failure (Exit::Resource) when that is not possible.
  explicit OutputFile(std::filesystem::path path);
  /// Removes the temporary file unless commit() was called.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::string_view bytes);
  void write(const void* bytes, std::size_t count);
  std::size_t position() const { return position_; }
  /// Overwrites bytes that were written before (a count known only at the end).
  void patch(std::size_t position, std::string_view bytes);
  /// Makes the file appear under its name.
  void commit();

  const std::filesystem::path& path() const { return path_; }

  /// Removes the temporary files of every OutputFile that is open. Async-signal-safe: for
  /// the handler of a signal that ends the process.
  static void remove_unfinished() noexcept;

 private:
  [[noreturn]] void fail(const char* what) const;
  void open_temporary();
  void copy_to_device();

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  std::FILE* file_ = nullptr;
  std::size_t position_ = 0;
  int slot_ = -1;
};

}  // namespace arrayspice
