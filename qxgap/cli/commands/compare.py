"""The command `qxgap compare`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from fnmatch import fnmatch
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from ...errors import InputError
from ..blocks import MOST_BLOCKS, Entry, Row
from ..options import AsCsv, AsJson, Driver, DriverName, File, PairWeight, Seed
from ..output import Form, print_entries, refuse_inputs, results_folder
from ..running import Say, compute_each, naming, progress_line, warning_lines
from ..text_table import fill, table
from ..words import counted, number, percent, percent_spread

# What computes is imported where it is needed, so that help and mistakes in options wait for none
# of it.
if TYPE_CHECKING:
    import dimod

    from ...annealing.drivers import Convention
    from ...dynamics import AnnealResult
    from ...problem.qubo import QuboProblem
    from ...samples import GroundComparison, GroundPrediction, Model, SourceComparison

    Runs: TypeAlias = Sequence[dimod.SampleSet]

DIMENSIONLESS_TAU = 50.0


def compare_command(
    file: File,
    samples: Annotated[
        list[Path],
        typer.Argument(help="Files of samples: a SampleSet as .json, or counts as .csv."),
    ],
    tau: Annotated[
        float | None,
        typer.Option(
            help="The anneal time: dimensionless (hbar = 1, by default 50), or with --solver in ns "
            "(by default the time that the samples record)."
        ),
    ] = None,
    solver: Annotated[
        str | None,
        typer.Option(
            help="The D-Wave solver that gives the models their schedule and temperature; by "
            "default the models take the dimensionless linear anneal."
        ),
    ] = None,
    runs_of: Annotated[
        list[str] | None,
        typer.Option(
            help="NAME=PATTERN makes the sample files that match the pattern runs of the source "
            "NAME. The option may be repeated."
        ),
    ] = None,
    states_only: Annotated[
        bool,
        typer.Option(
            "--states-only",
            help="Count the states that were read, and ignore the energies in the files.",
        ),
    ] = False,
    convention: Driver = DriverName.PAPER,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="The folder for a page with histograms; by default none is written."
        ),
    ] = None,
    pair_weight: PairWeight = 1,
    seed: Seed = 1,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Compare samples of a problem with the predictions of models.

    Models are, among others, the Schrödinger equation, an open system, the Gibbs state and
    simulated annealing. A model that cannot be integrated is left out, with a note. A model fits
    if no run of reads rejects it at 5 %. Beyond 24 variables only the share of the reads that have
    the proven optimum is compared, because the states are too many to list. Files of one source
    are its runs and are compared together. They are the files with the same solver and anneal time
    (with --solver, also files with only an anneal time), or the files of one --runs-of.

    Example: qxgap compare problem.npz samples.json
    """
    from ...annealing.drivers import Convention
    from ...memory import MemoryLimitError
    from ...problem.formats import load
    from ...samplers import group_runs, published_temperature, solver_schedule
    from ...samples import LeftOutModelWarning, SourceComparison, align, load_sampleset

    form = Form.of(as_json, as_csv)
    if solver:  # a wrong name is refused before anything is read
        published_temperature(solver)
        solver_schedule(solver)
    problem = load(file, pair_weight=pair_weight)
    drawn = {str(path): load_sampleset(path, problem) for path in samples}
    if states_only:
        drawn = {
            name: align(problem, run, check_energies=False).to_sampleset(run.info)
            for name, run in drawn.items()
        }
    sources = _sources(runs_of or [], list(drawn))
    if solver:
        _say_other_solvers(solver, drawn)
    compare = _comparer(problem, solver, tau, Convention(convention), seed)
    if out is not None:
        refuse_inputs([out / "comparison.html"], [file, *samples])
    groups = group_runs(drawn, solver=solver, sources=sources)
    results: dict[str, SourceComparison | GroundComparison] = {}

    def entries(source: str, runs: Runs, say: Say) -> Iterator[Entry]:
        say("predictions of the models, and the reads against each of them")
        with naming(file, (MemoryLimitError,)), warning_lines(LeftOutModelWarning):
            results[source] = compare(source, runs)
        yield _entry(file, results[source], " ns" if solver else "", len(groups) <= MOST_BLOCKS)

    with results_folder(out) if out else nullcontext():
        compute_each(
            list(groups.items()), entries, partial(print_entries, form=form, summary=_summary)
        )
    if out is not None:
        from ...report import write_comparison

        ladders = {
            source: result.ladder if isinstance(result, SourceComparison) else result
            for source, result in results.items()
        }
        with progress_line() as say:
            page = write_comparison(
                problem, groups, ladders, out, name=Path(file).name, seed=seed, progress=say
            )
        typer.echo(f"page     {page.resolve()}", err=form is not Form.WORDS)


