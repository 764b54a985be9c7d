#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How far the behavioral models are from the circuit: NRMSE / the same of differential pairs.

  /usr/bin/python3 bench/behavioral.py --bench build/release/bin/behavioral_bench

64 x 64 and 128 x 128, three wire resistances, ohmic, sinh and saturating (cubic) cells, four
kinds of weights and inputs; drivers of 20 ohm, senses of 10 ohm.
"""

import argparse
import pathlib
import subprocess
import time

MODELS = ["ideal", "dmr", "line-2", "awl-1", "awl-2"]
CELLS = [("ohmic", 0.2), ("sinh", 0.5), ("cubic", 0.5)]
CASES = [(64, ohm, cell, volt) for cell, volt in CELLS for ohm in (1.0, 2.5, 5.0)] + [
    (128, ohm, cell, volt) for cell, volt in CELLS for ohm in (1.0, 2.5, 5.0)]


def run_case(program, rows, ohm, cell, volt):
    """Rows of the table and the gradient's and cost's figures of one case."""
    arrays, inputs = (4, 8) if rows == 64 else (2, 6)
    done = subprocess.run([program, *map(str, (rows, ohm, cell, volt, arrays, inputs))],
                          check=True, capture_output=True, text=True)
    kinds = {}
    for line in done.stdout.splitlines():
        kind, model, *numbers = line.split()
        kinds.setdefault(kind, {})[model] = [float(n) for n in numbers]
    return kinds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path)
    parser.add_argument("--rows", type=int, action="append", help="only arrays of this size")
    arguments = parser.parse_args()
    lines = ["| array, ohm, cell, data | " + " | ".join(MODELS) +
             " | gradient of awl-2: g, V |", "|---" * (len(MODELS) + 2) + "|"]
    print("\n".join(lines), flush=True)
    worst, cost = {}, {}
    for rows, ohm, cell, volt in CASES:
        if arguments.rows and rows not in arguments.rows:
            continue
        for kind, found in run_case(arguments.bench, rows, ohm, cell, volt).items():
            cells = [f"{found[m][0]:.1e} / {found[m][1]:.1e}" for m in MODELS]
            gradient = "{:.1e}, {:.1e}".format(*found["gradient"])
            lines.append(f"| {rows}, {ohm:g}, {cell}, {kind} | " + " | ".join(cells) +
                         f" | {gradient} |")
            print(lines[-1], flush=True)
            for model in MODELS:
                key = rows, ohm, model
                worst[key] = max(worst.get(key, 0.0), found[model][0])
            key = rows, ohm, "gradient"
            worst[key] = max(worst.get(key, 0.0), *found["gradient"])
            cost[rows, cell] = found["seconds"]
    summary = ["", "worst NRMSE of each size and resistance, over cells and data:"]
    summary += [f"  {rows} x {rows}, {ohm:g} ohm, {model}: {value:.2g}"
                for (rows, ohm, model), value in worst.items()]
    summary += [f"  {rows} x {rows}, {cell}, AWL-2: set-up {1e3 * a:.3g} ms, "
                f"product {1e6 * b:.3g} us" for (rows, cell), (a, b) in cost.items()]
    print("\n".join(summary))
    if arguments.output:
        arguments.output.mkdir(parents=True, exist_ok=True)
        text = "\n".join([time.strftime("%Y-%m-%d"), *lines, *summary]) + "\n"
        (arguments.output / "behavioral.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
