"""Does reality agree: reads of samplers beside the predicted success probability."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ...analysis import ModelRank, distance_difference, rank_models
from ...statistics import Estimate, Resampling
from .claims import known, with_interval
from .context import Context, once
from .finding import Answer, Finding, Question, Story, Support, common_support, judged, summed_up
from .unanswered import unanswered
from .wording import (
    SAMPLER_NAMES,
    all_of,
    counted,
    duration,
    interval,
    percent,
    sentence,
    two,
)

ASKED = "Do samples of a real device follow the prediction of the quantum model?"

CLASSICAL = ("sa", "gibbs", "pathintegral", "rotor", "tree", "tabu", "greedy")
"""Samplers that run on a computer and are no simulation of the anneal."""
MODEL = "schrodinger"
"""The sampler that draws from the predicted final state itself."""
HARDWARE = "dwave"
OF_DEVICE = ("solver", "chip_id", "problem_id")
"""Keys of the report of a sampler that a device has."""


@once
def reality_answer(context: Context) -> Answer:
    """Return the answer to the third question, from hardware if there is any."""
    rows = context.results.compare
    if rows.empty:
        return unanswered(
            context, Question.REALITY, ASKED, "compare", "comparison of samples with the prediction"
        )
    sampler = _most_real(context, rows)
    excess = excesses(context)[sampler]
    if is_hardware(context, sampler):
        return _hardware_answer(context, rows[rows.sampler == sampler], sampler, excess)
    return Answer(
        Question.REALITY,
        "not tested on hardware",
        excess.summary.words,
        _certainty(excess.main),
        _story(context, rows, sampler, excess.main),
        reality_findings(context, sampler),
        is_open=True,
    )


def _most_real(context: Context, rows: pd.DataFrame) -> str:
    """Return the sampler that says most about reality: hardware, else a classical method."""
    samplers = list(dict.fromkeys(rows.sampler))

    def rank(sampler: str) -> int:
        if is_hardware(context, sampler):
            return 0
        return 3 if sampler == MODEL else 2 if sampler in SAMPLER_NAMES else 1  # 1: a user's reads

    return str(min(samplers, key=rank))


def is_hardware(context: Context, sampler: str) -> bool:
    """Return whether the reads of a sampler come from hardware, and not from a mock of it.

    Reads of a user are from hardware if they name a solver, or have the problem number that D-Wave
    gives.
    """
    if sampler in SAMPLER_NAMES and sampler != HARDWARE:
        return False
    drawn = context.results.rows("sample")
    texts = drawn[drawn.sampler == sampler].sampler_info if "sampler_info" in drawn else []
    reports = [_report(text) for text in texts]
    return any(
        not report.get("mock")
        and not str(next((report[key] for key in OF_DEVICE if key in report), "mock")).startswith(
            "mock"
        )
        for report in reports
    )


def _report(text: Any) -> dict[str, Any]:
    return dict(json.loads(text)) if isinstance(text, str) else {}


def sampler_words(context: Context, sampler: str) -> str:
    """Return the name of a sampler in a sentence."""
    if sampler == HARDWARE and not is_hardware(context, sampler):
        return "a mock of an annealer"
    kind = "annealer" if is_hardware(context, sampler) else "sampler"
    return SAMPLER_NAMES.get(sampler, f"the {kind} {sampler}")


@dataclass(frozen=True)
class Excess:
    """How the ground-state share of the reads of one sampler compares with the predictions.

    Attributes
    ----------
    summary : Finding
        The sentence for all predictions, or for the main one if they differ.
    main : Finding
        The finding for the first driver and the longest anneal.
    singles : tuple of Finding
        The findings for every prediction.
    """

    summary: Finding
    main: Finding
    singles: tuple[Finding, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The summary, and the single findings if there are several."""
        return (self.summary, *(self.singles if len(self.singles) > 1 else ()))


@once
def excesses(context: Context) -> dict[str, Excess]:
    """Return for each sampler how the reads compare with every prediction."""
    rows = context.results.compare
    return {
        str(sampler): _excess(context, part, str(sampler))
        for sampler, part in rows.groupby("sampler", sort=False)
    }


def excess_of(rows: pd.DataFrame, seed: int) -> Estimate:
    """Return the ground-state share of reads minus the prediction: the median over problems.

    For one problem it is the share with its Jeffreys interval.
    """
    excess = (rows.ground_probability - rows.predicted).astype(float)
    if len(rows) > 1:
        return Resampling.of(rows.cluster, seed=seed).median(excess)
    low, high = map(float, rows.ground_probability_interval.iloc[0])
    predicted = float(rows.predicted.iloc[0])
    return Estimate(float(excess.iloc[0]), low - predicted, high - predicted, 1)


