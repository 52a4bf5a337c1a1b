"""One correction after the other is fitted to a recorded curve, and tested on what was left out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...digits import rounded, suffix_of
from ...dynamics.reverse import IDEAL, Imperfections
from ...errors import InputError
from ...progress import Progress, followed
from ...results import Result, plain
from ...statistics.bootstrap import (
    CONFIDENCE_LEVEL,
    cluster_draws,
    cluster_tail,
    percentile_interval,
)
from ...statistics.intervals import cluster_interval
from ...statistics.seeds import Seed, random_generator
from .corrections import Correction
from .recorded_curve import ReverseCurve

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

BLOCK = 12
"""Neighboring targets that are drawn, or left out, together: a little more than a period."""

RESAMPLES = 2000
"""The number of curves that are drawn for an interval."""

FINER = 13
"""The number of values that are tried between the two neighbors of the best one."""

SEED_OF_BLOCKS = 0
"""The seed of the drawn blocks, by default."""


class CorrectionStatus(StrEnum):
    """Whether a correction brings theory closer to targets that it was not fitted to."""

    HELPS = "HELPS"
    """It does, by more than the interval of the difference leaves open."""

    UNDECIDED = "UNDECIDED"
    """The interval of the difference contains zero."""

    HARMS = "HARMS"
    """It makes the prediction of targets that were left out worse."""

    AT_LIMIT = "AT_LIMIT"
    """The best value is the largest or smallest that was tried: the law does not describe the
    data."""


@dataclass(frozen=True, eq=False, repr=False)
class CorrectionFit(Result):
    """One correction, fitted to a curve.

    Attributes
    ----------
    correction : Correction
        The correction.
    value : float
        The value with the smallest mean square deviation.
    interval : tuple of float
        95 % interval of the value: neighboring targets are drawn together, with replacement.
    deviation : float
        Root mean square deviation of the shares after the correction.
    left_out_deviation : float
        The same, each block of neighboring targets with the value that the others give.
    improvement : tuple of float
        95 % interval of the mean square deviation with nothing fitted minus that of targets left
        out.
    status : CorrectionStatus
        Whether the correction helps.
    predicted : ndarray of float, shape (n,)
        The shares that theory predicts with the correction.

    Examples
    --------
    >>> import qxgap as qx
    >>> from qxgap.samples import Correction
    >>> curve = qx.samples.larmor().select(low=0.40, step=3)
    >>> table = qx.samples.compare_corrections(curve, [Correction.AXIS_SHIFT], block=4)
    >>> fit = table.best  # a CorrectionFit
    >>> fit.status.name, 0.001 < fit.value < 0.005
    ('HELPS', True)
    """

    correction: Correction
    value: float
    interval: tuple[float, float]
    deviation: float
    left_out_deviation: float
    improvement: tuple[float, float]
    status: CorrectionStatus
    predicted: Array

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as plain Python values.

        Returns
        -------
        dict of str
            All attributes but the predicted shares.
        """
        return {
            "correction": self.correction.value,
            "value": self.value,
            "interval": plain(self.interval),
            "deviation": self.deviation,
            "left_out_deviation": self.left_out_deviation,
            "improvement": plain(self.improvement),
            "status": self.status.value,
        }

    def __str__(self) -> str:
        words = self.correction.words
        low, high = (rounded(end) for end in self.interval)
        return (
            f"With the {words.name} {rounded(self.value)}{suffix_of(words.unit)} (95 % interval "
            f"{low} to {high}) theory deviates from the reads by {rounded(self.deviation, 2)} "
            "(root mean square of the share of spins)."
        )


