"""The result of an open anneal that is followed in a few of the lowest levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..digits import rounded
from ..dynamics.methods import DensityODE, PauliMaster
from ..observables import Populations
from ..results import plain
from .baths import Bath
from .open_readout import OpenReadOut

NEGLIGIBLE = 0.01
"""Largest weight, or change of the read-out probabilities, that a sentence calls small."""


@dataclass(frozen=True, eq=False, repr=False)
class LevelAnnealResult(OpenReadOut):
    """The end of an open anneal in the lowest m levels, and how much the other levels matter.

    The equation is the same as in the whole space, but states and operators are projected into a
    basis of about 2.5 m vectors. They are the lowest m levels, and a few more, at the ends of an
    interval of the anneal; the levels between the ends are accurate to ``basis_residual``. From one
    interval to the next the state is projected again.

    Few levels suffice if the bath is cold, so that the state never leaves them. Whether this is so,
    three numbers tell: ``top_weight``, ``lost_weight`` and ``truncation``. If they are not small,
    take more levels.

    Attributes
    ----------
    problem : QuboProblem
        Problem that was annealed.
    success_probability : float
        Probability of reading a ground state of the problem.
    energy : float
        Expectation of the problem's energy, offset included.
    residual_energy : float
        Energy minus the ground energy.
    tau : float
        Anneal time, in the unit of the schedule.
    levels : int
        Number m of levels.
    weights : ndarray of float, shape (2^d,)
        Read-out probabilities in index order, which sum to 1; read-only.
    populations : Populations
        Energies and weights of the m lowest levels at the end.
    truncation : float
        Total variation distance from the read-out probabilities of a second run with
        ``fewer_levels``: an estimate, from above if the error falls as levels are added, of what
        the levels left out would change.
    fewer_levels : int
        Number of levels of the second run, about two thirds of m.
    top_weight : float
        Largest weight on the way in level m and in all vectors above it.
    lost_weight : float
        Weight that was lost by projections on the way. All probabilities are divided by the rest.
    trace_error : float
        Deviation from 1 of the trace and the lost weight together: an error of the integrator.
    lowest_eigenvalue : float
        Lowest eigenvalue of the density matrix; see :class:`OpenAnnealResult`.
    basis_residual : float
        Largest residual norm of the m levels in the bases, relative to the energy of one qubit.
    basis_size : int
        Largest number of vectors of a basis.
    intervals : int
        Number of intervals of the anneal, each with its basis.
    eigensolves : int
        Number of eigen-solves for the basis.
    matvecs : int
        Number of products of H with a vector in the eigen-solves.
    steps : int or None
        Time steps.
    method : DensityODE or PauliMaster
        Method of integration.
    bath : tuple of OhmicBath
        Baths that the qubits are coupled to.
    schedule : str
        Name of the schedule.
    driver : str
        Python expression of the driver.
    versions : mapping of str
        Versions of qxgap and of the packages on which the numbers depend.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.testing.random_feature_selection(9, seed=1)
    >>> bath = qx.OhmicBath(temperature=0.05, coupling=1e-3)
    >>> run = qx.open_anneal(problem, 300.0, bath, qx.DensityODE(rtol=1e-5, levels=6))
    >>> run.weights.shape, run.populations.weights.shape
    ((512,), (6,))
    >>> run.lost_weight < 0.01
    True
    """

    tau: float
    levels: int
    weights: NDArray[np.float64]
    populations: Populations
    truncation: float
    fewer_levels: int
    top_weight: float
    lost_weight: float
    trace_error: float
    lowest_eigenvalue: float
    basis_residual: float
    basis_size: int
    intervals: int
    eigensolves: int
    matvecs: int
    steps: int | None
    method: DensityODE | PauliMaster
    bath: tuple[Bath, ...]
    schedule: str
    driver: str
    versions: Mapping[str, str]

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Read-out probabilities, shape (2^d,), which sum to 1."""
        return self.weights

    @property
    def is_converged(self) -> bool:
        """Whether the levels left out matter little: all three numbers are at most 0.01."""
        return max(self.truncation, self.top_weight, self.lost_weight) <= NEGLIGIBLE

    def sample_info(self) -> dict[str, Any]:
        """Return what the ``info`` of samples says about this state.

        Returns
        -------
        dict of str
            Name of the sampler, the anneal time, the bath, and the number of levels.
        """
        return {
            "sampler": "master equation",
            "tau": self.tau,
            "bath": self._bath_text(),
            "levels": self.levels,
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers of the result, without the read-out probabilities.

        Returns
        -------
        dict of str
            The numbers by the names that the result of a closed anneal has too, what tells whether
            the levels suffice, the cost, and the provenance.
        """
        names = (
            "tau",
            "levels",
            "truncation",
            "fewer_levels",
            "top_weight",
            "lost_weight",
            "trace_error",
            "lowest_eigenvalue",
            "basis_residual",
            "basis_size",
            "intervals",
            "eigensolves",
            "matvecs",
            "steps",
            "method",
            "schedule",
            "driver",
            "versions",
        )
        values = super().to_dict() | {name: getattr(self, name) for name in names}
        values |= {"bath": self._bath_text(), "populations": self.populations.to_dict()}
        return plain(values)

    def __str__(self) -> str:
        text = self._sentence(
            f"{self._anneal_text()} and followed in its {self.levels} lowest levels,"
        )
        numbers = (
            f"with {self.fewer_levels} levels, {rounded(100 * self.truncation, 2)} % of all reads "
            f"would differ; at most {rounded(100 * self.top_weight, 2)} % of the weight was ever "
            f"in the highest level or above, and {rounded(100 * self.lost_weight, 2)} % left "
            "the levels"
        )
        if self.is_converged:
            return f"{text} The other levels matter little: {numbers}."
        return f"{text} Note: the other levels matter, so take more of them: {numbers}."
