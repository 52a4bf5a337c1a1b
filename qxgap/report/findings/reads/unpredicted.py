"""Reads of problems without a prediction: beside the proven optimum and independent qubits.

A problem above ``max_qubits`` has no predicted final state. What its reads are compared with there
says nothing of the quantum model, and the sentences say so.
"""

from __future__ import annotations

import math

import pandas as pd

from ....statistics import Estimate, Resampling, adjusted_p_values
from ....statistics.goodness import SIGNIFICANCE_LEVEL
from ..claims import known, with_interval
from ..context import Context
from ..finding import Answer, Finding, Question, Story, Support
from ..unanswered import unanswered
from ..wording import all_of, counted, duration, interval, percent, sentence
from .excess import INDEPENDENT, excess, main_model, middle
from .origin import ASKED, is_hardware, most_real, sampler_words

NO_TEST = (
    "qubits that do not interact are a null model, the simplest there is: whether they explain the "
    "reads is no test of the quantum model"
)
"""What the comparison with independent qubits can show, and what it cannot."""


DIFFERENT = "a model of qubits that do not interact does not explain these reads"
MEANS = {
    Support.EQUAL: "these reads do not contradict a model of qubits that do not interact",
    Support.COMPATIBLE: "these reads do not contradict a model of qubits that do not interact",
    Support.UNDECIDED: "whether qubits that do not interact explain these reads stays open",
}
"""What the comparison with independent qubits shows; ``DIFFERENT`` if the shares differ."""


def unpredicted_answer_of(context: Context) -> Answer:
    """Return the third answer for a study in which no problem has a prediction."""
    rows = proven_rows(context)
    if rows.empty:
        return unanswered(
            context,
            Question.REALITY,
            ASKED,
            "compare",
            "comparison of samples with the prediction",
            why="Whether the reads are ground states is not known, because no lowest energy is "
            "proven.",
        )
    sampler = most_real(context, rows)
    first, *others = unpredicted_findings(context, sampler)
    assert first.estimate is not None
    return Answer(
        Question.REALITY,
        "no prediction to compare with",
        first.words,
        _certainty(first.estimate),
        _story(context, rows[rows.sampler == sampler], sampler),
        (first, *others),
        is_open=True,
    )


def _certainty(share: Estimate) -> str:
    if math.isnan(share.low):
        return "no interval: one class only"
    return interval(share, factor=100, unit="%")


def proven_rows(context: Context) -> pd.DataFrame:
    """Return the comparisons without a prediction whose optimum is proven."""
    rows = context.results.unpredicted
    return rows if rows.empty else rows.dropna(subset=["ground_probability"])


def beside_independent_qubits(context: Context) -> pd.DataFrame:
    """Return those of which independent qubits give a share, as the column ``predicted``.

    Parameters
    ----------
    context : Context
        The results of the study.
    """
    return _beside_null(proven_rows(context))


def _beside_null(rows: pd.DataFrame) -> pd.DataFrame:
    if rows.empty:
        return rows
    return rows.assign(predicted=rows.null_product.astype(float)).dropna(subset=["predicted"])


def unpredicted_findings(context: Context, first: str = "") -> tuple[Finding, ...]:
    """Return the findings about the problems without a prediction.

    Parameters
    ----------
    context : Context
        The results of the study.
    first : str, optional
        The sampler that is reported first.
    """
    rows = proven_rows(context)
    samplers = sorted(dict.fromkeys(rows.sampler) if len(rows) else [], key=lambda s: s != first)
    findings = _ways(context)
    for sampler in samplers:
        findings += _of_sampler(context, rows[rows.sampler == sampler], str(sampler))
    if len(_beside_null(rows)):
        findings.append(Finding("no-test-of-the-quantum-model", sentence(NO_TEST)))
    return (*findings, *_unproven(context))


def _of_sampler(context: Context, rows: pd.DataFrame, sampler: str) -> list[Finding]:
    """Return the share of ground states, and how it compares with independent qubits."""
    findings = [_share(context, rows, sampler)]
    tested = _beside_null(rows)
    if len(tested):
        findings += excess(context, tested, sampler, INDEPENDENT).findings
        findings.append(_rejected(context, tested, sampler))
    who = sampler_words(context, sampler)
    single = rows.drop_duplicates("instance")
    energy = _typical(single.residual_energy, single, context.seed)
    words = f"the reads of {who} have a mean distance in energy from the optimum of"
    findings.append(
        Finding(
            "energy-above-optimum",
            sentence(words, _often(single), with_interval(energy)),
            known(energy),
            sampler,
            energy,
            minor=True,
        )
    )
    warm = single[single.flip_temperature.astype(float).between(0, float("inf"), "neither")]
    if len(warm):
        heat = _typical(warm.flip_temperature, warm, context.seed)
        words = sentence(
            f"single flips in the reads of {who} show a temperature of",
            _often(warm),
            f"{with_interval(heat)}, in the problem's unit of energy",
        )
        findings.append(Finding("flip-temperature", words, known(heat), sampler, heat, minor=True))
    return findings


