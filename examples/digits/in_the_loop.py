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

import pathlib
import sys

import numpy as np
import torch
from sklearn.datasets import load_digits

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import comparison  # noqa: E402

SIGMA, TEST_IMAGES = 0.15, 360
WIRES = ["wire.word_line_resistance=30", "wire.bit_line_resistance=30"]


def split(seed):
    digits = load_digits()
    order = np.random.default_rng(seed).permutation(len(digits.target))
    x = torch.tensor(digits.data[order] / 16.0, dtype=torch.float32)
    y = torch.tensor(digits.target[order])
    return x[TEST_IMAGES:], y[TEST_IMAGES:], x[:TEST_IMAGES], y[:TEST_IMAGES]


def dense():
    return torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU(),
                               torch.nn.Linear(32, 10))


CASE = comparison.Case(
    spec=HERE / "array.toml", network=dense, split=split, sigma=SIGMA,
    settings=[*WIRES, f"variation.conductance_sigma={SIGMA}"], calibration_settings=WIRES,
    epochs=100, rate=5e-3)

if __name__ == "__main__":
    comparison.main(__doc__, CASE, chips=5, epochs=30,
                    gaps=[(comparison.IN_THE_LOOP, comparison.CALIBRATED)])
