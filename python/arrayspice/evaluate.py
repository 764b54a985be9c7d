# SPDX-License-Identifier: Apache-2.0
"""A trained network on the full circuit: `arrayspice mvm` is the referee.

    python -m arrayspice.evaluate network.pt data.npz --spec array.toml --program arrayspice

network.pt: a torch.nn.Module saved whole (torch.save; load only files that you made), whose
analog layers share the spec's array. data.npz: `x`, the test inputs, and `y`, their labels.
Every chip draws its own programming variation (array.seed); `--set` changes the spec.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import pathlib
import subprocess
import tempfile
from typing import Iterator, List, Sequence

import numpy as np
import torch

from .analog import AnalogLayer

Tensor = torch.Tensor


class CircuitError(RuntimeError):
    """The program could not compute a product."""


@dataclasses.dataclass(frozen=True)
class Circuit:
    """Products of the spec's array by the program, cells drawn with array.seed = seed."""

    program: str
    spec: str
    seed: int = 1
    settings: Sequence[str] = ()

    def multiply(self, conductances: Tensor, inputs: Tensor, tile: int) -> Tensor:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            np.save(folder / "w.npy", conductances.detach().cpu().double().numpy())
            np.save(folder / "x.npy", inputs.detach().cpu().double().numpy())
            settings = [*self.settings, f"array.seed={self.seed * 1000 + tile}"]
            done = subprocess.run(
                [self.program, "mvm", self.spec, "--weights", folder / "w.npy", "--inputs",
                 folder / "x.npy", "-o", folder / "y.npy", "--quiet",
                 *(part for setting in settings for part in ("--set", setting))],
                capture_output=True, text=True)
            if done.returncode != 0:
                raise CircuitError(done.stderr.strip())
            return torch.from_numpy(np.load(folder / "y.npy")).to(inputs)


def analog_layers(network: torch.nn.Module) -> List[AnalogLayer]:
    return [module for module in network.modules() if isinstance(module, AnalogLayer)]


@contextlib.contextmanager
def on_circuit(network: torch.nn.Module, circuit: Circuit) -> Iterator[torch.nn.Module]:
    """The network with its analog products computed by the circuit; variation is the
    circuit's, noise and converters stay the layers' own."""
    layers = analog_layers(network)
    before = [(layer.product, layer.settings) for layer in layers]
    first = 0
    try:
        for layer in layers:
            count = len(list(layer.tiles()))
            layer.product = _Numbered(circuit, first, count)
            layer.settings = dataclasses.replace(layer.settings, variation=0.0)
            first += count
        yield network
    finally:
        for layer, (product, settings) in zip(layers, before):
            layer.product, layer.settings = product, settings


class _Numbered:
    """Tiles of one layer, asked for in turn: each is an array of its own."""

    def __init__(self, circuit: Circuit, first: int, count: int):
        self._circuit, self._first, self._count, self._next = circuit, first, count, 0

    def __call__(self, conductances: Tensor, inputs: Tensor) -> Tensor:
        tile, self._next = self._next, (self._next + 1) % self._count
        return self._circuit.multiply(conductances, inputs, self._first + tile)


@torch.no_grad()
def accuracy(network: torch.nn.Module, x: Tensor, y: Tensor, batch: int = 128) -> float:
    """Share of inputs whose largest output is at the label."""
    right = sum(int((network(part).argmax(1) == labels).sum())
                for part, labels in zip(x.split(batch), y.split(batch)))
    return right / len(y)


@dataclasses.dataclass(frozen=True)
class Report:
    """Accuracies as shares, one a chip."""

    predicted: List[float]  # by the model, with variation of its own
    circuit: List[float]    # per chip

    def __str__(self) -> str:
        lines = [f"chip {k}: circuit {100 * c:.2f} %, model {100 * p:.2f} %"
                 for k, (c, p) in enumerate(zip(self.circuit, self.predicted), 1)]
        c, p = np.mean(self.circuit), np.mean(self.predicted)
        lines.append(f"mean: circuit {100 * c:.2f} %, model {100 * p:.2f} %, "
                     f"difference {100 * (c - p):+.2f}")
        return "\n".join(lines)


def evaluate(network: torch.nn.Module, x: Tensor, y: Tensor, program: str, spec: str,
             chips: int = 5, settings: Sequence[str] = ()) -> Report:
    """Accuracy on the circuit of so many chips and what the model predicts for as many; the
    model's chips are other draws from the same distribution."""
    network.eval()
    report = Report([], [])
    layers = analog_layers(network)
    before = [layer.settings for layer in layers]
    for chip in range(1, chips + 1):
        for number, (layer, own) in enumerate(zip(layers, before)):
            layer.settings = dataclasses.replace(own, chip=chip * 1000 + number)
        report.predicted.append(accuracy(network, x, y))
        with on_circuit(network, Circuit(program, spec, chip, settings)):
            report.circuit.append(accuracy(network, x, y))
    for layer, own in zip(layers, before):
        layer.settings = own
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network")
    parser.add_argument("data")
    parser.add_argument("--spec", required=True)
    parser.add_argument("--program", default="arrayspice")
    parser.add_argument("--chips", type=int, default=5)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    arguments = parser.parse_args()
    network = torch.load(arguments.network)
    dtype = next(network.parameters()).dtype
    with np.load(arguments.data) as data:
        x, y = torch.tensor(data["x"], dtype=dtype), torch.tensor(data["y"])
    print(evaluate(network, x, y, arguments.program, arguments.spec, arguments.chips,
                   arguments.set))


if __name__ == "__main__":
    main()
