"""Tabu search as a dimod sampler that sees a QuboProblem."""

from __future__ import annotations

from typing import Any

import dimod
import dwave.samplers


class TabuSampler(dwave.samplers.TabuSampler):
    """dwave-samplers' tabu search, stopped by counts and not by the clock: a seed repeats it."""

    def sample(  # type: ignore[override]
        self,
        bqm: dimod.BinaryQuadraticModel,
        *,
        timeout: int | None = None,
        num_restarts: int = 0,
        **kwargs: Any,
    ) -> dimod.SampleSet:
        """Search from ``num_reads`` random states; parameters as those of dwave-samplers.

        ``timeout`` is in milliseconds for each read; with one, a seed no longer repeats the reads.
        """
        return super().sample(
            bqm,
            timeout=timeout,  # type: ignore[arg-type]
            num_restarts=num_restarts,
            **kwargs,
        )
