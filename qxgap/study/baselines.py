"""Selections that need no annealer."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from ..problem.errors import InputError
from ..problem.qubo import QuboProblem


def top_k(problem: QuboProblem, k: int) -> list[Hashable]:
    """Labels of the ``k`` most rewarded variables, couplings ignored; ties in qubit order."""
    if not 0 <= k <= problem.num_qubits:
        raise InputError(f"top {k} asked of {problem.num_qubits} variables")
    order = np.argsort(problem.h, kind="stable")[:k]
    return [problem.labels[p] for p in sorted(order)]


def greedy(problem: QuboProblem) -> list[Hashable]:
    """Labels selected by steepest descent in single flips from the empty selection.

    Source: ``dwave.samplers.SteepestDescentSampler``.
    """
    from dwave.samplers import SteepestDescentSampler

    nothing = dict.fromkeys(problem.labels, 0)
    sampler = SteepestDescentSampler()  # type: ignore[no-untyped-call]
    best = sampler.sample(problem.to_bqm(), initial_states=nothing).first.sample
    return [label for label in problem.labels if best[label]]
