// SPDX-License-Identifier: Apache-2.0
#include "netlists/source.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "netlists/failure.hpp"
#include "netlists/messages.hpp"

namespace arrayspice {

namespace fs = std::filesystem;

namespace {

/// A card holds offsets and lengths in 32 bits.
constexpr std::size_t kLargestFile = 0xfffffff0u;
constexpr std::size_t kMostFiles = 0xffff;

enum class Read { Done, Missing, NotRegular, TooLarge, Failed };

/// Opens without blocking, so that a pipe without a writer cannot hang the program, and
/// asks the open file what it is, so that nothing can be exchanged in between.
Read read_regular(const fs::path& path, std::string& text) {
  const int file = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (file < 0) return errno == ENOENT || errno == ENOTDIR ? Read::Missing : Read::Failed;
  struct Closer {
    int file;
    ~Closer() { ::close(file); }
  } closer{file};
  struct stat status {};
  if (::fstat(file, &status) != 0) return Read::Failed;
  if (!S_ISREG(status.st_mode)) return Read::NotRegular;
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > kLargestFile) return Read::TooLarge;
  text.resize(size);
  std::size_t got = 0;
  while (got < size) {
    const ssize_t n = ::read(file, text.data() + got, size - got);
    if (n < 0) return Read::Failed;
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  text.resize(got);
  return Read::Done;
}

/// A byte order mark becomes blanks: offsets and columns stay true.
void blank_byte_order_mark(std::string& text) {
  if (text.starts_with("\xef\xbb\xbf")) text.replace(0, 3, "   ");
}

Location place_of_offset(std::string_view text, std::size_t offset, std::uint16_t file) {
  const auto before = text.substr(0, offset);
  const auto line =
      static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t start = before.rfind('\n') + 1;
  return {file,
          static_cast<std::uint16_t>(std::min<std::size_t>(offset - start + 1, 0xffff)),
          line + 1};
}

}  // namespace

SourceLoader::SourceLoader(const ReadOptions& options, fs::path deck_folder,
                           Sources& sources, Diagnostics& diagnostics)
    : options_(options),
      deck_folder_(std::move(deck_folder)),
      sources_(sources),
      diagnostics_(diagnostics) {
  folders_.resize(sources.size());
  if (deck_folder_.empty()) deck_folder_ = ".";
}

std::uint16_t SourceLoader::load_deck(const fs::path& path) {
  std::string text;
  const Read outcome = read_regular(path, text);
  if (outcome == Read::NotRegular)
    throw Failure(Exit::Resource, fmt::format("{} is not a regular file", path.string()));
  if (outcome == Read::TooLarge)
    throw Failure(Exit::Resource, fmt::format("{} is larger than 4 GB", path.string()));
  if (outcome != Read::Done)
    throw Failure(Exit::Resource,
                  fmt::format("cannot read {}: {}", path.string(), std::strerror(errno)));
  std::error_code ignored;
  const fs::path canonical = fs::weakly_canonical(path, ignored);
  const std::uint16_t file = add_deck(path.string(), std::move(text));
  if (file != 0) loaded_[canonical] = file;
  return file;
}

std::uint16_t SourceLoader::add_deck(const std::string& name, std::string text) {
  const std::uint16_t file = add(name, std::move(text), {});
  if (file != 0) folders_.push_back(deck_folder_);
  return file;
}

std::uint16_t SourceLoader::add(const std::string& shown, std::string text,
                                Location where) {
  bytes_ += text.size();
  if (sources_.size() >= kMostFiles ||
      (options_.max_memory > 0 && bytes_ > options_.max_memory)) {
    diagnostics_.error(message::kTooLarge, where,
                       fmt::format("{} is one file too many: {} files, {} bytes", shown,
                                   sources_.size() + 1, bytes_));
    return 0;
  }
  blank_byte_order_mark(text);
  const std::uint16_t file = sources_.add(shown, std::move(text));
  const std::string_view kept = sources_.text(file);
  const std::size_t nul = kept.find('\0');
  if (nul == std::string_view::npos) return file;
  diagnostics_.error(message::kNul, place_of_offset(kept, nul, file),
                     fmt::format("NUL byte at offset {}: this is not a text file", nul));
  return 0;
}

fs::path SourceLoader::find(const std::string& name, std::uint16_t including) const {
  const fs::path given(name);
  if (given.is_absolute()) return given;
  std::vector<fs::path> folders{folders_[including - 1u]};
  folders.insert(folders.end(), options_.include_paths.begin(),
                 options_.include_paths.end());
  std::error_code ignored;
  for (const fs::path& folder : folders)
    if (fs::exists(folder / given, ignored)) return folder / given;
  return folders.front() / given;
}

/// Is the path inside the deck's folder tree or one of the include paths?
bool SourceLoader::allowed(const fs::path& canonical) const {
  const auto below = [&](const fs::path& folder) {
    std::error_code failed;
    const fs::path root = fs::canonical(folder, failed);
    if (failed) return false;
    const fs::path relative = canonical.lexically_relative(root);
    return !relative.empty() && *relative.begin() != "..";
  };
  return below(deck_folder_) ||
         std::any_of(options_.include_paths.begin(), options_.include_paths.end(), below);
}

std::string SourceLoader::missing(const std::string& name,
                                  std::uint16_t including) const {
  std::string text = fmt::format("there is no file '{}'", name);
  const fs::path path = find(name, including);
  std::vector<std::string> names;
  std::error_code failed;
  for (fs::directory_iterator at(path.parent_path(), failed), end; !failed && at != end;
       at.increment(failed))
    names.push_back(at->path().filename().string());
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string_view best = nearest(path.filename().string(), views);
  if (!best.empty()) text += fmt::format("; is '{}' meant?", best);
  return text;
}

std::uint16_t SourceLoader::load_include(const std::string& name, std::uint16_t including,
                                         Location where) {
  const fs::path path = find(name, including);
  std::error_code ignored;
  const fs::path canonical = fs::weakly_canonical(path, ignored);
  const auto refuse = [&](const Message& message, std::string text) -> std::uint16_t {
    diagnostics_.error(message, where, std::move(text));
    return 0;
  };
  if (options_.sandbox && !allowed(canonical))
    return refuse(
        message::kSandbox,
        fmt::format("'{}' is outside the deck's folder and the include paths", name));
  if (const auto known = loaded_.find(canonical); known != loaded_.end())
    return known->second;
  std::string text;
  switch (read_regular(canonical, text)) {
    case Read::Missing:
      return refuse(message::kMissingFile, missing(name, including));
    case Read::NotRegular:
      return refuse(message::kNotRegular,
                    fmt::format("'{}' is not a regular file", name));
    case Read::TooLarge:
      return refuse(message::kTooLarge, fmt::format("'{}' is larger than 4 GB", name));
    case Read::Failed:
      return refuse(message::kMissingFile,
                    fmt::format("cannot read '{}': {}", name, std::strerror(errno)));
    case Read::Done:
      break;
  }
  const std::uint16_t file = add(path.string(), std::move(text), where);
  if (sources_.size() > folders_.size()) folders_.push_back(path.parent_path());
  if (file != 0) loaded_[canonical] = file;
  return file;
}

}  // namespace arrayspice
