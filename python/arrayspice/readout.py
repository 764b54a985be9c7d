# SPDX-License-Identifier: Apache-2.0
"""Readout tables: arrays whose columns do not disturb each other, as sums over their cells
and one table (docs/models.md, "Readout tables")."""

from __future__ import annotations

import os
from typing import Callable, List, Optional, Tuple, Union

import numpy as np
import torch

from .file_model import FileModel
from .model_file import ModelFile

Tensor = torch.Tensor

# Singular values of a cell's table below this share of the largest are rounding errors.
_RANK_TOLERANCE = 1e-12


# What a file may know of reading its outputs: attributes of a layer by their members.
_EFFECTS = {"settling_times": "settle/t", "noise_sigma": "noise/sigma",
            "adc_thresholds": "adc/threshold", "adc_values": "adc/value"}


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

    def factors(self, x: Tensor, w: Tensor) -> Tuple[List[Tensor], List[Tensor]]:
        """f(x_i, w_ij) = sum_r p_r(x_i) q_r(w_ij): (batch, rows) and (rows, columns) each."""
        return ([self.x.interpolate(a, x) for a in self.of_x],
                [self.w.interpolate(b, w) for b in self.of_w])

    def forward(self, x: Tensor, w: Tensor, share: Optional[Tensor] = None) -> Tensor:
        """x (batch, rows), w (rows, columns), share (rows) to (batch, columns)."""
        return sum((p if share is None else p * share) @ q
                   for p, q in zip(*self.factors(x, w)))


class _Neighbours(torch.nn.Module):
    """n = sum_i sum_a e_ia phi_a,i + sum_(i >= q) sum_ab c^(i mod q)_ab phi_a,i phi_b,(i-q):
    what rows bring beside f, alone and with the q-th row before. phi_a: f over the largest
    |f| times the (a - 1)-th power of the weight, from 0 to 1 over the table.
    """

    def __init__(self, x: np.ndarray, w: np.ndarray, f: np.ndarray, own: np.ndarray,
                 both: np.ndarray, dtype: torch.dtype):
        super().__init__()
        self.distance = q = len(both)
        r = f / max(np.abs(f).max(), np.finfo(float).tiny)
        part = (w - w[0]) / (w[-1] - w[0])
        self.shapes = torch.nn.ModuleList(
            _CellSum(x, w, r * part**a, dtype) for a in range(own.shape[1]))
        of_row = both[[i % q for i in range(q, len(own))]]  # rows q, q + 1 ...
        to_tensor = lambda a: torch.tensor(np.ascontiguousarray(a), dtype=dtype)
        self.register_buffer("own", to_tensor(own.T))
        self.register_buffer("both", to_tensor(of_row.transpose(1, 2, 0)))

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """x (batch, rows), w (rows, columns) to (batch, columns)."""
        q = self.distance
        factors = [list(zip(*shape.factors(x, w))) for shape in self.shapes]
        total = 0.0
        for a, later in enumerate(factors):
            total = total + sum((self.own[a] * of_x) @ of_w for of_x, of_w in later)
            for b, before in enumerate(factors):
                total = total + sum(
                    (self.both[a, b] * of_x[:, q:] * x_before[:, :-q])
                    @ (of_w[q:] * w_before[:-q])
                    for of_x, of_w in later for x_before, w_before in before)
        return total


