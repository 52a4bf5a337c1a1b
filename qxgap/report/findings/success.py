"""Will it succeed: the success probability of one anneal, and the time until a solution is read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd

from ...analysis import median_slope
from ...dynamics.tts import time_to_solution
from ...statistics import Estimate, Resampling
from .claims import known, pattern_findings, with_interval
from .context import Context, once
from .finding import Answer, Finding, Question, Story, Support, judged
from .laws import law_findings
from .rules import SURE, success_verdict
from .unanswered import unanswered
from .wording import all_of, counted, duration, interval, sentence, two, under

ASKED = "How likely is it that one anneal ends in the solution of the problem?"


@once
def success_answer(context: Context) -> Answer:
    """Return the answer to the second question, for the first driver and the longest anneal."""
    rows = context.results.success
    if rows.empty:
        return unanswered(context, Question.SUCCESS, ASKED, "success", "success probability")
    (first, *others) = longest_anneals(context)
    part = _longest(rows, first.subject)
    tau = part.tau.iloc[0]
    assert first.estimate is not None
    return Answer(
        Question.SUCCESS,
        f"{success_verdict(first.estimate)} at tau = {duration(tau)}",
        first.words,
        _certainty(part, first.estimate),
        _story(context, rows, first.estimate),
        (
            first,
            *others,
            *success_findings(context),
            *time_findings(context),
            *law_findings(context),
        ),
    )


def with_independent_qubits(answer: Answer, null: Mapping[float, float]) -> Answer:
    """Return the second answer, if it is not known, with what independent qubits would reach.

    Parameters
    ----------
    answer : Answer
        The answer, for a problem that is too large for its success probability.
    null : mapping of float to float
        Anneal time, and the success probability of qubits that do not interact.
    """
    if answer.known or not null:
        return answer
    tau = max(null)
    words = sentence(
        f"qubits that do not interact would succeed with probability {two(null[tau])} at tau = "
        f"{duration(tau)}; what their interaction changes is not known"
    )
    finding = Finding("independent-qubits-alone", words)
    story = replace(answer.story, means=words)
    return replace(answer, story=story, findings=(finding,))


@once
def longest_anneals(context: Context) -> tuple[Finding, ...]:
    """Return the success probability of the longest anneal with each driver."""
    rows = context.results.success
    settings = list(dict.fromkeys(rows.setting)) if len(rows) else []
    return tuple(_success(context, rows, setting, len(settings) > 1) for setting in settings)


def _longest(rows: pd.DataFrame, setting: str) -> pd.DataFrame:
    part = rows[rows.setting == setting]
    return part[part.tau == part.tau.max()]


def typical(rows: pd.DataFrame, seed: int) -> Estimate:
    """Return the median success probability; for one problem the value with its error estimate."""
    values = rows.success_probability.astype(float)
    if len(rows) > 1:
        return Resampling.of(rows.cluster, seed=seed).median(values)
    value, error = float(values.iloc[0]), float(rows.error_estimate.iloc[0])
    if not math.isfinite(error):
        return Estimate(value, math.nan, math.nan, 1)
    return Estimate(value, max(value - error, 0.0), min(value + error, 1.0), 1)


def _success(context: Context, rows: pd.DataFrame, setting: str, several: bool) -> Finding:
    part = _longest(rows, setting)
    estimate = typical(part, context.seed)
    who = f"({setting})" if several else ""
    anneal = f"one anneal of duration {duration(part.tau.iloc[0])}"
    if len(part) == 1:
        words = sentence(
            anneal, f"succeeds with probability {two(estimate.value, apart_from=1)}", who
        )
    else:
        words = sentence(
            f"one anneal typically succeeds with probability {two(estimate.value, apart_from=1)}",
            who,
        )
    return Finding("success-of-longest-anneal", words, known(estimate), setting, estimate)


def _certainty(part: pd.DataFrame, estimate: Estimate) -> str:
    if len(part) == 1:
        error = float(part.error_estimate.iloc[0])
        return f"numerical error {two(error)}" if math.isfinite(error) else "error not known"
    if math.isnan(estimate.low):
        return "no interval: one class only"
    return interval(estimate)


def _story(context: Context, rows: pd.DataFrame, first: Estimate) -> Story:
    taus = sorted(rows.tau.unique())
    shortest = rows[(rows.setting == rows.setting.iloc[0]) & (rows.tau == taus[0])]
    problems = counted(rows.instance.nunique(), "problem")
    guess = float(rows.random_guess.median()) if "random_guess" in rows else math.nan
    saw = f"The probability is {two(first.value, apart_from=1)} at tau = {duration(taus[-1])}"
    if len(taus) > 1:
        least = two(float(shortest.success_probability.median()))
        saw += f", and {least} at tau = {duration(taus[0])}"
    saw += "." if math.isnan(guess) else f"; a random guess has {two(guess)}."
    means = "Even many anneals find no solution of such a problem."
    reads = time_to_solution(min(first.value, 1.0), 1.0)
    alone = rows.instance.nunique() == 1
    if math.isfinite(reads):
        number = math.ceil(reads)
        what = "one anneal" if number == 1 else f"at least one of {two(number)} anneals"
        whose = "" if alone else "of such a problem"
        means = sentence(what, whose, "succeeds with 99 % confidence")
    return Story(
        asked=ASKED,
        did=sentence(
            "we solved the Schrödinger equation of the anneal",
            "" if alone else f"for {problems}",
            ", without noise",
        ),
        saw=saw,
        means=means,
        limits="Noise, temperature and control errors of a device are not included, and only these "
        "anneal times were computed.",
    )


@once
def success_findings(context: Context) -> tuple[Finding, ...]:
    """Return the trend with d, the null models, the best of d² reads, and both drivers compared."""
    rows = context.results.success
    if rows.empty:
        return ()
    settings = list(dict.fromkeys(rows.setting))
    parts = {setting: rows[rows.setting == setting] for setting in settings}
    several = len(settings) > 1
    findings = list(_trends(parts, context.seed))
    for setting, part in parts.items():
        who = f"{under(setting)}," if several else ""
        findings.extend(_null(_longest(rows, setting), setting, who, context.seed))
        findings.extend(_squared(part, setting, who))
    for first, second in pairwise(settings[:2]):
        findings.extend(_drivers(rows, first, second, context.seed))
    return (*findings, _numerical_error(rows))


def _trends(parts: dict[str, pd.DataFrame], seed: int) -> tuple[Finding, ...]:
    """Return whether the success probability depends on d, at every anneal time."""
    series: dict[str, dict[float, Finding]] = {}
    for setting, part in parts.items():
        series[setting] = {}
        where = f" ({setting})" if len(parts) > 1 else ""
        for tau, rows in part[part.success_probability > 0].groupby("tau"):
            if rows.num_qubits.nunique() > 1:
                resampling = Resampling.of(rows.cluster, seed=seed)
                slope = median_slope(rows.num_qubits, np.log(rows.success_probability), resampling)
                single = _trend(
                    slope.estimate,
                    f"at tau = {duration(tau)}{where}",
                    f"{setting}, {duration(tau)}",
                )
                series[setting][float(tau)] = single
    phrases = {
        Support.ABOVE: "success grows with d",
        Support.BELOW: "success falls with d",
        Support.EQUAL: "success is the same for every d",
        Support.COMPATIBLE: "no trend of success with d can be shown",
        Support.UNDECIDED: "a trend of success with d cannot be judged",
    }
    return pattern_findings("success-trends", series, phrases, "no trend is shown")


def _trend(slope: Estimate, where: str, subject: str) -> Finding:
    factor = _raised(slope, math.e)
    by = f"a further qubit multiplies the typical success probability by {two(factor.value)}"
    sure = f"({interval(factor, apart_from=1)})"
    words = {
        Support.ABOVE: sentence(where, "success grows with d:", by, sure),
        Support.BELOW: sentence(where, "success falls with d:", by, sure),
        Support.EQUAL: sentence(where, "success is the same for every d"),
        Support.COMPATIBLE: sentence(where, "no trend with d can be shown:", by, sure),
        Support.UNDECIDED: sentence(where, "a trend with d cannot be judged without an interval"),
    }
    return judged("success-trend", slope, 0.0, words, subject=subject, minor=True)


def _null(rows: pd.DataFrame, setting: str, who: str, seed: int) -> list[Finding]:
    """Return whether success is that of independent qubits."""
    usable = rows[rows.null_product > 0] if "null_product" in rows else rows.iloc[:0]
    if usable.empty:
        return []
    ratio = Resampling.of(usable.cluster, seed=seed).median(
        usable.success_probability / usable.null_product
    )
    size, sure = two(ratio.value, apart_from=1), f"({interval(ratio, apart_from=1)})"
    alone = "that of independent qubits"
    words = {
        Support.ABOVE: sentence(who, f"success is above {alone}, by the factor {size}", sure),
        Support.BELOW: sentence(who, f"success is below {alone}, by the factor {size}", sure),
        Support.EQUAL: sentence(who, f"success is typically {alone} itself"),
        Support.COMPATIBLE: sentence(
            who,
            f"no difference between success and {alone} can be shown",
            f"({interval(ratio, apart_from=1)} for the ratio)",
        ),
        Support.UNDECIDED: sentence(
            who,
            f"whether success is {alone} cannot be said without an interval; the ratio is {size}",
        ),
    }
    return [judged("success-over-independent", ratio, 1.0, words, subject=setting)]


def _squared(part: pd.DataFrame, setting: str, who: str) -> list[Finding]:
    """Return the success of the best of d² reads, which hides that of a single read."""
    middle = sorted(part.tau.unique())[(part.tau.nunique() - 1) // 2]
    rows = part[part.tau == middle]
    best = 1 - (1 - rows.success_probability.clip(0, 1)) ** (rows.num_qubits**2)
    sure = all_of(int((best > SURE).sum()), len(rows))
    single = float(rows.success_probability.median())
    at = f"at tau = {duration(middle)},"
    return [
        Finding(
            "best-of-many-reads",
            sentence(who, at, f"the best of d² reads almost surely succeeds in {sure}"),
            subject=setting,
        ),
        Finding(
            "success-of-one-read",
            sentence(who, at, f"one read typically succeeds with probability {two(single)}"),
            subject=setting,
            minor=True,
        ),
    ]


def _drivers(rows: pd.DataFrame, first: str, second: str, seed: int) -> tuple[Finding, ...]:
    """Return with which of two drivers the same problems succeed more often, at every tau."""
    singles = {}
    a, b = (name if not name.startswith("driver") else f"the {name}" for name in (second, first))
    for tau, part in rows[rows.success_probability > 0].groupby("tau"):
        one, other = (part[part.setting == name].set_index("instance") for name in (first, second))
        shared = one.index.intersection(other.index)
        if shared.empty:
            continue
        values = np.log(other.success_probability[shared] / one.success_probability[shared])
        median = Resampling.of(one.cluster[shared], seed=seed).median(values)
        ratio = _raised(median, math.e)
        size, sure = two(ratio.value), f"({interval(ratio, apart_from=1)})"
        where, subject = f"at tau = {duration(tau)},", f"{second} over {first}, {duration(tau)}"
        words = {
            Support.ABOVE: sentence(where, f"{a} succeeds {size} times as often as {b}", sure),
            Support.BELOW: sentence(where, f"{a} succeeds {size} times as often as {b}", sure),
            Support.EQUAL: sentence(where, f"{a} and {b} succeed equally often"),
            Support.COMPATIBLE: sentence(
                where,
                f"no difference in success between {a} and {b} can be shown",
                f"({interval(ratio, apart_from=1)} for the ratio)",
            ),
            Support.UNDECIDED: sentence(
                where, f"whether {a} and {b} differ in success cannot be said without an interval"
            ),
        }
        single = judged("success-of-drivers", median, 0.0, words, subject=subject, minor=True)
        singles[float(tau)] = single
    phrases = {
        Support.ABOVE: f"{a} succeeds more often",
        Support.BELOW: f"{a} succeeds less often",
        Support.EQUAL: "both drivers succeed equally often",
        Support.COMPATIBLE: "no difference between the two drivers can be shown",
        Support.UNDECIDED: "the two drivers cannot be compared",
    }
    return pattern_findings("success-of-drivers-by-time", {"": singles}, phrases)


def _numerical_error(rows: pd.DataFrame) -> Finding:
    errors = rows.error_estimate.astype(float)
    unknown = int((~np.isfinite(errors)).sum())
    words = f"the largest numerical error of these probabilities is {two(float(errors.max()))}"
    if unknown:
        words = f"the numerical error of {unknown} of {len(rows)} probabilities is not known"
    return Finding("numerical-error", sentence(words), minor=True)


@once
def timed_rows(context: Context) -> pd.DataFrame:
    """Return the success rows with an anneal time above 0, and the time to solution as tts."""
    rows = context.results.success
    rows = rows[rows.tau > 0] if len(rows) else rows  # an anneal of no length finds nothing
    if rows.empty:
        return rows
    pairs = zip(rows.success_probability.clip(0, 1), rows.tau, strict=True)
    return rows.assign(tts=[time_to_solution(float(p), float(tau)) for p, tau in pairs])


@once
def time_findings(context: Context) -> tuple[Finding, ...]:
    """Return for each driver the best anneal time, the time to solution there, and its growth."""
    rows = timed_rows(context)
    if rows.empty:
        return ()
    settings = list(dict.fromkeys(rows.setting))
    findings: list[Finding] = []
    for setting in settings:
        who = f"{under(setting)}," if len(settings) > 1 else ""
        findings.extend(_times_of(rows[rows.setting == setting], setting, who, context.seed))
    meaning = (
        "The time to solution is the total anneal time until one anneal has succeeded with 99 % "
        "confidence."
    )
    return (*findings, Finding("time-to-solution-meaning", meaning, minor=True))


def _times_of(part: pd.DataFrame, setting: str, who: str, seed: int) -> list[Finding]:
    medians = part.groupby("tau").tts.median()
    if not np.isfinite(medians).any():
        words = sentence(who, "at no anneal time do half of the problems ever succeed")
        return [Finding("time-to-solution", words, subject=setting)]
    best, taus = float(medians.idxmin()), sorted(part.tau.unique())
    rows = part[part.tau == best]
    median = Resampling.of(rows.cluster, seed=seed).median(rows.tts)
    words = sentence(
        who,
        f"the time to solution is shortest at tau = {duration(best)}, typically",
        with_interval(median),
    )
    findings = [Finding("time-to-solution", words, known(median), setting, median)]
    if best in (taus[0], taus[-1]) and len(taus) > 1:
        ends = f"{duration(taus[0])} to {duration(taus[-1])}"
        words = sentence(
            who,
            f"the best anneal time may lie outside those computed, {ends}",
        )
        findings.append(Finding("best-time-at-edge", words, subject=setting))
    usable = rows[np.isfinite(rows.tts)]
    if usable.num_qubits.nunique() > 1:
        resampling = Resampling.of(usable.cluster, seed=seed)
        growth = median_slope(usable.num_qubits, np.log2(usable.tts), resampling).estimate
        findings.append(_growth(growth, who, setting))
    return findings


def _growth(slope: Estimate, who: str, setting: str) -> Finding:
    """Return whether the time to solution grows as the 2^d states of an enumeration."""
    factor = _raised(slope, 2.0)
    by = f"a further qubit multiplies the time by {two(factor.value, apart_from=2)}"
    sure = f"({interval(factor, apart_from=2)})"
    count = "the 2 of an enumeration"
    words = {
        Support.ABOVE: sentence(who, by, sure + ",", f"above {count}"),
        Support.BELOW: sentence(who, by, sure + ",", f"below {count}"),
        Support.EQUAL: sentence(who, f"a further qubit multiplies the time by {count}"),
        Support.COMPATIBLE: sentence(
            who, by, sure + ";", f"no difference from {count} can be shown"
        ),
        Support.UNDECIDED: sentence(
            who, "the trend of the time in d cannot be given without an interval"
        ),
    }
    return judged("time-growth", slope, 1.0, words, subject=setting)


def _raised(exponent: Estimate, base: float) -> Estimate:
    """Return ``base`` to the power of an estimate."""
    value, low, high = (base**number for number in (exponent.value, exponent.low, exponent.high))
    return Estimate(value, low, high, exponent.num_clusters)
