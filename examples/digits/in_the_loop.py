#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A digits network trained for its arrays, and judged on the full circuit.

  /usr/bin/python3 examples/digits/in_the_loop.py --program build/release/bin/arrayspice

64 -> 32 -> 10, both layers on arrays of array.toml with 30 ohm a segment and conductances that
vary by 15 %, unknown to the training. Compared, every accuracy on the circuit of several
chips: weights of the ideal network; of one trained with Gaussian noise on its weights; both
with gain and offset of every column calibrated; then trained on with the exported model in
the loop. Three seeds (network and split of the images) of five chips; `--seeds 1` takes a
third of the time. Needs python3-sklearn for the images.
"""

import argparse
import copy
import pathlib
import sys

import numpy as np
import torch
from sklearn.datasets import load_digits

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import comparison  # noqa: E402
from comparison import arrayspice  # noqa: E402

SPEC = HERE / "array.toml"
SIGMA, TEST_IMAGES, CALIBRATION = 0.15, 360, 100
NOISE = 0.05  # of the largest weight
SWEEPS = 3  # of the model, while training and to predict
WIRES = ["wire.word_line_resistance=30", "wire.bit_line_resistance=30"]
VARIED = [*WIRES, f"variation.conductance_sigma={SIGMA}"]
CALIBRATED, IN_THE_LOOP = "its weights, columns calibrated", "model in the loop"


def split(seed):
    digits = load_digits()
    order = np.random.default_rng(seed).permutation(len(digits.target))
    x = torch.tensor(digits.data[order] / 16.0, dtype=torch.float32)
    y = torch.tensor(digits.target[order])
    return x[TEST_IMAGES:], y[TEST_IMAGES:], x[:TEST_IMAGES], y[:TEST_IMAGES]


def run(seed, model, table, arguments):
    torch.manual_seed(seed)
    x, y, *test = split(seed)
    software = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU(),
                                   torch.nn.Linear(32, 10))
    noisy = copy.deepcopy(software)
    comparison.train(software, x, y, 100, 5e-3, clip=0.5)
    comparison.train_with_noise(noisy, NOISE, x, y, 100, 5e-3)
    table.software(seed, software, *test)
    for network, plain, calibrated in (
            (noisy, "trained with noise", "trained with noise, columns calibrated"),
            (software, "its weights on the arrays", CALIBRATED)):
        network = arrayspice.on_arrays(network, model, x, variation=SIGMA)
        table.judge(seed, plain, network, *test)
        comparison.calibrate_on_circuit(network, x[:CALIBRATION], arguments.program, SPEC,
                                        WIRES)
        table.judge(seed, calibrated, network, *test)
    comparison.train(network, x, y, arguments.epochs, 5e-3)  # from there, calibration kept
    table.judge(seed, IN_THE_LOOP, network, *test)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--chips", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=30)
    arguments = parser.parse_args()
    model = comparison.export(arguments.program, SPEC, VARIED, SWEEPS)
    table = comparison.Comparison(arguments.program, SPEC, VARIED, arguments.chips)
    for seed in range(1, arguments.seeds + 1):
        run(seed, model, table, arguments)
    table.print([(IN_THE_LOOP, CALIBRATED)])


if __name__ == "__main__":
    main()
