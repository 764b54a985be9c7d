// SPDX-License-Identifier: Apache-2.0
#include "netlists/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "netlists/failure.hpp"

namespace arrayspice {

namespace {

constexpr std::size_t kBuffer = 1 << 20;

/// The file itself where `target` is a link to one, so that the link survives.
std::filesystem::path follow_links(const std::filesystem::path& target) {
  std::error_code ignored;
  auto followed = std::filesystem::weakly_canonical(target, ignored);
  return ignored || followed.empty() ? target : followed;
}

bool is_written_directly(const std::filesystem::path& target) {
  struct stat status;
  return ::stat(target.c_str(), &status) == 0 && !S_ISREG(status.st_mode) &&
         !S_ISDIR(status.st_mode);
}

// What a signal handler can reach: names of open temporary files at fixed places.
struct Unfinished {
  enum { Free, Claimed, Named };
  std::atomic<int> state{Free};
  std::array<char, 4096> name{};
};
std::array<Unfinished, 16> unfinished;

int remember(const std::string& name) {
  for (std::size_t k = 0; k < unfinished.size() && name.size() < 4096; ++k) {
    int expected = Unfinished::Free;
    if (!unfinished[k].state.compare_exchange_strong(expected, Unfinished::Claimed))
      continue;
    std::memcpy(unfinished[k].name.data(), name.c_str(), name.size() + 1);
    unfinished[k].state = Unfinished::Named;
    return static_cast<int>(k);
  }
  return -1;
}

}  // namespace

AtomicFile::AtomicFile(const std::filesystem::path& target) : target_(target) {
  if (is_written_directly(target_)) {
    descriptor_ = ::open(target_.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor_ < 0) fail("open");
    return;
  }
  std::error_code ignored;
  if (std::filesystem::is_directory(target_, ignored)) {
    errno = EISDIR;
    fail("write");
  }
  target_ = follow_links(target_);
  temporary_ = target_;
  temporary_.replace_filename(
      fmt::format(".{}.{}.part", target_.filename().string(), ::getpid()));
  descriptor_ =
      ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail("create");
  remembered_ = remember(temporary_.string());
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
  }
  if (remembered_ >= 0) unfinished[remembered_].state = Unfinished::Free;
}

void AtomicFile::remove_unfinished() noexcept {
  for (const Unfinished& file : unfinished)
    if (file.state == Unfinished::Named) ::unlink(file.name.data());
}

void AtomicFile::write(std::string_view bytes) {
  buffer_.append(bytes);
  const bool can_patch_later = !temporary_.empty();
  if (buffer_.size() >= kBuffer && can_patch_later) flush();
}

void AtomicFile::patch(std::size_t position, std::string_view bytes) {
  if (position >= flushed_) {
    buffer_.replace(position - flushed_, bytes.size(), bytes);
    return;
  }
  flush();
  const ssize_t written =
      ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(position));
  if (written != static_cast<ssize_t>(bytes.size())) fail("write");
}

void AtomicFile::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write");
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  flushed_ += buffer_.size();
  buffer_.clear();
}

void AtomicFile::commit() {
  flush();
  if (temporary_.empty()) return;
  if (::fsync(descriptor_) != 0) fail("write");
  if (::close(std::exchange(descriptor_, -1)) != 0 ||
      ::rename(temporary_.c_str(), target_.c_str()) != 0) {
    const int why = errno;
    ::unlink(temporary_.c_str());
    errno = why;
    fail("write");
  }
}

void AtomicFile::fail(const char* doing) const {
  throw Failure(Exit::Resource, fmt::format("cannot {} {}: {}", doing, target_.string(),
                                            std::strerror(errno)));
}

void write_file(const std::filesystem::path& target, std::string_view bytes) {
  AtomicFile file(target);
  file.write(bytes);
  file.commit();
}

std::string read_file(const std::filesystem::path& path, std::uintmax_t most) {
  const auto refuse = [&](const std::string& why) {
    return Failure(Exit::Resource, fmt::format("cannot read {}: {}", path.string(), why));
  };
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) throw refuse("no such file");
  if (!std::filesystem::is_regular_file(status)) throw refuse("not a regular file");
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) throw refuse(error.message());
  if (most != 0 && size > most)
    throw refuse(fmt::format("{} bytes, more than the limit of {}", size, most));
  std::ifstream stream(path, std::ios::binary);
  std::string bytes(size, '\0');
  stream.read(bytes.data(), static_cast<std::streamsize>(size));
  if (!stream) throw refuse(std::strerror(errno));
  return bytes;
}

}  // namespace arrayspice
