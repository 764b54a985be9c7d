// SPDX-License-Identifier: Apache-2.0
// What the pages of all kinds of models show: how the model did on held-out solves, and
// what it was validated for.
#pragma once

#include <string>
#include <vector>

#include "behavior/npz.hpp"
#include "netlists/arrays/array.hpp"
#include "tools/html_page.hpp"
#include "tools/report_record.hpp"

namespace arrayspice {

/// A member of two axes; throws Failure (Exit::Input) without one. name: of the file.
Matrix matrix_member(const NpzContents& contents, std::string_view member,
                     const std::string& name);

/// An error of meta.json's accuracy, or a dash.
std::string error_text(const Json& errors, const char* key);

/// Scatter of the model over the circuit, and the histogram of errors over `scale`.
/// Throws Failure (Exit::Input) when test/y and test/model differ in size.
struct ErrorScale {
  double value;
  std::string name;  ///< e.g. "rms output"
};
std::vector<HtmlPage::Plot> accuracy_plots(const NpzContents& contents,
                                           const std::string& unit,
                                           const ErrorScale& scale,
                                           const std::string& name);

/// The first held-out array's weights, and the size of the errors over solves and
/// columns: where on the array a model is wrong, and for which arrays.
std::vector<HtmlPage::Plot> held_out_maps(const NpzContents& contents, const Json& meta,
                                          const ErrorScale& scale,
                                          const std::string& name);

/// The tables by kind of data and of simpler models.
void add_error_tables(HtmlPage& page, const Json& accuracy, const std::string& baselines);
void add_validity(HtmlPage& page, const Json& meta);

/// Pages of models by what they are.
std::string line_model_page(const NpzContents& contents, const Json& meta,
                            const std::string& name);
std::string readout_page(const NpzContents& contents, const Json& meta,
                         const std::string& name);

}  // namespace arrayspice
