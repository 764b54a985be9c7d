# SPDX-License-Identifier: Apache-2.0
"""The effective matrix of one set of conductances as a PyTorch layer."""

from __future__ import annotations

import os
from typing import Optional, Union

import torch

from .base_model import ArrayModel
from .model_file import ModelFile

Tensor = torch.Tensor

_SAME = 1e-6  # of the largest conductance


class FrozenModel(ArrayModel):
    """One matrix product, differentiable in the inputs alone: the conductances are those of
    the file and may be left out (None)."""

    tier = "frozen"

    def __init__(self, file: Union[ModelFile, str, os.PathLike],
                 dtype: torch.dtype = torch.float64, check: bool = True):
        super().__init__(file, dtype)
        self.register_buffer("programmed", self.tensor("frozen/w"))
        self.register_buffer("matrix", self.tensor("frozen/G"))
        if check:
            self.check_test_vectors()

    def forward(self, conductances: Optional[Tensor], inputs: Tensor) -> Tensor:
        if conductances is None:
            conductances = self.programmed
        self.check(conductances, inputs)
        if conductances.requires_grad and torch.is_grad_enabled():
            raise ValueError(f"{self.file.path}: a frozen model has no gradient with respect "
                             "to conductances")
        if (conductances - self.programmed).abs().max() > _SAME * self.programmed.max():
            raise ValueError(f"{self.file.path} is frozen: it holds for its own conductances "
                             "('frozen/w') alone")
        return self.seen(inputs) @ self.matrix
