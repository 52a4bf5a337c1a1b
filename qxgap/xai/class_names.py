"""Names of the classes of a network: those of a file, or those of ImageNet."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from ..checks import kind_of
from ..errors import UNREADABLE, InputError

REMEDY = "give a text file with one name on each line, in the order of the classes"


@cache
def imagenet_classes() -> tuple[str, ...]:
    """Return the names of the 1000 classes of ImageNet, in the order in which networks number them.

    Returns
    -------
    tuple of str
        The names.

    Examples
    --------
    >>> from qxgap import xai
    >>> xai.imagenet_classes()[285]
    'Egyptian cat'
    """
    file = files(__package__) / "data" / "imagenet_classes.txt"
    return tuple(file.read_text(encoding="utf-8").splitlines())


def read_class_names(path: str | Path) -> tuple[str, ...]:
    """Read the names of the classes of a network from a file.

    Parameters
    ----------
    path : str or Path
        A text file with one name on each line, in the order of the classes; or a ``.json`` file
        with a list of names, or with an object that has the numbers of the classes as keys and
        names as values, as Keras and PyTorch distribute them for ImageNet.

    Returns
    -------
    tuple of str
        The name of class 0, of class 1 and so on.

    Raises
    ------
    InputError
        If the file cannot be read, or a class has no name.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from qxgap.xai import read_class_names
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "names.txt"
    ...     _ = path.write_text("cat\\ndog\\n")
    ...     read_class_names(path)
    ('cat', 'dog')
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix.lower() == ".json":
            return _of_json(json.loads(text))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); {REMEDY}") from error
    except UNREADABLE as error:
        raise InputError(f"{path}: holds no class names; {REMEDY}") from error
    names = tuple(line.strip() for line in text.strip().splitlines())
    if not names or not all(names):
        empty = names.index("") + 1 if names else 1
        raise InputError(f"{path}, line {empty}: no name; {REMEDY}")
    return names


def _of_json(content: Any) -> tuple[str, ...]:
    """Return the names in a list, or in an object from the numbers of the classes to the names."""
    if isinstance(content, Mapping):
        content = [content[str(number)] for number in range(len(content))]
    names = [value if isinstance(value, str) else value[-1] for value in content]
    if not names or not all(isinstance(name, str) and name for name in names):
        raise ValueError("names are missing")
    return tuple(name.replace("_", " ") for name in names)


def class_names_of(given: str | Path | Sequence[str] | None) -> tuple[str, ...]:
    """Return names that are given as a file or as a sequence; none are an empty tuple.

    Parameters
    ----------
    given : str, Path, sequence of str or None
        The name of a file, or the names themselves.

    Raises
    ------
    InputError
        If these are no names.
    """
    if given is None:
        return ()
    if isinstance(given, str | Path):
        return read_class_names(given)
    if not isinstance(given, Sequence) or not all(isinstance(name, str) for name in given):
        raise InputError(f"class_names is {kind_of(given)}; give a file or a list of names")
    return tuple(given)


def class_number(text: str, names: Sequence[str]) -> int:
    """Return the number of a class that is given by its number or its name.

    Parameters
    ----------
    text : str
        The number or the name; the case of letters does not matter.
    names : sequence of str
        The names of the classes; empty if they are not known.

    Raises
    ------
    InputError
        If no class has that name.

    Examples
    --------
    >>> from qxgap.xai import class_number
    >>> class_number("Dog", ["cat", "dog"]), class_number("0", ["cat", "dog"])
    (1, 0)
    """
    if text.isdecimal():
        return int(text)
    folded = [name.casefold() for name in names]
    if text.casefold() in folded:
        return folded.index(text.casefold())
    if not names:
        raise InputError(
            f"class {text!r}: the names of the classes are not known; give a number, or the names"
        )
    close = difflib.get_close_matches(text.casefold(), folded, n=3)
    near = " or ".join(repr(names[folded.index(name)]) for name in close)
    hint = f"; did you mean {near}?" if near else "; give its number, or one of the names"
    raise InputError(f"no class has the name {text!r}{hint}")


def class_title(number: int, names: Sequence[str] = ()) -> str:
    """Return a class as a person reads it: its name and number, or its number alone.

    Parameters
    ----------
    number : int
        The number of the class.
    names : sequence of str, optional
        The names of the classes.

    Examples
    --------
    >>> from qxgap.xai.class_names import class_title
    >>> class_title(1, ["cat", "dog"]), class_title(7)
    ('dog (class 1)', 'class 7')
    """
    return f"{names[number]} (class {number})" if number < len(names) else f"class {number}"
