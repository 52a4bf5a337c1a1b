"""Sections as one self-contained page, with their figures as PNG and SVG beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from .. import plotting
from ..problem.errors import InputError
from .sections import Picture, Section

FIGURES = "figures"


def write_page(
    folder: Path,
    name: str,
    title: str,
    lead: str,
    sections: Sequence[Section],
    footer: Sequence[str],
) -> Path:
    """Write the page ``name`` and ``figures/`` into a folder; return the page's path.

    The page is HTML that is well-formed XML too, and loads nothing.

    Raises InputError if it cannot be written.
    """
    environment = Environment(
        loader=PackageLoader("qxgap.study"), autoescape=True, undefined=StrictUndefined
    )
    try:
        drawn = _save(folder / FIGURES, sections)
        text = environment.get_template("report.html.j2").render(
            title=title, lead=lead, sections=sections, footer=footer, drawn=drawn, least=_least
        )
        path = folder / name
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{folder}: the page cannot be written ({error})") from error
    return path


def figure_files(folder: Path, sections: Sequence[Section]) -> list[Path]:
    """The files of the figures that :func:`write_page` writes, two each."""
    names = [picture.name for section in sections for picture in section.pictures]
    return [folder / FIGURES / f"{name}{end}" for name in names for end in (".png", ".svg")]


def _save(folder: Path, sections: Sequence[Section]) -> dict[str, Markup]:
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


def _least(picture: Picture) -> int:
    """Pixels below which its text is too small; on a narrower screen the figure scrolls."""
    return round(min(_width(picture) * 0.72, 800))
