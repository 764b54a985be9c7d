// SPDX-License-Identifier: Apache-2.0
// Runs the arrayspice program and reads what it says.
#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <string>

namespace arrayspice {

struct ProgramResult {
  int code = -1;
  std::string out, err;

  /// The `name = value` lines of stdout.
  std::map<std::string, double> values() const {
    std::map<std::string, double> found;
    std::istringstream lines(out);
    for (std::string line; std::getline(lines, line);) {
      const std::size_t equal = line.find(" = ");
      if (equal != std::string::npos)
        found[line.substr(0, equal)] = std::strtod(line.c_str() + equal + 3, nullptr);
    }
    return found;
  }
};

/// A folder of its own that vanishes with the test.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::random_device random;
    path_ = std::filesystem::temp_directory_path() /
            ("arrayspice-" + std::to_string(random()) + std::to_string(random()));
    std::filesystem::create_directories(path_);
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return (path_ / name).string();
  }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(path_), {}));
  }

 private:
  std::filesystem::path path_;
};

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Runs a shell command line; stderr goes through a file.
inline ProgramResult run_shell(const std::string& command) {
  const ScratchFolder scratch;
  const std::string err = (scratch / "err").string();
  ProgramResult result;
  std::FILE* pipe = ::popen((command + " 2>" + err).c_str(), "r");
  std::array<char, 4096> buffer;
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe))
    result.out.append(buffer.data(), n);
  const int status = ::pclose(pipe);
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.err = read_text(err);
  return result;
}

inline ProgramResult run_program(const std::string& arguments) {
  return run_shell(std::string(ARRAYSPICE_PROGRAM) + " " + arguments);
}

/// Simulates a deck given as text.
inline ProgramResult simulate(const std::string& deck, const std::string& options = "") {
  const ScratchFolder scratch;
  return run_program("simulate " + scratch.write("deck.cir", deck) + " " + options);
}

}  // namespace arrayspice
