# SPDX-License-Identifier: Apache-2.0
"""Every format of `export`, read back by what its users use."""

import csv
import ctypes
import ctypes.util
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np

try:
    import h5py
except ImportError:
    h5py = None

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "python"))
import arrayspice  # noqa: E402

PROGRAM = None
SPEC = """
[array]
type = "current-domain"
rows = 12
columns = 10
[cell]
model = "sinh"
[wire]
word_line_resistance = 10.0
bit_line_resistance = 10.0
[input]
maximum = 0.3
[variation]
conductance_sigma = 0.1
"""


def read_hdf5(path, name, shape):
    """A dataset by h5py, or by the HDF5 library itself where only that is installed."""
    if h5py is not None:
        with h5py.File(path) as file:
            return file[name][()]
    library = ctypes.util.find_library("hdf5_serial") or ctypes.util.find_library("hdf5")
    if library is None:
        raise unittest.SkipTest("neither python3-h5py nor the HDF5 library is installed")
    hdf5 = ctypes.CDLL(library)
    identifier = ctypes.c_int64
    for function in hdf5.H5Fopen, hdf5.H5Dopen2, hdf5.H5Dget_space:
        function.restype = identifier
    hdf5.H5open()
    double = identifier.in_dll(hdf5, "H5T_NATIVE_DOUBLE_g")
    file = identifier(hdf5.H5Fopen(str(path).encode(), 0, identifier(0)))
    dataset = identifier(hdf5.H5Dopen2(file, name.encode(), identifier(0)))
    sizes = (ctypes.c_uint64 * 8)()
    rank = hdf5.H5Sget_simple_extent_dims(identifier(hdf5.H5Dget_space(dataset)), sizes, None)
    if tuple(sizes[:rank]) != shape:
        raise AssertionError(f"{name} has shape {tuple(sizes[:rank])}, expected {shape}")
    values = np.empty(shape)
    failed = hdf5.H5Dread(dataset, double, identifier(0), identifier(0), identifier(0),
                          ctypes.c_void_p(values.ctypes.data))
    hdf5.H5Dclose(dataset)
    hdf5.H5Fclose(file)
    if failed < 0:
        raise AssertionError(f"the HDF5 library cannot read {name}")
    return values


class FormatsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.spec = cls.folder / "array.toml"
        cls.spec.write_text(SPEC, encoding="utf-8")
        cls.npz = arrayspice.load(cls.export("npz", "model.npz"))

    @classmethod
    def export(cls, form, name, *options):
        path = cls.folder / name
        subprocess.run([PROGRAM, "export", cls.spec, "-o", path, "--format", form,
                        "--max-error", "1e-3", "--quiet", *options], check=True,
                       capture_output=True)
        return path

    def table(self, path):
        with open(path, encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream))
        return rows[0], np.array(rows[1:], dtype=float)

    def test_safetensors_holds_the_same_members(self):
        file = arrayspice.load(self.export("safetensors", "model.safetensors"))
        self.assertEqual(file.arrays.keys(), self.npz.arrays.keys())
        for name, values in file.arrays.items():
            np.testing.assert_array_equal(values, self.npz[name])
        self.assertEqual(file.meta["accuracy"], self.npz.meta["accuracy"])

    def test_hdf5_holds_the_same_members(self):
        path = self.export("hdf5", "model.h5")
        for name, values in self.npz.arrays.items():
            found = read_hdf5(path, name, values.shape)
            np.testing.assert_array_equal(found, values)

    @unittest.skipIf(h5py is None, "python3-h5py is not installed")
    def test_hdf5_is_loaded_with_h5py(self):
        file = arrayspice.load(self.export("hdf5", "model.hdf5"))
        self.assertEqual(file.arrays.keys(), self.npz.arrays.keys())
        self.assertEqual(file.meta["accuracy"], self.npz.meta["accuracy"])

    def test_csv_holds_the_same_members(self):
        folder = self.export("csv", "csv")
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        self.assertEqual(meta["accuracy"], self.npz.meta["accuracy"])
        for name, values in self.npz.arrays.items():
            _, found = self.table(folder / (name.replace("/", "_") + ".csv"))
            np.testing.assert_array_equal(found.ravel(), values.ravel())

    def test_neurosim_reads_states_and_outputs(self):
        folder = self.export("neurosim", "neurosim")
        header, states = self.table(folder / "mem_states.csv")
        self.assertEqual(header, ["states", "mean", "std"])
        np.testing.assert_array_equal(states[:, 0], np.arange(len(states)))
        np.testing.assert_allclose(states[[0, -1], 1], [1e-6, 1e-4])
        np.testing.assert_allclose(states[:, 2], 0.1 * states[:, 1])
        header, outputs = self.table(folder / "output_noise.csv")
        self.assertEqual(header, ["output", "mean", "std"])
        np.testing.assert_array_equal(outputs[:, 0], np.arange(32))
        self.assertTrue((outputs[:, 2] >= 0).all())
        # What the table says of a code is what the held-out solves say of their ideal.
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        ideal = np.einsum("ni,nij->nj", self.npz["test/x"], self.npz["test/w"])
        code = np.round(ideal / meta["ampere_per_code"])
        at = code == 5
        self.assertEqual(meta["outputs_per_code"][5], at.sum())
        mean = (self.npz["test/y"] / ideal * 5)[at].mean()
        self.assertAlmostEqual(outputs[5, 1], mean, places=9)

    def test_a_dataset_holds_circuit_solves(self):
        folder = self.export("dataset", "dataset", "--samples", "7")
        v, g, i, ideal = (np.load(folder / f"{name}.npy") for name in
                          ("V", "G", "I", "I_ideal"))
        self.assertEqual((v.shape, g.shape, i.shape), ((7, 12), (7, 12, 10), (7, 10)))
        np.testing.assert_allclose(ideal, np.einsum("ni,nij->nj", v, g))
        np.save(self.folder / "w.npy", g[3])
        np.save(self.folder / "x.npy", v[3:4])
        subprocess.run([PROGRAM, "mvm", self.spec, "--weights", self.folder / "w.npy",
                        "--inputs", self.folder / "x.npy", "-o", self.folder / "y.npy",
                        "--quiet", "--set", "variation.conductance_sigma=0"], check=True)
        np.testing.assert_allclose(np.load(self.folder / "y.npy")[0], i[3], rtol=1e-9)
        for sample in self.npz["test/x"]:
            self.assertFalse((sample == v).all(1).any())

    def test_an_unknown_format_is_an_error_that_says_what_there_is(self):
        done = subprocess.run([PROGRAM, "export", self.spec, "-o", self.folder / "m.h5",
                               "--format", "onnx"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("npz, safetensors, hdf5, csv", done.stderr)


if __name__ == "__main__":
    PROGRAM = sys.argv[1]
    unittest.main(argv=sys.argv[:1], verbosity=2)
