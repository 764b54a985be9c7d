#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times reading a deck of a million elements against Debian's ngspice, in one run.

Ours: bench/parse.cpp (the whole front end: parse, expand, build the circuit and its pattern).
ngspice: a deck with a one-node circuit beside the same lines inside a `.control` block that
only quits, so that it parses and sets up but does not solve. Each is a process of its own;
seconds are of the processor, memory is the peak.

`./dev bench` runs it; by hand:

    cmake --preset release -DARRAYSPICE_BENCH=ON
    cmake --build --preset release --target bench_programs
    bench/parse.py --program build/release/bin/parse_bench
"""

import argparse
import pathlib

from cost import best


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


GOAL_SECONDS, GOAL_MEGABYTES = 2.0, 300  # for a million elements
DECKS = {"resistors": grid, "subcircuits": cells, "B sources": sources}


HEADER = ("| deck | elements | ours s | MB | ngspice s | MB | goal |\n" + "|---" * 7 + "|")


def measure(name, write, arguments):
    """One row of the table."""
    lines = ["parse bench\n"]
    elements = write(arguments.elements, lines)
    deck = arguments.output / f"parse_{name.replace(' ', '_')}.cir"
    deck.write_text("".join(lines) + ".op\n.end\n")
    ours = best([arguments.program, str(deck)], arguments.runs)
    cells = [name, elements, f"{ours.processor:.2f}", f"{ours.memory:.0f}", "–", "–"]
    if not arguments.without_ngspice:
        quits = arguments.output / "parse_ngspice.cir"
        quits.write_text("".join(lines) + ".control\nquit\n.endc\n.end\n")
        peer = best(["ngspice", "-b", str(quits)], 1)
        cells[4:] = [f"{peer.processor:.2f}", f"{peer.memory:.0f}"]
    met = ours.processor <= GOAL_SECONDS and ours.memory <= GOAL_MEGABYTES
    goal = "" if arguments.elements != 1_000_000 else "met" if met else "MISSED"
    return "| " + " | ".join(map(str, [*cells, goal])) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default="build/release/bin/parse_bench")
    parser.add_argument("--elements", type=int, default=1_000_000)
    parser.add_argument("--output", default="build/bench", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=3, help="best of this many")
    parser.add_argument("--without-ngspice", action="store_true")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    text = [HEADER]
    print(HEADER, flush=True)
    for name, write in DECKS.items():
        text.append(measure(name, write, arguments))
        print(text[-1], flush=True)
    text.append(f"\nProcessor seconds and peak memory; goal: {GOAL_SECONDS:g} s and "
                f"{GOAL_MEGABYTES} MB. Best of {arguments.runs} runs.")
    print(text[-1])
    (arguments.output / "parse.md").write_text("\n".join(text) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