@dataclass(frozen=True, eq=False, repr=False)
class CorrectionTable(Result):
    """A curve against theory: with nothing fitted, and with one correction at a time.

    Attributes
    ----------
    curve : ReverseCurve
        The recorded curve.
    predicted : ndarray of float, shape (n,)
        The shares that theory predicts with nothing fitted.
    deviation : float
        Root mean square deviation of the shares with nothing fitted.
    interval : tuple of float
        95 % interval of the deviation.
    spread : float
        Standard deviation of the recorded shares: the deviation of the best constant.
    shot_noise : float
        The deviation that counting alone may cause, root mean square of its largest value.
    fits : tuple of CorrectionFit
        The corrections, the one that predicts left-out targets best first.
    """

    curve: ReverseCurve
    predicted: Array
    deviation: float
    interval: tuple[float, float]
    spread: float
    shot_noise: float
    fits: tuple[CorrectionFit, ...]

    @property
    def best(self) -> CorrectionFit:
        """The correction that predicts targets that were left out best."""
        return self.fits[0]

    @property
    def explained(self) -> bool:
        """Whether a correction brings theory within what counting alone may cause."""
        return self.best.left_out_deviation <= self.shot_noise

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain Python values.

        Returns
        -------
        dict of str
            The range of targets, deviation, spread, shot noise and a list of fits.
        """
        return {
            "num_targets": int(self.curve.targets.size),
            "first_target": float(self.curve.targets.min()),
            "last_target": float(self.curve.targets.max()),
            "deviation": self.deviation,
            "interval": plain(self.interval),
            "spread": self.spread,
            "shot_noise": self.shot_noise,
            "explained": self.explained,
            "fits": [fit.to_dict() for fit in self.fits],
        }

    def to_dataframe(self) -> pd.DataFrame:
        """Return the fits as a table.

        Returns
        -------
        pandas.DataFrame
            A row for each correction, the best first.
        """
        import pandas as pd

        return pd.DataFrame([fit.to_dict() for fit in self.fits])

    def plot(self, ax: Any = None) -> Any:
        """Draw the reads, theory with nothing fitted, and theory with the best correction.

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

        laws = {
            "Schrödinger, nothing fitted": self.predicted,
            f"with {self.best.correction.words.name}": self.best.predicted,
        }
        return reverse_shares(self.curve.targets, self.curve.share, laws, ax=ax)

    def __str__(self) -> str:
        low, high = float(self.curve.targets.min()), float(self.curve.targets.max())
        first = (
            f"For targets from {low:.3g} to {high:.3g} the Schrödinger equation with nothing "
            f"fitted deviates from the reads by {rounded(self.deviation, 2)} (root mean square of "
            f"the share of spins), where a constant deviates by {rounded(self.spread, 2)} and "
            f"counting by {rounded(self.shot_noise, 2)} at most."
        )
        verdict = (
            "One correction is enough to reach the accuracy of counting."
            if self.explained
            else "No single correction reaches the accuracy of counting."
        )
        return "\n".join([first, verdict, *map(str, self.fits)])


def compare_corrections(
    curve: ReverseCurve,
    corrections: Iterable[Correction] = tuple(Correction),
    *,
    values: Mapping[Correction, ArrayLike] | None = None,
    block: int = BLOCK,
    seed: Seed = SEED_OF_BLOCKS,
    progress: Progress = None,
    **options: Any,
) -> CorrectionTable:
    """Compare a recorded curve with theory: with nothing fitted, then with one correction each.

    Parameters
    ----------
    curve : ReverseCurve
        The recorded curve, or a part of it (:meth:`ReverseCurve.select`).
    corrections : iterable of Correction
        The corrections, each fitted alone.
    values : mapping of Correction to array_like of float, optional
        The values that are tried, ascending; the default are ``correction.values``.
    block : int
        Number of neighboring targets that are drawn, or left out, together.
    seed : int, numpy.random.Generator or None
        Seed of the drawn blocks.
    progress : callable or bool, optional
        A function such as ``print``, which is called with lines of text about what is going on;
        True for a line on stderr, False for nothing.
    **options
        Other parameters of :func:`qxgap.dynamics.reverse_curve`.

    Returns
    -------
    CorrectionTable
        The comparison. Nothing in it was tested on data that were not fitted, other than the
        deviation with nothing fitted and ``left_out_deviation``.

    Raises
    ------
    InputError
        Without corrections, for a block without targets, for fewer than three blocks, and for
        fewer than three values to try.

    Notes
    -----
    The curve is computed at all values, because its oscillations have many local minima, and at
    more values near the best one. Between values the sum of squares is a parabola.

    Examples
    --------
    >>> import qxgap as qx
    >>> from qxgap.samples import Correction
    >>> curve = qx.samples.larmor().select(low=0.40, step=2)
    >>> table = qx.samples.compare_corrections(curve, [Correction.PROBLEM_SCALE])
    >>> table.best.deviation < table.deviation / 4
    True
    """
    chosen = list(corrections)
    if not chosen:
        raise InputError("no corrections: give a list of members of qxgap.samples.Correction")
    blocks = _blocks(curve.targets, block)
    if len(blocks) < 3:
        raise InputError(
            f"{curve.targets.size} targets give {len(blocks)} blocks of {block}; an interval needs "
            "three: give more targets or a smaller block"
        )
    rng = random_generator(seed)
    batches = cluster_draws(len(blocks), RESAMPLES, rng)
    draws = np.concatenate(
        [np.apply_along_axis(np.bincount, 1, batch, minlength=len(blocks)) for batch in batches]
    )
    predicted = curve.predict(IDEAL, **options)
    ideal = _sums(predicted - curve.share, blocks)
    fits: list[CorrectionFit] = []
    with followed(progress) as say:
        for correction in chosen:
            say(f"{correction.words.name}: fit {len(fits) + 1} of {len(chosen)}")
            tried = np.asarray((values or {}).get(correction, correction.values), dtype=np.float64)
            fits.append(_fit(curve, correction, tried, blocks, draws, ideal, rng, options))
    fits.sort(key=lambda fit: fit.left_out_deviation)
    squares = cluster_interval(ideal, [rows.size for rows in blocks], seed=rng)
    return CorrectionTable(
        curve=curve,
        predicted=predicted,
        deviation=_rms(predicted - curve.share),
        interval=(math.sqrt(max(squares[0], 0.0)), math.sqrt(squares[1])),
        spread=float(curve.share.std()),
        shot_noise=_rms(curve.shot_noise),
        fits=tuple(fits),
    )


