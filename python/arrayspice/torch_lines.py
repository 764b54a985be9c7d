# SPDX-License-Identifier: Apache-2.0
"""Line sweeps of one array in PyTorch: any precision and device, differentiable where
docs/line-model.md says so."""

from __future__ import annotations

from typing import Optional, Tuple

import torch

from .cells import Cells
from .ladder import Ladder
from .start import Start

Tensor = torch.Tensor


class TorchLines:
    """One array with its conductances."""

    def __init__(self, lines: Tuple[Ladder, Ladder], cells: Cells):
        self._word, self._bit, self._cells = *lines, cells

    def _word_sweep(self, inputs: Tensor, w: Tensor, b: Tensor) -> Tensor:
        """Word lines solved once, cells linearised at (w, b)."""
        if self._word.ideal:
            return w
        i, d = self._cells.current(w - b)
        return self._word.solve(d, d * w - i, inputs)

    def _bit_sweep(self, w: Tensor, b: Tensor) -> Tensor:
        """Bit lines solved once."""
        if self._bit.ideal:
            return b
        i, d = self._cells.current(w - b)
        return self._bit.solve(d.mT, (d * b + i).mT).mT

    def _sweeps(self, inputs: Tensor, w: Tensor, b: Tensor,
                count: int) -> Tuple[Tensor, Tensor, Tensor]:
        for _ in range(count):
            w = self._word_sweep(inputs, w, b)
            b = self._bit_sweep(w, b)
        if self._bit.ideal:
            return self._cells.current(w - b)[0].sum(1), w, b
        return self._bit.beta * b[:, -1] + self._bit.alpha * b[:, 0], w, b

    def cold(self, inputs: Tensor, count: int) -> Tuple[Tensor, Tensor, Tensor]:
        """Sweeps from w = V, b = 0: outputs, v = w - b and b."""
        w = inputs.unsqueeze(-1).expand(*inputs.shape, self._cells.g.shape[1])
        outputs, w, b = self._sweeps(inputs, w, torch.zeros_like(w), count)
        return outputs, w - b, b

    def cold_outputs(self, inputs: Tensor, count: int) -> Tensor:
        return self.cold(inputs, count)[0]

    def words(self, inputs: Tensor, rest: Tensor, count: int) -> Tensor:
        """v of the word lines, swept from w = V with the bit lines at rest."""
        w = inputs.unsqueeze(-1).expand(*inputs.shape, rest.shape[1])
        for _ in range(count):
            w = self._word_sweep(inputs, w, rest)
        return w - rest

    def warm(self, inputs: Tensor, start: Start, count: int,
             keep: bool) -> Tuple[Tensor, Optional[Tensor]]:
        """Outputs after sweeps from the start, and the state v where it is to be kept."""
        x = inputs.unsqueeze(-1) / start.range
        w = start.rest
        for side, rise in zip((x.clamp(min=0.0), (-x).clamp(min=0.0)), start.rise):
            y = torch.zeros_like(side)
            for power in rise.flip(0):
                y = (y + power) * side
            w = w + y
        b = torch.einsum("rij,brj->bij", start.profiles, start.states)
        outputs, w, b = self._sweeps(inputs, w, b, count)
        return outputs, w - b if keep else None

    def adjoint(self, v: Tensor, by_output: Tensor, count: int) -> Tuple[Tensor, Tensor]:
        """Gradients of sum by_output I with respect to conductances and inputs."""
        d = self._cells.current(v)[1]
        words, bits = self._word.factors(d), self._bit.factors(d.mT)
        drive = self._bit.driven(torch.zeros_like(d).mT, by_output)
        lw = torch.zeros_like(d)
        for _ in range(count):
            lb = bits.solve((d * lw).mT + drive).mT
            lw = words.solve(d * lb)
        by_g = ((lb - lw) * self._cells.by_conductance(v)).sum(0)
        return by_g, self._word.alpha * lw[..., 0] + self._word.beta * lw[..., -1]
