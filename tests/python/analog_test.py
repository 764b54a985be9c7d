# SPDX-License-Identifier: Apache-2.0
"""Layers on arrays: mapping, tiles, converters, variation, calibration, and the referee."""

import pathlib
import sys
import tempfile
import unittest

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "python"))
import arrayspice  # noqa: E402
from arrayspice.evaluate import evaluate, on_circuit, Circuit  # noqa: E402
from circuit import Array  # noqa: E402

PROGRAM = None
ROWS, COLUMNS = 6, 4  # of one tile
SPEC = f"""
[array]
type = "current-domain"
rows = {ROWS}
columns = {COLUMNS}
[cell]
model = "sinh"
[wire]
word_line_resistance = 5.0
bit_line_resistance = 3.0
[driver]
resistance = 50.0
[sense]
resistance = 20.0
[input]
maximum = 0.3
"""


class Ideal(torch.nn.Module):
    """Stands in for a model: the product itself."""

    def __init__(self, model):
        super().__init__()
        self.file, self.dtype = model.file, model.dtype

    def product_gain(self):
        return 1.0

    def forward(self, g, x):
        return x @ g


class AnalogTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        path = self.folder / "model.npz"
        Array(ROWS, COLUMNS).write_model(path, 8, **{"weight/w": np.array([1e-6, 1e-4])})
        self.model = arrayspice.LineModel(path, check=False)
        self.random = torch.Generator().manual_seed(1)

    def inputs(self, *shape):
        return torch.rand(*shape, dtype=torch.float64, generator=self.random)

    def linear(self, inputs, outputs, model=None, **settings):
        torch.manual_seed(2)
        return arrayspice.AnalogLinear(inputs, outputs, model or Ideal(self.model),
                                       arrayspice.AnalogSettings(**settings))

    def test_ideal_arrays_give_the_product_whatever_the_tiling(self):
        for inputs, outputs in ((6, 2), (3, 1), (13, 5)):
            layer = self.linear(inputs, outputs, weight_range=0.7, input_range=2.0)
            x = 4 * self.inputs(3, inputs) - 2
            wanted = x @ layer.matrix.mT + layer.bias
            torch.testing.assert_close(layer(x), wanted)
            torch.testing.assert_close(layer(x.reshape(3, 1, inputs))[:, 0], wanted)

    def test_ideal_arrays_give_the_convolution(self):
        layer = arrayspice.AnalogConv2d(2, 3, 3, Ideal(self.model), stride=2, padding=1)
        x = self.inputs(4, 2, 7, 5)
        kernel = layer.matrix.reshape(3, 2, 3, 3)
        torch.testing.assert_close(
            layer(x), torch.nn.functional.conv2d(x, kernel, layer.bias, 2, 1))

    def test_columns_that_are_not_used_stay_at_the_smallest_conductance(self):
        layer = self.linear(7, 3)
        *_, (rows, outputs) = layer.tiles()
        g = layer.conductances(rows, outputs)
        self.assertEqual(tuple(g.shape), (ROWS, COLUMNS))
        self.assertTrue(bool((g[1:] == 1e-6).all() and (g[:, 2:] == 1e-6).all()))

    def test_the_layer_is_the_model_of_its_conductances(self):
        layer = self.linear(6, 2, self.model)
        x = self.inputs(3, 6)
        (rows, outputs), = layer.tiles()
        i = self.model(layer.conductances(rows, outputs), layer.voltages(x, rows))
        torch.testing.assert_close(layer(x), (i[:, 0::2] - i[:, 1::2]) * layer.per_ampere())

    def test_gradients_reach_weights_and_inputs(self):
        layer = self.linear(8, 3, self.model)
        x = (0.1 + 0.8 * self.inputs(2, 8)).requires_grad_()
        function = lambda w, x: self.with_weights(layer, w, x)
        w = layer.matrix.detach().clone().requires_grad_()
        self.assertTrue(torch.autograd.gradcheck(function, (w, x), eps=1e-6, atol=1e-6,
                                                 rtol=1e-4))

    @staticmethod
    def with_weights(layer, w, x):
        del layer._parameters["matrix"]
        layer.matrix = w
        try:
            return layer(x)
        finally:
            del layer.matrix
            layer.matrix = torch.nn.Parameter(w.detach())

    def test_a_chip_is_frozen_and_no_chip_is_sampled(self):
        x = self.inputs(2, 8)
        frozen = self.linear(8, 3, variation=0.2, chip=4)
        torch.testing.assert_close(frozen(x), frozen(x))
        other = self.linear(8, 3, variation=0.2, chip=5)
        self.assertGreater(float((frozen(x) - other(x)).abs().max()), 1e-3)
        sampled = self.linear(8, 3, variation=0.2)
        self.assertGreater(float((sampled(x) - sampled(x)).abs().max()), 1e-3)

    def test_variation_keeps_the_mean_and_has_its_sigma(self):
        layer = self.linear(8, 3, variation=0.1, chip=1)
        g = torch.full((200, 200), 2e-5, dtype=torch.float64)
        varied = layer._varied(g, 0) / 2e-5
        self.assertAlmostEqual(float(varied.mean()), 1.0, delta=4 * 0.1 / 200)
        self.assertAlmostEqual(float(varied.std()), 0.1, delta=2e-3)

    def test_the_converter_clamps_and_rounds_and_passes_the_gradient(self):
        layer = self.linear(6, 2, adc_range=1e-6, adc_bits=3)
        i = torch.tensor([-2e-6, 0.2e-6, 0.9e-6], dtype=torch.float64, requires_grad=True)
        y = layer._converted(i)
        levels = (y.detach() + 1e-6) / (2e-6 / 7)
        torch.testing.assert_close(levels, levels.round())
        torch.testing.assert_close(y[0].detach(), torch.tensor(-1e-6, dtype=torch.float64))
        y.sum().backward()
        self.assertEqual(i.grad.tolist(), [0.0, 1.0, 1.0])

    def test_ranges_are_learnt_where_asked(self):
        layer = self.linear(6, 2, self.model, input_range=0.8, adc_range=3e-6,
                            learn_ranges=True)
        x = self.inputs(4, 6)
        names = "input_octaves", "adc_octaves"
        gradients = torch.autograd.grad((layer(x) ** 2).sum(),
                                        [layer.get_parameter(name) for name in names])
        for name, gradient in zip(names, gradients):
            sides = []
            for step in (1e-6, -1e-6):
                with torch.no_grad():
                    layer.get_parameter(name).fill_(step)
                    sides.append(float((layer(x) ** 2).sum()))
                    layer.get_parameter(name).zero_()
            self.assertAlmostEqual(float(gradient), (sides[0] - sides[1]) / 2e-6, places=4)
            self.assertNotEqual(float(gradient), 0.0)
        self.assertFalse(self.linear(6, 2).input_octaves.requires_grad)

    def test_noise_is_that_of_the_columns(self):
        layer = self.linear(6, 2, noise=1e-7)
        x = torch.zeros(4000, 6, dtype=torch.float64)
        spread = layer(x).std() / layer.per_ampere()  # of the difference of two columns
        self.assertAlmostEqual(float(spread) / (1e-7 * 2**0.5), 1.0, delta=0.05)

    def test_a_network_goes_onto_arrays_and_is_calibrated_layer_by_layer(self):
        torch.manual_seed(3)
        network = torch.nn.Sequential(
            torch.nn.Conv2d(1, 3, 3, 2, 1), torch.nn.ReLU(), torch.nn.Flatten(),
            torch.nn.Linear(12, 5), torch.nn.ReLU(), torch.nn.Linear(5, 4)).double()
        x = 3 * self.inputs(30, 1, 4, 4)
        analog = arrayspice.on_arrays(network, Ideal(self.model), x, variation=0.0)
        torch.testing.assert_close(analog(x), network(x))
        self.assertEqual(analog[0].settings.input_range, float(x.max()))
        self.assertIsInstance(network[0], torch.nn.Conv2d)
        ideal = analog[0].model
        for layer in (analog[0], analog[3], analog[5]):
            layer.product = lambda g, v: 0.6 * ideal(g, v)
        self.assertGreater(float((analog(x) - network(x)).abs().max()), 1e-2)
        arrayspice.calibrate(analog, x)
        torch.testing.assert_close(analog(x), network(x))
        with self.assertRaisesRegex(ValueError, "padding is same"):
            arrayspice.on_arrays(torch.nn.Conv2d(1, 1, 3, padding="same").double(),
                                 Ideal(self.model), x)

    @unittest.skipUnless(torch.cuda.is_available(), "no CUDA device")
    def test_cuda_gives_the_numbers_of_the_processor(self):
        x = self.inputs(5, 8)
        layer = self.linear(8, 3, self.model, variation=0.1, chip=2, adc_range=1e-5, adc_bits=8)
        wanted = layer(x)
        torch.testing.assert_close(layer.cuda()(x.cuda()).cpu(), wanted)

    def test_calibration_takes_out_gain_and_offset(self):
        layer = self.linear(6, 2)
        ideal = layer.model
        layer.product = lambda g, x: 0.7 * ideal(g, x) + torch.tensor([1e-6, 0, 0, 2e-6])
        x = self.inputs(20, 6)
        layer.calibrate(x)
        torch.testing.assert_close(layer(x), x @ layer.matrix.mT)

    def test_wrong_settings_and_shapes_are_named(self):
        with self.assertRaisesRegex(ValueError, "weight_range is 0"):
            arrayspice.AnalogSettings(weight_range=0.0)
        with self.assertRaisesRegex(ValueError, "adc_bits needs adc_range"):
            arrayspice.AnalogSettings(adc_bits=8)
        with self.assertRaisesRegex(ValueError, r"\(2, 7\), expected \(batch, inputs\) = \(batch, 8"):
            self.linear(8, 3)(self.inputs(2, 7))
        with self.assertRaisesRegex(ValueError, r"\(batch, 2, ., .\)"):
            arrayspice.AnalogConv2d(2, 3, 3, Ideal(self.model))(self.inputs(1, 3, 5, 5))

    def test_the_circuit_is_the_referee(self):
        spec = self.folder / "array.toml"
        spec.write_text(SPEC, encoding="utf-8")
        network = torch.nn.Sequential(self.linear(8, 3, self.model), torch.nn.ReLU())
        x = self.inputs(5, 8)
        predicted = network(x).detach()
        with on_circuit(network, Circuit(PROGRAM, str(spec))):
            found = network(x)
        torch.testing.assert_close(found, predicted, rtol=1e-5, atol=1e-7)
        torch.testing.assert_close(network(x).detach(), predicted)
        labels = predicted.argmax(1)
        report = evaluate(network, x, labels, PROGRAM, str(spec), chips=2)
        self.assertEqual(report.predicted, [1.0, 1.0])
        self.assertEqual(report.circuit, [1.0, 1.0])
        self.assertIn("mean: circuit 100.00 %", str(report))


if __name__ == "__main__":
    PROGRAM = sys.argv[1]
    torch.set_num_threads(1)
    unittest.main(argv=sys.argv[:1], verbosity=2)
