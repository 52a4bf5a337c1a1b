"""Findings about a difference, a reference value or a share, and patterns over anneal times.

The words follow from what the interval supports, so no sentence claims more.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...statistics import Estimate, jeffreys_interval
from .finding import Finding, Support, judged, summed_up
from .wording import counted, duration, interval, listed, sentence, span, two


def difference_finding(
    what: str,
    first: str,
    second: str,
    estimate: Estimate,
    *,
    claim: str = "difference",
    subject: str = "",
    minor: bool = False,
    level: float = 0.95,
    unit: str = "",
) -> Finding:
    """Return the finding on whether a quantity is larger for the first of two things.

    Parameters
    ----------
    what : str
        Name of the quantity, such as ``"the gap"``.
    first, second : str
        Names of the two things.
    estimate : Estimate
        Difference with its interval, first minus second.
    claim : str, optional
        The kind of the claim.
    subject : str, optional
        To what the claim refers.
    minor : bool, optional
        Whether the finding is shown under the details only.
    level : float, optional
        Confidence level of the interval.
    unit : str, optional
        Unit of the quantity.

    Examples
    --------
    >>> from qxgap.report.findings import difference_finding
    >>> from qxgap.statistics import Estimate
    >>> print(difference_finding("the gap", "one", "the other", Estimate(0.5, 0.2, 0.8, 10)))
    The gap is larger for one than for the other, by 0.5 (95 % interval 0.2 to 0.8).
    """
    size = f"by {two(abs(estimate.value))}{unit and ' ' + unit}"
    sure = f"({interval(estimate, factor=math.copysign(1, estimate.value), level=level)})"
    ends = f"({interval(estimate, level=level)} for the difference)"
    words = {
        Support.ABOVE: sentence(what, f"is larger for {first} than for {second},", size, sure),
        Support.BELOW: sentence(what, f"is smaller for {first} than for {second},", size, sure),
        Support.EQUAL: sentence(what, f"is exactly the same for {first} and {second}"),
        Support.COMPATIBLE: sentence(
            f"no difference in {what} between {first} and {second} can be shown", ends
        ),
        Support.UNDECIDED: sentence(
            f"whether {what} differs between {first} and {second} cannot be said, as there is no "
            "interval"
        ),
    }
    return judged(claim, estimate, 0.0, words, subject=subject, minor=minor)


def reference_finding(
    what: str,
    reference: float,
    meaning: str,
    estimate: Estimate,
    *,
    claim: str = "reference",
    subject: str = "",
    minor: bool = False,
) -> Finding:
    """Return the finding on whether a quantity lies above or below a reference.

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
    claim : str, optional
        The kind of the claim.
    subject : str, optional
        To what the claim refers.
    minor : bool, optional
        Whether the finding is shown under the details only.

    Examples
    --------
    >>> from qxgap.report.findings import reference_finding
    >>> from qxgap.statistics import Estimate
    >>> print(reference_finding("the exponent", 1.0, "a law 1/d", Estimate(0.9, 0.7, 1.2, 10)))
    The exponent is 0.9 (95 % interval 0.7 to 1.2); no difference from the 1 of a law 1/d can be
    shown.
    """
    size = f"{what} is {two(estimate.value, apart_from=reference)}"
    value = f"{size} ({interval(estimate, apart_from=reference)})"
    words = {
        Support.ABOVE: sentence(f"{value}, above the {reference:g} of {meaning}"),
        Support.BELOW: sentence(f"{value}, below the {reference:g} of {meaning}"),
        Support.EQUAL: sentence(f"{what} is exactly the {reference:g} of {meaning}"),
        Support.COMPATIBLE: sentence(
            f"{value}; no difference from the {reference:g} of {meaning} can be shown"
        ),
        Support.UNDECIDED: sentence(
            f"{size}, without an interval; whether it is the {reference:g} of {meaning} stays open"
        ),
    }
    return judged(claim, estimate, reference, words, subject=subject, minor=minor)


def share_words(hits: Iterable[Any], noun: str = "problem") -> str:
    """Return how many of some things have a property, with the Jeffreys interval of their share.

    The interval assumes that the things are independent.

    Parameters
    ----------
    hits : iterable of bool
        Whether each of them has the property.
    noun : str, optional
        Name of one of the things.

    Examples
    --------
    >>> from qxgap.report.findings import share_words
    >>> share_words([True, True, False, True])
    '3 of 4 problems (95 % interval 28 % to 97 %)'
    """
    values = [bool(hit) for hit in hits]
    if not values:
        return f"0 of 0 {noun}s"
    low, high = jeffreys_interval(sum(values), len(values))
    ends = f"95 % interval {two(100 * low)} % to {two(100 * high)} %"
    return f"{sum(values)} of {counted(len(values), noun)} ({ends})"


MOST_TIMES = 3
"""Number of anneal times that a sentence lists."""

Phrases = Mapping[Support, str]
Series = Mapping[str, Mapping[float, Finding]]
"""Findings by setting and anneal time."""


def pattern_findings(
    claim: str, series: Series, phrases: Phrases, rest: str = "no difference is shown"
) -> tuple[Finding, ...]:
    """Return findings at several anneal times as few sentences, followed by the single findings.

    Settings with the same pattern share a sentence.

    Parameters
    ----------
    claim : str
        The kind of the claim of a summary.
    series : mapping of str to mapping of float to Finding
        The single findings of each setting at each anneal time.
    phrases : mapping of Support to str
        What each support means, as a clause without an end. A missing EQUAL falls back on
        COMPATIBLE.
    rest : str, optional
        The clause for COMPATIBLE that follows a clause with a difference.

    Returns
    -------
    tuple of Finding
        The summaries, then the single findings.
    """
    patterns: dict[tuple[tuple[float, Support], ...], list[str]] = {}
    for setting, singles in series.items():
        if singles:
            pattern = tuple((tau, single.support) for tau, single in singles.items())
            patterns.setdefault(pattern, []).append(setting)
    every = [single for singles in series.values() for single in singles.values()]
    if len(every) == 1:
        return tuple(every)
    summaries = []
    for pattern, settings in patterns.items():
        words = sentence(_who(settings, len(series)), _clauses(pattern, phrases, rest))
        evidence = [single for setting in settings for single in series[setting].values()]
        summaries.append(summed_up(claim, evidence, words, subject=listed(settings)))
    return (*summaries, *every)


_ORDER = (
    Support.ABOVE,
    Support.BELOW,
    Support.EQUAL,
    Support.COMPATIBLE,
    Support.UNDECIDED,
)


def _who(settings: Sequence[str], total: int) -> str:
    """Return the drivers that a sentence is about; nothing where there is one in all."""
    if total == 1 or not any(settings):
        return ""
    if len(settings) == total:
        return "with both drivers," if total == 2 else "with every driver,"
    named = [f"the {name}" if name.startswith("driver") else name for name in settings]
    return f"with {listed(named)},"


def _clauses(pattern: Sequence[tuple[float, Support]], phrases: Phrases, rest: str) -> str:
    kinds: dict[str, list[float]] = {}
    shown = any(support in (Support.ABOVE, Support.BELOW) for _, support in pattern)
    compatible = rest if shown else phrases[Support.COMPATIBLE]
    for tau, support in sorted(pattern, key=lambda pair: _ORDER.index(pair[1])):
        phrase = compatible if support is Support.COMPATIBLE else phrases.get(support, compatible)
        kinds.setdefault(phrase, []).append(tau)
    if len(kinds) == 1 and len(pattern) > 1:
        (phrase,) = kinds
        return f"{phrase} at {'any' if phrase == compatible else 'every'} anneal time"
    every = sorted(tau for tau, _ in pattern)
    return "; ".join(f"{phrase} {_times(taus, every)}" for phrase, taus in kinds.items())


def _times(taus: Sequence[float], every: Sequence[float]) -> str:
    """Return some of all anneal times in words; more than three in a row by their ends."""
    ordered = sorted(taus)
    start = every.index(ordered[0])
    if len(ordered) > MOST_TIMES:
        if list(every[start : start + len(ordered)]) == ordered:
            return f"from tau = {duration(ordered[0])} to {duration(ordered[-1])}"
        return f"at {len(ordered)} of {len(every)} anneal times"
    return f"at tau = {listed([f'{duration(tau)}' for tau in ordered])}"


def known(estimate: Estimate) -> Support:
    """Return the support of a number that is compared with nothing."""
    return Support.UNDECIDED if math.isnan(estimate.low) else Support.ESTIMATED


def with_interval(estimate: Estimate, unit: str = "") -> str:
    """Return a number with its interval, such as ``"0.52 (95 % interval 0.38 to 0.66)"``."""
    value = f"{two(estimate.value)}{unit and ' ' + unit}"
    if math.isnan(estimate.low):
        return f"{value} (no interval)"
    return f"{value} (95 % interval {span(estimate)}{unit and ' ' + unit})"