def _comparer(
    problem: QuboProblem, solver: str | None, tau: float | None, convention: Convention, seed: int
) -> Callable[[str, Runs], SourceComparison | GroundComparison]:
    """Return the function that compares the runs of a source with the models of the command.

    Without a solver all sources share one anneal, which is computed when the first one needs it.
    Problems that are too large for lists of all states are compared by their ground states alone.
    """
    from ...annealing.hamiltonian import AnnealHamiltonian
    from ...dynamics import SplitOperator, anneal
    from ...problem.proven_levels import MOST_ENUMERATED
    from ...samples import compare_with_anneal, compare_with_solver, schedule_models

    if solver:
        return lambda source, runs: compare_with_solver(
            problem, runs, solver, tau=tau, source=source, seed=seed
        )
    if problem.num_qubits > MOST_ENUMERATED:
        return _share_comparer(problem, DIMENSIONLESS_TAU if tau is None else tau, convention, seed)

    @cache
    def prediction() -> AnnealResult:
        driver = convention.driver(problem.num_qubits)
        H = AnnealHamiltonian(problem, driver=driver)
        return anneal(H, DIMENSIONLESS_TAU if tau is None else tau, SplitOperator())

    @cache
    def models() -> list[Model]:
        return schedule_models(prediction(), seed=seed)

    return lambda source, runs: compare_with_anneal(
        prediction(), runs, models=models(), source=source, seed=seed
    )


def _share_comparer(
    problem: QuboProblem, tau: float, convention: Convention, seed: int
) -> Callable[[str, Runs], GroundComparison]:
    """Return the function that compares the share of ground states with predicted shares."""
    from ...annealing.hamiltonian import AnnealHamiltonian
    from ...samples import compare_ground_shares, ground_predictions

    H = AnnealHamiltonian(problem, driver=convention.driver(problem.num_qubits))

    @cache
    def predictions() -> list[GroundPrediction]:
        return ground_predictions(H, tau, seed=seed)

    return lambda source, runs: compare_ground_shares(
        problem, runs, predictions(), tau=tau, source=source, seed=seed
    )


def _sources(runs_of: Sequence[str], files: Sequence[str]) -> dict[str, str]:
    """Return the source of each file that a ``NAME=PATTERN`` names.

    A pattern may match the path as it was given, or the name of the file.
    """
    sources: dict[str, str] = {}
    for text in runs_of:
        name, _, pattern = text.partition("=")
        if not (name and pattern):
            raise InputError(
                f"--runs-of {text!r}; give NAME=PATTERN, such as 'Advantage_system6.4=*200us*'"
            )
        fitting = [f for f in files if fnmatch(f, pattern) or fnmatch(Path(f).name, pattern)]
        if not fitting:
            raise InputError(
                f"--runs-of {text!r}: no sample file fits {pattern!r}; give the files as arguments "
                "too, and put the pattern into quotes"
            )
        for file in fitting:
            if sources.setdefault(file, name) != name:
                raise InputError(f"{file} would be a run of {sources[file]} and of {name}")
    return sources


def _say_other_solvers(solver: str, drawn: Mapping[str, dimod.SampleSet]) -> None:
    """Print on stderr which files come from another solver than that of the models.

    Files of a mock solver are not reported, because they name the mock.
    """
    others = {
        name: other
        for name, run in drawn.items()
        if (other := run.info.get("solver", run.info.get("chip_id")))
        and not run.info.get("mock")
        and other != solver
    }
    for name, other in others.items():
        typer.echo(
            f"qxgap: {name} was drawn by {other}; it is compared with the models of {solver}",
            err=True,
        )


