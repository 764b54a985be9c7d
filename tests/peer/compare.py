# SPDX-License-Identifier: Apache-2.0
"""Runs one deck in ngspice and in arrayspice and compares the numbers.

The second line of a deck, `* peer: key=value ...`, states how closely they must agree:
  relative, absolute   DC values: |a - b| <= relative * max(|a|, |b|) + absolute
  waveform, current    transients: |a - b| <= waveform * (largest - smallest value) for
                       voltages, at every time point of ngspice (ours interpolated);
                       `current` for currents, 10 * waveform if not stated
  measure, printed     relative agreement of `.measure` results, of what `.control` prints;
                       a result's own name may state another for it
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import numpy as np

import rawfile

SKIP = 77
VOLTAGE_FLOOR, CURRENT_FLOOR = 1e-12, 1e-15
# Unknowns that ngspice invents for itself when it expands an element.
NGSPICE_INTERNAL = re.compile(r"[$#]|_int\d")


def tolerances(deck):
    """The numbers that the deck's `* peer:` line states."""
    line = deck.read_text(encoding="utf-8").splitlines()[1]
    if not line.startswith("* peer:"):
        sys.exit(f"{deck}: the second line must be '* peer: key=value ...'")
    return {key: float(value) for key, value in re.findall(r"(\w+)=(\S+)", line)}


def run(command, folder):
    """Standard output of a command that ran in the deck's folder."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


def results(text):
    """The `name = value` lines of an output; ngspice adds where a result was found."""
    found = re.findall(
        r"^\s*([\w(),.#]+)\s*=\s*([-+0-9.eE]+)\s*(?:(?:at|from|targ)=.*)?$", text,
        re.MULTILINE)
    return {name.lower(): float(value) for name, value in found}


def wanted(theirs, ours):
    """Variables to compare: every plain voltage and source current must be in ours."""
    for name in theirs.variables[1:]:
        if name in ours.variables:
            yield name
        elif re.match(r"v\(|i\(v", name) and not NGSPICE_INTERNAL.search(name):
            raise AssertionError(f"{name} is not in our file ({', '.join(ours.variables)})")


def compare_values(theirs, ours, limits):
    """Values at the same sweep points; yields (name, error over allowed error)."""
    if ours.values.shape[1] != theirs.values.shape[1]:
        raise AssertionError(
            f"{ours.values.shape[1]} points, ngspice has {theirs.values.shape[1]}")
    for name in wanted(theirs, ours):
        a, b = theirs[name], ours[name]
        floor = VOLTAGE_FLOOR if name.startswith("v") else CURRENT_FLOOR
        allowed = limits["relative"] * np.maximum(abs(a), abs(b)) + limits.get(
            "absolute", floor)
        yield name, float(np.max(abs(a - b) / allowed))


def compare_waveforms(theirs, ours, limits):
    """Waveforms over time; yields (name, error over allowed error)."""
    t = theirs.values[0]
    if not np.isclose(ours.values[0][-1], t[-1], rtol=1e-9):
        raise AssertionError(f"ends at {ours.values[0][-1]:g} s, ngspice at {t[-1]:g} s")
    for name in wanted(theirs, ours):
        a, b = theirs[name], np.interp(t, ours.values[0], ours[name])
        voltage = name.startswith("v")
        share = limits["waveform"] if voltage else limits.get(
            "current", 10 * limits["waveform"])
        floor = VOLTAGE_FLOOR if voltage else CURRENT_FLOOR
        allowed = share * (a.max() - a.min()) + 1e-6 * share * abs(a).max() + floor
        yield name, float(np.max(abs(a - b)) / allowed)


def compare_plots(deck, program, limits, folder):
    """Both programs write all waveforms; every plot is compared."""
    run(["ngspice", "-b", "-r", f"{folder}/theirs.raw", deck.name], deck.parent)
    code, _, errors = run(
        [program, "simulate", deck.name, "-o", f"{folder}/ours.raw", "--format", "raw"],
        deck.parent)
    if code != 0:
        raise AssertionError(f"exit code {code}\n{errors}")
    theirs, ours = rawfile.read(f"{folder}/theirs.raw"), rawfile.read(f"{folder}/ours.raw")
    if len(ours) != len(theirs) or not theirs:
        raise AssertionError(f"{len(ours)} plots, ngspice has {len(theirs)}")
    for a, b in zip(theirs, ours):
        transient = a.variables[0] == "time"
        yield from (compare_waveforms if transient else compare_values)(a, b, limits)


def compare_results(deck, program, limits, key):
    """`.measure` and `print` results on standard output."""
    _, theirs, _ = run(["ngspice", "-b", deck.name], deck.parent)
    code, ours, errors = run([program, "simulate", deck.name], deck.parent)
    if code != 0:
        raise AssertionError(f"exit code {code}\n{errors}")
    expected, found = results(theirs), results(ours)
    if not expected:
        raise AssertionError(f"ngspice printed no result:\n{theirs}")
    for name, a in expected.items():
        if name not in found:
            raise AssertionError(f"{name} is not in our output:\n{ours}")
        allowed = limits.get(name, limits[key]) * max(abs(a), abs(found[name])) + 1e-15
        yield f"{name} ({a:.9g}, ours {found[name]:.9g})", abs(a - found[name]) / allowed


def compare(deck, program, limits):
    """All comparisons that the deck's tolerances ask for."""
    with tempfile.TemporaryDirectory() as folder:
        if "relative" in limits or "waveform" in limits:
            yield from compare_plots(deck, program, limits, folder)
        for key in ("measure", "printed"):
            if key in limits:
                yield from compare_results(deck, program, limits, key)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("deck", type=pathlib.Path)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    if not shutil.which("ngspice"):
        print("skipped: ngspice is not installed (apt-get install ngspice)")
        sys.exit(SKIP)
    deck = arguments.deck.resolve()
    failed = False
    try:
        for name, ratio in compare(deck, arguments.program.resolve(), tolerances(deck)):
            verdict = "ok  " if ratio <= 1.0 else "FAIL"
            failed |= not ratio <= 1.0
            print(f"{verdict} {name}: {ratio:.3g} of the allowed difference")
    except AssertionError as problem:
        print(f"FAIL {problem}")
        failed = True
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
