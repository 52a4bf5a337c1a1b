"""The public names of qxgap: one listing for the pages and for the check of docstrings.

A name is public if the ``__init__`` of a package exports it as ``from .file import name as name``,
or if a module that is no package defines it.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from pathlib import Path
from typing import Any

import qxgap

ORDER = (
    "problem",
    "annealing",
    "spectra",
    "observables",
    "dynamics",
    "open_system",
    "tradeoff",
    "tabular",
    "samplers",
    "samples",
    "xai",
    "explain",
    "study",
    "analysis",
    "report",
    "plotting",
    "statistics",
    "linalg",
    "testing",
)
"""The packages in the order in which a user meets them; others follow in alphabetical order."""

SUBPACKAGES = {"study": ("study.tasks",)}
"""Packages inside a package whose names the package itself does not export."""


def packages() -> list[str]:
    """Return the names of all packages of qxgap, and of its module ``testing``, in order of use."""
    known = {name for name in qxgap.__all__ if inspect.ismodule(getattr(qxgap, name))}
    first = [name for name in ORDER if name in known]
    found = [*first, *sorted(known - set(first))]
    return [name for package in found for name in (package, *SUBPACKAGES.get(package, ()))]


def public(module: str) -> list[str]:
    """Return the public names of a module: first those that its docstring names, then by kind.

    Parameters
    ----------
    module : str
        Dotted path, such as ``"qxgap.spectra"``.
    """
    loaded = importlib.import_module(module)
    nodes = ast.parse(Path(loaded.__file__).read_text(encoding="utf-8")).body
    froms = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    exported = [a.name for node in froms for a in node.names if a.asname == a.name]
    defined = [n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    named = re.findall(r"``?([A-Za-z_]+)", loaded.__doc__ or "")
    names = [n for n in dict.fromkeys([*exported, *defined]) if not n.startswith("_")]
    if module == "qxgap":
        names = [n for n in qxgap.__all__ if not inspect.ismodule(getattr(qxgap, n))]
    first = [name for name in dict.fromkeys(named) if name in names]
    rest = [name for name in names if name not in first]
    return [*first, *sorted(rest, key=lambda name: KINDS.index(kind(getattr(loaded, name))))]


KINDS = ("function", "class", "exception", "data")
"""The kinds of names, in the order of a page."""


def kind(thing: Any) -> str:
    """Return which of ``KINDS`` an object is."""
    if isinstance(thing, type):
        return "exception" if issubclass(thing, Exception) else "class"
    return "function" if callable(thing) and hasattr(thing, "__code__") else "data"


def home(name: str) -> str | None:
    """Return the package that exports what ``qxgap`` offers by a short name; None if none does."""
    thing = getattr(qxgap, name)
    for package in packages():
        module = importlib.import_module(f"qxgap.{package}")
        if name in public(f"qxgap.{package}") and getattr(module, name) is thing:
            return f"qxgap.{package}"
    return None