def _entry(
    file: str, result: SourceComparison | GroundComparison, unit: str, with_models: bool
) -> Entry:
    """Return what is printed about the runs of one source; ``unit`` is that of times."""
    from ...samples import GroundComparison

    row = {"instance": file, **result.to_dict()}
    runs = "" if row["num_runs"] == 1 else f" in {row['num_runs']} runs"
    by_shares = isinstance(result, GroundComparison)
    facts = [
        ("lowest energy", _ground_reads(row)),
        ("prediction", _prediction(row)),
        ("best model", _best_share(row) if by_shares else _best_model(row)),
        ("temperature", _temperature(row)),
        ("time", _time(row, unit)),
        *(("left out", sentence) for sentence in row.get("left_out", [])),
    ]
    cells = {
        "reads": str(row["num_reads"]),
        "lowest energy": percent(row["ground_probability"]),
        "predicted": "-" if row["predicted"] is None else percent(row["predicted"]),
        "nearest model": row["nearest"] or "-",
        "fits": "yes" if row["nearest"] in row["acceptable"] else "no",
    }
    models = partial(_shares if by_shares else _models, row) if with_models else None
    title = f"{row['num_reads']} reads{runs} of {Path(file).name}"
    return Entry(row["source"], title, [row], facts, cells, models)


def _ground_reads(row: Row) -> str:
    """Return how many reads have the lowest energy, and whether it is proven to be the lowest."""
    from ...problem.proven_levels import LevelStatus

    low, high = row["ground_probability_interval"]
    share = percent(row["ground_probability"])
    interval = f"95 % interval {percent_spread([low, high])}"
    status = row.get("ground_status")
    if status and not LevelStatus[status].is_proven:
        energy = number(row["ground_energy"], 3)
        return (
            f"{share} of the reads have the lowest energy known, {energy}, which is not proven to "
            f"be the lowest ({interval})"
        )
    text = f"{share} of the reads have it ({interval})"
    if status:
        optimum = number(row["ground_energy"], 3)
        text = f"{share} of the reads have the proven optimum, {optimum} ({interval})"
    if row["predicted"] is None:
        return text
    return f"{text}; the model {row['model']} predicts {percent(row['predicted'])}"


def _prediction(row: Row) -> str:
    """Return whether the reads follow the prediction, with the meaning of the p-value."""
    from ...samples import ShareStatus
    from ...samples.ground_shares import TINY

    if row["p_value"] is None or row["status"] == ShareStatus.UNDECIDED.name:
        return ShareStatus[row["status"]].value.partition(";")[0]
    tiny = row["p_value"] < TINY
    chance = (
        f"if it were right, a misfit as large would happen with probability "
        f"{'below one in a million' if tiny else number(row['p_value'])}"
    )
    rejected = row["status"] == "REJECTED"
    word = "the reads do not follow it" if rejected else "the reads agree with it"
    return f"{word}: {chance}"


def _best_share(row: Row) -> str:
    """Return the model of the nearest share of ground states, and which others may explain it."""
    from ...problem.proven_levels import LevelStatus

    if row["nearest"] is None:
        return "no model predicts a share of ground states"
    near = f"{row['nearest']} predicts the nearest share of ground states"
    if not LevelStatus[row["ground_status"]].is_proven:
        return f"{near}, counted at the lowest energy known"
    others = [model for model in row["acceptable"] if model != row["nearest"]]
    fits = (
        "which the reads do not reject"
        if row["nearest"] in row["acceptable"]
        else ("which the reads reject")
    )
    also = f"; nor do they reject {' and '.join(others)}" if others else ""
    return f"{near}, {fits}{also}"


