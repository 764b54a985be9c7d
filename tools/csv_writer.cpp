// SPDX-License-Identifier: Apache-2.0
// Comma-separated values: '#' lines with the record of the run, a line of names, one line
// a point with all 17 digits; analyses are separated by an empty line.
#include <fmt/format.h>

#include "netlists/atomic_file.hpp"
#include "tools/waveform_writer.hpp"

namespace arrayspice {

namespace {

/// Names like v(a,b) hold the separator.
std::string quoted(const std::string& name) {
  return name.find(',') == std::string::npos ? name : fmt::format("\"{}\"", name);
}

class CsvWriter final : public WaveformWriter {
 public:
  CsvWriter(const std::filesystem::path& path, Provenance provenance)
      : file_(path), provenance_(std::move(provenance)) {}

  void begin(const WaveformHeader& header) override {
    if (file_.position() == 0) {
      file_.write(
          fmt::format("# title: {}\n# arrayspice {}\n# deck: {} (crc32 {})\n"
                      "# command: {}\n# options: {}\n",
                      provenance_.deck_title, provenance_.version, provenance_.deck,
                      provenance_.digest, provenance_.command, provenance_.options));
    } else {
      file_.write("\n");
    }
    file_.write(fmt::format("# analysis: {}\n", header.title));
    std::string names;
    for (std::size_t k = 0; k < header.columns; ++k) {
      if (k > 0) names += ',';
      names += quoted(header.column(k).name);
    }
    file_.write(names + '\n');
  }

  void row(std::span<const double> values) override {
    line_.clear();
    for (const double v : values) {
      if (!line_.empty()) line_ += ',';
      fmt::format_to(std::back_inserter(line_), "{:.16e}", v);
    }
    file_.write(line_ += '\n');
  }

  void end() override {}
  void finish() override { file_.commit(); }

 private:
  AtomicFile file_;
  Provenance provenance_;
  std::string line_;
};

}  // namespace

std::unique_ptr<WaveformWriter> make_csv_writer(const std::filesystem::path& path,
                                                Provenance provenance) {
  return std::make_unique<CsvWriter>(path, std::move(provenance));
}

}  // namespace arrayspice