def _excess(context: Context, rows: pd.DataFrame, sampler: str) -> Excess:
    first = rows[rows.setting == rows.setting.iloc[0]]
    chosen = str(first.model[first.tau == first.tau.max()].iloc[0])
    several = rows.setting.nunique() > 1
    singles = {}
    for model, part in rows.groupby("model", sort=False):
        tau, setting = part.tau.iloc[0], part.setting.iloc[0]
        where = f"at tau = {duration(tau)}" + (f" ({setting})" if several else "")
        words = _excess_words(context, sampler, where)
        singles[str(model)] = judged(
            "reads-over-prediction",
            excess_of(part, context.seed),
            0.0,
            words,
            subject=f"{sampler}, {model}",
            minor=True,
        )
    main, every = singles[chosen], tuple(singles.values())
    summary = replace(main, minor=False)
    if len(every) > 1 and common_support(every) is not Support.MIXED:
        words = _excess_words(context, sampler, "")
        summary = summed_up(
            "reads-over-predictions", every, words[common_support(every)], subject=sampler
        )
    return Excess(summary, main, every)


def _excess_words(context: Context, sampler: str, where: str) -> dict[Support, str]:
    who, predicted = sampler_words(context, sampler), "than the quantum model predicts"
    subject = f"{who}, a classical method," if sampler in CLASSICAL else who
    return {
        Support.ABOVE: sentence(subject, "succeeds more often", predicted, where),
        Support.BELOW: sentence(subject, "succeeds less often", predicted, where),
        Support.EQUAL: sentence(subject, "succeeds as often as the quantum model predicts", where),
        Support.COMPATIBLE: sentence(
            f"no difference between the success of {who} and the prediction of "
            "the quantum model can be shown",
            where,
        ),
        Support.UNDECIDED: sentence(
            f"whether {who} succeeds as often as the quantum model predicts cannot be said "
            "without an interval",
            where,
        ),
    }


def _certainty(finding: Finding) -> str:
    estimate = finding.estimate
    if estimate is None or math.isnan(estimate.low):
        return "no interval: one class only"
    return f"difference {interval(estimate).removeprefix('95 % interval ')} (95 %)"


def _hardware_answer(context: Context, rows: pd.DataFrame, sampler: str, excess: Excess) -> Answer:
    """Return the answer from the reads of a device: whether any model survives their test."""
    ranks = model_ranks(context)[sampler]
    tested = [rank for rank in ranks if rank.num_tested]
    accepted = [rank.model for rank in tested if rank.acceptable]
    problems = counted(rows.instance.nunique(), "problem")
    if not tested:
        verdict, finding = "not tested", excess.summary
        certainty = _certainty(excess.main)
    elif accepted:
        verdict = "no disagreement seen"
        model = model_words(accepted[0], context)
        words = f"no problem's reads contradict the prediction for {model}"
        finding = Finding("model-survives", sentence(words), subject=accepted[0])
        certainty = f"tested at 5 % on {problems}"
    else:
        verdict = "no"
        words = f"the reads of {sampler_words(context, sampler)} contradict every prediction tested"
        finding = Finding("every-model-rejected", sentence(words), subject=sampler)
        certainty = f"tested at 5 % on {problems}"
    return Answer(
        Question.REALITY,
        verdict,
        finding.words,
        certainty,
        _story(context, rows, sampler, excess.main),
        (finding, *(each for each in reality_findings(context, sampler) if each is not finding)),
    )


def _story(context: Context, rows: pd.DataFrame, sampler: str, main: Finding) -> Story:
    part = rows[rows.sampler == sampler]
    first = part[part.model == main.subject.removeprefix(f"{sampler}, ")]
    hardware = is_hardware(context, sampler)
    name = sampler_words(context, sampler)
    reads, number = int(part.num_reads.median()), part.instance.nunique()
    each = "" if number == 1 else f" for each of {counted(number, 'problem')}"
    share = percent(_middle(first.ground_probability))
    means = {
        Support.COMPATIBLE: "The samples do not contradict this prediction, which proves no "
        "quantum dynamics.",
        Support.EQUAL: "The samples do not contradict this prediction, which proves no quantum "
        "dynamics.",
        Support.UNDECIDED: "Whether samples and prediction agree stays open.",
    }.get(main.support, "The prediction does not describe how these samples came about.")
    return Story(
        asked=ASKED,
        did=f"We drew {reads} reads{each} with {name}, and compared them with the predicted final "
        "state.",
        saw=f"{share if number == 1 else f'Typically {share}'} of the reads are solutions, where "
        f"the model predicts {percent(_middle(first.predicted))}.",
        means=means,
        limits="Agreement of the success rate alone does not tell which dynamics a device has."
        if hardware
        else "No quantum hardware was sampled, so that nothing is said of a device.",
    )


def _middle(values: pd.Series) -> float:
    return float(values.astype(float).median())


@once
def model_ranks(context: Context) -> dict[str, list[ModelRank]]:
    """Return the predictions by sampler, the one nearest to its reads first."""
    rows = context.results.compare
    return rank_models(rows, seed=context.seed) if len(rows) else {}


