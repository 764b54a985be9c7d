#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times `arrayspice mvm` on an array of every computation type, and says what its time goes into.

  python3 bench/types.py --program build/release/bin/arrayspice --output build/bench

128 x 128 with a batch of 16 inputs. A structure whose first input alone says that the batch
would take longer than --limit seconds is not run whole: its time is that of one input.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import time

import numpy as np

STRUCTURE = re.compile(r"^  (\S+): .*\n    weights .*, inputs (\S+) to (\S+) (\S+)\n", re.MULTILINE)


def output_of(program, *arguments):
    return subprocess.run([program, *arguments], check=True, capture_output=True,
                          text=True).stdout


def structures(program):
    """(type, structure, smallest input, largest input, unit)."""
    for kind in output_of(program, "generate", "--list-types").split():
        listed = output_of(program, "generate", "--list-cells", kind)
        for name, low, high, unit in STRUCTURE.findall(listed):
            yield kind, name, float(low), float(high), unit


class Bench:
    def __init__(self, options):
        self.options = options
        self.spec = options.output / "type.toml"
        self.inputs, self.outputs = options.output / "type_x.npy", options.output / "type_y.npy"

    def batch(self, low, high, unit, count):
        x = low + (high - low) * np.random.default_rng(1).random((count, self.options.size))
        np.save(self.inputs, np.round(x) if unit == "level" else x)

    def run(self, kind, structure, domain, count):
        """Wall seconds and the statistics of a batch."""
        size = self.options.size
        self.spec.write_text(f'[array]\ntype = "{kind}"\nrows = {size}\ncolumns = {size}\n'
                             f'[cell]\nstructure = "{structure}"\n', encoding="utf-8")
        self.batch(*domain, count)
        start = time.perf_counter()
        done = subprocess.run(
            ["timeout", str(4 * self.options.limit), self.options.program, "mvm", self.spec,
             "--inputs", self.inputs, "-o", self.outputs, "--stats", "--quiet"],
            capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - start
        if done.returncode:
            return seconds, None, done.stderr.strip().splitlines()[-1] if done.stderr else f"stopped after {seconds:.0f} s"
        stats = dict(re.findall(r"^(\w+) = ([^\s]+)", done.stderr, re.MULTILINE))
        return seconds, stats, ""

    def row(self, kind, structure, domain):
        one, stats, problem = self.run(kind, structure, domain, 1)
        if stats is None:
            return f"| {kind} | {structure} | – | – | – | {problem} |"
        count = self.options.batch
        whole = f"about {count * one:.0f} (not run)"
        if count * one <= self.options.limit:
            seconds, stats, problem = self.run(kind, structure, domain, count)
            whole = f"{seconds:.2f}" if stats else problem
        else:
            count = 1
        return (f"| {kind} | {structure} | {one:.2f} | {whole} | {stats['method']} "
                f"| {spent(stats, count)} |")


def spent(stats, count):
    """What the time of one product goes into."""
    steps = int(stats["newton_steps"]) / count
    if stats["method"] == "lines":
        return f"{int(stats['linear_iterations']) / count:.0f} iterations over all cells"
    each = float(stats["solve_seconds"]) / max(int(stats["newton_steps"]), 1)
    return (f"{steps:.0f} Newton steps of {1e6 * each:.0f} µs, {stats['unknowns']} unknowns "
            "each")


HEADER = ("| type | structure | one input, s | batch, s | method | what a product takes |\n"
          + "|---" * 6 + "|")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--size", type=int, default=128, help="rows and columns")
    parser.add_argument("--batch", type=int, default=16, help="inputs")
    parser.add_argument("--limit", type=float, default=30.0,
                        help="seconds of a batch that is run whole")
    parser.add_argument("--only", nargs="+", help="structures")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    bench, text = Bench(options), [HEADER]
    print(HEADER, flush=True)
    for kind, name, *domain in structures(options.program):
        if not options.only or name in options.only:
            text.append(bench.row(kind, name, domain))
            print(text[-1], flush=True)
    if len(text) == 1:
        sys.exit("bench: no such structure")
    (options.output / "types.md").write_text("\n".join(text) + "\n", encoding="utf-8")
    print(f"written: {options.output / 'types.md'}")


if __name__ == "__main__":
    main()
