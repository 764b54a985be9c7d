# SPDX-License-Identifier: Apache-2.0
"""LINE-k as a PyTorch layer: the equations of docs/line-model.md, in its symbols."""

from __future__ import annotations

import os
import warnings
from typing import Any, Optional, Union

import numpy as np
import torch

from .model_file import ModelFile, ModelFileError, load

Tensor = torch.Tensor

# How closely a layer must repeat the file's own predictions, RMS over RMS, when it is made.
_TEST_TOLERANCE = 1e-5


class OutsideValidity(UserWarning):
    """Inputs or conductances lie outside the box in which the model was validated."""


class _LineSolve(torch.autograd.Function):
    """x of (A + diag d) x = r on every line (last axis), A the ladder of c, alpha, beta.

    A is symmetric, so the gradient is one more solve: with l = (A + diag d)^-1 dL/dx,
    dL/dr = l and dL/dd = -l x.
    """

    @staticmethod
    def forward(ctx: Any, d: Tensor, r: Tensor, line: _Line) -> Tensor:  # type: ignore
        x = line.eliminate(d, r)
        ctx.line = line
        ctx.save_for_backward(d, x)
        return x

    @staticmethod
    def backward(ctx: Any, gradient: Tensor):  # type: ignore
        d, x = ctx.saved_tensors
        adjoint = _LineSolve.apply(d, gradient, ctx.line)
        return -adjoint * x, adjoint, None


class _Line:
    """A family of equal wires: segment conductance c, end conductances alpha and beta.

    An end without a source has conductance 0. `segment` = 0 makes each line one node, and a
    source without resistance then makes it ideal (`ideal`: the line is its source).
    """

    def __init__(self, segment: float, near: Optional[Tensor], far: Optional[Tensor]):
        ends = [end for end in (near, far) if end is not None]
        without = [bool((end + segment == 0.0).any()) for end in ends]
        if any(without) and not any(bool((end + segment == 0.0).all()) for end in ends):
            raise ModelFileError("some lines have an end without resistance, some have not")
        self.ideal = any(without)
        self.one_node = segment == 0.0
        if self.ideal:
            return
        some = ends[0]
        self.c = 0.0 if self.one_node else 1.0 / segment
        self.alpha = torch.zeros_like(some) if near is None else 1.0 / (near + segment)
        self.beta = torch.zeros_like(some) if far is None else 1.0 / (far + segment)

    def solve(self, d: Tensor, r: Tensor, source: Optional[Tensor] = None) -> Tensor:
        """Node voltages of all lines; `source` (..., lines) drives both ends."""
        if self.one_node:
            total = self.alpha + self.beta
            drive = 0.0 if source is None else total * source
            node = (drive + r.sum(-1)) / (total + d.sum(-1))
            return node.unsqueeze(-1).expand_as(r)
        if source is not None:
            ends = torch.zeros_like(r)
            ends[..., 0] = self.alpha * source
            ends[..., -1] = ends[..., -1] + self.beta * source
            r = r + ends
        return _LineSolve.apply(d, r, self)

    def eliminate(self, d: Tensor, r: Tensor) -> Tensor:
        """Elimination in the form that never subtracts; nodes first for contiguous steps."""
        d, y = d.movedim(-1, 0).contiguous(), r.movedim(-1, 0).clone(
            memory_format=torch.contiguous_format)
        length, c = len(d), self.c
        m = torch.empty_like(d)
        e = d[0] + self.alpha
        for node in range(length):
            if node:
                e = d[node] + c * e * m[node - 1]
                y[node] += c * y[node - 1]
            torch.reciprocal(e + (c if node < length - 1 else self.beta), out=m[node])
            y[node] *= m[node]
        for node in range(length - 2, -1, -1):
            y[node] += c * m[node] * y[node + 1]
        return y.movedim(0, -1)


def _catmull_rom(t: Tensor) -> tuple[Tensor, Tensor]:
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


