"""How often, and by how much, a schedule made from the gap succeeds more often than an even one."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..statistics import Estimate, Resampling, Seed, jeffreys_interval

PAIRS = (
    ("local", "even"),
    ("points", "even"),
    ("points", "local"),
    ("coupled", "even"),
    ("pause", "even"),
)
"""The schedules that are compared: the first one with the second."""


@dataclass(frozen=True)
class ScheduleGain:
    """What one schedule gains over another one in the same anneal time.

    Attributes
    ----------
    schedule, reference : str
        The two schedules: ``"even"``, ``"local"`` (slow where the gap is small), ``"points"`` (that
        one in few points), ``"coupled"`` (with a pace divided by the coupling) or ``"pause"``.
    setting : str
        The driver, and the schedule of the study.
    tau : float
        The anneal time.
    num_better, num_worse, num_problems : int
        Number of problems of which the success probability differs by more than the error of the
        integration, up or down, and of all.
    share_better : Estimate
        Share of problems that succeed more often, with Jeffreys' interval, which takes the problems
        as independent.
    difference : Estimate
        Mean difference of the success probabilities, problem by problem, with the interval from
        resampling clusters.
    """

    schedule: str
    reference: str
    setting: str
    tau: float
    num_better: int
    num_worse: int
    num_problems: int
    share_better: Estimate
    difference: Estimate


def schedule_gains(rows: pd.DataFrame, *, seed: Seed = 1) -> list[ScheduleGain]:
    """Return the gains of the schedules, for every setting and anneal time.

    Parameters
    ----------
    rows : DataFrame
        Rows of the task ``schedules``, with the columns setting and cluster.
    seed : int, numpy.random.Generator or None
        Seed of the resamples.

    Returns
    -------
    list of ScheduleGain
        In the order of settings, anneal times and schedules. A schedule that no problem has is left
        out.

    Examples
    --------
    >>> import pandas as pd
    >>> from qxgap.analysis import schedule_gains
    >>> rows = pd.DataFrame({"even_success": [0.5, 0.4], "local_success": [0.7, 0.3]})
    >>> rows = rows.assign(setting="paper", tau=10.0, cluster=[0, 1], schedules_error=1e-6)
    >>> gain, = schedule_gains(rows)
    >>> gain.num_better, gain.num_worse, round(gain.difference.value, 3)
    (1, 1, 0.05)
    """
    return [
        _gain(known, one, other, str(setting), float(tau), seed)
        for (setting, tau), part in rows.groupby(["setting", "tau"], sort=False)
        for one, other in PAIRS
        if f"{one}_success" in part
        and len(known := part.dropna(subset=[f"{one}_success", f"{other}_success"]))
    ]


def _gain(
    rows: pd.DataFrame, schedule: str, reference: str, setting: str, tau: float, seed: Seed
) -> ScheduleGain:
    """Return what one schedule gains over another one, in rows that have both."""
    first, second = (rows[f"{name}_success"].astype(float) for name in (schedule, reference))
    change = first - second
    error = 2 * rows.schedules_error.fillna(0.0).astype(float)
    better, number = int((change > error).sum()), len(rows)
    return ScheduleGain(
        schedule=schedule,
        reference=reference,
        setting=setting,
        tau=tau,
        num_better=better,
        num_worse=int((change < -error).sum()),
        num_problems=number,
        share_better=Estimate(better / number, *jeffreys_interval(better, number), number),
        difference=Resampling.of(rows.cluster, seed=seed).mean(change),
    )
