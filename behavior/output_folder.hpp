// SPDX-License-Identifier: Apache-2.0
// A folder of results that appears whole or not at all: filled under a temporary name
// beside its final one, then renamed.
#pragma once

#include <filesystem>
#include <string_view>

namespace arrayspice {

class OutputFolder {
 public:
  /// A folder that exists is replaced on commit() when it is empty or holds `record`, the
  /// file that marks it as an earlier result; anything else is refused (Failure,
  /// Exit::Input). Throws Failure (Exit::Resource) when the folder cannot be made.
  OutputFolder(std::filesystem::path path, std::string_view record);
  /// Throws what the constructor would, without making anything: to call before long
  /// work.
  static void check(const std::filesystem::path& path, std::string_view record);
  /// Removes what was written unless commit() was called.
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  void write(std::string_view file, std::string_view bytes) const;
  void commit();

 private:
  std::filesystem::path path_, temporary_;
};

}  // namespace arrayspice
