# SPDX-License-Identifier: Apache-2.0
"""AWL-k as a PyTorch layer: k line sweeps from an anchored start (docs/models.md)."""

from __future__ import annotations

import os
import warnings
from typing import Any, Optional, Tuple, Union

import torch

from .base_model import ArrayModel
from .cells import Cells
from .file_model import OutsideValidity
from .fused import multiply
from .ladder import Ladder
from .model_file import ModelFile
from .start import Start

Tensor = torch.Tensor

_NEWTON = 3  # half sweeps of the row table
_RIDGE = 1e-3  # of the mean diagonal
_HEADROOM = 1.1  # of the largest anchor state
_TINY = 1e-30  # instead of 0 in a denominator
_FEATURES = 10  # of the correction; those that the first mode has, and the others
_OF_FIRST, _OF_OTHERS = [0, 1, 2, 3, 4, 5, 9], [0, 1, 2, 3, 4, 5, 6, 7, 8]


class _RowTable:
    """Cell currents and word-line voltages of rows over their input V = sign x scale,
    x >= 0, with bit lines at rest: f - f_0 = psi(x) C and w - w_0 = sum_k x^k W_k."""

    def __init__(self, model: "AnchoredModel", cells: Cells, v: Tensor, sign: float):
        """v: rows solved at sign x (levels, start_levels)."""
        self.sign, self._per_volt = sign, sign / model.largest_input
        v, start = v.split([len(model.levels), len(model.start_levels)])
        current = cells.current(v)[0]
        self.f0 = current[0]
        change = current[1:] - current[0]
        z = torch.linalg.eigh(torch.einsum("aij,bij->ab", change, change))[1][:, -1]
        z = z * torch.sign(z.sum())
        self.c = torch.einsum("a,aij->ij", z, change)
        self._psi = _through_origin(model.levels[1:] / model.largest_input, z)
        self.w0 = start[0]  # above the rest voltage
        self.rise = _through_origin(model.start_levels[1:] / model.largest_input,
                                    start[1:] - start[0])

    def psi(self, inputs: Tensor) -> Tensor:
        return _polynomial(self._psi, (inputs * self._per_volt).clamp(min=0.0))


