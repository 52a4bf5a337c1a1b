"""Many split-operator layers in one call, for one small problem or for several in parallel.

The layers are those of :class:`.layers.Layer`. For small states the calls from Python would take
longer than the layers themselves.
"""

from __future__ import annotations

import numpy as np
from numba import prange

from ..compiled import njit
from .lanes import WIDE, WIDE_BITS
from .layers import LOW_BITS, Array, Layer, turns, whole_layer

MAX_QUBITS = LOW_BITS
"""The largest number of bits at which a state fits into one block of the cache."""


@njit(cache=True)
def _turned_layer(re, im, h, J, weights, phi, angle):  # type: ignore[no-untyped-def]
    """Apply one layer, in two halves if an angle needs that, see ``Layer.__call__``."""
    scale, tan, again = turns(weights, angle)
    for _ in range(1 if again == 0.0 else 2):  # one call in the code is compiled once
        whole_layer(re, im, h, J, phi, scale, tan)
        phi, scale = 0.0, again


@njit(cache=True, nogil=True)
def _turned_layers(psi, h, J, weights, phases, angles):  # type: ignore[no-untyped-def]
    """Apply one layer after the other."""
    for i in range(angles.size):
        _turned_layer(psi[0], psi[1], h, J, weights, phases[i], angles[i])


def apply_layers(layer: Layer, psi: Array, phases: Array, angles: Array) -> None:
    """Apply ``layer(psi, phases[i], angles[i])`` for all i in place; only rounding may differ.

    Parameters
    ----------
    layer : Layer
        The layers of a problem.
    psi : ndarray of float, shape (2, 2^d)
        Real and imaginary parts of the state.
    phases : ndarray of float, shape (m,)
        The phase phi of each layer.
    angles : ndarray of float, shape (m,)
        The angle of each layer.
    """
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


@njit(cache=True)
def _varying_layers(psi, h, J, angles):  # type: ignore[no-untyped-def]
    """Apply one layer after the other, each with a problem and angles of its own."""
    for i in range(angles.shape[0]):
        _turned_layer(psi[0], psi[1], h[i], J[i], angles[i], 1.0, 1.0)


def apply_varying_layers(psi: Array, h: Array, J: Array, angles: Array) -> None:
    """Apply layers in place of which each has a problem and angles of its own.

    Parameters
    ----------
    psi : ndarray of float, shape (2, 2^d)
        Real and imaginary parts of the state.
    h : ndarray of float, shape (m, d)
        The phases of the linear terms of each layer, in bit order.
    J : ndarray of float, shape (m, d, d)
        The phases of the couplings of each layer, symmetric with a zero diagonal.
    angles : ndarray of float, shape (m, d)
        The angle of each bit in each layer.
    """
    if h.shape[1] > MAX_QUBITS:
        for fields, couplings, turns in zip(h, J, angles, strict=True):
            Layer.of_form(fields, couplings, turns)(psi, 1.0, 1.0)
        return
    n, padded, idle = psi.shape[1], psi, max(WIDE_BITS - h.shape[1], 0)
    if n < WIDE:
        padded = np.pad(psi, ((0, 0), (0, WIDE - n)))
    more = (0, idle)
    _varying_layers(
        padded,
        np.pad(h, ((0, 0), more)),
        np.pad(J, ((0, 0), more, more)),
        np.pad(angles, ((0, 0), more)),
    )
    if n < WIDE:
        psi[:] = padded[:, :n]


@njit(cache=True, parallel=True)
def evolve_all(psi, h, J, weights, phases, angles, counts, threads):  # type: ignore[no-untyped-def]
    """Apply ``counts[i]`` layers and a last phase to each state in place.

    Parameters
    ----------
    psi : ndarray of float, shape (n, 2, 2^b)
        Real and imaginary parts of n states, WIDE_BITS <= b <= MAX_QUBITS.
    h : ndarray of float, shape (n, b)
        The attribute ``h`` of each :class:`Layer`.
    J : ndarray of float, shape (n, b, b)
        The attribute ``J`` of each.
    weights : ndarray of float, shape (n, b)
        The attribute ``weights`` of each.
    phases : ndarray of float, shape (n, m + 1)
        The phases of the layers; m is the largest of ``counts``.
    angles : ndarray of float, shape (n, m)
        The angles of the layers.
    counts : ndarray of int, shape (n,)
        The number of layers of each state.
    threads : int
        The number of threads.
    """
    for thread in prange(threads):
        for i in range(thread, counts.size, threads):
            n = counts[i]
            _turned_layers(psi[i], h[i], J[i], weights[i], phases[i, :n], angles[i, :n])
            whole_layer(psi[i, 0], psi[i, 1], h[i], J[i], phases[i, n], 1.0, np.zeros(h.shape[1]))
