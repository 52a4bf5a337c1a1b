"""The command `qxgap sample`."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...errors import InputError
from ..blocks import Entry, Row
from ..options import (
    AsCsv,
    AsJson,
    ChainStrength,
    Driver,
    DriverName,
    EmbeddingKind,
    File,
    PairWeight,
    Seed,
    Tau,
    embedding_method,
    schedule_of,
)
from ..output import Form, csv_text, print_entries, print_json, refuse_inputs
from ..running import naming, progress_line
from ..text_table import cell
from ..words import number, percent, percent_spread

# What computes is imported where it is needed, so that help and mistakes in options wait for none
# of it.
if TYPE_CHECKING:
    import dimod

    from ...problem.qubo import QuboProblem

SAMPLERS = (
    "sa",
    "exact",
    "schrodinger",
    "gibbs",
    "pathintegral",
    "rotor",
    "tree",
    "tabu",
    "greedy",
    "dwave",
)
"""The names of :data:`qxgap.samplers.SAMPLERS`."""

MOST_SOUGHT = 1000
"""Largest number of variables for which the optimum is sought; a search takes seconds there."""

GROUND_KEYS = (
    "ground_energy",
    "ground_status",
    "num_ground_reads",
    "ground_probability",
    "ground_probability_interval",
)
"""Keys of the row that say how many reads reached the lowest energy."""

SAME = 1e-12
"""Relative difference of two energies that counts as rounding."""


def sample_command(
    file: File,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="The file of the samples to write: .json or .csv."),
    ],
    sampler: Annotated[str, typer.Option(help=f"The sampler: {', '.join(SAMPLERS)}.")] = "sa",
    reads: Annotated[int, typer.Option(help="The number of reads.")] = 1000,
    seed: Seed = 1,
    tau: Tau = 50.0,
    convention: Driver = DriverName.PAPER,
    schedule: Annotated[
        str | None,
        typer.Option(
            help="The anneal schedule: 'linear', the name of a D-Wave schedule, or a .csv file "
            "with the columns s, A, B (GHz); by default that of the sampler."
        ),
    ] = None,
    temperature: Annotated[
        float | None,
        typer.Option(
            help="The temperature: in mK if the schedule is in GHz, else in units of the energy; "
            "by default (only if not in GHz) 1/20 of the largest energy that one flip can cost, "
            "beyond 24 variables of the largest that it costs in a local minimum."
        ),
    ] = None,
    s: Annotated[
        float | None,
        typer.Option(
            help="The anneal fraction, in [0, 1], at which --sampler gibbs freezes out; by "
            "default 1."
        ),
    ] = None,
    quantum: Annotated[
        bool,
        typer.Option("--quantum", help="Include the driver in the state of --sampler gibbs."),
    ] = False,
    num_sweeps: Annotated[
        int | None,
        typer.Option(help="The number of sweeps of a Monte Carlo sampler; by default 1000."),
    ] = None,
    solver: Annotated[
        str | None,
        typer.Option(
            help="The solver of --sampler dwave: a name, 'mock-pegasus' or 'mock-zephyr'; by "
            "default D-Wave's default solver for the account."
        ),
    ] = None,
    embedding: Annotated[
        EmbeddingKind | None,
        typer.Option(
            help="The embedding of --sampler dwave: chains for a complete graph (clique, the "
            "default), or for the couplings of the problem (minor)."
        ),
    ] = None,
    annealing_time: Annotated[
        float | None, typer.Option(help="The anneal time of --sampler dwave, in microseconds.")
    ] = None,
    chain_strength: ChainStrength = None,
    num_gauges: Annotated[
        int | None,
        typer.Option(help="The number of gauges of --sampler dwave, each a spin reversal."),
    ] = None,
    pair_weight: PairWeight = 1,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Draw samples of a problem, write them to a file, and count those that reach the optimum.

    The optimum is proven by branch and bound, beyond 24 variables too. Where that fails, the lowest
    energy known is named, and the reads that reach it are counted.

    Options that the sampler does not have are refused, except --tau and --convention, which
    samplers without an anneal ignore.

    Example: qxgap sample problem.npz --out samples.json --reads 500
    """
    from ...memory import MemoryLimitError
    from ...problem.formats import load
    from ...samplers import sample
    from ...samples import save_sampleset
    from ...samples.sampleset_files import require_sample_file

    form = Form.of(as_json, as_csv)
    require_sample_file(out)
    problem = load(file, pair_weight=pair_weight)
    refuse_inputs([out], [file, *([schedule] if schedule else [])])
    options: dict[str, Any] = {
        "schedule": None if schedule is None else schedule_of(schedule),
        "temperature": temperature,
        "s": s,
        "quantum": quantum or None,
        "num_sweeps": num_sweeps,
        "annealing_time": annealing_time,
        "chain_strength": chain_strength,
        "num_gauges": num_gauges,
    }
    given = {name: value for name, value in options.items() if value is not None}
    drawer = _sampler(sampler, solver, embedding)
    lenient: dict[str, Any] = {"tau": tau, "convention": convention.value}
    given |= {name: value for name, value in lenient.items() if name in drawer.parameters}
    with naming(file, (MemoryLimitError,)), progress_line() as say:
        say(f"{Path(file).name}  {reads} reads by the sampler {sampler}")
        drawn = sample(problem, drawer, num_reads=reads, seed=seed, **given)
    save_sampleset(drawn, out)
    with progress_line() as say:
        say(f"{Path(file).name}  lowest energy of {problem.num_qubits} variables")
        ground = _ground(problem, drawn)
    _print_samples(file, drawn, ground, out, form)


