# SPDX-License-Identifier: Apache-2.0
"""Crossbar decks in the common dialect: word lines driven through 100 ohm, 1 ohm a segment
on both lines, bit lines to 0 V through 10 ohm, cells of 10k to 100k."""

import random

KINDS = ("ohmic", "sinh", "1T1R", "RC")
PLATEAU = 1.5e-9  # s, in the middle of the pulse of an RC deck
GATE = ".model access nmos(level=1 vto=0.4 kp=300u)"


def _lines(n):
    """Wires of both families and the bit lines' ends."""
    for i in range(n):
        for j in range(n):
            left = f"d{i}" if j == 0 else f"w{i}_{j - 1}"
            yield f"Rw{i}_{j} {left} w{i}_{j} 1"
    for j in range(n):
        for i in range(n - 1):
            yield f"Rb{i}_{j} b{i}_{j} b{i + 1}_{j} 1"
        yield f"Rb{n - 1}_{j} b{n - 1}_{j} o{j} 1"
        yield f"Ro{j} o{j} 0 10"


def _drivers(n, kind, draw):
    for i in range(n):
        v = draw.uniform(0.02, 0.2)
        wave = f"PULSE(0 {v:.6g} 0.5n 0.1n 0.1n 2n 10n)" if kind == "RC" else f"{v:.6g}"
        yield f"V{i} in{i} 0 {wave}"
        yield f"Rd{i} in{i} d{i} 100"
        if kind == "1T1R":
            yield f"Vg{i} g{i} 0 1.8"


def _cells(n, kind, draw):
    for i in range(n):
        for j in range(n):
            r = draw.uniform(1e4, 1e5)
            w, b, name = f"w{i}_{j}", f"b{i}_{j}", f"{i}_{j}"
            if kind == "sinh":
                yield f"Bc{name} {w} {b} I={0.25 / r:.9g}*sinh(v({w},{b})/0.25)"
            elif kind == "1T1R":
                yield f"Rc{name} {w} m{name} {r:.9g}"
                yield f"Mc{name} m{name} g{i} {b} 0 access w=10u l=1u"
            else:
                yield f"Rc{name} {w} {b} {r:.9g}"
            if kind == "RC":
                yield f"Cw{name} {w} 0 0.1f"
                yield f"Cb{name} {b} 0 0.1f"


def _shuffled(cards, draw):
    """The cards in a random order with nodes that say nothing of their place; the bit lines'
    ends keep their names."""
    names = {}
    number = list(range(8 * len(cards)))
    draw.shuffle(number)

    def node(name):
        if name == "0" or name[0] == "o":
            return name
        return names.setdefault(name, f"n{number[len(names)]}")

    pins = {"R": 2, "C": 2, "V": 2, "M": 4}
    renamed = []
    for card in cards:
        name, *rest = card.split(" ")
        count = pins[name[0]]
        renamed.append(" ".join([name, *map(node, rest[:count]), *rest[count:]]))
    draw.shuffle(renamed)
    return renamed


def deck(kind, n, shuffled=False):
    """The text of an n x n deck, the same for every call; no sinh deck can be shuffled."""
    draw = random.Random(1000 * n + KINDS.index(kind))
    cards = []
    for part in _lines(n), _drivers(n, kind, draw), _cells(n, kind, draw):
        cards += part
    if shuffled:
        cards = _shuffled(cards, draw)
    cards.insert(0, f"* {kind} crossbar, {n} x {n}{', shuffled' if shuffled else ''}")
    if kind == "1T1R":
        cards.append(GATE)
    cards += [".tran 50p 5n" if kind == "RC" else ".op", ".end", ""]
    return "\n".join(cards)
