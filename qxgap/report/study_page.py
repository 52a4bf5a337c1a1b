"""A results folder as one self-contained page, with its figures as PNG and SVG."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..study.owner import FIGURES, PAGE, described, require_own_report
from ..version import versions
from .page import write_page
from .results import Results, load_results
from .sections import SECTIONS, Context, answer
from .sidefiles import SideFiles, load_side_files


@dataclass(frozen=True)
class Report:
    """What was written.

    Attributes
    ----------
    path : of the page.
    findings : question -> sentences.
    figures : the files, two for each figure.
    failures : a sentence for each part or figure that could not be made; the page says so too.
    """

    path: Path
    findings: dict[str, list[str]]
    figures: list[Path]
    failures: list[str]

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
) -> Report:
    """Write ``report.html`` and ``figures/`` of a results folder.

    Any part of a study will do: what the table does not hold is left out, and said. A part of the
    page that fails says so in its place, and the rest stands.

    Parameters
    ----------
    folder : with results.parquet, or parts of it, and what stands beside it.
    out : where to write; by default into ``folder``.
    seed : of the bootstrap.
    overwrite : whether the report of another study in ``out`` may be replaced.

    Raises
    ------
    InputError : if ``folder`` is no results folder, or ``out`` cannot be written or holds another
        study.
    """
    results, side = load_results(folder), load_side_files(folder)
    target = Path(folder if out is None else out)
    if not overwrite:
        require_own_report(target, Path(folder))
    context = Context(results, side, seed)
    sections = [answer(question, context) for question in SECTIONS]
    page = write_page(
        target,
        PAGE,
        "Feature selection by quantum annealing",
        LEAD,
        sections,
        _footer(results, side, seed),
        study=described(Path(folder)).get("id", ""),
    )
    findings = {part.title: list(part.findings) for part in sections}
    return Report(page.path, findings, page.figures, page.failures)


LEAD = (
    "How hard the selection problems are for a quantum annealer, how likely it is to solve them, "
    "whether samples agree, and whether annealing was needed. Square brackets hold 95 % intervals "
    "from resampling classes; a difference is claimed only where its interval excludes none. No "
    "correction is made for the number of statements on this page, except where one is named."
)


def _footer(results: Results, side: SideFiles, seed: int) -> list[str]:
    frame = results.frame
    made = frame.versions.dropna().unique() if "versions" in frame else []
    lines = [f"Computed with {text}." for text in list(made)[:3]]
    now = ", ".join(f"{name} {version}" for name, version in versions().items())
    lines.append(f"Report: {now}; bootstrap seed {seed}. Every number is in results.parquet.")
    credits = (str(facts.get("credit") or "") for facts in side.networks.values())
    lines += [credit for credit in dict.fromkeys(credits) if credit]
    lines.append("Method: Venturelli et al., arXiv 2604.25649 (2026).")
    return lines
