// SPDX-License-Identifier: Apache-2.0
// One self-contained page: headline, key figures, plots with captions, tables. Style
// sheet and pictures are inside; nothing is loaded from anywhere.
#pragma once

#include <string>
#include <vector>

namespace arrayspice {

class HtmlPage {
 public:
  HtmlPage(std::string title, std::string subtitle);

  struct Figure {
    std::string name, value, note;
  };
  void add_figures(const std::vector<Figure>& figures);
  void add_heading(const std::string& text, const std::string& explanation = "");
  struct Plot {
    std::string title, svg, note;
  };
  /// Plots flow in as many columns as the window is wide.
  void add_plots(const std::vector<Plot>& plots);
  using Rows = std::vector<std::vector<std::string>>;
  void add_table(const std::vector<std::string>& header, const Rows& rows);
  void add_text_block(const std::string& summary, const std::string& text);

  std::string text() const;

 private:
  std::string title_, subtitle_, body_;
};

}  // namespace arrayspice
