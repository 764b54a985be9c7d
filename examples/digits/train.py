#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the layer of the demo on the scikit-learn digits and writes its array files.

  /usr/bin/python3 examples/digits/train.py

Needs python3-numpy and python3-sklearn; the written files are kept in the repository, so
only who wants another layer runs this. The network is 64 -> 32 -> 10: pixels drive 64 word
lines, every hidden unit is a pair of bit lines, so that the first layer is one 64 x 64 array:

  z_j = sum_i x_i w_ij        x in [0, 1], |w| <= w_max
  V_i = x_i V_max             G_i,2j - G_i,2j+1 = w_ij (G_max - G_min) / w_max
  I_2j - I_2j+1 = z_j V_max (G_max - G_min) / w_max

of each pair the cell that is not needed stays at G_min. The readout takes differential
currents: class scores = max(I_2j - I_2j+1, 0) readout[:32] + readout[32].
"""

import pathlib

import numpy as np
from sklearn.datasets import load_digits

HERE = pathlib.Path(__file__).resolve().parent
V_MAX, G_MIN, G_MAX = 0.3, 1e-6, 1e-4  # as in array.toml
HIDDEN, CLASSES, TEST_IMAGES = 32, 10, 360
EPOCHS, BATCH, RATE, DECAY, W_MAX = 200, 32, 3e-3, 1e-4, 0.4


def split(random):
    """Training and test images in [0, 1] with their labels."""
    digits = load_digits()
    order = random.permutation(len(digits.target))
    x, y = digits.data[order] / 16.0, digits.target[order]
    return x[TEST_IMAGES:], y[TEST_IMAGES:], x[:TEST_IMAGES], y[:TEST_IMAGES]


def gradients(parameters, x, y):
    """Of the mean cross-entropy of a batch, one array per parameter."""
    w1, w2, bias = parameters
    hidden = np.maximum(x @ w1, 0.0)
    scores = hidden @ w2 + bias
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(y)), y] -= 1.0
    p /= len(y)
    back = (p @ w2.T) * (hidden > 0.0)
    return x.T @ back + DECAY * w1, hidden.T @ p + DECAY * w2, p.sum(axis=0)


def train(x, y, random):
    """Adam with a falling rate; the first layer is clipped to what a cell pair can hold."""
    parameters = [
        random.normal(0.0, 0.2, (x.shape[1], HIDDEN)),
        random.normal(0.0, 0.2, (HIDDEN, CLASSES)),
        np.zeros(CLASSES),
    ]
    mean = [np.zeros_like(p) for p in parameters]
    square = [np.zeros_like(p) for p in parameters]
    step = 0
    for epoch in range(EPOCHS):
        rate = RATE * 0.5 * (1.0 + np.cos(np.pi * epoch / EPOCHS))
        order = random.permutation(len(y))
        for start in range(0, len(y), BATCH):
            batch = order[start : start + BATCH]
            step += 1
            for k, g in enumerate(gradients(parameters, x[batch], y[batch])):
                mean[k] += 0.1 * (g - mean[k])
                square[k] += 0.001 * (g * g - square[k])
                parameters[k] -= (rate * mean[k] / (1.0 - 0.9**step)) / (
                    np.sqrt(square[k] / (1.0 - 0.999**step)) + 1e-8)
            np.clip(parameters[0], -W_MAX, W_MAX, out=parameters[0])
    return parameters


def conductances(w1):
    """Interleaved pairs of columns: the positive part, the negative part."""
    g = np.empty((w1.shape[0], 2 * w1.shape[1]))
    per_weight = (G_MAX - G_MIN) / W_MAX
    g[:, 0::2] = G_MIN + per_weight * np.maximum(w1, 0.0)
    g[:, 1::2] = G_MIN + per_weight * np.maximum(-w1, 0.0)
    return np.clip(g, G_MIN, G_MAX)


def main():
    random = np.random.default_rng(7)
    x, y, x_test, y_test = split(random)
    w1, w2, bias = train(x, y, random)
    ampere = V_MAX * (G_MAX - G_MIN) / W_MAX  # differential current of z = 1
    np.save(HERE / "conductances.npy", conductances(w1))
    np.save(HERE / "images.npy", V_MAX * x_test)
    np.save(HERE / "labels.npy", y_test)
    np.save(HERE / "readout.npy", np.vstack([w2 / ampere, bias]))
    for name, images, labels in ("training", x, y), ("test", x_test, y_test):
        scores = np.maximum(images @ w1, 0.0) @ w2 + bias
        print(f"{name} accuracy: {np.mean(scores.argmax(axis=1) == labels):.4f}")


if __name__ == "__main__":
    main()
