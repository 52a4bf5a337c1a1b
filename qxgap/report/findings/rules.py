"""The rules from which the verdicts on the four questions follow, with their thresholds.

Each threshold has its reason beside it. The functions take numbers only, so that a study and one
problem are judged by the same rules.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...statistics import Estimate
from .wording import numeral, two

BOTTLENECK = 0.5
"""A minimum gap below this fraction of the classical gap is a quantum bottleneck.

The classical gap, between the two lowest energies of the problem, limits every anneal, because H(s)
ends there. An adiabatic anneal needs a time of order 1/gap². A gap of half the classical one costs
a factor of four in time, which is less than the difference between the two drivers that are in
use; only below that does quantum mechanics make the problem hard.
"""

SMALL_PROBLEM = 30
"""Up to so many variables an enumeration of all 2^d states takes minutes on one computer."""

SURE = 0.999
"""A probability of at least one success that counts as certain."""

LATE = 0.95
"""A minimum at a larger anneal fraction s is said to lie at the end of the anneal."""

ALWAYS, NEVER = 0.995, 1e-4
"""Success probabilities that are called "almost every anneal" and "hardly any anneal"."""

ALMOST_EVERY, MOST = "almost every anneal", "more than nine anneals in ten"
HARDLY_ANY = "hardly any anneal"
"""The verdicts that are true as they stand; all others begin with "about"."""

WIDE_RANGE = 4.0
"""If the two ends of an interval of a probability differ by more than this factor, the verdict
names both ends instead of one number."""

ALIKE = 1e-6
"""Relative difference below which the minimum gap is said to be the classical gap itself."""


def gap_is_wide(gap_lower: ArrayLike, classical_gap: ArrayLike) -> NDArray[np.bool_]:
    """Return whether the lower bounds of gaps prove that there is no quantum bottleneck."""
    threshold = BOTTLENECK * np.asarray(classical_gap, dtype=float)
    return np.asarray(gap_lower, dtype=float) >= threshold * (1 - ALIKE)


def gap_is_narrow(gap: ArrayLike, classical_gap: ArrayLike) -> NDArray[np.bool_]:
    """Return whether the gaps, which are upper ends of brackets, prove a quantum bottleneck."""
    threshold = BOTTLENECK * np.asarray(classical_gap, dtype=float)
    return np.asarray(gap, dtype=float) < threshold * (1 - ALIKE)


def hardness_verdict(num_wide: int, num_narrow: int, total: int, *, drivers_differ: bool) -> str:
    """Return the verdict on the question how hard the problems are.

    Parameters
    ----------
    num_wide, num_narrow : int
        Numbers of problems without and with a proven quantum bottleneck.
    total : int
        Number of problems with a gap.
    drivers_differ : bool
        Whether a problem has a bottleneck with one driver and has none with another.
    """
    if num_wide == total:
        return "no quantum bottleneck"
    if drivers_differ:
        return "depends on the driver"
    if num_narrow == total:
        return "quantum bottleneck"
    return f"bottleneck in {num_narrow} of {total}" if num_narrow else "not settled"


def success_verdict(probability: Estimate) -> str:
    """Return how often one anneal succeeds; both ends if the interval is wide.

    Parameters
    ----------
    probability : Estimate
        Success probability of one anneal.
    """
    low, high = probability.low, probability.high
    known = not math.isnan(low)
    if known and max(high, NEVER) > WIDE_RANGE * max(low, NEVER):
        return f"between {_frequency(low)} and {_frequency(high)}"
    name = _frequency(probability.value)
    return name if name in (ALMOST_EVERY, MOST, HARDLY_ANY) else f"about {name}"


def _frequency(probability: float) -> str:
    if probability >= ALWAYS:
        return ALMOST_EVERY
    if probability < NEVER:
        return HARDLY_ANY
    if probability >= 0.95:
        return MOST
    if probability >= 0.6:
        return f"{numeral(round(10 * probability))} anneals in ten"
    if probability >= 0.4:
        return "one anneal in two"
    whole = round(float(two(1 / probability)))
    return f"one anneal in {numeral(whole)}"
