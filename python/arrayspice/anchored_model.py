# SPDX-License-Identifier: Apache-2.0
"""AWL-k as a PyTorch layer: k line sweeps from an anchored start (docs/models.md)."""

from __future__ import annotations

import os
import warnings
from typing import Any, List, Optional, Tuple, Union

import torch

from .base_model import ArrayModel, OutsideValidity
from .cells import Cells
from .ladder import Ladder
from .line_model import cold_start, sweeps, word_sweep
from .model_file import ModelFile

Tensor = torch.Tensor

_NEWTON = 3  # half sweeps of the row table
_RIDGE = 1e-3  # of the mean diagonal
_HEADROOM = 1.1  # of the largest anchor state
_TINY = 1e-30  # instead of 0 in a denominator


class _RowTable:
    """Cell currents and word-line voltages of rows over their input V = sign x scale,
    x >= 0, with bit lines at rest: f - f_0 = psi(x) C and w - w_0 = sum_k x^k W_k."""

    def __init__(self, model: "AnchoredModel", cells: Cells, w: Tensor, rest: Tensor,
                 sign: float):
        """w: rows solved at sign x (levels, start_levels)."""
        self._sign = sign / float(model.levels[-1])
        w, start = w.split([len(model.levels), len(model.start_levels)])
        current = cells.current(w - rest)[0]
        self.f0 = current[0]
        change = current[1:] - current[0]
        z = torch.linalg.eigh(torch.einsum("aij,bij->ab", change, change))[1][:, -1]
        z = z * torch.sign(z.sum())
        self.c = torch.einsum("a,aij->ij", z, change)
        self._psi = _through_origin(model.levels[1:] / model.levels[-1], z)
        self.w0 = start[0]
        self._w = _through_origin(model.start_levels[1:] / model.levels[-1],
                                  start[1:] - start[0])

    def _fraction(self, inputs: Tensor) -> Tensor:
        return (inputs * self._sign).clamp(min=0.0)

    def psi(self, inputs: Tensor) -> Tensor:
        return _polynomial(self._psi, self._fraction(inputs))

    def rise(self, inputs: Tensor) -> Tensor:
        """w - w_0: (batch, rows, columns)."""
        return _polynomial(self._w, self._fraction(inputs).unsqueeze(-1))


def _rows_at(levels: Tensor, cells: Cells, word: Ladder, rest: Tensor) -> Tensor:
    """Word lines with every input at each of the levels: (levels, rows, columns)."""
    inputs = levels.unsqueeze(1).expand(-1, len(rest))
    w, _ = cold_start(inputs, rest.shape[1])
    for _ in range(_NEWTON):
        w = word_sweep(word, cells, inputs, w, rest)
    return w


