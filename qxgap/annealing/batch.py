"""Many layers in one call, of one small problem or of several on as many threads: what
:class:`.layers.Layer` does, without a return to Python between two layers.
"""

from __future__ import annotations

import numpy as np
from numba import prange

from ..compiled import njit
from .lanes import WIDE
from .layers import Array, Layer, _low_block, _phases, _turns

MAX_QUBITS = 14
"""Larger states are more than one block."""


@njit(cache=True)
def _layer(re, im, h, J, phi, scale, tan):  # type: ignore[no-untyped-def]
    factor, cross = np.zeros((2, 1)), np.zeros((0, h.size))
    factor[0, 0] = scale
    _low_block(re, im, 0, _phases(h, J, phi), factor, cross, tan)


@njit(cache=True)
def _turned_layer(re, im, h, J, weights, phi, angle):  # type: ignore[no-untyped-def]
    scale, tan, again = _turns(angle * weights)
    _layer(re, im, h, J, phi, scale, tan)
    if again != 0.0:
        _layer(re, im, h, J, 0.0, again, tan)


@njit(cache=True)
def _turned_layers(psi, h, J, weights, phases, angles):  # type: ignore[no-untyped-def]
    for i in range(angles.size):
        _turned_layer(psi[0], psi[1], h, J, weights, phases[i], angles[i])


def apply_layers(layer: Layer, psi: Array, phases: Array, angles: Array) -> None:
    """Apply ``layer(psi, phases[i], angles[i])`` for all i in place, to rounding."""
    if layer.h.size > MAX_QUBITS:
        for phi, angle in zip(phases.tolist(), angles.tolist(), strict=True):
            layer(psi, phi, angle)
        return
    n, padded = psi.shape[1], psi
    if n < WIDE:
        padded = np.pad(psi, ((0, 0), (0, WIDE - n)))
    _turned_layers(padded, layer.h, layer.J, layer.weights, phases, angles)
    if n < WIDE:
        psi[:] = padded[:, :n]


@njit(cache=True, parallel=True)
def evolve_all(psi, h, J, weights, phases, angles, counts, threads):  # type: ignore[no-untyped-def]
    """Apply ``counts[i]`` layers and a last phase to each state in place.

    Parameters
    ----------
    psi : (n, 2, 2^b) float64, real and imaginary parts, WIDE_BITS <= b <= MAX_QUBITS.
    h, J, weights : (n, b), (n, b, b), (n, b), those of a Layer each.
    phases, angles : (n, layers + 1), (n, layers), layers the largest of ``counts``, (n,).
    """
    for thread in prange(threads):
        for i in range(thread, counts.size, threads):
            n = counts[i]
            _turned_layers(psi[i], h[i], J[i], weights[i], phases[i, :n], angles[i, :n])
            _layer(psi[i, 0], psi[i, 1], h[i], J[i], phases[i, n], 1.0, np.zeros(h.shape[1]))
