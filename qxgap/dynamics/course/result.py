"""The course of an anneal, with its figures and its slider."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...checks import require_whole
from ...digits import suffix_of
from ...errors import InputError
from ...problem.bits import index_to_bits
from ...problem.qubo import QuboProblem
from ...results import Result, plain
from ...spectra.minimum import MinimumGap

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ...plotting import HtmlFigure

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class AnnealCourse(Result):
    """Levels, ground state and annealed state along an anneal, as :func:`anneal_course` makes it.

    In a notebook it shows itself with a slider over the anneal fraction.

    Attributes
    ----------
    problem : QuboProblem
        Problem that is annealed.
    minimum : MinimumGap
        The certified minimum gap.
    s : ndarray of float, shape (n,)
        Anneal fractions, ascending.
    energies : ndarray of float, shape (n, k)
        Lowest levels of H(s), without the problem's offset.
    ground : ndarray of float, shape (n, 2^d)
        Probability of each basis state in the ground state of H(s), in state index order. Where a
        problem has several ground states, they are equally probable at the end.
    taus : ndarray of float, shape (t,)
        Anneal times; empty if none were given.
    annealed : ndarray of float, shape (t, n, 2^d)
        Probability of each basis state after the fraction s of an anneal of each time.
    populations : ndarray of float, shape (t, n)
        Probability that the anneal is in a lowest level of H(s), one of those that end in the
        ground states of the problem. At s = 1 it is the success probability.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -0.5], [[0.0, 1.2], [0.0, 0.0]])
    >>> course = qx.anneal_course(problem, tau=[2.0, 30.0])
    >>> course.populations[:, -1].round(2).tolist()
    [0.35, 0.94]
    """

    problem: QuboProblem
    minimum: MinimumGap
    s: Array
    energies: Array
    ground: Array
    taus: Array
    annealed: Array
    populations: Array

    @property
    def gaps(self) -> Array:
        """The gap at every s, to the first level above those that end in a ground state; (n,)."""
        return self.energies[:, self.problem.degeneracy] - self.energies[:, 0]

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as plain Python values, without the probabilities of basis states.

        Returns
        -------
        dict of str
            Lists and numbers, and the minimum gap as a dictionary.
        """
        return plain(
            {
                "s": self.s,
                "gaps": self.gaps,
                "energies": self.energies,
                "taus": self.taus,
                "populations": self.populations,
                "minimum_gap": self.minimum,
                "unit": self.minimum.unit,
                "instance_hash": self.problem.content_hash,
            }
        )

    def to_dataframe(self) -> pd.DataFrame:
        """Return a row for each anneal fraction.

        Returns
        -------
        pandas.DataFrame
            The columns s, gap, energy_0 and so on, and one population for each anneal time.
        """
        import pandas as pd

        columns: dict[str, Array] = {"s": self.s, "gap": self.gaps}
        columns |= {f"energy_{k}": level for k, level in enumerate(self.energies.T)}
        for tau, population in zip(self.taus.tolist(), self.populations, strict=True):
            columns[f"population_tau_{tau:g}"] = population
        return pd.DataFrame(columns)

    def plot(self, ax: Axes | None = None) -> Figure:
        """Draw the levels above the ground state against s.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ...plotting import spectrum_levels

        return spectrum_levels(self.s, self.energies, self.minimum.unit, above_ground=True, ax=ax)

    def plot_populations(self, ax: Axes | None = None) -> Figure:
        """Draw the probability of the lowest level against s, a curve for each anneal time.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.

        Raises
        ------
        InputError
            If the course was computed without anneal times.
        """
        from ...plotting import curves

        if not self.taus.size:
            raise InputError("there are no populations; give anneal times: anneal_course(H, tau)")
        pairs = zip(self.taus.tolist(), self.populations, strict=True)
        series = {f"tau = {tau:g}": population for tau, population in pairs}
        ylabel = "probability of the lowest level"
        return curves(self.s, series, "anneal fraction s", ylabel, ax=ax)

    def slider(self, num_states: int = 12) -> HtmlFigure:
        """Return a figure with a slider over s, which works without a kernel and a network.

        Parameters
        ----------
        num_states : int, optional
            Largest number of basis states that have a bar; the most probable ones are shown.

        Returns
        -------
        qxgap.plotting.HtmlFigure
            The figure, which shows itself in a notebook and can be saved as a page.
        """
        from ...plotting import anneal_slider

        states, names = self._shown_states(num_states)
        return anneal_slider(
            self.s,
            self.energies - self.energies[:, :1],
            self.problem.degeneracy,
            names,
            self.ground[:, states],
            {
                tau: (population, annealed[:, states])
                for tau, population, annealed in zip(
                    self.taus.tolist(), self.populations, self.annealed, strict=True
                )
            },
            start=self.minimum.s_star,
            unit="" if self.minimum.unit == "dimensionless" else self.minimum.unit,
        )

    def _shown_states(self, number: int) -> tuple[NDArray[np.int64], list[str]]:
        """Return the states that are most probable somewhere, lowest energy first, and names."""
        require_whole(number, "num_states", "the number of basis states that have a bar")
        if number < 1:
            raise InputError(f"num_states = {number}; give at least 1")
        highest = np.maximum(self.ground.max(axis=0), self.annealed.max(axis=(0, 1), initial=0.0))
        likely = np.argsort(-highest, kind="stable")[:number]
        states = likely[np.argsort(self.problem.diagonal[likely], kind="stable")]
        bits = index_to_bits(states, self.problem.num_qubits)
        return states, ["".join(map(str, row)) for row in bits.tolist()]

    def _repr_html_(self) -> str:
        """Return the sentences of ``str`` and the slider, as notebooks show it."""
        sentences = html.escape(str(self)).replace("\n", " ")
        return f"<p>{sentences}</p>\n{self.slider().html}"

    def __str__(self) -> str:
        unit = suffix_of(self.minimum.unit)
        sentences = [
            f"The gap is smallest at s = {self.minimum.s_star:.2g}, where it is "
            f"{self.minimum.value:.2g}{unit}."
        ]
        if self.taus.size:
            times = ", ".join(f"{tau:g}" for tau in self.taus.tolist())
            shares = ", ".join(f"{share:.2g}" for share in self.populations[:, -1].tolist())
            one = self.taus.size == 1
            sentences.append(
                f"An anneal of time {times} succeeds with probability {shares}."
                if one
                else f"Anneals of the times {times} succeed with the probabilities {shares}."
            )
        return "\n".join(sentences)
