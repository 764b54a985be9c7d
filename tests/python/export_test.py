# SPDX-License-Identifier: Apache-2.0
"""From the program's export to the PyTorch layer and back to the circuit: arrays with
2.5 ohm segments, ohmic at 0.2 V and sinh at 0.5 V."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "python"))
import arrayspice  # noqa: E402

PROGRAM = None
SIZE = 40
SPEC = """
[array]
type = "current-domain"
rows = {size}
columns = {size}
[cell]
model = "{model}"
[wire]
word_line_resistance = 2.5
bit_line_resistance = 2.5
[driver]
resistance = 20.0
[sense]
resistance = 10.0
[input]
maximum = {maximum}
"""


def error(found, expected):
    return float(np.sqrt(np.mean((found - expected) ** 2) / np.mean(expected**2)))


class ExportTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_program(self, *arguments):
        done = subprocess.run([PROGRAM, *map(str, arguments), "--quiet"], capture_output=True,
                              text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def exported(self, model, maximum, *options):
        spec, path = self.folder / "array.toml", self.folder / "model.npz"
        spec.write_text(SPEC.format(model=model, maximum=maximum, size=SIZE), encoding="utf-8")
        if "--max-error" not in options:
            options = (*options, "--max-error", "1e-3")
        self.run_program("export", spec, "-o", path, *options)
        return spec, path

    def check(self, model, maximum):
        spec, path = self.exported(model, maximum)
        file = arrayspice.load(path)
        self.assertGreaterEqual(len(file["test/x"]), 32)
        for dtype in (torch.float64, torch.float32):
            layer = arrayspice.layer(file, dtype=dtype)
            with torch.no_grad():
                found = layer.test_outputs()
            self.assertLess(error(found, file["test/model"]),
                            1e-9 if dtype == torch.float64 else 1e-5)
            self.assertLess(error(found, file["test/y"]), 1e-3)
        self.assertAlmostEqual(file.meta["accuracy"]["nrmse"],
                               error(file["test/model"], file["test/y"]), delta=1e-9)
        self.check_circuit(spec, file)
        self.check_gradient(spec, file)

    def check_gradient(self, spec, file, bound=1e-2):
        """Backward of the layer against differences of circuit solves along one direction."""
        layer, random = arrayspice.layer(file), np.random.default_rng(5)
        w, x = file["test/w"][0], file["test/x"][:1]
        output = random.normal(size=w.shape[1])
        tensors = [torch.tensor(a, requires_grad=True) for a in (w, x)]
        layer(*tensors)[0].dot(torch.tensor(output)).backward()
        for tensor, of in zip(tensors, (w, x)):
            step = 1e-3 * of.mean() * random.normal(size=of.shape)
            if of is w:  # no cell leaves its range
                step *= (w > 2e-6) & (w < 9.8e-5)
            slope = float((tensor.grad * torch.tensor(step)).sum())
            sides = [self.circuit(spec, w + s * step if of is w else w,
                                  x + s * step if of is x else x) for s in (0.5, -0.5)]
            self.assertAlmostEqual(slope / float((sides[0] - sides[1])[0] @ output), 1.0,
                                   delta=bound)

    def circuit(self, spec, w, x):
        np.save(self.folder / "w.npy", w)
        np.save(self.folder / "x.npy", x)
        self.run_program("mvm", spec, "--weights", self.folder / "w.npy", "--inputs",
                         self.folder / "x.npy", "-o", self.folder / "y.npy")
        return np.load(self.folder / "y.npy")

    def check_circuit(self, spec, file):
        """`mvm` reproduces the circuit solves that the file holds."""
        for sample in (0, len(file["test/x"]) - 1):
            found = self.circuit(spec, file["test/w"][sample],
                                 file["test/x"][sample : sample + 1])[0]
            self.assertLess(error(found, file["test/y"][sample]), 1e-9)

    def test_an_ohmic_array_goes_to_torch_and_back(self):
        self.check("ohmic", 0.2)

    def test_a_sinh_array_goes_to_torch_and_back(self):
        self.check("sinh", 0.5)

    def test_the_line_tier_goes_to_torch_too(self):
        spec, path = self.exported("sinh", 0.5, "--tier", "line")
        file = arrayspice.load(path)
        self.assertEqual(file.tier, "line")
        self.assertLess(error(arrayspice.layer(file).test_outputs(), file["test/model"]),
                        1e-9)

    def test_matrix_products_go_to_torch_too(self):
        spec, path = self.exported("sinh", 0.5, "--tier", "coral", "--max-error", "2.5e-3")
        file = arrayspice.load(path)
        self.assertEqual(file.tier, "coral")
        self.assertGreaterEqual(file["test/x"].min(), 0.0)
        for dtype, bound in ((torch.float64, 1e-9), (torch.float32, 1e-4)):
            found = arrayspice.layer(file, dtype=dtype, check=False).test_outputs()
            self.assertLess(error(found, file["test/model"]), bound)
        self.check_gradient(spec, file, 5e-2)

    def test_a_frozen_matrix_goes_to_torch_too(self):
        weights = self.folder / "weights.npy"
        w = np.random.default_rng(1).uniform(1e-6, 1e-4, (SIZE, SIZE))
        np.save(weights, w)
        spec, path = self.exported("ohmic", 0.2, "--tier", "frozen", "--weights", weights)
        layer = arrayspice.layer(path)
        x = torch.tensor(layer.file["test/x"][:3], requires_grad=True)
        found = layer(None, x)
        self.assertLess(error(found.detach().numpy(), self.circuit(spec, w, x.detach())), 1e-9)
        found[:, 2].sum().backward()
        np.testing.assert_allclose(x.grad[0], layer.file["frozen/G"][:, 2])
        with self.assertRaisesRegex(ValueError, "is frozen: it holds for its own"):
            layer(torch.tensor(w) * 0.9, x)


if __name__ == "__main__":
    PROGRAM = sys.argv[1]
    torch.set_num_threads(1)
    unittest.main(argv=sys.argv[:1], verbosity=2)
