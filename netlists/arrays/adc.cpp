// SPDX-License-Identifier: Apache-2.0
#include "netlists/arrays/adc.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "netlists/arrays/array_type.hpp"
#include "netlists/arrays/chip.hpp"

namespace arrayspice {

namespace {

std::int64_t code_count(const ArraySpec& spec) {
  return std::int64_t{1} << spec.converter.adc_bits;
}

struct Scale {
  double minimum, lsb;
};
Scale scale_of(const ArraySpec& spec) {
  const auto& c = spec.converter;
  if (c.adc == "tdc") return {0.5 * c.time_step, c.time_step};
  const OutputRange range =
      c.range == "fixed" ? OutputRange{c.minimum, c.maximum} : full_scale(spec);
  return {range.minimum,
          (range.maximum - range.minimum) / static_cast<double>(code_count(spec) - 1)};
}

double offset_of(const ArraySpec& spec, std::int64_t column) {
  const double sigma = spec.converter.comparator_offset;
  return sigma > 0.0 ? sigma * normal(chip_of(spec), Draw::AdcOffset, 0, column) : 0.0;
}

/// Of decision number `decision` of a conversion, LSB.
double noise_of(const ArraySpec& spec, std::int64_t column, std::int64_t product,
                std::int64_t decision) {
  const double rms = spec.converter.comparator_noise;
  return rms > 0.0
             ? rms * normal(chip_of(spec), Draw::AdcNoise, decision, column, product)
             : 0.0;
}

class IdealAdc final : public Adc {
 public:
  explicit IdealAdc(const ArraySpec& spec)
      : Adc(scale_of(spec).minimum, scale_of(spec).lsb, code_count(spec)) {}

 private:
  std::int64_t convert(double x, std::int64_t, std::int64_t) const override {
    return static_cast<std::int64_t>(std::floor(x + 0.5));
  }
  double threshold(std::int64_t code, std::int64_t) const override {
    return static_cast<double>(code) - 0.5;
  }
};

class SarAdc final : public Adc {
 public:
  explicit SarAdc(const ArraySpec& spec)
      : Adc(scale_of(spec).minimum, scale_of(spec).lsb, code_count(spec)), spec_(spec) {
    for (std::int64_t j = 0; j < spec.array.columns; ++j) add_column(j);
  }

 private:
  /// Levels of the bits of a column, from the least significant one, and its offset.
  struct Column {
    std::vector<double> bits;
    double offset;
  };

  void add_column(std::int64_t j) {
    const std::int64_t bits = spec_.converter.adc_bits;
    const auto capacitor = [&](std::int64_t k, double units) {
      const double z = normal(chip_of(spec_), Draw::AdcElement, k, j);
      return std::max(
          0.0, units * (1.0 + spec_.converter.capacitor_sigma / std::sqrt(units) * z));
    };
    Column column{{}, offset_of(spec_, j)};
    double total = capacitor(bits, 1.0);
    for (std::int64_t k = 0; k < bits; ++k) {
      column.bits.push_back(capacitor(k, std::ldexp(1.0, static_cast<int>(k))));
      total += column.bits.back();
    }
    for (double& level : column.bits) level *= static_cast<double>(codes()) / total;
    columns_.push_back(std::move(column));
  }

  std::int64_t convert(double x, std::int64_t column,
                       std::int64_t product) const override {
    const Column& at = columns_[static_cast<std::size_t>(column)];
    const double input = x + 0.5 + at.offset;
    std::int64_t code = 0;
    double level = 0.0;
    for (std::int64_t k = std::ssize(at.bits) - 1; k >= 0; --k) {
      const double trial = level + at.bits[static_cast<std::size_t>(k)];
      if (input + noise_of(spec_, column, product, k) < trial) continue;
      level = trial;
      code |= std::int64_t{1} << k;
    }
    return code;
  }

