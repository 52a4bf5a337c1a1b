"""What jumps, and the absence of jumps, do to a state: real and imaginary parts, shape (2, 2^d)."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from ...compiled import njit

CHUNK_BITS = 8
"""The ones of this number of low bits are looked up in a table."""

Array = NDArray[np.float64]


def damp(psi: Array, factors: Array) -> float:
    """Multiply each amplitude by the factor of its number of ones, in place.

    Parameters
    ----------
    psi : ndarray of float, shape (2, 2^d)
        The state.
    factors : ndarray of float, shape (d + 1,)
        Factor for 0 to d ones.

    Returns
    -------
    float
        The squared norm afterwards.
    """
    return float(_damp(psi[0], psi[1], factors, _ones_table(factors.size - 1)))


def weights_by_ones(psi: Array) -> Array:
    """Return the weight of the states with 0 to d ones, shape (d + 1,).

    Parameters
    ----------
    psi : ndarray of float, shape (2, 2^d)
        The state.
    """
    d = psi.shape[1].bit_length() - 1
    weights = np.zeros(d + 1)
    _add_weights(psi[0], psi[1], weights, _ones_table(d))
    return weights


def flip_signs(psi: Array, mask: int) -> None:
    """Apply ``sigma_z`` to the bits of a mask, in place.

    Parameters
    ----------
    psi : ndarray of float, shape (2, 2^d)
        The state.
    mask : int
        Bit mask.
    """
    _flip_signs(psi[0], psi[1], mask, _ones_table(psi.shape[1].bit_length() - 1))


def weights_of_one(weights: Array) -> Array:
    """Return the weight of the states in which a bit is 1, for each bit, shape (d,).

    Parameters
    ----------
    weights : ndarray of float, shape (2^d,)
        Weight of each state.
    """
    d = weights.size.bit_length() - 1
    ones = np.zeros(d)
    for bit in reversed(range(d)):
        low, high = weights[: 1 << bit], weights[1 << bit :]
        ones[bit], weights = high.sum(), low + high
    return ones


def move_bit(psi: Array, bit: int, up: bool) -> None:
    """Apply ``|1><0|`` (up) or ``|0><1|`` to a bit, in place.

    Parameters
    ----------
    psi : ndarray of float, shape (2, 2^d)
        The state.
    bit : int
        The bit.
    up : bool
        Whether the bit jumps from 0 to 1.
    """
    pairs = psi.reshape(2, -1, 2, 1 << bit)
    source, target = (0, 1) if up else (1, 0)
    pairs[:, :, target] = pairs[:, :, source]
    pairs[:, :, source] = 0.0


@cache
def _ones_table(num_bits: int) -> NDArray[np.int64]:
    """Return the number of ones of each value of the low bits."""
    table = np.zeros(1, dtype=np.int64)
    for _ in range(min(num_bits, CHUNK_BITS)):
        table = np.concatenate([table, table + 1])
    return table


@njit(cache=True, nogil=True)
def _count_ones(x):  # type: ignore[no-untyped-def]
    """Return the number of ones of a number."""
    count = 0
    while x:
        x &= x - 1
        count += 1
    return count


@njit(cache=True, nogil=True)
def _damp(re, im, factors, table):  # type: ignore[no-untyped-def]
    """Multiply by the factors, and return the squared norm; see :func:`damp`."""
    total = 0.0
    for chunk in range(re.size // table.size):
        ones, begin, part = _count_ones(chunk), chunk * table.size, 0.0
        for x in range(table.size):
            factor = factors[ones + table[x]]
            a, b = factor * re[begin + x], factor * im[begin + x]
            re[begin + x], im[begin + x] = a, b
            part += a * a + b * b
        total += part
    return total


@njit(cache=True, nogil=True)
def _add_weights(re, im, weights, table):  # type: ignore[no-untyped-def]
    """Add the weights of all states; see :func:`weights_by_ones`."""
    for chunk in range(re.size // table.size):
        ones, begin = _count_ones(chunk), chunk * table.size
        for x in range(table.size):
            weights[ones + table[x]] += re[begin + x] ** 2 + im[begin + x] ** 2


@njit(cache=True, nogil=True)
def _flip_signs(re, im, mask, table):  # type: ignore[no-untyped-def]
    """Flip the signs where an odd number of bits of the mask is 1; see :func:`flip_signs`."""
    signs = np.empty(table.size)
    for x in range(table.size):
        signs[x] = 1.0 - 2.0 * (table[x & mask] & 1)
    for chunk in range(re.size // table.size):
        begin = chunk * table.size
        sign = 1.0 - 2.0 * (_count_ones(begin & mask) & 1)
        for x in range(table.size):
            re[begin + x] *= sign * signs[x]
            im[begin + x] *= sign * signs[x]
