"""Sentences about estimates that claim no more than their intervals support."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..statistics import Estimate, jeffreys_interval


def difference_claim(what: str, first: str, second: str, estimate: Estimate) -> str:
    """Return a sentence on whether a quantity is larger for the first of two things.

    A difference is claimed only if its interval excludes 0.

    Parameters
    ----------
    what : str
        Name of the quantity.
    first, second : str
        Names of the two things.
    estimate : Estimate
        Difference with its interval, first minus second.

    Returns
    -------
    str
        One sentence, with the difference and its interval.

    Examples
    --------
    >>> from qxgap.analysis import difference_claim
    >>> from qxgap.statistics import Estimate
    >>> difference_claim("The gap", "paper", "code", Estimate(0.5, 0.2, 0.8, 10))
    'The gap is larger for paper than for code: difference 0.5 [0.2, 0.8].'
    """
    side, interval = estimate.side(), f"difference {estimate}"
    if side:
        word = "larger" if side > 0 else "smaller"
        return f"{what} is {word} for {first} than for {second}: {interval}."
    if np.isnan(estimate.low):
        return (
            f"{what}: {first} and {second} cannot be told apart without an interval ({interval})."
        )
    return (
        f"{what}: no difference between {first} and {second} is shown ({interval}, which holds 0)."
    )


def reference_claim(what: str, reference: float, meaning: str, estimate: Estimate) -> str:
    """Return a sentence on whether a quantity lies above or below a reference, or agrees with it.

    Parameters
    ----------
    what : str
        Name of the quantity.
    reference : float
        Value that the quantity is compared with.
    meaning : str
        The law or model that has this value, such as ``"a law 1/d"``.
    estimate : Estimate
        Quantity with its interval.

    Returns
    -------
    str
        One sentence, with the quantity and its interval.

    Examples
    --------
    >>> from qxgap.analysis import reference_claim
    >>> from qxgap.statistics import Estimate
    >>> reference_claim("The exponent", 1.0, "a law 1/d", Estimate(0.9, 0.7, 1.2, 10))
    'The exponent is 0.9 [0.7, 1.2], compatible with the 1 of a law 1/d.'
    """
    side = estimate.side(reference)
    if side:
        word = "above" if side > 0 else "below"
        return f"{what} is {estimate}, {word} the {reference:g} of {meaning}."
    if np.isnan(estimate.low):
        return f"{what} is {estimate}; whether it is the {reference:g} of {meaning} is open."
    return f"{what} is {estimate}, compatible with the {reference:g} of {meaning}."


def share_claim(hits: Iterable[Any], what: str = "instances") -> str:
    """Return how many of some things have a property, with the Jeffreys interval of their share.

    The interval assumes that the things are independent.

    Parameters
    ----------
    hits : iterable of bool
        Whether each of them has the property.
    what : str
        Name of the things.

    Returns
    -------
    str
        ``k of n`` with the 95 % interval.

    Examples
    --------
    >>> from qxgap.analysis import share_claim
    >>> share_claim([True, True, False, True])
    '3 of 4 instances (28% to 97%)'
    """
    values = [bool(hit) for hit in hits]
    if not values:
        return f"0 of 0 {what}"
    low, high = jeffreys_interval(sum(values), len(values))
    return f"{sum(values)} of {len(values)} {what} ({low:.0%} to {high:.0%})"
