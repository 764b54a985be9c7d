# SPDX-License-Identifier: Apache-2.0
"""Reads what `arrayspice export` writes and runs it inside PyTorch.

    import arrayspice
    file = arrayspice.load("layer.npz")        # numpy only
    layer = arrayspice.layer(file)             # needs torch
    currents = layer(conductances, inputs)     # (batch, columns) in A, differentiable
    hidden = arrayspice.AnalogLinear(64, 32, layer)    # a torch.nn.Linear on arrays
"""

from .model_file import ModelFile, ModelFileError, load

# Where each name that needs torch comes from.
_FROM = {
    "AnalogConv2d": "analog",
    "AnalogLinear": "analog",
    "AnalogSettings": "analog",
    "AnchoredModel": "anchored_model",
    "CoralModel": "coral_model",
    "FrozenModel": "frozen_model",
    "LineModel": "line_model",
    "OutsideValidity": "file_model",
    "calibrate": "networks",
    "PairedModel": "pairs",
    "ReadoutModel": "readout",
    "layer": "tiers",
    "on_arrays": "networks",
}

__all__ = ["ModelFile", "ModelFileError", "load", *_FROM]


def __getattr__(name: str):
    """Imports torch only when a layer is asked for."""
    if name in _FROM:
        import importlib

        return getattr(importlib.import_module(f".{_FROM[name]}", __name__), name)
    raise AttributeError(f"module 'arrayspice' has no attribute '{name}'")
