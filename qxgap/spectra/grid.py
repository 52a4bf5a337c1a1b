"""The lowest levels on a grid of anneal fractions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..annealing.accept import HamiltonianLike, as_hamiltonian
from ..checks import require_whole
from ..errors import InputError
from ..linalg.arrays import Precision
from ..linalg.eigen import EigenMethod, require_method
from ..linalg.status import ConvergenceError, EigenStatus
from ..version import versions
from .levels import Hamiltonian, engines_on, lowest_levels


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Lowest levels on a grid, as :func:`spectrum` returns them.

    Attributes
    ----------
    s : (n,) anneal fractions.
    energies : (n, k) ascending along the second axis, without the problem's offset.
    residuals : (n, k) each level is this close to its value, if ``status`` says so.
    status : the worst one of all eigen-solves.
    schedule : its name; ``"linear (assumed)"`` where only a problem was given.
    """

    s: NDArray[np.float64]
    energies: NDArray[np.float64]
    residuals: NDArray[np.float64]
    status: EigenStatus
    matvecs: int
    unit: str
    schedule: str
    instance_hash: str
    versions: Mapping[str, str]


def spectrum(
    H: HamiltonianLike,
    s: ArrayLike,
    levels: int = 2,
    *,
    method: EigenMethod | None = None,
    device: str | None = None,
    precision: Precision = Precision.DOUBLE,
    seed: int = 0,
    throw: bool = True,
) -> Spectrum:
    """Lowest ``levels`` levels of H(s) at every ``s``.

    Parameters
    ----------
    s : (n,) anneal fractions in [0, 1].
    method : eigensolver; default by size. Each point starts from the vectors of the one before.
    device, precision : as for :func:`qxgap.spectra.minimum_gap`.
    throw : raise ConvergenceError rather than report a failed solve in ``status``.
    """
    H = as_hamiltonian(H)
    require_method(method)
    H.schedule(s)  # raises InputError for what is no anneal fraction
    fractions = np.atleast_1d(np.asarray(s, dtype=np.float64))
    if fractions.ndim != 1 or fractions.size == 0:
        raise InputError(f"s has shape {fractions.shape}; give one axis of anneal fractions")
    require_levels(H, levels)
    made_by = versions()  # before the work, so that nothing is lost if it fails
    engines = engines_on(H, device, precision, method)
    strengths = np.stack(H.schedule(fractions), axis=1)
    points, start = [], None
    for A, B in strengths.tolist():
        point, vectors = lowest_levels(H, A, B, levels, method, seed, start, engines)
        points.append(point)
        start = start if vectors is None else vectors
    failed = [p.status for p in points if p.status is not EigenStatus.CONVERGED]
    if failed and throw:
        raise ConvergenceError(failed[0].value)
    return Spectrum(
        s=fractions,
        energies=np.array([p.values for p in points]),
        residuals=np.array([p.residuals for p in points]),
        status=failed[0] if failed else EigenStatus.CONVERGED,
        matvecs=sum(p.matvecs for p in points),
        unit=H.schedule.unit,
        schedule=H.schedule.name,
        instance_hash=H.instance_hash,
        versions=made_by,
    )


def require_levels(H: Hamiltonian, levels: int) -> None:
    """Raise InputError unless H has that many levels."""
    require_whole(levels, "levels", "the number of levels")
    if not 1 <= levels <= H.dimension:
        raise InputError(
            f"{levels} levels asked of a dimension of {H.dimension}; ask for 1 to {H.dimension}"
        )
