# SPDX-License-Identifier: Apache-2.0
"""LINE-k as a PyTorch layer: the equations of docs/line-model.md, in its symbols."""

from __future__ import annotations

import os
from typing import Optional, Union

import torch

from .base_model import ArrayModel
from .model_file import ModelFile

Tensor = torch.Tensor


class LineModel(ArrayModel):
    """k sweeps from w = V, b = 0; `sweeps` replaces the file's k. Gradients are those of the
    sweeps themselves and always computed in PyTorch."""

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
        wanted = conductances.requires_grad or inputs.requires_grad
        lines = self.sweeper(self.table.at(conductances),
                             differentiable=wanted and torch.is_grad_enabled())
        return lines.cold_outputs(inputs, self.sweeps)
