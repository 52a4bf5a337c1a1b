"""The terms of the field in plain words, for the pages of a report and for the documentation.

``data/glossary.toml`` holds them.
"""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True)
class Term:
    """A term and its meaning in one or two plain sentences.

    Attributes
    ----------
    name : str
        The term as it stands in a sentence.
    meaning : str
        What it means, in fewer than 40 words.
    formula : str
        The same as a formula in plain text; empty if there is none.
    spellings : tuple of str
        Other words for the same thing, its plural, and abbreviations.
    """

    name: str
    meaning: str
    formula: str = ""
    spellings: tuple[str, ...] = ()


@functools.cache
def glossary() -> dict[str, Term]:
    """Return every term by its name, in alphabetical order.

    Returns
    -------
    dict of str
        A :class:`Term` by each name. Do not change it: it is read once.

    Examples
    --------
    >>> from qxgap.report import glossary
    >>> glossary()["read"].meaning
    'One answer of a sampler: a value 0 or 1 for every variable.'
    """
    text = files(__package__).joinpath("data", "glossary.toml").read_text(encoding="utf-8")
    return {
        entry["term"]: Term(
            entry["term"],
            entry["meaning"],
            entry.get("formula", ""),
            tuple(entry.get("spellings", ())),
        )
        for entry in tomllib.loads(text)["term"]
    }


def term_of(word: str) -> Term | None:
    """Return the term that a word names by its name or another spelling; None if there is none.

    Parameters
    ----------
    word : str
        The word or words; capital letters do not matter.

    Examples
    --------
    >>> from qxgap.report import term_of
    >>> term_of("TTS99").name
    'time to solution'
    """
    return _by_spelling().get(word.casefold())


@functools.cache
def _by_spelling() -> dict[str, Term]:
    return {
        word.casefold(): term
        for term in glossary().values()
        for word in (term.name, *term.spellings)
    }
