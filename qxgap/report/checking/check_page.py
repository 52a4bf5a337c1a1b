"""A check as a page and as notebooks show it: answers, figure, and numbers folded away."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ...results import html_table, text_of
from ...study.run import file_name
from ...version import versions
from ..findings import Answer
from ..page import Chapter, Page, write_page
from ..sections import Picture, Section, Table
from ..sections.parts import word
from .check_figure import draw_check
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


ALT = (
    "Four panels: the gap during the anneal, the success probability against the anneal time, "
    "reads against the prediction, and the energies that rules without annealing reach."
)

LEAD = (
    "How hard this problem is for a quantum annealer, how likely one anneal is to solve it, "
    "whether samples agree with the prediction, and whether annealing was needed."
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
        for title, values in _results(check).items()
    )


def _results(check: CheckParts) -> dict[str, Mapping[str, Any]]:
    """Return the numbers of each single result, by its title."""
    tables: dict[str, Mapping[str, Any]] = {}
    if check.gap is not None:
        tables["Minimum gap"] = check.gap.to_dict()
    if check.success is not None:
        tables["Success probability"] = check.success.to_dict()
    for source, parts in check.comparisons.items():
        for part in parts:
            title = f"Reads of {source_name(source)} against the anneal at tau = {part.tau:g}"
            tables[title] = part.to_dict()
    if check.selections is not None:
        tables["Selections"] = check.selections.to_dict()
        tables["Exact optimum"] = check.selections.optimum.to_dict()
    tables["Reduction"] = check.reduction.to_dict()
    return tables


def write_check(check: CheckParts, folder: Path) -> Page:
    """Write the page of a check, which has the name of the problem."""
    name = file_name(check.name)
    picture = Picture(
        word(name),
        draw_check(check),
        ALT,
        "The gap during the anneal; the success probability against the anneal time; reads against "
        "the prediction on the energy levels; the energies that rules without annealing reach.",
    )
    chapters = [Chapter("overview", "All four answers in one figure", picture=picture)]
    chapters += [
        Chapter(f"question-{number}", str(answer.question), answer)
        for number, answer in enumerate(check.answers, 1)
    ]
    numbers = [
        Table(title, ["quantity", "value"], [[key, text_of(v)] for key, v in values.items()])
        for title, values in _results(check).items()
    ]
    details = Section("All results", tables=numbers, missing=list(check.missing))
    chapters.append(Chapter("numbers", "Numbers", sections=[details]))
    made = ", ".join(f"{package} {version}" for package, version in versions().items())
    unit = f", times in ns and energies in {check.schedule.unit}"
    footer = [
        f"Instance {check.problem.content_hash}; schedule {check.schedule.name}, driver of the "
        f"convention {check.convention.value}{unit if check.schedule.unit == 'GHz' else ''}.",
        f"Computed with {made}; seed {check.seed}.",
    ]
    return write_page(folder, f"{name}.html", _title(check), LEAD, chapters, footer)


def _title(check: CheckParts) -> str:
    size = check.problem.num_qubits
    return f"{check.name}, {size} qubit{'' if size == 1 else 's'}"


def _sentences(answer: Answer) -> list[str]:
    """Return the story of an answer, a sentence for each step that has one."""
    story = answer.story
    return [s for s in (story.asked, story.did, story.saw, story.means, story.limits) if s]
