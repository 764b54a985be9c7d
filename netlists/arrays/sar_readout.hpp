// SPDX-License-Identifier: Apache-2.0
// A SAR whose DAC is the column itself: once the cells of a column have shared their
// charges, their bottom plates go from VDD to ground in binary-weighted groups, and a
// comparator says after each whether the line is still above V_rst.
//
//   u 2^k cells:  out_j --/ph2/-- top_ij --Cu-- bot_j_k = VDD - lat_j_k
//   the others:   out_j --/ph2/-- top_ij --Cu-- gnd
//   half a step:  out_j --u Cu/2-- shf, which goes from gnd to VDD before the first bit
//
//   out_j --[above V_rst?]-- cmp_j --/dec/-- hld_j --[above VDD/2?]-- dcd_j
//   vdd --/try k/-- lat_j_k --/try k-1/-- dcd_j       (bits from B-1 down to 0)
//
// A set bit is a plate at ground. `try k` sets bit k and at once takes over what was
// decided of bit k + 1. With Q = sum C_i (V_i - V_rst) + C_half VDD the line is
//
//   V_rst + (Q - VDD sum over set bits of C)/(sum C + C_half + Cp)
//
// so that Cp scales signal and DAC alike, and moves no code. With equal capacitors the
// code is floor((V - V_rst)/LSB + 1/2), V the mean of the sampled voltages, LSB =
// VDD u/M, held within 0 .. 2^B - 1. The output is V_rst + LSB code.
#pragma once

#include "netlists/arrays/array.hpp"
#include "netlists/arrays/sink.hpp"
#include "netlists/arrays/spec.hpp"

namespace arrayspice {

inline bool has_sar(const ArraySpec& spec) { return spec.sense.kind == "sar"; }

/// Cells of the least significant bit: as many as let the codes reach VDD where the
/// column has cells enough for all bits.
std::int64_t sar_unit(const ArraySpec& spec);
/// V
double sar_step(const ArraySpec& spec);
/// Most bits that a column of so many cells can resolve.
std::int64_t most_sar_bits(std::int64_t rows);
/// The clock phases that sampling, sharing and all decisions take.
std::int64_t sar_phases(const ArraySpec& spec);

/// The bottom plate of cell (i, j).
Name sar_plate(const ArraySpec& spec, std::int64_t i, std::int64_t j);
/// What is read of column j.
inline Name sar_output(std::int64_t j) { return {"cod", j}; }

/// Models, clocks and sources that all columns share; those of the nodes `vdd`, `vr` (of
/// V_rst), `ph1` (sampling) and `ph2` (sharing) are the array's.
void sar_supplies(const ArraySpec& spec, NetlistSink& sink);
/// Comparator, latches and drivers of the plates of the column whose line is `line`.
/// thermal: rms of the line's charge noise, V.
void sar_column(const ArraySpec& spec, const Name& line, std::int64_t j, double thermal,
                NetlistSink& sink);
/// Half a step, F.
double sar_half_capacitance(const ArraySpec& spec);

/// What it makes of lines (batch, columns; V) without non-idealities.
Matrix sar_converted(const ArraySpec& spec, Matrix lines);
/// Standard deviation of what it makes of one line (V) with noise of `sigma` (V).
double sar_deviation(const ArraySpec& spec, double line, double sigma);

}  // namespace arrayspice
