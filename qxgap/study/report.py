"""A results folder as one self-contained page, with its figures as PNG and SVG."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from .. import plotting
from ..problem.errors import InputError
from ..problem.provenance import versions
from .results import Results, load_results
from .sections import SECTIONS, Context, Picture, Section
from .sidefiles import SideFiles, load_side_files

PAGE, FIGURES = "report.html", "figures"


@dataclass(frozen=True)
class Report:
    """What was written.

    Attributes
    ----------
    path : of the page.
    findings : question -> sentences.
    figures : the files, two for each figure.
    """

    path: Path
    findings: dict[str, list[str]]
    figures: list[Path]

    def __str__(self) -> str:
        return (
            f"report   {self.path.resolve()}\n"
            f"figures  {len(self.figures)} files in {self.path.parent / FIGURES}"
        )


def write_report(folder: str | Path, out: str | Path | None = None, *, seed: int = 1) -> Report:
    """Write ``report.html`` and ``figures/`` of a results folder.

    Any part of a study will do: what the table does not hold is left out, and said.

    Parameters
    ----------
    folder : with results.parquet, or parts of it, and what stands beside it.
    out : where to write; by default into ``folder``.
    seed : of the bootstrap.

    Raises
    ------
    InputError : if ``folder`` is no results folder, or ``out`` cannot be written.
    """
    results, side = load_results(folder), load_side_files(folder)
    target = Path(folder if out is None else out)
    context = Context(results, side, seed)
    sections = [section(context) for section in SECTIONS]
    try:
        drawn = _save(target / FIGURES, sections)
        path = target / PAGE
        path.write_text(page(sections, drawn, results, side, seed), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{target}: the report cannot be written ({error})") from error
    figures = [target / FIGURES / f"{name}{end}" for name in drawn for end in (".png", ".svg")]
    return Report(path, {part.title: list(part.findings) for part in sections}, figures)


def _save(folder: Path, sections: list[Section]) -> dict[str, Markup]:
    """Write the files of every figure; return its name -> what the page shows."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = {}
    for picture in (picture for section in sections for picture in section.pictures):
        text, width = plotting.save(picture.figure, folder / picture.name), _width(picture)
        name = picture.name.replace("_", "-")
        drawn[picture.name] = Markup(plotting.inline_svg(text, name, picture.alt, width))
    return drawn


def _width(picture: Picture) -> float:
    """Pixels that a figure takes if there is room."""
    return float(picture.figure.get_figwidth()) * 96.0


def page(
    sections: list[Section],
    drawn: Mapping[str, Markup],
    results: Results,
    side: SideFiles,
    seed: int,
) -> str:
    """Return the page as HTML that is well-formed XML too.

    Parameters
    ----------
    drawn : name of a figure -> its ``<svg>``.
    """
    environment = Environment(
        loader=PackageLoader("qxgap.study"), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("report.html.j2").render(
        title="Feature selection by quantum annealing",
        lead=LEAD,
        sections=sections,
        footer=_footer(results, side, seed),
        drawn=drawn,
        least=_least,
    )


LEAD = (
    "How hard the selection problems are for a quantum annealer, how likely it is to solve them, "
    "whether samples agree, and whether annealing was needed. Square brackets hold 95 % intervals "
    "from resampling classes; a difference is claimed only where its interval excludes none. No "
    "correction is made for the number of statements on this page, except where one is named."
)


def _least(picture: Picture) -> int:
    """Pixels below which its text is too small; on a narrower screen the figure scrolls."""
    return round(min(_width(picture) * 0.66, 800))


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
