// SPDX-License-Identifier: Apache-2.0
#include "devices/registry.hpp"

#include <algorithm>
#include <array>

#include "devices/capacitor.hpp"
#include "devices/cccs.hpp"
#include "devices/ccvs.hpp"
#include "devices/current_source.hpp"
#include "devices/inductor.hpp"
#include "devices/mutual_inductance.hpp"
#include "devices/resistor.hpp"
#include "devices/vccs.hpp"
#include "devices/vcvs.hpp"
#include "devices/voltage_source.hpp"

namespace arrayspice {

namespace {

template <DeviceModel D>
std::unique_ptr<DeviceBlock> make_block() {
  return std::make_unique<Block<D>>();
}

template <DeviceModel D>
constexpr Registration entry(char letter, std::string_view model_type, int level,
                             ModelCard card) {
  return {letter, model_type, level, card, &device_type<D>, &make_block<D>};
}

template <DeviceModel D>
constexpr Registration entry(char letter) {
  return entry<D>(letter, "", 1, ModelCard::None);
}

constexpr std::array kRegistry{
    entry<Capacitor>('c', "c", 1, ModelCard::Optional),
    entry<Vcvs>('e'),
    entry<Cccs>('f'),
    entry<Vccs>('g'),
    entry<Ccvs>('h'),
    entry<CurrentSource>('i'),
    entry<MutualInductance>('k'),
    entry<Inductor>('l', "l", 1, ModelCard::Optional),
    entry<Resistor>('r', "r", 1, ModelCard::Optional),
    entry<VoltageSource>('v'),
};

}  // namespace

std::span<const Registration> registry() { return kRegistry; }

const Registration* find_registration(char letter, std::string_view model_type,
                                      int level) {
  const auto matches = [&](const Registration& r) {
    if (r.letter != letter) return false;
    if (model_type.empty()) return r.card != ModelCard::Required;
    return r.model_type == model_type && r.level == level;
  };
  const auto at = std::find_if(kRegistry.begin(), kRegistry.end(), matches);
  return at == kRegistry.end() ? nullptr : &*at;
}

}  // namespace arrayspice
