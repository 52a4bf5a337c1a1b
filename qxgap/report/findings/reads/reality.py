"""Does reality agree: reads of samplers beside the predicted success probability."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ....analysis import ModelRank, distance_difference, rank_models
from ..claims import known, with_interval
from ..context import Context, once
from ..finding import Answer, Finding, Question, Story, Support, judged
from ..unanswered import unanswered
from ..wording import all_of, counted, duration, interval, percent, sentence, two
from .excess import Excess, certainty_of, excess, middle
from .origin import ASKED, CLASSICAL, is_hardware, most_real, sampler_words
from .unpredicted import unpredicted_answer_of, unpredicted_findings


@once
def reality_answer(context: Context) -> Answer:
    """Return the answer to the third question, from hardware if there is any."""
    rows = context.results.compare
    if rows.empty and len(context.results.unpredicted):
        return unpredicted_answer_of(context)
    if rows.empty:
        return unanswered(
            context, Question.REALITY, ASKED, "compare", "comparison of samples with the prediction"
        )
    sampler = most_real(context, rows)
    found = excesses(context)[sampler]
    if is_hardware(context, sampler):
        return _hardware_answer(context, rows[rows.sampler == sampler], sampler, found)
    return Answer(
        Question.REALITY,
        "not tested on hardware",
        found.summary.words,
        certainty_of(found.main),
        _story(context, rows, sampler, found.main),
        reality_findings(context, sampler),
        is_open=True,
    )


@once
def excesses(context: Context) -> dict[str, Excess]:
    """Return for each sampler how the reads compare with every prediction."""
    rows = context.results.compare
    return {
        str(sampler): excess(context, part, str(sampler))
        for sampler, part in rows.groupby("sampler", sort=False)
    }


def _hardware_answer(context: Context, rows: pd.DataFrame, sampler: str, found: Excess) -> Answer:
    """Return the answer from the reads of a device: whether any model survives their test."""
    ranks = model_ranks(context)[sampler]
    tested = [rank for rank in ranks if rank.num_tested]
    accepted = [rank.model for rank in tested if rank.acceptable]
    problems = counted(rows.instance.nunique(), "problem")
    if not tested:
        verdict, finding = "not tested", found.summary
        certainty = certainty_of(found.main)
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
        _story(context, rows, sampler, found.main),
        (finding, *(each for each in reality_findings(context, sampler) if each is not finding)),
    )


def _story(context: Context, rows: pd.DataFrame, sampler: str, main: Finding) -> Story:
    part = rows[rows.sampler == sampler]
    first = part[part.model == main.subject.removeprefix(f"{sampler}, ")]
    hardware = is_hardware(context, sampler)
    name = sampler_words(context, sampler)
    reads, number = int(part.num_reads.median()), part.instance.nunique()
    each = "" if number == 1 else f" for each of {counted(number, 'problem')}"
    share = percent(middle(first.ground_probability))
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
        saw=sentence(
            "" if number == 1 else "typically",
            f"{share} of the reads are solutions, where the model predicts "
            f"{percent(middle(first.predicted))}",
        ),
        means=means,
        limits=_limits(context, hardware),
    )


def _limits(context: Context, hardware: bool) -> str:
    """Return what the comparison cannot say, and of how many problems it says nothing."""
    words = "no quantum hardware was sampled, so that nothing is said of a device"
    if hardware:
        words = "agreement of the success rate alone does not tell which dynamics a device has"
    large = context.results.unpredicted
    if len(large):
        number = large.instance.nunique()
        has = "has" if number == 1 else "have"
        words += f"; {counted(number, 'larger problem')} {has} no prediction"
    return sentence(words)


@once
def model_ranks(context: Context) -> dict[str, list[ModelRank]]:
    """Return the predictions by sampler, the one nearest to its reads first."""
    rows = context.results.compare
    return rank_models(rows, seed=context.seed) if len(rows) else {}


def reality_findings(context: Context, first: str = "") -> tuple[Finding, ...]:
    """Return the findings about every sampler, those about problems without a prediction last.

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
    return (*findings, *unpredicted_findings(context, first))


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
