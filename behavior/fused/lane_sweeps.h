/* SPDX-License-Identifier: Apache-2.0
 *
 * Line sweeps of one array for many inputs at once, in single precision: the inputs are
 * the lanes of the vectors. docs/line-model.md has the equations in the same symbols; the
 * C interface is for python/arrayspice/fused.py.
 *
 * All tables are row-major. Cells are (rows, columns); a state is (groups, rows, columns,
 * lanes), input k being lane k % lanes of group k / lanes.
 */
#pragma once

#include <stdint.h>

#define ARRAYSPICE_EXPORT __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

/** i = scale v P(u) with u = v / range, or its square where P is even; |u| <= 1. */
typedef struct {
  int64_t terms; /**< of P: 1, 5 or 9 */
  int64_t even;
  int64_t per_cell; /**< every cell has its own P, and no scale */
  float range;      /**< V */
  const float* p;   /**< (terms), or (cells, terms) */
  const float* scale;
  const float* p_by_g; /**< the same of di/dg: only with per_cell */
  const float* scale_by_g;
} ArraySpiceLaw;

/** One family of wires: c between nodes, alpha and beta at both ends of every line. */
typedef struct {
  float c;
  const float* alpha;
  const float* beta;
} ArraySpiceWires;

typedef struct {
  int64_t rows, columns;
  ArraySpiceWires word, bit;
  ArraySpiceLaw law;
} ArraySpiceArray;

/** Where the sweeps begin. Without rest: w = V, b = 0. Otherwise
 *    w = rest + sum_k (x+^k rise[0][k-1] + x-^k rise[1][k-1]),  x+- = max(0, +-V / range)
 *    b = sum_r profiles[r] states[r]                                                  */
typedef struct {
  const float* rest; /**< (cells) */
  int64_t powers;
  float range;
  const float* rise; /**< (2, powers, cells) */
  int64_t modes;
  const float* profiles; /**< (modes, cells) */
  const float* states;   /**< (batch, modes, columns) */
} ArraySpiceStart;

/** A sweep is all word lines and then all bit lines, or the word lines alone. */
typedef struct {
  int64_t batch;
  const float* inputs; /**< (batch, rows), V */
  int64_t sweeps;
  int64_t words_only;
  float* outputs; /**< (batch, columns), A; null: not wanted */
  float* v;       /**< state w - b; null: not wanted */
  float* b;       /**< state; null: not wanted */
} ArraySpiceRun;

/** Derivatives of sum weights I at the state v. */
typedef struct {
  int64_t batch;
  const float* v;
  const float* weights; /**< (batch, columns) */
  int64_t sweeps;
  float* by_conductance; /**< (cells), summed over the batch */
  float* by_input;       /**< (batch, rows) */
} ArraySpiceAdjoint;

/** y (batch, columns) = x (batch, inner) m (inner, columns). */
typedef struct {
  int64_t batch, inner, columns;
  const float* x;
  const float* m;
  float* y;
} ArraySpiceProduct;

/** Of these structures. A caller that was written for another must not go on. */
ARRAYSPICE_EXPORT int64_t arrayspice_fused_version(void);
ARRAYSPICE_EXPORT int64_t arrayspice_lanes(void);
ARRAYSPICE_EXPORT const char* arrayspice_instruction_set(void);

ARRAYSPICE_EXPORT void arrayspice_sweep(const ArraySpiceArray* array,
                                        const ArraySpiceStart* start,
                                        const ArraySpiceRun* run);
ARRAYSPICE_EXPORT void arrayspice_adjoint(const ArraySpiceArray* array,
                                          const ArraySpiceAdjoint* adjoint);
ARRAYSPICE_EXPORT void arrayspice_multiply(const ArraySpiceProduct* product);

#ifdef __cplusplus
}
#endif
