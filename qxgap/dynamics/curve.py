"""Success probability as a function of the anneal time, with its null models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..annealing.accept import QubitsLike, as_qubits, assumed_note
from ..annealing.hamiltonian import AnnealHamiltonian
from ..checks import kind_of
from ..digits import probability
from ..errors import InputError
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
        return success_against_time(
            self.taus, self.success, self.errors, references, best=self._fastest(), ax=ax
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
        text = (
            f"The success probability is at most {probability(self.success[best])}, at tau = "
            f"{self.taus[best]:g}; there every qubit annealed alone would have "
            f"{probability(self.product[best])}, and a random guess has "
            f"{probability(self.random_guess)}."
        )
        text += assumed_note(self.schedule)
        if unfinished:
            text += (
                f" {len(unfinished)} of the {self.taus.size} anneals did not end as requested: "
                f"{unfinished[0].value}."
            )
        return text


def require_curve(curve: Any, name: str = "curve") -> None:
    """Raise InputError unless the argument is a curve of :func:`success_curve`.

    Parameters
    ----------
    curve : object
        The argument.
    name : str
        Name of the argument, for the message.
    """
    if not isinstance(curve, SuccessCurve):
        raise InputError(f"{name} is {kind_of(curve)}; give a result of success_curve(H, taus)")


def require_curves(curves: Any) -> None:
    """Raise InputError unless the argument is a list of curves of :func:`success_curve`.

    Parameters
    ----------
    curves : object
        The argument.
    """
    if not isinstance(curves, Sequence):
        raise InputError(
            f"curves is {kind_of(curves)}; give a list of results of success_curve(H, taus)"
        )
    for i, curve in enumerate(curves):
        require_curve(curve, f"curves[{i}]")


def success_curve(
    H: QubitsLike,
    taus: ArrayLike,
    method: SplitOperator | SelectedDynamics | None = None,
    *,
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
        For times that do not rise, and another method than these.
    IntegrationError
        If a tolerance is not reached and ``throw`` is true.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -0.5], [[0.0, 1.2], [0.0, 0.0]])
    >>> curve = qx.success_curve(problem, [1.0, 10.0, 30.0])
    >>> curve.success.round(2).tolist(), curve.random_guess
    ([0.28, 0.65, 0.94], 0.25)
    """
    H = as_qubits(H)
    times = np.array(anneal_times(taus))
    if np.ndim(taus) != 1 or np.any(np.diff(times) <= 0):
        raise InputError(f"taus = {taus!r}: give a list of one or more times that rise")
    if not isinstance(method, SplitOperator | SelectedDynamics | None):
        raise InputError(f"{method!r} gives no error estimate; use SplitOperator")
    method = method or default_method(H)
    with followed(progress, f"anneals of {H.num_qubits} qubits") as say:
        runs = _runs(H, times, method, seed, throw, say)
    alone = method if isinstance(method, SplitOperator) else SplitOperator()
    return SuccessCurve(
        taus=times,
        success=np.array([run.success_probability for run in runs]),
        errors=np.array([run.error_estimate for run in runs], dtype=np.float64),
        residual_energies=np.array([run.residual_energy for run in runs]),
        random_guess=random_guess(H.problem),
        product=np.array([product_success(H, tau, alone, throw=throw) for tau in times.tolist()]),
        statuses=tuple(run.status for run in runs),
        instance_hash=H.instance_hash,
        method=method,
        schedule=H.schedule.name,
        driver=repr(H.driver),
    )


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
