"""The result of an anneal in selected configurations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...annealing.accept import assumed_note
from ...digits import counted, probability
from ...problem.qubo import QuboProblem
from ...results import Result, plain
from ..methods import SelectedDynamics
from ..readout import AnnealStatus


@dataclass(frozen=True, eq=False, repr=False)
class SelectedAnneal(Result):
    """The success probability of a closed anneal in selected configurations, with proven bounds.

    Attributes
    ----------
    problem : QuboProblem
        Problem that was annealed.
    tau : float
        Anneal time (hbar = 1 in the unit of the schedule; ns for a schedule in GHz).
    success_probability : float
        Weight of the computed state on the ground states of the problem: an estimate.
    interval : tuple of float
        Proven bounds of the success probability: no configuration that was left out can bring it
        outside of them. They rest on the error of the time steps, which is estimated and included.
    residual_energy : float
        Expectation of the energy above the ground energy in the computed state: an estimate.
    mean_field_success : float
        Success probability if every qubit moved in the mean field of the others only.
    num_ground_states : int
        Number of ground states of the problem, all of them proven by branch and bound.
    num_configurations : int
        Number of configurations of the largest set.
    norm_left : float
        Bound of the norm that left this set during the anneal, which is the distance of the
        computed state from the exact one; inf if none can be proved for the initial state.
    half_left : float
        Anneal fraction at which half of that norm had left.
    time_error : float
        Estimated error of all time steps, in norm.
    steps : int
        Number of time steps in the largest set.
    status : AnnealStatus
        How the computation ended.
    method : SelectedDynamics
        Method of integration.
    schedule : str
        Name of the schedule.
    unit : str
        Unit of the schedule: ``"dimensionless"`` or ``"GHz"``.
    driver : str
        Python expression of the driver.
    versions : mapping of str
        Versions of qxgap and of the packages on which the numbers depend.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.testing.random_feature_selection(8, seed=1)
    >>> run = qx.anneal(problem, 20.0, qx.SelectedDynamics())
    >>> low, high = run.interval
    >>> low <= run.success_probability <= high
    True
    """

    problem: QuboProblem
    tau: float
    success_probability: float
    interval: tuple[float, float]
    residual_energy: float
    mean_field_success: float
    num_ground_states: int
    num_configurations: int
    norm_left: float
    half_left: float
    time_error: float
    steps: int
    status: AnnealStatus
    method: SelectedDynamics
    schedule: str
    unit: str
    driver: str
    versions: Mapping[str, str]

    @property
    def instance_hash(self) -> str:
        """Content hash of the problem."""
        return self.problem.content_hash

    @property
    def error_estimate(self) -> float:
        """Largest distance of the success probability from the ends of its proven interval."""
        low, high = self.interval
        return max(high - self.success_probability, self.success_probability - low)

    @property
    def random_guess(self) -> float:
        """Success probability if all states were equally probable."""
        return self.num_ground_states * 0.5**self.problem.num_qubits

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers of the result, without the state.

        Returns
        -------
        dict of str
            The numbers by the names that ``qxgap anneal --json`` gives them, and the provenance.
        """
        return plain(
            {
                "num_qubits": self.problem.num_qubits,
                "success_probability": self.success_probability,
                "success_probability_interval": self.interval,
                "residual_energy": self.residual_energy,
                "mean_field_success": self.mean_field_success,
                "instance_hash": self.instance_hash,
                "tau": self.tau,
                "error_estimate": self.error_estimate,
                "norm_error": self.norm_left,
                "half_left": self.half_left,
                "num_configurations": self.num_configurations,
                "num_ground_states": self.num_ground_states,
                "time_error": self.time_error,
                "steps": self.steps,
                "status": self.status,
                "method": self.method,
                "schedule": self.schedule,
                "unit": self.unit,
                "driver": self.driver,
                "versions": self.versions,
            }
        )

    def __str__(self) -> str:
        low, high = self.interval
        head = f"One anneal of the time tau = {self.tau:g} reads a ground state with a probability"
        bounds = f"between {probability(low)} and {probability(high)}"
        if self.status is AnnealStatus.CONVERGED:
            text = (
                f"{head} of {probability(self.success_probability)}; it is proven to lie {bounds}."
            )
        else:
            text = (
                f"{head} that is proven to lie {bounds}, and no more is known. The computed state "
                f"has {probability(self.success_probability)}."
            )
        text += (
            f" Qubits that feel only the mean field of the others would have "
            f"{probability(self.mean_field_success)}, and a random guess has "
            f"{probability(self.random_guess)}."
            f" {counted(self.num_configurations, 'configuration')} of the "
            f"2^{self.problem.num_qubits} were followed."
        )
        if self.status is not AnnealStatus.CONVERGED:
            text += f" Note: {self.status.value}."
        return text + assumed_note(self.schedule)
