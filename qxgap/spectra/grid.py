"""The lowest levels on a grid of anneal fractions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ..annealing.accept import HamiltonianLike, as_hamiltonian, assumed_note
from ..annealing.inhomogeneous import InhomogeneousHamiltonian
from ..annealing.schedules import LINEAR
from ..digits import fraction, suffix_of
from ..errors import InputError
from ..linalg.arrays import FloatArray
from ..linalg.eigenpairs import ConvergenceError, EigenStatus
from ..linalg.methods import EigenMethod, require_method
from ..progress import Progress, followed
from ..results import Result, plain
from ..statistics.seeds import Seed, integer_seed
from ..version import versions
from .low_levels import LevelSolver, require_levels, solver_at

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False, repr=False)
class Spectrum(Result):
    """Lowest levels on a grid, as :func:`spectrum` returns them.

    Attributes
    ----------
    s : ndarray of float, shape (n,)
        Anneal fractions.
    energies : ndarray of float, shape (n, k)
        Levels, ascending along the second axis, without the problem's offset.
    residuals : ndarray of float, shape (n, k)
        Residual norms. If ``status`` is CONVERGED, each level differs from its value by at most the
        2-norm of its row.
    status : EigenStatus
        The worst status of all eigen-solves.
    matvecs : int
        Number of operator products.
    unit : str
        Unit of the energies: ``"GHz"`` or ``"dimensionless"``.
    schedule : str
        Name of the schedule; ``"linear (assumed)"`` where only a problem was given.
    method : Dense, Davidson, Lanczos or Lobpcg
        The eigensolver that ran; the ends of an anneal of qubits need none.
    seed : int
        Seed of the start vectors.
    instance_hash : str
        Content hash of the problem.
    versions : mapping of str
        Versions of the packages that the numbers rest on.

    Examples
    --------
    >>> import qxgap as qx
    >>> H = qx.AnnealHamiltonian(qx.QuboProblem([-1.0], [[0.0]]))
    >>> print(qx.spectrum(H, [0.0, 0.5, 1.0]))
    The two lowest of 2 levels at 3 points are closest at s = 1: 1 apart. Between the points they
    may be closer; minimum_gap proves a bound.
    """

    s: FloatArray
    energies: FloatArray
    residuals: FloatArray
    status: EigenStatus
    matvecs: int
    unit: str
    schedule: str
    method: EigenMethod
    seed: int
    instance_hash: str
    versions: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers under the names that ``qxgap gap --grid --json`` uses.

        Returns
        -------
        dict of str
            Plain Python values.
        """
        return plain(
            {
                "s": self.s,
                "energies": self.energies,
                "residuals": self.residuals,
                "status": self.status,
                "matvecs": self.matvecs,
                "unit": self.unit,
                "schedule": self.schedule,
                "method": self.method,
                "seed": self.seed,
                "instance_hash": self.instance_hash,
                "versions": self.versions,
            }
        )

    def plot(self, ax: Axes | None = None) -> Figure:
        """Draw the levels, above the lowest one, against the anneal fraction.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import spectrum_levels  # loads matplotlib

        return spectrum_levels(self.s, self.energies, self.unit, above_ground=True, ax=ax)

    def to_dataframe(self) -> pd.DataFrame:
        """Return the levels as a table.

        Returns
        -------
        pandas.DataFrame
            The column s and one for each level, energy_0, energy_1 and so on; a row for each point.
        """
        import pandas as pd

        levels = {f"energy_{k}": level for k, level in enumerate(self.energies.T)}
        return pd.DataFrame({"s": self.s, **levels})

    def __str__(self) -> str:
        points, levels = self.energies.shape
        grid = f"at {points} point{'s' if points > 1 else ''}"
        if levels > 1:
            spacing = self.energies[:, 1] - self.energies[:, 0]
            at = int(spacing.argmin())
            text = (
                f"The two lowest of {levels} levels {grid} are closest at s = "
                f"{fraction(self.s[at])}: {spacing[at]:.3g}{suffix_of(self.unit)} apart."
            )
            if points > 1:
                text += " Between the points they may be closer; minimum_gap proves a bound."
        else:
            low, high = self.energies.min(), self.energies.max()
            text = f"The lowest level {grid} lies between {low:.3g} and {high:.3g}."
        text += assumed_note(self.schedule)
        if self.status is EigenStatus.CONVERGED:
            return text
        return f"{text} Not all levels are certain: {self.status.message(self.method)}."


def spectrum(
    H: HamiltonianLike | InhomogeneousHamiltonian,
    s: ArrayLike,
    levels: int = 2,
    *,
    method: EigenMethod | None = None,
    seed: Seed = 0,
    throw: bool = True,
    progress: Progress = None,
) -> Spectrum:
    """Compute the lowest levels of H(s) at every ``s``.

    Parameters
    ----------
    H : AnnealHamiltonian, MatrixHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        The Hamiltonian, or a problem, to be annealed by the linear schedule and ``-sum sigma_x``.
        An :class:`~qxgap.InhomogeneousHamiltonian` too.
    s : array_like of float, shape (n,)
        Anneal fractions in [0, 1].
    levels : int
        Number of levels.
    method : Dense, Davidson, Lanczos or Lobpcg, optional
        The eigensolver; the default is Dense up to dimension 512 and Davidson beyond. Every point
        starts from the vectors of the one before.
    seed : int, numpy.random.Generator or None
        Seed of the start vectors. It affects the last digits only; the default is fixed, so that
        equal calls give equal digits.
    throw : bool
        Whether to raise ConvergenceError rather than report a failed solve in ``status``.
    progress : callable or bool, optional
        A function such as ``print``, which is called with lines of text about what is going on;
        True for a line on stderr, False for nothing. By default the line is shown after two
        seconds, in terminals and notebooks.

    Returns
    -------
    Spectrum
        The levels with their residuals.

    Raises
    ------
    InputError
        For an argument that is not as described here.
    MemoryLimitError
        If the eigensolver's work space does not fit in memory.
    ConvergenceError
        If an eigen-solve may have missed a level, unless ``throw`` is False.

    Examples
    --------
    >>> import qxgap as qx
    >>> H = qx.AnnealHamiltonian(qx.QuboProblem([-1.0, -0.8], [[0.0, 0.5], [0.0, 0.0]]))
    >>> qx.spectrum(H, [0.0, 0.5, 1.0], levels=3).energies.round(3).tolist()
    [[-2.0, 0.0, 0.0], [-1.436, -0.452, -0.335], [-1.3, -1.0, -0.8]]
    """
    H = H if isinstance(H, InhomogeneousHamiltonian) else as_hamiltonian(H)
    require_method(method)
    LINEAR(s)  # raises InputError for what is no anneal fraction
    fractions = np.atleast_1d(np.asarray(s, dtype=np.float64))
    if fractions.ndim != 1 or fractions.size == 0:
        raise InputError(f"s has shape {fractions.shape}; give one axis of anneal fractions")
    require_levels(H, levels)
    made_by = versions()  # before the work, so that nothing is lost if it fails
    any_point = H.at(1.0)[0] if isinstance(H, InhomogeneousHamiltonian) else H
    solver = LevelSolver(any_point, method, integer_seed(seed))
    points, start = [], None
    with followed(progress, f"{levels} levels, dimension {H.dimension}") as say:
        for number, at in enumerate(fractions.tolist(), 1):
            say(f"s = {fraction(at)}, point {number} of {fractions.size}")
            here, A, B = solver_at(solver, H, at)
            point, vectors = here.solve(A, B, levels, start)
            points.append(point)
            start = start if vectors is None else vectors
    used = solver.method_for(levels)
    failed = [p.status for p in points if p.status is not EigenStatus.CONVERGED]
    if failed and throw:
        raise ConvergenceError(failed[0].message(used))
    return Spectrum(
        s=fractions,
        energies=np.array([p.values for p in points]),
        residuals=np.array([p.residuals for p in points]),
        status=failed[0] if failed else EigenStatus.CONVERGED,
        matvecs=sum(p.matvecs for p in points),
        unit=H.schedule.unit,
        schedule=H.schedule.name,
        method=used,
        seed=integer_seed(solver.seed),
        instance_hash=H.instance_hash,
        versions=made_by,
    )
