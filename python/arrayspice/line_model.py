# SPDX-License-Identifier: Apache-2.0
"""LINE-k as a PyTorch layer: the equations of docs/line-model.md, in its symbols."""

from __future__ import annotations

import os
from typing import Optional, Tuple, Union

import torch

from .base_model import ArrayModel
from .cells import Cells
from .ladder import Ladder
from .model_file import ModelFile

Tensor = torch.Tensor


def word_sweep(word: Ladder, cells: Cells, inputs: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """Word lines solved once, cells linearised at (w, b)."""
    if word.ideal:
        return w
    i, d = cells.current(w - b)
    return word.solve(d, d * w - i, inputs)


def bit_sweep(bit: Ladder, cells: Cells, w: Tensor, b: Tensor) -> Tensor:
    """Bit lines solved once."""
    if bit.ideal:
        return b
    i, d = cells.current(w - b)
    return bit.solve(d.mT, (d * b + i).mT).mT


def sweeps(lines: Tuple[Ladder, Ladder], cells: Cells, inputs: Tensor, w: Tensor,
           b: Tensor, count: int) -> Tuple[Tensor, Tensor]:
    for _ in range(count):
        w = word_sweep(lines[0], cells, inputs, w, b)
        b = bit_sweep(lines[1], cells, w, b)
    return w, b


def cold_start(inputs: Tensor, columns: int) -> Tuple[Tensor, Tensor]:
    """w = V, b = 0."""
    w = inputs.unsqueeze(-1).expand(*inputs.shape, columns)
    return w, torch.zeros_like(w)


class LineModel(ArrayModel):
    """k sweeps from w = V, b = 0; `sweeps` replaces the file's k."""

    tier = "line"

    def __init__(self, file: Union[ModelFile, str, os.PathLike],
                 sweeps: Optional[int] = None, dtype: torch.dtype = torch.float64,
                 check: bool = True):
        super().__init__(file, dtype)
        self.sweeps = self.file.sweeps if sweeps is None else sweeps
        if check and self.file.tier == self.tier and self.sweeps == self.file.sweeps:
            self.check_test_vectors()

    def forward(self, conductances: Tensor, inputs: Tensor) -> Tensor:
        self.check(conductances, inputs)
        cells, (word, bit) = self.table.at(conductances), self.lines()
        w, b = cold_start(inputs, self.file.columns)
        w, b = sweeps((word, bit), cells, inputs, w, b, self.sweeps)
        if bit.ideal:
            return cells.current(w - b)[0].sum(1)
        return bit.beta * b[:, -1] + bit.alpha * b[:, 0]
