# SPDX-License-Identifier: Apache-2.0
"""CORAL (docs/models.md): outputs as a short sum of matrix products, made for one set of
conductances."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, List, Union

import torch

from .cells import Cells
from .fused import FusedLines, multiply
from .torch_lines import TorchLines
from .warm_start import HEADROOM, NEWTON, WarmStart, polynomial, ridge, through_origin

if TYPE_CHECKING:
    from .coral_model import CoralModel

Tensor = torch.Tensor

_RANK = 4  # functions of a row
_POINTS = list(itertools.product((0.0, 0.5, 1.0), (-1.0, 1.0), (-1.0, 1.0)))  # of (t_0, t_1, t_2)


def _monomials(t: Tensor) -> List[Tensor]:
    """t_0, t_0^2, t_1, t_0 t_1, t_2 of t (..., modes, columns): all but the first, 1."""
    t0, t1, t2 = t.unbind(-2)
    return [t0, t0 * t0, t1, t0 * t1, t2]


class CoralTables:
    """One array with its conductances. Symbols are those of docs/models.md."""

    def __init__(self, model: "CoralModel", cells: Cells,
                 array: Union[FusedLines, TorchLines], start: WarmStart):
        self._start, self._per_volt = start, 1.0 / model.largest_input
        self._fit_environment(model.anchors)
        currents = self._cell_currents(model, cells, array)
        self._rest = currents[0].sum(1)
        self._factor(currents - currents[0], model)
        self._rest[0] += (start.anchor_outputs - self.outputs(model.anchors)).mean(0)

    def _fit_environment(self, anchors: Tensor) -> None:
        """What the predicted u of the anchors misses, as a function of u and m."""
        start = self._start
        true = torch.einsum("ij,sij->si", start.omega, start.anchor_b)
        _, m, u1 = start.positive_states(anchors)
        self._u_fit = ridge(torch.stack(self._features(u1, m.squeeze(1)), -1).flatten(0, 1),
                            (true - 1.0 - u1).flatten())
        self._u_max = HEADROOM * true.max()

    @staticmethod
    def _features(u1: Tensor, m: Tensor) -> List[Tensor]:
        m = m.expand_as(u1)
        return [u1, m, m * u1, u1 * u1, m * m, torch.ones_like(u1)]

    def _environment(self, u1: Tensor, m: Tensor) -> Tensor:
        """u / u_max (batch, rows)."""
        a, m = self._u_fit, m.squeeze(1)
        u1 = u1 * (1.0 + a[0] + a[2] * m + a[3] * u1) + (a[5] + m * (a[1] + m * a[4]))
        return (u1 + 1.0) / self._u_max

    def _cell_currents(self, model: "CoralModel", cells: Cells,
                       array: Union[FusedLines, TorchLines]) -> Tensor:
        """What every cell adds to the output of its column, at rows of levels V_l and u_n
        (l, n: 0 and then level by level), as weights of the monomials of the column's state:
        (levels, monomials, rows, columns)."""
        start, (word, bit) = self._start, model.lines()
        t = torch.tensor(_POINTS, dtype=model.dtype, device=start.rest.device)
        b = torch.einsum("rij,rj,qr->qij", start.profiles, start.smax, t)
        powers = [torch.ones_like(t[:, 0])] + _monomials(t.unsqueeze(-1))
        weights = torch.linalg.pinv(torch.stack([p.flatten() for p in powers], -1))
        ends = bit.driven(torch.zeros_like(start.d.mT), torch.ones_like(start.smax[0]))
        transfer = bit.factors(start.d.mT).solve(ends).mT
        levels = model.levels.unsqueeze(1)
        currents = []
        for u in (0.0, self._u_max):
            rest = u * start.rest
            v = array.words(levels.expand(-1, len(rest)).contiguous(), rest, NEWTON)
            d = cells.current(v)[1]
            reaction = word.response(d) * d
            for level, own in zip(v + rest, reaction):
                i = cells.current(level - b + own * (b - rest))[0]
                currents.append(torch.einsum("aq,qij->aij", weights,
                                             (i + start.d * b) * transfer))
        return torch.stack(currents)

    def _factor(self, change: Tensor, model: "CoralModel") -> None:
        """change ~ sum_q x_q(l, n) C_q, the largest products (q, monomial) only."""
        x = torch.linalg.eigh(torch.einsum("laij,kaij->lk", change, change))[1]
        x = x[:, -_RANK:].flip(1)
        c = torch.einsum("lq,laij->qaij", x, change)
        size = (c * c).sum((2, 3)).flatten()
        kept = torch.zeros_like(size, dtype=torch.bool)
        kept[size.topk(model.products).indices] = True
        of_rank = [k.nonzero().flatten().tolist() for k in kept.unflatten(0, c.shape[:2])]
        self._monomials_of = [a for a in of_rank if a]  # of the first functions of a row
        self._c = [c[q, a].transpose(0, 1).flatten(1).contiguous()
                   for q, a in enumerate(of_rank) if a]
        at_rest, at_most = x.chunk(2)
        self._chi = [self._polynomials(model, y) for y in (at_rest, at_most - at_rest)]

    def _polynomials(self, model: "CoralModel", x: Tensor) -> Tensor:
        """Coefficients (power, q, 1, 1) of x_q over the levels."""
        rise = through_origin(model.levels[1:] * self._per_volt, x[1:] - x[0])
        return torch.cat([x[:1], rise])[..., None, None]

    def _row_functions(self, inputs: Tensor, u: Tensor) -> Tensor:
        """x_q of every row (q, batch, rows)."""
        fraction = (inputs * self._per_volt).clamp(min=0.0)
        at_rest, more = (c[0] + polynomial(c[1:], fraction) for c in self._chi)
        return torch.addcmul(at_rest, more, u)

    def outputs(self, inputs: Tensor) -> Tensor:
        s, m, u1 = self._start.positive_states(inputs)
        x = self._row_functions(inputs, self._environment(u1, m))
        y = list(self._rest)
        for row, monomials, c in zip(x, self._monomials_of, self._c):
            for a, part in zip(monomials, multiply(row, c).split(c.shape[1] // len(monomials), 1)):
                y[a] = y[a] + part
        total = y[0]
        for t, part in zip(_monomials(s / self._start.smax), y[1:]):
            total = torch.addcmul(total, t, part)
        return total
