# SPDX-License-Identifier: Apache-2.0
"""Readout tables: arrays whose columns do not disturb each other, as sums over their cells
and one table (docs/models.md, "Readout tables")."""

from __future__ import annotations

import os
from typing import Callable, Optional, Tuple, Union

import numpy as np
import torch

from .file_model import FileModel
from .model_file import ModelFile

Tensor = torch.Tensor

# Singular values of a cell's table below this share of the largest are rounding errors.
_RANK_TOLERANCE = 1e-12


class _Axis(torch.nn.Module):
    """Linear interpolation on a uniform grid, beyond it along the outermost points."""

    def __init__(self, points: np.ndarray):
        super().__init__()
        self.count = len(points)
        self.first = float(points[0])
        self.step = float(points[-1] - points[0]) / (self.count - 1) if self.count > 1 else 1.0

    def place(self, x: Tensor) -> Tuple[Tensor, Tensor]:
        """The point at or below x that has one above it, and the fraction beyond it."""
        t = (x - self.first) / self.step
        k = t.detach().floor().clamp(0, max(self.count - 2, 0))
        return k.long(), t - k

    def interpolate(self, values: Tensor, x: Tensor) -> Tensor:
        """values: one number per point."""
        k, t = self.place(x)
        return values[k] * (1.0 - t) + values[k + 1] * t


class _CellSum(torch.nn.Module):
    """sum over rows of f(x, w), f a table: as many matrix products as the table has rank,
    one for cells that multiply."""

    def __init__(self, x: np.ndarray, w: np.ndarray, f: np.ndarray, dtype: torch.dtype):
        super().__init__()
        self.x, self.w = _Axis(x), _Axis(w)
        left, size, right = np.linalg.svd(f)
        rank = max(1, int((size > _RANK_TOLERANCE * size[0]).sum()))
        # Both factors of one size: neither leaves the range of single precision.
        root = np.sqrt(size[:rank])
        self.register_buffer("of_x", torch.tensor((left[:, :rank] * root).T, dtype=dtype))
        self.register_buffer("of_w", torch.tensor(right[:rank] * root[:, None], dtype=dtype))

    def forward(self, x: Tensor, w: Tensor, share: Optional[Tensor] = None) -> Tensor:
        """x (batch, rows), w (rows, columns), share (rows) to (batch, columns)."""
        total = None
        for a, b in zip(self.of_x, self.of_w):
            of_x = self.x.interpolate(a, x)
            term = (of_x if share is None else of_x * share) @ self.w.interpolate(b, w)
            total = term if total is None else total + term
        return total


class ReadoutModel(FileModel):
    """Outputs (batch, columns) for weights (rows, columns) and inputs (batch, rows) in the
    units of the file; levels may lie between whole numbers, so that they can be trained.

    chip: a seed; the columns then have the gain and the offset of one chip, drawn with the
    spread of the file. Without it they are those of the nominal array.
    """

    tier = "readout"

    def __init__(self, file: Union[ModelFile, str, os.PathLike],
                 dtype: torch.dtype = torch.float64, chip: Optional[int] = None,
                 check: bool = True):
        super().__init__(file, dtype)
        cell = self.file["cell/x"], self.file["cell/w"]
        self.cell = _CellSum(*cell, self.file["cell/f"], dtype)
        self.load = (_CellSum(*cell, self.file["cell/load"], dtype)
                     if "cell/load" in self.file else None)
        self.u, self.v = _Axis(self.file["readout/u"]), _Axis(self.file["readout/v"])
        self.register_buffer("table", self.tensor("readout/y"))
        self.register_buffer("share", self.tensor("row/share"))
        self.register_buffer("division", self.tensor("readout/division"))
        self.register_buffer("gain", None)
        self.register_buffer("offset", None)
        if check:
            self.check_test_vectors()
        if chip is not None:
            self._draw_columns(chip)

    def _draw_columns(self, chip: int) -> None:
        if "column/gain_sigma" not in self.file:
            raise ValueError(f"{self.file.path}: exported without variation, so there is no "
                             "spread to draw a chip from")
        draw = np.random.default_rng(chip).standard_normal((2, self.file.columns))
        to_tensor = lambda a: torch.tensor(a, dtype=self.dtype)
        self.gain = to_tensor(1.0 + self.file["column/gain_sigma"] * draw[0])
        self.offset = to_tensor(self.file["column/offset_sigma"] * draw[1])

    def product_gain(self) -> float:
        """Best fit over the file's test vectors: differences of column pairs over those of
        their products. Of arrays that divide it is a mean."""
        x, w, y = (self.file[f"test/{name}"] for name in ("x", "w", "y"))
        product = np.einsum("ki,kij->kj", x, w)
        pairs = self.file.columns // 2 * 2
        difference = lambda a: a[:, 0:pairs:2] - a[:, 1:pairs:2]
        product, y = difference(product), difference(y)
        return float((product * y).sum() / (product**2).sum())

    def forward(self, weights: Tensor, inputs: Tensor) -> Tensor:
        self.check(weights, inputs)
        u = self._first_sum(weights, inputs)
        y = self._read(u, self._second_sum(weights, inputs, u))
        return y if self.gain is None else self.gain * y + self.offset

    def _first_sum(self, w: Tensor, x: Tensor) -> Tensor:
        s = self.cell(x, w, self.share)
        if self.division is None:
            return s
        load = self.load(x, w) if self.load is not None else w.sum(0)
        p = self.division
        return (p[0] * s + p[1] + p[2] * load) / (load + p[3])

    def _second_sum(self, w: Tensor, x: Tensor, like: Tensor) -> Tensor:
        return _FEATURES[self.file.meta["readout"]["second"]](w, x).expand_as(like)

    def _read(self, u: Tensor, v: Tensor) -> Tensor:
        k, t = self.u.place(u)
        if self.v.count < 2:
            return self.table[k, 0] * (1.0 - t) + self.table[k + 1, 0] * t
        l, r = self.v.place(v)
        at = self.table
        return ((at[k, l] * (1.0 - r) + at[k, l + 1] * r) * (1.0 - t)
                + (at[k + 1, l] * (1.0 - r) + at[k + 1, l + 1] * r) * t)


def _width(w: Tensor, x: Tensor) -> Tensor:
    """sum x^2 w / sum x w, and 0 where there is no product. Inputs and weights are scaled:
    the squares of seconds times farads are too small for single precision."""
    x_size, w_size = x.detach().abs().max(), w.detach().abs().max()
    if x_size == 0.0 or w_size == 0.0:
        return torch.zeros((x.shape[0], w.shape[1]), dtype=x.dtype, device=x.device)
    x, w = x / x_size, w / w_size
    product = x @ w
    safe = torch.where(product == 0.0, torch.ones_like(product), product)
    return x_size * torch.where(product == 0.0, torch.zeros_like(product), x**2 @ w / safe)


# The second axis of a table: weights (rows, columns) and inputs (batch, rows) to something
# that expands to (batch, columns).
_FEATURES: "dict[str, Callable[[Tensor, Tensor], Tensor]]" = {
    "none": lambda w, x: torch.zeros((), dtype=x.dtype, device=x.device),
    "weight": lambda w, x: w.sum(0),
    "input": lambda w, x: x.sum(1, keepdim=True),
    "product": lambda w, x: x @ w,
    "width": _width,
}
