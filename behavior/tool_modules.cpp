// SPDX-License-Identifier: Apache-2.0
#include "behavior/tool_modules.hpp"

#include <algorithm>
#include <stdexcept>

#include "behavior/aihwkit_fit.hpp"
#include "behavior/embedded_text.hpp"
#include "behavior/model_meta.hpp"
#include "behavior/output_folder.hpp"

namespace arrayspice {

namespace {

constexpr std::string_view kPackage = "arrayspice/";
// Enough of the held-out solves for the loaded layer to check itself.
constexpr std::int64_t kCarriedSolves = 2;

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr std::size_t kLine = 88;
  std::string out;
  std::size_t width = 0;
  for (std::size_t k = 0; k < bytes.size(); k += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - k);
    std::uint32_t group = 0;
    for (std::size_t b = 0; b < 3; ++b)
      group = group << 8 | (b < count ? static_cast<unsigned char>(bytes[k + b]) : 0u);
    for (std::size_t d = 0; d < 4; ++d)
      out += d <= count ? kDigits[group >> (18 - 6 * d) & 63u] : '=';
    if ((width += 4) % kLine == 0) out += '\n';
  }
  return out;
}

/// The template with every @NAME@ replaced.
std::string filled(std::string_view name,
                   const std::vector<std::pair<std::string, std::string>>& values) {
  const auto all = embedded_texts();
  const auto found = std::ranges::find(all, name, &EmbeddedText::name);
  if (found == all.end()) throw std::logic_error("no embedded text of this name");
  std::string text(found->text);
  for (const auto& [key, value] : values)
    if (const auto at = text.find(key); at != text.npos)
      text.replace(at, key.size(), value);
  return text;
}

/// Python that unpacks a ZIP of the package and of the model with a few of its held-out
/// solves.
std::string bundle(ExportedModel model, const ArraySpec& spec,
                   const ModelRecord& record) {
  TestSet& test = model.test;
  test.count = std::min(test.count, kCarriedSolves);
  const auto first = [&](std::vector<double>& v, std::int64_t each) {
    v.resize(static_cast<std::size_t>(test.count * each));
  };
  first(test.w, spec.array.rows * spec.array.columns);
  first(test.x, spec.array.rows);
  for (Matrix* m : {&test.y, &test.model}) {
    m->rows = test.count;
    first(m->values, m->columns);
  }
  test.kinds.resize(static_cast<std::size_t>(test.count));
  NpzContents contents;
  for (const EmbeddedText& file : embedded_texts())
    if (file.name.starts_with(kPackage))
      contents.texts[std::string(file.name)] = file.text;
  contents.texts["layer.npz"] = npz_bytes(model_contents(model, spec, record));
  return filled("modules/bundle.py", {{"@DATA@", base64(npz_bytes(contents))}});
}

Json about_array(const ArraySpec& spec) {
  return {{"rows", spec.array.rows},     {"columns", spec.array.columns},
          {"g_min", spec.cell.minimum},  {"g_max", spec.cell.maximum},
          {"v_max", spec.input.maximum}, {"sigma", spec.variation.conductance_sigma}};
}

Json about_fit(const AihwkitFit& fit) {
  return {{"io",
           {{"out_scale", fit.out_scale},
            {"ir_drop", fit.ir_drop},
            {"ir_drop_g_ratio", fit.ir_drop_g_ratio},
            {"out_nonlinearity", fit.out_nonlinearity},
            {"out_noise", fit.out_noise}}},
          {"io_error", fit.error},
          {"io_error_of_the_ideal_product", fit.ideal_error},
          {"modifier_coeffs", fit.modifier_coefficients},
          {"modifier_error", fit.modifier_error}};
}

Json both_ways(const Json& settings) {
  return {{"_match", true}, {"mvm", settings}, {"vmm", settings}};
}

/// CrossSimParameters, as to_json() writes them; what is left out keeps its default.
Json crosssim_parameters(const ArraySpec& spec) {
  const double sigma = spec.variation.conductance_sigma;
  const Json no_error = {{"enable", false}, {"model", "IdealDevice"}, {"magnitude", 0.0}};
  Json error = {
      {"enable", sigma > 0.0}, {"model", "ArraySpiceDevice"}, {"magnitude", sigma}};
  Json json;
  json["core"] = {{"style", 1},  // balanced: a pair of cells a weight
                  {"rows_max", spec.array.rows},
                  {"cols_max", spec.array.columns / 2},
                  {"balanced",
                   {{"style", 1},
                    {"interleaved_posneg", true},
                    {"subtract_current_in_xbar", false}}}};
  json["xbar"]["device"] = {
      {"Rmin", 1.0 / spec.cell.maximum},
      {"Rmax", 1.0 / spec.cell.minimum},
      {"Vread", spec.input.maximum},
      {"infinite_on_off_ratio", false},
      {"read_noise", no_error},
      {"programming_error", std::move(error)},
      {"drift_error", no_error},
      {"nonlinear_IV", {{"enable", true}, {"model", "ArraySpiceDevice"}}}};
  json["xbar"]["array"] = {{"parasitics",
                            {{"enable", true},
                             {"Rp_row", spec.wire.word_line_resistance},
                             {"Rp_col", spec.wire.bit_line_resistance},
                             {"Rp_row_terminal", spec.driver.resistance},
                             {"Rp_col_terminal", spec.sense.resistance},
                             {"current_from_input", true}}}};
  json["xbar"]["adc"] =
      both_ways({{"model", "ArraySpiceADC"}, {"bits", 0}, {"signed", true}});
  json["xbar"]["dac"] = both_ways({{"model", "IdealDAC"}, {"bits", 0}, {"signed", true}});
  return json;
}

}  // namespace

std::string aihwkit_module(const ExportedModel& model, const ArraySpec& spec,
                           const ModelRecord& record) {
  Json parameters = about_array(spec);
  parameters.update(about_fit(fit_aihwkit(model.test, spec)));
  parameters["layer_error"] = accuracy_json(model.accuracy);
  return filled("modules/aihwkit_model.py", {{"@PARAMETERS@", parameters.dump(1)},
                                             {"@BUNDLE@", bundle(model, spec, record)}});
}

void write_crosssim_folder(const std::filesystem::path& path, const ExportedModel& model,
                           const ArraySpec& spec, const ModelRecord& record) {
  OutputFolder folder(path, kModelMeta);
  folder.write("crosssim.json", crosssim_parameters(spec).dump(1) + "\n");
  folder.write("crosssim_model.py", filled("modules/crosssim_model.py",
                                           {{"@PARAMETERS@", about_array(spec).dump(1)},
                                            {"@BUNDLE@", bundle(model, spec, record)}}));
  const Json meta = {{"schema", "crosssim"},
                     {"accuracy", accuracy_json(model.accuracy)},
                     {"provenance", provenance_json(spec, record, model.circuit_solves)}};
  folder.write(kModelMeta, meta.dump(1) + "\n");
  folder.commit();
}

}  // namespace arrayspice
