"""Distances of two states: of their read-outs, and of the states themselves."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...linalg.amplitude_sums import BY_CHANGE, BY_MODULUS, SQUARE, change_sums
from ...linalg.amplitudes import (
    Amplitudes,
    Values,
    inner,
    is_on_device,
    library,
    norm,
    total,
    total_by_bin,
    total_by_value,
)

FEW, MANY = 2.8, 28.0
"""Two read-out distributions of MANY independent numbers do not agree by chance. For fewer numbers
the estimate uses a smaller decrease, in proportion to the square of their number, down to FEW."""

EQUAL_DIGITS = 9
"""Number of decimal places to which equal moduli of amplitudes agree."""


@dataclass(frozen=True)
class Distance:
    """Distance of two states.

    Attributes
    ----------
    value : float
        The distance.
    numbers : float
        Effective number of independent numbers whose changes add up to it. Of many it may be a
        lower bound, which is at least MANY.
    """

    value: float
    numbers: float


def read_out_distance(psi: Amplitudes, phi: Amplitudes) -> Distance:
    """Return the total variation distance of the read-outs of two states (2^d,).

    Few independent numbers may agree by chance. Their changes of phase, relative to the global
    phase, are then counted as if they were changes of modulus, because the two do not vanish at the
    same time. The distance is then an upper bound.

    Parameters
    ----------
    psi : ndarray or tensor of complex, shape (2^d,)
        Final state of a run.
    phi : ndarray or tensor of complex, shape (2^d,)
        Final state of another run.
    """
    return distances(psi, phi)[0]


def distances(psi: Amplitudes, phi: Amplitudes) -> tuple[Distance, float]:
    """Return the distance of the read-outs of two states, and that of the states themselves.

    Parameters
    ----------
    psi : ndarray or tensor of complex, shape (2^d,)
        Final state of a run.
    phi : ndarray or tensor of complex, shape (2^d,)
        Final state of another run.

    Returns
    -------
    read_out : Distance
        See :func:`read_out_distance`.
    states : float
        The norm of the difference of states of equal global phase.
    """
    if is_on_device(psi):
        return _distances_on_device(psi, phi)
    sums, bins = change_sums(psi, phi, _common_phase(psi, phi), EQUAL_DIGITS)
    # A bin may hold several moduli: the true number of independent ones is not smaller.
    numbers = _participation(bins)
    if numbers < MANY:
        changes = abs(change_of(psi, phi)) * (abs(psi) + abs(phi)) / 2
        numbers = independent_numbers(psi, changes)
    value = sums[BY_MODULUS] if numbers >= MANY else sums[BY_CHANGE]
    return Distance(float(value), numbers), float(sums[SQUARE]) ** 0.5


def _distances_on_device(psi: Amplitudes, phi: Amplitudes) -> tuple[Distance, float]:
    """Return what :func:`distances` does, for states on a device."""
    change, sizes = change_of(psi, phi), abs(psi) + abs(phi)
    changes = abs(change) * sizes / 2
    numbers = _participation(total_by_bin(psi, changes, EQUAL_DIGITS))
    if numbers < MANY:
        numbers = independent_numbers(psi, changes)
    by_modulus = abs(abs(psi) - abs(phi)) * sizes / 2
    value = total(by_modulus if numbers >= MANY else changes)
    return Distance(value, numbers), norm(change)


def _common_phase(psi: Amplitudes, phi: Amplitudes) -> complex:
    """Return the phase that brings one state as near as possible to another."""
    overlap = inner(phi, psi)
    return overlap / abs(overlap) if overlap else 1.0


def change_of(psi: Amplitudes, phi: Amplitudes) -> Amplitudes:
    """Return the difference of two states (2^d,) of equal global phase.

    Parameters
    ----------
    psi : ndarray or tensor of complex, shape (2^d,)
        A state.
    phi : ndarray or tensor of complex, shape (2^d,)
        The state that is subtracted, after it has been given the phase of the other.
    """
    return psi - _common_phase(psi, phi) * phi


def state_distance(psi: NDArray, phi: NDArray) -> Distance:
    """Return the largest distance in norm, phase included, of two sets of states.

    Parameters
    ----------
    psi : ndarray of complex, shape (2^d, k)
        Final states of a run, one in each column.
    phi : ndarray of complex, shape (2^d, k)
        Final states of another run.
    """
    changes = np.abs(psi - phi) ** 2
    column = int(changes.sum(axis=0).argmax())
    changes = changes[:, column]
    return Distance(math.sqrt(changes.sum()), independent_numbers(psi[:, column], changes))


def independent_numbers(psi: Amplitudes, changes: Values) -> float:
    """Return the participation number of changes, amplitudes of equal modulus counted as one.

    Symmetric problems have many amplitudes and few independent numbers.

    Parameters
    ----------
    psi : ndarray or tensor of complex, shape (2^d,)
        State.
    changes : ndarray or tensor of float, shape (2^d,)
        Change of each amplitude, not negative.
    """
    return _participation(
        total_by_value(library(psi).round(abs(psi), decimals=EQUAL_DIGITS), changes)
    )


def _participation(sums: Values) -> float:
    """Return the participation number of sums, none of which is negative."""
    squares = total(sums**2)
    return total(sums) ** 2 / squares if squares else 1.0
