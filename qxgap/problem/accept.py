"""What functions that take a problem accept in its place, and what they say to anything else."""

from __future__ import annotations

import os
import reprlib
from numbers import Integral, Real
from typing import Any

import dimod
import numpy as np

from .errors import InputError
from .qubo import QuboProblem

ProblemLike = QuboProblem | dimod.BinaryQuadraticModel
"""A problem, or a model of dimod that becomes one."""


def as_problem(
    problem: ProblemLike, name: str = "problem", wanted: str = "a QuboProblem"
) -> QuboProblem:
    """Return the problem that is given, or that a binary quadratic model of dimod stands for.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        A model of either vartype becomes a problem with the same labels and energies.
    name : str
        Name of the argument, for the message.
    wanted : str
        What the argument should be, for the message.

    Raises
    ------
    InputError
        For anything else, with what to write instead.
    """
    if isinstance(problem, QuboProblem):
        return problem
    if isinstance(problem, dimod.BinaryQuadraticModel):
        return QuboProblem.from_bqm(problem)
    raise InputError(f"{name} is {kind_of(problem)}; {_remedy(problem, wanted)}")


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


def random_generator(seed: int | np.random.Generator | None) -> np.random.Generator:
    """Return numpy's generator of a seed, or the one given; InputError for what is no seed."""
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"seed is {kind_of(seed)}; give an integer of at least 0 or a numpy Generator"
        ) from error


def _remedy(value: Any, wanted: str) -> str:
    """What to write instead of ``value``."""
    if isinstance(value, str | os.PathLike):
        return "read the file first: qx.load(path)"
    if isinstance(value, dict):
        return "make a model of it first: dimod.BinaryQuadraticModel.from_qubo(Q)"
    if isinstance(getattr(value, "problem", None), QuboProblem):
        return "give its .problem"
    return f"give {wanted} (qx.load reads a problem file) or a dimod.BinaryQuadraticModel"
