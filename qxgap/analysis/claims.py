"""Sentences that claim no more than their interval supports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..statistics import jeffreys_interval
from ..statistics.bootstrap import Estimate


def difference(what: str, first: str, second: str, estimate: Estimate) -> str:
    """Say whether ``what`` of the first exceeds that of the second.

    Parameters
    ----------
    estimate : of the difference, first minus second.

    A difference is claimed only if the interval excludes 0.
    """
    side, told = estimate.side(), f"difference {estimate}"
    if side:
        word = "larger" if side > 0 else "smaller"
        return f"{what} is {word} for {first} than for {second}: {told}."
    if np.isnan(estimate.low):
        return f"{what}: {first} and {second} cannot be told apart without an interval ({told})."
    return f"{what}: no difference between {first} and {second} is shown ({told}, which holds 0)."


def against(what: str, reference: float, meaning: str, estimate: Estimate) -> str:
    """Say on which side of a ``reference`` a number lies, if on one.

    Parameters
    ----------
    meaning : what would give the reference, e.g. ``"a law 1/d"``.
    """
    side = estimate.side(reference)
    if side:
        word = "above" if side > 0 else "below"
        return f"{what} is {estimate}, {word} the {reference:g} of {meaning}."
    if np.isnan(estimate.low):
        return f"{what} is {estimate}; whether it is the {reference:g} of {meaning} is open."
    return f"{what} is {estimate}, compatible with the {reference:g} of {meaning}."


def share(hits: Iterable[Any], what: str = "instances") -> str:
    """``k of n`` with the Jeffreys interval of the share, which takes them as independent."""
    told = [bool(hit) for hit in hits]
    if not told:
        return f"0 of 0 {what}"
    low, high = jeffreys_interval(sum(told), len(told))
    return f"{sum(told)} of {len(told)} {what} ({low:.0%} to {high:.0%})"
