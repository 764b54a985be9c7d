// SPDX-License-Identifier: Apache-2.0
// SPICE3 raw files, as ngspice and its readers expect them: a text header, then the
// points, float64 little-endian ("Binary:") or one value a line ("Values:").
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cstring>
#include <ctime>

#include "netlists/atomic_file.hpp"
#include "tools/waveform_writer.hpp"

namespace arrayspice {

namespace {

constexpr int kCountWidth = 12;          // digits kept free for the number of points
constexpr std::size_t kNames = 1 << 16;  // bytes of names written together

class RawWriter final : public WaveformWriter {
 public:
  RawWriter(const std::filesystem::path& path, Provenance provenance, bool binary)
      : file_(path), provenance_(std::move(provenance)), binary_(binary) {}

  void begin(const WaveformHeader& header) override {
    const std::time_t now = std::time(nullptr);
    file_.write(fmt::format(
        "Title: {}\nDate: {:%a %b %e %H:%M:%S  %Y}\nPlotname: {}\n"
        "Flags: real\nNo. Variables: {}\nNo. Points: ",
        provenance_.deck_title, fmt::localtime(now), header.title, header.columns));
    count_at_ = file_.position();
    // nutmeg runs this line as a command; `version` makes it note who wrote the file
    file_.write(fmt::format("{:<{}}\nCommand: version arrayspice {}\nVariables:\n", 0,
                            kCountWidth, provenance_.version));
    fmt::memory_buffer names;
    for (std::size_t k = 0; k < header.columns; ++k) {
      const Column column = header.column(k);
      const fmt::format_int number(k);
      names.push_back('\t');
      names.append(number.data(), number.data() + number.size());
      for (const std::string_view part :
           {std::string_view(column.name), std::string_view(column.type)}) {
        names.push_back('\t');
        names.append(part);
      }
      names.push_back('\n');
      if (names.size() < kNames && k + 1 < header.columns) continue;
      file_.write({names.data(), names.size()});
      names.clear();
    }
    file_.write(binary_ ? "Binary:\n" : "Values:\n");
    points_ = 0;
  }

  void row(std::span<const double> values) override {
    if (binary_) {
      file_.write({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
    } else {
      std::string text = fmt::format(" {}", points_);
      for (const double v : values) text += fmt::format("\t{:.15e}\n", v);
      file_.write(text += '\n');
    }
    ++points_;
  }

  void end() override {
    file_.patch(count_at_, fmt::format("{:<{}}", points_, kCountWidth));
  }

  void finish() override { file_.commit(); }

 private:
  AtomicFile file_;
  Provenance provenance_;
  bool binary_;
  std::size_t count_at_ = 0;
  std::size_t points_ = 0;
};

}  // namespace

std::unique_ptr<WaveformWriter> make_raw_writer(const std::filesystem::path& path,
                                                Provenance provenance, bool binary) {
  return std::make_unique<RawWriter>(path, std::move(provenance), binary);
}

}  // namespace arrayspice