class WarmStart:
    """Predicts word-line and bit-line voltages of one programmed array from its inputs.

    Symbols are those of docs/models.md: e_r modes of the bit lines, phi_r profiles, s_r
    column states, psi and C the row table, u_i - 1 the row environment.
    """

    def __init__(self, model: "AnchoredModel", cells: Cells, lines: Tuple[Ladder, Ladder]):
        self._modes = model.modes
        word, bit = lines
        w, b = cold_start(model.anchors, model.file.columns)
        w, b = sweeps(lines, cells, model.anchors, w, b, model.anchor_sweeps)
        d, rest = cells.current(w - b)[1].mean(0), b.mean(0)
        self._profiles = self._find_profiles(b)
        levels = torch.cat([model.levels, model.start_levels])
        rows = _rows_at(torch.cat([levels, -levels]), cells, word, rest)
        self._tables = [_RowTable(model, cells, w, rest, sign)
                        for w, sign in zip(rows.chunk(2), (1.0, -1.0))]
        self._couple(word, bit, d, rest)
        self._correct(model.anchors, b)

    def _find_profiles(self, b: Tensor) -> List[Tensor]:
        """phi_r: the shape of b over a column that the state s_r scales."""
        s = torch.einsum("i,sij->sj", self._modes[0], b)
        power = (s * s).sum(0).clamp(min=_TINY)
        first = (b * s.unsqueeze(1)).sum(0) / power
        return [first] + [e.unsqueeze(1).expand_as(first) for e in self._modes[1:]]

    def _couple(self, word: Ladder, bit: Ladder, d: Tensor, rest: Tensor) -> None:
        """The matrices from rows to column states and from column states to rows."""
        columns = bit.factors(d.mT)
        eta = [columns.solve(e.expand(d.shape[1], -1)).mT for e in self._modes]
        for r in range(1, len(eta)):
            eta[r] = eta[r] - (self._modes[r] @ self._profiles[0]) * eta[0]
        by_rest = d * word.factors(d).solve(d * rest)
        self._by_psi = [[e * table.c for e in eta] for table in self._tables]
        self._by_u = [e * by_rest for e in eta]
        self._s0 = [(e * (self._tables[0].f0 + d * rest)).sum(0) for e in eta]
        omega = d * word.resistance_to_sources(d.shape[1])
        omega = omega / (omega * rest).sum(1, keepdim=True).clamp(min=_TINY)
        self._to_u = [(omega * phi).mT for phi in self._profiles]

    def _environment(self, s: List[Tensor]) -> Tensor:
        """u - 1 of every row (batch, rows)."""
        return sum(a @ matrix for a, matrix in zip(s, self._to_u)) - 1.0

    def _states(self, inputs: Tensor) -> Tuple[List[Tensor], Tensor]:
        """Column states (batch, columns) and m = mean of u - 1 (batch, 1)."""
        s = list(self._s0)
        for table, matrices in zip(self._tables, self._by_psi):
            psi = table.psi(inputs)
            s = [a + psi @ matrix for a, matrix in zip(s, matrices)]
        u = self._environment(s)
        s = [a + u @ matrix for a, matrix in zip(s, self._by_u)]
        return s, self._environment(s).mean(1, keepdim=True)

    def _correct(self, anchors: Tensor, b: Tensor) -> None:
        """Shifts and ridge fits that take the predicted states to those of the anchors."""
        s0 = torch.einsum("i,sij->sj", self._modes[0], b)
        beyond = b - self._profiles[0] * s0.unsqueeze(1)
        true = [s0] + [torch.einsum("i,sij->sj", e, beyond) for e in self._modes[1:]]
        s, _ = self._states(anchors)
        self._s0 = [a + (t - p).mean(0) for a, t, p in zip(self._s0, true, s)]
        s, m = self._states(anchors)
        self._smax = [_HEADROOM * t.abs().amax(0).clamp(min=_TINY) for t in true]
        self._fit = []
        for r, t in enumerate(true):
            a = self._features(r, s, m).flatten(0, 1)
            normal = a.mT @ a
            normal.diagonal().add_(_RIDGE * normal.diagonal().mean())
            missing = ((t - s[r]) / self._smax[r]).flatten()
            self._fit.append(torch.linalg.solve(normal, a.mT @ missing))

    def _features(self, r: int, s: List[Tensor], m: Tensor) -> Tensor:
        t0 = s[0] / self._smax[0]
        m = m.expand_as(t0)
        common = [t0, m * t0, t0 * t0, m, m * m, torch.ones_like(t0)]
        if r == 0:
            return torch.stack(common + [m * t0 * t0], -1)
        t = s[r] / self._smax[r]
        return torch.stack(common + [t, m * t, t0 * t], -1)

    def voltages(self, inputs: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
        """w, b (batch, rows, columns) and the activity, at most 1 within the anchors."""
        s, m = self._states(inputs)
        fitted = [state + self._smax[r] * (self._features(r, s, m) @ self._fit[r])
                  for r, state in enumerate(s)]
        b = sum(phi * state.unsqueeze(1) for phi, state in zip(self._profiles, fitted))
        w = self._tables[0].w0 + sum(table.rise(inputs) for table in self._tables)
        return w, b, (fitted[0] / self._smax[0]).max()


def _through_origin(x: Tensor, y: Tensor) -> Tensor:
    """Coefficients a_1, a_2, ... of the polynomial without constant through (x, y)."""
    powers = torch.stack([x**k for k in range(1, len(x) + 1)], 1)
    return torch.linalg.solve(powers, y.reshape(len(y), -1)).reshape(y.shape)


def _polynomial(a: Tensor, x: Tensor) -> Tensor:
    y = a[-1] * x
    for k in range(len(a) - 2, -1, -1):
        y = (y + a[k]) * x
    return y


class ProgrammedArray:
    """An array with its conductances: what does not depend on the inputs, made once."""

    def __init__(self, model: "AnchoredModel", conductances: Tensor):
        self._model, self._g = model, conductances
        with torch.no_grad():
            self.lines = model.lines()
            self.cells = model.table.at(conductances.detach())
            self._start = WarmStart(model, self.cells, self.lines)

    def __call__(self, inputs: Tensor) -> Tensor:
        self._model.check(self._g, inputs)
        return _Currents.apply(self._g, inputs, self)

    def state(self, inputs: Tensor) -> Tuple[Tensor, Tensor]:
        w, b, activity = self._start.voltages(inputs)
        largest = self._model.file.meta.get("validity", {}).get("activity", 1.0)
        if activity > largest * (1.0 + 1e-3):
            warnings.warn(f"inputs drive {activity:.2f} times the activity of the anchors of "
                          f"{self._model.file.path}; validated up to {largest:.2f}",
                          OutsideValidity, stacklevel=4)
        return sweeps(self.lines, self.cells, inputs, w, b, self._model.sweeps)

    def adjoint(self, w: Tensor, b: Tensor, by_output: Tensor) -> Tuple[Tensor, Tensor]:
        """Gradients of sum by_output I with respect to conductances and inputs."""
        word, bit = self.lines
        v = w - b
        d = self.cells.current(v)[1]
        words, bits = word.factors(d), bit.factors(d.mT)
        drive = bit.driven(torch.zeros_like(d).mT, by_output)
        lw = torch.zeros_like(d)
        for _ in range(self._model.adjoint_sweeps):
            lb = bits.solve((d * lw).mT + drive).mT
            lw = words.solve(d * lb)
        by_g = ((lb - lw) * self.cells.by_conductance(v)).sum(0)
        return by_g, word.alpha * lw[..., 0] + word.beta * lw[..., -1]


class _Currents(torch.autograd.Function):
    """Outputs of a programmed array; backward by adjoint sweeps at the state reached."""

    @staticmethod
    def forward(ctx: Any, g: Tensor, inputs: Tensor, array: ProgrammedArray):  # type: ignore
        w, b = array.state(inputs)
        ctx.array = array
        ctx.save_for_backward(w, b)
        bit = array.lines[1]
        return bit.beta * b[:, -1] + bit.alpha * b[:, 0]

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, by_output: Tensor):  # type: ignore
        by_g, by_input = ctx.array.adjoint(*ctx.saved_tensors, by_output)
        return by_g, by_input, None


class AnchoredModel(ArrayModel):
    """k sweeps from the anchored start; `sweeps` and `adjoint_sweeps` replace the file's.

    `program(conductances)` makes what does not depend on the inputs once for many calls.
    """

    tier = "awl"

    def __init__(self, file: Union[ModelFile, str, os.PathLike],
                 sweeps: Optional[int] = None, dtype: torch.dtype = torch.float64,
                 check: bool = True, adjoint_sweeps: Optional[int] = None):
        super().__init__(file, dtype)
        for name in "anchors", "modes", "levels", "start_levels":
            self.register_buffer(name, self.tensor(f"awl/{name}"))
        k = int(self.file["awl/k"])
        self.sweeps = k if sweeps is None else sweeps
        self.anchor_sweeps = int(self.file["awl/anchor_sweeps"])
        self.adjoint_sweeps = adjoint_sweeps or int(self.file["awl/adjoint_sweeps"])
        if check and self.file.tier == self.tier and self.sweeps == k:
            self.check_test_vectors()

    def program(self, conductances: Tensor) -> ProgrammedArray:
        return ProgrammedArray(self, conductances)

    def forward(self, conductances: Tensor, inputs: Tensor) -> Tensor:
        return self.program(conductances)(inputs)
