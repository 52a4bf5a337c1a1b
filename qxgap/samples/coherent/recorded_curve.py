"""Recorded fast reverse anneals; ``../data/NOTICE.txt`` has their source and licence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import dimod
import numpy as np
from numpy.typing import NDArray

from ...annealing.schedules import (
    AnnealSchedule,
    FastReverseWaveform,
    fast_reverse_waveform,
    schedule_named,
)
from ...digits import rounded
from ...dynamics.reverse import IDEAL, Imperfections, reverse_curve
from ...errors import InputError
from ...problem.bits import index_to_bits
from ...problem.qubo import QuboProblem
from ...results import Result, plain

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class ReverseCurve(Result):
    """How many spins were read in their initial state after fast reverse anneals to many targets.

    Attributes
    ----------
    problem : QuboProblem
        The problem.
    initial : tuple of int, length d
        Occupations of the initial state, in qubit order.
    targets : ndarray of float, shape (n,)
        The smallest normalized control bias c of each anneal.
    kept : ndarray of int, shape (n,)
        Number of spins, over all qubits and reads, that were read as they began.
    num_reads : int
        Number of reads at each target.
    schedule : AnnealSchedule
        The published table of the annealer, for fast anneals.
    waveform : FastReverseWaveform
        The published waveform.
    credit : dict of str
        Title, source, licence and changes of the data.
    """

    problem: QuboProblem
    initial: tuple[int, ...]
    targets: Array
    kept: NDArray[np.int64]
    num_reads: int
    schedule: AnnealSchedule
    waveform: FastReverseWaveform
    credit: dict[str, str]

    @property
    def share(self) -> Array:
        """Share of the spins that were read as they began, (n,)."""
        return self.kept / (self.num_reads * self.problem.num_qubits)

    @property
    def shot_noise(self) -> Array:
        """Standard error of each share if all spins of one read agree, (n,).

        This is the largest error that counting can cause. If the spins are independent, the error
        is smaller by a factor ``sqrt(d)``.
        """
        return np.sqrt(self.share * (1.0 - self.share) / self.num_reads)

    def select(self, low: float = 0.0, high: float = 1.0, step: int = 1) -> ReverseCurve:
        """Return the part of the curve with targets in a range.

        Parameters
        ----------
        low : float
            Smallest target.
        high : float
            Largest target.
        step : int
            1 takes all targets of the range, 2 every second one, and so on.

        Returns
        -------
        ReverseCurve
            The part.

        Raises
        ------
        InputError
            If no target is left.
        """
        rows = np.flatnonzero((self.targets >= low) & (self.targets <= high))[::step]
        if rows.size == 0:
            raise InputError(
                f"no target lies in [{low}, {high}]; recorded are {self.targets.min():g} to "
                f"{self.targets.max():g}"
            )
        return replace(self, targets=self.targets[rows], kept=self.kept[rows])

    def predict(
        self, imperfections: Imperfections = IDEAL, targets: Array | None = None, **options: Any
    ) -> Array:
        """Return the shares that the Schrödinger equation predicts.

        Parameters
        ----------
        imperfections : Imperfections
            How the annealer differs from its published tables; by default in nothing, so that
            nothing is fitted.
        targets : ndarray of float, shape (m,), optional
            Other targets; the default are those of the curve.
        **options
            Other parameters of :func:`qxgap.dynamics.reverse_curve`.

        Returns
        -------
        ndarray of float, shape (m,)
            The expected share of spins that are read as they began.

        Examples
        --------
        >>> import qxgap as qx
        >>> curve = qx.samples.larmor().select(0.42, 0.43)
        >>> bool(abs(curve.predict() - curve.share).max() < 0.03)
        True
        """
        places = self.targets if targets is None else targets
        distributions = reverse_curve(
            self.problem,
            places,
            self.schedule,
            self.initial,
            self.waveform,
            imperfections,
            **options,
        )
        bits = index_to_bits(np.arange(2**self.problem.num_qubits), self.problem.num_qubits)
        return np.asarray(distributions @ (bits == np.array(self.initial)).mean(axis=1))

    def to_dict(self) -> dict[str, Any]:
        """Return the recorded curve as plain Python values.

        Returns
        -------
        dict of str
            The instance hash, the number of reads, targets, counts, schedule, waveform and credit.
        """
        return {
            "instance_hash": self.problem.content_hash,
            "num_qubits": self.problem.num_qubits,
            "num_reads": self.num_reads,
            "targets": plain(self.targets),
            "kept": plain(self.kept),
            "schedule": self.schedule.name,
            "waveform": repr(self.waveform),
            "credit": plain(self.credit),
        }

    def to_dataframe(self) -> pd.DataFrame:
        """Return the curve as a table.

        Returns
        -------
        pandas.DataFrame
            The columns target, kept and share, a row for each target.
        """
        import pandas as pd

        return pd.DataFrame({"target": self.targets, "kept": self.kept, "share": self.share})

    def plot(self, ax: Any = None) -> Any:
        """Draw the recorded shares, and the prediction with nothing fitted.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ...plotting import reverse_shares  # loads matplotlib

        laws = {"Schrödinger, nothing fitted": self.predict()}
        return reverse_shares(self.targets, self.share, laws, ax=ax)

    def __str__(self) -> str:
        lowest, highest = float(self.share.min()), float(self.share.max())
        return (
            f"After fast reverse anneals to {self.targets.size} targets, between "
            f"{rounded(lowest)} and {rounded(highest)} of the {self.problem.num_qubits} "
            "spins were read as they began."
        )


def larmor() -> ReverseCurve:
    """Load a recorded Larmor precession: fast reverse anneals of a ring of four spins.

    Four spins with ferromagnetic couplings J = -1 all begin up. The anneal goes back to a target of
    the control bias, where the transverse field turns the spins, and returns within about 15 ns.
    The curve has 345 targets with 1024 reads each.

    Returns
    -------
    ReverseCurve
        The curve. Credit: D-Wave's documentation, Apache-2.0.

    Notes
    -----
    The counts were read off a published figure, which does not name its solver. The table and the
    waveform are those of ``Advantage2_system4``, which fit best among the published ones.

    Examples
    --------
    >>> import qxgap as qx
    >>> curve = qx.samples.larmor()
    >>> curve.targets.size, curve.num_reads, curve.problem.num_qubits
    (345, 1024, 4)
    """
    text = (files("qxgap.samples") / "data" / "larmor.csv").read_text(encoding="utf-8")
    targets, kept = np.loadtxt(text.splitlines(), delimiter=",", skiprows=1, unpack=True)
    ring = dimod.BinaryQuadraticModel.from_ising(
        dict.fromkeys(range(4), 0.0), {(q, (q + 1) % 4): -1.0 for q in range(4)}
    )
    table = schedule_named("Advantage2_system4_fast")
    return ReverseCurve(
        problem=QuboProblem.from_bqm(ring),
        initial=(0, 0, 0, 0),
        targets=targets,
        kept=kept.astype(np.int64),
        num_reads=1024,
        schedule=table,
        waveform=fast_reverse_waveform(table.name),
        credit={
            "title": "Larmor precession of a ring of four ferromagnetic qubits",
            "source": "dwavesystems/dwave-ocean-sdk, commit 46a8bc1, "
            "docs/_images/fast_reverse_annealing_larmor.svg",
            "licence": "Apache-2.0",
            "changes": "counts read off the figure; 115 of its 460 targets are left out",
        },
    )
