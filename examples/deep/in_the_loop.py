#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A convolutional network on arrays of 128 rows, where calibrated columns are not enough.

  /usr/bin/python3 examples/deep/in_the_loop.py --program build/release/bin/arrayspice

Five layers, each on arrays of array.toml (128 x 64, sinh cells driven to 0.5 V, 15 ohm a
segment, conductances that vary by 10 %, unknown to the training): three convolutions, the
second and third of which fill 126 and 128 word lines, and two dense layers. The images are
scikit-learn's 8 x 8 digits, every one turned, scaled and shifted at random (a new way in every
epoch, one way for the test images), which makes them harder than they are. Every accuracy is
that of the full circuit: 38 products of an array an image. Needs python3-sklearn, and for its
speed the fused sweeps that `./dev build` makes.
"""

import argparse
import copy
import math
import pathlib
import sys

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import comparison  # noqa: E402
from comparison import arrayspice  # noqa: E402

SPEC = HERE / "array.toml"
SIGMA, TEST_IMAGES, CALIBRATION = 0.1, 360, 100
NOISE = 0.05  # of the largest weight
SWEEPS = 3  # of the model, while training and to predict
NO_VARIATION = ["variation.conductance_sigma=0"]
TURN, SCALE, SHIFT = math.radians(15.0), 0.1, 0.15  # half a side is 1
CALIBRATED, IN_THE_LOOP = "its weights, columns calibrated", "model in the loop"


def distorted(x):
    """Every image turned, scaled and shifted by its own random numbers."""
    n = len(x)
    turn, scale = TURN * (2 * torch.rand(n) - 1), 1 + SCALE * (2 * torch.rand(n) - 1)
    shift = SHIFT * (2 * torch.rand(n, 2) - 1)
    c, s = scale * torch.cos(turn), scale * torch.sin(turn)
    theta = torch.stack([torch.stack([c, -s, shift[:, 0]], 1),
                         torch.stack([s, c, shift[:, 1]], 1)], 1)
    grid = functional.affine_grid(theta, list(x.shape), align_corners=False)
    return functional.grid_sample(x, grid, align_corners=False)


def split(seed):
    digits = load_digits()
    order = np.random.default_rng(seed).permutation(len(digits.target))
    x = torch.tensor(digits.images[order, None] / 16.0, dtype=torch.float32)
    y = torch.tensor(digits.target[order])
    return x[TEST_IMAGES:], y[TEST_IMAGES:], distorted(x[:TEST_IMAGES]), y[:TEST_IMAGES]


def convolutional():
    """Products an image: 16 + 16 + 4 + 1 + 1; word lines: 9, 126, 128, 128, 32."""
    return nn.Sequential(
        nn.Conv2d(1, 14, 3, stride=2, padding=1), nn.ReLU(),
        nn.Conv2d(14, 32, 3, padding=1), nn.ReLU(),
        nn.Conv2d(32, 32, 2, stride=2), nn.ReLU(), nn.Flatten(),
        nn.Linear(128, 32), nn.ReLU(), nn.Linear(32, 10))


def run(seed, model, table, arguments):
    torch.manual_seed(seed)
    x, y, *test = split(seed)
    software = convolutional()
    noisy = copy.deepcopy(software)
    options = dict(clip=0.5, distorted=distorted)
    comparison.train(software, x, y, 80, 5e-3, **options)
    comparison.train_with_noise(noisy, NOISE, x, y, 80, 5e-3, distorted=distorted)
    table.software(seed, software, *test)
    for network, plain, calibrated in (
            (noisy, "trained with noise", "trained with noise, columns calibrated"),
            (software, "its weights on the arrays", CALIBRATED)):
        network = arrayspice.on_arrays(network, model, x, variation=SIGMA)
        table.judge(seed, plain, network, *test)
        comparison.calibrate_on_circuit(network, x[:CALIBRATION], arguments.program, SPEC,
                                        NO_VARIATION)
        table.judge(seed, calibrated, network, *test)
    comparison.train(network, x, y, arguments.epochs, 3e-3, distorted=distorted)
    table.judge(seed, IN_THE_LOOP, network, *test)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--chips", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=10)
    arguments = parser.parse_args()
    model = comparison.export(arguments.program, SPEC, [], SWEEPS)
    table = comparison.Comparison(arguments.program, SPEC, [], arguments.chips)
    for seed in range(1, arguments.seeds + 1):
        run(seed, model, table, arguments)
    table.print([(IN_THE_LOOP, CALIBRATED),
                 (IN_THE_LOOP, "trained with noise, columns calibrated")])


if __name__ == "__main__":
    main()
