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

SIGMA, TEST_IMAGES = 0.1, 360
TURN, SCALE, SHIFT = math.radians(15.0), 0.1, 0.15  # half a side is 1


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


CASE = comparison.Case(
    spec=HERE / "array.toml", network=convolutional, split=split, sigma=SIGMA, settings=[],
    calibration_settings=["variation.conductance_sigma=0"], epochs=80, rate=3e-3,
    distorted=distorted)

if __name__ == "__main__":
    comparison.main(__doc__, CASE, chips=3, epochs=10,
                    gaps=[(comparison.IN_THE_LOOP, comparison.CALIBRATED),
                          (comparison.IN_THE_LOOP, comparison.NOISY_CALIBRATED)])
