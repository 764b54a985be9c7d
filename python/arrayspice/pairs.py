# SPDX-License-Identifier: Apache-2.0
"""Arrays of differential pairs of cells: signed weights w = G+ - G-, with
G+ = offset + max(w, 0) and G- = offset + max(-w, 0) (docs/types.md, "Pairs")."""

from __future__ import annotations

import dataclasses
import os
from typing import Any, Type, Union

import torch

from .file_model import FileModel
from .model_file import ModelFile

Tensor = torch.Tensor


def cells_of(file: ModelFile) -> ModelFile:
    """The array that is built, without pairs: columns 2j and 2j + 1 (separate) or rows 2i and
    2i + 1 (interleaved) hold a pair. Without test vectors: those are of the pairs."""
    box = file.meta["validity"]
    meta = {**file.meta, "M": file.cell_rows, "N": file.cell_columns,
            "validity": {**box, "w": box["cells"]}}
    del meta["pairs"]
    arrays = {name: values for name, values in file.arrays.items()
              if not name.startswith("test/")}
    empty = {"test/w": (0, file.cell_rows, file.cell_columns), "test/x": (0, file.cell_rows),
             "test/y": (0, file.cell_columns)}
    arrays.update({name: file[name][:0].reshape(shape) for name, shape in empty.items()})
    return dataclasses.replace(file, meta=meta, arrays=arrays)


class PairedModel(FileModel):
    """Outputs (batch, columns) of signed weights (rows, columns) and inputs (batch, rows).

    `array` is the model of the cells that are built; options are those of its class.
    """

    def __init__(self, file: ModelFile, kind: Type[FileModel], check: bool = True,
                 **options: Any):
        super().__init__(file, options.get("dtype", torch.float64))
        self.array = kind(cells_of(file), check=False, **options)
        self.interleaved = file.meta["pairs"]["kind"] == "interleaved"
        self.offset = float(file.meta["pairs"]["offset"])
        if check:
            self.check_test_vectors()

    def product_gain(self) -> float:
        return self.array.product_gain()

    def cells(self, weights: Tensor) -> Tensor:
        """Conductances of the cells."""
        both = torch.stack([weights.clamp(min=0.0), (-weights).clamp(min=0.0)],
                           1 if self.interleaved else 2) + self.offset
        return both.reshape(self.file.cell_rows, self.file.cell_columns)

    def forward(self, weights: Tensor, inputs: Tensor) -> Tensor:
        self.check(weights, inputs)
        if self.interleaved:
            inputs = torch.stack([inputs, -inputs], 2).flatten(1)
            return self.array(self.cells(weights), inputs)
        outputs = self.array(self.cells(weights), inputs)
        return outputs[:, 0::2] - outputs[:, 1::2]
