# SPDX-License-Identifier: Apache-2.0
"""Families of equal wires, solved line by line in the form that never subtracts."""

from __future__ import annotations

from typing import Any, Optional

import torch

from .model_file import ModelFileError

Tensor = torch.Tensor


class Factors:
    """The elimination of all lines with loads d (last axis: nodes), kept for solves. All
    conductances are in units of a segment's, so that a step is three operations."""

    def __init__(self, line: Ladder, d: Tensor):
        self._c = line.c
        d = d.movedim(-1, 0) / line.c  # nodes first, for contiguous steps
        self._m = torch.empty_like(d, memory_format=torch.contiguous_format)
        loads, m = d.unbind(), self._m.unbind()
        e = loads[0] + line.alpha / line.c
        for node in range(len(m) - 1):
            torch.add(e, 1.0, out=m[node]).reciprocal_()
            e = torch.addcmul(loads[node + 1], e, m[node])
        torch.reciprocal(e + line.beta / line.c, out=m[-1])

    def solve(self, r: Tensor) -> Tensor:
        """x of (A + diag d) x = r."""
        x = (r.movedim(-1, 0) / self._c).contiguous()
        y, m = x.unbind(), self._m.unbind()
        y[0].mul_(m[0])
        for node in range(1, len(y)):
            y[node].add_(y[node - 1]).mul_(m[node])
        for node in range(len(y) - 2, -1, -1):
            y[node].addcmul_(m[node], y[node + 1])
        return x.movedim(0, -1)


class _LineSolve(torch.autograd.Function):
    """x of (A + diag d) x = r on every line (last axis), A the ladder of c, alpha, beta.

    A is symmetric, so the gradient is one more solve: with l = (A + diag d)^-1 dL/dx,
    dL/dr = l and dL/dd = -l x.
    """

    @staticmethod
    def forward(ctx: Any, d: Tensor, r: Tensor, line: Ladder) -> Tensor:  # type: ignore
        x = line.factors(d).solve(r)
        ctx.line = line
        ctx.save_for_backward(d, x)
        return x

    @staticmethod
    def backward(ctx: Any, gradient: Tensor):  # type: ignore
        d, x = ctx.saved_tensors
        adjoint = _LineSolve.apply(d, gradient, ctx.line)
        return -adjoint * x, adjoint, None


class Ladder:
    """A family of equal wires: segment conductance c, end conductances alpha and beta.

    An end without a source has conductance 0. `segment` = 0 makes each line one node, and a
    source without resistance then makes it ideal (`ideal`: the line is its source).
    """

    def __init__(self, segment: float, near: Optional[Tensor], far: Optional[Tensor]):
        ends = [end for end in (near, far) if end is not None]
        without = [bool((end + segment == 0.0).any()) for end in ends]
        if any(without) and not any(bool((end + segment == 0.0).all()) for end in ends):
            raise ModelFileError("some lines have an end without resistance, some have not")
        self.ideal = any(without)
        self.one_node = segment == 0.0
        if self.ideal:
            return
        some = ends[0]
        self.c = 0.0 if self.one_node else 1.0 / segment
        self.alpha = torch.zeros_like(some) if near is None else 1.0 / (near + segment)
        self.beta = torch.zeros_like(some) if far is None else 1.0 / (far + segment)

    def resistance_to_sources(self, nodes: int) -> Tensor:
        """From every node of the unloaded lines to their sources: (lines, nodes)."""
        steps = torch.arange(nodes, dtype=self.alpha.dtype, device=self.alpha.device)
        left = 1.0 / (1.0 / self.alpha.unsqueeze(1) + steps / self.c)
        far = self.beta.unsqueeze(1)
        right = far / (1.0 + far * (nodes - 1 - steps) / self.c)
        return 1.0 / (left + right)

    def response(self, d: Tensor) -> Tensor:
        """Voltage of every node of lines with loads d (..., lines, nodes) over a current
        into that node: the diagonal of the inverse."""
        nodes, c = d.shape[-1], self.c
        left, right = torch.empty_like(d), torch.empty_like(d)
        left[..., 0], right[..., -1] = self.alpha, self.beta
        for node in range(1, nodes):
            for seen, at, before in ((left, node, node - 1),
                                     (right, nodes - 1 - node, nodes - node)):
                beyond = d[..., before] + seen[..., before]
                seen[..., at] = c * beyond / (c + beyond)
        return 1.0 / (left + d + right)

    def factors(self, d: Tensor) -> Factors:
        """Of lines with segment resistance."""
        return Factors(self, d)

    def solve(self, d: Tensor, r: Tensor, source: Optional[Tensor] = None) -> Tensor:
        """Node voltages of all lines; `source` (..., lines) drives both ends."""
        if self.one_node:
            total = self.alpha + self.beta
            drive = 0.0 if source is None else total * source
            node = (drive + r.sum(-1)) / (total + d.sum(-1))
            return node.unsqueeze(-1).expand_as(r)
        return _LineSolve.apply(d, self.driven(r, source), self)

    def driven(self, r: Tensor, source: Optional[Tensor]) -> Tensor:
        """Node currents r plus what the sources drive into the ends."""
        if source is None:
            return r
        ends = torch.zeros_like(r)
        ends[..., 0] = self.alpha * source
        ends[..., -1] = ends[..., -1] + self.beta * source
        return r + ends
