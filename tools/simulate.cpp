// SPDX-License-Identifier: Apache-2.0
// `arrayspice simulate`: runs the analyses of a SPICE deck.
#include <string>
#include <vector>

#include "tools/verb.hpp"

namespace arrayspice {

namespace {

void declare(po::options_description& options,
             po::positional_options_description& positional) {
  options.add_options()("deck", po::value<std::string>()->required()->value_name("DECK"),
                        "the deck to run");
  positional.add("deck", 1);
}

Exit run(const po::variables_map&, const CommonOptions&) {
  throw Failure(Exit::Input, "this version cannot run decks");
}

}  // namespace

const Verb kSimulate{"simulate",
                     "DECK [-o FILE] [options]",
                     "run the analyses of a SPICE deck",
                     "",
                     declare,
                     run};

}  // namespace arrayspice
