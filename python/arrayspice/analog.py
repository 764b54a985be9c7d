# SPDX-License-Identifier: Apache-2.0
"""Layers whose products are those of arrays: signed weights as pairs of columns, tiles over
rows and columns, input and output converters, variation, noise, calibration."""

from __future__ import annotations

import dataclasses
import math
from typing import Callable, Iterator, List, Optional, Tuple

import torch
from torch.nn import functional

from .file_model import FileModel
from .pairs import PairedModel

Tensor = torch.Tensor
# (conductances, inputs in V) of one tile to column currents in A.
Product = Callable[[Tensor, Tensor], Tensor]


@dataclasses.dataclass(frozen=True)
class AnalogSettings:
    """How numbers become voltages and conductances, and currents numbers.

    weight_range: |w| that fills a cell; larger weights are clamped.
    input_range: |x| that becomes the array's largest input; larger ones are clamped.
    variation: relative standard deviation of the conductances (lognormal, mean kept).
    chip: seed of a frozen variation; None draws a new chip in every forward pass.
    noise: standard deviation of every column current, A, drawn in every forward pass.
    adc_range, adc_bits: every differential current is clamped to +-adc_range (A) and rounded
    to 2^bits levels, the gradient passing straight through; no bits: no rounding.
    learn_ranges: input_range and adc_range are trained with the weights, from these values.
    """

    weight_range: float = 1.0
    input_range: float = 1.0
    variation: float = 0.0
    chip: Optional[int] = None
    noise: float = 0.0
    adc_range: Optional[float] = None
    adc_bits: Optional[int] = None
    learn_ranges: bool = False

    def __post_init__(self) -> None:
        for name in "weight_range", "input_range":
            if not getattr(self, name) > 0.0:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be above 0")
        for name in "variation", "noise":
            if not getattr(self, name) >= 0.0:
                raise ValueError(f"{name} is {getattr(self, name)}; it must not be negative")
        if self.adc_range is not None and not self.adc_range > 0.0:
            raise ValueError(f"adc_range is {self.adc_range}; it must be above 0")
        if self.adc_bits is not None and (self.adc_range is None or self.adc_bits < 1):
            raise ValueError("adc_bits needs adc_range, and at least one bit")


def _rounded(x: Tensor) -> Tensor:
    """Whole numbers; the gradient passes straight through."""
    return x + (torch.round(x) - x).detach()