  /// The search goes above code k when it keeps a bit that k lacks before it drops one
  /// that k has. From the last bit on: with the level L of the bits before and this bit,
  /// at least k takes max(L, rest) where k has the bit and min(L, rest) where it lacks
  /// it.
  double threshold(std::int64_t code, std::int64_t column) const override {
    const Column& at = columns_[static_cast<std::size_t>(column)];
    double above = 0.0;  // of the bits of the code that come before
    for (std::size_t k = 0; k < at.bits.size(); ++k)
      if ((code >> k) & 1) above += at.bits[k];
    double rest = -std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < at.bits.size(); ++k) {
      const bool has = (code >> k) & 1;
      if (has) above -= at.bits[k];
      const double level = above + at.bits[k];
      rest = has ? std::max(level, rest) : std::min(level, rest);
    }
    return rest - 0.5 - at.offset;
  }

  ArraySpec spec_;
  std::vector<Column> columns_;
};

class RampAdc final : public Adc {
 public:
  explicit RampAdc(const ArraySpec& spec)
      : Adc(scale_of(spec).minimum, scale_of(spec).lsb, code_count(spec)), spec_(spec) {
    const auto& c = spec.converter;
    constexpr double kLeastSlope = 0.01;
    slope_ = 1.0 + c.slope_error;
    if (c.slope_error_sigma > 0.0)
      slope_ += c.slope_error_sigma * normal(chip_of(spec), Draw::AdcSlope, 0, 0);
    slope_ = std::max(slope_, kLeastSlope);
  }

 private:
  std::int64_t convert(double x, std::int64_t column,
                       std::int64_t product) const override {
    const double input =
        x + 0.5 + offset_of(spec_, column) + noise_of(spec_, column, product, 0);
    return static_cast<std::int64_t>(
        std::floor(input / slope_ + spec_.converter.comparator_delay));
  }
  double threshold(std::int64_t code, std::int64_t column) const override {
    return (static_cast<double>(code) - spec_.converter.comparator_delay) * slope_ - 0.5 -
           offset_of(spec_, column);
  }

  ArraySpec spec_;
  double slope_;
};

class DelayLineAdc final : public Adc {
 public:
  explicit DelayLineAdc(const ArraySpec& spec)
      : Adc(scale_of(spec).minimum, scale_of(spec).lsb, code_count(spec)) {
    for (std::int64_t j = 0; j < spec.array.columns; ++j) {
      std::vector<double> passed;
      double sum = -0.5;
      for (std::int64_t k = 1; k < codes(); ++k) {
        const double z = normal(chip_of(spec), Draw::AdcElement, k, j);
        passed.push_back(sum += std::max(0.0, 1.0 + spec.converter.time_step_sigma * z));
      }
      passed_.push_back(std::move(passed));
    }
  }

 private:
  std::int64_t convert(double x, std::int64_t column, std::int64_t) const override {
    const auto& passed = passed_[static_cast<std::size_t>(column)];
    return std::upper_bound(passed.begin(), passed.end(), x) - passed.begin();
  }
  double threshold(std::int64_t code, std::int64_t column) const override {
    return passed_[static_cast<std::size_t>(column)][static_cast<std::size_t>(code - 1)];
  }

  std::vector<std::vector<double>> passed_;
};

/// Levels of the DAC of a row, 0 to 1.
std::vector<double> dac_levels(const ArraySpec& spec, std::int64_t row) {
  const std::int64_t elements = (std::int64_t{1} << spec.converter.dac_bits) - 1;
  std::vector<double> levels{0.0};
  for (std::int64_t k = 0; k < elements; ++k) {
    const double z = spec.converter.dac_unit_sigma > 0.0
                         ? normal(chip_of(spec), Draw::DacElement, row, k)
                         : 0.0;
    constexpr double kLeast = 1e-3;
    levels.push_back(levels.back() +
                     std::max(kLeast, 1.0 + spec.converter.dac_unit_sigma * z));
  }
  const double all = levels.back();
  for (double& level : levels) level /= all;
  return levels;
}

}  // namespace

