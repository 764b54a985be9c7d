// SPDX-License-Identifier: Apache-2.0
// `arrayspice report`: a page of plots and figures from what extract or export wrote.
#include <fmt/format.h>

#include <filesystem>

#include "netlists/atomic_file.hpp"
#include "tools/report_page.hpp"
#include "tools/verb.hpp"

namespace arrayspice {

namespace {

void declare(po::options_description& options,
             po::positional_options_description& positional) {
  options.add_options()("input",
                        po::value<std::string>()->required()->value_name("DIR|MODEL"),
                        "a folder that extract wrote, or an .npz that export wrote")(
      "output,o", po::value<std::string>()->required()->value_name("FILE.html"),
      "the page to write");
  positional.add("input", 1);
}

Exit run(const po::variables_map& given, const CommonOptions&) {
  const std::filesystem::path input = given["input"].as<std::string>();
  const std::string page =
      std::filesystem::is_directory(input) ? extraction_page(input) : model_page(input);
  write_file(given["output"].as<std::string>(), page);
  return Exit::Done;
}

}  // namespace

const Verb kReport{"report",
                   "DIR|MODEL -o FILE.html",
                   "a self-contained page of plots and figures",
                   "  arrayspice report measured/ -o measured.html",
                   declare,
                   run};

}  // namespace arrayspice
