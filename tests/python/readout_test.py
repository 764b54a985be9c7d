# SPDX-License-Identifier: Apache-2.0
"""Readout tables in PyTorch: what the program exported, repeated and differentiated."""

import pathlib
import subprocess
import sys
import tempfile
import unittest
import zipfile

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "python"))
import arrayspice  # noqa: E402

PROGRAM = None
ARRAYS = {
    "charge-domain": "1T",
    "charge-redistribution": "and",
    "capacitive-division": "programmable",
    "resistive-division": "open",
    "time-domain": "crossing",
}


class ReadoutTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)

    def export(self, kind, *options):
        """The model of a small array, made once per kind and options."""
        path = pathlib.Path(self.folder.name) / ("-".join((kind, *options)) + ".npz")
        if path.exists():
            return path
        spec = path.with_suffix(".toml")
        spec.write_text(f'[array]\ntype = "{kind}"\nrows = 5\ncolumns = 4\n'
                        f'[cell]\nstructure = "{ARRAYS[kind]}"\n')
        done = subprocess.run([PROGRAM, "export", spec, "-o", path, "--quiet", *options],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return path

    def test_every_type_repeats_the_program_and_is_near_the_circuit(self):
        for kind in ARRAYS:
            with self.subTest(kind):
                model = arrayspice.layer(self.export(kind))
                self.assertLess(model.check_test_vectors(), 1e-12)
                error = model.test_outputs() - model.file["test/y"]
                full_scale = model.file.meta["accuracy"]["full_scale"]
                self.assertLess(np.sqrt(np.mean(error**2)) / full_scale, 1e-3)

    def test_single_precision_is_enough(self):
        for kind in ARRAYS:
            with self.subTest(kind):
                model = arrayspice.layer(self.export(kind), dtype=torch.float32)
                self.assertLess(model.check_test_vectors(), 1e-6)

    def test_gradients_are_those_of_finite_differences(self):
        for kind in ARRAYS:
            with self.subTest(kind):
                self.check_gradient(arrayspice.layer(self.export(kind)))

    def check_gradient(self, model):
        """On numbers of the size of 1, away from the points of the tables."""
        generator = torch.Generator().manual_seed(2)
        sizes, numbers = [], []
        for key, shape in ("w", (5, 4)), ("x", (2, 5)):
            low, high = model.file.meta["validity"][key]
            fraction = 0.1 + 0.8 * torch.rand(shape, generator=generator, dtype=torch.float64)
            sizes.append(max(abs(low), abs(high)))
            numbers.append(((low + (high - low) * fraction) / sizes[-1]).requires_grad_())
        full_scale = model.file.meta["accuracy"]["full_scale"]
        self.assertTrue(torch.autograd.gradcheck(
            lambda w, x: model(sizes[0] * w, sizes[1] * x) / full_scale, numbers, eps=1e-7,
            atol=1e-5))

    def test_a_chip_has_its_own_columns(self):
        path = self.export("resistive-division", "--set", "variation.conductance_sigma=0.1")
        nominal, chip = arrayspice.layer(path), arrayspice.layer(path, chip=1)
        again, other = arrayspice.layer(path, chip=1), arrayspice.layer(path, chip=2)
        outputs = [m.test_outputs(3) for m in (nominal, chip, again, other)]
        np.testing.assert_array_equal(outputs[1], outputs[2])
        for k, l in (0, 1), (0, 3), (1, 3):
            self.assertGreater(np.abs(outputs[k] - outputs[l]).max(), 0.0)

    def test_a_network_layer_on_any_type(self):
        """Calibrated, a layer follows the product that it stands for; levels are whole."""
        for kind, tolerance in ("charge-domain", 0.25), ("capacitive-division", 0.2):
            with self.subTest(kind):
                torch.manual_seed(1)
                model = arrayspice.layer(self.export(kind))
                layer = arrayspice.AnalogLinear(
                    8, 3, model, arrayspice.AnalogSettings(weight_range=0.4))
                with torch.no_grad():
                    layer.matrix.uniform_(-0.4, 0.4)
                x = torch.rand(60, 8, dtype=torch.float64)
                layer.calibrate(x)
                wanted = x @ layer.matrix.mT
                error = (layer(x) - wanted).std() / wanted.std()
                self.assertLess(float(error), tolerance)
                layer(x).sum().backward()
                self.assertGreater(float(layer.matrix.grad.abs().max()), 0.0)

    def test_a_chip_needs_a_spread(self):
        with self.assertRaisesRegex(ValueError, "exported without variation"):
            arrayspice.layer(self.export("resistive-division"), chip=1)

    def test_warns_outside_the_box(self):
        model = arrayspice.layer(self.export("capacitive-division"))
        w, x = (torch.tensor(model.file[f"test/{key}"][0]) for key in "wx")
        with self.assertWarnsRegex(arrayspice.OutsideValidity, "weights lie outside"):
            model(10.0 * w, x[None])

    def test_a_damaged_file_is_refused(self):
        path = pathlib.Path(self.folder.name) / "damaged.npz"
        with zipfile.ZipFile(self.export("charge-domain")) as whole, \
                zipfile.ZipFile(path, "w") as damaged:
            for name in whole.namelist():
                if name != "readout/y.npy":
                    damaged.writestr(name, whole.read(name))
        with self.assertRaisesRegex(arrayspice.ModelFileError, "no member 'readout/y'"):
            arrayspice.load(path)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
