// SPDX-License-Identifier: Apache-2.0
#include "netlists/arrays/array_type.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace arrayspice {

extern const ArrayType kCurrentDomain, kChargeDomain, kCapacitiveDivision,
    kChargeRedistribution, kResistiveDivision, kTimeDomain;

namespace {
constexpr std::array kTypes{&kCurrentDomain,        &kChargeDomain,
                            &kChargeRedistribution, &kCapacitiveDivision,
                            &kResistiveDivision,    &kTimeDomain};
}

std::span<const ArrayType* const> array_types() { return kTypes; }

const ArrayType* find_array_type(std::string_view name) {
  for (const ArrayType* type : kTypes)
    if (type->name == name) return type;
  return nullptr;
}

const CellStructure* find_structure(const ArrayType& type, std::string_view name) {
  for (const CellStructure& structure : type.structures)
    if (structure.name == name) return &structure;
  return nullptr;
}

void apply_defaults(const ArrayType& type, const CellStructure& structure,
                    ArraySpec& spec) {
  spec.array.type = type.name;
  spec.cell.structure = structure.name;
  spec.cell.minimum = structure.weight.minimum;
  spec.cell.maximum = structure.weight.maximum;
  spec.input.maximum = structure.input.maximum;
  spec.sense.kind = structure.senses.front();
  type.set_defaults(spec);
}

const ArrayType& array_type(const ArraySpec& spec) {
  const ArrayType* type = find_array_type(spec.array.type);
  assert(type && "a spec that was not read");
  return *type;
}

const CellStructure& cell_structure(const ArraySpec& spec) {
  const CellStructure* structure = find_structure(array_type(spec), spec.cell.structure);
  assert(structure && "a spec that was not read");
  return *structure;
}

}  // namespace arrayspice
