// SPDX-License-Identifier: Apache-2.0
// The folder of extract.hpp: summary.json for people and programs, maps as .npy, tables
// as .csv.
#include <nlohmann/json.hpp>

#include "behavior/extract.hpp"
#include "behavior/output_folder.hpp"
#include "netlists/npy.hpp"
#include "netlists/version.hpp"

namespace arrayspice {

namespace {

using Json = nlohmann::ordered_json;

std::string summary_text(const Extraction& extraction, const ArraySpec& spec,
                         const ExtractOptions& options, const Provenance& provenance) {
  Json json;
  json["schema"] = "arrayspice-extract/1";
  json["array"] = {{"type", spec.array.type},
                   {"rows", spec.array.rows},
                   {"columns", spec.array.columns},
                   {"structure", spec.cell.structure},
                   {"model", spec.cell.model}};
  for (const KeyFigure& f : extraction.figures)
    json["figures"][f.name] = {
        {"value", f.value}, {"unit", f.unit}, {"meaning", f.meaning}};
  json["provenance"] = {{"tool", "ArraySpice"},
                        {"version", version()},
                        {"spec_file", provenance.spec_file},
                        {"spec", write_spec(spec)},
                        {"seed", spec.array.seed},
                        {"options",
                         {{"command", provenance.command},
                          {"weights", provenance.weights_file},
                          {"bits", options.bits},
                          {"points", options.points},
                          {"samples", options.samples}}},
                        {"circuit_solves", extraction.circuit_solves}};
  return json.dump(1) + "\n";
}

void write_matrix(const OutputFolder& folder, std::string_view file, const Matrix& m) {
  const std::int64_t shape[] = {m.rows, m.columns};
  folder.write(file, npy_bytes(shape, m.values));
}

}  // namespace

void write_extraction(const std::filesystem::path& path, const Extraction& extraction,
                      const ArraySpec& spec, const ExtractOptions& options,
                      const Provenance& provenance) {
  OutputFolder folder(path, kExtractionRecord);
  folder.write(kExtractionRecord, summary_text(extraction, spec, options, provenance));
  folder.write("array.toml", write_spec(spec));
  write_matrix(folder, "conductances.npy", extraction.conductances);
  write_matrix(folder, "ir_drop.npy", extraction.ir_drop);
  write_matrix(folder, "effective_conductance.npy", extraction.effective_conductance);
  const std::pair<std::string_view, const Table&> tables[] = {
      {"cell_iv.csv", extraction.cell_iv},
      {"transfer.csv", extraction.transfer},
      {"inl.csv", extraction.inl},
      {"settling.csv", extraction.settling},
      {"step_response.csv", extraction.step_response},
      {"noise.csv", extraction.noise},
      {"variation.csv", extraction.variation}};
  for (const auto& [file, table] : tables)
    if (!table.columns.empty()) folder.write(file, csv_text(table));
  folder.commit();
}

}  // namespace arrayspice
