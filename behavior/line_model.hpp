// SPDX-License-Identifier: Apache-2.0
// LINE-k: the crossbar equations truncated after k sweeps of exact line solves
// (docs/line-model.md has the equations in the same symbols).
//
//   word lines:  r = d w - i,  w <- tridiagonal solve of every row
//   bit lines:   r = d b + i,  b <- tridiagonal solve of every column
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "behavior/chord_table.hpp"
#include "netlists/arrays/array.hpp"

namespace arrayspice {

/// Resistances of one family of wires, in ohm. The near end is where a one-sided line is
/// driven or sensed: left of a word line, bottom of a bit line.
struct Wires {
  double segment = 0.0;
  std::vector<double> near_end;  ///< per line: driver or sense resistance
  std::vector<double> far_end;   ///< empty: the far end is open
};

struct LineModel {
  ChordTable table;
  Wires word;
  Wires bit;
  int sweeps = 1;
  /// V, of what feeds the cells where inputs are gates: the cell's current is x i(v), and
  /// word lines are ideal. 0: inputs are the voltages of word lines.
  double read_voltage = 0.0;
  double sense_voltage = 0.0;  ///< V, of the virtual grounds

  bool is_gated() const { return read_voltage != 0.0; }
  /// Inputs as the lines see them: voltages against the virtual grounds; gates as they
  /// are.
  std::vector<double> seen(std::span<const double> inputs) const;

  std::int64_t rows() const { return static_cast<std::int64_t>(word.near_end.size()); }
  std::int64_t columns() const { return static_cast<std::int64_t>(bit.near_end.size()); }
};

/// One line of nodes between two sources: conductance c between neighbours, alpha from
/// node 0 to source p, beta from the last node to source s.
struct Ladder {
  double c = 0.0;
  double alpha = 0.0, p = 0.0;
  double beta = 0.0, s = 0.0;
};

/// Solves the ladder with loads d >= 0 and injected currents x, which becomes the node
/// voltages. m is scratch of the same length. No subtraction: full relative accuracy.
void solve_ladder(const Ladder& line, std::span<const double> d, std::span<double> x,
                  std::span<double> m);

/// The same for a line without segment resistance.
void solve_one_node(const Ladder& line, std::span<const double> d, std::span<double> x);

/// Voltages or currents of all cells: rows x columns, row-major.
using CellValues = std::vector<double>;

/// The state of one array with given conductances under one input.
class LineArray {
 public:
  /// The model must outlive the array.
  LineArray(const LineModel& model, const Matrix& conductances);

  const LineModel& model() const { return model_; }
  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }

  void start(std::span<const double> input);  ///< seen(); w = V, b = 0
  void start(std::span<const double> input, CellValues w, CellValues b);
  void sweep();                         ///< all word lines, then all bit lines
  void sweep_words();                   ///< all word lines
  std::vector<double> outputs() const;  ///< A, one per column

  const CellValues& w() const { return w_; }
  const CellValues& b() const { return b_; }
  CellValues currents() const;
  CellValues slopes() const;

  /// Of lines with segment resistance and without sources: loads d and injected currents
  /// x, which become the voltages.
  void solve_words(const CellValues& d, CellValues& x);
  void solve_bits(const CellValues& d, CellValues& x);

  /// Derivatives of sum_j weights_j I_j by so many sweeps of the transposed equations at
  /// the present state, for arrays whose lines have segment resistance.
  struct Gradient {
    CellValues by_conductance;     ///< V
    std::vector<double> by_input;  ///< S
  };
  Gradient gradient(std::span<const double> weights, int sweeps);

 private:
  /// What a half sweep needs to know about its family of lines.
  struct Family {
    const Wires* wires;
    std::size_t lines, length;
    std::size_t line_stride, node_stride;
    double sign;  // cell voltage = sign (x - other)
  };
  enum class Kind { Ideal, OneNode, Ladder };

  static Kind kind(const Wires& wires, std::size_t line);
  /// Current and slope of cell k at voltage v.
  ChordTable::Point cell_at(std::size_t k, double v) const;
  Ladder ladder(const Family& family, std::size_t line) const;
  void half_sweep(const Family& family, CellValues& x, const CellValues& other);
  void solve_lines(const Family& family, const CellValues& d, CellValues& x);
  double bit_line_output(std::size_t column) const;

  const LineModel& model_;
  std::size_t rows_, columns_;
  Family word_, bit_;
  std::vector<ChordTable::Cell> cells_;
  std::vector<double> input_;
  std::vector<double> gate_;  // per row, where inputs are gates
  CellValues w_, b_;
  std::vector<double> d_, r_, m_;  // one line at a time
};

/// Outputs (batch x columns) of an array with the model's number of sweeps; inputs are
/// (batch x rows), as seen().
Matrix line_outputs(const LineModel& model, const Matrix& conductances,
                    const Matrix& inputs);

}  // namespace arrayspice
