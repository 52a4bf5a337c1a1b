"""Checks of single arguments, and the words in which a wrong value is named."""

from __future__ import annotations

import os
import reprlib
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

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


def real_array(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return ``values`` as a new float64 array; InputError by name if they are no real numbers.

    Complex numbers are refused even if their imaginary parts are zero, and so is text that reads as
    a number: both come from a mistake further up.
    """
    try:
        array = np.array(values)
        objects = array.dtype.kind == "O" and values is not None
        if array.dtype.kind in "biuf" or (
            objects and not any(isinstance(x, str) for x in array.flat)
        ):
            return array.astype(np.float64)
    except (TypeError, ValueError):
        raise InputError(
            f"{name} is {_kind_of_numbers(values)}; give real numbers in an array"
        ) from None
    kinds = {"c": "complex", "U": "text", "S": "text", "O": _kind_of_numbers(values)}
    held = kinds.get(array.dtype.kind, f"of type {array.dtype}")
    raise InputError(f"{name} is {held}; give real numbers")


def _kind_of_numbers(values: Any) -> str:
    """What ``values`` are, with the remedy where a common mistake is behind it."""
    if isinstance(values, Mapping):
        return "a dict (QuboProblem.from_bqm(dimod.BinaryQuadraticModel.from_qubo(Q)) takes one)"
    if isinstance(values, Sequence) and not isinstance(values, str):
        return "ragged or holds what is no number"
    return "missing" if values is None else f"a {type(values).__name__}"
