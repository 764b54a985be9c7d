#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The main job on a trained layer; `./dev demo` runs it.

  /usr/bin/python3 examples/digits/demo.py --program build/release/bin/arrayspice --output build/demo

Generates the array as a deck, simulates it, computes all test images with and without wire
resistance and variation, extracts the array's maps, exports a behavioral model and writes
the report. Every command line is printed before it runs.
"""

import argparse
import pathlib
import shlex
import subprocess
import time

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
SPEC = HERE / "array.toml"
WEIGHTS, INPUTS = HERE / "conductances.npy", HERE / "images.npy"
NO_WIRES = [
    "wire.word_line_resistance=0", "wire.bit_line_resistance=0",
    "driver.resistance=0", "sense.resistance=0",
]
MAX_ERROR = 1e-3


def wires(ohm):
    return [f"wire.word_line_resistance={ohm}", f"wire.bit_line_resistance={ohm}"]


SCENARIOS = [
    ("nonlinear cells, no wire resistance", NO_WIRES),
    ("1 ohm a segment", wires(1)),
    ("5 ohm a segment", wires(5)),
    ("15 ohm a segment", wires(15)),
    ("30 ohm a segment", wires(30)),
    ("5 ohm, conductance varies by 20 %", wires(5) + ["variation.conductance_sigma=0.2"]),
    ("5 ohm, varies by 20 %, 1 % of cells stuck on",
     wires(5) + ["variation.conductance_sigma=0.2", "variation.stuck_on=0.01"]),
]


class Demo:
    """Runs the program's verbs and keeps what they wrote."""

    def __init__(self, program, output):
        self.program, self.output = program, output

    def run(self, *arguments):
        """One verb; returns its standard output."""
        command = [str(self.program), *map(str, arguments)]
        print("  $", shlex.join(command), flush=True)
        start = time.monotonic()
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        print(f"    {time.monotonic() - start:.2f} s", flush=True)
        return done.stdout

    def currents(self, settings, images=INPUTS, name="currents.npy"):
        """Column currents (images, columns) of the array under `--set` settings."""
        path = self.output / name
        options = [part for setting in settings for part in ("--set", setting)]
        self.run("mvm", SPEC, "--weights", WEIGHTS, "--inputs", images, "-o", path,
                 "--quiet", *options)
        return np.load(path)


def accuracy(currents):
    """Share of test images that the network classifies right from these currents."""
    readout, labels = np.load(HERE / "readout.npy"), np.load(HERE / "labels.npy")
    hidden = np.maximum(currents[:, 0::2] - currents[:, 1::2], 0.0)
    return float(np.mean((hidden @ readout[:-1] + readout[-1]).argmax(axis=1) == labels))


def nrmse(currents, ideal):
    """RMS error of the differential currents over the RMS of the ideal ones."""
    difference = lambda i: i[:, 0::2] - i[:, 1::2]
    error = difference(currents) - difference(ideal)
    return float(np.sqrt(np.mean(error**2) / np.mean(difference(ideal) ** 2)))


def deck(demo):
    """The array as a deck, one image simulated, compared with the matrix-vector product."""
    path = demo.output / "array.cir"
    demo.run("generate", SPEC, "-o", path, "--weights", WEIGHTS, "--inputs", INPUTS,
             "--vector", 0)
    raw = demo.output / "array.raw"
    demo.run("simulate", path, "-o", raw, "--stats")
    return path, raw


def figures(demo):
    """What wires and variation do to the layer: a table of error and accuracy."""
    ideal = np.load(INPUTS) @ np.load(WEIGHTS)
    rows = [("ideal product", 0.0, accuracy(ideal))]
    for label, settings in SCENARIOS:
        currents = demo.currents(settings)
        rows.append((label, nrmse(currents, ideal), accuracy(currents)))
    return rows


def print_table(rows):
    print(f"\n  {'layer':<46} {'error of currents':>18} {'accuracy':>9}")
    for label, error, share in rows:
        print(f"  {label:<46} {100 * error:>16.2f} % {100 * share:>7.1f} %")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    demo = Demo(arguments.program, arguments.output)

    print("\n1. The layer as a deck: generate, simulate one test image")
    path, raw = deck(demo)
    print("\n2. All 360 test images through the circuit")
    rows = figures(demo)
    print("\n3. Extract the array's maps, export a behavioral model, write the reports")
    maps, model = arguments.output / "extract", arguments.output / "layer.npz"
    demo.run("extract", SPEC, "-o", maps, "--weights", WEIGHTS, "--quiet")
    demo.run("export", SPEC, "-o", model, "--max-error", MAX_ERROR, "--quiet")
    demo.run("report", maps, "-o", arguments.output / "report.html")
    demo.run("report", model, "-o", arguments.output / "model.html")

    print_table(rows)
    print("\n  error: RMS of the differential currents against the ideal product\n")
    for label, file in [("deck", path), ("waveforms", raw), ("maps", maps),
                        ("model", model), ("report", arguments.output / "report.html"),
                        ("model report", arguments.output / "model.html")]:
        print(f"  {label:<13} {file}")


if __name__ == "__main__":
    main()
