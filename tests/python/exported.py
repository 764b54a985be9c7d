# SPDX-License-Identifier: Apache-2.0
"""Tests on models that the program exports from small arrays."""

import pathlib
import subprocess
import tempfile
import unittest

PROGRAM = None  # set by the test's main


class ExportedModels(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)

    def exported(self, name, spec_text, *options):
        """The file of a spec's model, made once per name and options."""
        path = pathlib.Path(self.folder.name) / ("-".join((name, *options)) + ".npz")
        if path.exists():
            return path
        spec = path.with_suffix(".toml")
        spec.write_text(spec_text)
        done = subprocess.run([PROGRAM, "export", spec, "-o", path, "--quiet", *options],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return path
