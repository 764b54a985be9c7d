// SPDX-License-Identifier: Apache-2.0
#include "behavior/product_file.hpp"

#include <fmt/format.h>

#include <iterator>

#include "behavior/npz.hpp"
#include "netlists/arrays/adc.hpp"

namespace arrayspice {

void ProductFile::add(const ArraySpec& chip, const ChipProducts& products) {
  ++chips_;
  batch_ = products.outputs.rows;
  columns_ = products.outputs.columns;
  const auto append = [](std::vector<double>& all, const std::vector<double>& more) {
    all.insert(all.end(), more.begin(), more.end());
  };
  append(outputs_, products.outputs.values);
  append(codes_, products.codes.values);
  if (const auto adc = make_adc(chip)) {
    thresholds_each_ = adc->codes() - 1;
    for (std::int64_t j = 0; j < columns_; ++j) append(thresholds_, adc->thresholds(j));
  }
}

NpyArray ProductFile::shaped(std::vector<std::int64_t> of_chip,
                             const std::vector<double>& values) const {
  if (several_) of_chip.insert(of_chip.begin(), chips_);
  return {std::move(of_chip), values};
}

std::string ProductFile::csv() const {
  std::string text = "chip,product";
  const auto out = std::back_inserter(text);
  for (std::int64_t j = 0; j < columns_; ++j) fmt::format_to(out, ",y_{}", j);
  if (!codes_.empty())
    for (std::int64_t j = 0; j < columns_; ++j) fmt::format_to(out, ",code_{}", j);
  text += '\n';
  for (std::int64_t k = 0; k < chips_ * batch_; ++k) {
    fmt::format_to(out, "{},{}", first_chip_ + k / batch_, k % batch_);
    for (const auto* values : {&outputs_, &codes_})
      if (!values->empty())
        for (std::int64_t j = 0; j < columns_; ++j)
          fmt::format_to(out, ",{}", (*values)[k * columns_ + j]);
    text += '\n';
  }
  return text;
}

std::string ProductFile::bytes(const std::filesystem::path& file) const {
  if (file.extension() == ".csv") return csv();
  const NpyArray outputs = shaped({batch_, columns_}, outputs_);
  if (file.extension() != ".npz") return npy_bytes(outputs.shape, outputs.values);
  NpzContents contents;
  contents.arrays["y"] = outputs;
  if (!codes_.empty()) {
    contents.arrays["codes"] = shaped({batch_, columns_}, codes_);
    contents.arrays["thresholds"] = shaped({columns_, thresholds_each_}, thresholds_);
  }
  return npz_bytes(contents);
}

double memory_for_products(const ArraySpec& spec, std::int64_t batch,
                           std::int64_t chips) {
  const auto columns = static_cast<double>(spec.array.columns);
  const double converted =
      has_adc(spec) ? static_cast<double>(std::int64_t{1} << spec.converter.adc_bits)
                    : 0.0;
  constexpr double kCopies = 3.0;  // what is kept, its shape and the bytes of the file
  return kCopies * sizeof(double) * static_cast<double>(chips) * columns *
         (2.0 * static_cast<double>(batch) + converted);
}

}  // namespace arrayspice
