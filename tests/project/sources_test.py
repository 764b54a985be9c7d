# SPDX-License-Identifier: Apache-2.0
"""What a tool can check, no reviewer does: include direction, licence lines, file size,
message codes that are unique."""

import collections
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAYERS = ["solver", "devices", "netlists", "behavior", "tools"]  # each may include the left ones
MOST_LINES = 500


def sources(*folders):
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".cpp", ".hpp"}:
                yield path


def includes(path):
    text = path.read_text(encoding="utf-8")
    return re.findall(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', text, re.MULTILINE)


class Layers(unittest.TestCase):
    def test_no_layer_includes_one_above_it(self):
        wrong = []
        for path in sources(*LAYERS):
            level = LAYERS.index(path.relative_to(ROOT).parts[0])
            for quote, name in includes(path):
                layer = name.split("/")[0]
                if quote == '"' and layer in LAYERS and LAYERS.index(layer) > level:
                    wrong.append(f"{path.relative_to(ROOT)} includes {name}")
        self.assertEqual(wrong, [])

    def test_boost_stays_in_tools(self):
        wrong = [
            str(path.relative_to(ROOT))
            for path in sources(*LAYERS[:-1])
            for _, name in includes(path)
            if name.startswith("boost/")
        ]
        self.assertEqual(wrong, [])

    def test_own_headers_are_named_from_the_root(self):
        wrong = [
            f"{path.relative_to(ROOT)} includes {name}"
            for path in sources(*LAYERS)
            for quote, name in includes(path)
            if quote == '"' and not name.startswith("hwy/") and not (ROOT / name).is_file()
        ]
        self.assertEqual(wrong, [])


class Files(unittest.TestCase):
    def test_every_source_states_the_licence_first(self):
        wrong = []
        for path in sources(*LAYERS, "tests", "bench"):
            first = path.read_text(encoding="utf-8").partition("\n")[0]
            if first != "// SPDX-License-Identifier: Apache-2.0":
                wrong.append(str(path.relative_to(ROOT)))
        self.assertEqual(wrong, [])

    def test_no_source_is_longer_than_the_limit(self):
        wrong = [
            f"{path.relative_to(ROOT)}: {lines} lines"
            for path in sources(*LAYERS)
            if (lines := path.read_text(encoding="utf-8").count("\n")) > MOST_LINES
        ]
        self.assertEqual(wrong, [])


class Messages(unittest.TestCase):
    def test_a_message_code_has_one_definition(self):
        text = (ROOT / "netlists/messages.hpp").read_text(encoding="utf-8")
        codes = collections.Counter(re.findall(r"\b[EWN]\d{4}\b", text))
        self.assertGreater(len(codes), 0)
        self.assertEqual([code for code, n in codes.items() if n > 1], [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
