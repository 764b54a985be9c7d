// SPDX-License-Identifier: Apache-2.0
// NumPy archives: one float64 vector per quantity, under its own name (`v(out)`), and the
// record of the run in meta.json. With several analyses names are preceded by that of the
// analysis: `op/v(out)`, `tran/v(out)`, `tran2/v(out)`.
#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "behavior/npz.hpp"
#include "tools/waveform_writer.hpp"

namespace arrayspice {

namespace {

struct Analysis {
  std::string name, title;
  std::vector<std::string> names;
  std::vector<std::vector<double>> columns;
};

class NpzWriter final : public WaveformWriter {
 public:
  NpzWriter(const std::filesystem::path& path, Provenance provenance)
      : path_(path), provenance_(std::move(provenance)) {}

  void begin(const WaveformHeader& header) override {
    const int number = ++runs_[header.kind];
    const std::string name =
        number == 1 ? header.kind : fmt::format("{}{}", header.kind, number);
    analyses_.push_back(
        {name, header.title, {}, std::vector<std::vector<double>>(header.columns)});
    for (std::size_t k = 0; k < header.columns; ++k)
      analyses_.back().names.push_back(header.column(k).name);
  }

  void row(std::span<const double> values) override {
    auto& columns = analyses_.back().columns;
    for (std::size_t k = 0; k < values.size(); ++k) columns[k].push_back(values[k]);
  }

  void end() override {}

  void finish() override {
    NpzContents contents;
    nlohmann::ordered_json meta = {
        {"title", provenance_.deck_title},    {"version", provenance_.version},
        {"deck", provenance_.deck},           {"deck_crc32", provenance_.digest},
        {"command", provenance_.command},     {"options", provenance_.options},
        {"analyses", nlohmann::json::array()}};
    for (Analysis& analysis : analyses_) {
      meta["analyses"].push_back({{"name", analysis.name}, {"title", analysis.title}});
      const std::string prefix = analyses_.size() == 1 ? "" : analysis.name + "/";
      for (std::size_t k = 0; k < analysis.columns.size(); ++k)
        contents.arrays[prefix + analysis.names[k]] =
            npy_vector(std::move(analysis.columns[k]));
    }
    contents.texts["meta.json"] = meta.dump(1);
    write_npz(path_, contents);
  }

 private:
  std::filesystem::path path_;
  Provenance provenance_;
  std::vector<Analysis> analyses_;
  std::map<std::string, int> runs_;
};

}  // namespace

std::unique_ptr<WaveformWriter> make_npz_writer(const std::filesystem::path& path,
                                                Provenance provenance) {
  return std::make_unique<NpzWriter>(path, std::move(provenance));
}

}  // namespace arrayspice
