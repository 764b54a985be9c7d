# SPDX-License-Identifier: Apache-2.0
"""Reads what `arrayspice export` writes and runs it inside PyTorch.

    import arrayspice
    file = arrayspice.load("layer.npz")        # numpy only
    layer = arrayspice.LineModel(file)         # needs torch
    currents = layer(conductances, inputs)     # (batch, columns) in A, differentiable
"""

from .model_file import ModelFile, ModelFileError, load

__all__ = ["LineModel", "ModelFile", "ModelFileError", "OutsideValidity", "load"]


def __getattr__(name):
    """Imports torch only when the layer is asked for."""
    if name in ("LineModel", "OutsideValidity"):
        from . import line_model

        return getattr(line_model, name)
    raise AttributeError(f"module 'arrayspice' has no attribute '{name}'")
