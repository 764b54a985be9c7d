#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The main job on a trained layer; `./dev demo` runs it.

  /usr/bin/python3 examples/digits/demo.py --program build/release/bin/arrayspice --output build/demo

Generates the array as a deck, simulates it, computes all test images with and without wire
resistance and variation, extracts the array's maps, exports a behavioral model and writes
the report. Every command line is printed before it runs.
"""

import argparse
import json
import os
import pathlib
import shlex
import subprocess
import sys
import time

import numpy as np

HERE = pathlib.Path(os.path.relpath(pathlib.Path(__file__).parent))
SPEC = HERE / "array.toml"
WEIGHTS, INPUTS = HERE / "conductances.npy", HERE / "images.npy"
NO_WIRES = [
    "wire.word_line_resistance=0", "wire.bit_line_resistance=0",
    "driver.resistance=0", "sense.resistance=0",
]
MAX_ERROR = 1e-3


def wires(ohm):
    return [f"wire.word_line_resistance={ohm}", f"wire.bit_line_resistance={ohm}"]


# Label, settings, and how many arrays are drawn (seeds) where there is variation.
SCENARIOS = [
    ("nonlinear cells, no wire resistance", NO_WIRES, 1),
    ("1 ohm a segment", wires(1), 1),
    ("5 ohm a segment", wires(5), 1),
    ("15 ohm a segment", wires(15), 1),
    ("30 ohm a segment", wires(30), 1),
    ("5 ohm, conductances vary by 20 %", wires(5) + ["variation.conductance_sigma=0.2"], 5),
    ("5 ohm, 20 %, and 2 % of the cells stuck on",
     wires(5) + ["variation.conductance_sigma=0.2", "variation.stuck_on=0.02"], 5),
]


class Demo:
    """Runs the program's verbs and keeps what they wrote."""

    def __init__(self, program, output):
        self.program, self.output = program, output

    def run(self, *arguments):
        """One verb; returns its standard output."""
        command = [str(word) for word in (self.program, *arguments)]
        print("  $", shlex.join(command), flush=True)
        start = time.monotonic()
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(f"demo: exit code {done.returncode}")
        print(f"    {time.monotonic() - start:.2f} s", flush=True)
        return done.stdout

    def currents(self, settings):
        """Column currents (images, columns) of the array under `--set` settings."""
        path = self.output / "currents.npy"
        options = [part for setting in settings for part in ("--set", setting)]
        self.run("mvm", SPEC, "--weights", WEIGHTS, "--inputs", INPUTS, "-o", path,
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
    """The array as a deck, and one image simulated in it: its path and column currents."""
    path, waveforms = demo.output / "array.cir", demo.output / "array.npz"
    demo.run("generate", SPEC, "-o", path, "--weights", WEIGHTS, "--inputs", INPUTS,
             "--vector", 0)
    demo.run("simulate", path, "-o", waveforms, "--format", "npz", "--stats")
    with np.load(waveforms) as results:
        columns = np.load(WEIGHTS).shape[1]
        return path, np.array([results[f"i(vsense_{j})"].item() for j in range(columns)])


def figures(demo):
    """What wires and variation do to the layer: a row of error and accuracy per scenario."""
    ideal = np.load(INPUTS) @ np.load(WEIGHTS)
    rows = [("ideal product", [0.0], [accuracy(ideal)])]
    for label, settings, seeds in SCENARIOS:
        arrays = [demo.currents(settings + ([f"array.seed={seed}"] if seeds > 1 else []))
                  for seed in range(1, seeds + 1)]
        rows.append((label, [nrmse(i, ideal) for i in arrays], [accuracy(i) for i in arrays]))
    return rows


def print_table(rows):
    print(f"\n  {'layer':<44} {'error of currents':>17} {'accuracy':>9} {'worst':>8}")
    for label, errors, shares in rows:
        worst = f"{100 * min(shares):>6.1f} %" if len(shares) > 1 else ""
        print(f"  {label:<44} {100 * np.mean(errors):>15.2f} % {100 * np.mean(shares):>7.1f} % "
              f"{worst}")
    print("\n  error: RMS of the differential currents against the ideal product; where cells"
          "\n  vary: mean of 5 arrays, and the worst of them. 360 test images.\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    demo = Demo(arguments.program, arguments.output)

    print("\n1. The layer as a deck: generate, simulate one test image")
    path, simulated = deck(demo)
    print("\n2. All 360 test images through the circuit")
    multiplied = demo.currents([])[0]
    rows = figures(demo)
    print("\n3. Extract the array's maps, export a behavioral model, write the reports")
    maps, model = arguments.output / "extract", arguments.output / "layer.npz"
    report, model_report = arguments.output / "report.html", arguments.output / "model.html"
    demo.run("extract", SPEC, "-o", maps, "--weights", WEIGHTS, "--quiet")
    demo.run("export", SPEC, "-o", model, "--max-error", MAX_ERROR, "--quiet")
    demo.run("report", maps, "-o", report)
    demo.run("report", model, "-o", model_report)

    print_table(rows)
    difference = abs(simulated - multiplied).max() / abs(simulated).max()
    print(f"  deck and matrix-vector product of image 0 agree to {difference:.1e}")
    with np.load(model) as file:
        meta = json.loads(bytes(file["meta.json"]))
    print(f"  model: {meta['wire']['operator']}, {meta['wire']['k']} sweeps, held-out NRMSE "
          f"{meta['accuracy']['nrmse']:.2e} (at most {MAX_ERROR:g} was asked for)\n")
    for label, file in [("deck", path), ("maps", maps), ("model", model), ("report", report),
                        ("model report", model_report)]:
        print(f"  {label:<13} {file}")


if __name__ == "__main__":
    main()
