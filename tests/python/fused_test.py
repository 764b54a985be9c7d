# SPDX-License-Identifier: Apache-2.0
"""The fused single-precision sweeps against the same equations in PyTorch in double precision:
1e-5 is some hundred roundings of 6e-8, what a line of so many nodes may add up to."""

import os
import pathlib
import sys
import tempfile
import unittest

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "python"))
import arrayspice  # noqa: E402
from arrayspice import fused  # noqa: E402
from arrayspice.start import Start  # noqa: E402
from arrayspice.torch_lines import TorchLines  # noqa: E402
from circuit import Array  # noqa: E402

SINGLE = 1e-5
BATCH = 21  # one whole group of lanes and a part of one


def error(found, expected):
    return float((found.double() - expected).norm() / expected.norm())


def narrow(start):
    return Start(*(t.float() if torch.is_tensor(t) else t for t in vars(start).values()))


def sinh_ratio(v, w):
    """As Array.write_model, for cells whose shape changes with the conductance."""
    v0 = 0.25 + 2e3 * w
    return np.where(v == 0.0, 1.0, np.sinh(v / v0) * v0 / np.where(v == 0.0, 1.0, v))


class FusedTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = f"{folder.name}/model.npz"
        self.random = np.random.default_rng(2)

    def pair(self, array, **changes):
        """The fused sweeps and those of torch in double precision, of one array."""
        g, _, _ = array.write_model(self.path, 2, **changes)
        models = [arrayspice.LineModel(self.path, dtype=dtype)
                  for dtype in (torch.float32, torch.float64)]
        self.assertEqual([model.path for model in models], ["fused", "torch"])
        return [model.sweeper(model.table.at(torch.tensor(g[0], dtype=model.dtype)))
                for model in models]

    def tensor(self, *shape, low=0.0, high=0.3):
        return torch.tensor(self.random.uniform(low, high, shape))

    def test_cold_sweeps_are_those_of_torch(self):
        for array in (Array(8, 6), Array(7, 5, driver=(30.0, 70.0), sense=(10.0, 40.0)),
                      Array(5, 37), Array(1, 1)):
            x = self.tensor(BATCH, array.rows, low=-0.3)
            ours, theirs = self.pair(array)
            for count in 1, 2, 5:
                for a, b in zip(ours.cold(x.float(), count), theirs.cold(x, count)):
                    self.assertLess(error(a, b), SINGLE)
                self.assertLess(error(ours.cold_outputs(x.float(), count),
                                      theirs.cold_outputs(x, count)), SINGLE)

    def test_cells_of_every_form_have_their_current(self):
        v, w = np.linspace(-0.4, 0.4, 129)[:, None], np.linspace(1e-6, 1e-4, 5)
        forms = {"ohmic": 1.0 + 0.0 * v * w, "sinh by conductance": sinh_ratio(v, w),
                 "one-sided": 1.0 + v + 2e3 * w * v**2}
        x = self.tensor(BATCH, 8)
        for name, ratio in forms.items():
            with self.subTest(name):
                ours, theirs = self.pair(Array(8, 6), **{"cell/ratio": ratio})
                self.check_states(ours, theirs, x)
                self.check_adjoint(ours, theirs, x)

    def check_states(self, ours, theirs, x):
        for a, b in zip(ours.cold(x.float(), 3), theirs.cold(x, 3)):
            self.assertLess(error(a, b), SINGLE)

    def check_adjoint(self, ours, theirs, x):
        """At the same state, which both make of the same sweeps."""
        by_output = self.tensor(len(x), 6, low=-1.0, high=1.0)
        start = self.start(8, 6, len(x))
        states = [ours.warm(x.float(), narrow(start), 2, True)[1],
                  theirs.warm(x, start, 2, True)[1]]
        for count in 1, 3:
            for a, b in zip(ours.adjoint(states[0], by_output.float(), count),
                            theirs.adjoint(states[1], by_output, count)):
                self.assertLess(error(a, b), 3 * SINGLE)

    def start(self, rows, columns, batch):
        return Start(self.tensor(rows, columns, high=0.01), 0.3,
                     self.tensor(2, 2, rows, columns, high=0.1),
                     self.tensor(3, rows, columns, high=1.0),
                     self.tensor(batch, 3, columns, high=0.01))

    def test_warm_starts_and_word_lines_are_those_of_torch(self):
        x, start = self.tensor(BATCH, 8, low=-0.2, high=0.2), self.start(8, 6, BATCH)
        ours, theirs = self.pair(Array(8, 6))
        for count in 0, 1, 2:  # 0: the start itself
            self.assertLess(error(ours.warm(x.float(), narrow(start), count, True)[0],
                                  theirs.warm(x, start, count, True)[0]), SINGLE)
        rest = start.rest
        self.assertLess(error(ours.words(x.float(), rest.float(), 2),
                              theirs.words(x, rest, 2)), SINGLE)

    def test_gradients_are_those_of_differences_of_converged_outputs(self):
        array = Array(6, 5)
        ours, _ = self.pair(array)
        with np.load(self.path) as file:
            g = file["test/w"][0]
        x, by_output = self.tensor(3, 6), self.tensor(3, 5, low=-1.0, high=1.0)
        start = self.start(6, 5, 3)
        _, state = ours.warm(x.float(), narrow(start), 20, True)
        by_g, by_x = ours.adjoint(state, by_output.float(), 20)
        objective = lambda g, x: float((array.currents(g, x) * by_output.numpy()).sum())
        dg = 1e-3 * g * self.random.normal(size=g.shape)
        dx = 1e-3 * self.random.normal(size=x.shape)
        x = x.numpy()
        slope = objective(g + dg, x) - objective(g - dg, x)
        self.assertAlmostEqual(2 * float((by_g.numpy() * dg).sum()) / slope, 1.0, delta=1e-4)
        slope = objective(g, x + dx) - objective(g, x - dx)
        self.assertAlmostEqual(2 * float((by_x.numpy() * dx).sum()) / slope, 1.0, delta=1e-4)

    def test_products_are_those_of_torch(self):
        for batch, inner, columns in ((1, 1, 1), (13, 7, 5), (6, 64, 192), (20, 33, 50)):
            x, m = self.tensor(batch, inner), self.tensor(inner, columns)
            self.assertLess(error(fused.multiply(x.float(), m.float()), x @ m), SINGLE)

    def test_what_it_does_not_describe_runs_in_torch(self):
        array = Array(4, 3)
        v = np.linspace(-0.4, 0.4, 129)[:, None]
        corner = np.where(v > 0.1, 2.0, 1.0) * np.ones(5)
        array.write_model(self.path, 2, **{"cell/ratio": corner})
        self.assertEqual(arrayspice.LineModel(self.path, dtype=torch.float32).path, "torch")
        array.write_model(self.path, 2, **{"wire/Rw_row": np.float64(0)})
        self.assertEqual(arrayspice.LineModel(self.path, dtype=torch.float32).path, "torch")

    def test_gradients_of_the_line_model_are_those_of_its_sweeps(self):
        array = Array(4, 3)
        g, x, _ = array.write_model(self.path, 2)
        found = []
        for dtype in torch.float32, torch.float64:
            tensors = [torch.tensor(a, dtype=dtype, requires_grad=True) for a in (g[0], x)]
            arrayspice.LineModel(self.path, dtype=dtype)(*tensors).sum().backward()
            found.append([t.grad for t in tensors])
        for a, b in zip(*found):
            self.assertLess(error(a, b), 3 * SINGLE)


if __name__ == "__main__":
    os.environ["ARRAYSPICE_FUSED"] = sys.argv[1]
    torch.set_num_threads(1)
    unittest.main(argv=sys.argv[:1], verbosity=2)
