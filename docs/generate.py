#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the reference pages from the program's own tables; `./dev docs` runs it."""

import argparse
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[1]


def output_of(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def messages():
    """The page of message codes, from the one list of them."""
    text = (ROOT / "netlists/messages.hpp").read_text(encoding="utf-8")
    rows = re.findall(r'\{\s*"([EWN]\d{4})",\s*((?:"[^"]*"\s*)+)\}', text)
    lines = ["# Messages", "", "Made from `netlists/messages.hpp` by `./dev docs`.", "",
             "| code | meaning |", "|---|---|"]
    for code, literals in sorted(rows):
        meaning = "".join(re.findall(r'"([^"]*)"', literals))
        lines.append(f"| {code} | {meaning} |")
    return "\n".join(lines) + "\n"


def commands(program):
    """What `--help` of the program and of every verb says."""
    top = output_of(program, "--help")
    verbs = re.findall(r"^  (\w+)\b", top, re.MULTILINE)
    parts = ["# Command line", "", "```", top.rstrip(), "```"]
    for verb in verbs:
        parts += ["", f"## {verb}", "", "```", output_of(program, verb, "--help").rstrip(), "```"]
    return "\n".join(parts) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    program = arguments.program.resolve()
    reference = program.with_name("arrayspice_reference")
    pages = {
        "devices.md": output_of(reference, "devices"),
        "options.md": output_of(reference, "options"),
        "spec.md": output_of(reference, "spec"),
        "messages.md": messages(),
        "commands.md": commands(program),
    }
    arguments.output.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        (arguments.output / name).write_text(text, encoding="utf-8")
        print(arguments.output / name)


if __name__ == "__main__":
    main()
