# SPDX-License-Identifier: Apache-2.0
"""Line sweeps by the shared library libarrayspice_fused: single precision, on the CPU.

The library is looked for where ARRAYSPICE_FUSED says (an empty value: nowhere), beside this
file, and in build/release/lib of a source tree. Without it, in double precision, on a GPU, for
wires without resistance or cells that no short polynomial describes, the same equations run
in PyTorch (torch_lines.py); `ArrayModel.path` says which it is.
"""

from __future__ import annotations

import ctypes
import dataclasses
import functools
import os
import pathlib
from typing import Any, Optional, Tuple

import numpy as np
import torch

from .cells import Cells, CellTable
from .ladder import Ladder
from .start import Start

Tensor = torch.Tensor

_VERSION = 1  # of the structures below
_TERMS = (1, 5, 9)  # of a polynomial
_POLYNOMIAL_ERROR = 3e-6  # of the largest ratio: what a law may cost
_ENOUGH = 5e-7  # more terms are not taken below this
_SAME_SHAPE = 1e-7  # of the ratio: what may differ between conductances of one shape

_Pointer, _Int, _Float = ctypes.c_void_p, ctypes.c_int64, ctypes.c_float


class _Law(ctypes.Structure):
    _fields_ = [("terms", _Int), ("even", _Int), ("per_cell", _Int), ("range", _Float),
                ("p", _Pointer), ("scale", _Pointer), ("p_by_g", _Pointer),
                ("scale_by_g", _Pointer)]


class _Wires(ctypes.Structure):
    _fields_ = [("c", _Float), ("alpha", _Pointer), ("beta", _Pointer)]


class _Array(ctypes.Structure):
    _fields_ = [("rows", _Int), ("columns", _Int), ("word", _Wires), ("bit", _Wires),
                ("law", _Law)]


class _Start(ctypes.Structure):
    _fields_ = [("rest", _Pointer), ("powers", _Int), ("range", _Float), ("rise", _Pointer),
                ("modes", _Int), ("profiles", _Pointer), ("states", _Pointer)]


class _Run(ctypes.Structure):
    _fields_ = [("batch", _Int), ("inputs", _Pointer), ("sweeps", _Int),
                ("words_only", _Int), ("outputs", _Pointer), ("v", _Pointer),
                ("b", _Pointer)]


class _Adjoint(ctypes.Structure):
    _fields_ = [("batch", _Int), ("v", _Pointer), ("weights", _Pointer), ("sweeps", _Int),
                ("by_conductance", _Pointer), ("by_input", _Pointer)]


class _Product(ctypes.Structure):
    _fields_ = [("batch", _Int), ("inner", _Int), ("columns", _Int), ("x", _Pointer),
                ("m", _Pointer), ("y", _Pointer)]


@functools.lru_cache(maxsize=None)
def library() -> Optional[ctypes.CDLL]:
    """The shared library, None where there is none or one of another version."""
    here, name = pathlib.Path(__file__).resolve().parent, "libarrayspice_fused.so"
    places = [here / name, here.parents[1] / "build" / "release" / "lib" / name]
    if "ARRAYSPICE_FUSED" in os.environ:
        places = [pathlib.Path(os.environ["ARRAYSPICE_FUSED"])]
    for place in places:
        if not place.is_file():
            continue
        found = ctypes.CDLL(os.fspath(place))
        found.arrayspice_fused_version.restype = ctypes.c_int64
        if found.arrayspice_fused_version() != _VERSION:
            continue
        found.arrayspice_lanes.restype = ctypes.c_int64
        return found
    return None


def multiply(x: Tensor, m: Tensor) -> Tensor:
    """x @ m without gradients: by the library where it can, since Debian's torch may have no
    other BLAS than the reference one."""
    found = library()
    if found is None or x.dtype != torch.float32 or x.device.type != "cpu":
        return x @ m
    x, m = x.contiguous(), m.contiguous()
    y = x.new_empty(len(x), m.shape[1])
    product = _Product(len(x), *m.shape, x.data_ptr(), m.data_ptr(), y.data_ptr())
    found.arrayspice_multiply(ctypes.byref(product))
    return y


@dataclasses.dataclass(frozen=True)
class Polynomials:
    """The table's products rho(v, g) = sum_r A_r(v) B_r(g) with A_r as polynomials."""

    even: bool
    range: float  # V
    terms: np.ndarray  # (terms, products)


def polynomials(table: CellTable, largest: float) -> Optional[Polynomials]:
    """Of the table for voltages up to +-largest; None where they err too much."""
    x = np.cos(np.pi * (np.arange(512) + 0.5) / 512)
    a = table.along(largest * x)
    share = abs(a).max(0) * table.largest_factors()
    a = a[:, : max(1, int((share > _SAME_SHAPE * share[0]).sum()))]
    scale = abs(a[:, 0]).max()
    even = bool(abs(a - a[::-1]).max() < _SAME_SHAPE * scale)
    best = None
    for count in _TERMS if even else _TERMS[-1:]:
        u = x * x if even else x
        powers = u[:, None] ** np.arange(count)
        terms = np.linalg.lstsq(powers, a, rcond=None)[0].astype(np.float32)
        error = abs(_horner(terms, u.astype(np.float32)) - a).max() / scale
        if best is None or error < best[0]:
            best = error, Polynomials(even, largest, terms)
        if error < _ENOUGH:
            break
    return best[1] if best and best[0] < _POLYNOMIAL_ERROR else None


