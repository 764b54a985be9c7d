// SPDX-License-Identifier: Apache-2.0
#include "netlists/output_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>

#include "netlists/failure.hpp"

namespace arrayspice {

namespace {

// What a signal handler must find: names of open temporary files, at fixed places.
constexpr std::size_t kMostOpen = 16;
constexpr std::size_t kLongestName = 4096;
struct Unfinished {
  std::atomic<int> in_use{0};
  std::array<char, kLongestName> name{};
};
std::array<Unfinished, kMostOpen>& unfinished() {
  static std::array<Unfinished, kMostOpen> table;
  return table;
}

int remember(const std::string& name) {
  if (name.size() >= kLongestName) return -1;
  auto& table = unfinished();
  for (std::size_t k = 0; k < table.size(); ++k) {
    int free = 0;
    if (!table[k].in_use.compare_exchange_strong(free, 1)) continue;
    std::memcpy(table[k].name.data(), name.c_str(), name.size() + 1);
    table[k].in_use = 2;
    return static_cast<int>(k);
  }
  return -1;
}

void forget(int slot) {
  if (slot >= 0) unfinished()[static_cast<std::size_t>(slot)].in_use = 0;
}

/// Renaming is durable once the folder itself is on the disk.
void flush_folder(const std::filesystem::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : ".";
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

OutputFile::OutputFile(std::filesystem::path path) : path_(std::move(path)) {
  std::error_code ignored;
  const auto status = std::filesystem::status(path_, ignored);
  if (std::filesystem::is_directory(status)) {
    errno = EISDIR;
    fail("write");
  }
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    file_ = std::tmpfile();  // a device or a pipe: nothing to rename, copied at the end
    if (!file_) fail("write");
    return;
  }
  if (std::filesystem::is_symlink(path_, ignored))
    path_ = std::filesystem::weakly_canonical(path_);
  open_temporary();
}

void OutputFile::open_temporary() {
  std::string name = path_.string() + ".XXXXXX";
  const int descriptor = ::mkstemp(name.data());
  if (descriptor < 0) fail("write");
  temporary_ = name;
  slot_ = remember(name);
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(descriptor, 0666 & ~mask);
  file_ = ::fdopen(descriptor, "wb");
}

OutputFile::~OutputFile() {
  if (file_) std::fclose(file_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  forget(slot_);
}

void OutputFile::fail(const char* what) const {
  throw Failure(Exit::Resource, fmt::format("cannot {} '{}': {}", what, path_.string(),
                                            std::strerror(errno)));
}

void OutputFile::write(const void* bytes, std::size_t count) {
  if (count > 0 && std::fwrite(bytes, 1, count, file_) != count) fail("write");
  position_ += count;
}

void OutputFile::write(std::string_view bytes) { write(bytes.data(), bytes.size()); }

void OutputFile::patch(std::size_t position, std::string_view bytes) {
  if (std::fseek(file_, static_cast<long>(position), SEEK_SET) != 0 ||
      std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size() ||
      std::fseek(file_, 0, SEEK_END) != 0)
    fail("write");
}

void OutputFile::commit() {
  if (temporary_.empty()) return copy_to_device();
  if (std::fflush(file_) != 0 || ::fsync(::fileno(file_)) != 0) fail("write");
  std::FILE* closing = file_;
  file_ = nullptr;
  if (std::fclose(closing) != 0) fail("write");
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) fail("write");
  temporary_.clear();
  flush_folder(path_);
}

void OutputFile::copy_to_device() {
  std::FILE* device = std::fopen(path_.c_str(), "wb");
  if (!device) fail("write");
  std::rewind(file_);
  std::array<char, 65536> buffer;
  bool good = true;
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), file_))
    good = good && std::fwrite(buffer.data(), 1, n, device) == n;
  good = std::fclose(device) == 0 && good;
  if (!good) fail("write");
}

void OutputFile::remove_unfinished() noexcept {
  for (Unfinished& file : unfinished())
    if (file.in_use == 2) ::unlink(file.name.data());
}

}  // namespace arrayspice