def _share(context: Context, rows: pd.DataFrame, sampler: str) -> Finding:
    """Return the share of ground states among the reads; several anneal times share the reads."""
    single, who = rows.drop_duplicates("instance"), sampler_words(context, sampler)
    if len(single) > 1:
        share = _typical(single.ground_probability, single, context.seed)
        words = f"typically {percent(share.value)}"
    else:
        low, high = map(float, single.ground_probability_interval.iloc[0])
        share = Estimate(float(single.ground_probability.iloc[0]), low, high, 1)
        words = percent(share.value)
    where = "; the quantum prediction is not computed"
    if len(context.results.compare):  # of problems with a prediction this says nothing
        where = ", for problems whose quantum prediction is not computed"
    words += f" of the reads of {who} are ground states{where}"
    return Finding("reads-without-prediction", sentence(words), known(share), sampler, share)


def _typical(values: pd.Series, rows: pd.DataFrame, seed: int) -> Estimate:
    """Return the median over problems with its interval; one problem has the interval of a read."""
    if len(rows) > 1:
        return Resampling.of(rows.cluster, seed=seed).median(values.astype(float))
    name = f"{values.name}_interval"
    low, high = map(float, rows[name].iloc[0])
    return Estimate(float(values.iloc[0]), low, high, 1)


def _often(rows: pd.DataFrame) -> str:
    return "typically" if len(rows) > 1 else ""


def _rejected(context: Context, rows: pd.DataFrame, sampler: str) -> Finding:
    """Return in how many comparisons the reads contradict independent qubits."""
    p = rows.null_p_value.to_numpy(dtype=float)
    adjusted = adjusted_p_values(p, independent=False) if p.size > 1 else p
    number = int((adjusted < SIGNIFICANCE_LEVEL).sum())
    words = (
        f"the reads of {sampler_words(context, sampler)} contradict qubits that do not interact in "
        f"{all_of(number, len(rows), 'comparison')}, at the level of 5 %"
    )
    corrected = ", corrected for the number of tests" if p.size > 1 else ""
    return Finding("independent-rejected", sentence(words + corrected), subject=sampler, minor=True)


def _unproven(context: Context) -> list[Finding]:
    """Return for how many problems the share of ground states is not known."""
    rows = context.results.unpredicted
    if rows.empty:
        return []
    total = rows.instance.nunique()
    number = rows[rows.ground_probability.isna()].instance.nunique()
    if not number:
        return []
    words = (
        f"the lowest energy of {all_of(number, total)} is not proven, so that it is not known how "
        "many of the reads are ground states"
    )
    return [Finding("optima-not-proven", sentence(words))]


def _ways(context: Context) -> list[Finding]:
    """Return how many problems were compared in which way, if there are two ways."""
    small, large = context.results.compare, proven_rows(context)
    if small.empty or large.empty:
        return []
    words = (
        f"the reads of {counted(small.instance.nunique(), 'problem')} are compared with the "
        f"quantum prediction, those of {large.instance.nunique()} larger with the proven optimum "
        "and qubits that do not interact"
    )
    return [Finding("ways-of-comparison", sentence(words))]


def _story(context: Context, rows: pd.DataFrame, sampler: str) -> Story:
    single, who = rows.drop_duplicates("instance"), sampler_words(context, sampler)
    number = len(single)
    each = "" if number == 1 else f" for each of {counted(number, 'problem')}"
    means = "this says nothing of a quantum model"
    saw = f"{percent(middle(single.ground_probability))} of the reads are solutions"
    beside = _beside_null(rows)
    if len(beside):
        part = beside[beside.model == main_model(beside)]
        saw += (
            f", where qubits that do not interact would reach {percent(middle(part.predicted))} at "
            f"tau = {duration(part.tau.iloc[0])}"
        )
        support = excess(context, beside, sampler, INDEPENDENT).main.support
        means = f"{MEANS.get(support, DIFFERENT)}, which is no test of the quantum model"
    limits = "How often the quantum model would find them stays open"
    if not is_hardware(context, sampler):
        limits += ", and no quantum hardware was sampled"
    return Story(
        asked=ASKED,
        did=f"We drew {int(single.num_reads.median())} reads{each} with {who}, and counted those "
        "with the lowest energy, which is proven.",
        saw=sentence(_often(single), saw),
        means=sentence(means),
        limits=sentence(limits),
    )
