"""The best selection at every tradeoff, by parametric search.

The energy of one selection is a straight line in the tradeoff. The lowest energy is the lower
envelope of these lines: piecewise linear and concave, with a breakpoint wherever another selection
becomes the best one. If the same two selections are the best ones at both ends of an interval and,
where their lines cross, no third one is below, the crossing is the only breakpoint between them.
Otherwise the third one divides the interval (Eisner and Severance 1976).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..checks import kind_of
from ..digits import counted
from ..errors import InputError
from ..problem import FeatureSelection, OptimumStatus, QuboProblem, feature_selection_of, minimize
from ..progress import Progress, Say, followed
from ..results import Result, plain
from ..statistics.seeds import Seed, random_generator

if TYPE_CHECKING:
    import pandas as pd

Selections = NDArray[np.uint8]

SHORTEST = 1e-12
"""Shorter parts of the path come from ties at one tradeoff, and are left out."""


@dataclass(frozen=True, eq=False, repr=False)
class TradeoffPath(Result):
    """The best selection at every tradeoff from 0 to 1.

    Attributes
    ----------
    source : FeatureSelection
        The features; its own tradeoff is the one that is marked.
    breakpoints : ndarray of float, shape (m + 1,)
        Where the best selection changes, ascending; the first is 0 and the last is 1.
    occupations : ndarray of uint8, shape (m, d)
        The best selection between two breakpoints, as bits.
    is_proven : bool
        Whether branch and bound proved that every selection is the best one; otherwise some may
        only be the best known ones.
    num_searches : int
        Number of problems that were solved.

    Examples
    --------
    >>> import qxgap as qx
    >>> selection = qx.FeatureSelection([1.0, 0.8], [[0.0, 0.4], [0.4, 0.0]], tradeoff=0.7)
    >>> path = qx.tradeoff_path(selection)
    >>> path.breakpoints.round(3).tolist(), path.selections
    ([0.0, 0.333, 1.0], ((0,), (0, 1)))
    """

    source: FeatureSelection
    breakpoints: NDArray[np.float64]
    occupations: Selections
    is_proven: bool
    num_searches: int

    @property
    def selections(self) -> tuple[tuple[Any, ...], ...]:
        """The labels of each best selection."""
        labels = self.source.labels
        return tuple(
            tuple(label for label, n in zip(labels, row, strict=True) if n)
            for row in self.occupations
        )

    @property
    def sizes(self) -> NDArray[np.int64]:
        """The number of selected features of each selection, shape (m,)."""
        return self.occupations.sum(axis=1, dtype=np.int64)

    def at(self, tradeoff: ArrayLike) -> NDArray[np.int64]:
        """Return the numbers of the best selections at some tradeoffs.

        Parameters
        ----------
        tradeoff : array_like of float
            Tradeoffs in [0, 1].

        Returns
        -------
        ndarray of int
            Positions in ``selections``; at a breakpoint that of the selection above it.

        Raises
        ------
        InputError
            For a tradeoff outside [0, 1].
        """
        wanted = np.asarray(tradeoff, dtype=np.float64)
        if not np.all((wanted >= 0) & (wanted <= 1)):
            raise InputError(f"tradeoff = {wanted.tolist()}; give numbers from 0 to 1")
        return np.searchsorted(self.breakpoints[1:-1], wanted, side="right")

    @property
    def stable_interval(self) -> tuple[float, float]:
        """The tradeoffs, from and to, between which the selection stays that of the source."""
        here = int(self.at(self.source.tradeoff))
        return float(self.breakpoints[here]), float(self.breakpoints[here + 1])

    def to_dict(self) -> dict[str, Any]:
        """Return the path as plain Python values.

        Returns
        -------
        dict of str
            tradeoff (of the source), stable_interval, breakpoints, sizes, selections, is_proven and
            num_searches.
        """
        return {
            "tradeoff": self.source.tradeoff,
            "stable_interval": list(self.stable_interval),
            "breakpoints": plain(self.breakpoints),
            "sizes": plain(self.sizes),
            "selections": plain(self.selections),
            "is_proven": self.is_proven,
            "num_searches": self.num_searches,
        }

    def to_dataframe(self) -> pd.DataFrame:
        """Return a row for each best selection.

        Returns
        -------
        pandas.DataFrame
            The columns low and high (tradeoffs between which it is the best one), size, selection,
            added and removed (labels, compared with the row before).
        """
        import pandas as pd

        chosen = self.selections
        before = (chosen[0], *chosen[:-1])
        return pd.DataFrame(
            {
                "low": self.breakpoints[:-1],
                "high": self.breakpoints[1:],
                "size": self.sizes,
                "selection": chosen,
                "added": [_without(new, old) for new, old in zip(chosen, before, strict=True)],
                "removed": [_without(old, new) for new, old in zip(chosen, before, strict=True)],
            }
        )

    def plot(self, ax: Any = None) -> Any:
        """Draw the size of the best selection, and its features, against the tradeoff.

        Parameters
        ----------
        ax : sequence of two matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import selection_path  # loads matplotlib

        order = np.argsort(-self.source.rewards, kind="stable")
        labels = [self.source.labels[p] for p in order]
        return selection_path(
            self.breakpoints, self.occupations[:, order], labels, self.source.tradeoff, ax=ax
        )

    def __str__(self) -> str:
        low, high = self.stable_interval
        size = int(self.sizes[int(self.at(self.source.tradeoff))])
        first, last, number = self.sizes[0], self.sizes[-1], self.source.rewards.size
        text = (
            f"As the tradeoff goes from 0 to 1, the best selection grows from {first} to {last} of "
            f"{counted(number, 'feature')} and changes {counted(len(self.sizes) - 1, 'time')}. At "
            f"the tradeoff {self.source.tradeoff:g} it has {size}, and it is the same from "
            f"{low:.3g} to {high:.3g}."
        )
        return text if self.is_proven else text + " Some of them are only the best known ones."


