# SPDX-License-Identifier: Apache-2.0
"""LINE-k as a PyTorch layer: the equations of docs/line-model.md, in its symbols."""

from __future__ import annotations

import os
from typing import Optional, Union

import torch

from .base_model import ArrayModel
from .cells import GatedCells
from .model_file import ModelFile
from .torch_lines import TorchLines

Tensor = torch.Tensor


class LineModel(ArrayModel):
    """k sweeps from w = V, b = 0; `sweeps` replaces the file's k. Gradients are those of the
    sweeps themselves and always computed in PyTorch.

    Where inputs are gates (`read_voltage`, V, feeds the cells) they are bits that may lie
    between 0 and 1, so that they can be trained."""

    tier = "line"

    def __init__(self, file: Union[ModelFile, str, os.PathLike],
                 sweeps: Optional[int] = None, dtype: torch.dtype = torch.float64,
                 check: bool = True):
        super().__init__(file, dtype)
        read = self.file.arrays.get("cell/read")
        self.read_voltage = None if read is None else float(read)
        self.sweeps = self.file.sweeps if sweeps is None else sweeps
        if check and self.file.tier == self.tier and self.sweeps == self.file.sweeps:
            self.check_test_vectors()

    def product_gain(self) -> float:
        return 1.0 if self.read_voltage is None else self.read_voltage

    def forward(self, conductances: Tensor, inputs: Tensor) -> Tensor:
        self.check(conductances, inputs)
        cells = self.table.at(conductances)
        if self.read_voltage is not None:
            lines = TorchLines(self.lines(), GatedCells(cells, inputs))
            return lines.cold_outputs(self.seen(torch.full_like(inputs, self.read_voltage)),
                                      self.sweeps)
        wanted = conductances.requires_grad or inputs.requires_grad
        lines = self.sweeper(cells, differentiable=wanted and torch.is_grad_enabled())
        return lines.cold_outputs(self.seen(inputs), self.sweeps)
