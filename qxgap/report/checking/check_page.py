"""A check as a page and as notebooks show it: answers, figure, and numbers folded away."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ...results import html_table, text_of
from ...spectra import EstimatedGap
from ...study.run import file_name
from ...version import versions
from ..findings import Answer, Question
from ..page import Chapter, Page, write_page
from ..results_table import CONVENTION_NAMES
from ..sections import Picture, Section, Table
from ..sections.parts import word
from .check_figure import baseline_table, draw_check, draw_question
from .check_parts import CheckParts
from .check_rows import source_name

STYLE = (
    ".qxgap-check p{margin:.5em 0}"
    ".qxgap-check p b{border-bottom:2px solid #0072B2}"
    ".qxgap-check small{opacity:.75}"
    ".qxgap-check svg{max-width:100%;height:auto}"
    ".qxgap-check summary{cursor:pointer;margin-top:.6em}"
    ".qxgap-check table{margin:.3em 0 .6em 1em}"
)
"""Style of the notebook output. Colors of text and background are those of the notebook."""


LEAD = (
    "Below, each answer is told in five sentences and a figure. The numbers behind it are folded "
    "under it. A dotted word is explained under Words; with a mouse, point at it."
)


def notebook_html(check: CheckParts) -> str:
    """Return a check as an HTML element for a notebook, light or dark."""
    answers = "".join(_answer(answer) for answer in check.answers)
    missing = "".join(f"<p><em>{html.escape(text)}</em></p>" for text in check.missing)
    figure = draw_check(check)._repr_html_()
    return (
        f'<div class="qxgap-check"><style>{STYLE}</style>'
        f"<p><strong>{html.escape(_title(check))}</strong></p>{answers}{figure}{missing}"
        f"<details><summary>Story of each answer</summary>{_stories(check.answers)}</details>"
        f"<details><summary>Numbers</summary>{_numbers(check)}</details></div>"
    )


def _answer(answer: Answer) -> str:
    verdict = html.escape(f"{answer.verdict[:1].upper()}{answer.verdict[1:]}.")
    return (
        f"<p><strong>{html.escape(answer.question.value)}</strong><br>"
        f"<b>{verdict}</b> {html.escape(answer.sentence)} "
        f"<small>({html.escape(answer.certainty)})</small></p>"
    )


def _stories(answers: Iterable[Answer]) -> str:
    """Return what was asked, done and seen for each question, and what it means."""
    return "".join(
        f"<p><strong>{html.escape(answer.question.value)}</strong> "
        f"{html.escape(' '.join(_sentences(answer)))}</p>"
        for answer in answers
    )


def _numbers(check: CheckParts) -> str:
    """Return a table of the numbers of each single result."""
    return "".join(
        f"<p>{html.escape(title)}</p>{html_table(values)}"
        for question in Question
        for title, values in _results(check, question).items()
    )


def _results(check: CheckParts, question: Question) -> dict[str, Mapping[str, Any]]:
    """Return the numbers of the single results behind a question, by their titles."""
    tables: dict[str, Mapping[str, Any]] = {}
    if question is Question.HARDNESS and check.gap is not None:
        tables["Minimum gap"] = check.gap.to_dict()
    if question is Question.SUCCESS and check.success is not None:
        tables["Success probability"] = check.success.to_dict()
    if question is Question.SUCCESS and check.null_success:
        null = {f"tau = {tau:g}": value for tau, value in sorted(check.null_success.items())}
        tables["Success probability of qubits that do not interact"] = null
    if question is Question.REALITY:
        for source, parts in check.comparisons.items():
            for part in parts:
                title = f"Reads of {source_name(source)} against the anneal at tau = {part.tau:g}"
                tables[title] = part.to_dict()
        for source, shares in check.ground_shares.items():
            tables[f"Reads of {source_name(source)} beside the proven optimum"] = shares.to_dict()
    if question is Question.NEED:
        if check.selections is not None:
            tables["Exact optimum"] = check.selections.optimum.to_dict()
        tables["Reduction"] = check.reduction.to_dict()
    return tables


NAMES = {
    Question.HARDNESS: "hardness",
    Question.SUCCESS: "success",
    Question.REALITY: "reality",
    Question.NEED: "need",
}
"""The ids of the chapters on the page."""

CAPTIONS = {
    Question.HARDNESS: "The gap is the distance of the lowest energy level, or of those that end "
    "in a ground state, from the next one. The smaller its minimum over the anneal, the slower the "
    "anneal must be. {minimum}",
    Question.SUCCESS: "The probability that one anneal ends in a ground state, against the anneal "
    "time. Beside it, what qubits that do not interact would reach, and a random guess.",
    Question.REALITY: "Bars: the share of the reads on each energy level, the best on the left. "
    "{lines}The scale is logarithmic.",
    Question.NEED: "How far above the lowest energy each method ends. A blue dot has found an "
    "optimum.",
}
"""How to read the figure of each question."""

PREDICTED = "Lines: what the model of an ideal anneal predicts. "
"""What the lines of the figure of the reads are."""

PROVEN_MINIMUM = "The minimum is proven to lie between the computed gap and the lower bound."
ESTIMATED_MINIMUM = "The gap is an estimate; green is what is proven of its minimum."
"""What the figure of the gap shows of its minimum."""

ALTS = {
    Question.HARDNESS: "The gap against the anneal fraction s, with the bracket of its minimum.",
    Question.SUCCESS: "Success probability against the anneal time, with two null models.",
    Question.REALITY: "Share of the reads on each energy level, beside the prediction.",
    Question.NEED: "Energy above the best one of the exact search, of simple rules and of reads.",
}


def write_check(check: CheckParts, folder: Path) -> Page:
    """Write the page of a check, which has the name of the problem."""
    name = file_name(check.name)
    chapters = [_chapter(check, answer, name) for answer in check.answers]
    chapters.append(
        Chapter("problem", "What was checked?", lines=check.missing, facts=_facts(check))
    )
    made = ", ".join(f"{package} {version}" for package, version in versions().items())
    footer = [f"Computed with {made}; seed {check.seed}."]
    return write_page(folder, f"{name}.html", _title(check), LEAD, chapters, footer)


def _chapter(check: CheckParts, answer: Answer, name: str) -> Chapter:
    """Return the chapter of one question, with its claims and numbers folded away."""
    question, picture = answer.question, None
    figure = draw_question(check, question)
    if figure is not None:
        file = word(f"{name}_{NAMES[question]}")
        estimated = isinstance(check.gap, EstimatedGap)
        minimum = ESTIMATED_MINIMUM if estimated else PROVEN_MINIMUM
        lines = PREDICTED if check.comparisons else ""
        caption = CAPTIONS[question].format(minimum=minimum, lines=lines)
        picture = Picture(file, figure, ALTS[question], caption)
    tables = [
        Table(title, ["quantity", "value"], _lines(values))
        for title, values in _results(check, question).items()
    ]
    if question is Question.NEED and check.selections is not None:
        tables.insert(0, _rules(check))
    claims = list(answer.findings)
    section = Section("Claims and numbers", findings=claims, tables=tables)
    sections = [section] if tables or claims else []
    title = str(question)
    return Chapter(NAMES[question], title, answer, picture=picture, sections=sections)


def _lines(values: Mapping[str, Any]) -> list[list[str]]:
    return [[key.replace("_", " "), text_of(value)] for key, value in values.items()]


def _rules(check: CheckParts) -> Table:
    """Return the energy that each rule reaches, and the best read of each source."""
    rows = [
        [
            row.method.replace("\n", " "),
            f"{row.energy:.6g}",
            f"{row.excess:.3g}",
            "yes" if row.is_optimal else "no",
        ]
        for row in baseline_table(check).itertuples()
    ]
    header = ["method", "energy", "above the best", "optimal"]
    return Table("What each method reaches.", header, rows)


def _facts(check: CheckParts) -> list[tuple[str, str]]:
    """Return what was checked: the problem, the anneal, and the reads."""
    problem, schedule = check.problem, check.schedule
    in_nanoseconds = schedule.unit == "GHz"
    times = ", ".join(f"{tau:g}" for tau in check.taus)
    facts = [
        ("Problem", f"{check.name}, {_qubits(check)}, {int((problem.J != 0).sum())} couplings"),
        ("Content hash", problem.content_hash),
        ("Schedule", f"{schedule.name}{' (GHz)' if in_nanoseconds else ''}"),
        ("Driver", CONVENTION_NAMES[check.convention]),
        ("Anneal times", f"{times}{' ns' if in_nanoseconds else ''}"),
    ]
    for source, reads in check.reads.items():
        facts.append((f"Reads of {source_name(source)}", str(reads.num_reads)))
    return facts


def _qubits(check: CheckParts) -> str:
    size = check.problem.num_qubits
    return f"{size} qubit{'' if size == 1 else 's'}"


def _title(check: CheckParts) -> str:
    return f"{check.name}, {_qubits(check)}"


def _sentences(answer: Answer) -> list[str]:
    """Return the story of an answer, a sentence for each step that has one."""
    story = answer.story
    return [s for s in (story.asked, story.did, story.saw, story.means, story.limits) if s]
