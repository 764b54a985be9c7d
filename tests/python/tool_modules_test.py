# SPDX-License-Identifier: Apache-2.0
"""The modules for aihwkit and CrossSim, used as their users would. Neither tool is a Debian
package: the stand-ins below have the classes that the modules build on, with the signatures
of their public documentation."""

import abc
import dataclasses
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile
import types
import unittest

import numpy as np
import torch

PROGRAM = None
ROWS, COLUMNS = 12, 10
SPEC = f"""
[array]
type = "current-domain"
rows = {ROWS}
columns = {COLUMNS}
[cell]
model = "sinh"
[wire]
word_line_resistance = 10.0
bit_line_resistance = 20.0
[input]
maximum = 0.3
[variation]
conductance_sigma = 0.1
"""


class BaseNoiseModel:
    def __init__(self, g_converter=None):
        self.g_converter = g_converter


@dataclasses.dataclass
class Converter:
    g_max: float
    g_min: float


@dataclasses.dataclass
class IOParameters:
    inp_res: float = 1 / 126
    out_res: float = 1 / 510
    inp_bound: float = 1.0
    out_bound: float = 12.0
    out_scale: float = 1.0
    out_noise: float = 0.06
    ir_drop: float = 0.0
    ir_drop_g_ratio: float = 1 / 0.35 / 5e-6
    out_nonlinearity: float = 0.0
    noise_management: str = "ABS_MAX"
    bound_management: str = "ITERATIVE"
    is_perfect: bool = False

    def matmul(self, weight, x):
        """aihwkit's steady-state formulas, as documented, without noise."""
        n = x.shape[1]
        a = n / self.ir_drop_g_ratio * (np.abs(x) @ np.abs(weight).T)
        c = a * (a * (0.05 * a - 0.2) + 0.5)
        y = x @ weight.T - self.ir_drop * c * (
            (x * (1 - (1 - np.arange(n) / n) ** 2)) @ weight.T)
        return self.out_scale * y / (1 + self.out_nonlinearity * np.abs(y))


@dataclasses.dataclass
class WeightModifierParameter:
    type: str
    coeffs: list
    std_dev: float
    rel_to_actual_wmax: bool
    assumed_wmax: float


@dataclasses.dataclass
class Configuration:
    forward: IOParameters = dataclasses.field(default_factory=IOParameters)
    mapping: types.SimpleNamespace = dataclasses.field(default_factory=types.SimpleNamespace)


class TorchSimulatorTile(torch.nn.Module):
    def __init__(self, x_size, d_size, rpu_config, bias=False):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(d_size, x_size))


class EmptyDevice:
    def __init__(self, device_params, weight_error_params):
        self.device_params = device_params


class IADC(abc.ABC):
    @abc.abstractmethod
    def set_limits(self, matrix):
        self.min, self.max = -float(matrix.shape[1]), float(matrix.shape[1])

    @abc.abstractmethod
    def convert(self, vector):
        ...


class IArray(abc.ABC):
    @abc.abstractmethod
    def solve_mvm_parasitics(self, vector, matrix, row_in=True):
        ...


def names(*all_names):
    return types.SimpleNamespace(**{name: name for name in all_names})


STAND_INS = {
    "aihwkit.inference.converter.conductance": {"SinglePairConductanceConverter": Converter},
    "aihwkit.inference.noise.base": {"BaseNoiseModel": BaseNoiseModel},
    "aihwkit.simulator.configs": {"InferenceRPUConfig": Configuration,
                                  "TorchInferenceRPUConfig": Configuration},
    "aihwkit.simulator.parameters.enums": {
        "BoundManagementType": names("NONE"), "NoiseManagementType": names("NONE"),
        "WeightModifierType": names("POLY")},
    "aihwkit.simulator.parameters.inference": {
        "WeightModifierParameter": WeightModifierParameter},
    "aihwkit.simulator.parameters.io": {"IOParameters": IOParameters},
    "aihwkit.simulator.tiles.torch_tile": {"TorchSimulatorTile": TorchSimulatorTile},
    "simulator.circuits.adc.iadc": {"IADC": IADC},
    "simulator.circuits.array.iarray": {"IArray": IArray},
    "simulator.devices.idevice": {"EmptyDevice": EmptyDevice},
}


