# SPDX-License-Identifier: Apache-2.0
"""Reads SPICE3 raw files, binary and ASCII, with any number of plots."""

import dataclasses
import pathlib

import numpy as np


@dataclasses.dataclass
class Plot:
    name: str
    variables: list  # lower-case names in file order; the first is the scale
    values: np.ndarray  # (variables, points)

    def __getitem__(self, variable):
        return self.values[self.variables.index(variable)]


def _header(data, start):
    """The header fields, the variable names and where the values begin."""
    fields, names = {}, []
    while start < len(data):
        end = data.index(b"\n", start)
        line = data[start:end].decode("utf-8", "replace").rstrip("\r")
        start = end + 1
        if line.startswith("\t") and "No. Points" in fields:
            names.append(line.split()[1].lower())
            continue
        key, _, value = line.partition(":")
        if key in ("Binary", "Values"):
            return fields, names, key, start
        if key == "Variables" and value.strip():
            names.append(value.split()[1].lower())
        fields[key.strip()] = value.strip()
    return None


def _ascii_values(data, start, count, points):
    """The value table of an ASCII plot: an index, then one value a line."""
    numbers = np.empty((points, count))
    for point in range(points):
        for variable in range(count):
            end = data.index(b"\n", start)
            while not data[start:end].strip():
                start, end = end + 1, data.index(b"\n", end + 1)
            numbers[point, variable] = float(data[start:end].split()[-1])
            start = end + 1
    return numbers, start


def read(path):
    """All plots of a raw file, in order."""
    data = pathlib.Path(path).read_bytes()
    plots, start = [], 0
    while data[start:].strip():
        fields, names, kind, start = _header(data, start)
        if "complex" in fields["Flags"]:
            raise ValueError(f"{path}: complex plots are not compared")
        points, count = int(fields["No. Points"]), int(fields["No. Variables"])
        if kind == "Binary":
            numbers = np.frombuffer(data, "<f8", points * count, start).reshape(points, count)
            start += numbers.nbytes
        else:
            numbers, start = _ascii_values(data, start, count, points)
        plots.append(Plot(fields["Plotname"], names, numbers.T.copy()))
    return plots