def _shares(row: Row, width: int | None) -> str:
    """Return the table of the predicted shares of ground states."""
    from ...problem.proven_levels import LevelStatus

    tested = LevelStatus[row["ground_status"]].is_proven
    lines = [
        {
            "model": model["model"],
            "lowest energy": percent(model["ground_probability"]),
            "fits": ("yes" if model["acceptable"] else "no") if tested else "not tested",
        }
        for model in row["models"]
    ]
    words = (
        "Lowest energy: the share of the reads that have it, as the model predicts. A model fits "
        "if no run rejects this share at 5 %."
    )
    return f"{table(lines, width, digits=2)}\n{fill(words, width)}" if lines else fill(words, width)


def _best_model(row: Row) -> str:
    """Return the nearest model, whether it explains the reads, and which others may."""
    from ...samples.ladder import FITTED

    nearest, others = row["nearest"], [m for m in row["acceptable"] if m != row["nearest"]]
    also = f"; so may {' and '.join(others)}" if others else ""
    if nearest in row["acceptable"]:
        return f"{nearest} is the nearest and may explain the reads{also}"
    if others == [FITTED]:
        return (
            f"{nearest} is the nearest but does not explain the reads; only a thermal state with a "
            "temperature fitted to these reads does"
        )
    may = f"{' and '.join(others)} may" if others else "no other model does either"
    return f"{nearest} is the nearest but does not explain the reads; {may}"


def _temperature(row: Row) -> str:
    """Return the temperature of all levels, or of single flips where the levels are not known."""
    temperature = row["effective_temperature"]
    if "left_out" in row and temperature == 0:
        return "no single flip lowers the energy of any read, as at zero temperature"
    if temperature == 0:
        return "all reads are in a state of lowest energy, as at zero temperature"
    if temperature is None or math.isinf(temperature):
        return "the reads are no better than random states, as at infinite temperature"
    if temperature < 0:
        return "the reads are worse than random states, as at a negative temperature"
    if "left_out" in row:
        return f"single flips show a temperature of {number(temperature)}, in the problem's unit"
    return (
        f"a thermal state of temperature {number(temperature)}, in the problem's unit of energy, "
        "is the nearest to the reads"
    )


def _time(row: Row, unit: str) -> str:
    """Return the anneal time after which a state of lowest energy is found."""
    from ...problem.proven_levels import LevelStatus

    time, (fast, slow) = row["tts99"], row["tts99_interval"]
    if time is None or math.isinf(time):
        return f"no read has the lowest energy, so the time to find it is unknown{_near(row, unit)}"
    known = slow is not None and math.isfinite(slow) and number(fast) != number(slow)
    within = f" (95 % interval from {number(fast)} to {number(slow)}{unit})" if known else ""
    status = row.get("ground_status")
    only = " known" if status and not LevelStatus[status].is_proven else ""
    return (
        f"{number(time)}{unit} of annealing in all find the lowest energy{only} with 99 % "
        f"certainty{within}"
    )


def _near(row: Row, unit: str) -> str:
    """Return the anneal time after which a state near the optimum is found, if one was read."""
    if row["epsilon"] is None or row["tte99"] is None or math.isinf(row["tte99"]):
        return ""
    time, share = number(row["tte99"]), percent(row["epsilon"])
    return f"; {time}{unit} of annealing find a state within {share} of it with 99 % certainty"


def _models(row: Row, width: int | None) -> str:
    """Return the table of all models, the nearest first."""
    lines = [
        {
            "model": model["model"],
            "lowest energy": percent(model["ground_probability"]),
            "distance": model["tv"],
            "by chance": model["tv_by_chance"],
            "fits": "yes" if model["acceptable"] else "no",
        }
        for model in row["models"]
    ]
    words = (
        "Distance: the share of the reads that would have to change to follow the model; by "
        "chance: the same if the model were right. A model fits if no run rejects it at 5 %."
    )
    return f"{table(lines, width, digits=2)}\n{fill(words, width)}"


def _summary(rows: Sequence[Row]) -> str:
    """Return how many sources some model explains."""
    explained = sum(row["nearest"] in row["acceptable"] for row in rows)
    return f"The nearest model fits {explained} of {counted(len(rows), 'source')} of reads."
