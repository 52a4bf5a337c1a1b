"""The result of an open anneal that was averaged over trajectories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...annealing.accept import assumed_note
from ...digits import probability, rounded
from ...dynamics.methods import Trajectories
from ...results import plain
from ..baths import Bath
from ..open_readout import OpenReadOut

_NUMBERS = (
    "tau",
    "interval",
    "standard_error",
    "energy_error",
    "num_trajectories",
    "no_jump_probability",
    "mean_jumps",
    "steps",
    "step_error",
    "success_step_error",
    "seed",
    "method",
    "schedule",
    "driver",
    "versions",
)
"""Attributes that a dictionary of the result contains as they are."""


@dataclass(frozen=True, eq=False, repr=False)
class TrajectoryAnnealResult(OpenReadOut):
    """The read-out of an open anneal, averaged over quantum-jump trajectories.

    Attributes
    ----------
    problem : QuboProblem
        Problem that was annealed.
    success_probability : float
        Probability of reading a ground state of the problem: an average over trajectories.
    energy : float
        Expectation of the problem's energy, offset included.
    residual_energy : float
        Energy minus the ground energy.
    tau : float
        Anneal time, in the unit of the schedule.
    weights : ndarray of float, shape (2^d,)
        Average of the read-out probabilities; read-only.
    interval : tuple of float
        Range of success probabilities that agree with the trajectories drawn: it covers the average
        over all trajectories in 95 % of cases. It is wider where only a few trajectories carry the
        average, because rare ones may be missing. The error of the time steps comes in addition.
    standard_error : float
        Typical deviation of the success probability from the average over all trajectories.
    energy_error : float
        Typical deviation of the energy from the average over all trajectories.
    num_trajectories : int
        Number of trajectories drawn; each of them has at least one jump.
    no_jump_probability : float
        Probability of no jump at all. That trajectory is not drawn: it is computed once and counts
        with this weight.
    mean_jumps : float
        Average number of jumps of a trajectory.
    steps : int
        Time steps.
    step_error : float
        Estimated error that the time steps cause in the success probability and in the probability
        of each qubit to be read as 1: the largest of them.
    success_step_error : float
        Estimated error that they cause in the success probability alone.
    seed : int
        Seed of the trajectories.
    method : Trajectories
        Method of integration.
    bath : tuple of Dephasing or Relaxation
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
    >>> problem = qx.testing.random_feature_selection(10, seed=1)
    >>> run = qx.open_anneal(problem, 10.0, qx.Dephasing(rate=0.02), qx.Trajectories(count=100))
    >>> low, high = run.interval
    >>> low < run.success_probability < high
    True
    >>> run.step_error < 1e-3
    True
    """

    tau: float
    weights: NDArray[np.float64]
    interval: tuple[float, float]
    standard_error: float
    energy_error: float
    num_trajectories: int
    no_jump_probability: float
    mean_jumps: float
    steps: int
    step_error: float
    success_step_error: float
    seed: int
    method: Trajectories
    bath: tuple[Bath, ...]
    schedule: str
    driver: str
    versions: Mapping[str, str]

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Read-out probabilities, shape (2^d,), which sum to 1."""
        return self.weights / self.weights.sum()

    def sample_info(self) -> dict[str, Any]:
        """Return what the ``info`` of samples says about this state.

        Returns
        -------
        dict of str
            Name of the sampler, the anneal time, and the bath.
        """
        return {"sampler": "trajectories", "tau": self.tau, "bath": self._bath_text()}

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers of the result, without the read-out probabilities.

        Returns
        -------
        dict of str
            The numbers by the names that the result of a closed anneal has too, and the provenance.
        """
        values = {name: getattr(self, name) for name in _NUMBERS}
        return plain(super().to_dict() | values | {"bath": self._bath_text()})

    def __str__(self) -> str:
        anneal = self._sentence(f"{self._anneal_text()},")
        return f"{anneal} {self._certainty()}{assumed_note(self.schedule)}"

    def _certainty(self) -> str:
        """Return a sentence about what the averages rest on."""
        if not self.num_trajectories:
            return "There is no jump, so that nothing is drawn at random."
        low, high = (probability(end) for end in self.interval)
        return (
            f"Both are averages over {self.num_trajectories} wave functions that jump at random, "
            f"{rounded(self.mean_jumps, 2)} times on average. They leave the success probability "
            f"uncertain: it lies between {low} and {high} (95 % interval)."
        )
