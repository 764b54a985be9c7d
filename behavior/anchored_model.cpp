// SPDX-License-Identifier: Apache-2.0
#include "behavior/anchored_model.hpp"

#include "behavior/warm_start.hpp"

namespace arrayspice {

WarmStart::WarmStart(const AnchoredSettings& settings, LineArray& array)
    : parts_(std::make_unique<Parts>(settings, array)) {}
WarmStart::~WarmStart() = default;
WarmStart::WarmStart(WarmStart&&) noexcept = default;

void WarmStart::start(std::span<const double> input, LineArray& array) const {
  array.start(input, values_of(parts_->word_voltages(input)),
              values_of(parts_->bit_voltages(parts_->predicted(input).s)));
}

double WarmStart::activity(std::span<const double> input) const {
  return (parts_->predicted(input).s[0] / parts_->smax[0]).maxCoeff();
}

}  // namespace arrayspice
