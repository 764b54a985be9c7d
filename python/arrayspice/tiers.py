# SPDX-License-Identifier: Apache-2.0
"""The layer that a model file was validated for."""

from __future__ import annotations

import os
from typing import Any, Union

from .anchored_model import AnchoredModel
from .coral_model import CoralModel
from .file_model import FileModel
from .frozen_model import FrozenModel
from .line_model import LineModel
from .model_file import ModelFile, ModelFileError, load
from .pairs import PairedModel
from .readout import ReadoutModel

_LAYERS = {kind.tier: kind for kind in (LineModel, AnchoredModel, CoralModel,
                                           FrozenModel, ReadoutModel)}


def layer(file: Union[ModelFile, str, os.PathLike], **options: Any) -> FileModel:
    """The file's tier as a layer: weights and inputs to outputs. Options are those of
    its class, such as dtype=torch.float32."""
    file = file if isinstance(file, ModelFile) else load(file)
    if file.tier not in _LAYERS:
        raise ModelFileError(f"{file.path}: unknown tier {file.tier!r}")
    kind = _LAYERS[file.tier]
    return PairedModel(file, kind, **options) if "pairs" in file.meta else kind(file, **options)
