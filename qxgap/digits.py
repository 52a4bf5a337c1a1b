"""Numbers, counts and units as sentences show them: few digits, and a plural where it belongs."""

from __future__ import annotations

import math


def rounded(value: float, digits: int = 3) -> str:
    """Return a number in a few significant digits, without an exponent below a million.

    Parameters
    ----------
    value : float
        The number.
    digits : int, optional
        Number of significant digits.

    Examples
    --------
    >>> rounded(2284.3), rounded(0.1309), rounded(0.02)
    ('2280', '0.131', '0.02')
    """
    return f"{float(f'{value:.{digits}g}'):g}"


def at_least(value: float, digits: int = 3) -> str:
    """Return a lower bound in few digits; it is rounded down, so that it stays a lower bound.

    Parameters
    ----------
    value : float
        The bound.
    digits : int, optional
        Number of significant digits.

    Examples
    --------
    >>> at_least(0.13098)
    '0.130'
    """
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    down = math.floor(value * 10.0**places * (1 + 1e-15)) / 10.0**places
    return f"{down:.{places}f}" if 0 < places < 6 else f"{down:.{digits}g}"


def fraction(s: float) -> str:
    """Return an anneal fraction in three digits, or in more if it is close to 1.

    Parameters
    ----------
    s : float
        The anneal fraction, from 0 to 1.

    Examples
    --------
    >>> fraction(0.80871), fraction(0.99987), fraction(1.0)
    ('0.809', '0.9999', '1')
    """
    for digits in (3, 4, 6, 9):
        text = f"{s:.{digits}g}"
        if (float(text) == 1) == (s == 1):
            return text
    return repr(float(s))


def probability(p: float) -> str:
    """Return a probability in two digits; near 1 two digits of its distance from 1.

    Parameters
    ----------
    p : float
        The probability, from 0 to 1.

    Examples
    --------
    >>> probability(0.02576), probability(0.99871), probability(1.0)
    ('0.026', '0.9987', '1')
    """
    failure = 1.0 - p
    if p < 0.9 or failure < 1e-12:
        return rounded(p, 2)
    return f"{p:.{1 - math.floor(math.log10(failure))}f}".rstrip("0")


def percent(share: float) -> str:
    """Return a share in percent, in two digits; near 100 two digits of its distance from it.

    Parameters
    ----------
    share : float
        The share, from 0 to 1.

    Examples
    --------
    >>> percent(0.0258), percent(0.9946), percent(1.0)
    ('2.6', '99.46', '100')
    """
    failure = 1.0 - share
    if share < 0.9 or failure < 1e-12:
        return rounded(100 * share, 2)
    text = f"{100 * share:.{max(0, -1 - math.floor(math.log10(failure)))}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def counted(count: int, noun: str) -> str:
    """Return a count with its noun, in the plural if there is not exactly one.

    Parameters
    ----------
    count : int
        The number.
    noun : str
        The noun in the singular.

    Examples
    --------
    >>> counted(1, "read"), counted(2, "class")
    ('1 read', '2 classes')
    """
    ending = "" if count == 1 else "es" if noun.endswith("s") else "s"
    return f"{count} {noun}{ending}"


def suffix_of(unit: str) -> str:
    """Return a unit as it follows a number: a blank and its name, or nothing.

    Parameters
    ----------
    unit : str
        The name of the unit; ``"dimensionless"`` or empty if there is none.
    """
    return "" if unit in ("", "dimensionless") else f" {unit}"


def label_of(unit: str) -> str:
    """Return a unit as it ends the label of an axis, such as ``" in GHz"``, or nothing.

    Parameters
    ----------
    unit : str
        The name of the unit; ``"dimensionless"`` or empty if there is none.
    """
    return "" if unit in ("", "dimensionless") else f" in {unit}"
