# SPDX-License-Identifier: Apache-2.0
"""What all models of wired arrays share: cells and lines."""

from __future__ import annotations

import os
from typing import Optional, Union

import torch

from . import fused
from .cells import Cells, CellTable
from .file_model import FileModel
from .ladder import Ladder
from .model_file import ModelFile
from .torch_lines import TorchLines


class ArrayModel(FileModel):
    """Currents (batch, columns) of an array with conductances (rows, columns) and inputs
    (batch, rows), all in SI units; differentiable in both.
    """

    weights_name = "conductances"

    def __init__(self, file: Union[ModelFile, str, os.PathLike], dtype: torch.dtype):
        super().__init__(file, dtype)
        self.table = CellTable(self.file, dtype)
        for name in "Rs", "Rs_far", "Rt", "Rt_far":
            self.register_buffer(name, self.tensor(f"wire/{name}"))
        # Of the virtual grounds, V; inputs count from there.
        self.sense_voltage = float(self.file.arrays.get("sense/v", 0.0))
        self._law: Optional[fused.Polynomials] = None
        if fused.library() is not None and float(self.file["wire/Rw_row"]) > 0.0 < float(
                self.file["wire/Rw_col"]):
            self._law = fused.polynomials(self.table, self._largest_input())

    def _largest_input(self) -> float:
        box = self.file.meta.get("validity", {}).get("x")
        return max(map(abs, box)) if box else float(abs(self.file["cell/x"]).max())

    @property
    def path(self) -> str:
        """Which code sweeps the lines: "fused" (arrayspice.fused) or "torch"."""
        can = self.dtype == torch.float32 and self.device.type == "cpu"
        return "fused" if can and self._law is not None else "torch"

    def seen(self, inputs: Tensor) -> Tensor:
        """Inputs against the virtual grounds."""
        return inputs - self.sense_voltage if self.sense_voltage != 0.0 else inputs

    def sweeper(self, cells: Cells,
                differentiable: bool = False) -> Union[fused.FusedLines, TorchLines]:
        """The line sweeps of an array with these cells; differentiable: by autograd."""
        if self._law is None or differentiable or self.path == "torch":
            return TorchLines(self.lines(), cells)
        return fused.FusedLines(self._law, self.lines(), cells)

    def lines(self) -> "tuple[Ladder, Ladder]":
        """Word lines and bit lines (nodes run from top to bottom)."""
        return (Ladder(float(self.file["wire/Rw_row"]), self.Rs, self.Rs_far),
                Ladder(float(self.file["wire/Rw_col"]), self.Rt_far, self.Rt))
