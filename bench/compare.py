#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times `arrayspice simulate` against Debian's ngspice on the same crossbar decks, in one run;
`./dev bench` runs it.

Both are whole processes that read the deck and write all unknowns to a binary raw file: wall
and processor time, best of the runs, and peak memory. The last columns quote ngspice-47 with
KLU, which a user can build but Debian does not have: the honest peer is the better one.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import platform
import shutil
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "peer"))
import crossbar  # noqa: E402
import rawfile  # noqa: E402
from cost import best  # noqa: E402

# Processor seconds and MB of ngspice-47 (development source of July 2026) with KLU on decks of
# this form, one core of another machine.
KLU = {
    ("ohmic", 32): (0.02, 16), ("ohmic", 64): (0.13, 31), ("ohmic", 128): (0.73, 97),
    ("ohmic", 256): (6.3, 390),
    ("sinh", 32): (0.07, 18), ("sinh", 64): (0.37, 40), ("sinh", 128): (1.2, 134),
    ("sinh", 256): (9.8, 546),
    ("1T1R", 32): (0.09, 21), ("1T1R", 64): (0.54, 51), ("1T1R", 128): (1.9, 190),
    ("1T1R", 256): (21.0, 793),
    ("RC", 32): (0.38, 17), ("RC", 64): (2.7, 37), ("RC", 128): (28.5, 124),
}
# Wall seconds of the whole process that we hold ourselves to, on a quiet machine.
TARGET = {("ohmic", 64): 0.06, ("ohmic", 128): 0.3, ("ohmic", 256): 1.5,
          ("sinh", 128): 0.8, ("1T1R", 128): 1.2, ("RC", 64): 1.0}
SIZES = {"ohmic": (16, 32, 64, 128, 256), "sinh": (16, 32, 64, 128, 256),
         "1T1R": (16, 32, 64, 128, 256), "RC": (16, 32, 64)}
LARGEST_PEER = 64  # ngspice-39 needs minutes beyond, see --full
LIMIT_SECONDS = 900


def ends_of_bit_lines(path):
    """The voltages that carry the results; of a transient, in the middle of its pulse."""
    plot = rawfile.read(path)[-1]
    names = sorted(name for name in plot.variables if name.startswith("v(o"))
    if plot.variables[0] == "time":
        return np.array([np.interp(crossbar.PLATEAU, plot["time"], plot[n]) for n in names])
    return np.array([plot[name][0] for name in names])


def difference(ours, theirs):
    """Largest difference over the largest value."""
    x, y = ends_of_bit_lines(ours), ends_of_bit_lines(theirs)
    return float(abs(x - y).max() / abs(y).max())


def measure(kind, n, options):
    """One row of the table."""
    deck, raw = options.output / f"{kind}_{n}.cir", options.output / "ours.raw"
    deck.write_text(crossbar.deck(kind, n), encoding="utf-8")
    row = {"kind": kind, "n": n, "ours": dataclasses.asdict(best(
        [options.program, "simulate", deck, "-o", raw, "--format", "raw", "--quiet"],
        options.runs))}
    if n <= LARGEST_PEER or options.full:
        peer = options.output / "theirs.raw"
        row["ngspice"] = dataclasses.asdict(
            best(["timeout", str(LIMIT_SECONDS), "ngspice", "-b", "-r", peer, deck],
                 options.runs))
        row["difference"] = difference(raw, peer)
    row["klu"], row["target"] = KLU.get((kind, n)), TARGET.get((kind, n))
    return row


HEADER = (
    "| deck | N | ours s | cpu s | MB | ngspice s | cpu s | MB | time ratio | memory ratio "
    "| difference | target s | ngspice-47 + KLU cpu s / MB |\n" + "|---" * 13 + "|")


def line(row):
    ours, peer = row["ours"], row.get("ngspice")
    cells = [row["kind"], row["n"], f"{ours['wall']:.3f}", f"{ours['processor']:.3f}",
             f"{ours['memory']:.0f}"]
    if peer:
        cells += [f"{peer['wall']:.2f}", f"{peer['processor']:.2f}", f"{peer['memory']:.0f}",
                  f"{peer['wall'] / ours['wall']:.1f}", f"{peer['memory'] / ours['memory']:.1f}",
                  f"{row['difference']:.1e}"]
    else:
        cells += ["–"] * 6
    target = row["target"]
    verdict = "" if target is None else (
        f"{target:g} {'met' if ours['wall'] <= target else 'MISSED'}")
    klu = "–" if row["klu"] is None else f"{row['klu'][0]:g} / {row['klu'][1]}"
    return "| " + " | ".join(map(str, cells + [verdict, klu])) + " |"


def processor():
    for entry in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if entry.startswith("model name"):
            return entry.partition(":")[2].strip()
    return platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--kinds", nargs="+", choices=crossbar.KINDS, default=crossbar.KINDS)
    parser.add_argument("--largest", type=int, default=256, help="largest size to run")
    parser.add_argument("--runs", type=int, default=5, help="best of this many")
    parser.add_argument("--full", action="store_true",
                        help="ngspice beyond 64 x 64 too: several minutes a deck")
    options = parser.parse_args()
    if not shutil.which("ngspice"):
        sys.exit("bench: ngspice is not installed (apt-get install ngspice)")
    options.output.mkdir(parents=True, exist_ok=True)
    rows, text = [], [HEADER]
    print(HEADER, flush=True)
    for kind in options.kinds:
        for n in SIZES[kind]:
            if n <= options.largest:
                rows.append(measure(kind, n, options))
                text.append(line(rows[-1]))
                print(text[-1], flush=True)
    text.append(f"\nngspice: Debian's ngspice-39 (Sparse 1.3). Processor: {processor()}, "
                f"{os.cpu_count()} cores. Best of {options.runs} runs.")
    print(text[-1])
    (options.output / "bench.md").write_text("\n".join(text) + "\n", encoding="utf-8")
    (options.output / "bench.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
    print(f"written: {options.output / 'bench.md'}, {options.output / 'bench.json'}")


if __name__ == "__main__":
    main()
