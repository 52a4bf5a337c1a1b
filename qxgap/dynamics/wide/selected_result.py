"""The result of an anneal in selected configurations."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...annealing.accept import assumed_note
from ...digits import counted, fraction, probability
from ...problem.qubo import QuboProblem
from ...results import Result, plain
from ..methods import SelectedDynamics
from ..readout import AnnealStatus

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HALF_FOLLOWED = math.sqrt(2.0 - math.sqrt(2.0))
"""Distance up to which two states of norm 1 have at least half of their weight in common."""


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
    s : ndarray of float, shape (k,)
        Anneal fractions of the time steps, in rising order.
    norms_left : ndarray of float, shape (k,)
        Bound of the distance of the computed state from the exact one at each of them.
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
    >>> run.followed_until  # to the end of the anneal
    1.0
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
    s: NDArray[np.float64]
    norms_left: NDArray[np.float64]
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

    @property
    def followed_until(self) -> float:
        """Anneal fraction until which the computed state is proven to follow the exact one.

        Until then both have at least half of their weight in common, because their distance is at
        most ``sqrt(2 - sqrt(2))``. It says nothing about the instantaneous ground state: where the
        anneal leaves that one, :func:`qxgap.landau_zener` estimates.
        """
        followed = self.norms_left <= HALF_FOLLOWED
        if followed.all():
            return 1.0
        first = int(np.argmin(followed))
        return float(self.s[max(first - 1, 0)])

    def to_dataframe(self) -> pd.DataFrame:
        """Return what is known of the state along the anneal.

        Returns
        -------
        pandas.DataFrame
            The columns s and norm_left, a row for each time step.
        """
        import pandas as pd

        return pd.DataFrame({"s": self.s, "norm_left": self.norms_left})

    def plot(self, ax: Axes | None = None) -> Figure:
        """Draw the weight that may have left the configurations, and the success with its bounds.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ...plotting import followed_anneal  # loads matplotlib

        return followed_anneal(
            self.s,
            np.minimum(self.norms_left**2, 1.0),
            self.interval,
            self.success_probability if self.status is AnnealStatus.CONVERGED else None,
            self.followed_until,
            ax=ax,
        )

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
                "followed_until": self.followed_until,
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
            if self.followed_until < 1:
                text += (
                    " It is proven to have at least half of its weight in common with the exact "
                    f"state until s = {fraction(self.followed_until)}."
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
