#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a product costs in the PyTorch layers: one core, single precision, sinh cells, 2.5 ohm.

  /usr/bin/python3 bench/layers.py --program build/release/bin/arrayspice

Prints which code ran (fused or torch), the best and the median of some runs, and the set-up of one
set of weights.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np  # noqa: E402
import torch  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "python"))
import arrayspice  # noqa: E402

SPEC = """
[array]
type = "current-domain"
rows = {0}
columns = {0}
[cell]
model = "sinh"
[wire]
word_line_resistance = 2.5
bit_line_resistance = 2.5
[driver]
resistance = 20.0
[sense]
resistance = 10.0
[input]
maximum = 0.5
"""
GOALS = {"LINE-2 forward": 15.0, "AWL-2 forward and adjoint": 30.0, "CORAL-16 forward": 4.0}


def seconds(work, runs):
    work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times), float(np.median(times))


def exported(program, rows):
    with tempfile.TemporaryDirectory() as folder:
        spec, path = pathlib.Path(folder) / "array.toml", pathlib.Path(folder) / "model.npz"
        spec.write_text(SPEC.format(rows), encoding="utf-8")
        subprocess.run([program, "export", spec, "-o", path, "--tier", "awl", "--max-error",
                        "1e-3", "--quiet"], check=True, capture_output=True)
        return arrayspice.load(path)


def works(file, batch):
    """Name, model, and what is timed."""
    generator = np.random.default_rng(1)
    top = file.meta["validity"]["x"][1]
    g = torch.tensor(file["test/w"][0], dtype=torch.float32)
    x = torch.tensor(generator.uniform(0.0, top, (batch, file.rows)), dtype=torch.float32)
    options = {"dtype": torch.float32, "check": False}
    line = arrayspice.LineModel(file, sweeps=2, **options)
    awl = arrayspice.AnchoredModel(file, sweeps=2, adjoint_sweeps=2, **options)
    coral = arrayspice.CoralModel(file, products=16, **options)
    inputs, by_output = x.clone().requires_grad_(), torch.ones(batch, file.columns)
    trained = awl.program(g.clone().requires_grad_())
    frozen, programmed = coral.program(g), awl.program(g)
    return [("LINE-2 forward", line, lambda: line(g, x)),
            ("AWL-2 forward", awl, lambda: programmed(x)),
            ("AWL-2 forward and adjoint", awl, lambda: trained(inputs).backward(by_output)),
            ("CORAL-16 forward", coral, lambda: frozen(x)),
            ("AWL set-up", awl, lambda: awl.program(g)),
            ("CORAL set-up", coral, lambda: coral.program(g))]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=ROOT / "build/release/bin/arrayspice")
    parser.add_argument("--rows", type=int, default=64)
    parser.add_argument("--batch", type=int, default=128)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    file = exported(arguments.program, arguments.rows)
    print(f"PyTorch layers, {arguments.rows} x {arguments.rows}, batch {arguments.batch}:", flush=True)
    for name, model, work in works(file, arguments.batch):
        set_up = name.endswith("set-up")
        best, median = seconds(work, 10 if set_up else 60)
        scale, unit = (1e3, "ms") if set_up else (1e6 / arguments.batch, "us a product")
        goal = GOALS.get(name) if arguments.rows == 64 and arguments.batch == 128 else None
        verdict = "" if goal is None else f" (goal {goal:g}: " + (
            "met)" if best * scale <= goal else "MISSED)")
        print(f"  {name}, {model.path}: {best * scale:.3g} {unit}, median "
              f"{median * scale:.3g}{verdict}", flush=True)


if __name__ == "__main__":
    main()