def install_stand_ins():
    for path, members in STAND_INS.items():
        parts = path.split(".")
        for k in range(1, len(parts) + 1):
            sys.modules.setdefault(".".join(parts[:k]), types.ModuleType(parts[k - 1]))
        vars(sys.modules[path]).update(members)


def imported(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def error(found, expected):
    return float(np.sqrt(np.mean((found - expected) ** 2) / np.mean(expected**2)))


class ToolModulesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        install_stand_ins()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        (cls.folder / "array.toml").write_text(SPEC, encoding="utf-8")
        cls.aihwkit = imported(cls.export("aihwkit", "model.py"))
        cls.crosssim_folder = cls.export("crosssim", "crosssim")
        cls.crosssim = imported(cls.crosssim_folder / "crosssim_model.py")
        cls.file = np.load(cls.export("npz", "layer.npz"))
        cls.test = [cls.file[f"test/{name}"] for name in "wxy"]

    @classmethod
    def export(cls, form, name):
        path = cls.folder / name
        subprocess.run([PROGRAM, "export", cls.folder / "array.toml", "-o", path, "--format",
                        form, "--max-error", "1e-3", "--quiet"], check=True,
                       capture_output=True)
        return path

    def pairs(self):
        """Weights and inputs in [-1, 1] of the held-out solves, and their outputs."""
        w, x, y = self.test
        span = 1e-4 - 1e-6
        return ((w[:, :, 0::2] - w[:, :, 1::2]).transpose(0, 2, 1) / span, x / 0.3,
                (y[:, 0::2] - y[:, 1::2]) / (span * 0.3))

    def test_the_modules_carry_the_whole_package(self):
        """A file that is missing has to be added to behavior/CMakeLists.txt."""
        package = pathlib.Path(__file__).resolve().parents[2] / "python" / "arrayspice"
        carried = pathlib.Path(self.aihwkit._unpacked()) / "arrayspice"
        self.assertEqual({file.name for file in carried.glob("*.py")},
                         {file.name for file in package.glob("*.py")})

    def test_aihwkits_own_parameters_are_as_far_off_as_they_say(self):
        parameters = self.aihwkit.PARAMETERS
        io = self.aihwkit.fitted_config().forward
        self.assertAlmostEqual(io.ir_drop_g_ratio, 1 / 20.0 / 1e-4)
        weights, inputs, outputs = self.pairs()
        reverse = slice(None, None, -1)  # aihwkit's input 0 is at the sense end
        found = np.concatenate([io.matmul(w[:, reverse], x[None, reverse])
                                for w, x in zip(weights, inputs)])
        self.assertAlmostEqual(error(found, outputs), parameters["io_error"], places=6)
        self.assertAlmostEqual(np.std(found - outputs) / io.out_scale / io.out_noise, 1.0,
                               delta=0.02)
        ideal = np.einsum("soi,si->so", weights, inputs)
        self.assertAlmostEqual(error(ideal, outputs),
                               parameters["io_error_of_the_ideal_product"], places=6)
        self.assertLess(parameters["io_error"], parameters["io_error_of_the_ideal_product"])

    def test_the_weight_modifier_is_the_spread_of_the_noise_model(self):
        noise, modifier = self.aihwkit.ArrayNoiseModel(), self.aihwkit.weight_modifier()
        torch.manual_seed(1)
        for w in 0.0, 0.5, 1.0:
            g = torch.tensor([1.0 + 99.0 * w, 1.0]).repeat(40000, 1)
            noisy = noise.apply_programming_noise_to_conductance(g)
            self.assertTrue(torch.equal(noise.apply_drift_noise_to_conductance(
                noisy, noise.generate_drift_coefficients(g), 10.0), noisy))
            difference = (noisy[:, 0] - noisy[:, 1]) / 99.0
            self.assertAlmostEqual(float(difference.mean()), w, delta=2e-3)
            sigma = modifier.std_dev * sum(c * w**k for k, c in enumerate(modifier.coeffs))
            self.assertAlmostEqual(float(difference.std()), sigma, delta=1.5e-3)
        self.assertAlmostEqual(noise.g_converter.g_max, 100.0)
        self.assertAlmostEqual(noise.g_converter.g_min, 1.0)

    def test_aihwkits_tile_is_the_array(self):
        config = self.aihwkit.tile_config()
        self.assertEqual((config.mapping.max_input_size, config.mapping.max_output_size),
                         (ROWS, COLUMNS // 2))
        weights, inputs, outputs = self.pairs()
        for k in np.flatnonzero((self.test[0].min(1) == 1e-6).all(1))[:3]:
            tile = config.simulator_tile_class(ROWS, COLUMNS // 2, config)
            # Only pairs with one cell at the smallest conductance are a weight.
            exact = self.test[0][k].reshape(ROWS, -1, 2).min(2).max(0) == 1e-6
            tile.weight.data = torch.tensor(weights[k], dtype=torch.float32)
            y = tile(torch.tensor(inputs[k][None], dtype=torch.float32), is_test=True)
            self.assertLess(np.abs(y.detach().numpy()[0] - outputs[k])[exact].max(), 1e-3)
        y.sum().backward()
        self.assertGreater(float(tile.weight.grad.abs().min()), 0.0)
        first, second = (tile(torch.ones(1, ROWS)) for _ in range(2))
        self.assertGreater(float((first - second).abs().max()), 1e-4)  # chips differ

    def test_crosssim_reads_its_parameters(self):
        text = (self.crosssim_folder / "crosssim.json").read_text(encoding="utf-8")
        xbar = json.loads(text)["xbar"]
        self.assertAlmostEqual(xbar["device"]["Rmin"], 1e4)
        self.assertAlmostEqual(xbar["device"]["Rmax"], 1e6)
        self.assertEqual(xbar["array"]["parasitics"]["Rp_col"], 20.0)
        self.assertEqual(xbar["device"]["programming_error"],
                         {"enable": True, "model": "ArraySpiceDevice", "magnitude": 0.1})
        for name in (xbar["device"]["nonlinear_IV"]["model"], xbar["adc"]["mvm"]["model"]):
            self.assertTrue(hasattr(self.crosssim, name))

    def test_crosssims_array_is_the_circuit(self):
        array = self.crosssim.ArraySpiceArray()
        w, x, y = self.test
        matrix, vector, current = w[3].T / 1e-4, x[3] / 0.3, y[3] / (1e-4 * 0.3)
        found = array.solve_mvm_parasitics(vector, matrix)
        self.assertLess(error(found, current), 1e-3)
        batch = np.stack([vector, 0.5 * vector], 1)
        np.testing.assert_allclose(array.solve_mvm_parasitics(batch, matrix)[:, 0], found)
        windows = batch.T[:, :, None]
        np.testing.assert_allclose(array.solve_mvm_parasitics(windows, matrix)[0, :, 0],
                                   found)
        with self.assertRaises(NotImplementedError):
            array.solve_mvm_parasitics(vector, matrix, row_in=False)

    def test_crosssims_device_is_the_cell(self):
        device = self.crosssim.ArraySpiceDevice(None, None)
        g, v = np.array([[0.1, 0.9], [0.4, 0.2]]), np.array([0.5, 1.0])
        law = 0.25 * np.sinh(0.3 * v / 0.25) / 0.3
        np.testing.assert_allclose(device.nonlinear_current(g, np.tile(v, (2, 1))), g * law,
                                   rtol=1e-4)
        np.testing.assert_allclose(device.nonlinear_current_sum(g, v), g @ law, rtol=1e-4)
        np.random.seed(1)
        noisy = device.programming_error(np.full((200, 200), 0.5))
        self.assertAlmostEqual(noisy.mean(), 0.5, delta=2e-3)
        self.assertAlmostEqual(noisy.std() / 0.5, 0.1, delta=2e-3)

    def test_crosssims_converter_rounds(self):
        adc = self.crosssim.ArraySpiceADC()
        adc.set_limits(np.zeros((4, 3)))
        adc.bits = 3
        np.testing.assert_allclose(adc.convert(np.array([-9.0, 0.5, 2.9])),
                                   [-3.0, 3.0 / 7.0, 3.0])
        adc.bits = 0
        self.assertEqual(adc.convert(np.array([0.123]))[0], 0.123)


if __name__ == "__main__":
    PROGRAM = sys.argv[1]
    torch.set_num_threads(1)
    unittest.main(argv=sys.argv[:1], verbosity=2)