def _fit(
    curve: ReverseCurve,
    correction: Correction,
    tried: Array,
    blocks: Sequence[NDArray[np.int64]],
    draws: NDArray[np.int64],
    ideal: Array,
    rng: np.random.Generator,
    options: Mapping[str, Any],
) -> CorrectionFit:
    """Fit one correction."""
    if tried.ndim != 1 or tried.size < 3 or np.any(np.diff(tried) <= 0):
        raise InputError(f"{correction.name}: give three or more values to try, ascending")

    def predict(value: float, targets: Array | None = None) -> Array:
        return curve.predict(Imperfections(**{correction.value: value}), targets, **options)

    def block_losses(values: Array) -> Array:
        return np.array([_sums(predict(float(v)) - curve.share, blocks) for v in values])

    losses = block_losses(tried)
    near = int(np.clip(losses.sum(axis=1).argmin(), 1, tried.size - 2))
    finer = np.setdiff1d(np.linspace(tried[near - 1], tried[near + 1], FINER), tried)
    losses, tried = np.vstack([losses, block_losses(finer)]), np.concatenate([tried, finer])
    losses, tried = losses[np.argsort(tried)], np.sort(tried)
    best = _minimum(tried, losses.sum(axis=1)[None])[0]
    resampled = _minimum(tried, draws @ losses.T)
    others = losses.sum(axis=1)[None] - losses.T
    left_out = np.array(
        [
            np.sum((predict(float(value), curve.targets[rows]) - curve.share[rows]) ** 2)
            for value, rows in zip(_minimum(tried, others), blocks, strict=True)
        ]
    )
    predicted = predict(float(best))
    at_limit = best in (tried[0], tried[-1]) and best != 0
    improvement = cluster_interval(ideal - left_out, [rows.size for rows in blocks], seed=rng)
    tail = cluster_tail(len(blocks), CONFIDENCE_LEVEL)
    return CorrectionFit(
        correction=correction,
        value=float(best),
        interval=percentile_interval(resampled, tail),
        deviation=_rms(predicted - curve.share),
        left_out_deviation=float(np.sqrt(left_out.sum() / curve.targets.size)),
        improvement=improvement,
        status=_status(improvement, at_limit),
        predicted=predicted,
    )


def _status(improvement: tuple[float, float], at_limit: bool) -> CorrectionStatus:
    """Whether a correction helps, by the interval of its improvement."""
    if at_limit:
        return CorrectionStatus.AT_LIMIT
    if improvement[0] > 0:
        return CorrectionStatus.HELPS
    return CorrectionStatus.HARMS if improvement[1] < 0 else CorrectionStatus.UNDECIDED


def _blocks(targets: Array, size: int) -> list[NDArray[np.int64]]:
    """The positions of neighboring targets, in blocks of nearly equal size."""
    if size < 1:
        raise InputError(f"block = {size}: a block has one target at least")
    number = max(round(targets.size / size), 1)
    return np.array_split(np.argsort(targets, kind="stable"), number)


def _sums(deviations: Array, blocks: Sequence[NDArray[np.int64]]) -> Array:
    """The sum of squared deviations in each block."""
    return np.array([np.sum(deviations[rows] ** 2) for rows in blocks])


def _minimum(tried: Array, losses: Array) -> Array:
    """The value with the least loss, (m,), of each row of losses (m, k): by a parabola."""
    at = losses.argmin(axis=1)
    inner = np.clip(at, 1, tried.size - 2)
    rows = np.arange(len(losses))
    y0, y1, y2 = (losses[rows, inner + k] for k in (-1, 0, 1))
    x0, x1, x2 = (tried[inner + k] for k in (-1, 0, 1))
    below, above = (y1 - y0) / (x1 - x0), (y2 - y1) / (x2 - x1)
    bend = above - below
    with np.errstate(divide="ignore", invalid="ignore"):
        vertex = (x0 + x1) / 2 - below * (x2 - x0) / 2 / bend
    inside = (at == inner) & (bend > 0)
    return np.where(inside, np.clip(vertex, x0, x2), tried[at])


def _rms(deviations: Array) -> float:
    """The root mean square."""
    return float(np.sqrt(np.mean(deviations**2)))