def reality_findings(context: Context, first: str = "") -> tuple[Finding, ...]:
    """Return the findings about every sampler.

    Parameters
    ----------
    context : Context
        The results of the study.
    first : str, optional
        The sampler that is reported first.
    """
    rows = context.results.compare
    samplers = sorted(model_ranks(context), key=lambda sampler: sampler != first)
    findings: list[Finding] = []
    for sampler in samplers:
        part, ranks = rows[rows.sampler == sampler], model_ranks(context)[sampler]
        findings += excesses(context)[sampler].findings
        findings += _survivors(context, sampler, ranks)
        findings += _nearest(context, part, sampler, ranks)
        findings.append(_inside(context, part, sampler))
        if sampler in CLASSICAL:
            words = (
                f"{sampler_words(context, sampler)} is no anneal: if its reads agreed with the "
                "prediction, that would be no evidence of quantum dynamics"
            )
            findings.append(Finding("classical-sampler", sentence(words), subject=sampler))
    return tuple(findings)


def model_words(rank_or_row: str, context: Context) -> str:
    """Return the name of a prediction in a sentence: its anneal time and driver."""
    rows = context.results.compare
    row = rows[rows.model == rank_or_row].iloc[0]
    known = "model" in context.results.frame and isinstance(row.get("model"), str)
    if known and not rank_or_row.startswith("Schrödinger"):
        return rank_or_row
    several = rows.setting.nunique() > 1
    return f"tau = {duration(row.tau)}" + (f" ({row.setting})" if several else "")


def _survivors(context: Context, sampler: str, ranks: list[ModelRank]) -> list[Finding]:
    """Return which predictions are rejected by no problem."""
    tested = [rank for rank in ranks if rank.num_tested]
    if not tested:
        return []
    accepted = [model_words(rank.model, context) for rank in tested if rank.acceptable]
    who = sampler_words(context, sampler)
    words = f"for every prediction there is a problem whose reads of {who} reject it"
    names: list[Finding] = []
    if len(accepted) == 1:
        words = f"no problem's reads of {who} reject the prediction for {accepted[0]}"
    elif accepted:
        words = f"of {len(tested)} predictions, no problem's reads of {who} reject {len(accepted)}"
        text = sentence(f"not rejected by the reads of {who} are {'; '.join(accepted)}")
        names = [Finding("predictions-left", text, subject=sampler, minor=True)]
    correction = Finding(
        "test-of-predictions",
        "A prediction is rejected at the level of 5 %, corrected for the number of tests by the "
        "procedure of Benjamini and Yekutieli.",
        subject=sampler,
        minor=True,
    )
    return [Finding("predictions-rejected", sentence(words), subject=sampler), *names, correction]


def _nearest(
    context: Context, rows: pd.DataFrame, sampler: str, ranks: list[ModelRank]
) -> list[Finding]:
    """Return the prediction nearest to the reads, and whether the next one is farther."""
    first, who = ranks[0], sampler_words(context, sampler)
    near = model_words(first.model, context)
    words = sentence(
        f"the prediction nearest to the reads of {who} is that for {near}, at a distance of "
        f"{with_interval(first.distance)}; by chance it would be {two(first.expected_distance)}"
    )
    meaning = Finding(
        "distance",
        "The distance is the total variation between the two distributions over all states: 0 if "
        "they are the same, 1 if they share nothing.",
        minor=True,
    )
    nearest = Finding(
        "nearest-prediction", words, known(first.distance), sampler, first.distance, minor=True
    )
    if len(ranks) < 2:
        return [nearest, meaning]
    second = model_words(ranks[1].model, context)
    apart = distance_difference(rows, first.model, ranks[1].model, seed=context.seed)
    texts = {
        Support.ABOVE: sentence(
            f"the next one, for {second}, is farther by {two(apart.value)} ({interval(apart)})"
        ),
        Support.BELOW: sentence(
            f"problem by problem the next one, for {second}, is nearer by {two(-apart.value)} "
            f"({interval(apart, factor=-1)})"
        ),
        Support.EQUAL: sentence(f"the next one, for {second}, has the same distance"),
        Support.COMPATIBLE: sentence(
            f"no difference to the distance of the next one, for {second}, can be shown"
        ),
        Support.UNDECIDED: sentence(
            f"whether the next one, for {second}, differs cannot be said without an interval"
        ),
    }
    next_one = judged("next-prediction", apart, 0.0, texts, subject=sampler, minor=True)
    return [nearest, meaning, next_one]


def _inside(context: Context, part: pd.DataFrame, sampler: str) -> Finding:
    """Return how often the predicted probability lies in the interval of the reads."""
    low, high = np.array(part.ground_probability_interval.tolist(), dtype=float).T
    inside = int(((low <= part.predicted) & (part.predicted <= high)).sum())
    words = (
        f"the predicted success lies in the 95 % interval of the reads of "
        f"{sampler_words(context, sampler)} in {all_of(inside, len(part), 'comparison')}"
    )
    return Finding("prediction-in-interval", sentence(words), subject=sampler, minor=True)
