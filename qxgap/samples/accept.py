"""What the functions that take samples accept, and what they say to anything else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dimod

from ..problem.accept import kind_of
from ..problem.errors import InputError


def require_sampleset(sampleset: Any, name: str = "sampleset") -> None:
    """Raise InputError unless it is a sample set of dimod."""
    if isinstance(sampleset, list | tuple):
        raise InputError(
            f"{name} is a {type(sampleset).__name__}; give one sample set, or hold several runs "
            "against models by qx.samples.model_ladder"
        )
    if not isinstance(sampleset, dimod.SampleSet):
        raise InputError(
            f"{name} is {kind_of(sampleset)}; give a dimod.SampleSet "
            "(qx.samples.load_sampleset reads a file)"
        )


def require_runs(runs: Any, name: str = "runs") -> None:
    """Raise InputError unless it is a sequence, of a sample set for each run."""
    if isinstance(runs, dimod.SampleSet):
        raise InputError(f"{name} is one sample set; give a list of them, a run each: [sampleset]")
    if isinstance(runs, str) or not isinstance(runs, Sequence):
        raise InputError(f"{name} is {kind_of(runs)}; give a list of sample sets, a run each")
