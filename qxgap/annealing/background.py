"""The background susceptibility of flux qubits: couplings that nobody programmed."""

from __future__ import annotations

import numpy as np

from ..problem.qubo import QuboProblem


def background_problem(problem: QuboProblem) -> QuboProblem:
    """Return the terms that a background susceptibility of 1 adds to a problem.

    Each qubit passes on a part of the flux of the others. In the Ising form with fields h and a
    symmetric J of zero diagonal, the fields ``J h`` and the couplings ``(J J)_ij`` of second
    neighbors are added.

    Parameters
    ----------
    problem : QuboProblem
        The programmed problem.

    Returns
    -------
    QuboProblem
        The added terms, which must be multiplied by the susceptibility chi.

    Notes
    -----
    Source: D-Wave's documentation, "Error Sources for Problem Representation", background
    susceptibility. The same terms are those of ``background_susceptibility_bqm`` of dwave-system.
    """
    # In spins sigma = 1 - 2 n: n = (1 - sigma) / 2.
    pairs = problem.J + problem.J.T
    fields, couplings = -problem.h / 2 - pairs.sum(axis=1) / 4, pairs / 4
    second = couplings @ couplings
    np.fill_diagonal(second, 0.0)
    added = couplings @ fields
    # Back to occupations: sigma_i = 1 - 2 n_i.
    return QuboProblem.from_symmetric(
        -2.0 * added - 2.0 * second.sum(axis=1), 4.0 * second, labels=problem.labels
    )


def with_background(problem: QuboProblem, susceptibility: float) -> QuboProblem:
    """Return the problem that qubits with a background susceptibility realize.

    Parameters
    ----------
    problem : QuboProblem
        The programmed problem.
    susceptibility : float
        The background susceptibility chi, mostly a small negative number.

    Returns
    -------
    QuboProblem
        The problem with the added fields and couplings; its offset is that of ``problem``.
    """
    if susceptibility == 0:
        return problem
    added = background_problem(problem)
    return QuboProblem.from_symmetric(
        problem.h + susceptibility * added.h,
        problem.J + problem.J.T + susceptibility * (added.J + added.J.T),
        labels=problem.labels,
        offset=problem.offset,
    )
