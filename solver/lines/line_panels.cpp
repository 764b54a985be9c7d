// SPDX-License-Identifier: Apache-2.0
#include "solver/lines/line_panels.hpp"

#include <algorithm>

namespace arrayspice::lines {

namespace {

constexpr std::int32_t kLanes = 8;

class PanelMaker {
 public:
  PanelMaker(const LineStructure& lines, const std::vector<std::uint8_t>& in_border)
      : lines_(lines), in_border_(in_border) {
    result_.position.assign(in_border.size(), -1);
    result_.above.assign(in_border.size(), -1);
  }

  LinePanels make() {
    for (std::size_t level = 0; level < kLevels; ++level) {
      if (level == kEliminated) place_border();
      place_level(level);
      result_.level_ends[level] = static_cast<std::int32_t>(result_.panels.size());
      result_.position_ends[level] = next_;
    }
    return std::move(result_);
  }

 private:
  struct Placed {
    std::int32_t line, lane, step;
  };

  std::int32_t length(std::int32_t line) const {
    return lines_.starts[line + 1] - lines_.starts[line];
  }

  void place_border() {
    result_.border_begin = next_;
    for (std::size_t row = 0; row < in_border_.size(); ++row)
      if (in_border_[row]) result_.position[row] = next_++;
    result_.border_end = next_;
  }

  /// Lines in turn fill the lanes to the length of the longest.
  void place_level(std::size_t level) {
    const std::int32_t begin = lines_.level_begin(level), end = lines_.level_ends[level];
    std::int32_t longest = 0;
    for (std::int32_t line = begin; line < end; ++line)
      longest = std::max(longest, length(line));
    std::int32_t lane = 0, filled = 0;
    for (std::int32_t line = begin; line < end; ++line) {
      if (filled + length(line) > longest) {
        filled = 0;
        if (++lane == kLanes) {
          close(kLanes);
          lane = 0;
        }
      }
      open_.push_back({line, lane, filled});
      filled += length(line);
    }
    if (!open_.empty()) close(lane + 1);
  }

  void close(std::int32_t width) {
    std::int32_t steps = 0;
    for (const Placed& p : open_) steps = std::max(steps, p.step + length(p.line));
    std::vector<std::uint8_t> used(static_cast<std::size_t>(steps) * width, 0);
    for (const Placed& p : open_)
      for (std::int32_t k = 0; k < length(p.line); ++k) {
        const std::int32_t row = lines_.order[lines_.starts[p.line] + k];
        const std::int32_t offset = (p.step + k) * width + p.lane;
        used[offset] = 1;
        result_.position[row] = next_ + offset;
        if (k > 0) result_.above[row] = lines_.order[lines_.starts[p.line] + k - 1];
      }
    for (std::size_t k = 0; k < used.size(); ++k)
      if (!used[k]) result_.padding.push_back(next_ + static_cast<std::int32_t>(k));
    result_.panels.push_back({next_, steps, width});
    next_ += steps * width;
    open_.clear();
  }

  const LineStructure& lines_;
  const std::vector<std::uint8_t>& in_border_;
  LinePanels result_;
  std::vector<Placed> open_;  // of the panel being filled
  std::int32_t next_ = 0;
};

}  // namespace

LinePanels make_panels(const LineStructure& lines,
                       const std::vector<std::uint8_t>& in_border) {
  return PanelMaker(lines, in_border).make();
}

}  // namespace arrayspice::lines
