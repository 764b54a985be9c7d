# SPDX-License-Identifier: Apache-2.0
"""AWL-k as a PyTorch layer: k line sweeps from an anchored start (docs/models.md)."""

from __future__ import annotations

import os
import warnings
from typing import Any, Optional, Tuple, Union

import torch

from .base_model import ArrayModel
from .file_model import OutsideValidity
from .model_file import ModelFile
from .warm_start import WarmStart

Tensor = torch.Tensor


class ProgrammedArray:
    """An array with its conductances: what does not depend on the inputs, made once."""

    def __init__(self, model: "AnchoredModel", conductances: Tensor):
        self._model, self._g = model, conductances
        with torch.no_grad():
            self.cells = model.table.at(conductances.detach())
            self._lines = model.sweeper(self.cells)
            self._start = WarmStart(model, self.cells, self._lines)

    def __call__(self, inputs: Tensor) -> Tensor:
        self._model.check(self._g, inputs)
        return _Currents.apply(self._g, self._model.seen(inputs), self)

    def outputs(self, inputs: Tensor, keep: bool) -> Tuple[Tensor, Optional[Tensor]]:
        """Currents, and the state that `adjoint` takes where it is to be kept."""
        start, activity = self._start.start(inputs)
        largest = self._model.file.meta.get("validity", {}).get("activity", 1.0)
        if activity > largest * (1.0 + 1e-3):
            warnings.warn(f"inputs drive {activity:.2f} times the activity of the anchors of "
                          f"{self._model.file.path}; validated up to {largest:.2f}",
                          OutsideValidity, stacklevel=4)
        return self._lines.warm(inputs, start, self._model.sweeps, keep)

    def adjoint(self, state: Tensor, by_output: Tensor) -> Tuple[Tensor, Tensor]:
        """Gradients of sum by_output I with respect to conductances and inputs."""
        return self._lines.adjoint(state, by_output, self._model.adjoint_sweeps)


class _Currents(torch.autograd.Function):
    """Outputs of a programmed array; backward by adjoint sweeps at the state reached."""

    @staticmethod
    def forward(ctx: Any, g: Tensor, inputs: Tensor, array: ProgrammedArray):  # type: ignore
        outputs, state = array.outputs(inputs, keep=any(ctx.needs_input_grad))
        ctx.array, ctx.state = array, state
        return outputs

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, by_output: Tensor):  # type: ignore
        by_g, by_input = ctx.array.adjoint(ctx.state, by_output)
        return by_g, by_input, None


class AnchoredModel(ArrayModel):
    """k sweeps from the anchored start; `sweeps` and `adjoint_sweeps` replace the file's.

    `program(conductances)` makes what does not depend on the inputs once for many calls.
    """

    tier = "awl"

    def __init__(self, file: Union[ModelFile, str, os.PathLike],
                 sweeps: Optional[int] = None, dtype: torch.dtype = torch.float64,
                 check: bool = True, adjoint_sweeps: Optional[int] = None):
        super().__init__(file, dtype)
        for name in "anchors", "modes", "levels", "start_levels":
            self.register_buffer(name, self.tensor(f"awl/{name}"))
        self.largest_input = float(self.file["awl/levels"][-1])
        k = int(self.file["awl/k"])
        self.sweeps = k if sweeps is None else sweeps
        self.anchor_sweeps = int(self.file["awl/anchor_sweeps"])
        self.adjoint_sweeps = adjoint_sweeps or int(self.file["awl/adjoint_sweeps"])
        if check and self.file.tier == self.tier and self._is_that_of_the_file():
            self.check_test_vectors()

    def _is_that_of_the_file(self) -> bool:
        return self.sweeps == int(self.file["awl/k"])

    def program(self, conductances: Tensor) -> ProgrammedArray:
        return ProgrammedArray(self, conductances)

    def forward(self, conductances: Tensor, inputs: Tensor) -> Tensor:
        return self.program(conductances)(inputs)
