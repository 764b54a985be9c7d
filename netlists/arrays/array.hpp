// SPDX-License-Identifier: Apache-2.0
// From a spec to a circuit: geometry, variation and sense circuits of an array, described
// once to a NetlistSink. One sink builds the Circuit in memory, another writes the deck,
// so that both are the same array by construction.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "devices/circuit.hpp"
#include "netlists/arrays/part.hpp"
#include "netlists/arrays/spec.hpp"

namespace arrayspice {

/// A dense row-major matrix of doubles, as a .npy file holds it.
struct Matrix {
  std::int64_t rows = 0, columns = 0;
  std::vector<double> values;
  double& operator()(std::int64_t i, std::int64_t j) { return values[i * columns + j]; }
  double operator()(std::int64_t i, std::int64_t j) const {
    return values[i * columns + j];
  }
};

/// Inputs (1, rows).
inline Matrix one_product(std::span<const double> inputs) {
  return {1, std::ssize(inputs), {inputs.begin(), inputs.end()}};
}

/// a b
Matrix product(const Matrix& a, const Matrix& b);

/// A two-dimensional .npy file; throws Failure.
Matrix read_matrix(const std::filesystem::path& path);

/// Throw Failure(Exit::Input) that names the first offending index and the allowed range;
/// name is what the message calls the matrix. Weights are (rows, columns), inputs (batch,
/// rows), in the units of the cell structure.
void check_weights(const ArraySpec& spec, const Matrix& weights, const std::string& name);
void check_inputs(const ArraySpec& spec, const Matrix& inputs, const std::string& name);

/// What the cells of this chip really hold (cell_statistics.hpp); of pairs (pairs.hpp)
/// the cells that are built. Shape and range of the weights are checked (Failure).
Matrix programmed_conductances(const ArraySpec& spec, const Matrix& weights,
                               const std::string& name = "weights");

/// Weights when the user gives none: uniform random in [cell.minimum, cell.maximum],
/// keyed by the seed.
Matrix default_weights(const ArraySpec& spec);

/// An array as a circuit, with handles on what its users need.
struct ArrayCircuit {
  std::unique_ptr<Circuit> circuit;  ///< finalized
  /// All, as they were described; of a cell after another (Experiment::joint) the last is
  /// what it reads.
  std::vector<DeviceId> sources;
  std::vector<DeviceId> inputs;                ///< rows: the V sources `vin_<i>`
  std::vector<DeviceId> cells;                 ///< rows x columns, row-major
  std::vector<UnknownId> word_line, bit_line;  ///< rows x columns: nodes at the cells
  /// columns: the unknown that is read (see Experiment); several may be one node.
  std::vector<UnknownId> outputs;
  std::vector<std::pair<UnknownId, double>> initial;  ///< `.ic`, V
  ArrayPart part;  ///< nothing of other parts is in these lists
};

/// Builds the array (without pairs), or a part of it (a column, or a cell of
/// Experiment::joint), with the given weights (rows x columns), all inputs 0.
ArrayCircuit build_array(const ArraySpec& spec, const Matrix& weights,
                         const ArrayPart& part = {});

/// Reprograms the cells of a built array.
void set_conductances(ArrayCircuit& array, const Matrix& conductances);

/// Applies inputs (rows, V) to the sources; they stay constant.
void set_inputs(ArrayCircuit& array, std::span<const double> inputs);

/// Applies inputs (rows) of any type of array: what all sources do over time, and how
/// the cells read, during product number `product`.
void set_signals(ArrayCircuit& array, const ArraySpec& spec, const Matrix& weights,
                 std::span<const double> inputs, std::int64_t product = 0);

enum class Dialect { Native, Ngspice, Xyce };

/// Receives a deck piece by piece.
using DeckWriter = std::function<void(std::string_view)>;

/// Writes the same array as a deck that computes and prints the outputs of product number
/// `product`; conductances from programmed_conductances(), inputs (rows) in V. record:
/// lines for the comment at its head (version, files), beside the spec.
void write_array_deck(const ArraySpec& spec, const Matrix& conductances,
                      std::span<const double> inputs, Dialect dialect,
                      std::span<const std::string> record, const DeckWriter& write,
                      std::int64_t product = 0);
/// The same as one text.
std::string array_deck(const ArraySpec& spec, const Matrix& conductances,
                       std::span<const double> inputs, Dialect dialect,
                       std::int64_t product = 0);

/// Bytes that building and solving the array as a circuit will need, computed before any
/// allocation.
double memory_needed(const ArraySpec& spec);
/// Bytes that reading weights and writing a deck will need, and about those of the deck.
double memory_for_weights(const ArraySpec& spec);
double deck_size(const ArraySpec& spec);

}  // namespace arrayspice
