// SPDX-License-Identifier: Apache-2.0
#include "devices/name_pool.hpp"

#include <stdexcept>

namespace arrayspice {

namespace {
// FNV-1a with a final mix: short names that differ in their last digit must spread.
std::uint64_t hash(std::string_view name) {
  std::uint64_t h = 14695981039346656037ull;
  for (const char c : name) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  return h ^ (h >> 29);
}

constexpr std::uint32_t upper(std::uint64_t hash) {
  return static_cast<std::uint32_t>(hash >> 32);
}
}  // namespace

std::size_t NamePool::slot_of(std::string_view name, std::uint64_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t k = hash & mask;
  while (slots_[k].id != kNone &&
         (slots_[k].hash != upper(hash) || this->name(slots_[k].id) != name))
    k = (k + 1) & mask;
  return k;
}

NamePool::Id NamePool::find(std::string_view name) const {
  return slots_[slot_of(name, hash(name))].id;
}

NamePool::Id NamePool::intern(std::string_view name) {
  const std::uint64_t h = hash(name);
  std::size_t slot = slot_of(name, h);
  if (slots_[slot].id != kNone) return slots_[slot].id;
  if (text_.size() + name.size() > 0xfffffffeu)
    throw std::length_error("names of more than 4 GiB in one circuit");
  if ((size() + 1) * 10 > slots_.size() * 7) {
    grow(slots_.size() * 2);
    slot = slot_of(name, h);
  }
  const Id id = static_cast<Id>(size());
  text_.append(name);
  begin_.push_back(static_cast<std::uint32_t>(text_.size()));
  slots_[slot] = {upper(h), id};
  return id;
}

void NamePool::reserve(std::size_t names, std::size_t characters) {
  text_.reserve(characters);
  begin_.reserve(names + 1);
  std::size_t slots = slots_.size();
  while (names * 10 > slots * 7) slots *= 2;
  if (slots != slots_.size()) grow(slots);
}

void NamePool::grow(std::size_t slots) {
  slots_.assign(slots, Slot{});
  const std::size_t mask = slots - 1;
  for (Id id = 0; id < size(); ++id) {
    const std::uint64_t h = hash(name(id));
    std::size_t k = h & mask;
    while (slots_[k].id != kNone) k = (k + 1) & mask;
    slots_[k] = {upper(h), id};
  }
}

}  // namespace arrayspice
