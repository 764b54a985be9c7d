// SPDX-License-Identifier: Apache-2.0
#include "behavior/output_folder.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "netlists/atomic_file.hpp"
#include "netlists/failure.hpp"

namespace arrayspice {

namespace fs = std::filesystem;

namespace {

/// "out/" and "out" are the same folder; its name must not be empty to be renamed.
fs::path without_slash(fs::path path) {
  return path.has_filename() ? path : path.parent_path();
}

fs::path beside(const fs::path& path, const char* suffix) {
  fs::path other = path;
  return other.replace_filename(
      fmt::format(".{}.{}.{}", path.filename().string(), ::getpid(), suffix));
}

void refuse(const std::error_code& error, const char* doing, const fs::path& path) {
  if (error)
    throw Failure(Exit::Resource,
                  fmt::format("cannot {} {}: {}", doing, path.string(), error.message()));
}

}  // namespace

void OutputFolder::check(const fs::path& given, std::string_view record) {
  const fs::path path = without_slash(given);
  std::error_code error;
  if (fs::exists(path, error)) {
    if (!fs::is_directory(path, error))
      throw Failure(Exit::Input, fmt::format("{} is not a folder", path.string()));
    if (!fs::is_empty(path, error) && !fs::exists(path / record, error))
      throw Failure(Exit::Input,
                    fmt::format("{} holds other files (no {}); name a new folder",
                                path.string(), record));
  }
  const fs::path parent = path.has_parent_path() ? path.parent_path() : ".";
  if (::access(parent.c_str(), W_OK | X_OK) != 0)
    refuse(std::error_code(errno, std::generic_category()), "create", path);
}

OutputFolder::OutputFolder(fs::path path, std::string_view record)
    : path_(without_slash(std::move(path))), temporary_(beside(path_, "part")) {
  check(path_, record);
  std::error_code error;
  fs::remove_all(temporary_, error);
  fs::create_directory(temporary_, error);
  refuse(error, "create", path_);
}

OutputFolder::~OutputFolder() {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

void OutputFolder::write(std::string_view file, std::string_view bytes) const {
  write_file(temporary_ / file, bytes);
}

void OutputFolder::commit() {
  std::error_code error;
  const fs::path earlier = beside(path_, "old");
  const bool replaces = fs::exists(path_, error);
  if (replaces) {
    fs::rename(path_, earlier, error);
    refuse(error, "replace", path_);
  }
  fs::rename(temporary_, path_, error);
  if (error && replaces) {
    std::error_code ignored;
    fs::rename(earlier, path_, ignored);
  }
  refuse(error, "write", path_);
  temporary_.clear();
  fs::remove_all(earlier, error);
}

}  // namespace arrayspice
