# SPDX-License-Identifier: Apache-2.0
"""What the examples that judge networks on the circuit share: the training loop, noise on
weights, the comparison itself, and its table of accuracies with standard errors."""

import argparse
import copy
import dataclasses
import pathlib
import subprocess
import sys
import tempfile
from typing import Callable, List

import numpy as np
import torch
from torch.nn import functional
from torch.nn.utils import parametrize

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "python"))
import arrayspice  # noqa: E402
from arrayspice.evaluate import accuracy, evaluate, Circuit, on_circuit  # noqa: E402

SOFTWARE = "software"
PLAIN, CALIBRATED = "its weights on the arrays", "its weights, columns calibrated"
NOISY, NOISY_CALIBRATED = "trained with noise", "trained with noise, columns calibrated"
IN_THE_LOOP = "model in the loop"
CALIBRATION = 100  # images
NOISE = 0.05  # of the largest weight
CLIP = 0.5  # of the weights of the software network
SWEEPS = 3  # of the model, while training and to predict


def export(program, spec, settings, sweeps):
    """The spec's model as a float32 layer of so many sweeps, exported finer than they are: the
    cell's table must be smooth for the fused sweeps."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.npz"
        options = [part for s in settings for part in ("--set", s)]
        subprocess.run([program, "export", spec, "-o", path, "--max-error", "2e-5", "--tier",
                        "awl", "--quiet", *options], check=True, stdout=subprocess.DEVNULL)
        model = arrayspice.layer(path, dtype=torch.float32, sweeps=sweeps)
    error = model.file.meta["accuracy"]["validation_nrmse_by_sweeps"][sweeps - 1]
    print(f"model: {model.tier}, {sweeps} sweeps ({model.path}), NRMSE {error:.1e}",
          flush=True)
    return model


def train(network, x, y, epochs, rate, batch=64, clip=None, distorted=lambda x: x):
    """Adam with a falling rate; `clip` bounds the weights, `distorted` changes a batch."""
    network.train()
    parameters = [p for p in network.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(parameters, lr=rate)
    steps = epochs * (len(x) // batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(epochs):
        for part in torch.randperm(len(x)).split(batch)[: len(x) // batch]:
            optimizer.zero_grad()
            functional.cross_entropy(network(distorted(x[part])), y[part]).backward()
            optimizer.step()
            schedule.step()
            if clip is not None:
                with torch.no_grad():
                    for p in parameters:
                        if p.dim() > 1:
                            p.clamp_(-clip, clip)


class _Noise(torch.nn.Module):
    """Gaussian noise of a share of the largest weight, while training."""

    def __init__(self, share):
        super().__init__()
        self.share = share

    def forward(self, w):
        return w + self.share * w.abs().max() * torch.randn_like(w) if self.training else w


def train_with_noise(network, share, *arguments, **options):
    """train() with noise on every weight in every step."""
    layers = [m for m in network.modules() if hasattr(m, "weight")]
    for layer in layers:
        parametrize.register_parametrization(layer, "weight", _Noise(share))
    train(network, *arguments, **options)
    network.eval()
    for layer in layers:
        parametrize.remove_parametrizations(layer, "weight")


def calibrate_on_circuit(network, x, program, spec, settings):
    """Gain and offset of every column from the circuit of an array without variation."""
    with on_circuit(network, Circuit(program, str(spec), 1, settings)):
        arrayspice.calibrate(network, x)


def mean_and_error(values):
    """Mean and its standard error over seeds; none of one seed."""
    spread = np.std(values, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
    return float(np.mean(values)), float(spread)


def _share(values):
    mean, error = mean_and_error(100 * np.array(values))
    return f"{mean:.1f}" + ("" if np.isnan(error) else f" +- {error:.1f}")


class Comparison:
    """Accuracies on the circuit, and as the model predicts them, of several networks that
    are made anew from every seed."""

    def __init__(self, program, spec, settings, chips):
        self._program, self._spec, self._settings = program, str(spec), settings
        self._chips, self._software, self._reports = chips, [], {}

    def software(self, seed, network, x, y):
        network.eval()
        self._software.append(accuracy(network, x, y))
        print(f"seed {seed}: {SOFTWARE} {100 * self._software[-1]:.1f} %", flush=True)

    def judge(self, seed, label, network, x, y):
        report = evaluate(network, x, y, self._program, self._spec, self._chips,
                          self._settings)
        self._reports.setdefault(label, []).append(report)
        print(f"seed {seed}: {label}: circuit {100 * np.mean(report.circuit):.1f} %, model "
              f"{100 * np.mean(report.predicted):.1f} %", flush=True)

    def _means(self, label):
        return np.array([np.mean(r.circuit) for r in self._reports[label]])

    def gap(self, better, worse):
        """Mean and standard error of the difference, seed by seed, in points."""
        return mean_and_error(100 * (self._means(better) - self._means(worse)))

    def print(self, gaps):
        """`gaps`: pairs of labels whose difference is printed too."""
        seeds = len(self._software)
        print(f"\n{'%':<44} {'circuit':>13} {'worst chip':>11} {'predicted':>13}")
        print(f"{SOFTWARE:<44} {_share(self._software):>13}")
        for label, reports in self._reports.items():
            worst = 100 * min(min(r.circuit) for r in reports)
            predicted = _share([np.mean(r.predicted) for r in reports])
            print(f"{label:<44} {_share(self._means(label)):>13} {worst:>11.1f} "
                  f"{predicted:>13}")
        for better, worse in gaps:
            mean, error = self.gap(better, worse)
            print(f"{better} over {worse}: {mean:.1f}"
                  + ("" if np.isnan(error) else f" +- {error:.1f}") + " points")
        print(f"mean and standard error over {seeds} seeds, {self._chips} chips each",
              flush=True)


@dataclasses.dataclass(frozen=True)
class Case:
    """A network to be put on arrays of a spec."""

    spec: pathlib.Path
    network: Callable[[], torch.nn.Module]  # a new one, with random weights
    split: Callable[[int], tuple]  # of a seed: training and test images and labels
    sigma: float  # relative, of the conductances, while training
    settings: List[str]  # of the spec, for the circuit
    calibration_settings: List[str]  # the same without variation
    epochs: int  # of the software network
    rate: float  # of the training in the loop
    distorted: Callable[[torch.Tensor], torch.Tensor] = lambda x: x


def compare(case, seed, model, table, arguments):
    """The networks of one seed: plain, with noise, calibrated, in the loop."""
    torch.manual_seed(seed)
    x, y, *test = case.split(seed)
    software = case.network()
    noisy = copy.deepcopy(software)
    how = dict(distorted=case.distorted)
    train(software, x, y, case.epochs, 5e-3, clip=CLIP, **how)
    train_with_noise(noisy, NOISE, x, y, case.epochs, 5e-3, **how)
    table.software(seed, software, *test)
    for network, plain, calibrated in ((noisy, NOISY, NOISY_CALIBRATED),
                                       (software, PLAIN, CALIBRATED)):
        network = arrayspice.on_arrays(network, model, x, variation=case.sigma)
        table.judge(seed, plain, network, *test)
        calibrate_on_circuit(network, x[:CALIBRATION], arguments.program, case.spec,
                             case.calibration_settings)
        table.judge(seed, calibrated, network, *test)
    train(network, x, y, arguments.epochs, case.rate, **how)  # from there, calibration kept
    table.judge(seed, IN_THE_LOOP, network, *test)


def main(description, case, chips, epochs, gaps):
    """The command line of an example; chips and epochs are defaults."""
    parser = argparse.ArgumentParser(description=description,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--chips", type=int, default=chips)
    parser.add_argument("--epochs", type=int, default=epochs, help="in the loop")
    arguments = parser.parse_args()
    model = export(arguments.program, case.spec, case.settings, SWEEPS)
    table = Comparison(arguments.program, case.spec, case.settings, arguments.chips)
    for seed in range(1, arguments.seeds + 1):
        compare(case, seed, model, table, arguments)
    table.print(gaps)