Matrix converted_inputs(const ArraySpec& spec, const Matrix& inputs) {
  if (spec.converter.dac_bits == 0) return inputs;
  const Domain domain = input_domain(spec);
  const double span = domain.maximum - domain.minimum;
  Matrix actual = inputs;
  for (std::int64_t i = 0; i < inputs.columns; ++i) {
    const std::vector<double> levels = dac_levels(spec, i);
    const auto steps = static_cast<double>(levels.size() - 1);
    for (std::int64_t k = 0; k < inputs.rows; ++k) {
      const double part = (inputs(k, i) - domain.minimum) / span;
      const double step = std::clamp(std::round(part * steps), 0.0, steps);
      actual(k, i) = domain.minimum + span * levels[static_cast<std::size_t>(step)];
    }
  }
  return actual;
}

OutputRange full_scale(const ArraySpec& spec) {
  const Domain weight = weight_domain(spec), input = input_domain(spec);
  OutputRange range{INFINITY, -INFINITY};
  ArraySpec column = spec;
  column.array.columns = 1;
  const auto rows = static_cast<std::size_t>(spec.array.rows);
  for (const double w : {weight.minimum, weight.maximum}) {
    for (const double x : {input.minimum, input.maximum}) {
      const Matrix weights{spec.array.rows, 1, std::vector<double>(rows, w)};
      const Matrix inputs{1, spec.array.rows, std::vector<double>(rows, x)};
      const double y = array_type(spec).ideal(column, weights, inputs)(0, 0);
      if (!std::isfinite(y)) continue;  // a division by cells that hold nothing
      range.minimum = std::min(range.minimum, y);
      range.maximum = std::max(range.maximum, y);
    }
  }
  return range;
}

bool has_adc(const ArraySpec& spec) { return spec.converter.adc != "none"; }

std::int64_t Adc::code(double output, std::int64_t column, std::int64_t product) const {
  // A little beyond either end, where every converter holds.
  const double x = std::clamp((output - minimum_) / lsb_, -1e9, 1e9);
  return std::clamp<std::int64_t>(convert(x, column, product), 0, codes_ - 1);
}

std::vector<double> Adc::thresholds(std::int64_t column) const {
  std::vector<double> levels;
  for (std::int64_t k = 1; k < codes_; ++k)
    levels.push_back(minimum_ + lsb_ * threshold(k, column));
  return levels;
}

std::unique_ptr<Adc> make_adc(const ArraySpec& spec) {
  const std::string& kind = spec.converter.adc;
  if (kind == "ideal") return std::make_unique<IdealAdc>(spec);
  if (kind == "sar") return std::make_unique<SarAdc>(spec);
  if (kind == "ramp") return std::make_unique<RampAdc>(spec);
  if (kind == "tdc") return std::make_unique<DelayLineAdc>(spec);
  return nullptr;
}

Linearity linearity(const Adc& adc, std::int64_t column) {
  const std::vector<double> levels = adc.thresholds(column);
  Linearity worst{0.0, 0.0, 0};
  if (levels.size() < 2) return worst;
  const double step =
      (levels.back() - levels.front()) / static_cast<double>(levels.size() - 1);
  for (std::size_t k = 0; k + 1 < levels.size(); ++k) {
    const double width = levels[k + 1] - levels[k];
    worst.dnl = std::max(worst.dnl, std::abs(width / step - 1.0));
    worst.inl = std::max(worst.inl, std::abs((levels[k] - levels.front()) / step -
                                             static_cast<double>(k)));
    if (width <= 0.0) ++worst.missing;
  }
  return worst;
}

Conversion converted_outputs(const Adc& adc, const Matrix& outputs) {
  Conversion done{outputs, outputs};
  for (std::int64_t k = 0; k < outputs.rows; ++k) {
    for (std::int64_t j = 0; j < outputs.columns; ++j) {
      const std::int64_t code = adc.code(outputs(k, j), j, k);
      done.codes(k, j) = static_cast<double>(code);
      done.values(k, j) = adc.value_of(code);
      done.clipped += adc.clips(outputs(k, j)) ? 1 : 0;
    }
  }
  return done;
}

}  // namespace arrayspice
