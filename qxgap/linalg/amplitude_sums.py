"""Sums over the change of a state, in one pass over both states and without temporary arrays."""

from __future__ import annotations

import math

import numpy as np
from numba import get_num_threads, prange
from numpy.typing import NDArray

from ..compiled import njit

BLOCK = 512
"""Number of amplitudes whose moduli are in the cache together."""
BINS_PER_OCTAVE_BITS = 7
"""Moduli within an octave are divided into 2^7 bins."""
OCTAVES = 32
"""Moduli of 1e-9, the least that count, to 1 take 30 octaves."""
BINS = (OCTAVES << BINS_PER_OCTAVE_BITS) + 2
"""Number of bins, with one for moduli that round to zero."""
SHIFT = 52 - BINS_PER_OCTAVE_BITS
"""Bits of a double-precision number below those that number the bin."""
FIRST_KEY = (1023 << BINS_PER_OCTAVE_BITS) - 1
"""What is subtracted from the high bits of the modulus, so that the number 1 is in bin 1."""
PARALLEL_FROM = 1 << 17
"""Number of amplitudes from which on several threads are used."""

SQUARE, BY_CHANGE, BY_MODULUS = range(3)
"""The sums: of the square of the change; of half the change times both moduli; and the same with
the change of the modulus."""


@njit(cache=True)
def _add_block(psi, phi, phase, begin, digits, moduli, changes, sums, bins):  # type: ignore[no-untyped-def]
    """Add the sums of some amplitudes, and their changes by bins of their modulus."""
    cos, sin = phase.real, phase.imag
    square, by_change, by_modulus = 0.0, 0.0, 0.0
    for j in range(moduli.size):
        a, b = psi[begin + j], phi[begin + j]
        re = a.real - (cos * b.real - sin * b.imag)
        im = a.imag - (cos * b.imag + sin * b.real)
        own, other = math.sqrt(a.real**2 + a.imag**2), math.sqrt(b.real**2 + b.imag**2)
        apart = re * re + im * im
        changes[j] = math.sqrt(apart) * (own + other) / 2
        moduli[j] = math.floor(own * digits + 0.5)
        square += apart
        by_change += changes[j]
        by_modulus += abs(own - other) * (own + other) / 2
    sums[SQUARE] += square
    sums[BY_CHANGE] += by_change
    sums[BY_MODULUS] += by_modulus
    patterns = moduli.view(np.int64)
    for j in range(moduli.size):
        key = max((patterns[j] >> SHIFT) - FIRST_KEY, 0)
        bins[min(key, bins.size - 1)] += changes[j]


@njit(cache=True)
def _part(psi, phi, phase, begin, end, digits, sums, bins):  # type: ignore[no-untyped-def]
    """Add the sums of the amplitudes from ``begin`` to the one before ``end``."""
    moduli, changes = np.empty(BLOCK), np.empty(BLOCK)
    for at in range(begin, end, BLOCK):
        size = min(BLOCK, end - at)
        _add_block(psi, phi, phase, at, digits, moduli[:size], changes[:size], sums, bins)


@njit(cache=True, parallel=True)
def _parts_parallel(psi, phi, phase, digits, sums, bins):  # type: ignore[no-untyped-def]
    """Add the sums of one part for each thread; the parts have rows of their own."""
    threads = sums.shape[0]
    for thread in prange(threads):
        begin, end = thread * psi.size // threads, (thread + 1) * psi.size // threads
        _part(psi, phi, phase, begin, end, digits, sums[thread], bins[thread])


def change_sums(
    psi: NDArray[np.complex128], phi: NDArray[np.complex128], phase: complex, decimals: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return sums over the change ``psi - phase phi`` of a state.

    Parameters
    ----------
    psi : ndarray of complex, shape (n,)
        The state, contiguous, with amplitudes of at most 1.
    phi : ndarray of complex, shape (n,)
        The state from which it changed, contiguous.
    phase : complex
        The phase that is given to ``phi``.
    decimals : int
        Decimal places to which equal moduli of ``psi`` agree.

    Returns
    -------
    sums : ndarray of float, shape (3,)
        The sums SQUARE, BY_CHANGE and BY_MODULUS.
    bins : ndarray of float, shape (BINS,)
        The sum BY_CHANGE in bins of the modulus. Amplitudes with equal moduli are in one bin.
    """
    threads = get_num_threads() if psi.size >= PARALLEL_FROM else 1
    sums, bins = np.zeros((threads, 3)), np.zeros((threads, BINS))
    digits = 10.0**decimals
    if threads == 1:
        _part(psi, phi, complex(phase), 0, psi.size, digits, sums[0], bins[0])
    else:
        _parts_parallel(psi, phi, complex(phase), digits, sums, bins)
    return sums.sum(axis=0), bins.sum(axis=0)
