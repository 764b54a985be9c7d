# SPDX-License-Identifier: Apache-2.0
"""A network in the manner of GENIEx (arXiv 2003.06902), trained on circuit solves: inputs and all
conductances of an array through one hidden layer to I_ideal / I of every column. It holds for one
size, wire and cell. Only bench/behavioral.py uses it."""

import pathlib
import subprocess
import sys

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "python"))
from arrayspice.fused import multiply  # noqa: E402

HIDDEN = 512
INPUTS_OF_ARRAY = 2  # as in bench/behavioral.cpp
BATCH, EPOCHS, RATE = 128, 30, 1e-3


class Samples:
    """Arrays (n, cells), inputs (n, 2, rows) and ratios (n, 2, columns), from 0 to about 1."""

    def __init__(self, path, rows):
        width = rows * rows + INPUTS_OF_ARRAY * 2 * rows
        data = torch.from_numpy(np.fromfile(path, np.float32).reshape(-1, width))
        self.g = data[:, : rows * rows]
        pairs = data[:, rows * rows:].unflatten(1, (INPUTS_OF_ARRAY, 2, rows))
        self.v, self.ratio = pairs[:, :, 0], pairs[:, :, 1]


def initial(rows, mean, seed=1):
    generator = torch.Generator().manual_seed(seed)
    draw = lambda inputs, outputs: torch.randn(inputs, outputs, generator=generator) * (
        2.0 / inputs) ** 0.5
    by_g = 0.5 * draw(rows * rows, HIDDEN)
    return [by_g, draw(rows, HIDDEN), torch.zeros(1, HIDDEN), 0.1 * draw(HIDDEN, rows),
            mean.clone()]


def forward(weights, g, v):
    """Hidden layer and ratios (arrays, 2, .)."""
    by_g, by_v, bias, out, out_bias = weights
    before = multiply(g, by_g).unsqueeze(1) + multiply(v.flatten(0, 1), by_v).unflatten(
        0, v.shape[:2]) + bias
    hidden = before.clamp(min=0.0)
    return hidden, multiply(hidden.flatten(0, 1), out).unflatten(0, v.shape[:2]) + out_bias


def gradients(weights, g, v, ratio):
    hidden, found = forward(weights, g, v)
    error = (found - ratio).flatten(0, 1) * (2.0 / ratio.numel())
    flat = hidden.flatten(0, 1)
    by_hidden = multiply(error, weights[3].mT) * (flat > 0.0)
    of_arrays = by_hidden.unflatten(0, v.shape[:2]).sum(1)
    return [multiply(g.mT, of_arrays), multiply(v.flatten(0, 1).mT, by_hidden),
            by_hidden.sum(0, keepdim=True), multiply(flat.mT, error),
            error.sum(0, keepdim=True)]


@torch.no_grad()
def train(samples, rows, epochs=EPOCHS):
    """Adam with a rate that rises for a third of the time and then falls to zero."""
    mean = samples.ratio.mean((0, 1)).unsqueeze(0)
    weights = initial(rows, mean)
    first, second = ([torch.zeros_like(w) for w in weights] for _ in range(2))
    batches = max(1, len(samples.g) // BATCH)
    steps, generator = epochs * batches, torch.Generator().manual_seed(2)
    for step in range(steps):
        if step % batches == 0:
            order = torch.randperm(len(samples.g), generator=generator)
        pick = order[(step % batches) * BATCH:][:BATCH]
        part = step / steps
        rate = RATE * min(part * 3.0, (1.0 - part) * 1.5)
        for w, m, s, d in zip(weights, first, second, gradients(
                weights, samples.g[pick], samples.v[pick], samples.ratio[pick])):
            m.mul_(0.9).add_(d, alpha=0.1)
            s.mul_(0.999).addcmul_(d, d, value=0.001)
            bias = (1.0 - 0.999 ** (step + 1)) ** 0.5 / (1.0 - 0.9 ** (step + 1))
            w.addcdiv_(m, s.sqrt().add_(1e-8), value=-rate * bias)
    return weights


def write(path, weights):
    """As `Network` in bench/behavioral.cpp reads it."""
    with open(path, "wb") as file:
        file.write(np.int64(HIDDEN).tobytes())
        for w in weights:
            file.write(w.numpy().astype(np.float32).tobytes())


def network(bench, case, folder, solves):
    """Path of the trained network of a case (rows, ohm, cell, volt); data and network stay in
    the folder for the next run."""
    name = "geniex_{}_{:g}_{}_{:g}_{}".format(*case, solves)
    data, path = folder / f"{name}.f32", folder / f"{name}.net"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    if not data.exists():
        partial = data.with_suffix(".part")
        subprocess.run([bench, "dataset", *map(str, case), str(solves // INPUTS_OF_ARRAY),
                        partial], check=True)
        partial.rename(data)
    write(path, train(Samples(data, case[0]), case[0]))
    return path
