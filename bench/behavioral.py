#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How far the behavioral models are from the circuit: NRMSE / the same of differential pairs.

  /usr/bin/python3 bench/behavioral.py --bench build/release/bin/behavioral_bench

64 x 64 and 128 x 128, three wire resistances, ohmic, sinh and saturating (cubic) cells, four
kinds of weights and inputs; drivers of 20 ohm, senses of 10 ohm. Beside ours: the ideal product, the
closed form DMR, aihwkit's polynomial, and for --networks cases of 64 x 64 a GENIEx-style network
trained on 20,000 circuit solves (a few minutes each; kept in --output for the next run).
"""

import argparse
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import geniex  # noqa: E402

MODELS = ["ideal", "dmr", "aihwkit", "geniex", "coral", "line-2", "awl-1", "awl-2"]
GRADIENTS = ["gradient-coral", "gradient-awl-2"]
CELLS = [("ohmic", 0.2), ("sinh", 0.5), ("cubic", 0.5)]
CASES = [(64, ohm, cell, volt) for cell, volt in CELLS for ohm in (1.0, 2.5, 5.0)] + [
    (128, ohm, cell, volt) for cell, volt in CELLS for ohm in (1.0, 2.5, 5.0)]


# Cases of 64 x 64 in the order in which they get a network.
NETWORKS = [(64, 2.5, "sinh", 0.5), (64, 2.5, "ohmic", 0.2), (64, 5.0, "sinh", 0.5),
            (64, 5.0, "ohmic", 0.2), (64, 1.0, "sinh", 0.5), (64, 1.0, "ohmic", 0.2),
            (64, 2.5, "cubic", 0.5), (64, 5.0, "cubic", 0.5), (64, 1.0, "cubic", 0.5)]
GOALS = {"coral": 10.0, "awl-1": 10.0, "awl-2": 100.0}  # below the network


def run_case(program, case, network):
    """Rows of the table and the gradient's and cost's figures of one case."""
    arrays, inputs = (4, 8) if case[0] == 64 else (2, 6)
    done = subprocess.run([program, *map(str, (*case, arrays, inputs)),
                           *([network] if network else [])],
                          check=True, capture_output=True, text=True)
    kinds = {}
    for line in done.stdout.splitlines():
        kind, model, *numbers = line.split()
        kinds.setdefault(kind, {})[model] = [float(n) for n in numbers]
    return kinds


def table_row(case, kind, found):
    def cell(model):
        return "{:.1e} / {:.1e}".format(*found[model][:2]) if model in found else "-"
    gradients = ["{:.1e}, {:.1e}".format(*found[name]) for name in GRADIENTS]
    return "| {}, {:g}, {}, {} | ".format(*case[:3], kind) + " | ".join(
        [cell(m) for m in MODELS] + gradients) + " |"


def ratios(case, kinds):
    """How far ours are below the network, over all kinds of data together (single-ended and
    differential)."""
    lines = []
    for model, goal in GOALS.items():
        factors = [min(found["geniex"][n] / found[model][n] for found in kinds.values())
                   for n in (0, 1)]
        verdict = "met" if min(factors) >= goal else "MISSED"
        lines.append("  {}, {:g} ohm, {}: {} is {:.0f} x below the network, {:.0f} x in "
                     "differences (smallest over data; goal {:g} x: {})".format(
                         *case[:3], model, *factors, goal, verdict))
    return lines


def costs(program, rows):
    """us of the PyTorch layers in single precision, one core, batch 128, sinh cells."""
    done = subprocess.run([sys.executable, pathlib.Path(__file__).parent / "layers.py",
                           "--program", program, "--rows", str(rows)],
                          capture_output=True, text=True, check=False)
    return (done.stdout if done.returncode == 0 else done.stderr).splitlines()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path)
    parser.add_argument("--rows", type=int, action="append", help="only arrays of this size")
    parser.add_argument("--networks", type=int, default=1,
                        help="so many cases get a trained network (0: a short run)")
    parser.add_argument("--solves", type=int, default=20000, help="to train a network on")
    arguments = parser.parse_args()
    folder = arguments.output or pathlib.Path("build/bench")
    lines = ["| array, ohm, cell, data | " + " | ".join(MODELS + [
        f"{name}: g, V" for name in GRADIENTS]) + " |",
        "|---" * (len(MODELS) + len(GRADIENTS) + 1) + "|"]
    print("\n".join(lines), flush=True)
    worst, cost, below = {}, {}, []
    for case in CASES:
        if arguments.rows and case[0] not in arguments.rows:
            continue
        network = None
        if case in NETWORKS[: arguments.networks]:
            network = geniex.network(arguments.bench, case, folder, arguments.solves)
        kinds = run_case(arguments.bench, case, network)
        for kind, found in kinds.items():
            lines.append(table_row(case, kind, found))
            print(lines[-1], flush=True)
            for name, values in found.items():
                if name not in ("seconds", "sweeps"):
                    key = *case[:2], name
                    figures = values if name in GRADIENTS else values[:1]
                    worst[key] = max(worst.get(key, 0.0), *figures)
            cost[case[0], case[2]] = found["seconds"]
        if network:
            below += ratios(case, kinds)
    summary = ["", "worst NRMSE of each size and resistance, over cells and data:"]
    summary += [f"  {rows} x {rows}, {ohm:g} ohm, {model}: {value:.2g}"
                for (rows, ohm, model), value in worst.items()]
    summary += ["", "beside the network:", *below] if below else []
    summary += ["", "the evaluator of export, one input at a time:"]
    summary += [f"  {rows} x {rows}, {cell}, AWL-2: set-up {1e3 * a:.3g} ms, "
                f"product {1e6 * b:.3g} us" for (rows, cell), (a, b) in cost.items()]
    summary += ["", *costs(arguments.bench.parent / "arrayspice", 64)]
    print("\n".join(summary))
    if arguments.output:
        arguments.output.mkdir(parents=True, exist_ok=True)
        text = "\n".join([time.strftime("%Y-%m-%d"), *lines, *summary]) + "\n"
        (arguments.output / "behavioral.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