class WarmStart:
    """Predicts word-line and bit-line voltages of one programmed array from its inputs.

    Symbols are those of docs/models.md: e_r modes of the bit lines, phi_r profiles, s_r
    column states, psi and C the row table, u_i - 1 the row environment.
    """

    def __init__(self, model: "AnchoredModel", cells: Cells, array: Any):
        """array: the line sweeps of these cells."""
        self._modes = model.modes
        _, v, b = array.cold(model.anchors, model.anchor_sweeps)
        d, rest = cells.current(v)[1].mean(0), b.mean(0)
        self._profiles = self._find_profiles(b)
        levels = torch.cat([model.levels, model.start_levels])
        levels = torch.cat([levels, -levels]).unsqueeze(1)
        rows = array.words(levels.expand(-1, len(rest)), rest, _NEWTON)
        self._tables = [_RowTable(model, cells, v, sign)
                        for v, sign in zip(rows.chunk(2), (1.0, -1.0))]
        self._couple(*model.lines(), d, rest)
        self._correct(model.anchors, b)
        self._start = (self._tables[0].w0 + rest, model.largest_input,
                       torch.stack([table.rise for table in self._tables]), self._profiles)

    def _find_profiles(self, b: Tensor) -> Tensor:
        """phi_r: the shape of b over a column that the state s_r scales."""
        s = torch.einsum("i,sij->sj", self._modes[0], b)
        power = (s * s).sum(0).clamp(min=_TINY)
        first = (b * s.unsqueeze(1)).sum(0) / power
        others = self._modes[1:].unsqueeze(2).expand(-1, -1, b.shape[2])
        return torch.cat([first.unsqueeze(0), others])

    def _couple(self, word: Ladder, bit: Ladder, d: Tensor, rest: Tensor) -> None:
        """The matrices from rows to column states and from column states to rows; columns
        of one mode after those of the other."""
        modes = self._modes.unsqueeze(1).expand(-1, d.shape[1], -1)
        eta = bit.factors(d.mT).solve(modes).mT.clone()
        eta[1:] -= (self._modes[1:] @ self._profiles[0]).unsqueeze(1) * eta[0]
        by_rest = d * word.factors(d).solve(d * rest)
        flat = lambda e: e.transpose(0, 1).flatten(1)
        self._by_psi = [flat(eta * table.c) for table in self._tables]
        self._by_u = flat(eta * by_rest)
        self._s0 = (eta * (self._tables[0].f0 + d * rest)).sum(1)
        omega = d * word.resistance_to_sources(d.shape[1])
        omega = omega / (omega * rest).sum(1, keepdim=True).clamp(min=_TINY)
        self._to_u = flat(omega * self._profiles).mT.contiguous()
        self._to_m = self._to_u.mean(1)

    def _states(self, inputs: Tensor) -> Tuple[Tensor, Tensor]:
        """Column states (batch, modes, columns) and m = mean of u - 1 (batch, 1, 1)."""
        s = self._s0.flatten()
        for table, matrix in zip(self._tables, self._by_psi):
            if table.sign > 0.0 or bool((inputs < 0.0).any()):
                s = s + multiply(table.psi(inputs), matrix)
        s = s.expand(len(inputs), -1)
        s = s + multiply(multiply(s, self._to_u) - 1.0, self._by_u)
        m = s @ self._to_m - 1.0
        return s.unflatten(1, self._s0.shape), m[:, None, None]

    def _correct(self, anchors: Tensor, b: Tensor) -> None:
        """Shifts and ridge fits that take the predicted states to those of the anchors."""
        s0 = torch.einsum("i,sij->sj", self._modes[0], b)
        beyond = b - self._profiles[0] * s0.unsqueeze(1)
        others = torch.einsum("ri,sij->srj", self._modes[1:], beyond)
        true = torch.cat([s0.unsqueeze(1), others], 1)
        self._s0 = self._s0 + (true - self._states(anchors)[0]).mean(0)
        s, m = self._states(anchors)
        self._smax = _HEADROOM * true.abs().amax(0).clamp(min=_TINY)
        units = torch.eye(_FEATURES, dtype=s.dtype, device=s.device)
        features = torch.stack([self._features(s, m, unit.expand(s.shape[1], -1))
                                for unit in units], -1)
        missing = (true - s) / self._smax
        fit = torch.zeros_like(features[0, :, 0])
        for r in range(len(fit)):
            own = _OF_FIRST if r == 0 else _OF_OTHERS
            a = features[:, r, :, own].flatten(0, 1)
            normal = a.mT @ a
            normal.diagonal().add_(_RIDGE * normal.diagonal().mean())
            fit[r, own] = torch.linalg.solve(normal, a.mT @ missing[:, r].flatten())
        self._fit = fit

    def _features(self, s: Tensor, m: Tensor, a: Tensor) -> Tensor:
        """The sum of t_0, m t_0, t_0^2, m, m^2, 1, t_r, m t_r, t_0 t_r, m t_0^2, weighted by
        the columns of a (modes, features): (batch, modes, columns)."""
        t = s / self._smax
        t0 = t[:, :1]
        a = a.mT.unsqueeze(-1)
        free = a[5] + m * (a[3] + m * a[4])
        by_t0 = torch.addcmul(a[0] + m * a[1], t0, a[2] + m * a[9])
        by_t = torch.addcmul(a[6] + m * a[7], t0, a[8])
        return torch.addcmul(torch.addcmul(free, t0, by_t0), t, by_t)

    def start(self, inputs: Tensor) -> Tuple[Start, Tensor]:
        """Where sweeps begin, and the activity: at most 1 within the anchors."""
        s, m = self._states(inputs)
        fitted = torch.addcmul(s, self._smax, self._features(s, m, self._fit))
        return Start(*self._start, fitted), (fitted[:, 0] / self._smax[0]).max()


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
            cells = model.table.at(conductances.detach())
            self._lines = model.sweeper(cells)
            self._start = WarmStart(model, cells, self._lines)

    def __call__(self, inputs: Tensor) -> Tensor:
        self._model.check(self._g, inputs)
        return _Currents.apply(self._g, inputs, self)

    def outputs(self, inputs: Tensor, keep: bool) -> Tuple[Tensor, Optional[Tensor]]:
        """Currents, and the state that `adjoint` takes where it is to be kept."""
        start, activity = self._start.start(inputs)
        largest = self._model.file.meta.get("validity", {}).get("activity", 1.0)
        if activity > largest * (1.0 + 1e-3):
            warnings.warn(f"inputs drive {activity:.2f} times the activity of the anchors of "
                          f"{self._model.file.path}; validated up to {largest:.2f}",
                          OutsideValidity, stacklevel=4)
        return self._lines.warm(inputs, start, self._model.sweeps, keep)

    def adjoint(self, state: Tensor, by_output: Tensor) -> Tuple[Tensor, Tensor]:
        """Gradients of sum by_output I with respect to conductances and inputs."""
        return self._lines.adjoint(state, by_output, self._model.adjoint_sweeps)


class _Currents(torch.autograd.Function):
    """Outputs of a programmed array; backward by adjoint sweeps at the state reached."""

    @staticmethod
    def forward(ctx: Any, g: Tensor, inputs: Tensor, array: ProgrammedArray):  # type: ignore
        outputs, state = array.outputs(inputs, keep=any(ctx.needs_input_grad))
        ctx.array, ctx.state = array, state
        return outputs

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, by_output: Tensor):  # type: ignore
        by_g, by_input = ctx.array.adjoint(ctx.state, by_output)
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
        self.largest_input = float(self.file["awl/levels"][-1])
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
