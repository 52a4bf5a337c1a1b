"""Two anneals of one problem: by a schedule, and by the points of it that an annealer is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...annealing.accept import QubitsLike, as_qubits
from ...annealing.schedules import AnnealSchedule, AnnealWaveform
from ...digits import probability
from ...results import Result, plain
from ..methods import StateMethod
from ..solve import anneal
from ..states import Initial


@dataclass(frozen=True, repr=False)
class WaveformLoss(Result):
    """What a schedule loses in success probability as points that an annealer accepts.

    Attributes
    ----------
    waveform : AnnealWaveform
        The points, and their distance from the schedule.
    success_of_schedule : float
        Success probability of the schedule itself.
    success_of_points : float
        Success probability of the straight lines through the points.
    success_of_ramp : float or None
        That of the annealer's ordinary anneal, in which s rises evenly, in the same time; None for
        a reverse anneal.
    error_estimate : float
        The larger of the estimated errors of the first two, from the integration.
    method : StateMethod
        The method of integration.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -0.97], [[0.0, 1.5], [0.0, 0.0]])
    >>> result = qx.waveform_loss(problem, "Advantage2_system1", tau=500)
    >>> result.waveform.tau
    500.0
    """

    waveform: AnnealWaveform
    success_of_schedule: float
    success_of_points: float
    success_of_ramp: float | None
    error_estimate: float
    method: StateMethod

    @property
    def loss(self) -> float:
        """Success probability of the schedule minus that of its points."""
        return self.success_of_schedule - self.success_of_points

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers of the loss and of the waveform as plain Python values.

        Returns
        -------
        dict of str
            ``loss``, the attributes but ``waveform``, and the keys of the waveform.
        """
        own = {key: value for key, value in vars(self).items() if key != "waveform"}
        return plain({"loss": self.loss, **own, **self.waveform.to_dict()})

    def __str__(self) -> str:
        text = (
            f"As {len(self.waveform.points)} points, the schedule {self.waveform.schedule} "
            f"succeeds with probability {probability(self.success_of_points)}, and without the "
            f"annealer's limits with {probability(self.success_of_schedule)}"
        )
        if abs(self.loss) <= self.error_estimate:
            text += ", which is the same within the error of the integration"
        if self.success_of_ramp is not None:
            text += (
                f". An even rise of s in the same time succeeds with "
                f"{probability(self.success_of_ramp)}"
            )
        return f"{text}."


def waveform_loss(
    H: QubitsLike,
    solver: str,
    tau: float,
    *,
    scale: float = 1.0,
    max_points: int | None = None,
    properties: Mapping[str, Any] | None = None,
    initial: Initial | None = None,
    method: StateMethod | None = None,
) -> WaveformLoss:
    """Anneal by a schedule, and by the points of it that an annealer is sent, and compare.

    Both are closed anneals without noise, so the result says what the limits of the annealer cost,
    and not how often the annealer succeeds.

    Parameters
    ----------
    H : AnnealHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        Hamiltonian with the schedule; a problem is given the linear one.
    solver : str
        Name of the solver, such as ``"Advantage2_system1"``.
    tau : float
        Anneal time of the annealer in ns.
    scale : float
        Number by which the annealer divides the problem's energies.
    max_points : int, optional
        Largest number of points; the default is the limit of the annealer, mostly 12.
    properties : mapping of str, optional
        Properties of the solver.
    initial : array_like or mapping, optional
        Initial state, which a reverse anneal needs; see :func:`qxgap.anneal`.
    method : SplitOperator or QutipODE, optional
        Method of integration.

    Returns
    -------
    WaveformLoss
        The success probabilities, and the waveform.

    Raises
    ------
    InputError
        If the annealer cannot follow the schedule in this time, or the integration not reach it.

    See Also
    --------
    AnnealSchedule.to_dwave : The points alone.

    Examples
    --------
    >>> import qxgap as qx
    >>> table = qx.schedule_named("Advantage2_system1_standard")
    >>> problem = qx.QuboProblem([-1.0, -0.97], [[0.0, 1.5], [0.0, 0.0]])
    >>> H = qx.AnnealHamiltonian(problem, schedule=table)
    >>> loss = qx.waveform_loss(H.with_schedule(qx.locally_adiabatic(H)), "Advantage2_system1", 800)
    >>> len(loss.waveform.points), abs(loss.loss) < 0.1
    (12, True)
    """
    H = as_qubits(H)
    waveform = H.schedule.to_dwave(
        solver, tau, scale=scale, max_points=max_points, properties=properties
    )
    points = AnnealSchedule.from_dwave(waveform.points, solver, scale=scale)
    exact = anneal(H, waveform.schedule_tau, method, initial=initial)
    sent = anneal(H.with_schedule(points), waveform.tau, method, initial=initial)
    ramp = None
    if not waveform.is_reverse:
        even = AnnealSchedule.of_solver(solver, scale=scale)
        ramp = anneal(H.with_schedule(even), waveform.tau, method).success_probability
    return WaveformLoss(
        waveform=waveform,
        success_of_schedule=exact.success_probability,
        success_of_points=sent.success_probability,
        success_of_ramp=ramp,
        error_estimate=max(exact.error_estimate or 0.0, sent.error_estimate or 0.0),
        method=sent.method,
    )
