"""Success probability as a function of the anneal time, with its null models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..annealing.accept import QubitsLike, as_qubits, assumed_note
from ..annealing.hamiltonian import AnnealHamiltonian
from ..checks import kind_of
from ..digits import probability
from ..errors import InputError
from ..observables import NearOptimum
from ..progress import Progress, Say, followed
from ..results import Result, plain
from ..statistics.seeds import Seed
from .methods import SelectedDynamics, SplitOperator
from .null import product_success, random_guess
from .reach import anneal_times
from .readout import AnnealResult, AnnealStatus
from .solve import anneal, default_method
from .wide import SelectedAnneal

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class SuccessCurve(Result):
    """Success probabilities at several anneal times, and what null models give there.

    Attributes
    ----------
    taus : ndarray of float, shape (n,)
        Anneal times, rising.
    success : ndarray of float, shape (n,)
        Success probability at each time.
    errors : ndarray of float, shape (n,)
        Estimated error of each success probability; by SelectedDynamics the larger distance from
        the ends of its proven interval.
    residual_energies : ndarray of float, shape (n,)
        Expectation of the energy above the ground energy.
    random_guess : float
        Success probability of a uniformly random state.
    product : ndarray of float, shape (n,)
        Success probability if every qubit were annealed independently.
    statuses : tuple of AnnealStatus
        How each integration ended.
    instance_hash : str
        Content hash of the problem.
    method : SplitOperator or SelectedDynamics
        Method of integration.
    schedule : str
        Name of the schedule.
    driver : str
        Python expression of the driver.
    near : NearOptimum or None
        Which states count as success beside the ground states; None if only these count. All
        probabilities of the curve are then those of such a state, and ``product`` is nan, because
        that model is one of ground states.

    Examples
    --------
    >>> import qxgap as qx
    >>> curve = qx.success_curve(qx.QuboProblem([-1.0], [[0.0]]), [1.0, 5.0])
    >>> curve.success.round(2).tolist(), curve.product.round(2).tolist()
    ([0.54, 0.89], [0.54, 0.89])
    """

    taus: Array
    success: Array
    errors: Array
    residual_energies: Array
    random_guess: float
    product: Array
    statuses: tuple[AnnealStatus, ...]
    instance_hash: str
    method: SplitOperator | SelectedDynamics
    schedule: str
    driver: str
    near: NearOptimum | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers of the curve by the names of its attributes.

        Returns
        -------
        dict of str
            Numbers, strings and lists.
        """
        return plain(dict(vars(self)))

    def plot(self, ax: Any = None) -> Any:
        """Draw the success probability and its null models against the anneal time.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import success_against_time  # loads matplotlib

        references = {
            "every qubit annealed alone": self.product,
            "random guess": np.full(self.taus.size, self.random_guess),
        }
        ylabel = "success probability"
        if self.near is not None:
            del references["every qubit annealed alone"]
            ylabel = f"probability of {self.near.of_solution()}"
        return success_against_time(
            self.taus,
            self.success,
            self.errors,
            references,
            best=self._fastest(),
            ylabel=ylabel,
            ax=ax,
        )

    def to_dataframe(self) -> pd.DataFrame:
        """Return the curve as a table.

        Returns
        -------
        pandas.DataFrame
            A row for each anneal time, with the columns tau, success_probability, error_estimate,
            residual_energy, null_product, random_guess and status.
        """
        import pandas as pd

        return pd.DataFrame(
            {
                "tau": self.taus,
                "success_probability": self.success,
                "error_estimate": self.errors,
                "residual_energy": self.residual_energies,
                "null_product": self.product,
                "random_guess": self.random_guess,
                "status": [status.name for status in self.statuses],
            }
        )

    def _fastest(self) -> int | None:
        """Return the number of the tau of the shortest time to solution (99 %), if any succeeds."""
        known = (self.success > 0) & (self.taus > 0)
        if not known.any():
            return None
        failure = np.log1p(-np.clip(self.success, 0.0, 1.0 - 1e-16))
        runs = np.maximum(np.ceil(np.log(0.01) / np.where(known, failure, -1.0)), 1.0)
        return int(np.argmin(np.where(known, self.taus * runs, np.inf)))

    def __str__(self) -> str:
        best = int(np.argmax(self.success))
        unfinished = [s for s in self.statuses if s is not AnnealStatus.CONVERGED]
        what, alone = "success probability", ""
        if self.near is None:
            alone = f"every qubit annealed alone would have {probability(self.product[best])}, and "
        else:
            what = f"probability of a state {self.near.in_words()}"
        text = (
            f"The {what} is at most {probability(self.success[best])}, at tau = "
            f"{self.taus[best]:g}; there {alone}a random guess has "
            f"{probability(self.random_guess)}."
        )
        text += assumed_note(self.schedule)
        if unfinished:
            text += (
                f" {len(unfinished)} of the {self.taus.size} anneals did not end as requested: "
                f"{unfinished[0].value}."
            )
        return text


def require_curve(curve: Any, name: str = "curve", *, of_ground_states: bool = False) -> None:
    """Raise InputError unless the argument is a curve of :func:`success_curve`.

    Parameters
    ----------
    curve : object
        The argument.
    name : str
        Name of the argument, for the message.
    of_ground_states : bool
        Whether the curve must count ground states only.
    """
    if not isinstance(curve, SuccessCurve):
        raise InputError(f"{name} is {kind_of(curve)}; give a result of success_curve(H, taus)")
    if of_ground_states and curve.near is not None:
        raise InputError(
            f"{name} counts states near the optimum, and the law is one of ground states; give a "
            "curve without near="
        )


def require_curves(curves: Any, *, of_ground_states: bool = False) -> None:
    """Raise InputError unless the argument is a list of curves of :func:`success_curve`.

    Parameters
    ----------
    curves : object
        The argument.
    of_ground_states : bool
        Whether the curves must count ground states only.
    """
    if not isinstance(curves, Sequence):
        raise InputError(
            f"curves is {kind_of(curves)}; give a list of results of success_curve(H, taus)"
        )
    for i, curve in enumerate(curves):
        require_curve(curve, f"curves[{i}]", of_ground_states=of_ground_states)


def success_curve(
    H: QubitsLike,
    taus: ArrayLike,
    method: SplitOperator | SelectedDynamics | None = None,
    *,
    near: NearOptimum | None = None,
    seed: Seed = 0,
    throw: bool = True,
    progress: Progress = None,
) -> SuccessCurve:
    """Anneal at several times, by a method that estimates its error, and compute null models.

    Parameters
    ----------
    H : AnnealHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        Hamiltonian; a problem is given the linear schedule and the driver ``-sum sigma_x``.
    taus : array_like of float, shape (n,)
        Anneal times, rising.
    method : SplitOperator or SelectedDynamics, optional
        Method of integration. The default is ``SplitOperator()`` as long as its vectors of 2^d
        amplitudes fit into memory, and ``SelectedDynamics()`` beyond.
    near : NearOptimum, optional
        Which states count as success beside the ground states. Times to solution of such a curve
        are times to epsilon. By default only ground states count.
    seed : int, numpy.random.Generator or None
        Seed of the eigensolver, where the ground state of H(0) is computed.
    throw : bool
        Whether to raise IntegrationError if a tolerance is not reached within ``max_steps``.
    progress : callable or bool, optional
        A function such as ``print``, which is called with lines of text about what is going on;
        True for a line on stderr, False for nothing. By default the line is shown after two
        seconds, in terminals and notebooks.

    Returns
    -------
    SuccessCurve
        Success probabilities with their errors, and null models.

    Raises
    ------
    InputError
        For times that do not rise, for another method than these, and for SelectedDynamics with
        ``near``.
    IntegrationError
        If a tolerance is not reached and ``throw`` is true.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -0.5], [[0.0, 1.2], [0.0, 0.0]])
    >>> curve = qx.success_curve(problem, [1.0, 10.0, 30.0])
    >>> curve.success.round(2).tolist(), curve.random_guess
    ([0.28, 0.65, 0.94], 0.25)
    >>> close = qx.success_curve(problem, [1.0, 10.0], near=qx.observables.NearOptimum(excess=0.5))
    >>> close.success.round(2).tolist(), close.random_guess
    ([0.54, 0.83], 0.5)
    """
    H = as_qubits(H)
    times = np.array(anneal_times(taus))
    if np.ndim(taus) != 1 or np.any(np.diff(times) <= 0):
        raise InputError(f"taus = {taus!r}: give a list of one or more times that rise")
    if not isinstance(method, SplitOperator | SelectedDynamics | None):
        raise InputError(f"{method!r} gives no error estimate; use SplitOperator")
    method = method or default_method(H)
    if near is not None and isinstance(method, SelectedDynamics):
        raise InputError(
            "SelectedDynamics follows ground states only; leave out near=, or use SplitOperator"
        )
    with followed(progress, f"anneals of {H.num_qubits} qubits") as say:
        runs = _runs(H, times, method, seed, throw, say)
    if near is None:
        success = np.array([run.success_probability for run in runs])
        guess, product = random_guess(H.problem), _products(H, times, method, throw)
    else:
        success = np.array([cast(AnnealResult, run).near_probability(near) for run in runs])
        guess, product = float(near.is_near(H.problem).mean()), np.full(times.size, np.nan)
    return SuccessCurve(
        taus=times,
        success=success,
        errors=np.array([run.error_estimate for run in runs], dtype=np.float64),
        residual_energies=np.array([run.residual_energy for run in runs]),
        random_guess=guess,
        product=product,
        statuses=tuple(run.status for run in runs),
        instance_hash=H.instance_hash,
        method=method,
        schedule=H.schedule.name,
        driver=repr(H.driver),
        near=near,
    )


def _products(
    H: AnnealHamiltonian, times: Array, method: SplitOperator | SelectedDynamics, throw: bool
) -> Array:
    """Return the success probability of qubits that are annealed alone, at each time."""
    alone = method if isinstance(method, SplitOperator) else SplitOperator()
    return np.array([product_success(H, tau, alone, throw=throw) for tau in times.tolist()])


def _runs(
    H: AnnealHamiltonian,
    times: Array,
    method: SplitOperator | SelectedDynamics,
    seed: Seed,
    throw: bool,
    say: Say,
) -> list[AnnealResult] | list[SelectedAnneal]:
    """Return the anneals at all times."""
    if isinstance(method, SelectedDynamics):
        return anneal(H, times, method, progress=say)
    return anneal(H, times, method, seed=seed, throw=throw, progress=say)
