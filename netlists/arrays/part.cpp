// SPDX-License-Identifier: Apache-2.0
#include "netlists/arrays/part.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "netlists/arrays/array_type.hpp"
#include "solver/lines/union_find.hpp"

namespace arrayspice {

namespace {

std::string text_of(const Name& name) {
  std::string text;
  append_name(text, name);
  return text;
}

/// Sets of nodes that devices join.
class JoinedNodes final : public NetlistSink {
 public:
  void element(const Name& name, Pins pins, double) override {
    const bool follows = name.stem.front() == 'E' &&
                         std::all_of(pins.begin() + 1, pins.end(),
                                     [&](const Name& pin) { return is_driven(pin); });
    follows ? drive(*pins.begin()) : join(pins);
  }
  void source(const Name& name, const Name& p, const Name& m, const Signal&) override {
    if (name.stem.front() == 'I') return;
    is_driven(m) ? drive(p) : join({p, m});
  }
  void model(std::string_view, char, std::string_view, Values) override {}
  void device(const Name&, Pins pins, std::string_view, Values) override { join(pins); }
  void cell(std::int64_t, std::int64_t, const Name& p, const Name& m, double) override {
    join({p, m});
  }
  void selector(const Name&, const Name& p, const Name& m) override { join({p, m}); }
  void amplifier(const Name&, const Name& in, const Name& out, double) override {
    join({in, out});
  }
  void initial(const Name&, double) override {}

  bool is_driven(const Name& node) const {
    return node == kGroundName || driven_.contains(text_of(node));
  }
  /// Equal for joined nodes.
  std::int32_t set_of(const Name& node) { return sets_.find(number_of(node)); }

 private:
  void drive(const Name& node) { driven_.insert(text_of(node)); }
  void join(Pins pins) {
    const Name* first = nullptr;
    for (const Name& pin : pins) {
      if (is_driven(pin)) continue;
      if (first) sets_.join(number_of(pin), number_of(*first));
      first = &pin;
    }
  }
  std::int32_t number_of(const Name& node) {
    const auto [at, is_new] = numbers_.try_emplace(text_of(node));
    if (is_new) at->second = sets_.add();
    return at->second;
  }

  std::set<std::string> driven_;
  std::map<std::string, std::int32_t> numbers_;
  lines::UnionFind sets_{0};
};

}  // namespace

/// All columns are alike, and so are all rows: three of each show what a column touches.
bool columns_are_independent(const ArraySpec& spec) {
  constexpr std::int64_t kFew = 3;
  ArraySpec few = spec;
  few.array.rows = std::min(spec.array.rows, kFew);
  few.array.columns = std::min(spec.array.columns, kFew);
  const Matrix weights{few.array.rows, few.array.columns,
                       std::vector<double>(few.array.rows * few.array.columns,
                                           weight_domain(few).maximum)};
  const ArrayType& type = array_type(few);
  JoinedNodes nodes;
  type.describe(few, weights, std::vector<double>(few.array.rows, 0.0), nodes);
  const Experiment experiment = type.experiment(few);
  std::set<std::int32_t> sets;
  for (std::int64_t j = 0; j < few.array.columns; ++j) {
    const Reading reading = experiment.reading(j);
    if (reading.is_current() || nodes.is_driven(reading.what)) return false;
    sets.insert(nodes.set_of(reading.what));
  }
  return std::ssize(sets) == few.array.columns;
}

}  // namespace arrayspice
