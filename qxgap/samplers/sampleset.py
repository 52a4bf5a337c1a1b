"""The machine that drew a sample set, as the set records it, and the grouping of runs by source.

qxgap's own sampler writes ``annealing_time_us`` and ``solver`` into ``SampleSet.info``. Ocean's
``DWaveSampler`` stores the answer of the solver: ``timing`` (microseconds, with
``qpu_anneal_time_per_sample``) and ``problem_id``, never the name of the solver; with
``return_embedding=True`` its composites add ``embedding_context``. Many people add ``chip_id``
themselves. This module reads all of these, and no other module does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import dimod

from ..checks import kind_of
from ..errors import InputError

ANNEAL_TIME = "qpu_anneal_time_per_sample"
"""Key of Ocean's timing: microseconds of one anneal, for a waveform from its start to its end."""


def solver_of(info: Mapping[str, Any]) -> str | None:
    """Return the name of the solver or of another source; None if ``info`` has none."""
    names = (info.get(key) for key in ("solver", "source", "chip_id"))
    return next((name for name in names if isinstance(name, str) and name), None)


def timings(info: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the times of each job in microseconds; an empty list if none are recorded."""
    timing = info.get("timing_us", info.get("timing", []))
    jobs = [timing] if isinstance(timing, Mapping) else timing
    return [job for job in jobs if isinstance(job, Mapping)] if isinstance(jobs, list) else []


def total_time(info: Mapping[str, Any], key: str) -> float | None:
    """Return a time in us, such as ``qpu_access_time``, summed over all jobs; None if unknown."""
    times = [_time(job[key], key) for job in timings(info) if key in job]
    return sum(times) if times else None


def annealing_time_us(info: Mapping[str, Any]) -> float | None:
    """Return the anneal time of each read in microseconds.

    Parameters
    ----------
    info : mapping of str
        The ``info`` of a sample set, of qxgap or of Ocean.

    Returns
    -------
    float or None
        None if ``info`` does not record it.

    Raises
    ------
    InputError
        If the recorded time is not a positive number, or jobs have different times.

    Examples
    --------
    >>> from qxgap.samplers import annealing_time_us
    >>> annealing_time_us({"timing": {"qpu_anneal_time_per_sample": 20.0}})
    20.0
    """
    if (recorded := info.get("annealing_time_us")) is not None:
        return _time(recorded)
    times = sorted({_time(job[ANNEAL_TIME]) for job in timings(info) if ANNEAL_TIME in job})
    if len(times) > 1:
        raise InputError(
            f"its jobs were annealed for {', '.join(f'{time:g}' for time in times)} us; save the "
            "reads of each anneal time as a file of its own"
        )
    return times[0] if times else None


def _time(value: Any, name: str = "anneal time") -> float:
    """Return a recorded time in us, checked."""
    try:
        time = math.nan if isinstance(value, bool | str) else float(value)
    except (TypeError, ValueError):
        time = math.nan
    if not 0 < time < math.inf:
        raise InputError(f"its info has {name} = {value!r} us; correct the file")
    return time


def group_runs(
    samplesets: Mapping[str, dimod.SampleSet],
    *,
    solver: str | None = None,
    sources: Mapping[str, str] | None = None,
) -> dict[str, list[dimod.SampleSet]]:
    """Group runs by their source, which is a solver and an anneal time.

    Parameters
    ----------
    samplesets : mapping of str to dimod.SampleSet
        The reads of each file, by file name.
    solver : str or None
        The source of files that record an anneal time and no solver, as Ocean's do.
    sources : mapping of str to str, or None
        The source of each file, by file name; it takes precedence over what the file records.

    Returns
    -------
    dict of str to list of dimod.SampleSet
        The runs of each source and anneal time. A file without a source is a source of its own.

    Raises
    ------
    InputError
        For an anneal time that is not a positive number; the message names the file.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0], [[0.0]])
    >>> runs = {f"{i}.json": qx.sample(problem, num_reads=2, seed=i) for i in (1, 2)}
    >>> list(qx.samplers.group_runs(runs, sources={"1.json": "sa", "2.json": "sa"}))
    ['sa']
    """
    groups: dict[str, list[dimod.SampleSet]] = {}
    if not isinstance(samplesets, Mapping):
        raise InputError(f"samplesets is {kind_of(samplesets)}; give a dict of name and sample set")
    for name, sampleset in samplesets.items():
        require_sampleset(sampleset, name)
        try:
            time = annealing_time_us(sampleset.info)
        except InputError as error:
            raise InputError(f"{name}: {error}") from error
        recorded = sampleset.info.get("source")
        source = (sources or {}).get(name) or (recorded if isinstance(recorded, str) else None)
        source = source or solver_of(sampleset.info) or (solver if time is not None else None)
        key = name if source is None else source if time is None else f"{source}, {time:g} us"
        groups.setdefault(key, []).append(sampleset)
    return groups


def require_sampleset(sampleset: Any, name: str = "sampleset") -> None:
    """Raise InputError unless this is a sample set of dimod."""
    if isinstance(sampleset, list | tuple):
        raise InputError(
            f"{name} is a {type(sampleset).__name__}; give one sample set, or compare several runs "
            "with models by qx.samples.model_ladder"
        )
    if not isinstance(sampleset, dimod.SampleSet):
        raise InputError(
            f"{name} is {kind_of(sampleset)}; give a dimod.SampleSet "
            "(qx.samples.load_sampleset reads a file)"
        )


def require_runs(runs: Any, name: str = "runs") -> None:
    """Raise InputError unless this is a sequence with a sample set for each run."""
    if isinstance(runs, dimod.SampleSet):
        raise InputError(f"{name} is one sample set; give a list of them, a run each: [sampleset]")
    if isinstance(runs, str) or not isinstance(runs, Sequence):
        raise InputError(f"{name} is {kind_of(runs)}; give a list of sample sets, a run each")
