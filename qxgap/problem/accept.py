"""Arguments that functions accept as a problem: a problem itself, or a model of dimod."""

from __future__ import annotations

import os
from typing import Any

import dimod

from ..checks import kind_of
from ..errors import InputError
from .qubo import QuboProblem

ProblemLike = QuboProblem | dimod.BinaryQuadraticModel
"""A problem, or a model of dimod that is converted into one."""


def as_problem(
    problem: ProblemLike, name: str = "problem", wanted: str = "a QuboProblem"
) -> QuboProblem:
    """Return the problem that is given, or the problem that is equivalent to a model of dimod.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        A model of either vartype becomes a problem with the same labels and energies.
    name : str
        Name of the argument, for the message.
    wanted : str
        What the argument should be, for the message.

    Returns
    -------
    QuboProblem
        The problem.

    Raises
    ------
    InputError
        For anything else. The message says what to write instead.

    Examples
    --------
    >>> import dimod
    >>> from qxgap.problem import as_problem
    >>> as_problem(dimod.BinaryQuadraticModel({"a": -1.0}, {}, "BINARY")).labels
    ('a',)
    """
    if isinstance(problem, QuboProblem):
        return problem
    if isinstance(problem, dimod.BinaryQuadraticModel):
        return QuboProblem.from_bqm(problem)
    raise InputError(f"{name} is {kind_of(problem)}; {_remedy(problem, wanted)}")


def _remedy(value: Any, wanted: str) -> str:
    """Return what the caller should write instead of ``value``."""
    if isinstance(value, str | os.PathLike):
        return "read the file first: qx.load(path)"
    if isinstance(value, dict):
        return "make a model of it first: dimod.BinaryQuadraticModel.from_qubo(Q)"
    if isinstance(getattr(value, "problem", None), QuboProblem):
        return "give its .problem"
    return f"give {wanted} (qx.load reads a problem file) or a dimod.BinaryQuadraticModel"
