"""Mean energy of the reads above the ground energy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..statistics.bootstrap import require_confidence_level
from ..statistics.intervals import cluster_interval, jeffreys_interval
from ..statistics.seeds import Seed
from .alignment import Reads, ground_level


@dataclass(frozen=True)
class ResidualEnergy:
    """Mean energy above the ground level.

    Attributes
    ----------
    value : in the problem's unit.
    interval : at ``level``: over runs (:func:`~qxgap.statistics.cluster_interval`), or for a single
        run normal, from the variance of its reads, cut at 0. Reads of one and the same energy show
        no variance; then as many may lie elsewhere, up to the energy scale away, as the Jeffreys
        interval of none in so many reads allows.
    level : of the interval.
    """

    value: float
    interval: tuple[float, float]
    level: float


def residual_energy(
    runs: Reads | Sequence[Reads],
    *,
    ground_energy: float | None = None,
    level: float = 0.95,
    seed: Seed = 0,
) -> ResidualEnergy:
    """``<E> - E_0`` of one run or more, with an interval.

    Parameters
    ----------
    ground_energy : offset included; None computes it from all 2^d states.

    Raises
    ------
    InputError : for no runs, or runs of different problems.
    MemoryLimitError : if ``ground_energy`` is None and 2^d energies do not fit.
    """
    from scipy.special import ndtri

    aligned = [runs] if isinstance(runs, Reads) else list(runs)
    if len({r.problem.content_hash for r in aligned}) != 1:
        raise InputError("give reads of one problem, one run or more")
    require_confidence_level(level)
    lowest = ground_level(aligned[0].problem, ground_energy)
    totals = np.array([r.multiplicity @ (r.level_energies - lowest) for r in aligned])
    sizes = np.array([r.num_reads for r in aligned])
    value = float(totals.sum() / sizes.sum())
    seen = np.concatenate([r.level_energies[r.multiplicity > 0] for r in aligned])
    if np.ptp(seen) <= aligned[0].problem.ground_tolerance:
        unseen = jeffreys_interval(0, int(sizes.sum()), level)[1]
        away = aligned[0].problem.energy_scale - value
        return ResidualEnergy(value, (value * (1 - unseen), value + unseen * away), level)
    if len(aligned) > 1:
        ends = cluster_interval(totals, sizes, confidence_level=level, seed=seed)
        return ResidualEnergy(value, ends, level)
    squares = aligned[0].multiplicity @ np.square(aligned[0].level_energies - lowest - value)
    error = math.sqrt(squares / max(1, sizes[0] - 1) / sizes[0]) * float(ndtri((1 + level) / 2))
    return ResidualEnergy(value, (max(0.0, value - error), value + error), level)
