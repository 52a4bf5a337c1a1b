"""Sums over the complex amplitudes of a state, on the host or on a device.

A state is a numpy array on the host or a torch tensor on a device. Every function takes either, and
leaves it where it is; only :func:`on_host` copies. Sums are taken in double precision.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import zaxpy

from .amplitude_sums import BINS, FIRST_KEY, SHIFT

Amplitudes = Any
"""A numpy.ndarray or a torch.Tensor of complex numbers, shape (2^d,)."""

Values = Any
"""A numpy.ndarray or a torch.Tensor of real numbers."""

CHUNK = 1 << 24
"""Number of amplitudes on a device that are converted to double precision at once."""


def is_on_device(state: Amplitudes) -> bool:
    """Return whether a state is a torch tensor."""
    torch = sys.modules.get("torch")  # without the module there is no tensor
    return torch is not None and isinstance(state, torch.Tensor)


def library(values: Amplitudes | Values) -> Any:
    """Return the library, numpy or torch, to which an array belongs."""
    return sys.modules["torch"] if is_on_device(values) else np


def on_host(state: Amplitudes) -> NDArray[np.complex128]:
    """Return a state as a numpy array of double precision; one on the host is not copied."""
    if is_on_device(state):
        state = state.cpu().numpy()
    return np.asarray(state, dtype=np.complex128)


def total(values: Values) -> float:
    """Return the sum of real numbers."""
    if is_on_device(values):
        return float(values.sum(dtype=library(values).float64))
    return float(values.sum())


def squared(state: Amplitudes) -> Values:
    """Return ``|psi|^2`` of each amplitude, in double precision."""
    if is_on_device(state):
        return state.real.double() ** 2 + state.imag.double() ** 2
    return np.abs(state) ** 2


def added(state: Amplitudes, weight: float, other: Amplitudes) -> Amplitudes:
    """Return ``state + weight other`` in the place of ``state``, which must be contiguous."""
    if is_on_device(state):
        return state.add_(other, alpha=weight)
    return zaxpy(other, state, a=weight)


def norm(state: Amplitudes) -> float:
    """Return the norm of a state."""
    if is_on_device(state):
        torch = library(state)
        return float(torch.linalg.vector_norm(state, dtype=torch.complex128))
    return float(np.linalg.norm(state))


def inner(phi: Amplitudes, psi: Amplitudes) -> complex:
    """Return the inner product ``<phi|psi>`` of two states of one kind."""
    if not is_on_device(psi):
        return complex(np.vdot(phi, psi))
    double, parts = library(psi).complex128, zip(phi.split(CHUNK), psi.split(CHUNK), strict=True)
    return complex(sum((a.to(double).conj() * b.to(double)).sum() for a, b in parts))


def total_by_bin(state: Amplitudes, values: Values, decimals: int) -> Values:
    """Return the sums of ``values``, not negative, over bins of the modulus of a state on a device.

    They are the bins of :func:`.change_sums`: amplitudes of equal modulus are in one.
    """
    torch = library(state)
    patterns = (abs(state).double() * 10.0**decimals + 0.5).floor_().view(torch.int64)
    keys = ((patterns >> SHIFT) - FIRST_KEY).clamp_(0, BINS - 1)
    return torch.bincount(keys, weights=values, minlength=BINS)


def total_by_value(keys: Values, values: Values) -> Values:
    """Return the sums of the ``values``, not negative, that belong to equal ``keys``."""
    xp = library(keys)
    _, numbers = xp.unique(keys, return_inverse=True)
    return xp.bincount(numbers, weights=values)
