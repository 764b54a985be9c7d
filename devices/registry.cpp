// SPDX-License-Identifier: Apache-2.0
#include "devices/registry.hpp"

#include <algorithm>
#include <array>

#include "devices/capacitor.hpp"
#include "devices/cccs.hpp"
#include "devices/ccvs.hpp"
#include "devices/comparator.hpp"
#include "devices/cubic_cell.hpp"
#include "devices/current_source.hpp"
#include "devices/current_switch.hpp"
#include "devices/diode.hpp"
#include "devices/ekv.hpp"
#include "devices/fefet.hpp"
#include "devices/ferroelectric_capacitor.hpp"
#include "devices/flash_cell.hpp"
#include "devices/inductor.hpp"
#include "devices/injecting_switch.hpp"
#include "devices/ion_drift.hpp"
#include "devices/jart_vcm.hpp"
#include "devices/mosfet1.hpp"
#include "devices/mtj.hpp"
#include "devices/mutual_inductance.hpp"
#include "devices/nullor.hpp"
#include "devices/ohmic_cell.hpp"
#include "devices/op_amp.hpp"
#include "devices/pcm.hpp"
#include "devices/resistor.hpp"
#include "devices/selector.hpp"
#include "devices/sinh_cell.hpp"
#include "devices/stanford_rram.hpp"
#include "devices/threshold_selector.hpp"
#include "devices/vccs.hpp"
#include "devices/vcvs.hpp"
#include "devices/voltage_source.hpp"
#include "devices/voltage_switch.hpp"
#include "devices/vteam.hpp"
#include "devices/yakopcic.hpp"

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
constexpr Registration entry(char letter, std::string_view model_type, int level = 1) {
  return entry<D>(letter, model_type, level, ModelCard::Required);
}

template <DeviceModel D>
constexpr Registration entry(char letter) {
  return entry<D>(letter, "", 1, ModelCard::None);
}

template <DeviceModel D>
std::unique_ptr<DeviceBlock> make_p_channel() {
  typename D::Model model;
  model.polarity = -1.0;
  return std::make_unique<Block<D>>(model);
}

/// The twin of a transistor whose holes carry the current.
template <DeviceModel D>
constexpr Registration p_channel(char letter, std::string_view model_type,
                                 int level = 1) {
  return {letter,          model_type,        level, ModelCard::Required,
          &device_type<D>, &make_p_channel<D>};
}

constexpr std::array kRegistry{
    entry<Capacitor>('c', "c", 1, ModelCard::Optional),
    entry<Diode>('d', "d"),
    entry<Vcvs>('e'),
    entry<Nullor>('e', "opamp"),
    entry<Cccs>('f'),
    entry<Vccs>('g'),
    entry<Ccvs>('h'),
    entry<CurrentSource>('i'),
    entry<MutualInductance>('k'),
    entry<Inductor>('l', "l", 1, ModelCard::Optional),
    entry<Mosfet1>('m', "nmos"),
    entry<Ekv>('m', "nmos", 44),
    p_channel<Mosfet1>('m', "pmos"),
    p_channel<Ekv>('m', "pmos", 44),
    entry<Comparator>('n', "comparator"),
    entry<CubicCell>('n', "cubic_cell"),
    entry<Ekv>('n', "ekv_nmos"),
    p_channel<Ekv>('n', "ekv_pmos"),
    entry<Fefet>('n', "fefet"),
    entry<FerroelectricCapacitor>('n', "ferroelectric_capacitor"),
    entry<FlashCell>('n', "flash_cell"),
    entry<InjectingSwitch>('n', "injecting_switch"),
    entry<IonDrift>('n', "ion_drift"),
    entry<JartVcm>('n', "jart_vcm"),
    entry<Mtj>('n', "mtj"),
    entry<OhmicCell>('n', "ohmic_cell"),
    entry<OpAmp>('n', "opamp"),
    entry<Pcm>('n', "pcm"),
    entry<Selector>('n', "selector"),
    entry<SinhCell>('n', "sinh_cell"),
    entry<StanfordRram>('n', "stanford_rram"),
    entry<ThresholdSelector>('n', "threshold_selector"),
    entry<Vteam>('n', "vteam"),
    entry<Yakopcic>('n', "yakopcic"),
    entry<Resistor>('r', "r", 1, ModelCard::Optional),
    entry<VoltageSwitch>('s', "sw"),
    entry<VoltageSource>('v'),
    entry<CurrentSwitch>('w', "csw"),
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
