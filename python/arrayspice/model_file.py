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
    def _pairs(self) -> str:
        return str(self.meta.get("pairs", {}).get("kind", "none"))

    @property
    def cell_rows(self) -> int:
        """Of the cells that are built: twice as many where pairs share a column."""
        return self.rows * (2 if self._pairs == "interleaved" else 1)

    @property
    def cell_columns(self) -> int:
        """Of the cells that are built: twice as many where pairs share a row."""
        return self.columns * (2 if self._pairs == "separate" else 1)

    @property
    def sweeps(self) -> int:
        return int(self.arrays["wire/k"])

    @property
    def tier(self) -> str:
        """Which model test/model is from: line, awl, coral, frozen or readout."""
        return str(self.meta.get("wire", {}).get("operator", "line"))

    def __getitem__(self, name: str) -> np.ndarray:
        return self.arrays[name]

    def __contains__(self, name: str) -> bool:
        return name in self.arrays


def load(path: Union[str, os.PathLike[str]]) -> ModelFile:
    """Reads an .npz, .safetensors or HDF5 (.h5, .hdf5; needs h5py) model file; raises
    ModelFileError when it is not one."""
    read = _READERS.get(os.path.splitext(path)[1], _read_npz)
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


def _read_hdf5(path: Any) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    import h5py

    arrays: dict[str, np.ndarray] = {}
    with h5py.File(path, "r") as file:
        meta = json.loads(file["meta.json"][()])
        for name, group in file.items():
            if isinstance(group, h5py.Group):
                arrays.update({f"{name}/{key}": data[()] for key, data in group.items()})
    return meta, arrays


_READERS = {".safetensors": _read_safetensors, ".h5": _read_hdf5, ".hdf5": _read_hdf5}


def _anchored_shapes(file: ModelFile) -> dict[str, tuple[int, ...]]:
    """Members of the anchored start: any number of anchors, modes and levels."""
    count = lambda name: len(np.atleast_1d(file.arrays.get(f"awl/{name}", ())))
    scalars = {f"awl/{name}": () for name in ("k", "adjoint_sweeps", "anchor_sweeps")}
    return {**scalars, "awl/anchors": (count("anchors"), file.cell_rows),
            "awl/modes": (count("modes"), file.cell_rows), "awl/levels": (count("levels"),),
            "awl/start_levels": (count("start_levels"),)}


def _table_shapes(file: ModelFile, a: str, b: str, *tables: str) -> dict[str, tuple[int, ...]]:
    """Two axes of any length, and tables over both."""
    x, y = (np.size(file.arrays.get(axis, ())) for axis in (a, b))
    return {a: (x,), b: (y,), **{table: (x, y) for table in tables}}


def _wired_shapes(file: ModelFile) -> dict[str, tuple[int, ...]]:
    """Members of models that sweep lines."""
    shapes = {**_table_shapes(file, "cell/x", "cell/w", "cell/ratio"),
              "wire/Rw_row": (), "wire/Rw_col": (), "wire/k": (),
              "wire/Rs": (file.cell_rows,), "wire/Rt": (file.cell_columns,)}
    if file.tier in ("awl", "coral"):
        shapes.update(_anchored_shapes(file))
    if file.tier == "coral":
        shapes["coral/products"] = ()
    if file.tier == "frozen":
        shapes.update({name: (file.cell_rows, file.cell_columns) for name in ("frozen/w", "frozen/G")})
    return shapes


def _readout_shapes(file: ModelFile) -> dict[str, tuple[int, ...]]:
    """Members of readout tables."""
    cells = ("cell/f", "cell/load") if "cell/load" in file else ("cell/f",)
    distance, shapes = (*np.shape(file.arrays.get("neighbour/both", ())), 0, 0)[:2]
    neighbours = {"neighbour/own": (file.rows, shapes),
                  "neighbour/both": (distance, shapes, shapes)} if distance else {}
    return {**neighbours, **_table_shapes(file, "cell/x", "cell/w", *cells),
            **_table_shapes(file, "readout/u", "readout/v", "readout/y")}


def _effect_shapes(file: ModelFile) -> dict[str, tuple[int, ...]]:
    """Members on reading outputs, all of which may be absent."""
    times, codes = (np.size(file.arrays.get(name, ())) for name in ("settle/t", "adc/value"))
    settling = {f"settle/{name}": (times,) for name in ("t", "err", "offset", "residual")}
    return {**settling, "noise/sigma": (file.columns,), "adc/value": (codes,),
            "adc/threshold": (file.columns, codes - 1)}


def _check(file: ModelFile) -> None:
    """Schema, shapes and finite values of every member that the model needs."""
    if file.meta.get("schema") != SCHEMA:
        raise ModelFileError(
            f"{file.path}: schema {file.meta.get('schema')!r}, expected {SCHEMA!r}")
    shapes = _readout_shapes(file) if file.tier == "readout" else _wired_shapes(file)
    samples = len(file.arrays.get("test/x", ()))
    shapes.update({"test/w": (samples, file.rows, file.columns),
                   "test/x": (samples, file.rows), "test/y": (samples, file.columns)})
    optional = {"wire/Rs_far": (file.cell_rows,), "wire/Rt_far": (file.cell_columns,),
                "cell/read": (), "sense/v": (),
                "row/share": (file.rows,), "readout/division": (4,), "column/coupling": (),
                **_effect_shapes(file), "test/model": (samples, file.columns)}
    shapes.update({name: shape for name, shape in optional.items() if name in file})
    for name, shape in shapes.items():
        if name not in file:
            raise ModelFileError(f"{file.path}: no member '{name}'")
        if file[name].shape != shape:
            raise ModelFileError(
                f"{file.path}: '{name}' has shape {file[name].shape}, expected {shape}")
        if not np.isfinite(file[name]).all():
            raise ModelFileError(f"{file.path}: '{name}' holds a value that is not finite")
    fewest = {"cell/x": 4, "cell/w": 4} if file.tier != "readout" else {
        "cell/x": 2, "cell/w": 2, "readout/u": 2, "readout/v": 1}
    for axis, count in fewest.items():
        if len(file[axis]) < count or not (np.diff(file[axis]) > 0.0).all():
            raise ModelFileError(f"{file.path}: '{axis}' must ascend over {count} or more points")
