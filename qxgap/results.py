"""The base class of all results, with their display in terminals and notebooks."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from enum import Enum, StrEnum
from typing import Any

MAX_ITEMS = 8
"""Length of the longest list that is shown item by item; longer lists are shown by their length."""


class Result:
    """Base class of results: a short ``repr``; sentence, figure and numbers for notebooks.

    A subclass is a frozen dataclass made with ``repr=False``, so that it inherits ``__repr__`` from
    here. It defines ``to_dict``, and ``__str__``, of which the first line says in plain words what
    the result means. Where a figure is natural it has a method ``plot(ax=None)``, which returns a
    matplotlib figure, and where there are rows a method ``to_dataframe()``.
    """

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain Python values, which ``json.dumps`` can write.

        Returns
        -------
        dict of str
            Numbers, strings, lists, and None for what is unknown.
        """
        raise NotImplementedError(f"{type(self).__name__} has no to_dict")

    def __repr__(self) -> str:
        first_sentence = str(self).splitlines()[0].partition(". ")[0]
        return f"<{type(self).__name__}: {first_sentence.removesuffix('.')}>"

    def _repr_html_(self) -> str:
        """Return what notebooks show: the sentence, the figure, and the numbers folded away."""
        first_line, *others = str(self).splitlines()
        parts = [f"<p>{html.escape(first_line)}</p>", self._figure_html(first_line), "<details>"]
        parts += ["<summary>All numbers</summary>"]
        if others:
            text = html.escape("\n".join(others))
            parts.append(f'<pre style="white-space:pre-wrap">{text}</pre>')
        return "\n".join([*filter(None, parts), html_table(self.to_dict()), "</details>"])

    def _figure_html(self, description: str) -> str:
        """Return the figure of the result as SVG; an empty text if it has none."""
        plot = getattr(self, "plot", None)
        if plot is None:
            return ""
        from .plotting import notebook_svg  # loads matplotlib

        return f"<div>{notebook_svg(plot(), description)}</div>"


def html_table(values: Mapping[str, Any]) -> str:
    """Return an HTML table with a row for each name and value; all text is escaped.

    Parameters
    ----------
    values : mapping of str
        Numbers, strings, None, intervals and lists by their names. Underscores of a name are shown
        as spaces.
    """
    rows = (
        f'<tr><th style="text-align:left">{html.escape(name.replace("_", " "))}</th>'
        f'<td style="text-align:left">{html.escape(text_of(value))}</td></tr>'
        for name, value in values.items()
    )
    return "\n".join(["<table>", *rows, "</table>"])


def text_of(value: Any) -> str:
    """Return a value as a person reads it: six digits, and long lists as their length.

    Parameters
    ----------
    value : object
        A number, a string, None, or a list or dictionary of them.
    """
    value = plain(value, infinities=True)
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Mapping):
        items = [f"{name}: {text_of(item)}" for name, item in value.items()]
        return ", ".join(items) if len(items) <= MAX_ITEMS else f"{len(items)} values"
    if isinstance(value, list):
        nested = any(isinstance(item, list | dict) for item in value)
        if nested or len(value) > MAX_ITEMS:
            return f"{len(value)} values"
        return f"[{', '.join(text_of(item) for item in value)}]"
    return str(value)


def plain(value: Any, *, infinities: bool = False) -> Any:
    """Return a value in the types that JSON has, for ``to_dict`` and for printed JSON.

    Arrays, tensors and sequences become lists, results their ``to_dict``, members of an Enum their
    names (of a StrEnum their values), and objects of other classes, such as a method, their
    ``repr``. Infinite and undefined numbers become None, because JSON cannot write them.

    Parameters
    ----------
    value : object
        The value to convert.
    infinities : bool, optional
        Whether infinite and undefined numbers stay as they are.
    """
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Enum):
        return value.name
    if not isinstance(value, type) and hasattr(value, "tolist"):  # of numpy, pandas or torch
        return plain(value.tolist(), infinities=infinities)
    if isinstance(value, float):
        return value if infinities or math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Result):
        value = value.to_dict()
    if isinstance(value, Mapping):
        return {str(name): plain(item, infinities=infinities) for name, item in value.items()}
    if isinstance(value, Sequence):
        return [plain(item, infinities=infinities) for item in value]
    return repr(value)
