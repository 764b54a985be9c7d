# SPDX-License-Identifier: Apache-2.0
"""Readout tables in PyTorch: what the program exported, repeated and differentiated."""

import pathlib
import sys
import unittest
import zipfile

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "python"))
import arrayspice  # noqa: E402
import exported  # noqa: E402

# Their types and structures.
ARRAYS = {
    "charge-domain": ("charge-domain", "1T"),
    "charge-redistribution": ("charge-redistribution", "and"),
    "capacitive-division": ("capacitive-division", "programmable"),
    "resistive-division": ("resistive-division", "open"),
    "crossing": ("time-domain", "crossing"),
    "starved": ("time-domain", "starved"),
}
CONVERTERS = ("--set", "converter.adc=sar", "--set", "converter.adc_bits=5",
              "--set", "converter.capacitor_sigma=0.05", "--set", "noise.sense=1e-3")


class ReadoutTest(exported.ExportedModels):
    def export(self, kind, *options):
        of_type, structure = ARRAYS[kind]
        return self.exported(kind, f'[array]\ntype = "{of_type}"\nrows = 5\ncolumns = 4\n'
                             f'[cell]\nstructure = "{structure}"\n', *options)

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

    def test_stages_of_a_chain_act_on_each_other(self):
        """Without that term the layer is no longer the file's."""
        path = self.export("starved")
        file = arrayspice.load(path)
        self.assertIn("neighbour/both", file)
        file.arrays["neighbour/both"][:] = 0.0
        with self.assertRaisesRegex(arrayspice.ModelFileError, "differs from the file's"):
            arrayspice.layer(file)

    def test_coupled_columns_repeat_the_program(self):
        path = self.export("charge-domain", "--set", "wire.coupling_capacitance=5e-16")
        model = arrayspice.layer(path)
        self.assertGreater(float(model.file["column/coupling"]), 0.05)
        self.assertLess(model.check_test_vectors(), 1e-12)
        self.check_gradient(model)
        single = arrayspice.layer(path, dtype=torch.float32)
        self.assertLess(single.check_test_vectors(), 1e-6)

    def test_outputs_at_another_time_are_those_of_the_circuit(self):
        """The same array, read after a quarter of its time."""
        path = self.export("charge-redistribution", "--set", "switch.on_resistance=1e5")
        time = 0.25 * 2e-9
        early = arrayspice.layer(path, readout_time=time)
        circuit = arrayspice.load(self.export(
            "charge-redistribution", "--set", "switch.on_resistance=1e5",
            "--set", f"timing.phase={time}"))
        error = early.test_outputs() - circuit["test/y"]
        late = arrayspice.layer(path).test_outputs() - circuit["test/y"]
        full_scale = early.file.meta["accuracy"]["full_scale"]
        self.assertGreater(np.sqrt(np.mean(late**2)) / full_scale, 5e-3)
        self.assertLess(np.sqrt(np.mean(error**2)) / full_scale, 1e-4)

    def test_readout_times_lie_within_those_of_the_file(self):
        path = self.export("charge-redistribution", "--set", "switch.on_resistance=1e5")
        times = arrayspice.layer(path).settling_times
        self.assertAlmostEqual(float(times[-1]), 4e-9)
        with self.assertRaisesRegex(ValueError, "readout_time is 1e-06 s, the file knows"):
            arrayspice.layer(path, readout_time=1e-6)
        with self.assertRaisesRegex(ValueError, "without a time"):
            arrayspice.layer(self.export("crossing"), readout_time=1e-9)

    def test_converters_give_the_values_of_their_codes(self):
        path = self.export("charge-domain", *CONVERTERS)
        plain, converted = arrayspice.layer(path), arrayspice.layer(path, convert=True)
        y, found = plain.test_outputs(), converted.test_outputs()
        thresholds = converted.adc_thresholds.numpy()
        self.assertEqual(thresholds.shape, (4, 31))
        for j in range(4):
            codes = (y[:, j, None] >= thresholds[j]).sum(1)
            np.testing.assert_array_equal(found[:, j], converted.adc_values.numpy()[codes])
        self.assertGreater(np.abs(np.diff(thresholds, axis=0)).max(), 0.0)
        # The gradient is that of the outputs before the converter, within its range.
        w, x = (torch.tensor(plain.file[f"test/{key}"][0]) for key in "wx")
        gradients = []
        for layer in plain, converted:
            weights = w.clone().requires_grad_()
            layer(weights, x[None]).sum().backward()
            gradients.append(weights.grad)
        inside = ((y[0] > thresholds[:, 0]) & (y[0] < thresholds[:, -1])).nonzero()[0]
        self.assertGreater(len(inside), 0)
        torch.testing.assert_close(gradients[1][:, inside], gradients[0][:, inside])

    def test_noise_has_the_standard_deviation_of_the_file(self):
        path = self.export("charge-domain", *CONVERTERS)
        quiet, noisy = arrayspice.layer(path), arrayspice.layer(path, noise=True)
        w, x = (torch.tensor(quiet.file[f"test/{key}"][0]) for key in "wx")
        torch.manual_seed(1)
        draws = noisy(w, x.expand(4000, -1)) - quiet(w, x[None])
        np.testing.assert_allclose(draws.std(0), noisy.noise_sigma, rtol=0.05)
        np.testing.assert_allclose(noisy.noise_sigma, 1e-3)

    def test_what_a_file_lacks_is_refused(self):
        path = self.export("capacitive-division")
        with self.assertRaisesRegex(ValueError, "without noise"):
            arrayspice.layer(path, noise=True)
        with self.assertRaisesRegex(ValueError, "without a converter"):
            arrayspice.layer(path, convert=True)

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
    exported.PROGRAM = sys.argv.pop(1)
    unittest.main()
