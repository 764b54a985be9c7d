# SPDX-License-Identifier: Apache-2.0
"""An array of ArraySpice for aihwkit: one module, nothing else is needed but aihwkit itself.

    from aihwkit.nn.conversion import convert_to_analog
    import model                                             # this file

    network = convert_to_analog(network, model.tile_config())    # the array itself
    network = convert_to_analog(network, model.fitted_config())  # aihwkit's own parameters

`tile_config` runs every tile on the exported model: forward and exact backward, inputs and
weights in [-1, 1] as aihwkit maps them. `fitted_config` holds IOParameters and a weight
modifier fitted to circuit solves; PARAMETERS says how far they are from them ("io_error",
relative), beside the ideal product ("io_error_of_the_ideal_product") and the exported model
("layer_error"). aihwkit's IR drop grows with the number of the input: input 0 is the word line
nearest the sense amplifiers.
"""

import atexit
import base64
import dataclasses
import functools
import io
import json
import math
import os
import shutil
import sys
import tempfile
import zipfile
from typing import ClassVar, Type

import torch
from aihwkit.inference.converter.conductance import SinglePairConductanceConverter
from aihwkit.inference.noise.base import BaseNoiseModel
from aihwkit.simulator.configs import InferenceRPUConfig, TorchInferenceRPUConfig
from aihwkit.simulator.parameters.enums import (
    BoundManagementType, NoiseManagementType, WeightModifierType)
from aihwkit.simulator.parameters.inference import WeightModifierParameter
from aihwkit.simulator.parameters.io import IOParameters
from aihwkit.simulator.tiles.torch_tile import TorchSimulatorTile

PARAMETERS = json.loads(r"""
@PARAMETERS@
""")
MICRO = 1e-6


class ArrayNoiseModel(BaseNoiseModel):
    """Programming variation of the array: lognormal, mean kept, no drift. Tensors in uS."""

    def __init__(self, g_converter=None):
        super().__init__(g_converter or SinglePairConductanceConverter(
            g_max=PARAMETERS["g_max"] / MICRO, g_min=PARAMETERS["g_min"] / MICRO))

    @torch.no_grad()
    def apply_programming_noise_to_conductance(self, g_target):
        s = math.sqrt(math.log1p(PARAMETERS["sigma"] ** 2))
        return g_target * torch.exp(s * torch.randn_like(g_target) - 0.5 * s * s)

    @torch.no_grad()
    def generate_drift_coefficients(self, g_target):
        return torch.zeros_like(g_target)

    @torch.no_grad()
    def apply_drift_noise_to_conductance(self, g_prog, drift_noise_param, t_inference):
        return g_prog


def io_parameters():
    """IOParameters with what the fit found and everything else switched off."""
    return IOParameters(inp_res=-1, out_res=-1, inp_bound=1.0, out_bound=0.0,
                        noise_management=NoiseManagementType.NONE,
                        bound_management=BoundManagementType.NONE, **PARAMETERS["io"])


def weight_modifier():
    """Noise on weights while training: sigma as a polynomial of |w|."""
    return WeightModifierParameter(
        type=WeightModifierType.POLY, coeffs=PARAMETERS["modifier_coeffs"], std_dev=1.0,
        rel_to_actual_wmax=False, assumed_wmax=1.0)


def _one_array_a_tile(config):
    config.mapping.max_input_size = PARAMETERS["rows"]
    config.mapping.max_output_size = PARAMETERS["columns"] // 2
    config.mapping.digital_bias = True
    config.drift_compensation = None
    config.noise_model = ArrayNoiseModel()
    return config


def fitted_config():
    """aihwkit's own description of the array."""
    config = _one_array_a_tile(InferenceRPUConfig())
    config.forward = io_parameters()
    config.modifier = weight_modifier()
    return config


class ArrayTile(TorchSimulatorTile):
    """A tile whose products are the exported model's. Weights (outputs, inputs) in [-1, 1] are
    pairs of cells; while training every product draws its own programming variation."""

    def __init__(self, x_size, d_size, rpu_config, bias=False):
        super().__init__(x_size, d_size, rpu_config, bias)
        model = array_model(self.weight.dtype)
        import arrayspice

        self.array = arrayspice.AnalogLinear(x_size, d_size, model, bias=False)
        self.array.matrix = self.weight

    def forward(self, x_input, bias=False, in_trans=False, out_trans=False, is_test=False,
                non_blocking=False):
        if bias or in_trans or out_trans:
            raise ValueError("an ArrayTile has neither an analog bias nor transposed products")
        sigma = 0.0 if is_test else PARAMETERS["sigma"]
        self.array.settings = dataclasses.replace(self.array.settings, variation=sigma)
        return self.array(x_input)


@dataclasses.dataclass
class ArrayRPUConfig(TorchInferenceRPUConfig):
    """TorchInferenceRPUConfig with tiles of the exported model."""

    simulator_tile_class: ClassVar[Type] = ArrayTile


def tile_config():
    """The array itself, differentiable."""
    config = _one_array_a_tile(ArrayRPUConfig())
    config.forward.is_perfect = True  # the tile does what the array does
    return config


@BUNDLE@
