"""Numbers and lists as words: few digits, ranges, and plurals."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any


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
    text = f"{float(f'{value:.{digits}g}'):g}"  # 1100 rather than 1.1e+03
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else text


def at_least(value: float, digits: int = 3) -> str:
    """Return a lower bound with a few significant digits, rounded down so that it still holds.

    Parameters
    ----------
    value : float
        The bound.
    digits : int, optional
        Number of significant digits.
    """
    if not value or not math.isfinite(value):
        return number(value, digits)
    step = 10.0 ** (math.floor(math.log10(abs(value))) - digits + 1)
    return number(math.floor(value / step) * step, digits)


def percent(share: float) -> str:
    """Return a share of 1 in percent, with two significant digits.

    Parameters
    ----------
    share : float
        The share, in [0, 1].
    """
    if 0.99 < share < 1:  # the digits that differ from 100 %
        return f"{100 - float(f'{100 * (1 - share):.2g}'):.12g} %"
    return f"{100 * share:#.2g}".rstrip(".") + " %" if 0 < share < 1 else f"{100 * share:.0f} %"


def counted(count: int, noun: str) -> str:
    """Return a number with its noun, in the plural if there is not exactly one.

    Parameters
    ----------
    count : int
        The number.
    noun : str
        The noun in the singular.
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


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
