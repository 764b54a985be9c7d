# SPDX-License-Identifier: Apache-2.0
"""The anchored start of AWL-k (docs/models.md): what a set of conductances is worth knowing
before any input is there, from a few anchor inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional, Tuple, Union

import torch

from .cells import Cells
from .fused import FusedLines, multiply
from .ladder import Ladder
from .start import Start
from .torch_lines import TorchLines

if TYPE_CHECKING:
    from .anchored_model import AnchoredModel

Tensor = torch.Tensor

NEWTON = 3  # half sweeps of the row table
HEADROOM = 1.1  # of the largest anchor state
_RIDGE = 1e-3  # of the mean diagonal
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
        self._psi = through_origin(model.levels[1:] / model.largest_input, z)
        self.w0 = start[0]  # above the rest voltage
        self.rise = through_origin(model.start_levels[1:] / model.largest_input,
                                    start[1:] - start[0])

    def psi(self, inputs: Tensor) -> Tensor:
        return polynomial(self._psi, (inputs * self._per_volt).clamp(min=0.0))


class WarmStart:
    """Predicts word-line and bit-line voltages of one programmed array from its inputs.

    Symbols are those of docs/models.md: e_r modes of the bit lines, phi_r profiles, s_r
    column states, psi and C the row table, u_i - 1 the row environment.
    """

    def __init__(self, model: "AnchoredModel", cells: Cells,
                 array: Union[FusedLines, TorchLines]):
        """array: the line sweeps of these cells."""
        self._modes = model.modes
        self.anchor_outputs, v, b = array.cold(model.anchors, model.anchor_sweeps)
        d, rest = cells.current(v)[1].mean(0), b.mean(0)
        self.d, self.rest, self.anchor_b = d, rest, b
        self._joint: Optional[Tuple[Tensor, Tensor]] = None
        self.profiles = self._find_profiles(b)
        levels = torch.cat([model.levels, model.start_levels])
        levels = torch.cat([levels, -levels]).unsqueeze(1)
        rows = array.words(levels.expand(-1, len(rest)), rest, NEWTON)
        self._tables = [_RowTable(model, cells, v, sign)
                        for v, sign in zip(rows.chunk(2), (1.0, -1.0))]
        self._couple(*model.lines(), d, rest)
        self._correct(model.anchors, b)
        self._start = (self._tables[0].w0 + rest, model.largest_input,
                       torch.stack([table.rise for table in self._tables]), self.profiles)

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
        eta[1:] -= (self._modes[1:] @ self.profiles[0]).unsqueeze(1) * eta[0]
        by_rest = d * word.factors(d).solve(d * rest)
        flat = lambda e: e.transpose(0, 1).flatten(1)
        omega = d * word.resistance_to_sources(d.shape[1])
        self.omega = omega / (omega * rest).sum(1, keepdim=True).clamp(min=_TINY)
        self._to_u = flat(self.omega * self.profiles).mT.contiguous()
        self._to_m = self._to_u.mean(1)
        by_u = flat(eta * by_rest)
        through_u = lambda s: s + multiply(multiply(s, self._to_u), by_u)
        s0 = (eta * (self._tables[0].f0 + d * rest)).sum(1).flatten()
        self._s0 = (through_u(s0.unsqueeze(0)) - by_u.sum(0)).unflatten(1, eta.shape[::2])
        self._by_psi = [through_u(flat(eta * table.c)) for table in self._tables]

    def _states(self, inputs: Tensor) -> Tuple[Tensor, Tensor]:
        """Column states (batch, modes, columns) and m, the mean of u - 1 (batch, 1, 1)."""
        s = self._s0.flatten(1)
        for table, matrix in zip(self._tables, self._by_psi):
            if table.sign > 0.0 or bool((inputs < 0.0).any()):
                s = s + multiply(table.psi(inputs), matrix)
        m = s @ self._to_m - 1.0
        return s.unflatten(1, self._s0.shape[1:]), m[:, None, None]

    def positive_states(self, inputs: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
        """Of inputs above 0 by one product: corrected column states, m, and u - 1 of the
        rows (batch, rows) without correction."""
        if self._joint is None:
            joint = [torch.cat([a, multiply(a, self._to_u)], 1)
                     for a in (self._s0.flatten(1), self._by_psi[0])]
            self._joint = tuple(joint)
        both = self._joint[0] + multiply(self._tables[0].psi(inputs), self._joint[1])
        s, u = both.split([self._s0[0].numel(), both.shape[1] - self._s0[0].numel()], 1)
        m = (u.mean(1) - 1.0)[:, None, None]
        return self._corrected(s.unflatten(1, self._s0.shape[1:]), m), m, u - 1.0

    def _correct(self, anchors: Tensor, b: Tensor) -> None:
        """Shifts and ridge fits that take the predicted states to those of the anchors."""
        s0 = torch.einsum("i,sij->sj", self._modes[0], b)
        beyond = b - self.profiles[0] * s0.unsqueeze(1)
        others = torch.einsum("ri,sij->srj", self._modes[1:], beyond)
        true = torch.cat([s0.unsqueeze(1), others], 1)
        self._s0 = self._s0 + (true - self._states(anchors)[0]).mean(0)
        s, m = self._states(anchors)
        self.smax = HEADROOM * true.abs().amax(0).clamp(min=_TINY)
        units = torch.eye(_FEATURES, dtype=s.dtype, device=s.device)
        features = torch.stack([self._features(s, m, unit.expand(s.shape[1], -1))
                                for unit in units], -1)
        missing = (true - s) / self.smax
        fit = torch.zeros_like(features[0, :, 0])
        for r in range(len(fit)):
            own = _OF_FIRST if r == 0 else _OF_OTHERS
            fit[r, own] = ridge(features[:, r, :, own].flatten(0, 1), missing[:, r].flatten())
        self._fit = fit

    def _features(self, s: Tensor, m: Tensor, a: Tensor) -> Tensor:
        """The sum of t_0, m t_0, t_0^2, m, m^2, 1, t_r, m t_r, t_0 t_r, m t_0^2, weighted by
        the columns of a (modes, features): (batch, modes, columns)."""
        t = s / self.smax
        t0 = t[:, :1]
        a = a.mT.unsqueeze(-1)
        free = a[5] + m * (a[3] + m * a[4])
        by_t0 = torch.addcmul(a[0] + m * a[1], t0, a[2] + m * a[9])
        by_t = torch.addcmul(a[6] + m * a[7], t0, a[8])
        return torch.addcmul(torch.addcmul(free, t0, by_t0), t, by_t)

    def _corrected(self, s: Tensor, m: Tensor) -> Tensor:
        return torch.addcmul(s, self.smax, self._features(s, m, self._fit))

    def start(self, inputs: Tensor) -> Tuple[Start, Tensor]:
        """Where sweeps begin, and the activity: at most 1 within the anchors."""
        states = self._corrected(*self._states(inputs))
        return Start(*self._start, states), (states[:, 0] / self.smax[0]).max()


def ridge(features: Tensor, wanted: Tensor) -> Tensor:
    """Weights of the features (cases, features) that come nearest to what is wanted."""
    normal = features.mT @ features
    normal.diagonal().add_(_RIDGE * normal.diagonal().mean())
    return torch.linalg.solve(normal, features.mT @ wanted)


def through_origin(x: Tensor, y: Tensor) -> Tensor:
    """Coefficients a_1, a_2, ... of the polynomial without constant through (x, y)."""
    powers = torch.stack([x**k for k in range(1, len(x) + 1)], 1)
    return torch.linalg.solve(powers, y.reshape(len(y), -1)).reshape(y.shape)


def polynomial(a: Tensor, x: Tensor) -> Tensor:
    y = a[-1] * x
    for k in range(len(a) - 2, -1, -1):
        y = (y + a[k]) * x
    return y