class ReadoutModel(FileModel):
    """Outputs (batch, columns) for weights (rows, columns) and inputs (batch, rows) in the
    units of the file; levels may lie between whole numbers, so that they can be trained.

    chip: a seed; the columns then have the gain and the offset of one chip, drawn with the
    spread of the file. Without it they are those of the nominal array.
    readout_time: s; the outputs are read then, before or after the array's own time, within
    the times of the file.
    noise: every output has a draw of the file's noise.
    convert: the outputs are what the file's converters give, between the least and the
    largest code; the gradient passes straight through the steps.

    Attributes, None where the file has none: settling_times (T; s), noise_sigma (columns),
    adc_thresholds (columns, codes - 1) and adc_values (codes), in the outputs' unit.
    """

    tier = "readout"

    def __init__(self, file: Union[ModelFile, str, os.PathLike],
                 dtype: torch.dtype = torch.float64, chip: Optional[int] = None,
                 check: bool = True, readout_time: Optional[float] = None,
                 noise: bool = False, convert: bool = False):
        super().__init__(file, dtype)
        cell = self.file["cell/x"], self.file["cell/w"]
        self.cell = _CellSum(*cell, self.file["cell/f"], dtype)
        self.load = (_CellSum(*cell, self.file["cell/load"], dtype)
                     if "cell/load" in self.file else None)
        self.neighbours = (
            _Neighbours(*cell, self.file["cell/f"], self.file["neighbour/own"],
                        self.file["neighbour/both"], dtype)
            if "neighbour/both" in self.file else None)
        self.u, self.v = _Axis(self.file["readout/u"]), _Axis(self.file["readout/v"])
        self.register_buffer("table", self.tensor("readout/y"))
        self.register_buffer("share", self.tensor("row/share"))
        self.register_buffer("division", self.tensor("readout/division"))
        self.register_buffer("coupled", self._coupled())
        self.register_buffer("gain", None)
        self.register_buffer("offset", None)
        for attribute, member in _EFFECTS.items():
            self.register_buffer(attribute, self.tensor(member))
        self._noise = self._convert = False
        self._settled: Optional[Tuple[float, float]] = None
        if check:
            self.check_test_vectors()
        if chip is not None:
            self._draw_columns(chip)
        if readout_time is not None:
            self._settled = self._settling(readout_time)
        if noise:
            self._require("noise/sigma", "noise, so there is none to draw")
        if convert:
            self._require("adc/threshold", "a converter, so there are no codes")
        self._noise, self._convert = noise, convert

    def _coupled(self) -> Optional[Tensor]:
        """What outputs are multiplied by (columns, columns): every column that is coupled to
        its neighbours by k keeps z_j = y_j + k sum (y_j - y_n)."""
        k = self.file.arrays.get("column/coupling")
        if k is None:
            return None
        steps = np.diff(np.eye(self.file.columns), axis=0)
        inverse = np.linalg.inv(np.eye(self.file.columns) + float(k) * steps.T @ steps)
        return torch.tensor(inverse, dtype=self.dtype)

    def _require(self, member: str, what: str) -> None:
        if member not in self.file:
            raise ValueError(f"{self.file.path}: exported without {what}")

    def _settling(self, time: float) -> Tuple[float, float]:
        """Gain and offset of outputs that are read at this time, s; between the times of the
        file linear in its logarithm."""
        self._require("settle/t", "a time at which outputs are read")
        times = self.file["settle/t"]
        if not times[0] <= time <= times[-1]:
            raise ValueError(f"{self.file.path}: readout_time is {time:g} s, the file knows "
                             f"{times[0]:g} s to {times[-1]:g} s")
        at = lambda name: float(np.interp(np.log(time), np.log(times), self.file[name]))
        return 1.0 - at("settle/err"), at("settle/offset")

    def _draw_columns(self, chip: int) -> None:
        self._require("column/gain_sigma",
                      "variation, so there is no spread to draw a chip from")
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
        if self.coupled is not None:
            y = y @ self.coupled
        if self.gain is not None:
            y = self.gain * y + self.offset
        if self._settled is not None:
            y = self._settled[0] * y + self._settled[1]
        if self._noise:
            y = y + self.noise_sigma * torch.randn_like(y)
        return self._converted(y) if self._convert else y

    def _converted(self, y: Tensor) -> Tensor:
        codes = torch.searchsorted(self.adc_thresholds, y.detach().mT.contiguous(), right=True)
        within = y.clamp(self.adc_values[0], self.adc_values[-1])
        return within + (self.adc_values[codes.mT] - within).detach()

    def _first_sum(self, w: Tensor, x: Tensor) -> Tensor:
        s = self.cell(x, w, self.share)
        if self.neighbours is not None:
            s = s + self.neighbours(x, w)
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
