"""Plain enumeration as a dimod sampler."""

from __future__ import annotations

from typing import Any, ClassVar

import dimod

from ..errors import InputError
from ..memory import require_memory
from ..problem.qubo import QuboProblem
from .base import ProblemSampler

EXACT_LIMIT = 20
"""Variables that an enumeration may have: a sample set holds every state as a row."""


class ExactSampler(ProblemSampler):
    """Every state once, as ``dimod.ExactSolver`` gives them: an enumeration, no reads."""

    PROPERTIES: ClassVar = {"max_variables": EXACT_LIMIT}

    def sample(self, bqm: dimod.BinaryQuadraticModel, **kwargs: Any) -> dimod.SampleSet:
        """List all states of ``bqm``, in its vartype.

        Raises
        ------
        InputError : for more than 20 variables.
        MemoryLimitError : if the rows do not fit.
        """
        return self._sampled(bqm, kwargs, _enumerate)


def _enumerate(problem: QuboProblem) -> dimod.SampleSet:
    d = problem.num_qubits
    if d > EXACT_LIMIT:
        raise InputError(
            f"{d} variables have 2^{d} states; exact lists up to {EXACT_LIMIT} variables. "
            "Draw reads with another sampler, such as sa; the state of lowest energy alone is what "
            "qxgap select FILE proves (in Python qx.minimize)"
        )
    require_memory(8 * (d + 4) << d, f"the list of all states of {d} variables")
    solver = dimod.ExactSolver()  # type: ignore[no-untyped-call]
    sampleset: dimod.SampleSet = solver.sample(problem.to_bqm())
    sampleset.info.update(sampler="exact", seed=None, instance_hash=problem.content_hash)
    return sampleset
