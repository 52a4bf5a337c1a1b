"""Samplers that search for low energies: full enumeration, and tabu search."""

from __future__ import annotations

from typing import Any, ClassVar

import dimod
import dwave.samplers

from ..errors import InputError
from ..memory import require_memory
from ..problem.qubo import QuboProblem
from .base import ProblemSampler

EXACT_LIMIT = 20
"""Largest number of variables that are enumerated: a sample set holds every state as a row."""


class ExactSampler(ProblemSampler):
    """An enumeration of every state, once each and in the order of ``dimod.ExactSolver``.

    Attributes
    ----------
    references : tuple of str
        Keys of the works to cite (``qxgap cite``).

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -2.0], [[0.0, 1.5], [0.0, 0.0]])
    >>> len(qx.sample(problem, qx.samplers.ExactSampler()))
    4
    """

    NAME: ClassVar = "exact"
    PROPERTIES: ClassVar = {"max_variables": EXACT_LIMIT}
    references: ClassVar = ("dimod",)

    def sample(self, bqm: dimod.BinaryQuadraticModel, **kwargs: Any) -> dimod.SampleSet:
        """List all states of a model.

        Parameters
        ----------
        bqm : dimod.BinaryQuadraticModel
            The model, of either vartype, with 20 variables at most.
        **kwargs : object
            The sampler has no parameters; arguments are ignored with a warning.

        Returns
        -------
        dimod.SampleSet
            A row for each state, in the model's vartype.

        Raises
        ------
        InputError
            For more than 20 variables.
        MemoryLimitError
            If the rows do not fit.
        """
        return self._answer(bqm, _all_states, None, kwargs)


def _all_states(problem: QuboProblem) -> dimod.SampleSet:
    """Return all states of a problem of at most 20 variables."""
    d = problem.num_qubits
    if d > EXACT_LIMIT:
        raise InputError(
            f"{d} variables have 2^{d} states; exact lists up to {EXACT_LIMIT} variables. "
            "Draw reads with another sampler, such as sa; for the state of lowest energy use "
            "qxgap select FILE (in Python qx.minimize)"
        )
    require_memory(8 * (d + 4) << d, f"the list of all states of {d} variables")
    solver = dimod.ExactSolver()  # type: ignore[no-untyped-call]
    sampleset: dimod.SampleSet = solver.sample(problem.to_bqm())
    return sampleset


class TabuSampler(dwave.samplers.TabuSampler):
    """Tabu search by dwave-samplers, stopped by counts and not by the clock, so that it repeats.

    Attributes
    ----------
    references : tuple of str
        Keys of the works to cite (``qxgap cite``).

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -2.0], [[0.0, 1.5], [0.0, 0.0]])
    >>> print(qx.sample(problem, qx.samplers.TabuSampler(), num_reads=3, seed=1).first.energy)
    -2.0
    """

    references: ClassVar[tuple[str, ...]] = ("dwavesamplers",)

    def sample(  # type: ignore[override]
        self,
        bqm: dimod.BinaryQuadraticModel,
        *,
        timeout: int | None = None,
        num_restarts: int = 0,
        **kwargs: Any,
    ) -> dimod.SampleSet:
        """Search from random states.

        Parameters
        ----------
        bqm : dimod.BinaryQuadraticModel
            The model, of either vartype.
        timeout : int or None
            Milliseconds for each read; with a limit, a seed no longer repeats the reads.
        num_restarts : int
            Number of restarts of the search of each read.
        **kwargs : object
            ``num_reads``, ``seed`` and the other parameters of ``dwave.samplers.TabuSampler``.

        Returns
        -------
        dimod.SampleSet
            One row per read, in the model's vartype.
        """
        return super().sample(
            bqm,
            timeout=timeout,  # type: ignore[arg-type]
            num_restarts=num_restarts,
            **kwargs,
        )
