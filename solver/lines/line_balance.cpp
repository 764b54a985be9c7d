// SPDX-License-Identifier: Apache-2.0
// What Kirchhoff's law leaves at the nodes of the array, from the elements.
#include <algorithm>
#include <cmath>
#include <limits>

#include "solver/lines/kernels.hpp"
#include "solver/lines/line_solver.hpp"

namespace arrayspice::lines {

/// Between cells of perfect lines, and from a perfect driver, no voltage tells the
/// current: it is left out, and F counts by line.
const Grid& LineSolver::grid_of_balance() {
  const Grid& grid = schur_.grid();
  if (!grid.word.is_perfect() && !grid.bit.is_perfect()) return grid;
  contracted_ = grid;
  for (Family* family : {&contracted_.word, &contracted_.bit})
    if (family->is_perfect())
      std::fill(family->segment.begin(), family->segment.end(), 0.0);
  for (std::int64_t i = 0; i < rows(); ++i)
    if (grid.word.is_held(i))
      contracted_.word.first_end[i] = contracted_.word.last_end[i] = 0.0;
  return contracted_;
}

/// Sum of the squares of what a line's cells have of F together. No law holds at the node
/// of a source.
double LineSolver::word_lines_balance2() const {
  double f2 = 0.0;
  for (std::int64_t i = 0; i < rows(); ++i) {
    double line = 0.0;
    if (schur_.grid().word.is_held(i)) continue;
    for (std::int64_t j = 0; j < columns(); ++j) line += fw_[index(i, j)];
    f2 += line * line;
  }
  return f2;
}

double LineSolver::bit_lines_balance2() const {
  double f2 = 0.0;
  for (std::int64_t j = 0; j < columns(); ++j) {
    double line = 0.0;
    for (std::int64_t i = 0; i < rows(); ++i) line += fb_[index(i, j)];
    f2 += line * line;
  }
  return f2;
}

/// F at the voltages w and b, kept in fw_ and fb_; null currents: ohmic cells.
LineSolver::Balance LineSolver::balance(const Buffer& w, const Buffer& b,
                                        const double* cell_currents, bool keep) {
  const Grid& grid = grid_of_balance();
  const bool by_word = schur_.grid().word.is_perfect();
  const bool by_bit = schur_.grid().bit.is_perfect();
  keep |= coupling_.any() || by_word || by_bit;
  if (keep && fw_.empty())
    for (Buffer* f : {&fw_, &fb_}) *f = Buffer(size());
  const ResidualPass pass{.grid = &grid,
                          .padded_rows = schur_.panel_size() / kWidth,
                          .word_terminal = word_terminal_.data(),
                          .bit_terminal = bit_terminal_.data(),
                          .bit_varied = schur_.bit_varied(),
                          .w = w.data(),
                          .b = b.data(),
                          .i = cell_currents,
                          .conductance = cells_.data(),
                          .word_inject = word_inject_ ? word_inject_->data() : nullptr,
                          .bit_inject = bit_inject_ ? bit_inject_->data() : nullptr,
                          .fw = keep ? fw_.data() : nullptr,
                          .fb = keep ? fb_.data() : nullptr};
  panel_sums_.resize(schur_.panels());
  schur_.team().for_each(schur_.panels(), [&](int, std::int64_t panel) {
    panel_sums_[panel] = residual_pass(pass, panel);
  });
  ResidualSums total;
  for (const ResidualSums& sums : panel_sums_) {
    total.word2 += sums.word2;
    total.bit2 += sums.bit2;
    total.i2 += sums.i2;
    total.wires2 += sums.wires2;
  }
  if (by_word) total.word2 = word_lines_balance2();
  if (by_bit) total.bit2 = bit_lines_balance2();
  double f2 = total.word2 + total.bit2;
  if (coupling_.any()) {
    add_from_neighbours(schur_, coupling_, w, b, fw_, fb_);
    f2 = 0.0;
    for (const Buffer* f : {&fw_, &fb_})
      for (const double value : *f) f2 += value * value;
  }
  return {std::sqrt(f2), std::sqrt(total.i2),
          std::numeric_limits<double>::epsilon() * std::sqrt(total.wires2), keep};
}

}  // namespace arrayspice::lines
