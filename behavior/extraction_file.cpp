// SPDX-License-Identifier: Apache-2.0
// The folder of extract.hpp: summary.json for people and programs, maps as .npy, tables
// as .csv.
#include <nlohmann/json.hpp>

#include "behavior/extract.hpp"
#include "behavior/output_folder.hpp"
#include "netlists/arrays/array_type.hpp"
#include "netlists/npy.hpp"
#include "netlists/version.hpp"

namespace arrayspice {

namespace {

using Json = nlohmann::ordered_json;

struct MapFile {
  std::string_view name, unit, meaning;
  const Matrix& map;
};
struct TableFile {
  std::string_view name, meaning;  // units are in the names of the columns
  const Table& table;
};

std::vector<MapFile> maps_of(const Extraction& e, const ArraySpec& spec) {
  const bool is_current = spec.sense.kind == "virtual-ground";
  const MapFile all[] = {
      {"conductances.npy", weight_domain(spec).unit,
       "weights of the cells, after variation", e.conductances},
      {"ir_drop.npy", "1", "cell voltage over input voltage, all inputs at maximum",
       e.ir_drop},
      {"effective_conductance.npy", is_current ? "S" : "V/V",
       "d output j / d input i at half of full scale", e.effective_conductance}};
  std::vector<MapFile> present;
  for (const MapFile& file : all)
    if (file.map.rows > 0) present.push_back(file);
  return present;
}

std::vector<TableFile> tables_of(const Extraction& e) {
  const TableFile all[] = {
      {"cell_iv.csv", "cell current over voltage at five conductances", e.cell_iv},
      {"transfer.csv", "outputs over the scale of all inputs", e.transfer},
      {"inl.csv", "end-point nonlinearity of each column", e.inl},
      {"products.csv", "random products: ideal outputs and those of the circuit",
       e.products},
      {"settling.csv", "settling time of each column after a full-scale step",
       e.settling},
      {"step_response.csv", "outputs after that step", e.step_response},
      {"energy.csv", "energy of one product, and of what restores the array, by source",
       e.energy},
      {"noise.csv", "thermal noise density of each column at zero input", e.noise},
      {"product_noise.csv", "spread of each column over products with the same inputs",
       e.product_noise},
      {"converter.csv", "linearity of the converter of each column", e.converter},
      {"variation.csv", "full-scale output of each column over chips", e.variation}};
  std::vector<TableFile> present;
  for (const TableFile& file : all)
    if (!file.table.columns.empty()) present.push_back(file);
  return present;
}

Json describe_files(const Extraction& extraction, const ArraySpec& spec) {
  Json files;
  for (const MapFile& file : maps_of(extraction, spec))
    files[std::string(file.name)] = {
        {"axes", {"row", "column"}}, {"unit", file.unit}, {"meaning", file.meaning}};
  for (const TableFile& file : tables_of(extraction))
    files[std::string(file.name)] = {{"meaning", file.meaning}};
  return files;
}

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
  json["files"] = describe_files(extraction, spec);
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

}  // namespace

void write_extraction(const std::filesystem::path& path, const Extraction& extraction,
                      const ArraySpec& spec, const ExtractOptions& options,
                      const Provenance& provenance) {
  OutputFolder folder(path, kExtractionRecord);
  folder.write(kExtractionRecord, summary_text(extraction, spec, options, provenance));
  folder.write("array.toml", write_spec(spec));
  for (const MapFile& file : maps_of(extraction, spec)) {
    const std::int64_t shape[] = {file.map.rows, file.map.columns};
    folder.write(file.name, npy_bytes(shape, file.map.values));
  }
  for (const TableFile& file : tables_of(extraction))
    folder.write(file.name, csv_text(file.table));
  folder.commit();
}

}  // namespace arrayspice
