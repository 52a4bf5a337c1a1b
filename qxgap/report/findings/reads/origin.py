"""Where reads come from: hardware, a classical method, or a simulation of the anneal."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from ..context import Context
from ..wording import SAMPLER_NAMES

ASKED = "Do samples of a real device follow the prediction of the quantum model?"

CLASSICAL = ("sa", "gibbs", "pathintegral", "rotor", "tree", "tabu", "greedy")
"""Samplers that run on a computer and are no simulation of the anneal."""
MODEL = "schrodinger"
"""The sampler that draws from the predicted final state itself."""
HARDWARE = "dwave"
OF_DEVICE = ("solver", "chip_id", "problem_id")
"""Keys of the report of a sampler that a device has."""


def most_real(context: Context, rows: pd.DataFrame) -> str:
    """Return the sampler that says most about reality: hardware, else a classical method."""
    samplers = list(dict.fromkeys(rows.sampler))

    def rank(sampler: str) -> int:
        if is_hardware(context, sampler):
            return 0
        return 3 if sampler == MODEL else 2 if sampler in SAMPLER_NAMES else 1  # 1: a user's reads

    return str(min(samplers, key=rank))


def is_hardware(context: Context, sampler: str) -> bool:
    """Return whether the reads of a sampler come from hardware, and not from a mock of it.

    Reads of a user are from hardware if they name a solver, or have the problem number that D-Wave
    gives.
    """
    if sampler in SAMPLER_NAMES and sampler != HARDWARE:
        return False
    drawn = context.results.rows("sample")
    texts = drawn[drawn.sampler == sampler].sampler_info if "sampler_info" in drawn else []
    reports = [_report(text) for text in texts]
    return any(
        not report.get("mock")
        and not str(next((report[key] for key in OF_DEVICE if key in report), "mock")).startswith(
            "mock"
        )
        for report in reports
    )


def _report(text: Any) -> dict[str, Any]:
    return dict(json.loads(text)) if isinstance(text, str) else {}


def sampler_words(context: Context, sampler: str) -> str:
    """Return the name of a sampler in a sentence."""
    if sampler == HARDWARE and not is_hardware(context, sampler):
        return "a mock of an annealer"
    kind = "annealer" if is_hardware(context, sampler) else "sampler"
    return SAMPLER_NAMES.get(sampler, f"the {kind} {sampler}")