class AnalogLayer(torch.nn.Module):
    """y = x w^T + bias on arrays; weights (outputs, inputs) are the parameters.

    Tiles are computed by the model, or by `product` where it is set (arrayspice.evaluate).
    """

    def __init__(self, inputs: int, outputs: int, model: FileModel,
                 settings: AnalogSettings, bias: bool):
        super().__init__()
        self.inputs, self.outputs = inputs, outputs
        if isinstance(model, PairedModel):
            if model.interleaved:
                raise ValueError(f"{model.file.path}: pairs of an AnalogLayer lie in columns, "
                                 "these are interleaved; export the array without pairs")
            model = model.array
        self.model, self.settings = model, settings
        self.product: Optional[Product] = None
        file = model.file
        if file.columns < 2:
            raise ValueError(f"{file.path}: signed weights need two columns")
        self.tile = (file.rows, file.columns // 2)
        self._g_min, self._g_max = (float(g) for g in file["weight/w"])
        self._g_table = float(file["cell/w"][0]), float(file["cell/w"][-1])
        v_min, self._v_max = (float(v) for v in file.meta["validity"]["x"])
        # Pulse widths, times and bits are not negative; voltages may be.
        positive = file.tier == "readout" or "cell/read" in file
        self._lowest_input = v_min / self._v_max if positive else -1.0
        self._levels = file.meta["validity"].get("levels", {})
        self._product_gain = model.product_gain()
        bound = min(settings.weight_range, 1.0 / math.sqrt(inputs))
        self.matrix = torch.nn.Parameter(
            torch.empty(outputs, inputs, dtype=model.dtype).uniform_(-bound, bound))
        self.bias = (torch.nn.Parameter(torch.zeros(outputs, dtype=model.dtype))
                     if bias else None)
        for name in "input_octaves", "adc_octaves":  # of the ranges, over the settings
            self.register_parameter(name, torch.nn.Parameter(
                torch.zeros((), dtype=model.dtype), requires_grad=settings.learn_ranges))
        self.register_buffer("gain", torch.ones(outputs, dtype=model.dtype))
        self.register_buffer("offset", torch.zeros(outputs, dtype=model.dtype))

    @property
    def input_range(self) -> Tensor:
        """|x| that becomes the array's largest input."""
        return self.settings.input_range * torch.exp2(self.input_octaves)

    @property
    def adc_range(self) -> Optional[Tensor]:
        """The largest differential current that is converted, A."""
        top = self.settings.adc_range
        return None if top is None else top * torch.exp2(self.adc_octaves)

    def tiles(self) -> Iterator[Tuple[slice, slice]]:
        """Inputs and outputs of every array."""
        rows, pairs = self.tile
        for j in range(0, self.outputs, pairs):
            for i in range(0, self.inputs, rows):
                yield slice(i, min(i + rows, self.inputs)), slice(j, min(j + pairs,
                                                                         self.outputs))

    def conductances(self, rows: slice, outputs: slice) -> Tensor:
        """Of one array, as programmed: columns 2j and 2j + 1 hold the positive and the
        negative part of output j, and what is not used stays at the smallest conductance."""
        w = self.matrix[outputs, rows].mT / self.settings.weight_range
        w = w.clamp(-1.0, 1.0) * (self._g_max - self._g_min)
        pairs = torch.stack([w.clamp(min=0.0), (-w).clamp(min=0.0)], -1).flatten(1)
        missing = (0, 2 * self.tile[1] - pairs.shape[1] + self.model.file.columns % 2,
                   0, self.tile[0] - pairs.shape[0])
        pairs = functional.pad(pairs, missing) + self._g_min
        return _rounded(pairs) if self._levels.get("w") else pairs

    def voltages(self, x: Tensor, rows: slice) -> Tensor:
        """Inputs of one array; rows that are not used are at 0 V."""
        x = (x[:, rows] / self.input_range).clamp(self._lowest_input, 1.0) * self._v_max
        x = functional.pad(x, (0, self.tile[0] - x.shape[1]))
        return _rounded(x) if self._levels.get("x") else x

    def _varied(self, g: Tensor, number: int) -> Tensor:
        sigma = self.settings.variation
        if sigma == 0.0:
            return g
        if self.settings.chip is None:
            z = torch.randn_like(g)
        else:  # drawn on the CPU: one chip on every device
            generator = torch.Generator().manual_seed(self.settings.chip * 65537 + number)
            z = torch.randn(g.shape, dtype=torch.float64, generator=generator)
        s = math.sqrt(math.log1p(sigma * sigma))
        factor = torch.exp(s * z - 0.5 * s * s).to(g)
        return (g * factor).clamp(*self._g_table)

    def _converted(self, difference: Tensor) -> Tensor:
        top, bits = self.adc_range, self.settings.adc_bits
        if top is None:
            return difference
        difference = torch.minimum(torch.maximum(difference, -top), top)
        if bits is None:
            return difference
        with torch.no_grad():
            step = 2.0 * top / (2**bits - 1)
            correction = torch.round((difference + top) / step) * step - top - difference
        return difference + correction

    def per_ampere(self) -> Tensor:
        """What a differential output is worth as a number, if the array were ideal."""
        return (self.settings.weight_range / (self._g_max - self._g_min)
                * self.input_range / self._v_max / self._product_gain)

    def multiply(self, x: Tensor) -> Tensor:
        """(batch, inputs) to (batch, outputs): arrays, calibration, bias."""
        if x.dim() != 2 or x.shape[1] != self.inputs:
            raise ValueError(f"input has shape {tuple(x.shape)}, expected (batch, inputs) = "
                             f"(batch, {self.inputs})")
        parts: List[List[Tensor]] = [[] for _ in range(0, self.outputs, self.tile[1])]
        for number, (rows, outputs) in enumerate(self.tiles()):
            g = self._varied(self.conductances(rows, outputs), number)
            i = (self.product or self.model)(g, self.voltages(x, rows))
            if self.settings.noise > 0.0:
                i = i + self.settings.noise * torch.randn_like(i)
            pairs = 2 * (outputs.stop - outputs.start)
            difference = self._converted(i[:, 0:pairs:2] - i[:, 1:pairs:2])
            parts[outputs.start // self.tile[1]].append(difference)
        y = torch.cat([sum(part) for part in parts], 1) * self.per_ampere()
        y = self.gain * y + self.offset
        return y if self.bias is None else y + self.bias

    @torch.no_grad()
    def calibrate_columns(self, x: Tensor) -> None:
        """Sets gain and offset of every output so that these inputs give the ideal product
        with the least squared error: of the model, or of `product` where it is set."""
        self.gain.fill_(1.0)
        self.offset.zero_()
        bias = 0.0 if self.bias is None else self.bias
        found = self.multiply(x) - bias
        wanted = x @ self.matrix.mT
        mean_found, mean_wanted = found.mean(0), wanted.mean(0)
        spread = ((found - mean_found) ** 2).sum(0)
        gain = ((found - mean_found) * (wanted - mean_wanted)).sum(0)
        gain = torch.where(spread > 0.0, gain / spread.clamp(min=1e-300), self.gain)
        self.gain.copy_(gain)
        self.offset.copy_(mean_wanted - gain * mean_found)


class AnalogLinear(AnalogLayer):
    """torch.nn.Linear on arrays: (..., in_features) to (..., out_features)."""

    def __init__(self, in_features: int, out_features: int, model: FileModel,
                 settings: AnalogSettings = AnalogSettings(), bias: bool = True):
        super().__init__(in_features, out_features, model, settings, bias)

    def forward(self, x: Tensor) -> Tensor:
        return self.multiply(x.reshape(-1, x.shape[-1])).reshape(*x.shape[:-1],
                                                                 self.outputs)

    def calibrate(self, x: Tensor) -> None:
        """See calibrate_columns; x as in forward."""
        self.calibrate_columns(x.reshape(-1, x.shape[-1]))


class AnalogConv2d(AnalogLayer):
    """torch.nn.Conv2d on arrays: every output pixel is one product (im2col)."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int,
                 model: FileModel, settings: AnalogSettings = AnalogSettings(),
                 stride: int = 1, padding: int = 0, bias: bool = True):
        super().__init__(in_channels * kernel_size**2, out_channels, model, settings, bias)
        self.in_channels, self.kernel_size = in_channels, kernel_size
        self.stride, self.padding = stride, padding

    def _patches(self, x: Tensor) -> Tensor:
        """(batch, pixels, inputs)."""
        if x.dim() != 4 or x.shape[1] != self.in_channels:
            raise ValueError(f"input has shape {tuple(x.shape)}, expected (batch, channels, "
                             f"height, width) = (batch, {self.in_channels}, ., .)")
        return functional.unfold(x, self.kernel_size, padding=self.padding,
                                 stride=self.stride).mT

    def forward(self, x: Tensor) -> Tensor:
        patches = self._patches(x)
        y = self.multiply(patches.flatten(0, 1)).unflatten(0, patches.shape[:2])
        size = [(n + 2 * self.padding - self.kernel_size) // self.stride + 1
                for n in x.shape[2:]]
        return y.mT.unflatten(2, size)

    def calibrate(self, x: Tensor) -> None:
        """See calibrate_columns; x as in forward."""
        self.calibrate_columns(self._patches(x).flatten(0, 1))
