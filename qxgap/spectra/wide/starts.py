"""The low states of the problem, from which levels in selected configurations start."""

from __future__ import annotations

from ...errors import InputError
from ...problem import LowStates, QuboProblem, lowest_states

NUM_STATES = 30
"""Number of low classical states that a search starts from, unless all are ground states."""

MOST_STATES = 200
"""Largest number of ground states of the problem that a search can treat."""


def low_states_of(problem: QuboProblem) -> tuple[LowStates, int]:
    """Return the lowest states of a problem and the number of its ground states.

    Parameters
    ----------
    problem : QuboProblem
        The problem.

    Returns
    -------
    states : LowStates
        All ground states, and all states of the first excited energy if they are not too many.
    g : int
        The number of ground states.

    Raises
    ------
    InputError
        If there are too many ground states.
    """
    count = NUM_STATES
    while True:
        states = lowest_states(problem, count)
        energies = states.energies
        g = int((energies <= energies[0] + problem.ground_tolerance).sum())
        excited = energies[g:]
        # a part of equally high states would miss their mixtures that the driver lowers most
        whole = excited.size > 0 and excited[-1] > excited[0] + problem.ground_tolerance
        if whole or energies.size < count or count >= 2**problem.num_qubits:
            return states, g
        if excited.size and count >= MOST_STATES:
            return states, g
        if count >= MOST_STATES:
            raise InputError(
                f"the problem has at least {g} ground states, too many for an estimate in "
                "selected configurations; give different weights to variables that are alike"
            )
        count = min(4 * count, MOST_STATES)
