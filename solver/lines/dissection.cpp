// SPDX-License-Identifier: Apache-2.0
#include "solver/lines/dissection.hpp"

namespace arrayspice::lines {

namespace {

/// Cells [first row, last row) x [first column, last column).
struct Box {
  std::int64_t top, bottom, left, right;
  std::int64_t height() const { return bottom - top; }
  std::int64_t width() const { return right - left; }
  bool empty() const { return height() <= 0 || width() <= 0; }
};

class Dissection {
 public:
  Dissection(std::int64_t rows, std::int64_t columns) : rows_(rows), columns_(columns) {
    order_.reserve(static_cast<std::size_t>(2 * rows * columns));
    const Box all{0, rows, 0, columns};
    part(all, all);
  }
  Permutation take() { return std::move(order_); }

 private:
  /// Nodes of word lines in one box, of bit lines in another, which differs by the lines
  /// that cuts have left without company.
  void part(const Box& word, const Box& bit) {
    if (word.empty()) return add(bit, rows_ * columns_);
    if (bit.empty()) return add(word, 0);
    if (word.height() <= bit.width()) {
      const std::int64_t cut = (word.left + word.right) / 2;
      part({word.top, word.bottom, word.left, cut}, {bit.top, bit.bottom, bit.left, cut});
      part({word.top, word.bottom, cut + 1, word.right},
           {bit.top, bit.bottom, cut, bit.right});
      add({word.top, word.bottom, cut, cut + 1}, 0);
    } else {
      const std::int64_t cut = (bit.top + bit.bottom) / 2;
      part({word.top, cut, word.left, word.right}, {bit.top, cut, bit.left, bit.right});
      part({cut, word.bottom, word.left, word.right},
           {cut + 1, bit.bottom, bit.left, bit.right});
      add({cut, cut + 1, bit.left, bit.right}, rows_ * columns_);
    }
  }

  void add(const Box& box, std::int64_t first) {
    for (std::int64_t i = box.top; i < box.bottom; ++i)
      for (std::int64_t j = box.left; j < box.right; ++j)
        order_.push_back(static_cast<std::int32_t>(first + i * columns_ + j));
  }

  std::int64_t rows_, columns_;
  Permutation order_;
};

}  // namespace

Permutation dissect(std::int64_t rows, std::int64_t columns) {
  return Dissection(rows, columns).take();
}

}  // namespace arrayspice::lines
