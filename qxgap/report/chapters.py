"""The chapters of a study's page: the four questions, the explanations, and what was studied."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from .. import plotting
from ..plotting import overview
from ..progress import Say, silent
from ..statistics.bootstrap import Estimate, Resampling
from ..statistics.intervals import jeffreys_interval
from .findings import Answer, Context, Question, beside_independent_qubits
from .page import Chapter
from .sections import (
    Picture,
    Section,
    answer,
    couplings,
    explanations,
    gaps,
    instances,
    laws,
    samples,
    scaling,
    schedules,
    selections,
    success,
    times,
)
from .sections.parts import reason_of
from .study_facts import study_facts

log = logging.getLogger(__name__)

Pair = tuple[Picture, Picture]
"""The thumbnail and the main figure of a chapter."""

NAMES = {
    Question.HARDNESS: "hardness",
    Question.SUCCESS: "success",
    Question.REALITY: "reality",
    Question.NEED: "need",
}
"""The ids of the chapters on a page."""

DETAILS: Mapping[Question, Sequence[str]] = {
    Question.HARDNESS: (gaps.TITLE, scaling.TITLE),
    Question.SUCCESS: (success.TITLE, times.TITLE, laws.TITLE, schedules.TITLE),
    Question.REALITY: (samples.TITLE,),
    Question.NEED: (selections.TITLE,),
}
"""The sections that are folded into each chapter."""

IN_DETAIL = {
    Question.HARDNESS: "The gaps in detail",
    Question.SUCCESS: "Success in detail",
    Question.NEED: "The rules in detail",
}
"""Titles of folded sections that would otherwise have the title of their chapter."""

RULES = {
    "greedy": "greedy",
    "top_k": "top-k",
    "all_positive": "all positive",
    "random_k": "random-k",
}
"""Rules of the last question, and their names in figures."""


def write_chapters(answers: Sequence[Answer], context: Context, say: Say = silent) -> list[Chapter]:
    """Return the chapters of the page of a study.

    Parameters
    ----------
    answers : sequence of Answer
        The answers to the four questions.
    context : Context
        The results of the study.
    say : callable, optional
        Called with a line of text before each chapter.
    """
    chapters = []
    for one in answers:
        say(f"chapter  {one.question}")
        chapters.append(_answered(one, context))
    say(f"chapter  {explanations.TITLE}")
    return [*chapters, _explained(context), _studied(context)]


def _answered(one: Answer, context: Context) -> Chapter:
    """Return the chapter of one question; a figure that fails is a section that says so."""
    titles = [title for title in DETAILS[one.question] if _is_asked(title, context)]
    sections = [answer(title, context) for title in titles]
    thumbnail = picture = None
    try:
        thumbnail, picture = FIGURES[one.question](context) or (None, None)
    except Exception as error:
        log.debug("the main figure of %r failed", str(one.question), exc_info=True)
        sections.append(Section("The main figure", failure=reason_of(error)))
    if picture is not None:
        sections = [_without(section, picture.name) for section in sections]
    title = str(one.question)
    detail = IN_DETAIL.get(one.question, title)
    sections = [replace(s, title=detail) if s.title == title else s for s in sections]
    return Chapter(NAMES[one.question], title, one, thumbnail, picture, sections=sections)


def _is_asked(title: str, context: Context) -> bool:
    """Return whether a study asks the question of a section; few compare schedules."""
    return title != schedules.TITLE or "schedules" in set(context.results.frame.task)


def _explained(context: Context) -> Chapter:
    """Return the chapter about explanations; the pictures of the images come first."""
    section = answer(explanations.TITLE, context)
    first = next((p for p in section.pictures if p.name.startswith("explanation_maps")), None)
    rest = [section if first is None else _without(section, first.name)]
    return Chapter("explanations", explanations.TITLE, picture=first, sections=rest)


def _studied(context: Context) -> Chapter:
    """Return the chapter about what was studied; its sentences are not folded away."""
    section = answer(instances.TITLE, context)
    rest = [
        replace(
            section,
            title="Problems and networks",
            findings=[line for line in section.findings if line.minor],
        ),
        answer(couplings.TITLE, context),
    ]
    facts = study_facts(context)
    lines = [str(line) for line in section.findings if not line.minor]
    return Chapter("studied", instances.TITLE, lines=lines, facts=facts, sections=rest)


def _without(section: Section, name: str) -> Section:
    """Return a section without a figure that stands elsewhere."""
    return replace(section, pictures=[p for p in section.pictures if p.name != name])


def _gap_figures(context: Context) -> Pair | None:
    rows = context.results.gap
    if rows.empty:
        return None
    unit = str(rows.unit.iloc[0])
    rows = rows[rows.unit == rows.unit.iloc[0]]
    first = rows[rows.setting == rows.setting.iloc[0]]
    plain = unit in ("", "dimensionless", "1")
    alt = "Minimum gap against classical gap, with the line on which they are equal."
    return (
        Picture("card_hardness", overview.gap_thumbnail(first), alt, ""),
        Picture(
            "gap_against_classical" + ("" if plain else f"_{unit}"),
            plotting.gap_against_classical(rows, "" if plain else unit),
            alt,
            "Each dot is one problem. Across: the classical gap, which is the distance of its two "
            "lowest energies. Up: the smallest gap of the anneal. A dot on the dashed line has no "
            "bottleneck but the classical one; a dot far below it has a quantum bottleneck."
            + " Open squares are estimates, with their 95 % intervals."
            * any(rows.estimated),
        ),
    )


def _success_figures(context: Context) -> Pair | None:
    rows = context.results.success
    if rows.empty:
        return None
    lines = []
    for (setting, tau), part in rows.groupby(["setting", "tau"], sort=False):
        resampling = Resampling.of(part.cluster, seed=context.seed)
        median: Estimate = resampling.median(part.success_probability)
        lines.append((setting, tau, median.value, median.low, median.high))
    medians = pd.DataFrame(lines, columns=["setting", "tau", "value", "low", "high"])
    first = medians[medians.setting == medians.setting.iloc[0]]
    alt = "Median success probability against the anneal time, with its interval."
    return (
        Picture("card_success", overview.success_thumbnail(first), alt, ""),
        Picture(
            "success_by_time",
            plotting.success_by_time(rows, medians),
            alt,
            "Each dot is the probability that one anneal of one problem ends in its best "
            "selection. The line is the median over the problems, the band its 95 % interval. "
            "The higher, the fewer anneals are needed.",
        ),
    )


def _reality_figures(context: Context) -> Pair | None:
    rows = context.results.compare
    if rows.empty:
        return _unpredicted_figures(context)
    first = rows[(rows.sampler == rows.sampler.iloc[0]) & (rows.model == rows.model.iloc[0])]
    alt = "Share of ground states among the reads against the predicted share."
    return (
        Picture("card_reality", overview.agreement_thumbnail(first), alt, ""),
        Picture(
            "agreement_of_instances",
            plotting.agreement_of_instances(rows),
            alt,
            "Each dot is one problem under one prediction. Across: the predicted share of ground "
            "states. Up: the share that was read. On the dashed line reads and prediction agree; "
            "above it the sampler is better than predicted.",
        ),
    )


def _unpredicted_figures(context: Context) -> Pair | None:
    """Return the figures of reads beside independent qubits, if no problem has a prediction."""
    rows = beside_independent_qubits(context)
    if rows.empty:
        return None
    first = rows[(rows.sampler == rows.sampler.iloc[0]) & (rows.model == rows.model.iloc[0])]
    picture = samples.unpredicted_picture(rows)
    thumbnail = overview.agreement_thumbnail(first, "independent qubits", log=True)
    return Picture("card_reality", thumbnail, picture.alt, ""), picture


def _need_figures(context: Context) -> Pair | None:
    rows = context.results.instances
    if rows.empty or "selected" not in rows:
        return None
    rows = rows[rows.selected.notna()]
    lines = []
    for rule, name in RULES.items():
        column = f"{rule}_is_optimal"
        known = rows[column].dropna().astype(bool) if column in rows else rows.iloc[:0]
        if len(known):
            hits = int(known.sum())
            lines.append((name, hits / len(known), *jeffreys_interval(hits, len(known))))
    if not lines:
        return None
    table = pd.DataFrame(lines, columns=["name", "value", "low", "high"])
    alt = "Share of the problems that each simple rule solves."
    return (
        Picture("card_need", overview.rules_thumbnail(table), alt, ""),
        Picture(
            "rule_shares",
            plotting.rule_shares(table),
            alt,
            f"Bars: the share of the {len(rows)} problems of which a rule without search finds "
            "an optimum. The line across the end of a bar is its 95 % interval.",
        ),
    )


FIGURES: Mapping[Question, Callable[[Context], Pair | None]] = {
    Question.HARDNESS: _gap_figures,
    Question.SUCCESS: _success_figures,
    Question.REALITY: _reality_figures,
    Question.NEED: _need_figures,
}
"""The functions that draw the thumbnail and the main figure of each question."""
