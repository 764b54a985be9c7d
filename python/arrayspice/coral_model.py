# SPDX-License-Identifier: Apache-2.0
"""CORAL as a PyTorch layer (docs/models.md)."""

from __future__ import annotations

import os
from typing import Any, Optional, Tuple, Union

import torch

from .anchored_model import AnchoredModel, ProgrammedArray
from .coral import CoralTables
from .model_file import ModelFile, ModelFileError, load

Tensor = torch.Tensor

_MODES = 3
_PRODUCTS = 16  # where the file does not say


class ProgrammedCoral(ProgrammedArray):
    """An array with its conductances; what a product costs afterwards are matmuls."""

    def __init__(self, model: "CoralModel", conductances: Tensor):
        super().__init__(model, conductances)
        with torch.no_grad():
            self._coral = CoralTables(model, self.cells, self._lines, self._start)

    def outputs(self, inputs: Tensor, keep: bool) -> Tuple[Tensor, Any]:
        return self._coral.outputs(inputs), inputs if keep else None

    def adjoint(self, state: Tensor, by_output: Tensor) -> Tuple[Tensor, Tensor]:
        """The state is that of one sweep from the anchored start."""
        start, _ = self._start.start(state)
        _, v = self._lines.warm(state, start, 1, True)
        return self._lines.adjoint(v, by_output, self._model.adjoint_sweeps)


class CoralModel(AnchoredModel):
    """Matrix products only, for inputs from 0; `products` (and not `sweeps`) says how many.
    Gradients are those of sweeps: exact in the limit, not of the products."""

    tier = "coral"

    def __init__(self, file: Union[ModelFile, str, os.PathLike],
                 products: Optional[int] = None, **options: Any):
        file = file if isinstance(file, ModelFile) else load(file)
        own = file.arrays.get("coral/products")
        self.products = products or (_PRODUCTS if own is None else int(own))
        if len(file["awl/modes"]) < _MODES:
            raise ModelFileError(f"{file.path}: CORAL needs {_MODES} modes in 'awl/modes'")
        super().__init__(file, **options)

    def _is_that_of_the_file(self) -> bool:
        return self.products == int(self.file["coral/products"])

    def program(self, conductances: Tensor) -> ProgrammedCoral:
        return ProgrammedCoral(self, conductances)
