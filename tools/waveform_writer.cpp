// SPDX-License-Identifier: Apache-2.0
#include "tools/waveform_writer.hpp"

#include <utility>

namespace arrayspice {

namespace {
constexpr std::string_view kFormats[] = {"raw", "raw-ascii", "csv", "npz"};
}

std::span<const std::string_view> waveform_formats() { return kFormats; }

std::unique_ptr<WaveformWriter> make_waveform_writer(std::string_view format,
                                                     const std::filesystem::path& path,
                                                     Provenance provenance) {
  if (format == "csv") return make_csv_writer(path, std::move(provenance));
  if (format == "npz") return make_npz_writer(path, std::move(provenance));
  return make_raw_writer(path, std::move(provenance), format == "raw");
}

}  // namespace arrayspice
