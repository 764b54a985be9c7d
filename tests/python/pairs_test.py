# SPDX-License-Identifier: Apache-2.0
"""Differential pairs, inputs on gates and regulated cascodes in PyTorch: what the program
exported, repeated, differentiated, and near the circuit."""

import pathlib
import sys
import unittest

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "python"))
import arrayspice  # noqa: E402
import exported  # noqa: E402

ROWS, COLUMNS = 6, 4
ARRAYS = {
    "separate": ["array.pairs=separate"],
    "interleaved": ["array.pairs=interleaved", "cell.model=sinh"],
    "gates": ["cell.structure=gate-input"],
    "cascodes": ["sense.kind=regulated-cascode", "sense.offset=1e-3", "sense.gain=1000"],
    "all": ["array.pairs=separate", "cell.structure=gate-input",
            "sense.kind=regulated-cascode", "cell.model=sinh"],
}


class PairsTest(exported.ExportedModels):
    def export(self, name, *options):
        settings = [part for key in ARRAYS[name] for part in ("--set", key)]
        return self.exported(name, f'[array]\ntype = "current-domain"\nrows = {ROWS}\n'
                             f'columns = {COLUMNS}\n', *settings, *options)

    def test_layers_repeat_the_program_and_are_near_the_circuit(self):
        for name in ARRAYS:
            with self.subTest(name):
                model = arrayspice.layer(self.export(name))
                self.assertLess(model.check_test_vectors(), 1e-9)
                y = model.file["test/y"]
                self.assertEqual(y.shape, (40, COLUMNS))
                error = model.test_outputs() - y
                self.assertLess(np.sqrt(np.mean(error**2) / np.mean(y**2)), 1e-4)

    def test_every_tier_takes_pairs(self):
        for tier in "line", "coral":
            model = arrayspice.layer(self.export("separate", "--tier", tier))
            self.assertLess(model.check_test_vectors(), 1e-5)

    def test_single_precision_is_enough(self):
        for name in ARRAYS:
            with self.subTest(name):
                model = arrayspice.layer(self.export(name), dtype=torch.float32)
                self.assertLess(model.check_test_vectors(), 1e-5)

    def test_gradients_are_those_of_finite_differences(self):
        """On numbers of the size of 1; signed weights away from 0, where their cells bend."""
        generator = torch.Generator().manual_seed(3)
        for name in ARRAYS:
            with self.subTest(name):
                model = arrayspice.layer(self.export(name, "--tier", "line"))
                low, high = model.file.meta["validity"]["w"]
                part = 0.1 + 0.8 * torch.rand((ROWS, COLUMNS), generator=generator,
                                              dtype=torch.float64)
                sign = -1.0 if low < 0.0 else 1.0
                w = (part * torch.where(part < 0.5, sign, 1.0)).requires_grad_()
                x = torch.rand((2, ROWS), generator=generator,
                               dtype=torch.float64).requires_grad_()
                top = model.file.meta["validity"]["x"][1]
                size = np.abs(model.file["test/y"]).max()
                self.assertTrue(torch.autograd.gradcheck(
                    lambda w, x: model(high * w, top * x) / size, (w, x), eps=1e-6,
                    atol=1e-5))

    def test_a_network_layer_lies_on_pairs_and_on_gates(self):
        for name, tolerance in ("separate", 0.02), ("gates", 0.1):
            with self.subTest(name):
                torch.manual_seed(1)
                layer = arrayspice.AnalogLinear(
                    9, 3, arrayspice.layer(self.export(name)),
                    arrayspice.AnalogSettings(weight_range=0.4))
                with torch.no_grad():
                    layer.matrix.uniform_(-0.4, 0.4)
                x = torch.rand(50, 9, dtype=torch.float64)
                if name == "gates":
                    x = x.round()
                wanted = x @ layer.matrix.mT
                found = layer(x) - layer.bias
                self.assertLess(float((found - wanted).std() / wanted.std()), tolerance)

    def test_interleaved_pairs_have_no_network_layer(self):
        with self.assertRaisesRegex(ValueError, "interleaved"):
            arrayspice.AnalogLinear(6, 2, arrayspice.layer(self.export("interleaved")))

    def test_formats_of_other_tools_and_tiers_are_refused(self):
        for name, options, message in (
                ("separate", ("--format", "aihwkit"), "without pairs"),
                ("gates", ("--format", "crosssim"), "without pairs"),
                ("gates", ("--tier", "awl"), "inputs are gates"),
                ("interleaved", ("--tier", "coral"), "need both signs")):
            with self.subTest((name, options)):
                with self.assertRaisesRegex(AssertionError, message):
                    self.export(name, *options)


if __name__ == "__main__":
    exported.PROGRAM = sys.argv.pop(1)
    unittest.main()
