# SPDX-License-Identifier: Apache-2.0
"""The exported model as numpy arrays, checked against its schema (docs/line-model.md)."""

from __future__ import annotations

import dataclasses
import json
import os
import struct
import zipfile
from typing import Any, Union

import numpy as np

SCHEMA = "aimc-behav/1"


class ModelFileError(ValueError):
    """The file is not a model that this reader understands."""


@dataclasses.dataclass(frozen=True)
class ModelFile:
    """Members of an exported model; names and SI units are those of the file."""

    path: str
    meta: dict[str, Any]
    arrays: dict[str, np.ndarray]

    @property
    def rows(self) -> int:
        return int(self.meta["M"])

    @property
    def columns(self) -> int:
        return int(self.meta["N"])

    @property
    def sweeps(self) -> int:
        return int(self.arrays["wire/k"])

    @property
    def tier(self) -> str:
        """Which model test/model is from: line, awl, coral or frozen."""
        return str(self.meta.get("wire", {}).get("operator", "line"))

    def __getitem__(self, name: str) -> np.ndarray:
        return self.arrays[name]

    def __contains__(self, name: str) -> bool:
        return name in self.arrays


def load(path: Union[str, os.PathLike[str]]) -> ModelFile:
    """Reads an .npz or .safetensors model file; raises ModelFileError when it is not one."""
    read = _read_safetensors if os.fspath(path).endswith(".safetensors") else _read_npz
    try:
        meta, arrays = read(path)
    except (zipfile.BadZipFile, ValueError, KeyError, AttributeError, struct.error) as problem:
        raise ModelFileError(f"{path}: not a model file: {problem}") from problem
    file = ModelFile(os.fspath(path), meta, arrays)
    _check(file)
    return file


def _read_npz(path: Any) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    with np.load(path, allow_pickle=False) as members:
        if "meta.json" not in members.files:
            raise ValueError("no member 'meta.json'")
        return json.loads(bytes(members["meta.json"])), {
            name: members[name] for name in members.files if name != "meta.json"}


def _read_safetensors(path: Any) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """8 bytes of header length, a JSON header with offsets into what follows."""
    with open(path, "rb") as stream:
        (length,) = struct.unpack("<Q", stream.read(8))
        header, body = json.loads(stream.read(length)), stream.read()
    meta = json.loads(header.pop("__metadata__")["meta.json"])
    return meta, {
        name: np.frombuffer(body[slice(*about["data_offsets"])], "<f8").reshape(about["shape"])
        for name, about in header.items()}


def _anchored_shapes(file: ModelFile) -> dict[str, tuple[int, ...]]:
    """Members of the anchored start: any number of anchors, modes and levels."""
    count = lambda name: len(np.atleast_1d(file.arrays.get(f"awl/{name}", ())))
    scalars = {f"awl/{name}": () for name in ("k", "adjoint_sweeps", "anchor_sweeps")}
    return {**scalars, "awl/anchors": (count("anchors"), file.rows),
            "awl/modes": (count("modes"), file.rows), "awl/levels": (count("levels"),),
            "awl/start_levels": (count("start_levels"),)}


def _check(file: ModelFile) -> None:
    """Schema, shapes and finite values of every member that the model needs."""
    if file.meta.get("schema") != SCHEMA:
        raise ModelFileError(
            f"{file.path}: schema {file.meta.get('schema')!r}, expected {SCHEMA!r}")
    rows, columns = file.rows, file.columns
    samples = len(file.arrays.get("test/x", ()))
    shapes: dict[str, tuple[int, ...]] = {
        "cell/x": (np.size(file.arrays.get("cell/x", ())),),
        "cell/w": (np.size(file.arrays.get("cell/w", ())),),
        "wire/Rw_row": (), "wire/Rw_col": (), "wire/k": (),
        "wire/Rs": (rows,), "wire/Rt": (columns,),
        "test/w": (samples, rows, columns), "test/x": (samples, rows),
        "test/y": (samples, columns),
    }
    shapes["cell/ratio"] = shapes["cell/x"] + shapes["cell/w"]
    optional = {"wire/Rs_far": (rows,), "wire/Rt_far": (columns,),
                "test/model": (samples, columns)}
    if file.tier in ("awl", "coral"):
        shapes.update(_anchored_shapes(file))
    if file.tier == "coral":
        shapes["coral/products"] = ()
    if file.tier == "frozen":
        shapes.update({"frozen/w": (rows, columns), "frozen/G": (rows, columns)})
    shapes.update({name: shape for name, shape in optional.items() if name in file})
    for name, shape in shapes.items():
        if name not in file:
            raise ModelFileError(f"{file.path}: no member '{name}'")
        if file[name].shape != shape:
            raise ModelFileError(
                f"{file.path}: '{name}' has shape {file[name].shape}, expected {shape}")
        if not np.isfinite(file[name]).all():
            raise ModelFileError(f"{file.path}: '{name}' holds a value that is not finite")
    for axis in "cell/x", "cell/w":
        if len(file[axis]) < 4 or not (np.diff(file[axis]) > 0.0).all():
            raise ModelFileError(f"{file.path}: '{axis}' must ascend over 4 or more points")
