# SPDX-License-Identifier: Apache-2.0
"""From the program's export to the PyTorch layer and back to the circuit: 64 x 64 arrays with
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
SPEC = """
[array]
type = "current-domain"
rows = 64
columns = 64
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

    def exported(self, model, maximum):
        spec, path = self.folder / "array.toml", self.folder / "model.npz"
        spec.write_text(SPEC.format(model=model, maximum=maximum), encoding="utf-8")
        self.run_program("export", spec, "-o", path, "--max-error", "1e-3")
        return spec, path

    def check(self, model, maximum):
        spec, path = self.exported(model, maximum)
        file = arrayspice.load(path)
        self.assertGreaterEqual(len(file["test/x"]), 32)
        for dtype in (torch.float64, torch.float32):
            layer = arrayspice.LineModel(file, dtype=dtype)
            with torch.no_grad():
                found = np.concatenate([
                    layer(torch.tensor(w, dtype=dtype), torch.tensor(x[None], dtype=dtype))
                    for w, x in zip(file["test/w"], file["test/x"])])
            self.assertLess(error(found, file["test/model"]), 1e-5)
            self.assertLess(error(found, file["test/y"]), 1e-3)
        self.assertAlmostEqual(file.meta["accuracy"]["nrmse"],
                               error(file["test/model"], file["test/y"]), delta=1e-9)
        self.check_circuit(spec, file)

    def check_circuit(self, spec, file):
        """`mvm` reproduces the circuit solves that the file holds."""
        for sample in (0, len(file["test/x"]) - 1):
            np.save(self.folder / "w.npy", file["test/w"][sample])
            np.save(self.folder / "x.npy", file["test/x"][sample : sample + 1])
            self.run_program("mvm", spec, "--weights", self.folder / "w.npy", "--inputs",
                             self.folder / "x.npy", "-o", self.folder / "y.npy")
            found = np.load(self.folder / "y.npy")[0]
            self.assertLess(error(found, file["test/y"][sample]), 1e-9)

    def test_an_ohmic_array_goes_to_torch_and_back(self):
        self.check("ohmic", 0.2)

    def test_a_sinh_array_goes_to_torch_and_back(self):
        self.check("sinh", 0.5)


if __name__ == "__main__":
    PROGRAM = sys.argv[1]
    torch.set_num_threads(1)
    unittest.main(argv=sys.argv[:1], verbosity=2)
