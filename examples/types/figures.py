# SPDX-License-Identifier: Apache-2.0
"""Draws one figure per computation type from what the program computes for the examples
beside this file: a product as the circuit goes through it, and outputs over ideal ones.

    python3 examples/types/figures.py --program build/release/bin/arrayspice -o docs/figures

Needs python3-numpy and python3-matplotlib.
"""

import argparse
import csv
import pathlib
import subprocess
import tempfile

import matplotlib
matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
SHOWN = 4  # columns in a plot of waveforms
PRODUCTS = 24  # random inputs of an array that extract measures by lines
PREFIXES = {1e-15: "f", 1e-12: "p", 1e-9: "n", 1e-6: "µ", 1e-3: "m", 1.0: ""}
TYPES = ("current-domain", "charge-domain", "charge-redistribution", "capacitive-division",
         "resistive-division", "time-domain")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default="arrayspice")
    parser.add_argument("-o", "--output", type=pathlib.Path, default=pathlib.Path("."))
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    # The same bytes for the same numbers.
    plt.rcParams.update({"svg.hashsalt": "arrayspice", "font.size": 9, "axes.grid": True,
                         "grid.alpha": 0.3, "axes.spines.top": False,
                         "axes.spines.right": False})
    for kind in TYPES:
        with tempfile.TemporaryDirectory() as folder:
            draw(Example(options.program, kind, pathlib.Path(folder)), options.output)


class Example:
    def __init__(self, program, kind, folder):
        self.program, self.kind, self.folder = program, kind, folder
        self.spec = HERE / f"{kind}.toml"
        self.inputs = folder / "x.npy"

    def run(self, verb, *arguments):
        subprocess.run([self.program, verb, *map(str, arguments), "--quiet"], check=True,
                       stdout=subprocess.DEVNULL)

    def waveforms(self):
        """Time and the outputs' voltages of one product, or nothing at rest."""
        self.run("generate", self.spec, "-o", self.folder / "array.cir")
        self.run("simulate", self.folder / "array.cir", "-o", self.folder / "waves.csv")
        with open(self.folder / "waves.csv", encoding="utf-8") as stream:
            rows = list(csv.reader(line for line in stream if not line.startswith("#")))
        names, values = rows[0], np.array(rows[1:], dtype=float)
        if not names[0].startswith("time"):
            return None
        outputs = [k for k, name in enumerate(names) if name.startswith("v(out_")]
        return values[:, 0], values[:, outputs[:SHOWN]]

    def products(self):
        """Ideal outputs, outputs, and their unit."""
        self.run("extract", self.spec, "-o", self.folder / "measured")
        table = self.folder / "measured" / "products.csv"
        if table.exists():
            with open(table, encoding="utf-8") as stream:
                rows = list(csv.reader(stream))
            unit = rows[0][1].split("(")[1].rstrip(")")
            return *np.array(rows[1:], dtype=float).T[:2], unit
        return *self.currents(), "A"

    def currents(self):
        """Of a crossbar: random inputs, sums of conductance times voltage."""
        g = np.load(self.folder / "measured" / "conductances.npy")
        x = 0.5 * np.random.default_rng(1).random((PRODUCTS, g.shape[0]))
        np.save(self.inputs, x)
        self.run("mvm", self.spec, "--inputs", self.inputs, "-o", self.folder / "y.npy")
        return (x @ g).ravel(), np.load(self.folder / "y.npy").ravel()


def prefix(values):
    """The SI prefix that suits the values, and the factor to it."""
    largest = np.abs(values).max()
    factor = max((p for p in PREFIXES if p <= largest), default=1e-15)
    return PREFIXES[factor], 1.0 / factor


def draw(example, folder):
    waves = example.waveforms()
    ideal, found, unit = example.products()
    figure, axes = plt.subplots(1, 2 if waves else 1, figsize=(7.5 if waves else 3.8, 2.9),
                                squeeze=False, layout="constrained")
    if waves:
        draw_waves(axes[0][0], *waves)
    draw_products(axes[0][-1], ideal, found, unit)
    figure.suptitle(example.kind)
    figure.savefig(folder / f"{example.kind}.svg", metadata={"Date": None})
    plt.close(figure)


def draw_waves(axis, time, volts):
    name, factor = prefix(time)
    axis.plot(factor * time, volts)
    axis.set(xlabel=f"time ({name}s)", ylabel="output (V)", title="all inputs at their maximum")


def draw_products(axis, ideal, found, unit):
    name, factor = prefix(found)
    ends = factor * np.array([ideal.min(), ideal.max()])
    axis.plot(ends, ends, color="0.6", linewidth=1, label="ideal")
    axis.plot(factor * ideal, factor * found, ".", markersize=3, label="circuit")
    axis.set(xlabel=f"ideal ({name}{unit})", ylabel=f"circuit ({name}{unit})",
             title="random products")
    axis.legend(frameon=False)


if __name__ == "__main__":
    main()
