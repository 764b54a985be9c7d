#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times the array solver beside its alternatives, in one run; `./dev bench` runs it.

Every row is the median of some runs of one case of bench/lines.cpp, in one thread unless it says
two. Beside it: the general path of this program (a circuit, factored by CHOLMOD or KLU; one
solution with set-up, ordering and factors), a plain scipy.sparse solution of the same equations where it
ends within a minute, and Debian's ngspice on a deck of that kind where it does.

Bytes: what one iteration moves when nothing stays in a cache (solver/lines/kernels.hpp), per cell.
"""

import argparse
import dataclasses
import json
import pathlib
import re
import subprocess
import sys
import time

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import compare  # noqa: E402
import crossbar  # noqa: E402

# z, p, r, x read and written (64), z and p once more (24), cells, two line factors (24).
BYTES_PER_CELL_AND_ITERATION = 112


@dataclasses.dataclass
class Case:
    name: str
    arguments: list  # of lines_bench
    must: float  # s
    aim: float
    general: list = None  # arguments of the general path
    scipy: int = 0  # size, 0: not run
    ngspice: tuple = None  # kind and size of a deck


def linear(n, must, aim, general=True, scipy=False, **extra):
    arguments = ["linear", f"N={n}", f"runs={min(101, max(3, 2 ** 20 // n ** 2))}"]
    return Case(f"{n} x {n}, one input", arguments, must, aim,
                ["general", f"N={n}", "runs=1"] if general else None, n if scipy else 0, **extra)


CASES = [
    linear(64, 60e-6, 20e-6, scipy=True, ngspice=("ohmic", 64)),
    linear(128, 0.3e-3, 0.12e-3, scipy=True),
    linear(256, 1.2e-3, 0.6e-3, scipy=True),
    linear(512, 9e-3, 4e-3, scipy=True),
    linear(1024, 0.12, 0.05),
    linear(2048, 0.7, 0.3, general=False),
    linear(4096, 3.5, 1.5, general=False),
    Case("256 x 256, 1000 inputs", ["many", "N=256", "runs=3"], 0.7, 0.3),
    Case("1024 x 1024, sinh cells at 0.5 V", ["sinh", "N=1024", "runs=3"], 0.6, 0.25),
    Case("256 x 256, 1T1R (level 1)", ["access", "N=256", "runs=5"], 30e-3, 10e-3,
         ["general-access", "N=256", "runs=1"], 0, ("1T1R", 64)),
    Case("256 x 256, 100 trapezoidal steps", ["transient", "N=256", "pattern=trap"], 0.15, 0.06,
         None, 0, ("RC", 64)),
    Case("256 x 256, 100 TR-BDF2 steps", ["transient", "N=256"], None, None),
    Case("1024 x 1024, 10 ohm, checkerboard",
         ["linear", "N=1024", "ohm=10", "pattern=checkerboard", "runs=3"], 0.6, 0.2),
    Case("1024 x 1024, an input of a block of 4", ["blocks", "N=1024", "runs=3"], None, None),
    Case("256 x 256, factored as a whole", ["factors", "N=256", "runs=1"], None, None,
         ["general", "N=256", "runs=1"]),
    Case("512 x 512, factored as a whole", ["factors", "N=512", "runs=1"], None, None,
         ["general", "N=512", "runs=1"]),
]
# Whole decks: kind, size, shuffled, seconds allowed and aimed at beyond reading the deck.
DECKS = [("1T1R", 256, True, 0.4, 0.1), ("ohmic", 512, False, 0.5, 0.15)]
TWO_THREADS = (512, 1024, 2048)


def run(program, arguments):
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{program} {' '.join(arguments)}: {done.stderr}")
    return json.loads(done.stdout)


def scipy_seconds(n):
    """scipy.sparse.linalg.spsolve on the node equations of the linear case, as a user writes it."""
    try:
        import scipy.sparse as sparse
        import scipy.sparse.linalg as linalg
    except ImportError:
        return None
    draw = np.random.default_rng(1)
    g = draw.uniform(1e-5, 1e-4, n * n)
    at = np.arange(n * n).reshape(n, n)
    chain = sparse.diags([-np.ones(n - 1)] * 2, [-1, 1])
    laplacian = sparse.diags([2 * np.ones(n)], [0]) + chain
    ends = np.zeros((n, n))
    ends[:, 0] = 1 / 11 - 1
    ends[:, -1] -= 1
    eye, cells = sparse.identity(n), sparse.diags(g)
    words = sparse.kron(eye, laplacian) + sparse.diags(ends.ravel()) + cells
    bits = sparse.kron(laplacian, eye) + sparse.diags(ends.T[::-1].ravel()) + cells
    matrix = sparse.bmat([[words, -cells], [-cells, bits]], format="csc")
    source = np.zeros(2 * n * n)
    source[at[:, 0]] = draw.uniform(0, 0.2, n) / 11
    start = time.perf_counter()
    linalg.spsolve(matrix, source)
    return time.perf_counter() - start


def ngspice_seconds(kind, n, options):
    deck = options.output / f"lines_{kind}_{n}.cir"
    deck.write_text(crossbar.deck(kind, n), encoding="utf-8")
    return compare.best(["ngspice", "-b", "-r", options.output / "lines.raw", deck], 1).wall


def measure(case, options):
    row = {"name": case.name, "must": case.must, "aim": case.aim,
           **run(options.bench, case.arguments)}
    if case.general:
        row["general"] = run(options.bench, case.general)["seconds"]
    if case.scipy:
        row["scipy"] = scipy_seconds(case.scipy)
    if case.ngspice:
        row["ngspice"] = ngspice_seconds(*case.ngspice, options)
        row["ngspice_case"] = "{} {}".format(*case.ngspice)
    return row


def deck_row(kind, n, shuffled, must, aim, options):
    """Seconds of `simulate` beyond reading the deck, and those of reading."""
    deck = options.output / f"lines_{kind}_{n}.cir"
    deck.write_text(crossbar.deck(kind, n, shuffled), encoding="utf-8")
    rows = []
    for _ in range(3):
        done = subprocess.run(
            [options.program, "simulate", deck, "-o", options.output / "lines.raw", "--format",
             "raw", "--quiet", "--stats"], capture_output=True, text=True, check=True)
        rows.append(read_statistics(done.stderr))
    reading, total = sorted(rows, key=lambda r: r[1] - r[0])[1]
    name = f"{n} x {n} {kind} deck{', shuffled' if shuffled else ''}, beyond reading it"
    return {"name": name, "must": must, "aim": aim, "seconds": total - reading,
            "reading": reading, "converged": True}


def read_statistics(text):
    """Seconds of parsing and elaborating, and of everything, from --stats."""
    units = {"s": 1.0, "ms": 1e-3, "us": 1e-6}

    def seconds(word):
        value, unit = re.search(rf"{word} +([0-9.]+) (s|ms|us)\b", text).groups()
        return float(value) * units[unit]

    return seconds("parse") + seconds("elaborate"), seconds("total")


HEADER = ("| case | s | iterations | must | aim | general path s | scipy s | ngspice s | MB |\n"
          + "|---" * 9 + "|")


def beside(row, key, note=""):
    if row.get(key) is None:
        return "–"
    return f"{row[key]:.3g} ({row[key] / row['seconds']:.0f} x{note})"


def text_of(row):
    verdict = "–" if row["must"] is None else (
        f"{row['must']:g} {'met' if row['seconds'] <= row['must'] else 'MISSED'}")
    aim = "–" if row["aim"] is None else (
        f"{row['aim']:g} {'met' if row['seconds'] <= row['aim'] else 'not met'}")
    note = f", {row['ngspice_case']}" if "ngspice_case" in row else ""
    cells = [row["name"], f"{row['seconds']:.3g}", row.get("iterations") or "–", verdict, aim,
             beside(row, "general"), beside(row, "scipy"), beside(row, "ngspice", note),
             f"{row['MB']:.0f}" if "MB" in row else "–"]
    return "| " + " | ".join(map(str, cells)) + " |"


def bandwidth(rows, options):
    """What the machine moves, and what the iteration moves, in GB/s."""
    lines = []
    for threads in (1, 2):
        machine = run(options.bench, ["bandwidth", f"threads={threads}", "runs=3"])["GB_per_s"]
        for n in (1024, 2048):
            case = run(options.bench, ["linear", f"N={n}", f"threads={threads}", "runs=3"])
            per = case["seconds"] / (case["iterations"] + 1) / n ** 2
            rate = BYTES_PER_CELL_AND_ITERATION / per * 1e-9
            lines.append(f"{n} x {n}, {threads} thread{'s' * (threads > 1)}: {per * 1e9:.2f} ns a "
                         f"cell and iteration = {rate:.0f} GB/s at {BYTES_PER_CELL_AND_ITERATION} "
                         f"bytes; the machine moves {machine:.0f} GB/s (triad): {rate / machine:.2f}")
            rows.append({"name": lines[-1], "seconds": case["seconds"], "GB_per_s": rate,
                         "machine_GB_per_s": machine, "threads": threads})
    return lines


def two_threads(rows, options):
    lines = []
    for n in TWO_THREADS:
        one, two = (run(options.bench, ["linear", f"N={n}", f"threads={t}", "runs=7"])["seconds"]
                    for t in (1, 2))
        lines.append(f"{n} x {n}: {one:.3g} s in one thread, {two:.3g} s in two: {one / two:.2f} x")
        rows.append({"name": lines[-1], "one": one, "two": two})
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--bench", type=pathlib.Path, required=True, help="lines_bench")
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--only", default="", help="rows whose name contains this")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    rows, text = [], []

    def say(line):
        text.append(line)
        print(line, flush=True)

    say(HEADER)
    for case in CASES:
        if options.only in case.name:
            rows.append(measure(case, options))
            say(text_of(rows[-1]))
    for deck in DECKS:
        if options.only in "deck":
            rows.append(deck_row(*deck, options))
            say(text_of(rows[-1]))
    if not options.only:
        say("")
        for line in bandwidth(rows, options) + two_threads(rows, options):
            say(line)
    (options.output / "lines.md").write_text("\n".join(text) + "\n", encoding="utf-8")
    (options.output / "lines.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
