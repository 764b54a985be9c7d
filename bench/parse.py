#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times reading a deck of a million elements against Debian's ngspice, in one run.

Ours: bench/parse.cpp (the whole front end: parse, expand, build the circuit and its pattern).
ngspice: a deck with a one-node circuit beside the same lines inside a `.control` block that
only quits, so that it parses and sets up but does not solve. Each is a process of its own;
seconds are of the processor, memory is the peak.

    cmake --preset release -DARRAYSPICE_BENCH=ON && cmake --build --preset release
    bench/parse.py --program build/release/bin/parse_bench
"""

import argparse
import os
import pathlib
import subprocess
import sys
import time


def grid(n, lines):
    """R lines of a wire grid with cells between, as a crossbar deck has them."""
    side = int((n / 3) ** 0.5)
    count = 0
    for i in range(side):
        for j in range(side):
            lines.append(f"Rwl_{i}_{j} wl_{i}_{j} wl_{i}_{j + 1} 1.0\n")
            lines.append(f"Rbl_{i}_{j} bl_{i}_{j} bl_{i + 1}_{j} 1.0\n")
            lines.append(f"Rcell_{i}_{j} wl_{i}_{j} bl_{i}_{j} {10000 + 7 * i + j}.25\n")
            count += 3
        lines.append(f"Vin_{i} wl_{i}_0 0 0.2\n")
        lines.append(f"Rout_{i} bl_{side}_{i} 0 10\n")
    return count + 2 * side


def cells(n, lines):
    """The same with each cell an instance of a subcircuit with a parameter."""
    lines.append(".subckt cell a b g=1e-5\nR1 a m {1/(2*g)}\nR2 m b {1/(2*g)}\n.ends\n")
    side = int((n / 4) ** 0.5)
    for i in range(side):
        for j in range(side):
            lines.append(f"Rwl_{i}_{j} wl_{i}_{j} wl_{i}_{j + 1} 1.0\n")
            lines.append(f"Rbl_{i}_{j} bl_{i}_{j} bl_{i + 1}_{j} 1.0\n")
            lines.append(f"Xc_{i}_{j} wl_{i}_{j} bl_{i}_{j} cell g={1 + j % 100}u\n")
        lines.append(f"Vin_{i} wl_{i}_0 0 0.2\n")
        lines.append(f"Rout_{i} bl_{side}_{i} 0 10\n")
    return 4 * side * side + 2 * side


def sources(n, lines):
    """Behavioural cells: one expression each."""
    side = int(n ** 0.5)
    for i in range(side):
        for j in range(side):
            lines.append(f"Bc_{i}_{j} wl_{i} bl_{j} I={{1e-5*0.25*"
                         f"sinh(v(wl_{i},bl_{j})/0.25)}}\n")
        lines.append(f"Vin_{i} wl_{i} 0 0.2\n")
        lines.append(f"Rout_{i} bl_{i} 0 10\n")
    return side * (side + 2)


DECKS = {"resistors": grid, "subcircuits": cells, "B sources": sources}


def run(command):
    start = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL) as child:
        text = child.stdout.read().decode()
        _, status, usage = os.wait4(child.pid, 0)
    return {"wall": time.monotonic() - start, "cpu": usage.ru_utime + usage.ru_stime,
            "megabytes": usage.ru_maxrss / 1024, "text": text, "status": status}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default="build/release/bin/parse_bench")
    parser.add_argument("--elements", type=int, default=1_000_000)
    parser.add_argument("--output", default="build/bench", type=pathlib.Path)
    parser.add_argument("--without-ngspice", action="store_true")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    print(f"{'deck':12} {'elements':>9} {'ours s':>8} {'MB':>7} {'ngspice s':>10} {'MB':>7}")
    for name, write in DECKS.items():
        lines = ["parse bench\n"]
        elements = write(arguments.elements, lines)
        deck = arguments.output / f"parse_{name.replace(' ', '_')}.cir"
        deck.write_text("".join(lines) + ".op\n.end\n")
        ours = run([arguments.program, str(deck)])
        if ours["status"] != 0:
            print(ours["text"], file=sys.stderr)
            return 1
        row = f"{name:12} {elements:9} {ours['cpu']:8.2f} {ours['megabytes']:7.0f}"
        if not arguments.without_ngspice:
            quits = arguments.output / "parse_ngspice.cir"
            quits.write_text("".join(lines) + ".control\nquit\n.endc\n.end\n")
            peer = run(["ngspice", "-b", str(quits)])
            row += f" {peer['cpu']:10.2f} {peer['megabytes']:7.0f}"
        print(row, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
