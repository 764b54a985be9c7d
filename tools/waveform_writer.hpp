// SPDX-License-Identifier: Apache-2.0
// Waveform files: SPICE3 raw (binary, ASCII), CSV, NPZ. Points are written as they come;
// the file appears under its name only when everything is in it.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace arrayspice {

struct Column {
  std::string name;
  const char* type = "notype";  ///< "time", "voltage", "current"
};

struct WaveformHeader {
  std::string kind;   ///< "op", "dc", "tran"
  std::string title;  ///< "Transient Analysis"
  std::size_t columns = 0;
  /// The swept variable first, if there is one. May be called during begin().
  std::function<Column(std::size_t)> column;
};

/// The record kept beside the numbers.
struct Provenance {
  std::string deck_title;
  std::string deck;     ///< path as given
  std::string digest;   ///< CRC-32 of all texts that were read
  std::string version;  ///< of the program
  std::string command;  ///< the command line
  std::string options;  ///< resolved tolerances and method
};

class WaveformWriter {
 public:
  virtual ~WaveformWriter() = default;
  /// begin, row..., end for each analysis; then finish once.
  virtual void begin(const WaveformHeader& header) = 0;
  virtual void row(std::span<const double> values) = 0;
  virtual void end() = 0;
  virtual void finish() = 0;
};

/// "raw", "raw-ascii", "csv", "npz".
std::span<const std::string_view> waveform_formats();
std::unique_ptr<WaveformWriter> make_waveform_writer(std::string_view format,
                                                     const std::filesystem::path& path,
                                                     Provenance provenance);

std::unique_ptr<WaveformWriter> make_raw_writer(const std::filesystem::path& path,
                                                Provenance provenance, bool binary);
std::unique_ptr<WaveformWriter> make_csv_writer(const std::filesystem::path& path,
                                                Provenance provenance);
std::unique_ptr<WaveformWriter> make_npz_writer(const std::filesystem::path& path,
                                                Provenance provenance);

}  // namespace arrayspice