def _without(labels: tuple[Any, ...], others: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the labels that are not among the others."""
    return tuple(label for label in labels if label not in others)


def tradeoff_path(
    selection: FeatureSelection | QuboProblem,
    *,
    max_nodes: int = 200_000,
    seed: Seed = 0,
    progress: Progress = None,
) -> TradeoffPath:
    """Find the best selection at every tradeoff from 0 to 1, and exactly where it changes.

    Parameters
    ----------
    selection : FeatureSelection or QuboProblem
        The features, or a problem that was made from them. Its own tradeoff only marks a place.
    max_nodes : int
        As in :func:`qxgap.minimize`, for each of the problems that are solved: about two for each
        breakpoint.
    seed : int, numpy.random.Generator or None
        Seed of the random starts of each search.
    progress : callable or bool, optional
        A function such as ``print``, which is called with lines of text about what is going on;
        True for a line on stderr, False for nothing. By default the line is shown after two
        seconds, in terminals and notebooks.

    Returns
    -------
    TradeoffPath
        The selections and the breakpoints, which can draw themselves.

    Raises
    ------
    InputError
        For a problem that was not made from features.

    See Also
    --------
    tradeoff_hardness : Gaps and success probabilities along the path.

    References
    ----------
    Eisner and Severance, J. ACM 23, 619 (1976): the search for breakpoints.

    Examples
    --------
    >>> import qxgap as qx
    >>> path = qx.tradeoff_path(qx.testing.random_feature_selection(8, seed=1))
    >>> print(path)  # doctest: +ELLIPSIS
    As the tradeoff goes from 0 to 1, the best selection grows from 1 to 8 of 8 features and ...
    >>> path.sizes.tolist()
    [1, 2, 3, 4, 5, 6, 7, 8]
    """
    source = feature_selection_of(selection) if isinstance(selection, QuboProblem) else selection
    if not isinstance(source, FeatureSelection):
        raise InputError(
            f"selection is {kind_of(selection)}; give a FeatureSelection, or a problem of one"
        )
    source = source.without_arrays()
    with followed(progress, "best selection at every tradeoff") as say:
        search = _Search(source, max_nodes, random_generator(seed), say)
        crossings, found = search.run()
    breakpoints, rows = [0.0], []
    for low, high, row in zip([0.0, *crossings], [*crossings, 1.0], found, strict=True):
        if high - low > SHORTEST:
            breakpoints.append(high)
            rows.append(row)
    breakpoints[-1] = 1.0  # the last part may have been left out
    return TradeoffPath(
        source,
        np.array(breakpoints),
        np.array(rows, dtype=np.uint8),
        search.is_proven,
        search.num_searches,
    )


class _Search:
    """The search for the breakpoints of one set of features."""

    def __init__(
        self, source: FeatureSelection, max_nodes: int, rng: np.random.Generator, say: Say
    ) -> None:
        self._source, self._max_nodes, self._rng, self._say = source, max_nodes, rng, say
        self.is_proven, self.num_searches = True, 0
        # the energies at the two ends determine the line of every selection
        self._ends = [self._problem(0.0), self._problem(1.0)]

    def run(self) -> tuple[list[float], list[Selections]]:
        """Return the crossings, ascending, and the selections before, between and after them."""
        first, last = self._best(0.0)[0], self._best(1.0)[0]
        crossings: list[float] = []
        found = [first]
        waiting = [(first, last)]  # pairs of selections between which something may lie
        while waiting:
            left, right = waiting.pop()
            crossing = self._crossing(left, right)
            if crossing is None:
                continue
            between, tolerance = self._best(crossing)
            energies = (self._energy(row, crossing) for row in (between, left))
            if next(energies) < next(energies) - tolerance:
                waiting += [(between, right), (left, between)]  # the left part comes first
            else:
                crossings.append(crossing)
                found.append(right)
        return crossings, found

    def _best(self, tradeoff: float) -> tuple[Selections, float]:
        """Return the best selection at one tradeoff, and the accuracy of energies there."""
        self.num_searches += 1
        self._say(f"search {self.num_searches}, tradeoff {tradeoff:.4f}")
        problem = self._problem(tradeoff)
        optimum = minimize(problem, max_nodes=self._max_nodes, seed=self._rng)
        self.is_proven &= optimum.status is OptimumStatus.OPTIMAL
        return optimum.occupations, 2.0 * problem.ground_tolerance

    def _problem(self, tradeoff: float) -> QuboProblem:
        """Return the problem at one tradeoff."""
        return self._source.with_tradeoff(tradeoff).qubo()

    def _line(self, row: Selections) -> tuple[float, float]:
        """Return the energy of a selection at the tradeoff 0, and its slope."""
        at_zero, at_one = (float(problem.energy(row)) for problem in self._ends)
        return at_zero, at_one - at_zero

    def _energy(self, row: Selections, tradeoff: float) -> float:
        """Return the energy of a selection at one tradeoff."""
        at_zero, slope = self._line(row)
        return at_zero + slope * tradeoff

    def _crossing(self, left: Selections, right: Selections) -> float | None:
        """Return the tradeoff at which two selections have one energy; None if they are alike."""
        (a, slope), (b, steeper) = self._line(left), self._line(right)
        if np.array_equal(left, right) or steeper >= slope:
            return None
        return float(np.clip((b - a) / (slope - steeper), 0.0, 1.0))
