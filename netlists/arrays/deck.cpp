// SPDX-License-Identifier: Apache-2.0
// An array as a deck: title, record of how it was made, elements, models, analysis.
#include <fmt/format.h>

#include "netlists/arrays/array_type.hpp"
#include "netlists/arrays/chip.hpp"
#include "netlists/arrays/deck_cards.hpp"
#include "netlists/arrays/deck_sink.hpp"
#include "netlists/arrays/pairs.hpp"
#include "netlists/failure.hpp"

namespace arrayspice {

namespace {

std::string as_comment(std::string_view text) {
  std::string lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines += end == 0 ? "*\n" : fmt::format("* {}\n", text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// A threshold selector has two states at one operating point: which of them another
/// simulator finds is not ours to say.
void refuse_what_others_lack(const ArraySpec& spec, Dialect dialect) {
  if (dialect != Dialect::Native && spec.cell.structure == "1S1R" &&
      spec.selector.model == "threshold")
    throw Failure(Exit::Input,
                  "selector.model = \"threshold\" has no deck for other simulators; "
                  "the native dialect has one, and \"exponential\" has all");
}

}  // namespace

void write_array_deck(const ArraySpec& spec, const Matrix& conductances,
                      std::span<const double> inputs, Dialect dialect,
                      std::span<const std::string> record, const DeckWriter& write,
                      std::int64_t product) {
  refuse_what_others_lack(spec, dialect);
  DeckSink sink(spec, dialect, write);
  sink.text(fmt::format("* {} array, {} x {}, {} {}, {}\n", spec.array.type,
                        spec.array.rows, spec.array.columns, spec.cell.structure,
                        spec.cell.model, spec.sense.kind));
  for (const std::string& line : record) sink.text(as_comment(line));
  sink.text(as_comment(write_spec(spec)));
  describe_chip(physical_array(spec), conductances, physical_input(spec, inputs), product,
                sink);
  sink.text(model_cards(spec, dialect));
  sink.text(difference_cards(spec, dialect));
  sink.text(analysis_cards(spec, inputs, dialect));
  sink.text(".end\n");
  sink.finish();
}

std::string array_deck(const ArraySpec& spec, const Matrix& conductances,
                       std::span<const double> inputs, Dialect dialect,
                       std::int64_t product) {
  std::string deck;
  write_array_deck(
      spec, conductances, inputs, dialect, {},
      [&](std::string_view piece) { deck += piece; }, product);
  return deck;
}

}  // namespace arrayspice