class _Axis:
    """A uniform grid: where a value lies in it."""

    def __init__(self, grid: np.ndarray):
        self.start, self.points = float(grid[0]), len(grid)
        self.step = float(grid[-1] - grid[0]) / (len(grid) - 1)

    def locate(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Interval m, position t in it, and whether x lies inside the grid."""
        s = (x - self.start) / self.step
        inside = (s >= 0.0) & (s <= self.points - 1)
        s = s.clamp(0.0, self.points - 1)
        m = s.detach().floor().clamp(max=self.points - 2)
        return m.long(), s - m, inside


class LineModel(torch.nn.Module):
    """Currents (batch, columns) of an array with conductances (rows, columns) and inputs
    (batch, rows), all in SI units; differentiable in both. `sweeps` replaces the file's k.
    """

    def __init__(self, file: Union[ModelFile, str, os.PathLike[str]],
                 sweeps: Optional[int] = None, dtype: torch.dtype = torch.float64,
                 check: bool = True):
        super().__init__()
        self.file = file if isinstance(file, ModelFile) else load(file)
        self.sweeps = self.file.sweeps if sweeps is None else sweeps
        table = _with_ghosts(_with_ghosts(self.file["cell/ratio"]).T).T
        self.register_buffer("table", torch.tensor(table, dtype=dtype))
        self._x, self._w = _Axis(self.file["cell/x"]), _Axis(self.file["cell/w"])
        for name in "Rs", "Rs_far", "Rt", "Rt_far":
            values = self.file.arrays.get(f"wire/{name}")
            self.register_buffer(
                name, None if values is None else torch.tensor(values, dtype=dtype))
        if check and self.sweeps == self.file.sweeps:
            self.check_test_vectors()

    def forward(self, conductances: Tensor, inputs: Tensor) -> Tensor:
        self._check(conductances, inputs)
        word = _Line(float(self.file["wire/Rw_row"]), self.Rs, self.Rs_far)
        bit = _Line(float(self.file["wire/Rw_col"]), self.Rt_far, self.Rt)
        by_conductance = self._ratio_at(conductances)
        w = inputs.unsqueeze(-1).expand(-1, -1, self.file.columns)
        b = torch.zeros_like(w)
        for _ in range(self.sweeps):
            if not word.ideal:
                i, d = self._cell(w - b, conductances, by_conductance)
                w = word.solve(d, d * w - i, inputs)
            if not bit.ideal:
                i, d = self._cell(w - b, conductances, by_conductance)
                b = bit.solve(d.mT, (d * b + i).mT).mT
        if bit.ideal:
            return self._cell(w - b, conductances, by_conductance)[0].sum(1)
        return bit.beta * b[:, -1] + bit.alpha * b[:, 0]

    def _ratio_at(self, g: Tensor) -> Tensor:
        """The table at every cell's conductance: (voltage points, rows, columns)."""
        m, t, _ = self._w.locate(g)
        weight, _ = _catmull_rom(t)
        return sum(weight[a] * self.table[:, m + a] for a in range(4))

    def _cell(self, v: Tensor, g: Tensor, ratio: Tensor) -> tuple[Tensor, Tensor]:
        """Cell currents i = g v rho and their slopes d = max(0, g (rho + v drho/dv))."""
        m, t, inside = self._x.locate(v)
        weight, slope = _catmull_rom(t)
        points = [ratio.gather(0, m + a) for a in range(4)]
        rho = sum(weight[a] * points[a] for a in range(4))
        drho = sum(slope[a] * points[a] for a in range(4)) * inside / self._x.step
        return g * v * rho, (g * (rho + v * drho)).clamp(min=0.0)

    def _check(self, conductances: Tensor, inputs: Tensor) -> None:
        """Shapes and types are errors; values outside the validity box are a warning."""
        rows, columns = self.file.rows, self.file.columns
        if conductances.shape != (rows, columns):
            raise ValueError(f"conductances have shape {tuple(conductances.shape)}, "
                             f"expected (rows, columns) = ({rows}, {columns})")
        if inputs.dim() != 2 or inputs.shape[1] != rows:
            raise ValueError(f"inputs have shape {tuple(inputs.shape)}, "
                             f"expected (batch, rows) = (batch, {rows})")
        for name, values in ("conductances", conductances), ("inputs", inputs):
            if values.dtype != self.table.dtype:
                raise TypeError(f"{name} are {values.dtype}, the layer is {self.table.dtype}; "
                                "use .to(dtype) on one of them")
        validity = self.file.meta.get("validity", {})
        for name, key, values in ("inputs", "x", inputs), ("conductances", "w", conductances):
            if key not in validity or not values.numel():
                continue
            low, high = validity[key]
            slack = 1e-6 * max(abs(low), abs(high))
            if values.min() < low - slack or values.max() > high + slack:
                warnings.warn(f"{name} lie outside the validity box [{low:g}, {high:g}] of "
                              f"{self.file.path}", OutsideValidity, stacklevel=3)

    @torch.no_grad()
    def check_test_vectors(self) -> float:
        """The RMS difference from the file's own predictions over their RMS; raises
        ModelFileError when the layer does not repeat them."""
        expected = self.file.arrays.get("test/model")
        if expected is None:
            return 0.0
        to_tensor = lambda a: torch.tensor(a, dtype=self.table.dtype, device=self.table.device)
        found = np.concatenate([
            self(to_tensor(w), to_tensor(x[None])).cpu().double().numpy()
            for w, x in zip(self.file["test/w"], self.file["test/x"])])
        error = float(np.sqrt(np.mean((found - expected) ** 2) / np.mean(expected**2)))
        if not error <= _TEST_TOLERANCE:
            raise ModelFileError(f"{self.file.path}: the layer differs from the file's test "
                                 f"vectors by {error:.2g}")
        return error
