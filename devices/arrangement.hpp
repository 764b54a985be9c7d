// SPDX-License-Identifier: Apache-2.0
// What is near in a circuit becomes near in memory. A deck may name its nodes and list
// its devices in any order; each device then reads and writes all over memory, and so
// does every pass over the matrix. Unknowns numbered breadth first along the devices, as
// E. Cuthill and J. McKee (Proc. 24th ACM Nat. Conf., 1969) number a matrix, and devices
// in the order of their pins take half the time.
#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "devices/device_block.hpp"

namespace arrayspice {

using Blocks = std::span<const std::unique_ptr<DeviceBlock>>;

/// Small enough for a cache in any order, or mostly in order as it is.
bool is_arranged(Blocks blocks, std::int32_t unknowns);

/// A new number for every unknown; ground stays 0. Nodes with many devices (rails, gate
/// lines) are numbered but not followed: they lead everywhere.
std::vector<UnknownId> number_by_neighbours(Blocks blocks, std::int32_t unknowns);

/// The place of every element of `keys` when they are sorted, equal ones in their order.
std::vector<InstanceId> places_by(std::span<const UnknownId> keys);

/// Moves element k of a list to place[k].
template <class T>
void put_in_place(std::vector<T>& list, std::span<const InstanceId> place) {
  std::vector<T> sorted(list.size());
  for (std::size_t k = 0; k < list.size(); ++k) sorted[place[k]] = std::move(list[k]);
  list = std::move(sorted);
}

}  // namespace arrayspice
