# SPDX-License-Identifier: Apache-2.0
"""Where line sweeps begin."""

from __future__ import annotations

import dataclasses

import torch


@dataclasses.dataclass(frozen=True)
class Start:
    """w = rest + sum_k (x+^k rise[0, k-1] + x-^k rise[1, k-1]) with x+- = max(0, +-V / range),
    b = sum_r profiles[r] states[:, r]; all tensors are contiguous."""

    rest: torch.Tensor  # (rows, columns)
    range: float  # V
    rise: torch.Tensor  # (2, powers, rows, columns)
    profiles: torch.Tensor  # (modes, rows, columns)
    states: torch.Tensor  # (batch, modes, columns)
