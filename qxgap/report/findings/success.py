"""Will it succeed: the success probability of one anneal."""

from __future__ import annotations

import math

import pandas as pd

from ...dynamics.tts import time_to_solution
from ...statistics import Estimate, Resampling
from .context import Context, once
from .finding import Answer, Finding, Question, Story, Support
from .rules import success_verdict
from .unanswered import unanswered
from .wording import counted, interval, sentence, two

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
        f"{success_verdict(first.estimate)} at tau = {tau:g}",
        first.words,
        _certainty(part, first.estimate),
        _story(context, rows, first.estimate),
        (first, *others),
    )


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
    anneal = f"one anneal of duration {part.tau.iloc[0]:g}"
    if len(part) == 1:
        words = sentence(anneal, f"succeeds with probability {two(estimate.value)}", who)
    else:
        words = sentence(
            f"in half of the problems, {anneal} succeeds with probability at least "
            f"{two(estimate.value)}",
            who,
        )
    known = not math.isnan(estimate.low)
    support = Support.ESTIMATED if known else Support.UNDECIDED
    return Finding("success-of-longest-anneal", words, support, setting, estimate)


def _certainty(part: pd.DataFrame, estimate: Estimate) -> str:
    if len(part) == 1:
        error = float(part.error_estimate.iloc[0])
        return f"numerical error {two(error)}" if math.isfinite(error) else "error not known"
    if math.isnan(estimate.low):
        return "no interval: all problems are of one class"
    return interval(estimate)


def _story(context: Context, rows: pd.DataFrame, first: Estimate) -> Story:
    taus = sorted(rows.tau.unique())
    shortest = rows[(rows.setting == rows.setting.iloc[0]) & (rows.tau == taus[0])]
    problems = counted(rows.instance.nunique(), "problem")
    guess = float(rows.random_guess.median()) if "random_guess" in rows else math.nan
    saw = f"The probability is {two(first.value)} at tau = {taus[-1]:g}"
    if len(taus) > 1:
        saw += f", and {two(float(shortest.success_probability.median()))} at tau = {taus[0]:g}"
    saw += "." if math.isnan(guess) else f"; a random guess has {two(guess)}."
    means = "Even many anneals find no solution of such a problem."
    if first.value > 0:
        reads = math.ceil(time_to_solution(min(first.value, 1.0), 1.0))
        means = (
            f"Of {two(reads)} anneals of such a problem, at least one succeeds with 99 % "
            "confidence."
        )
    return Story(
        asked=ASKED,
        did=f"We solved the Schrödinger equation of the anneal for {problems}, without noise.",
        saw=saw,
        means=means,
        limits="Noise, temperature and control errors of a device are not included, and only these "
        "anneal times were computed.",
    )
