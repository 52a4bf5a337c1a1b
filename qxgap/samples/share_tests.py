"""Predictions of the share of ground states, and the test of each of them by reads.

The share is one number, so that its test is exact: by the binomial law, or by Fisher's test against
a prediction that was counted in reads of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..digits import percent
from ..dynamics import AnnealResult, SelectedAnneal
from ..errors import InputError
from ..problem.proven_levels import KnownLevels
from ..problem.qubo import QuboProblem
from ..results import Result
from ..statistics.goodness import SIGNIFICANCE_LEVEL, adjusted_p_values
from .alignment import Reads
from .models import SCHRODINGER

if TYPE_CHECKING:
    import pandas as pd


class SuccessPrediction(Protocol):
    """A prediction that says with which probability a ground state is read.

    The results of :func:`~qxgap.anneal` are such predictions, those of
    :class:`~qxgap.dynamics.SelectedDynamics` at any number of qubits, and any object with these
    attributes is one. An attribute ``interval`` (low, high) says between which bounds the
    probability is proven to lie, or ``error_estimate`` by how much it may be wrong.
    """

    @property
    def problem(self) -> QuboProblem:
        """The problem."""
        ...

    @property
    def success_probability(self) -> float:
        """The predicted probability to read a ground state."""
        ...

    @property
    def tau(self) -> float:
        """The anneal time of one read."""
        ...


@dataclass(frozen=True, eq=False, repr=False)
class GroundPrediction(Result):
    """The share of ground states that a model predicts for the reads of one problem.

    Attributes
    ----------
    problem : QuboProblem
        The problem.
    model : str
        Name of the model.
    success_probability : float
        Predicted probability that a read is a ground state.
    tau : float
        Anneal time of one read.
    error_estimate : float or None
        By how much the probability may be wrong; None if nothing is known of it.
    reads : Reads or None
        The reads of the model from which the probability was counted; None for an exact one.
    note : str
        The numbers that went into the model.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0], [[0.0]])
    >>> print(qx.samples.GroundPrediction(problem, "coin", 0.5, tau=1.0))
    coin predicts 50 % ground states.
    """

    problem: QuboProblem
    model: str
    success_probability: float
    tau: float
    error_estimate: float | None = None
    reads: Reads | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.success_probability <= 1:
            raise InputError(
                f"success_probability = {self.success_probability}; give a number from 0 to 1"
            )

    def to_dict(self) -> dict[str, Any]:
        """Return the prediction as plain Python values.

        Returns
        -------
        dict
            The model, its ground probability with its error, the anneal time and the note.
        """
        return {
            "model": self.model,
            "ground_probability": self.success_probability,
            "error_estimate": self.error_estimate,
            "tau": self.tau,
            "note": self.note,
        }

    def __str__(self) -> str:
        note = f" ({self.note})" if self.note else ""
        return f"{self.model}{note} predicts {percent(self.success_probability)} % ground states."


def tested_predictions(
    predictions: Sequence[SuccessPrediction], runs: Sequence[Reads], levels: KnownLevels
) -> pd.DataFrame:
    """Return the table of the predictions, each tested against each run."""
    import pandas as pd

    hits = [(run.ground_reads(levels), run.num_reads) for run in runs]
    tests = [[_p_value(each, levels, *hit) for hit in hits] for each in predictions]
    adjusted = np.ravel(tests)
    if adjusted.size > 1:
        adjusted = adjusted_p_values(adjusted, independent=False)
    names = ("model", "note", "ground_probability", "low", "high")
    columns = [*names, "p_value", "rejected_runs", "acceptable"]
    rows = [
        (
            _name(each),
            getattr(each, "note", ""),
            _share(each, levels),
            *_bounds(each, levels),
            float(p.min()),
            int((p < SIGNIFICANCE_LEVEL).sum()),
            bool(p.min() >= SIGNIFICANCE_LEVEL),
        )
        for each, p in zip(predictions, adjusted.reshape(len(predictions), len(runs)), strict=True)
    ]
    return pd.DataFrame(rows, columns=columns)


def _name(prediction: SuccessPrediction) -> str:
    """Return the name of the model; that of a closed anneal is the Schrödinger equation."""
    if isinstance(prediction, AnnealResult | SelectedAnneal):
        return SCHRODINGER
    return str(getattr(prediction, "model", type(prediction).__name__))


def _bounds(prediction: SuccessPrediction, levels: KnownLevels) -> tuple[float, float]:
    """Return the bounds between which the predicted share is known; equal ones if it is exact."""
    share = _share(prediction, levels)
    interval = getattr(prediction, "interval", None)
    error = getattr(prediction, "error_estimate", None) or 0.0
    low, high = interval or (share - error, share + error)
    return max(0.0, float(low)), min(1.0, float(high))


def _share(prediction: SuccessPrediction, levels: KnownLevels) -> float:
    """Return the predicted share; that of a prediction known by its reads is counted anew.

    If the lowest energy is not proven, it may be known better than when the prediction was made.
    """
    reads: Reads | None = getattr(prediction, "reads", None)
    if reads is None:
        return float(prediction.success_probability)
    return reads.ground_reads(levels) / reads.num_reads


def _p_value(prediction: SuccessPrediction, levels: KnownLevels, hits: int, reads: int) -> float:
    """Return the probability of a share as far from the predicted one as this."""
    from scipy.stats import binomtest, fisher_exact

    own: Reads | None = getattr(prediction, "reads", None)
    if own is not None:
        drawn = own.ground_reads(levels)
        table = [[hits, reads - hits], [drawn, own.num_reads - drawn]]
        return float(fisher_exact(table).pvalue)
    low, high = _bounds(prediction, levels)
    likely = min(max(hits / reads, low), high)
    return float(binomtest(hits, reads, likely).pvalue)
