"""The proof behind a minimum gap: a lower bound of the gap at every s, from few eigen-solves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ..annealing.accept import HamiltonianLike, as_hamiltonian
from ..checks import kind_of
from ..digits import at_least, label_of
from ..errors import InputError
from ..linalg.arrays import FloatArray
from ..results import Result, plain
from .bracket import Node, SchedulePath, path_hash
from .estimated import EstimatedGap
from .minimum import MinimumGap
from .search import GapStatus

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

POINTS = 401
"""Number of evenly spaced anneal fractions, beside those of the eigen-solves."""


@dataclass(frozen=True, eq=False, repr=False)
class GapCertificate(Result):
    """A lower bound of the gap at every s, as :func:`gap_certificate` returns it.

    Attributes
    ----------
    gap : MinimumGap
        The minimum gap that it proves.
    s : ndarray of float, shape (n,)
        Anneal fractions, ascending.
    lower : ndarray of float, shape (n,)
        Lower bound of the gap at each of them; negative where nothing is proven.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -0.8], [[0.0, 0.5], [0.0, 0.0]])
    >>> rough = qx.minimum_gap(problem, rtol=0.5)
    >>> print(qx.gap_certificate(problem, rough))
    3 eigen-solves prove that the gap is nowhere below 0.212; the smallest one computed is 0.3.
    """

    gap: MinimumGap
    s: FloatArray
    lower: FloatArray

    def to_dict(self) -> dict[str, Any]:
        """Return the bound, and the gap that it proves, as plain Python values.

        Returns
        -------
        dict of str
            The keys s, lower and gap.
        """
        return plain({"s": self.s, "lower": self.lower, "gap": self.gap})

    def to_dataframe(self) -> pd.DataFrame:
        """Return a row for each anneal fraction.

        Returns
        -------
        pandas.DataFrame
            The columns s and lower.
        """
        import pandas as pd

        return pd.DataFrame({"s": self.s, "lower": self.lower})

    def plot(self, ax: Axes | None = None) -> Figure:
        """Draw the gaps that are excluded, and the eigen-solves that exclude them.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import gap_proof

        gap = self.gap
        return gap_proof(self.s, self.lower, gap.s, gap.gaps, label_of(gap.unit), ax=ax)

    def __str__(self) -> str:
        return (
            f"{self.gap.s.size} eigen-solves prove that the gap is nowhere below "
            f"{at_least(self.gap.lower)}; the smallest one computed is {self.gap.value:.3g}."
        )


def gap_certificate(
    H: HamiltonianLike, gap: MinimumGap, s: ArrayLike | None = None
) -> GapCertificate:
    """Return the lower bound of the gap at every s that the eigen-solves of a minimum gap prove.

    Parameters
    ----------
    H : AnnealHamiltonian, MatrixHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        The Hamiltonian that the gap was computed for.
    gap : MinimumGap
        A result of :func:`qxgap.minimum_gap`; with a large ``rtol`` the bound is coarse.
    s : array_like of float, shape (n,), optional
        Anneal fractions; by default 401 that are evenly spaced, and those of the eigen-solves.

    Returns
    -------
    GapCertificate
        The bound, which can draw itself.

    Raises
    ------
    InputError
        If H has another driver, problem or schedule than the gap, or no gap at all.

    Notes
    -----
    Between two eigen-solves the sum of the lowest levels lies above its chord and the ground energy
    below its tangents; see :mod:`qxgap.spectra.bracket`.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0], [[0.0]])
    >>> gap = qx.minimum_gap(problem)
    >>> proof = qx.gap_certificate(problem, gap, [0.2, 0.8])
    >>> (proof.lower <= qx.spectrum(problem, [0.2, 0.8]).energies @ [-1, 1]).tolist()
    [True, True]
    """
    if not isinstance(gap, MinimumGap):
        raise InputError(f"gap is {kind_of(gap)}; give a result of minimum_gap(H)")
    H = as_hamiltonian(H)
    if path_hash(H) != gap.known.path_hash or H.schedule.name != gap.schedule:
        raise InputError(
            f"the gap is that of {gap.instance_hash} with the schedule {gap.schedule!r}, and H is "
            f"{H.instance_hash} with {H.schedule.name!r}; give the Hamiltonian that it was "
            "computed for"
        )
    if isinstance(gap, EstimatedGap):
        raise InputError(
            "the gap is an estimate, and only its last part may be proven; give a gap that was "
            "computed in the whole space, by another method than SelectedConfigurations"
        )
    if gap.status is GapStatus.NO_EXCITED_LEVEL:
        raise InputError(f"there is nothing to prove: {gap.status.value}")
    path = SchedulePath(H.schedule, H.typical_energies)
    evenly = np.union1d(np.linspace(0.0, 1.0, POINTS), gap.s)
    fractions = evenly if s is None else np.unique(np.asarray(s, dtype=np.float64))
    H.schedule(fractions)  # raises InputError for what is no anneal fraction
    nodes = sorted(gap.known.nodes, key=lambda node: node.u)
    bound = [_bound(path, nodes, at) for at in fractions.tolist()]
    return GapCertificate(gap, fractions, np.array(bound))


def _bound(path: SchedulePath, nodes: list[Node], s: float) -> float:
    """Return the lower bound at one anneal fraction, from the nodes on its two sides."""
    u, scale = path.at(s)
    places = [node.u for node in nodes]
    at = int(np.clip(np.searchsorted(places, u, side="right"), 1, len(nodes) - 1))
    left, right = nodes[at - 1], nodes[at]
    x = (u - left.u) / (right.u - left.u)
    sums = [float(node.levels.values.sum()) - node.slack for node in (left, right)]
    chord = (1.0 - x) * sums[0] + x * sums[1]
    strengths = path.strengths(u)
    low_sum = min(node.tangent(strengths, left.g) for node in (left, right))
    ground = min(node.tangent(strengths, 1) for node in (left, right))
    return scale * (chord - low_sum - ground)
