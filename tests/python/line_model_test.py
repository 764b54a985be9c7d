# SPDX-License-Identifier: Apache-2.0
"""The PyTorch layer against dense circuit solves, finite differences and its own checks."""

import pathlib
import sys
import tempfile
import unittest
import warnings

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "python"))
import arrayspice  # noqa: E402
from circuit import Array  # noqa: E402


def error(found, expected):
    return float(np.sqrt(np.mean((found - expected) ** 2) / np.mean(expected**2)))


class LineModelTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = f"{folder.name}/model.npz"

    def model(self, array, sweeps=8, dtype=torch.float64, **changes):
        self.g, self.x, self.y = array.write_model(self.path, sweeps, **changes)
        return arrayspice.LineModel(self.path, dtype=dtype)

    def outputs(self, model):
        """The model's answer to every sample of the file."""
        dtype = model.dtype
        with torch.no_grad():
            return np.concatenate([
                model(torch.tensor(g, dtype=dtype), torch.tensor(x[None], dtype=dtype)).numpy()
                for g, x in zip(self.g, self.x)])

    def test_many_sweeps_reach_the_circuit(self):
        self.assertLess(error(self.outputs(self.model(Array(8, 6))), self.y), 1e-7)

    def test_lines_driven_and_sensed_from_both_sides_reach_the_circuit(self):
        array = Array(7, 5, driver=(30.0, 70.0), sense=(10.0, 40.0))
        self.assertLess(error(self.outputs(self.model(array)), self.y), 1e-7)

    def test_every_sweep_brings_it_nearer(self):
        model = self.model(Array(8, 8, segment=(30.0, 30.0)))
        errors = []
        for model.sweeps in (1, 2, 3, 4):
            errors.append(error(self.outputs(model), self.y))
        self.assertTrue(all(b < 0.3 * a for a, b in zip(errors, errors[1:])), errors)

    def test_float32_agrees_to_single_precision(self):
        model = self.model(Array(8, 6), dtype=torch.float32)
        self.assertLess(error(self.outputs(model), self.y), 1e-5)

    def test_no_resistance_gives_the_cell_currents(self):
        array = Array(4, 3)
        self.g, self.x, _ = array.write_model(
            self.path, 2, **{"wire/Rw_row": np.float64(0), "wire/Rw_col": np.float64(0),
                             "wire/Rs": np.zeros(4), "wire/Rt": np.zeros(3)})
        found = self.outputs(arrayspice.LineModel(self.path))
        i = 0.25 * np.sinh(self.x / 0.25)
        self.assertLess(error(found, np.einsum("si,sij->sj", i, self.g)), 1e-7)

    def test_zero_segments_are_the_limit_of_small_ones(self):
        self.model(Array(4, 3, segment=(1e-6, 1e-6)))
        zero = {"wire/Rw_row": np.float64(0), "wire/Rw_col": np.float64(0)}
        model = self.model(Array(4, 3, segment=(1e-6, 1e-6)), sweeps=12, **zero)
        self.assertLess(error(self.outputs(model), self.y), 1e-6)

    def test_gradients_agree_with_finite_differences(self):
        for array in (Array(3, 4), Array(3, 2, driver=(9.0, 9.0), sense=(9.0, 5.0))):
            model = self.model(array, sweeps=2)
            # In mS, uA and V so that all numbers are near 1.
            g = torch.tensor(self.g[0] * 1e3, requires_grad=True)
            x = torch.tensor(self.x[:2], requires_grad=True)
            scaled = lambda g, x: model(g * 1e-3, x) * 1e6
            self.assertTrue(torch.autograd.gradcheck(scaled, (g, x), eps=1e-6, atol=1e-6,
                                                     rtol=1e-5))

    def test_the_gradient_is_that_of_the_circuit(self):
        array = Array(5, 4)
        model = self.model(array, sweeps=4)
        g = torch.tensor(self.g[0], requires_grad=True)
        model(g, torch.tensor(self.x[:1])).sum().backward()
        step, moved = 1e-9, self.g[0].copy()
        moved[2, 1] += step
        up = array.currents(moved, self.x[:1]).sum()
        moved[2, 1] -= 2 * step
        slope = (up - array.currents(moved, self.x[:1]).sum()) / (2 * step)
        self.assertAlmostEqual(g.grad[2, 1].item() / slope, 1.0, places=5)

    def test_wrong_shapes_and_types_are_named(self):
        model = self.model(Array(4, 3))
        g, x = torch.tensor(self.g[0]), torch.tensor(self.x)
        with self.assertRaisesRegex(ValueError, r"\(3, 4\), expected \(rows, columns\)"):
            model(g.mT, x)
        with self.assertRaisesRegex(ValueError, r"expected \(batch, rows\) = \(batch, 4\)"):
            model(g, x[0])
        with self.assertRaisesRegex(TypeError, "inputs are torch.float32"):
            model(g, x.float())

    def test_values_outside_the_validity_box_warn(self):
        model = self.model(Array(4, 3))
        g, x = torch.tensor(self.g[0]), torch.tensor(self.x)
        with self.assertWarnsRegex(arrayspice.OutsideValidity, "inputs lie outside"):
            model(g, x + 0.3)
        with self.assertWarnsRegex(arrayspice.OutsideValidity, "conductances lie outside"):
            model(g * 10, x)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            model(g, x)

    def test_a_file_whose_predictions_it_does_not_repeat_is_refused(self):
        array = Array(4, 3)
        _, _, y = array.write_model(self.path, 6)
        array.write_model(self.path, 6, **{"test/model": y})
        self.assertLess(arrayspice.LineModel(self.path).check_test_vectors(), 1e-7)
        array.write_model(self.path, 6, **{"test/model": y * (1 + 1e-4)})
        with self.assertRaisesRegex(arrayspice.ModelFileError, "test vectors by 0.0001"):
            arrayspice.LineModel(self.path)

    def test_damaged_files_are_named(self):
        array = Array(4, 3)
        for name, value, message in [
            ("wire/Rs", None, "no member 'wire/Rs'"),
            ("wire/Rs", np.zeros(3), r"'wire/Rs' has shape \(3,\), expected \(4,\)"),
            ("cell/ratio", np.full((129, 5), np.nan), "'cell/ratio' holds a value that is not"),
            ("cell/w", np.array([1.0, 1.0, 2.0, 3.0, 4.0]), "'cell/w' must ascend"),
        ]:
            array.write_model(self.path, 1, **{name: value})
            with self.assertRaisesRegex(arrayspice.ModelFileError, message):
                arrayspice.load(self.path)


if __name__ == "__main__":
    torch.set_num_threads(1)
    unittest.main(verbosity=2)
