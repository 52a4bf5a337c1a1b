"""The terms of the glossary, marked in the text of a page so that it can show their meaning."""

from __future__ import annotations

import functools
import re

from markupsafe import Markup, escape

from .terms import Term, glossary, term_of

ORDINARY = frozenset(
    ("d", "exact", "paper", "read", "run", "runs", "sample", "status", "studies", "study")
)
"""Spellings that are ordinary English words too, which are not marked."""


class TermMarks:
    """Marks the terms in the paragraphs of one page, and knows which of them occurred.

    A marked term is a link to its entry in the glossary of the page. A script can show the meaning
    in place; without a script, and on paper, the link leads to the entry.
    """

    def __init__(self) -> None:
        self._used: set[str] = set()

    @property
    def used(self) -> list[Term]:
        """The terms that were marked so far, in alphabetical order."""
        return [term for name, term in glossary().items() if name in self._used]

    def mark(self, text: object) -> Markup:
        """Return a paragraph as HTML, with the first occurrence of each term marked.

        Parameters
        ----------
        text : object
            The paragraph, or an object whose ``str`` it is; it is escaped.
        """
        seen: set[str] = set()
        parts, end = [], 0
        words = str(text)
        for match in _pattern().finditer(words):
            term = term_of(match[0])
            if term is None or term.name in seen:
                continue
            seen.add(term.name)
            parts.append(escape(words[end : match.start()]))
            link = Markup('<a class="term" href="#{}">{}</a>')
            parts.append(link.format(term_id(term), match[0]))
            end = match.end()
        self._used |= seen
        return Markup("").join([*parts, escape(words[end:])])


def term_id(term: Term) -> str:
    """Return the id of the entry of a term in the glossary of a page."""
    return "term-" + re.sub(r"\W+", "-", term.name.casefold()).strip("-")


@functools.cache
def _pattern() -> re.Pattern[str]:
    """Return the pattern of all spellings, the longest first; short ones keep their case."""
    words = {word for term in glossary().values() for word in (term.name, *term.spellings)}
    marked = sorted(words - ORDINARY, key=lambda word: (-len(word), word))
    choices = [re.escape(word) if len(word) < 4 else f"(?i:{re.escape(word)})" for word in marked]
    return re.compile(rf"(?<![\w-])(?:{'|'.join(choices)})(?![\w-])")
