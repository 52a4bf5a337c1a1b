"""The facts that a reader of a study asks for next: settings, date, machine, and the raw rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .findings import Context
from .results_table import CONVENTION_NAMES


def study_facts(context: Context) -> list[tuple[str, str]]:
    """Return names and values of the settings and circumstances of a study.

    Parameters
    ----------
    context : Context
        The results of the study. What its files do not tell is left out.
    """
    frame, settings, run = context.results.frame, context.side.settings, context.side.run
    drivers = [c for c in frame.convention.dropna().unique() if c]
    schedules = [name for name in frame.schedule.dropna().unique() if name]
    taus = sorted(frame.tau.dropna().unique()) if "tau" in frame else []
    samplers = [s for s in frame.sampler.dropna().unique() if s] if "sampler" in frame else []
    made = frame.versions.dropna().unique() if "versions" in frame else []
    facts = [
        ("Driver", _listed([CONVENTION_NAMES.get(c, c) for c in drivers])),
        ("Schedule", _listed(schedules)),
        ("Anneal times tau", _listed([f"{tau:g}" for tau in taus])),
        (
            "Tradeoff",
            ""
            if context.results.tradeoff != context.results.tradeoff
            else f"{context.results.tradeoff:g}",
        ),
        ("Samplers", _listed([*samplers, *_reads(settings)] if samplers else [])),
        ("Seed", _setting(settings, "seed")),
        ("Computed on", str(run.get("date", ""))[:10]),
        ("Computing time", _duration(run.get("seconds"))),
        ("Machine", str(run.get("machine", ""))),
        ("Versions", _listed([str(text) for text in made[:3]])),
        (
            "Raw rows",
            f"results.parquet beside this page: {len(frame)} rows, one for each "
            "instance and task. qxgap.report.read_results reads it",
        ),
    ]
    return [(name, value) for name, value in facts if value]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)


def _reads(settings: Mapping[str, Any]) -> list[str]:
    return [f"{settings['num_reads']} reads each"] if "num_reads" in settings else []


def _setting(settings: Mapping[str, Any], name: str) -> str:
    return str(settings[name]) if name in settings else ""


def _duration(seconds: float | None) -> str:
    """Return a time in the unit that fits."""
    if seconds is None:
        return ""
    for unit, size in (("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.2g} {unit}"
    return f"{seconds:.2g} seconds"
