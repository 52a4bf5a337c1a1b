"""How hard the problem is for an annealer, at tradeoffs along a path of best selections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..annealing import LINEAR, AnnealHamiltonian, AnnealSchedule, TransverseField
from ..checks import kind_of, real_array
from ..digits import probability
from ..dynamics import SplitOperator, anneal_many
from ..errors import InputError
from ..progress import Progress, followed
from ..results import Result, plain
from ..spectra import MinimumGap
from ..spectra.minimum import certified_gap
from ..statistics.seeds import Seed
from .path import TradeoffPath

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

PLACES = (0.1, 0.5, 0.9)
"""Where, between two breakpoints, gaps are computed: near both ends and in the middle."""


@dataclass(frozen=True, eq=False, repr=False)
class TradeoffHardness(Result):
    """Gaps and success probabilities at tradeoffs along a path.

    Attributes
    ----------
    path : TradeoffPath
        The best selections.
    tradeoffs : ndarray of float, shape (n,)
        The tradeoffs, ascending.
    classical_gap : ndarray of float, shape (n,)
        Distance of the two lowest distinct energies; it vanishes at each breakpoint.
    gap : ndarray of float, shape (n,)
        Smallest gap of the anneal, the upper end of its bracket.
    gap_lower : ndarray of float, shape (n,)
        Proven lower bound of that gap.
    success_probability : ndarray of float, shape (n,)
        Probability that one anneal reads a best selection.
    tau : float
        Anneal time.

    Examples
    --------
    >>> import qxgap as qx
    >>> path = qx.tradeoff_path(qx.testing.random_feature_selection(5, seed=2))
    >>> hardness = qx.tradeoff_hardness(path, [0.3, 0.7], tau=20.0)
    >>> (hardness.gap <= hardness.classical_gap + 1e-9).tolist()
    [True, True]
    """

    path: TradeoffPath
    tradeoffs: Array
    classical_gap: Array
    gap: Array
    gap_lower: Array
    success_probability: Array
    tau: float

    @property
    def hardest(self) -> float:
        """The tradeoff with the smallest gap."""
        return float(self.tradeoffs[np.argmin(self.gap)])

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as plain Python values.

        Returns
        -------
        dict of str
            tau, hardest, and lists: tradeoffs, classical_gap, gap, gap_lower, success_probability.
        """
        names = ("tau", "hardest", "tradeoffs", "classical_gap", "gap", "gap_lower")
        return plain(
            {name: getattr(self, name) for name in (*names, "success_probability")},
        )

    def to_dataframe(self) -> pd.DataFrame:
        """Return a row for each tradeoff.

        Returns
        -------
        pandas.DataFrame
            The columns tradeoff, size (of the best selection), classical_gap, gap, gap_lower and
            success_probability.
        """
        import pandas as pd

        return pd.DataFrame(
            {
                "tradeoff": self.tradeoffs,
                "size": self.path.sizes[self.path.at(self.tradeoffs)],
                "classical_gap": self.classical_gap,
                "gap": self.gap,
                "gap_lower": self.gap_lower,
                "success_probability": self.success_probability,
            }
        )

    def plot(self, ax: Any = None) -> Any:
        """Draw the gaps and the success probability against the tradeoff.

        Parameters
        ----------
        ax : sequence of two matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import hardness_path  # loads matplotlib

        path = self.path
        table = self.to_dataframe()
        return hardness_path(table, path.breakpoints, path.source.tradeoff, self.tau, ax=ax)

    def __str__(self) -> str:
        at = int(np.argmin(self.gap))
        here = int(np.argmin(np.abs(self.tradeoffs - self.path.source.tradeoff)))
        return (
            f"Of {self.tradeoffs.size} tradeoffs the problem is hardest for an annealer at "
            f"{self.tradeoffs[at]:.3g}: the smallest gap is {self.gap[at]:.2g}, and an anneal of "
            f"the time tau = {self.tau:g} succeeds with probability "
            f"{probability(self.success_probability[at])}. At {self.tradeoffs[here]:.3g} these are "
            f"{self.gap[here]:.2g} and {probability(self.success_probability[here])}."
        )


def tradeoff_hardness(
    path: TradeoffPath,
    tradeoffs: ArrayLike | None = None,
    *,
    tau: float = 50.0,
    schedule: AnnealSchedule = LINEAR,
    driver: TransverseField | None = None,
    rtol: float = 1e-2,
    seed: Seed = 0,
    progress: Progress = None,
) -> TradeoffHardness:
    """Compute gaps and success probabilities at tradeoffs along a path.

    Where the best selection changes, the two lowest energies meet: the problem is as hard there as
    can be, but either answer is right. In between it depends on the features.

    Parameters
    ----------
    path : TradeoffPath
        The best selections, from :func:`tradeoff_path`.
    tradeoffs : array_like of float, optional
        Tradeoffs in [0, 1]. By default three between every two breakpoints, at a tenth, a half and
        nine tenths of the way, and the tradeoff of the features themselves.
    tau : float
        Anneal time.
    schedule : AnnealSchedule
        Schedule of the anneals.
    driver : TransverseField, optional
        Driver of the anneals, by default with the weight 1.
    rtol : float
        Relative width of the bracket of each gap.
    seed : int, numpy.random.Generator or None
        Seed of the eigensolver.
    progress : callable or bool, optional
        As in :func:`tradeoff_path`.

    Returns
    -------
    TradeoffHardness
        The numbers, which can draw themselves.

    Raises
    ------
    InputError
        For another object than a path, and for tradeoffs outside [0, 1].
    MemoryLimitError
        If 2^d amplitudes do not fit into memory.
    ConvergenceError
        As :func:`qxgap.minimum_gap`.

    Examples
    --------
    >>> import qxgap as qx
    >>> path = qx.tradeoff_path(qx.testing.random_feature_selection(5, seed=2))
    >>> qx.tradeoff_hardness(path, [0.5], tau=20.0).to_dataframe().shape
    (1, 6)
    """
    if not isinstance(path, TradeoffPath):
        raise InputError(f"path is {kind_of(path)}; give a result of tradeoff_path(selection)")
    if tradeoffs is None:
        low, high = path.breakpoints[:-1, None], path.breakpoints[1:, None]
        inside = (low + np.array(PLACES) * (high - low)).ravel()
        at = np.union1d(inside, [path.source.tradeoff])
    else:
        at = np.unique(real_array("tradeoffs", tradeoffs))
    path.at(at)  # refuses tradeoffs outside [0, 1]
    driver = driver or TransverseField()
    problems = [path.source.with_tradeoff(tradeoff).qubo() for tradeoff in at.tolist()]
    hamiltonians = [AnnealHamiltonian(problem, schedule, driver) for problem in problems]
    gaps: list[MinimumGap] = []
    with followed(progress, f"gaps at {at.size} tradeoffs") as say:
        for tradeoff, H in zip(at.tolist(), hamiltonians, strict=True):
            say(f"tradeoff {tradeoff:.4g}, {len(gaps)} of {at.size} done")
            gaps.append(certified_gap(H, rtol, seed=seed, progress=False))
    runs = anneal_many(hamiltonians, tau, SplitOperator(), seed=seed, progress=progress)
    return TradeoffHardness(
        path=path,
        tradeoffs=at,
        classical_gap=np.array([problem.classical_gap for problem in problems]),
        gap=np.array([gap.value for gap in gaps]),
        gap_lower=np.array([gap.lower for gap in gaps]),
        success_probability=np.array([run.success_probability for run in runs]),
        tau=float(tau),
    )
