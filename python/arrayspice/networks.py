# SPDX-License-Identifier: Apache-2.0
"""From a trained network to the same network on arrays, and its calibration layer by layer."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
from typing import Any, Callable, Dict, Iterator, List, Tuple, Type

import torch

from .analog import AnalogConv2d, AnalogLayer, AnalogLinear, AnalogSettings
from .base_model import ArrayModel

Tensor = torch.Tensor
Hook = Callable[[torch.nn.Module, Tuple[Tensor, ...]], None]


@contextlib.contextmanager
def _before_forward(layers: List[torch.nn.Module], hook: Hook) -> Iterator[None]:
    handles = [layer.register_forward_pre_hook(hook) for layer in layers]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _of_kind(network: torch.nn.Module, kinds: Tuple[Type[torch.nn.Module], ...]):
    return [(name, module) for name, module in network.named_modules()
            if isinstance(module, kinds)]


@torch.no_grad()
def on_arrays(network: torch.nn.Module, model: ArrayModel, x: Tensor,
              **settings: Any) -> torch.nn.Module:
    """A copy of the network with every Linear and Conv2d on arrays of the model. A layer's
    largest weight fills its cells, and its largest input over x fills the array's input;
    `settings` are further fields of AnalogSettings."""
    kinds = (torch.nn.Linear, torch.nn.Conv2d)
    largest: Dict[torch.nn.Module, float] = {}

    def note(layer: torch.nn.Module, inputs: Tuple[Tensor, ...]) -> None:
        largest[layer] = max(largest.get(layer, 0.0), float(inputs[0].abs().max()))

    with _before_forward([layer for _, layer in _of_kind(network, kinds)], note):
        network(x)
    ranges = {name: largest[layer] for name, layer in _of_kind(network, kinds)}
    network = copy.deepcopy(network)
    for name, layer in _of_kind(network, kinds):
        owner, _, attribute = name.rpartition(".")
        of_layer = AnalogSettings(weight_range=float(layer.weight.abs().max()),
                                  input_range=ranges[name])
        analog = _analog(layer, model, dataclasses.replace(of_layer, **settings))
        setattr(network.get_submodule(owner), attribute, analog)
    return network


def _analog(layer: torch.nn.Module, model: ArrayModel, settings: AnalogSettings) -> AnalogLayer:
    if isinstance(layer, torch.nn.Linear):
        analog: AnalogLayer = AnalogLinear(layer.in_features, layer.out_features, model,
                                           settings, bias=layer.bias is not None)
    else:
        analog = AnalogConv2d(layer.in_channels, layer.out_channels,
                              _one(layer, "kernel_size"), model, settings,
                              _one(layer, "stride"), _one(layer, "padding"),
                              bias=layer.bias is not None)
        if _one(layer, "dilation") != 1 or layer.groups != 1:
            raise ValueError("a Conv2d on arrays has neither dilation nor groups")
    analog.matrix.copy_(layer.weight.flatten(1))
    if layer.bias is not None:
        analog.bias.copy_(layer.bias)
    return analog


def _one(layer: torch.nn.Module, name: str) -> int:
    """A setting of a Conv2d that must be equal for height and width."""
    pair = getattr(layer, name)
    if isinstance(pair, str) or pair[0] != pair[1]:
        raise ValueError(f"{name} is {pair}; a Conv2d on arrays needs two equal numbers")
    return pair[0]


@torch.no_grad()
def calibrate(network: torch.nn.Module, x: Tensor) -> None:
    """Gain and offset of every column of every analog layer, first layers first, so that a
    layer is calibrated on what the calibrated layers before it give."""

    def fit(layer: torch.nn.Module, inputs: Tuple[Tensor, ...]) -> None:
        layer.calibrate(inputs[0])

    with _before_forward([layer for _, layer in _of_kind(network, (AnalogLayer,))], fit):
        network(x)
