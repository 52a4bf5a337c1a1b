"""Write sections as one self-contained page, with their figures as PNG and SVG beside it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from .. import plotting
from ..errors import InputError
from ..progress import Say, silent
from ..study.owner import FIGURES
from .sections import Picture, Section
from .sections.parts import reason_of

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Page:
    """A page that was written.

    Attributes
    ----------
    path : Path
        The file.
    figures : list of Path
        The files of its figures, two for each.
    failures : list of str
        A sentence for each section or figure that could not be made. The page shows it too, in
        place of the section or figure.
    """

    path: Path
    figures: list[Path] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def write_page(
    folder: Path,
    name: str,
    title: str,
    lead: str,
    sections: Sequence[Section],
    footer: Sequence[str],
    *,
    study: str = "",
    say: Say = silent,
) -> Page:
    """Write the page ``name`` and ``figures/`` into a folder.

    The page is HTML that is well-formed XML too, and loads nothing. A figure that cannot be drawn
    is replaced by a sentence.

    Parameters
    ----------
    folder : Path
        Folder of the page, which is made if needed.
    name : str
        Name of the file.
    title : str
        Title of the page.
    lead : str
        Paragraph below the title, which says how to read the page.
    sections : sequence of Section
        The content.
    footer : sequence of str
        Lines at the end of the page.
    study : str, optional
        The id of the study that the page reports.
    say : callable, optional
        Called with a line of text before each figure is drawn.

    Returns
    -------
    Page
        The page and its files.

    Raises
    ------
    InputError
        If the page cannot be written.
    """
    environment = Environment(
        loader=PackageLoader("qxgap.report"), autoescape=True, undefined=StrictUndefined
    )
    page = Page(folder / name, failures=[_failed(part) for part in sections if part.failure])
    try:
        drawn = _save(folder / FIGURES, sections, page, say)
        text = environment.get_template("report.html.j2").render(
            title=title,
            lead=lead,
            sections=sections,
            footer=footer,
            drawn=drawn,
            least=_min_width,
            study=study,
        )
        page.path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{folder}: the page cannot be written ({error})") from error
    return page


def _failed(section: Section) -> str:
    """Return the sentence about a section that could not be made."""
    return f"the part {section.title!r} of the page could not be made ({section.failure})"


def _save(folder: Path, sections: Sequence[Section], page: Page, say: Say) -> dict[str, Markup]:
    """Write the files of every figure; return the element of the page by the figure's name."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = {}
    pictures = [picture for section in sections for picture in section.pictures]
    for number, picture in enumerate(pictures, 1):
        say(f"figure {number} of {len(pictures)}  {picture.name.replace('_', ' ')}")
        stem, name = folder / picture.name, picture.name.replace("_", "-")
        files = [stem.with_name(stem.name + end) for end in (".png", ".svg")]
        try:
            text = plotting.save(picture.figure, stem)
            shown = Markup(plotting.inline_svg(text, name, picture.alt, _width(picture)))
            page.figures.extend(files)
        except OSError:  # the folder cannot be written; the figure is not at fault
            raise
        except Exception as error:
            log.debug("the figure %s failed", picture.name, exc_info=True)
            shown = escape(f"This figure could not be drawn ({reason_of(error)}).")
            page.failures.append(
                f"the figure {picture.name!r} could not be drawn ({reason_of(error)})"
            )
            for file in files:  # files of an earlier page do not belong to this one
                file.unlink(missing_ok=True)
        drawn[picture.name] = shown
    return drawn


def _width(picture: Picture) -> float:
    """Return the width of a figure in pixels, if the page has room for it."""
    return float(picture.figure.get_figwidth()) * 96.0


def _min_width(picture: Picture) -> int:
    """Return the width in pixels below which the text of a figure would be too small.

    On a narrower screen the figure scrolls.
    """
    return round(min(_width(picture) * 0.72, 800))