def _horner(terms: np.ndarray, u: np.ndarray) -> np.ndarray:
    y = np.repeat(terms[-1][None], len(u), 0)
    for term in terms[-2::-1]:
        y = y * u[:, None] + term
    return y


class FusedLines:
    """One array with its conductances; the interface is that of torch_lines.TorchLines.
    A state is what the library makes of it: (groups, rows, columns, lanes)."""

    def __init__(self, law: Polynomials, lines: Tuple[Ladder, Ladder], cells: Cells):
        self._library = library()
        self._lanes = self._library.arrayspice_lanes()
        self.rows, self.columns = cells.g.shape
        self._kept: list[Tensor] = []  # what the structures point to
        self._array = _Array(self.rows, self.columns, *map(self._wires, lines),
                             self._law(law, cells))

    def _keep(self, tensor: Tensor) -> int:
        self._kept.append(tensor.detach().to(torch.float32).contiguous())
        return self._kept[-1].data_ptr()

    def _wires(self, line: Ladder) -> _Wires:
        return _Wires(line.c, self._keep(line.alpha), self._keep(line.beta))

    def _law(self, law: Polynomials, cells: Cells) -> _Law:
        count, products = law.terms.shape
        terms = torch.from_numpy(law.terms)
        value, by_g = cells.factors(products)
        if products == 1 and law.even:
            return _Law(count, 1, 0, law.range, self._keep(terms), self._keep(value[0]),
                        None, self._keep(by_g[0]))
        count = max(count, _TERMS[1])  # cells have polynomials of 5 or 9 terms of their own
        terms = torch.nn.functional.pad(terms, (0, 0, 0, count - len(terms)))
        own = lambda b: self._keep(torch.einsum("kr,rij->ijk", terms, b.to(torch.float32)))
        return _Law(count, law.even, 1, law.range, own(value), None, own(by_g), None)

    def _state(self, batch: int) -> Tensor:
        groups = -(-batch // self._lanes)
        return torch.empty(groups, self.rows, self.columns, self._lanes)

    def _batched(self, state: Tensor, batch: int) -> Tensor:
        """A state as (batch, rows, columns)."""
        return state.permute(0, 3, 1, 2).flatten(0, 1)[:batch]

    def _sweep(self, inputs: Tensor, start: _Start, count: int, **wanted: Any) -> None:
        inputs = inputs.contiguous()
        run = _Run(len(inputs), inputs.data_ptr(), count, 0)
        for name, value in wanted.items():
            setattr(run, name, value if isinstance(value, int) else value.data_ptr())
        self._library.arrayspice_sweep(ctypes.byref(self._array), ctypes.byref(start),
                                       ctypes.byref(run))

    def cold(self, inputs: Tensor, count: int) -> Tuple[Tensor, Tensor, Tensor]:
        """Sweeps from w = V, b = 0: outputs, v = w - b and b, the voltages in batches."""
        outputs = inputs.new_empty(len(inputs), self.columns)
        v, b = self._state(len(inputs)), self._state(len(inputs))
        self._sweep(inputs, _Start(), count, outputs=outputs, v=v, b=b)
        return outputs, self._batched(v, len(inputs)), self._batched(b, len(inputs))

    def cold_outputs(self, inputs: Tensor, count: int) -> Tensor:
        outputs = inputs.new_empty(len(inputs), self.columns)
        self._sweep(inputs, _Start(), count, outputs=outputs)
        return outputs

    def words(self, inputs: Tensor, rest: Tensor, count: int) -> Tensor:
        """v of the word lines, swept from w = V with the bit lines at rest."""
        ones = inputs.new_ones(len(inputs), self.columns)
        v, profile, flat = self._state(len(inputs)), rest.contiguous(), torch.zeros_like(rest)
        rise = torch.stack([torch.ones_like(rest), -torch.ones_like(rest)])
        start = _Start(flat.data_ptr(), 1, 1.0, rise.data_ptr(), 1, profile.data_ptr(),
                       ones.data_ptr())
        self._sweep(inputs, start, count, v=v, words_only=1)
        return self._batched(v, len(inputs))

    def warm(self, inputs: Tensor, start: Start, count: int,
             keep: bool) -> Tuple[Tensor, Optional[Tensor]]:
        """Outputs after sweeps from the start, and the state v where it is to be kept."""
        outputs = inputs.new_empty(len(inputs), self.columns)
        states = start.states.contiguous()
        where = _Start(start.rest.data_ptr(), start.rise.shape[1], start.range,
                       start.rise.data_ptr(), len(start.profiles),
                       start.profiles.data_ptr(), states.data_ptr())
        wanted = {"v": self._state(len(inputs))} if keep else {}
        self._sweep(inputs, where, count, outputs=outputs, **wanted)
        return outputs, wanted.get("v")

    def adjoint(self, v: Tensor, by_output: Tensor, count: int) -> Tuple[Tensor, Tensor]:
        """Gradients of sum by_output I with respect to conductances and inputs."""
        by_output = by_output.contiguous()
        by_g = by_output.new_empty(self.rows, self.columns)
        by_input = by_output.new_empty(len(by_output), self.rows)
        task = _Adjoint(len(by_output), v.data_ptr(), by_output.data_ptr(), count,
                        by_g.data_ptr(), by_input.data_ptr())
        self._library.arrayspice_adjoint(ctypes.byref(self._array), ctypes.byref(task))
        return by_g, by_input
