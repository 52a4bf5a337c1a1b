"""Checks of single arguments, and the words in which a wrong value is named."""

from __future__ import annotations

import os
import reprlib
from numbers import Integral, Real
from typing import Any

from .errors import InputError


def kind_of(value: Any) -> str:
    """Say in a few words on one line what a value is: its type, and the value if that is short."""
    if value is None:
        return "None"
    if isinstance(value, type):
        return f"the class {value.__name__} itself"
    name = type(value).__name__
    article = "an" if name[0].lower() in "aeiou" else "a"
    if hasattr(value, "shape"):
        return f"{article} {name} of shape {tuple(value.shape)}"
    if not isinstance(value, str | int | float | complex | list | tuple | dict | os.PathLike):
        return f"{article} {name}"
    return f"{article} {name}, {' '.join(reprlib.repr(value).split())}"


def require_number(value: Any, name: str, wanted: str = "a number") -> None:
    """Raise InputError unless ``value`` is one real number; its range is the caller's matter.

    Parameters
    ----------
    value : object
        What was given.
    name : str
        Name of the argument, for the message.
    wanted : str
        What the argument should be, for the message.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise InputError(f"{name} is {kind_of(value)}; give {wanted}")


def require_whole(value: Any, name: str, wanted: str = "a whole number") -> None:
    """Raise InputError unless ``value`` is one whole number, as :func:`require_number` does."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise InputError(f"{name} is {kind_of(value)}; give {wanted}")
