# SPDX-License-Identifier: Apache-2.0
"""The cell of a model: i = g v rho(v, g) with rho interpolated in the file's table."""

from __future__ import annotations

from typing import Tuple

import numpy as np
import torch

from .model_file import ModelFile

Tensor = torch.Tensor

# Singular values of the table below this share of the largest are left out.
_RANK_TOLERANCE = 1e-10


def _catmull_rom(t: Tensor) -> Tuple[Tensor, Tensor]:
    """Weights of the four points around t in [0, 1], and their derivatives."""
    t2, t3 = t * t, t * t * t
    weight = torch.stack([-t3 + 2 * t2 - t, 3 * t3 - 5 * t2 + 2,
                          -3 * t3 + 4 * t2 + t, t3 - t2]) / 2
    slope = torch.stack([-3 * t2 + 4 * t - 1, 9 * t2 - 10 * t,
                         -9 * t2 + 8 * t + 1, 3 * t2 - 2 * t]) / 2
    return weight, slope


def _with_ghosts(table: np.ndarray) -> np.ndarray:
    """One more point at each end of the first axis, by quadratic extrapolation."""
    first = 3 * table[0] - 3 * table[1] + table[2]
    last = 3 * table[-1] - 3 * table[-2] + table[-3]
    return np.concatenate([first[None], table, last[None]])


def _cubics(points: np.ndarray) -> np.ndarray:
    """Coefficients (4, intervals, R) of the Catmull-Rom cubics in t through (n + 2, R)."""
    p = [points[a : len(points) - 3 + a] for a in range(4)]
    return np.stack([p[1], (p[2] - p[0]) / 2, p[0] - 2.5 * p[1] + 2 * p[2] - 0.5 * p[3],
                     1.5 * (p[1] - p[2]) + 0.5 * (p[3] - p[0])])


class _Axis:
    """A uniform grid: where a value lies in it."""

    def __init__(self, grid: np.ndarray):
        self.start, self.points = float(grid[0]), len(grid)
        self.step = float(grid[-1] - grid[0]) / (len(grid) - 1)

    def locate(self, x: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
        """Interval m, position t in it, and whether x lies inside the grid."""
        s = (x - self.start) / self.step
        inside = (s >= 0.0) & (s <= self.points - 1)
        s = s.clamp(0.0, self.points - 1)
        m = s.detach().floor().clamp(max=self.points - 2)
        return m.long(), s - m, inside


class CellTable(torch.nn.Module):
    """The table as a sum of products rho(v, g) = sum_r A_r(v) B_r(g) (its singular value
    decomposition; interpolation is linear in the table): one product where the shape of the
    curve does not depend on the conductance, and then one small table of v is all that a
    cell looks up.
    """

    def __init__(self, file: ModelFile, dtype: torch.dtype):
        super().__init__()
        u, s, vt = np.linalg.svd(file["cell/ratio"], full_matrices=False)
        rank = int((s > _RANK_TOLERANCE * s[0]).sum())
        by_v, by_g = u[:, :rank] * s[:rank], vt[:rank].T
        self.register_buffer("by_v", torch.tensor(_cubics(_with_ghosts(by_v)), dtype=dtype))
        self.register_buffer("by_g", torch.tensor(_with_ghosts(by_g).T.copy(), dtype=dtype))
        self.v_axis, self.g_axis = _Axis(file["cell/x"]), _Axis(file["cell/w"])

    def at(self, g: Tensor) -> "Cells":
        return Cells(self, g)

    def along(self, v: np.ndarray) -> np.ndarray:
        """A_r at voltages v: (len(v), R)."""
        s = ((v - self.v_axis.start) / self.v_axis.step).clip(0.0, self.v_axis.points - 1)
        m = np.minimum(s.astype(int), self.v_axis.points - 2)
        t, c = (s - m)[:, None], self.by_v.cpu().double().numpy()[:, m]
        return c[0] + t * (c[1] + t * (c[2] + t * c[3]))

    def largest_factors(self) -> np.ndarray:
        """Largest |B_r| in the table: (R,)."""
        return self.by_g.abs().amax(1).cpu().double().numpy()


class Cells:
    """The cells of one array with conductances g (rows, columns)."""

    def __init__(self, table: CellTable, g: Tensor):
        self.g = g
        self._by_v, self._v_axis = table.by_v, table.v_axis
        m, t, inside = table.g_axis.locate(g)
        weight, slope = _catmull_rom(t)
        points = [table.by_g[:, m + a] for a in range(4)]
        self._b = sum(weight[a] * points[a] for a in range(4))
        per_siemens = inside / table.g_axis.step
        self._db = sum(slope[a] * points[a] for a in range(4)) * per_siemens

    def factors(self, count: int) -> Tuple[Tensor, Tensor]:
        """g B_r and B_r + g dB_r/dg of the first products r: (count, rows, columns)."""
        b, db = torch.stack(list(self._b[:count])), torch.stack(list(self._db[:count]))
        return self.g * b, b + self.g * db

    def current(self, v: Tensor) -> Tuple[Tensor, Tensor]:
        """Cell currents i = g v rho and their slopes d = max(0, g (rho + v drho/dv))."""
        m, t, inside = self._v_axis.locate(v)
        rho, drho = 0.0, 0.0
        for r, b in enumerate(self._b):
            c0, c1, c2, c3 = (self._by_v[k, :, r].take(m) for k in range(4))
            rho = rho + b * (c0 + t * (c1 + t * (c2 + t * c3)))
            drho = drho + b * (c1 + t * (2.0 * c2 + t * (3.0 * c3)))
        drho = drho * inside / self._v_axis.step
        return self.g * v * rho, (self.g * (rho + v * drho)).clamp(min=0.0)

    def by_conductance(self, v: Tensor) -> Tensor:
        """di/dg = v (rho + g drho/dg)."""
        m, t, _ = self._v_axis.locate(v)
        total = 0.0
        for r, (b, db) in enumerate(zip(self._b, self._db)):
            c0, c1, c2, c3 = (self._by_v[k, :, r].take(m) for k in range(4))
            total = total + (b + self.g * db) * (c0 + t * (c1 + t * (c2 + t * c3)))
        return v * total


class GatedCells:
    """Cells whose transistors pass the part x (batch, rows) of their current."""

    def __init__(self, cells: Cells, x: Tensor):
        self.g = cells.g
        self._cells, self._x = cells, x.unsqueeze(-1)

    def current(self, v: Tensor) -> Tuple[Tensor, Tensor]:
        """Currents and slopes, as Cells.current."""
        i, d = self._cells.current(v)
        return self._x * i, self._x * d
