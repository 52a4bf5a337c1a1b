"""Where a public name is used: the docstrings, pages and notebooks whose code shows it at work."""

from __future__ import annotations

import enum
import functools
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import names  # beside this file

DOCS = Path(__file__).parent
CODE = re.compile(r"^```(?:python|py|\{drawing\}[^\n]*)\n(.*?)^```", re.M | re.S)
MADE = ("_build", "notebooks", "reference/api", "reference/cli", "reference/generated")
MOST = 3
"""The largest number of links for one name."""


def links(module: str, name: str) -> list[str]:
    """Return links (reStructuredText) to code that uses a public name; none if it has its own.

    Parameters
    ----------
    module, name : str
        The package, such as ``"qxgap.spectra"``, and the name.
    """
    thing = getattr(importlib.import_module(module), name)
    if has_example(thing) or names.kind(thing) in ("data", "exception") or _is_plain(thing):
        return []
    found = [*_pages_with(name), *_docstrings_with(module, name), *_returned_by(module, name)]
    return list(dict.fromkeys(found))[:MOST]


def has_example(thing: object) -> bool:
    """Whether the docstring of an object, or of a method of a class, has an example."""
    own = vars(thing).values() if inspect.isclass(thing) else ()
    methods = [getattr(member, "__func__", member) for member in own]
    texts = [getattr(thing, "__doc__", None), *(getattr(m, "__doc__", None) for m in methods)]
    return any(">>>" in text for text in texts if isinstance(text, str))


def _is_plain(thing: object) -> bool:
    """Whether a class is an enumeration or a protocol, whose definition says all there is."""
    return inspect.isclass(thing) and (
        issubclass(thing, enum.Enum) or getattr(thing, "_is_protocol", False)
    )


@functools.cache
def _code_of_pages() -> dict[str, str]:
    """Return the code of every page that a person wrote, and of the notebooks, by its link.

    A function that the words of a page name, such as that behind a figure, counts as called.
    """
    code = {}
    for page in sorted(DOCS.rglob("*.md")):
        path = page.relative_to(DOCS).as_posix()
        if not path.startswith(MADE):
            text = page.read_text("utf-8")
            named = re.findall(r"\{(?:func|class)\}`[\w.]*?(\w+)`", text)
            named += re.findall(r"`(?:xai|explain|samples|qxgap\.study|qx\.\w+)\.(\w+)", text)
            calls = [f" {name}()" for name in named]
            code[path.removesuffix(".md")] = "\n".join([*CODE.findall(text), *calls])
    for notebook in sorted((DOCS.parent / "notebooks").glob("*.py")):
        code[f"notebooks/{notebook.stem}"] = notebook.read_text("utf-8")
    return code


@functools.cache
def _docstrings() -> dict[str, str]:
    """Return the example code of the docstring of every public name, by its dotted path."""
    found = {}
    for package in names.packages():
        module = importlib.import_module(f"qxgap.{package}")
        for name in names.public(f"qxgap.{package}"):
            thing = getattr(module, name)
            text = thing.__doc__ if names.kind(thing) != "data" else ""
            lines = [
                line for line in (text or "").splitlines() if re.match(r"\s*(>>>|\.\.\.)", line)
            ]
            found[f"qxgap.{package}.{name}"] = "\n".join(lines)
    return found


def _uses(code: str, name: str) -> bool:
    """Whether code calls a name, takes it from a module, or derives from it."""
    return re.search(rf"(?<![\w'\"]){name}\(|\.{name}\b|\({name}\)", code) is not None


def _pages_with(name: str) -> Iterator[str]:
    for path, code in _code_of_pages().items():
        if _uses(code, name):
            yield f":doc:`/{path}`"


def _docstrings_with(module: str, name: str) -> Iterator[str]:
    for path, code in _docstrings().items():
        if _uses(code, name) and path != f"{module}.{name}":
            yield f":obj:`~{path}`"


def _returned_by(module: str, name: str) -> Iterator[str]:
    """Yield the functions of the package that return the class and that have an example."""
    loaded = importlib.import_module(module)
    for other in names.public(module):
        function = getattr(loaded, other)
        if names.kind(function) != "function" or not _returns(function, name):
            continue
        if has_example(function):
            yield f":obj:`~{module}.{other}`"
        else:
            yield from _pages_with(other)


def _returns(function: object, name: str) -> bool:
    annotation = str(inspect.signature(function).return_annotation)
    return re.search(rf"\b{name}\b", annotation) is not None


def without_example() -> list[str]:
    """Return the public names that neither have an example nor are used in one."""
    return [
        f"qxgap.{package}.{name}"
        for package in names.packages()
        for name in names.public(f"qxgap.{package}")
        for thing in [getattr(importlib.import_module(f"qxgap.{package}"), name)]
        if names.kind(thing) in ("function", "class")
        and package != "cli"
        and not has_example(thing)
        and not _is_plain(thing)
        and not links(f"qxgap.{package}", name)
    ]
