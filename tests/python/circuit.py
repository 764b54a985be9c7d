# SPDX-License-Identifier: Apache-2.0
"""A small array solved by dense Newton on its nodal equations, and model files of it: the
oracle of the layer's tests, independent of the program."""

import json

import numpy as np

V0 = 0.25  # i = g V0 sinh(v / V0)


class Array:
    """Rows x columns cells between word and bit lines; resistances in ohm, ends of a line
    without a source are None."""

    def __init__(self, rows, columns, segment=(5.0, 3.0), driver=(50.0, None),
                 sense=(20.0, None)):
        self.rows, self.columns, self.segment = rows, columns, segment
        self.driver, self.sense = driver, sense

    def _wires(self):
        """Conductance matrix of all wires and their ends, and what a volt at row i drives."""
        m, n = self.rows, self.columns
        a, drive = np.zeros((2 * m * n, 2 * m * n)), np.zeros((2 * m * n, m))
        w = np.arange(m * n).reshape(m, n)
        for grid, segment in ((w, self.segment[0]), ((w + m * n).T, self.segment[1])):
            for p, q in zip(grid[:, :-1].ravel(), grid[:, 1:].ravel()):
                a[[p, q], [p, q]] += 1 / segment
                a[[p, q], [q, p]] -= 1 / segment
        for column, r in ((0, self.driver[0]), (n - 1, self.driver[1])):
            if r is not None:
                for i in range(m):
                    a[w[i, column], w[i, column]] += 1 / (r + self.segment[0])
                    drive[w[i, column], i] += 1 / (r + self.segment[0])
        self.ends = np.zeros((n, 2 * m * n))
        for row, r in ((m - 1, self.sense[0]), (0, self.sense[1])):
            if r is not None:
                for j in range(n):
                    node = m * n + w[row, j]
                    a[node, node] += 1 / (r + self.segment[1])
                    self.ends[j, node] += 1 / (r + self.segment[1])
        return a, drive

    def currents(self, g, inputs):
        """Output currents (batch, columns), to rounding."""
        a, drive = self._wires()
        cells, found = self.rows * self.columns, []
        p, q = np.arange(cells), np.arange(cells) + cells
        for volt in inputs:
            x = np.zeros(2 * cells)
            for _ in range(50):
                v = x[p] - x[q]
                i = g.ravel() * V0 * np.sinh(v / V0)
                d = g.ravel() * np.cosh(v / V0)
                f = a @ x - drive @ volt
                f[p] += i
                f[q] -= i
                jacobian = a.copy()
                jacobian[p, p] += d
                jacobian[q, q] += d
                jacobian[p, q] -= d
                jacobian[q, p] -= d
                step = np.linalg.solve(jacobian, f)
                x -= step
                if abs(step).max() < 1e-14:
                    break
            found.append(self.ends @ x)
        return np.array(found)

    def write_model(self, path, sweeps, samples=2, **changes):
        """A model file of this array with a table fine enough not to matter."""
        random = np.random.default_rng(3)
        m, n = self.rows, self.columns
        v, w = np.linspace(-0.4, 0.4, 129), np.linspace(1e-6, 1e-4, 5)
        ratio = np.ones(len(v))
        ratio[v != 0] = np.sinh(v[v != 0] / V0) * V0 / v[v != 0]
        g, x = random.uniform(1e-6, 1e-4, (samples, m, n)), random.uniform(0, 0.3, (samples, m))
        members = {
            "cell/x": v, "cell/w": w, "cell/ratio": np.repeat(ratio[:, None], len(w), 1),
            "wire/Rw_row": np.float64(self.segment[0]),
            "wire/Rw_col": np.float64(self.segment[1]),
            "wire/Rs": np.full(m, self.driver[0]), "wire/Rt": np.full(n, self.sense[0]),
            "wire/k": np.float64(sweeps), "test/w": g, "test/x": x,
            "test/y": np.concatenate([self.currents(a, b[None]) for a, b in zip(g, x)]),
        }
        for name, ohm, lines in (("Rs_far", self.driver[1], m), ("Rt_far", self.sense[1], n)):
            if ohm is not None:
                members[f"wire/{name}"] = np.full(lines, ohm)
        members.update(changes)
        meta = {"schema": "aimc-behav/1", "M": m, "N": n,
                "validity": {"x": [0.0, 0.3], "w": [1e-6, 1e-4]}}
        members["meta.json"] = np.bytes_(json.dumps(meta))
        np.savez(path, **{k: a for k, a in members.items() if a is not None})
        return g, x, members["test/y"]
