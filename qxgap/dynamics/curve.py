"""Success against the anneal time, with its null models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..annealing.accept import QubitsLike, as_qubits
from ..checks import kind_of
from ..errors import InputError
from .closed import SplitOperator, anneal
from .null import product_success, random_guess
from .reach import anneal_times
from .result import AnnealStatus

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SuccessCurve:
    """Success probability at several anneal times, and what null models give there.

    Attributes
    ----------
    taus, success, errors : (n,) times, success probabilities, and estimates of their errors.
    residual_energies : (n,).
    random_guess : success of a uniformly random state.
    product : (n,) success if every qubit were swept alone.
    statuses : n of them; how each integration ended.
    instance_hash, method, schedule, driver : provenance.
    """

    taus: Array
    success: Array
    errors: Array
    residual_energies: Array
    random_guess: float
    product: Array
    statuses: tuple[AnnealStatus, ...]
    instance_hash: str
    method: str
    schedule: str
    driver: str

    def __str__(self) -> str:
        lines = ["tau, success, error, product null model"]
        for row in zip(self.taus, self.success, self.errors, self.product, strict=True):
            lines.append("{:g}, {:.6g}, {:.1e}, {:.6g}".format(*row))
        return "\n".join([*lines, f"random guess {self.random_guess:.6g}"])


def require_curve(curve: Any, name: str = "curve") -> None:
    """Raise InputError unless it is a curve of :func:`success_curve`."""
    if not isinstance(curve, SuccessCurve):
        raise InputError(f"{name} is {kind_of(curve)}; give what success_curve(H, taus) returned")


def require_curves(curves: Any) -> None:
    """Raise InputError unless it is a list of curves of :func:`success_curve`."""
    if not isinstance(curves, Sequence):
        raise InputError(
            f"curves is {kind_of(curves)}; give a list of what success_curve(H, taus) returned"
        )
    for i, curve in enumerate(curves):
        require_curve(curve, f"curves[{i}]")


def success_curve(
    H: QubitsLike,
    taus: ArrayLike,
    method: SplitOperator | None = None,
    *,
    seed: int = 0,
    throw: bool = True,
) -> SuccessCurve:
    """Anneal for each of ``taus``, (n,) and rising, by a method that estimates its error.

    ``seed`` and ``throw`` as in :func:`anneal`.
    """
    H = as_qubits(H)
    times = np.array(anneal_times(taus))
    if np.ndim(taus) != 1 or np.any(np.diff(times) <= 0):
        raise InputError(f"taus = {taus!r}: give a list of one or more times that rise")
    method = method or SplitOperator()
    if not isinstance(method, SplitOperator):
        raise InputError(f"{method!r} gives no error estimate; use SplitOperator")
    runs = anneal(H, times, method, seed=seed, throw=throw)
    return SuccessCurve(
        taus=times,
        success=np.array([run.success_probability for run in runs]),
        errors=np.array([run.error_estimate for run in runs], dtype=np.float64),
        residual_energies=np.array([run.residual_energy for run in runs]),
        random_guess=random_guess(H.problem),
        product=np.array([product_success(H, tau, method) for tau in times.tolist()]),
        statuses=tuple(run.status for run in runs),
        instance_hash=H.instance_hash,
        method=repr(method),
        schedule=H.schedule.name,
        driver=repr(H.driver),
    )
