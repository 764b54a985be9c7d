// SPDX-License-Identifier: Apache-2.0
#include "devices/arrangement.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>

namespace arrayspice {

namespace {

constexpr std::int32_t kFewUnknowns = 20000;  // their vectors fit a cache
constexpr std::int32_t kNear = 1024;          // numbers apart
constexpr std::int32_t kManyPins = 16;        // at one node

/// Calls visit(pins) for every device.
template <class Visit>
void visit_devices(Blocks blocks, const Visit& visit) {
  for (const auto& block : blocks)
    for (InstanceId k = 0; k < block->size(); ++k) visit(block->pins(k));
}

/// What the devices join, by unknown.
class Neighbours {
 public:
  Neighbours(Blocks blocks, std::int32_t unknowns)
      : starts_(static_cast<std::size_t>(unknowns) + 1, 0) {
    std::vector<std::int32_t> pins_at(unknowns, 0);
    visit_devices(blocks, [&](std::span<const UnknownId> pins) {
      for (const UnknownId u : pins) ++pins_at[u];
    });
    const auto visit_pairs = [&](const auto& visit) {
      visit_devices(blocks, [&](std::span<const UnknownId> pins) {
        for (const UnknownId from : pins) {
          if (from == kGround || pins_at[from] > kManyPins) continue;
          for (const UnknownId to : pins)
            if (to != from && to != kGround) visit(from, to);
        }
      });
    };
    visit_pairs([&](UnknownId from, UnknownId) { ++starts_[from + 1]; });
    std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
    list_.resize(starts_.back());
    std::vector<std::int32_t> next(starts_.begin(), starts_.end() - 1);
    visit_pairs([&](UnknownId from, UnknownId to) { list_[next[from]++] = to; });
  }

  std::span<const UnknownId> of(UnknownId u) const {
    return std::span(list_).subspan(starts_[u], starts_[u + 1] - starts_[u]);
  }

 private:
  std::vector<std::int32_t> starts_;
  std::vector<UnknownId> list_;
};

}  // namespace

bool is_arranged(Blocks blocks, std::int32_t unknowns) {
  if (unknowns < kFewUnknowns) return true;
  std::size_t devices = 0, near = 0;
  UnknownId before = kGround;
  visit_devices(blocks, [&](std::span<const UnknownId> pins) {
    const UnknownId here = pins.empty() ? kGround : std::ranges::max(pins);
    ++devices;
    near += std::abs(here - before) <= kNear;
    before = here;
  });
  return 2 * near >= devices;
}

std::vector<UnknownId> number_by_neighbours(Blocks blocks, std::int32_t unknowns) {
  const Neighbours neighbours(blocks, unknowns);
  std::vector<UnknownId> number(unknowns, kNoUnknown), order;
  order.reserve(unknowns);
  const auto reach = [&](UnknownId u) {
    if (number[u] != kNoUnknown) return;
    number[u] = static_cast<UnknownId>(order.size());
    order.push_back(u);
  };
  for (UnknownId start = kGround; start < unknowns; ++start) {
    std::size_t next = order.size();
    for (reach(start); next < order.size(); ++next)
      for (const UnknownId u : neighbours.of(order[next])) reach(u);
  }
  return number;
}

std::vector<InstanceId> places_by(std::span<const UnknownId> keys) {
  if (keys.empty()) return {};
  std::vector<InstanceId> next(static_cast<std::size_t>(std::ranges::max(keys)) + 2, 0);
  for (const UnknownId key : keys) ++next[key + 1];
  std::partial_sum(next.begin(), next.end(), next.begin());
  std::vector<InstanceId> place;
  place.reserve(keys.size());
  for (const UnknownId key : keys) place.push_back(next[key]++);
  return place;
}

}  // namespace arrayspice
