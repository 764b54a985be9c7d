# SPDX-License-Identifier: Apache-2.0
"""Runs what the examples and the README say and compares the numbers they state.

A sample run is a line `$ arrayspice ...`; the `name = value` lines below it must be in its
output, equal to the digits stated. CONTRIBUTING's device must compile.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SUFFIX = {"": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15, "k": 1e3, "meg": 1e6}
RESULT = re.compile(r"([\w().,]+) = ([-+]?[0-9.]+(?:e[-+]?\d+)?)([a-z]*)$")
PROGRAM, COMPILER, INCLUDES = None, None, None


def number(digits, suffix):
    return float(digits) * SUFFIX[suffix]


def last_digit(digits, suffix):
    """Half a unit of the last digit stated."""
    mantissa, _, exponent = digits.partition("e")
    places = len(mantissa.partition(".")[2])
    return 0.5 * 10.0 ** (int(exponent or 0) - places) * SUFFIX[suffix]


def sample_runs(path):
    """(command, [(name, digits, suffix)]) of a file's comment or console lines."""
    runs = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if path.suffix != ".md" and not line.startswith(("*", "#")):
            continue
        text = line.lstrip("*# ").rstrip()
        if text.startswith("$ "):
            runs.append((text[2:], []))
        elif runs and (match := RESULT.match(text)):
            runs[-1][1].append(match.groups())
    return runs


class SampleRuns(unittest.TestCase):
    def check(self, path):
        runs = [run for run in sample_runs(path) if "arrayspice" in run[0].split()[0]]
        self.assertTrue(runs, f"{path} states no sample run")
        with tempfile.TemporaryDirectory() as folder:
            os.symlink(ROOT / "examples", f"{folder}/examples")
            for command, expected in runs:
                with self.subTest(command=command):
                    self.run_one(folder, command, expected)

    def run_one(self, folder, command, expected):
        words = command.split()
        done = subprocess.run([PROGRAM, *words[1:]], cwd=folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        found = dict(re.findall(r"^([\w().,]+) = (\S+)(?: \S+)?$", done.stdout, re.MULTILINE))
        for name, digits, suffix in expected:
            self.assertIn(name, found, done.stdout)
            exact = number(digits, suffix)
            allowed = max(last_digit(digits, suffix), 1e-12 * abs(exact))
            self.assertLessEqual(abs(float(found[name]) - exact), allowed,
                                 f"{name} = {found[name]}, stated {digits}{suffix}")


def add_sample_runs():
    """One test per file, so that each is named."""
    files = [path for path in sorted((ROOT / "examples").rglob("*"))
             if path.suffix in {".cir", ".toml"}]
    for path in [*files, ROOT / "README.md"]:
        name = "test_" + re.sub(r"\W", "_", str(path.relative_to(ROOT)))
        setattr(SampleRuns, name, lambda self, path=path: self.check(path))


class Contributing(unittest.TestCase):
    def test_the_device_it_shows_compiles(self):
        text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
        code = re.search(r"```cpp\n(.*?)```", text, re.DOTALL).group(1)
        code = code.replace("#pragma once\n", "") + (
            "\ntemplate class arrayspice::Block<arrayspice::SaturatingCell>;\n")
        done = subprocess.run(
            [COMPILER, "-std=c++20", "-fsyntax-only", f"-I{ROOT}",
             *(f"-isystem{folder}" for folder in INCLUDES), "-x", "c++", "-"],
            input=code, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    PROGRAM, COMPILER, *INCLUDES = sys.argv[1:]
    add_sample_runs()
    unittest.main(argv=sys.argv[:1], verbosity=2)
