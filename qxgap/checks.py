"""Checks of single arguments, and descriptions of wrong values for messages."""

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
    """Describe a value in a few words: its type, and the value itself if it is short.

    Parameters
    ----------
    value : object
        The value.

    Returns
    -------
    str
        The description, in one line, with its article.

    Examples
    --------
    >>> from qxgap.checks import kind_of
    >>> kind_of([1, 2])
    'a list, [1, 2]'
    """
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
    """Raise InputError unless a value is one real number; its range is not checked.

    Parameters
    ----------
    value : object
        The argument.
    name : str
        Name of the argument, for the message.
    wanted : str
        What the argument should be, for the message.

    Raises
    ------
    InputError
        If the value is not a real number.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise InputError(f"{name} is {kind_of(value)}; give {wanted}")


def require_whole(value: Any, name: str, wanted: str = "a whole number") -> None:
    """Raise InputError unless a value is one whole number; its range is not checked.

    Parameters
    ----------
    value : object
        The argument.
    name : str
        Name of the argument, for the message.
    wanted : str
        What the argument should be, for the message.

    Raises
    ------
    InputError
        If the value is not a whole number.
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise InputError(f"{name} is {kind_of(value)}; give {wanted}")


def real_array(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return values as a new array of float64.

    Complex numbers are refused even if their imaginary parts are zero, and so is text that spells a
    number: both result from a mistake in the code that made them.

    Parameters
    ----------
    name : str
        Name of the argument, for the message.
    values : array_like
        The argument.

    Returns
    -------
    ndarray of float
        A copy of the values.

    Raises
    ------
    InputError
        If the values are not real numbers.
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
    kind = kinds.get(array.dtype.kind, f"of type {array.dtype}")
    raise InputError(f"{name} is {kind}; give real numbers")


def _kind_of_numbers(values: Any) -> str:
    """Describe values that are not numbers, with the remedy for a common mistake."""
    if isinstance(values, Mapping):
        return "a dict (QuboProblem.from_bqm(dimod.BinaryQuadraticModel.from_qubo(Q)) takes one)"
    if isinstance(values, Sequence) and not isinstance(values, str):
        return "ragged or contains something that is not a number"
    return "missing" if values is None else f"a {type(values).__name__}"
