"""Write chapters as one self-contained page, with their figures as PNG and SVG beside it.

The page is HTML that is well-formed XML too. It loads nothing: its figures are plain SVG, so they
look the same on the page, on paper and in a notebook, and follow a dark page; its only script,
``templates/page.js``, needs no library of one to four megabytes as those for interactive charts
are. The page says in its content security policy that it loads nothing and runs no other script.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from .. import plotting
from ..errors import InputError
from ..plotting.style import svg_text
from ..progress import Say, silent
from ..study.owner import FIGURES
from .findings import Answer, Support
from .instance_list import InstanceList
from .instance_sections import InstanceSection
from .sections import Picture, Section
from .sections.parts import cell_text, reason_of
from .term_marks import TermMarks, term_id

log = logging.getLogger(__name__)

SETTLED = (Support.CERTAIN, Support.ABOVE, Support.BELOW)
"""What the data support of a claim that is settled."""


@dataclass(frozen=True, eq=False)
class Chapter:
    """A chapter of a page: what is read first, and the sections that are folded away.

    Attributes
    ----------
    name : str
        Its id on the page; letters and hyphens.
    title : str
        Its heading.
    answer : Answer or None
        The answer that its card and its story tell; None for a chapter without a question.
    thumbnail : Picture or None
        The figure of the card.
    picture : Picture or None
        The main figure.
    lines : sequence of str
        Sentences that are not folded away, where there is no answer.
    facts : sequence of (str, str)
        Names and values that are not folded away.
    sections : sequence of Section
        Figures, tables and minor findings.
    """

    name: str
    title: str
    answer: Answer | None = None
    thumbnail: Picture | None = None
    picture: Picture | None = None
    lines: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    sections: Sequence[Section] = ()

    @property
    def symbol(self) -> str:
        """A sign for how settled the answer is: full, half, or a question mark."""
        if self.answer is None or not self.answer.known or self.answer.is_open:
            return "?"
        settled = not self.answer.findings or self.answer.findings[0].support in SETTLED
        return "\N{BLACK CIRCLE}" if settled else "\N{CIRCLE WITH LEFT HALF BLACK}"

    @property
    def pictures(self) -> Iterator[Picture]:
        """All figures but the thumbnail, the main one first."""
        if self.picture is not None:
            yield self.picture
        for section in self.sections:
            yield from section.pictures


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
    chapters: Sequence[Chapter],
    footer: Sequence[str],
    *,
    study: str = "",
    say: Say = silent,
    summary: Sequence[str] = (),
    instances: InstanceList | None = None,
    instance_sections: Sequence[InstanceSection] = (),
) -> Page:
    """Write the page ``name`` and ``figures/`` into a folder.

    A figure that cannot be drawn is replaced by a sentence.

    Parameters
    ----------
    folder : Path
        Folder of the page, which is made if needed.
    name : str
        Name of the file.
    title : str
        Title of the page.
    lead : str
        Paragraph that says how to read the page.
    chapters : sequence of Chapter
        The content.
    footer : sequence of str
        Lines at the end of the page.
    study : str, optional
        The id of the study that the page reports.
    say : callable, optional
        Called with a line of text before each figure is drawn.
    summary : sequence of str, optional
        Lines at the top of a page without answers.
    instances : InstanceList, optional
        The table of instances, by which the points of all figures are filtered. Without one the
        points of the figures have no names.
    instance_sections : sequence of InstanceSection, optional
        The sections about instances.

    Returns
    -------
    Page
        The page and its files.

    Raises
    ------
    InputError
        If the page cannot be written.
    """
    marks = TermMarks()
    environment = Environment(
        loader=PackageLoader("qxgap.report"), autoescape=True, undefined=StrictUndefined
    )
    environment.filters.update(terms=marks.mark, cell_text=cell_text)
    script = _asset("page.js")
    sections = [section for chapter in chapters for section in chapter.sections]
    page = Page(folder / name, failures=[_failed(part) for part in sections if part.failure])
    is_interactive = bool(instances and instances.filters)
    try:
        text = environment.get_template("report.html.j2").render(
            title=title,
            lead=lead,
            summary=summary,
            chapters=chapters,
            footer=footer,
            drawn=_save(folder / FIGURES, chapters, page, is_interactive, say),
            width=_width,
            study=study,
            instances=instances or InstanceList(),
            instance_sections=instance_sections,
            marks=marks,
            term_id=term_id,
            style=Markup(_asset("page.css")),
            script=Markup(script),
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        )
        page.path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{folder}: the page cannot be written ({error})") from error
    return page


def _asset(name: str) -> str:
    """Return the style or the script, as it stands in the page."""
    return files(__package__).joinpath("templates", name).read_text(encoding="utf-8")


def _failed(section: Section) -> str:
    """Return the sentence about a section that could not be made."""
    return f"the part {section.title!r} of the page could not be made ({section.failure})"


def _save(
    folder: Path, chapters: Sequence[Chapter], page: Page, is_interactive: bool, say: Say
) -> dict[str, Markup]:
    """Write the files of every figure; return the element of the page by the figure's name."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = {}
    total, number = sum(1 for chapter in chapters for _ in chapter.pictures), 0
    for chapter in chapters:
        for picture in chapter.pictures:
            number += 1
            say(f"figure {number} of {total}  {picture.name.replace('_', ' ')}")
            stem = folder / picture.name
            files_of_picture = [stem.with_name(stem.name + end) for end in (".png", ".svg")]
            element, reason = _element(picture, stem, is_interactive)
            drawn[picture.name] = element
            if reason:
                page.failures.append(f"the figure {picture.name!r} could not be drawn ({reason})")
                for file in files_of_picture:  # files of an earlier page do not belong to this one
                    file.unlink(missing_ok=True)
            else:
                page.figures.extend(files_of_picture)
        if chapter.thumbnail is not None:
            drawn[chapter.thumbnail.name] = _element(chapter.thumbnail, None, False)[0]
    return drawn


def _element(picture: Picture, stem: Path | None, is_interactive: bool) -> tuple[Markup, str]:
    """Return the element of a figure, or a sentence in its place and the reason."""
    name = picture.name.replace("_", "-")
    try:
        text = svg_text(picture.figure) if stem is None else plotting.save(picture.figure, stem)
        # the page knows group, class and d of an instance from its row in the table
        unused = "convention|group|class|d|sampler" if is_interactive else "[a-z]+"
        text = re.sub(rf' data-(?:{unused})="[^"]*"', "", text)
        return Markup(plotting.inline_svg(text, name, picture.alt, _width(picture))), ""
    except OSError:  # the folder cannot be written; the figure is not at fault
        raise
    except Exception as error:
        log.debug("the figure %s failed", picture.name, exc_info=True)
        reason = reason_of(error)
        return escape(f"This figure could not be drawn ({reason})."), reason


def _width(picture: Picture) -> int:
    """Return the width of a figure in pixels, if the page has room for it."""
    return round(float(picture.figure.get_figwidth()) * 96.0)
