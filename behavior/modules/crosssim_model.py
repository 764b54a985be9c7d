# SPDX-License-Identifier: Apache-2.0
"""An array of ArraySpice for CrossSim; crosssim.json beside it holds the parameters.

    from simulator import AnalogCore, CrossSimParameters
    import crosssim_model                                    # registers the classes below

    core = AnalogCore(weights, CrossSimParameters.from_json("crosssim.json"))

ArraySpiceDevice and ArraySpiceADC are found by their names in the parameters. CrossSim picks
its array solver by topology, not by name; ArraySpiceArray(parameters).solve_mvm_parasitics
takes that solver's place: the exported model instead of the iteration, which does not converge
where wires are long. Conductances are normalised by g_max, voltages by Vread.
"""

import atexit
import base64
import functools
import io
import json
import math
import os
import shutil
import sys
import tempfile
import zipfile

import numpy as np
import torch
from simulator.circuits.adc.iadc import IADC
from simulator.circuits.array.iarray import IArray
from simulator.devices.idevice import EmptyDevice

PARAMETERS = json.loads(r"""
@PARAMETERS@
""")


class ArraySpiceDevice(EmptyDevice):
    """Lognormal programming variation with the mean kept, and the cell's measured curve."""

    def read_noise(self, input_):
        return input_

    def programming_error(self, input_):
        s = math.sqrt(math.log1p(PARAMETERS["sigma"] ** 2))
        return input_ * np.exp(s * np.random.normal(size=input_.shape) - 0.5 * s * s)

    def drift_error(self, input_, time):
        return self.programming_error(input_)

    def nonlinear_current(self, Gmat, Vmat):
        """Currents of all cells; further axes of Vmat are a batch."""
        batch = (None,) * (Vmat.ndim - Gmat.ndim)
        g = np.broadcast_to(Gmat[(..., *batch)], Vmat.shape) * PARAMETERS["g_max"]
        model = array_model()
        with torch.no_grad():
            i = model.table.at(torch.tensor(g)).current(
                torch.tensor(Vmat * PARAMETERS["v_max"]))[0]
        return i.numpy() / (PARAMETERS["g_max"] * PARAMETERS["v_max"])

    def nonlinear_current_sum(self, Gmat, Vterm):
        """Sums over the inputs, the last axis of Gmat (outputs, inputs)."""
        batch = Vterm.shape[1:]
        v = np.broadcast_to(Vterm, (Gmat.shape[0], *Vterm.shape))
        return self.nonlinear_current(Gmat, v).sum(1).reshape(Gmat.shape[0], *batch)


class ArraySpiceADC(IADC):
    """Equal steps between the limits that CrossSim finds; 0 bits: no rounding."""

    def set_limits(self, matrix):
        super().set_limits(matrix)

    def convert(self, vector):
        if self.bits == 0:
            return vector
        step = (self.max - self.min) / (2**self.bits - 1)
        return np.round((np.clip(vector, self.min, self.max) - self.min) / step) * step + self.min


class ArraySpiceArray(IArray):
    """Column currents with all wires, drivers and cells. matrix (outputs, inputs): what it does
    not fill of the array stays at the smallest conductance, without input."""

    interleaved = False

    def solve_mvm_parasitics(self, vector, matrix, row_in=True):
        """vector as CrossSim passes it: (inputs,), (inputs, batch) or (batch, inputs, windows);
        the outputs take the place of the inputs."""
        if not row_in:
            raise NotImplementedError("the model has inputs on word lines only")
        model = array_model()
        g = np.full((PARAMETERS["rows"], PARAMETERS["columns"]), PARAMETERS["g_min"])
        outputs, inputs = matrix.shape
        g[:inputs, :outputs] = matrix.T * PARAMETERS["g_max"]
        axis = 1 if np.ndim(vector) == 3 else 0
        flat = np.moveaxis(np.asarray(vector, dtype=float), axis, -1)
        v = np.zeros((flat[..., 0].size, PARAMETERS["rows"]))
        v[:, :inputs] = flat.reshape(-1, inputs) * PARAMETERS["v_max"]
        with torch.no_grad():
            i = model(torch.tensor(g), torch.tensor(v)).numpy()[:, :outputs]
        i = i / (PARAMETERS["g_max"] * PARAMETERS["v_max"])
        return np.moveaxis(i.reshape(*flat.shape[:-1], outputs), -1, axis)

    solve_mvm = solve_mvm_parasitics


@BUNDLE@
