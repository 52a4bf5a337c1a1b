"""The Hamiltonian on a state vector, matrix-free.

    (H v)[x] = b E[x] v[x] - sum_k g_k v[x xor 2^k]

with E the problem diagonal, b the problem strength, g_k the driver weight of bit k times the driver
strength. Nothing but the vectors and E is held. Every function takes arrays in bit order.
"""

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

PARALLEL_FROM = 1 << 14
"""Vectors shorter than this are faster on one thread."""


def _matvec(energies, b, weights, v, out):  # type: ignore[no-untyped-def]
    for x in prange(v.size):
        total = b * energies[x] * v[x]
        for k in range(weights.size):
            total -= weights[k] * v[x ^ (1 << k)]
        out[x] = total


_matvec_serial = njit(cache=True)(_matvec)
_matvec_parallel = njit(cache=True, parallel=True)(_matvec)


def matvec(energies: NDArray, b: float, weights: NDArray, v: NDArray, out: NDArray) -> NDArray:
    """``out = b E v - sum_k weights[k] X_k v``; v float64 or complex128, (2^d,)."""
    kernel = _matvec_parallel if v.size >= PARALLEL_FROM else _matvec_serial
    kernel(energies, b, weights, v, out)
    return out


def _phase(energies, angle, psi):  # type: ignore[no-untyped-def]
    for x in prange(psi.size):
        theta = angle * energies[x]
        psi[x] *= complex(np.cos(theta), -np.sin(theta))


def _rotate_bit(stride, cos, sin, psi):  # type: ignore[no-untyped-def]
    # exp(i theta X) = cos theta + i sin theta X on the pair (x, x + stride)
    for pair in prange(psi.size // 2):
        low = ((pair // stride) * 2) * stride + pair % stride
        a, b = psi[low], psi[low + stride]
        psi[low] = cos * a + 1j * sin * b
        psi[low + stride] = cos * b + 1j * sin * a


_phase_serial = njit(cache=True)(_phase)
_phase_parallel = njit(cache=True, parallel=True)(_phase)
_rotate_serial = njit(cache=True)(_rotate_bit)
_rotate_parallel = njit(cache=True, parallel=True)(_rotate_bit)


def apply_phase(energies: NDArray, angle: float, psi: NDArray) -> None:
    """In place ``psi <- exp(-i angle E) psi``; psi complex128 (2^d,)."""
    kernel = _phase_parallel if psi.size >= PARALLEL_FROM else _phase_serial
    kernel(energies, angle, psi)


def apply_rotations(angles: NDArray, psi: NDArray) -> None:
    """In place ``psi <- prod_k exp(i angles[k] X_k) psi``; angles in bit order."""
    kernel = _rotate_parallel if psi.size >= PARALLEL_FROM else _rotate_serial
    for k in range(angles.size):
        kernel(1 << k, np.cos(angles[k]), np.sin(angles[k]), psi)
