"""Numbers, intervals and names as sentences have them."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ...digits import counted as counted
from ...statistics import Estimate

NUMERALS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

SAMPLER_NAMES = {
    "sa": "simulated annealing",
    "exact": "enumeration",
    "schrodinger": "the final state of the model",
    "gibbs": "exact thermal sampling",
    "pathintegral": "path-integral Monte Carlo",
    "rotor": "rotor Monte Carlo",
    "tree": "exact thermal sampling",
    "tabu": "tabu search",
    "greedy": "steepest descent",
    "dwave": "the annealer",
}
"""Names of samplers in sentences."""


def two(value: float, *, apart_from: float | None = None) -> str:
    """Return a number with two significant digits, without an exponent if it is readable so.

    Parameters
    ----------
    value : float
        The number.
    apart_from : float, optional
        A reference. A number that would be rounded to it is called "just above" or "just below" it.

    Examples
    --------
    >>> from qxgap.report.findings.wording import two
    >>> two(0.5234), two(334.7), two(0.996, apart_from=1), two(3.2e-8)
    ('0.52', '330', 'just below 1', '3.2 × 10⁻⁸')
    """
    if math.isnan(value):
        return "unknown"
    if math.isinf(value):
        return "infinity" if value > 0 else "minus infinity"
    rounded = float(f"{value:.1e}")
    if apart_from is not None and rounded == apart_from != value:
        return f"just {'above' if value > apart_from else 'below'} {apart_from:g}"
    if rounded == 0:
        return "0"
    mantissa, power = f"{value:.1e}".split("e")
    exponent = int(power)
    if -4 <= exponent < 1:
        return f"{rounded:.{1 - exponent}f}".rstrip("0").rstrip(".")
    if 1 <= exponent <= 5:
        return f"{rounded:.0f}"
    return f"{mantissa.removesuffix('.0')} × 10{power_of(exponent)}"


def power_of(exponent: int) -> str:
    """Return a whole number as a superscript."""
    return str(exponent).translate(SUPERSCRIPTS)


def lower_bound(value: float) -> str:
    """Return a positive number below 10 with two digits after rounding it down."""
    return f"{math.floor(value * 100 * (1 + 1e-12)) / 100:g}"


def percent(share: float) -> str:
    """Return a share as a percentage of two significant digits."""
    if 0.995 <= share < 1:
        return "over 99 %"
    return f"{two(100 * share)} %"


def span(estimate: Estimate, *, apart_from: float | None = None, factor: float = 1.0) -> str:
    """Return the two ends of an interval, such as ``"0.38 to 0.66"``."""
    ends = sorted((factor * estimate.low, factor * estimate.high))
    return " to ".join(two(end, apart_from=apart_from) for end in ends)


def interval(
    estimate: Estimate,
    *,
    apart_from: float | None = None,
    factor: float = 1.0,
    unit: str = "",
    level: float = 0.95,
) -> str:
    """Return an interval in words, or that there is none."""
    if math.isnan(estimate.low) or math.isnan(estimate.high):
        return "no interval"
    ends = span(estimate, apart_from=apart_from, factor=factor)
    return f"{two(100 * level)} % interval {ends}{unit and ' ' + unit}"


def numeral(count: int) -> str:
    """Return a count up to ten as a word, and a larger one in digits."""
    return NUMERALS[count] if 0 <= count < len(NUMERALS) else f"{count}"


def all_of(count: int, total: int, noun: str = "problem") -> str:
    """Return ``"all 60 problems"``, ``"this problem"`` or ``"5 of 60 problems"``."""
    if count == total == 1:
        return f"this {noun}"
    if count == total:
        return f"{'both' if total == 2 else f'all {total}'} {noun}s"
    return f"{count} of {counted(total, noun)}"


def listed(names: Iterable[str], last: str = "and") -> str:
    """Return names as a list in words, such as ``"a, b and c"``."""
    *first, end = names
    return f"{', '.join(first)} {last} {end}" if first else end


def under(setting: str) -> str:
    """Return a driver as an adverbial, such as ``"with the driver of the paper"``."""
    return f"with {'the ' if setting.startswith('driver') else ''}{setting}" if setting else ""


def sentence(*parts: str) -> str:
    """Return the parts that are not empty as one sentence with a capital and a period."""
    text = " ".join(part for part in parts if part).replace(" ,", ",").replace(" ;", ";").strip()
    return f"{text[:1].upper()}{text[1:]}".rstrip(".") + "."


def duration(tau: float) -> str:
    """Return an anneal time as it was given, without an exponent if it is readable so."""
    return f"{tau:.0f}" if 1e6 <= tau < 1e9 else f"{tau:g}"
