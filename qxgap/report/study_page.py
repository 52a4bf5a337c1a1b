"""The report of a study: a results folder as one self-contained page."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..progress import Say, silent
from ..results import Result, plain
from ..study.owner import FIGURES, PAGE, described, require_own_report
from ..version import versions
from .chapters import write_chapters
from .findings import ANSWERS, Answer, Context, Finding, failed, problem_findings
from .instance_list import list_instances
from .instance_sections import write_instance_sections
from .page import write_page
from .results_table import Results, load_results
from .sections import instances
from .sections.parts import reason_of
from .sidefiles import SideFiles, load_side_files


@dataclass(frozen=True, repr=False)
class Report(Result):
    """The report that was written.

    Attributes
    ----------
    path : Path
        The page.
    answers : tuple of Answer
        The answers to the four questions.
    findings : dict of str to list of Finding
        The title of each section of the page, and its findings.
    figures : list of Path
        The files of the figures, two for each.
    failures : list of str
        A sentence for each section or figure that could not be made; the page shows it too.
    """

    path: Path
    answers: tuple[Answer, ...]
    findings: dict[str, list[Finding]]
    figures: list[Path]
    failures: list[str]

    def to_dict(self) -> dict[str, Any]:
        """Return the paths, answers, findings and failures as plain Python values.

        Returns
        -------
        dict of str
            The keys path, answers, findings, figures and failures.
        """
        return {
            "path": str(self.path),
            "answers": [each.to_dict() for each in self.answers],
            "findings": plain(self.findings),
            "figures": [str(file) for file in self.figures],
            "failures": self.failures,
        }

    def __str__(self) -> str:
        return (
            f"report   {self.path.resolve()}\n"
            f"figures  {len(self.figures)} files in {self.path.parent / FIGURES}"
        )


def write_report(
    folder: str | Path,
    out: str | Path | None = None,
    *,
    seed: int = 1,
    overwrite: bool = False,
    progress: Say | None = None,
) -> Report:
    """Write the report of a study as ``report.html``, with its figures in ``figures/``.

    An unfinished study can be reported too; the page then names the missing results. If a section
    fails, the page shows the reason in its place, and the other sections are not affected.

    Parameters
    ----------
    folder : str or Path
        Results folder with ``results.parquet``, and the files that the study wrote beside it.
    out : str or Path, optional
        Folder to write to; by default ``folder``.
    seed : int, optional
        Seed of the bootstrap.
    overwrite : bool, optional
        Whether the report of another study in ``out`` may be replaced.
    progress : callable, optional
        Called with a line of text before each section and each figure is made.

    Returns
    -------
    Report
        The page, its findings and its figures.

    Raises
    ------
    InputError
        If ``folder`` is no results folder, or if ``out`` cannot be written or holds the report of
        another study.
    """
    say = progress or silent
    say("reading the results")
    results, side = load_results(folder), load_side_files(folder)
    target = Path(folder if out is None else out)
    if not overwrite:
        require_own_report(target, Path(folder))
    context = Context(results, side, seed)
    answers, failures = _answers(context, say)
    chapters = write_chapters(answers, context, say)
    say("sections about instances")
    listed = list_instances(results)
    page = write_page(
        target,
        PAGE,
        "Feature selection by quantum annealing",
        LEAD,
        chapters,
        _footer(results, side, seed),
        study=described(Path(folder)).get("id", ""),
        say=say,
        instances=listed,
        instance_sections=write_instance_sections(results, side, listed),
    )
    sections = [section for chapter in chapters for section in chapter.sections]
    findings = {part.title: list(part.findings) for part in sections}
    findings |= {instances.TITLE: list(problem_findings(context))}
    return Report(page.path, answers, findings, page.figures, [*failures, *page.failures])


def answer_study(
    folder: str | Path, *, seed: int = 1, progress: Say | None = None
) -> tuple[Answer, ...]:
    """Answer the four questions from the results of a study, without a page.

    Parameters
    ----------
    folder : str or Path
        Results folder with ``results.parquet``, and the files that the study wrote beside it.
    seed : int, optional
        Seed of the bootstrap.
    progress : callable, optional
        Called with a line of text before each answer is worked out.

    Returns
    -------
    tuple of Answer
        Always four. An answer that cannot be worked out says why.

    Raises
    ------
    InputError
        If ``folder`` is no results folder.
    """
    context = Context(load_results(folder), load_side_files(folder), seed)
    answers, _ = _answers(context, progress or silent)
    return answers


def _answers(context: Context, say: Say) -> tuple[tuple[Answer, ...], list[str]]:
    """Return the four answers, and a sentence for each that could not be worked out."""
    answers, failures = [], []
    for number, (question, work_out) in enumerate(ANSWERS.items(), 1):
        say(f"answer {number} of {len(ANSWERS)}  {question}")
        try:
            answers.append(work_out(context))
        except Exception as error:
            log.debug("the answer to %r failed", question, exc_info=True)
            answers.append(failed(question, reason_of(error)))
            failures.append(f"the answer to {question!r} failed ({reason_of(error)})")
    return tuple(answers), failures


log = logging.getLogger(__name__)

LEAD = (
    "Below, each answer is told in five sentences and a figure. Tables, intervals and further "
    "figures are folded under it. A dot in a figure is one problem, and a dotted word is explained "
    "under Words; with a mouse, point at them."
)
INTERVALS = (
    "Intervals of 95 % come from resampling whole classes; typically means the median over the "
    "problems. A difference is claimed only where its interval leaves it no other sign. Intervals "
    "are not corrected for the number of statements, except where a correction is named."
)


def _footer(results: Results, side: SideFiles, seed: int) -> list[str]:
    """Return the versions, the seed, the credits of the networks, and the source of the method."""
    frame = results.frame
    made = frame.versions.dropna().unique() if "versions" in frame else []
    lines = [INTERVALS, *(f"Computed with {text}." for text in list(made)[:3])]
    now = ", ".join(f"{name} {version}" for name, version in versions().items())
    lines.append(f"Report: {now}; bootstrap seed {seed}. Every number is in results.parquet.")
    credits = (str(facts.get("credit") or "") for facts in side.networks.values())
    lines += [credit for credit in dict.fromkeys(credits) if credit]
    lines.append("Method: Venturelli et al., arXiv 2604.25649 (2026).")
    return lines
