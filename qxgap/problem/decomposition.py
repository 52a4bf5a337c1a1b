"""Disconnected parts of a problem: each is a problem of its own, and their states multiply."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from ..memory import require_memory
from .accept import ProblemLike, as_problem
from .qubo import QuboProblem


def components(problem: ProblemLike) -> list[QuboProblem]:
    """Parts between which no coupling runs, in the order of their first variables.

    Labels are kept; the offset stays with the first part, so that energies add up. A connected
    problem is its own only part.
    """
    problem = as_problem(problem)
    from scipy.sparse.csgraph import connected_components

    number, part = connected_components(problem.J, directed=False)
    if number == 1:
        return [problem]
    found = []
    for which in range(number):
        inside = np.flatnonzero(part == which)
        found.append(
            QuboProblem(
                problem.h[inside],
                problem.J[np.ix_(inside, inside)],
                labels=tuple(problem.labels[i] for i in inside),
                offset=problem.offset if which == 0 else 0.0,
                meta={"component_of": problem.content_hash},
                tolerance=problem.tolerance,
            )
        )
    return found


def joint_probabilities(
    problem: QuboProblem, parts: Sequence[QuboProblem], probabilities: Sequence[ArrayLike]
) -> NDArray[np.float64]:
    """Read-out probabilities (2^d,) of independent parts, in the problem's state index order.

    Parameters
    ----------
    parts : problems whose labels together are the problem's, each label once.
    probabilities : (2^d_part,) of each part.

    Raises
    ------
    InputError : for labels or shapes that do not fit.
    MemoryLimitError : before (2^d,) is allocated.
    """
    labels = [label for part in parts for label in part.labels]
    if sorted(map(repr, labels)) != sorted(map(repr, problem.labels)):
        raise InputError("the parts' labels are not the problem's, each once")
    require_memory(16 << problem.num_qubits, f"the probabilities of {problem.num_qubits} qubits")
    place = {label: axis for axis, label in enumerate(problem.labels)}
    joint = np.ones((1,) * problem.num_qubits)
    for part, given in zip(parts, probabilities, strict=True):
        p = np.asarray(given, dtype=np.float64)
        if p.shape != (1 << part.num_qubits,):
            raise InputError(f"probabilities {p.shape} of a part of {part.num_qubits} qubits")
        axes = [place[label] for label in part.labels]
        shape = np.ones(problem.num_qubits, dtype=int)
        shape[axes] = 2
        ascending = p.reshape((2,) * part.num_qubits).transpose(np.argsort(axes))
        joint = joint * ascending.reshape(shape)
    return joint.reshape(-1)
