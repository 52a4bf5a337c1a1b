"""What read-out probabilities say about the problem, and drawing reads from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dimod
import numpy as np
from numpy.typing import NDArray

from ..checks import require_whole
from ..errors import InputError
from ..problem.bits import index_to_bits
from ..problem.qubo import QuboProblem
from ..statistics.seeds import random_generator


def outcome(problem: QuboProblem, weights: NDArray[np.float64]) -> tuple[float, float, float]:
    """Success probability, energy and residual energy of weights (2^d,), taken as they are.

    The ground *subspace* counts as success; the energy holds the offset.
    """
    diagonal = problem.diagonal
    success = float(weights[problem.ground_indices].sum())
    residual = float(weights @ (diagonal - diagonal.min()))
    return success, float(weights @ diagonal) + problem.offset, residual


def read_out(
    problem: QuboProblem,
    probabilities: NDArray[np.float64],
    num_reads: int,
    seed: int | np.random.Generator | None,
    info: Mapping[str, Any],
) -> dimod.SampleSet:
    """Draw reads: one BINARY row each, in the order drawn, with the problem's energies.

    Parameters
    ----------
    probabilities : (2^d,) summing to 1, in state index order.
    num_reads : at least 1, else InputError.
    info : goes into ``SampleSet.info``, beside the instance hash.
    """
    require_whole(num_reads, "num_reads", "a whole number of at least 1")
    if num_reads < 1:
        raise InputError(f"num_reads = {num_reads}; ask for at least one")
    rng = random_generator(seed)
    index = rng.choice(probabilities.size, size=num_reads, p=probabilities)
    samples = index_to_bits(index, problem.num_qubits)
    return dimod.SampleSet.from_samples(  # type: ignore[no-untyped-call]
        (samples.astype(np.int8), list(problem.labels)),
        vartype=dimod.BINARY,
        energy=problem.energy(samples),
        info={**info, "instance_hash": problem.content_hash},
    )