def _sampler(name: str, solver: str | None, embedding: EmbeddingKind | None) -> Any:
    """Return the sampler of a name; warnings about a connection become lines on stderr."""
    from ...samplers import DWaveAnnealer, connect, sampler_named

    if name != "dwave":
        if solver or embedding:
            raise InputError("--solver and --embedding need --sampler dwave")
        return sampler_named(name)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        child = connect(solver)
    for warning in caught:
        typer.echo(f"qxgap: {warning.message}", err=True)
    return DWaveAnnealer(child, embedding_method(embedding or EmbeddingKind.CLIQUE))


def _ground(problem: QuboProblem, drawn: dimod.SampleSet) -> Row:
    """Return how many of the reads reached the lowest energy, and whether it is proven.

    An enumeration lists every state once, so that its frequencies are no probabilities.
    """
    from ...samples import align, ground_probability

    unknown: Row = dict.fromkeys(GROUND_KEYS)
    if problem.num_qubits > MOST_SOUGHT or drawn.info["sampler"] == "exact":
        return unknown
    measured = ground_probability(problem, [align(problem, drawn)])
    return {
        "ground_energy": measured.ground_energy,
        "ground_status": measured.ground.name,
        "num_ground_reads": round(measured.value * measured.num_reads),
        "ground_probability": measured.value,
        "ground_probability_interval": list(measured.interval),
    }


def _print_samples(file: str, drawn: dimod.SampleSet, ground: Row, out: Path, form: Form) -> None:
    """Print a summary of the samples; for an annealer, the report of the hardware too."""
    from ...samplers import hardware_report

    report = hardware_report(drawn) if drawn.info["sampler"] == "dwave" else None
    settings = _settings(drawn)
    row = {
        "instance": file,
        "num_reads": int(drawn.record.num_occurrences.sum()),
        "lowest_energy": float(drawn.first.energy),
        **ground,
        "file": str(out),
        **(report.to_dict() if report else settings),
        "sampler": drawn.info["sampler"],
        "seed": drawn.info["seed"],
    }
    if form is Form.JSON:
        print_json(row)
    elif form is Form.CSV:
        typer.echo(csv_text([row]), nl=False)
    else:
        more = report.lines() if report else _settings_lines(settings)
        print_entries([_entry(row, drawn, more)], form, lambda rows: "")


def _entry(row: Row, drawn: dimod.SampleSet, more: dict[str, str]) -> Entry:
    """Return what is printed about the samples."""
    from ...samplers.dwave.hardware import UNKNOWN

    facts = [
        (
            "samples",
            f"{row['num_reads']} by the sampler {row['sampler']}, written to {row['file']}",
        ),
        ("lowest energy", _reached(row) if row["ground_status"] else _lowest(row, drawn)),
        *((label, text) for label, text in more.items() if text != UNKNOWN),
    ]
    return Entry(row["instance"], f"{len(drawn.variables)} variables", [row], facts)


def _reached(row: Row) -> str:
    """Return how many reads reached the optimum, or the lowest energy known if it is not proven."""
    from ...problem.proven_levels import LevelStatus

    reads, hits = row["num_reads"], row["num_ground_reads"]
    energy, lowest = number(row["ground_energy"], 3), number(row["lowest_energy"], 3)
    if not LevelStatus[row["ground_status"]].is_proven:
        return (
            f"{energy} is the lowest energy known, which is not proven to be the lowest; {hits} of "
            f"{reads} reads reached it ({percent(hits / reads)})"
        )
    if not hits:
        return f"{lowest} was read; none of {reads} reads reached the proven optimum, {energy}"
    return (
        f"{hits} of {reads} reads reached the proven optimum, {energy} ({percent(hits / reads)}, "
        f"95 % interval {percent_spread(row['ground_probability_interval'])})"
    )


def _lowest(row: Row, drawn: dimod.SampleSet) -> str:
    """Return the lowest energy of the reads, where the optimum was not sought."""
    import numpy as np

    reads = row["num_reads"]
    lowest = drawn.record.energy <= row["lowest_energy"] + SAME * np.abs(drawn.record.energy).max()
    hits = int(drawn.record.num_occurrences[lowest].sum())
    text = (
        f"{number(row['lowest_energy'], 3)}, in {hits} of {reads} reads ({percent(hits / reads)})"
    )
    if len(drawn.variables) > MOST_SOUGHT:
        text += f"; whether it is the optimum is not checked beyond {MOST_SOUGHT} variables"
    return text


def _settings(drawn: dimod.SampleSet) -> dict[str, Any]:
    """Return the entries of ``info`` that are a word or a few numbers."""
    kinds = (str, int, float, list, tuple)
    return {k: v for k, v in drawn.info.items() if isinstance(v, kinds) and k != "timing"}


def _settings_lines(settings: dict[str, Any]) -> dict[str, str]:
    """Return the settings of the sampler as one line of a block."""
    shown = {k: v for k, v in settings.items() if k not in ("sampler", "instance_hash")}
    texts = (
        f"{name.replace('_', ' ')} {cell(value, 3)}"
        for name, value in shown.items()
        if value is not None
    )
    return {"settings": ", ".join(texts)} if shown else {}
