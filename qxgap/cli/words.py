"""Numbers and lists as words: few digits, ranges, and plurals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..digits import at_least as at_least
from ..digits import counted as counted
from ..digits import percent as in_percent
from ..digits import rounded


def printable(text: str) -> str:
    """Return ``text`` with line breaks, terminal codes and undecodable bytes as escapes."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def number(value: float, digits: int = 2) -> str:
    """Return a number with a few significant digits.

    Parameters
    ----------
    value : float
        The number.
    digits : int, optional
        Number of significant digits.
    """
    return rounded(value, digits)


def percent(share: float) -> str:
    """Return a share of 1 in percent, with two significant digits and the sign.

    Parameters
    ----------
    share : float
        The share, in [0, 1].
    """
    return f"{in_percent(share)} %"


def listed(labels: Sequence[Any]) -> str:
    """Return labels with commas between them, or words for none.

    Parameters
    ----------
    labels : sequence
        The labels.
    """
    return ", ".join(map(str, labels)) if labels else "nothing"


def spread(values: Sequence[float], shown: Callable[[float], str] = number) -> str:
    """Return the range of some numbers in words.

    Parameters
    ----------
    values : sequence of float
        At least one number.
    shown : callable, optional
        The text of a number.
    """
    low, high = shown(min(values)), shown(max(values))
    return low if low == high else f"from {low} to {high}"


def percent_spread(shares: Sequence[float]) -> str:
    """Return the range of some shares in words, such as ``from 2.5 to 10 %``.

    Parameters
    ----------
    shares : sequence of float
        At least one share, in [0, 1].
    """
    return spread(shares, percent).replace(" % to", " to")
