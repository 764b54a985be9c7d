#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A digits network trained for its arrays, and judged on the full circuit.

  /usr/bin/python3 examples/digits/in_the_loop.py --program build/release/bin/arrayspice

64 -> 32 -> 10, both layers on arrays of array.toml with 30 ohm a segment and conductances that
vary by 15 %, unknown to the training. Compared, every accuracy on the circuit of several
chips: weights of the ideal network; the same with gain and offset of every column calibrated;
then trained on with the exported model in the loop. Needs python3-sklearn for the images.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch.nn import functional

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "python"))
import arrayspice  # noqa: E402
from arrayspice.evaluate import evaluate, Circuit, on_circuit  # noqa: E402

SPEC = HERE / "array.toml"
SIGMA, TEST_IMAGES, CALIBRATION = 0.15, 360, 100
WIRES = ["wire.word_line_resistance=30", "wire.bit_line_resistance=30"]
VARIED = [*WIRES, f"variation.conductance_sigma={SIGMA}"]


def split(seed):
    digits = load_digits()
    order = np.random.default_rng(seed).permutation(len(digits.target))
    x = torch.tensor(digits.data[order] / 16.0, dtype=torch.float32)
    y = torch.tensor(digits.target[order])
    return x[TEST_IMAGES:], y[TEST_IMAGES:], x[:TEST_IMAGES], y[:TEST_IMAGES]


def train(network, x, y, epochs, rate, clip=None, batch=64):
    """Adam with a falling rate."""
    network.train()
    parameters = [p for p in network.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(parameters, lr=rate)
    steps = epochs * (len(x) // batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(epochs):
        for part in torch.randperm(len(x)).split(batch)[: len(x) // batch]:
            optimizer.zero_grad()
            functional.cross_entropy(network(x[part]), y[part]).backward()
            optimizer.step()
            schedule.step()
            if clip is not None:
                with torch.no_grad():
                    for p in parameters:
                        if p.dim() == 2:
                            p.clamp_(-clip, clip)


def software_network(x, y):
    network = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU(),
                                  torch.nn.Linear(32, 10))
    train(network, x, y, 100, 5e-3, clip=0.5)
    return network


def on_arrays(software, model, x):
    """The same network with both layers on arrays; the second layer's inputs fill their
    range at the largest hidden activation."""
    with torch.no_grad():
        largest = float(software[1](software[0](x)).max())
    layers = []
    for layer, input_range in (software[0], 1.0), (software[2], largest):
        settings = arrayspice.AnalogSettings(
            weight_range=float(layer.weight.abs().max()), input_range=input_range,
            variation=SIGMA)
        analog = arrayspice.AnalogLinear(layer.in_features, layer.out_features, model,
                                         settings)
        with torch.no_grad():
            analog.matrix.copy_(layer.weight)
            analog.bias.copy_(layer.bias)
        layers.append(analog)
    return torch.nn.Sequential(layers[0], torch.nn.ReLU(), layers[1])


def calibrate(network, x, program):
    """Gain and offset of every column from the circuit of an array without variation."""
    with on_circuit(network, Circuit(program, str(SPEC), 1, WIRES)), torch.no_grad():
        network[0].calibrate(x)
        network[2].calibrate(torch.relu(network[0](x)))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--chips", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=20)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.npz"
        settings = [part for s in VARIED for part in ("--set", s)]
        subprocess.run([arguments.program, "export", SPEC, "-o", path, "--max-error", "5e-3",
                        "--quiet", *settings], check=True, stdout=subprocess.DEVNULL)
        model = arrayspice.layer(path, dtype=torch.float32)
    print(f"model: {model.tier}-{model.sweeps}, held-out NRMSE "
          f"{model.file.meta['accuracy']['nrmse']:.1e}", flush=True)
    for seed in range(1, arguments.seeds + 1):
        run(seed, model, arguments)


def run(seed, model, arguments):
    torch.manual_seed(seed)
    x, y, x_test, y_test = split(seed)
    software = software_network(x, y)
    with torch.no_grad():
        share = float((software(x_test).argmax(1) == y_test).double().mean())
    print(f"seed {seed}: software {100 * share:.1f} %", flush=True)

    def show(label, network):
        report = evaluate(network, x_test, y_test, arguments.program, str(SPEC),
                          arguments.chips, VARIED)
        print(f"seed {seed}: {label}: circuit {100 * np.mean(report.circuit):.1f} % "
              f"(worst chip {100 * min(report.circuit):.1f}), model "
              f"{100 * np.mean(report.predicted):.1f} %", flush=True)

    network = on_arrays(software, model, x)
    show("ideal weights", network)
    calibrate(network, x[:CALIBRATION], arguments.program)
    show("ideal weights, columns calibrated", network)
    train(network, x, y, arguments.epochs, 5e-3)  # with the calibration it starts from
    show(f"model in the loop, {arguments.epochs} epochs", network)


if __name__ == "__main__":
    main()
