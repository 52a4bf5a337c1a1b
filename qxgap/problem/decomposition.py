"""The parts of a problem between which there is no coupling.

Each part is a problem of its own. The parts anneal independently of each other, so that the
probabilities of their states multiply.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from ..memory import require_memory
from .accept import ProblemLike, as_problem
from .qubo import QuboProblem


def components(problem: ProblemLike) -> list[QuboProblem]:
    """Split a problem into parts between which there is no coupling.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem.

    Returns
    -------
    list of QuboProblem
        The parts, in the order of their first variables, with the labels of the problem. The first
        part has the offset, so that the energies of the parts add up. The only part of a connected
        problem is the problem itself.

    Examples
    --------
    >>> import qxgap as qx
    >>> from qxgap.problem import components
    >>> problem = qx.QuboProblem([-1.0, 0.5, 1.0], [[0, 0, 2.0], [0, 0, 0], [0, 0, 0]])
    >>> [part.labels for part in components(problem)]
    [(0, 2), (1,)]
    """
    problem = as_problem(problem)
    from scipy.sparse.csgraph import connected_components

    number, part = connected_components(problem.J, directed=False)
    if number == 1:
        return [problem]
    parts = []
    for i in range(number):
        inside = np.flatnonzero(part == i)
        parts.append(
            QuboProblem(
                problem.h[inside],
                problem.J[np.ix_(inside, inside)],
                labels=tuple(problem.labels[q] for q in inside),
                offset=problem.offset if i == 0 else 0.0,
                meta={"component_of": problem.content_hash},
                tolerance=problem.tolerance,
            )
        )
    return parts


def joint_probabilities(
    problem: QuboProblem, parts: Sequence[QuboProblem], probabilities: Sequence[ArrayLike]
) -> NDArray[np.float64]:
    """Multiply the read-out probabilities of independent parts.

    Parameters
    ----------
    problem : QuboProblem
        The whole problem.
    parts : sequence of QuboProblem
        Problems whose labels together are those of ``problem``, each once.
    probabilities : sequence of array_like of float
        For each part the probabilities of its states, shape (2^d_part,).

    Returns
    -------
    ndarray of float, shape (2^d,)
        The probabilities of the states of ``problem``, in the order of its state index.

    Raises
    ------
    InputError
        For labels or shapes that do not fit.
    MemoryLimitError
        If the result does not fit; nothing is allocated then.

    Examples
    --------
    >>> import qxgap as qx
    >>> whole = qx.QuboProblem([-1.0, 1.0], [[0.0, 0.0], [0.0, 0.0]], labels=("a", "b"))
    >>> a, b = (qx.QuboProblem([h], [[0.0]], labels=(n,)) for n, h in (("a", -1.0), ("b", 1.0)))
    >>> qx.problem.joint_probabilities(whole, [a, b], [[0.1, 0.9], [0.8, 0.2]]).round(2).tolist()
    [0.08, 0.02, 0.72, 0.18]
    """
    labels = [label for part in parts for label in part.labels]
    if sorted(map(repr, labels)) != sorted(map(repr, problem.labels)):
        raise InputError("the parts' labels are not the problem's, each once")
    require_memory(16 << problem.num_qubits, f"the probabilities of {problem.num_qubits} qubits")
    axis_of = {label: axis for axis, label in enumerate(problem.labels)}
    joint = np.ones((1,) * problem.num_qubits)
    for part, values in zip(parts, probabilities, strict=True):
        p = np.asarray(values, dtype=np.float64)
        if p.shape != (1 << part.num_qubits,):
            raise InputError(f"probabilities {p.shape} of a part of {part.num_qubits} qubits")
        axes = [axis_of[label] for label in part.labels]
        shape = np.ones(problem.num_qubits, dtype=int)
        shape[axes] = 2
        ascending = p.reshape((2,) * part.num_qubits).transpose(np.argsort(axes))
        joint = joint * ascending.reshape(shape)
    return joint.reshape(-1)
