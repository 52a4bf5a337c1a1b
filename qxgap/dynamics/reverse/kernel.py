"""Many anneals of the same few qubits, pure or dephasing, under random fields.

The layers are those of :mod:`qxgap.dynamics.split`. A density matrix of d qubits is propagated as a
state of 2 d qubits: its columns turn the other way, and its elements decay while phases pass.
"""

from __future__ import annotations

import numpy as np
from numba import prange
from numpy.typing import NDArray

from ...compiled import njit

Array = NDArray[np.float64]


@njit(cache=True)
def _turn(re, im, bit, angle):  # type: ignore[no-untyped-def]
    """Apply ``exp(i angle X)`` to one bit of a state in place."""
    c, s, step = np.cos(angle), np.sin(angle), 1 << bit
    for x in range(re.size):
        if x & step == 0:
            y = x | step
            re_x, im_x, re_y, im_y = re[x], im[x], re[y], im[y]
            re[x], im[x] = c * re_x - s * im_y, c * im_x + s * re_y
            re[y], im[y] = c * re_y - s * im_x, c * im_y + s * re_x


@njit(cache=True)
def _phase_pure(re, im, energies, fields, phase, weight):  # type: ignore[no-untyped-def]
    """Apply ``exp(-i (phase energies + weight fields))`` to a state in place."""
    for x in range(re.size):
        angle = phase * energies[x] + weight * fields[x]
        c, s = np.cos(angle), np.sin(angle)
        re[x], im[x] = c * re[x] + s * im[x], c * im[x] - s * re[x]


@njit(cache=True)
def _phase_mixed(re, im, energies, fields, distances, phase, weight, decay):  # type: ignore[no-untyped-def]
    """Apply the phase to both sides of a density matrix in place, and let its elements decay."""
    n = energies.size
    c, s = np.empty(n), np.empty(n)
    for x in range(n):
        angle = phase * energies[x] + weight * fields[x]
        c[x], s[x] = np.cos(angle), np.sin(angle)
    shrink = np.empty(distances.max() + 1)
    for k in range(shrink.size):
        shrink[k] = np.exp(-decay * k)
    for x in range(n):
        for y in range(n):
            # exp(-i angle_x) exp(+i angle_y)
            f = shrink[distances[x, y]]
            real, imag = f * (c[x] * c[y] + s[x] * s[y]), f * (c[x] * s[y] - s[x] * c[y])
            i = x * n + y
            re[i], im[i] = real * re[i] - imag * im[i], real * im[i] + imag * re[i]


@njit(cache=True)
def _one(energies, fields, distances, start, phases, weights, decays, angles, out):  # type: ignore[no-untyped-def]
    """Add the final distribution of one anneal to ``out``."""
    n = energies.size
    bits, mixed = 0, decays.any()
    while 1 << bits < n:
        bits += 1
    re = np.zeros(n * n if mixed else n)
    im = np.zeros(re.size)
    re[start * n + start if mixed else start] = 1.0
    for k in range(phases.size):
        if mixed:
            _phase_mixed(re, im, energies, fields, distances, phases[k], weights[k], decays[k])
        else:
            _phase_pure(re, im, energies, fields, phases[k], weights[k])
        if k < angles.size:
            for bit in range(bits):
                if mixed:
                    _turn(re, im, bit, -angles[k])
                    _turn(re, im, bits + bit, angles[k])
                else:
                    _turn(re, im, bit, angles[k])
    for x in range(n):
        out[x] += re[x * n + x] if mixed else re[x] * re[x] + im[x] * im[x]


@njit(cache=True, parallel=True)
def final_distributions(energies, fields, distances, start, phases, weights, decays, angles):  # type: ignore[no-untyped-def]
    """Return the mean distribution over the fields after each of several anneals.

    Parameters
    ----------
    energies : ndarray of float, shape (2^d,)
        The energies of the problem.
    fields : ndarray of float, shape (m, 2^d)
        The energies of m random fields.
    distances : ndarray of int, shape (2^d, 2^d)
        The number of qubits in which two states differ.
    start : int
        The index of the initial state.
    phases : ndarray of float, shape (n, layers + 1)
        ``int B dt`` before each rotation and after the last, for n anneals.
    weights : ndarray of float, shape (n, layers + 1)
        The same of the strength of the random fields.
    decays : ndarray of float, shape (n, layers + 1)
        The same of the rate of dephasing; all zero for pure states.
    angles : ndarray of float, shape (n, layers)
        The angle of each rotation.

    Returns
    -------
    ndarray of float, shape (n, 2^d)
        The probability of each state.
    """
    out = np.zeros((len(angles), energies.size))
    for i in prange(len(angles)):
        for draw in range(fields.shape[0]):
            _one(
                energies,
                fields[draw],
                distances,
                start,
                phases[i],
                weights[i],
                decays[i],
                angles[i],
                out[i],
            )
    return out / fields.shape[0]
