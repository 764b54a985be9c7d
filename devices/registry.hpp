// SPDX-License-Identifier: Apache-2.0
// The list of all devices that a deck can name: one line per device in registry.cpp.
//
//   const Registration* r = find_registration('d', "d", 1);
//   auto block = r->make();                 // one per model card
//   block->set_model(...);  circuit.add_block(std::move(block));
//
// A deck writes our own devices with the letter N, as ngspice does for models it has not
// built in: `Nname nodes model parameter=value ...` with a `.model` card of their type.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "devices/device_block.hpp"

namespace arrayspice {

/// Does an element of this kind name a `.model` card?
enum class ModelCard { None, Optional, Required };

struct Registration {
  char letter;  ///< element letter, lower case
  std::string_view
      model_type;  ///< keyword of the `.model` card, lower case; may be empty
  int level;       ///< `level=` of the card, 1 where there is only one
  ModelCard card;
  const DeviceType& (*type)();
  std::unique_ptr<DeviceBlock> (*make)();  ///< a block with default model parameters
};

std::span<const Registration> registry();

/// The device that letter, card type and level select; null when there is none. An
/// element without a card has the empty model_type: finds those that need none.
const Registration* find_registration(char letter, std::string_view model_type,
                                      int level);

}  // namespace arrayspice
