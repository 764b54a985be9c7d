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
std::uint8_t tag_of(std::uint64_t hash) {
  return static_cast<std::uint8_t>(0x80 | hash >> 57);
}
}  // namespace

std::size_t NamePool::slot_of(std::string_view name, std::uint64_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  const std::uint8_t tag = tag_of(hash);
  std::size_t slot = hash & mask;
  while (tags_[slot] != kEmpty &&
         (tags_[slot] != tag || this->name(slots_[slot]) != name))
    slot = (slot + 1) & mask;
  return slot;
}

NamePool::Id NamePool::find(std::string_view name) const {
  return slots_[slot_of(name, hash(name))];
}

NamePool::Id NamePool::intern(std::string_view name) {
  const std::uint64_t h = hash(name);
  std::size_t slot = slot_of(name, h);
  if (tags_[slot] != kEmpty) return slots_[slot];
  if (text_.size() + name.size() > 0xfffffffeu)
    throw std::length_error("names of more than 4 GiB in one circuit");
  if ((size() + 1) * 10 > slots_.size() * 7) {
    grow(slots_.size() * 2);
    slot = slot_of(name, h);
  }
  const Id id = static_cast<Id>(size());
  text_.append(name);
  begin_.push_back(static_cast<std::uint32_t>(text_.size()));
  slots_[slot] = id;
  tags_[slot] = tag_of(h);
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
  slots_.assign(slots, kNone);
  tags_.assign(slots, kEmpty);
  const std::size_t mask = slots - 1;
  for (Id id = 0; id < size(); ++id) {
    const std::uint64_t h = hash(name(id));
    std::size_t slot = h & mask;
    while (tags_[slot] != kEmpty) slot = (slot + 1) & mask;
    slots_[slot] = id;
    tags_[slot] = tag_of(h);
  }
}

}  // namespace arrayspice
