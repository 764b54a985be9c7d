# SPDX-License-Identifier: Apache-2.0
"""What all layers share: the file's members as tensors, and the checks against it."""

from __future__ import annotations

import os
import warnings
from typing import Optional, Union

import numpy as np
import torch

from .model_file import ModelFile, ModelFileError, load

Tensor = torch.Tensor

# How closely a layer must repeat the file's own predictions, RMS over RMS, when it is made.
_TEST_TOLERANCE = 1e-5
# On so many of the file's test vectors, which are of all kinds in turn.
_CHECKED = 6


class OutsideValidity(UserWarning):
    """Inputs or weights lie outside the box in which the model was validated."""


class FileModel(torch.nn.Module):
    """Outputs (batch, columns) of an array with weights (rows, columns) and inputs (batch,
    rows), in the units of the file; differentiable in both.
    """

    tier = ""  # the name in the file's meta.json
    weights_name = "weights"  # what messages call them

    def __init__(self, file: Union[ModelFile, str, os.PathLike], dtype: torch.dtype):
        super().__init__()
        self.file = file if isinstance(file, ModelFile) else load(file)
        self._made_with = dtype
        # Follows the layer to other types and devices.
        self.register_buffer("_like", torch.empty(0, dtype=dtype), persistent=False)

    def tensor(self, member: str) -> Optional[Tensor]:
        """A member of the file, None where it is absent."""
        values = self.file.arrays.get(member)
        return None if values is None else torch.tensor(values, dtype=self._made_with)

    @property
    def dtype(self) -> torch.dtype:
        return self._like.dtype

    @property
    def device(self) -> torch.device:
        return self._like.device

    def product_gain(self) -> float:
        """What one unit of weight times one unit of input adds to an output."""
        return 1.0

    def check(self, weights: Tensor, inputs: Tensor) -> None:
        """Shapes and types are errors; values outside the validity box are a warning."""
        rows, columns = self.file.rows, self.file.columns
        if weights.shape != (rows, columns):
            raise ValueError(f"{self.weights_name} have shape {tuple(weights.shape)}, "
                             f"expected (rows, columns) = ({rows}, {columns})")
        if inputs.dim() != 2 or inputs.shape[1] != rows:
            raise ValueError(f"inputs have shape {tuple(inputs.shape)}, "
                             f"expected (batch, rows) = (batch, {rows})")
        for name, values in (self.weights_name, weights), ("inputs", inputs):
            if values.dtype != self.dtype:
                raise TypeError(f"{name} are {values.dtype}, the layer is {self.dtype}; "
                                "use .to(dtype) on one of them")
        self._check_box("inputs", "x", inputs)
        self._check_box(self.weights_name, "w", weights)

    def _check_box(self, name: str, key: str, values: Tensor) -> None:
        box = self.file.meta.get("validity", {}).get(key)
        if box is None or not values.numel():
            return
        low, high = box
        slack = 1e-6 * max(abs(low), abs(high))
        if values.min() < low - slack or values.max() > high + slack:
            warnings.warn(f"{name} lie outside the validity box [{low:g}, {high:g}] of "
                          f"{self.file.path}", OutsideValidity, stacklevel=4)

    @torch.no_grad()
    def check_test_vectors(self) -> float:
        """The RMS difference from the file's own predictions of the first test vectors over
        their RMS; raises ModelFileError when the layer does not repeat them."""
        expected = self.file.arrays.get("test/model")
        if expected is None:
            return 0.0
        expected, found = expected[:_CHECKED], self.test_outputs(_CHECKED)
        error = float(np.sqrt(np.mean((found - expected) ** 2) / np.mean(expected**2)))
        if not error <= _TEST_TOLERANCE:
            raise ModelFileError(f"{self.file.path}: the layer differs from the file's test "
                                 f"vectors by {error:.2g}")
        return error

    @torch.no_grad()
    def test_outputs(self, count: Optional[int] = None) -> np.ndarray:
        """The layer's answers to the file's held-out inputs, or the first of them
        (test, columns)."""
        to_tensor = lambda a: torch.tensor(a, dtype=self.dtype, device=self.device)
        return np.concatenate([
            self(to_tensor(w), to_tensor(x[None])).cpu().double().numpy()
            for w, x in zip(self.file["test/w"][:count], self.file["test/x"][:count])])
