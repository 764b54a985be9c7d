# SPDX-License-Identifier: Apache-2.0
"""The layer that a model file was validated for."""

from __future__ import annotations

import os
from typing import Any, Union

from .anchored_model import AnchoredModel
from .base_model import ArrayModel
from .coral_model import CoralModel
from .frozen_model import FrozenModel
from .line_model import LineModel
from .model_file import ModelFile, ModelFileError, load

_LAYERS = {kind.tier: kind for kind in (LineModel, AnchoredModel, CoralModel,
                                           FrozenModel)}


def layer(file: Union[ModelFile, str, os.PathLike], **options: Any) -> ArrayModel:
    """The file's tier as a layer: conductances and inputs to currents. Options are those of
    its class, such as dtype=torch.float32."""
    file = file if isinstance(file, ModelFile) else load(file)
    if file.tier not in _LAYERS:
        raise ModelFileError(f"{file.path}: unknown tier {file.tier!r}")
    return _LAYERS[file.tier](file, **options)
