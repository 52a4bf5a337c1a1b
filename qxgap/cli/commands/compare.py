"""The command `qxgap compare`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Annotated

import dimod
import typer

from ...annealing.drivers import Convention
from ...annealing.hamiltonian import AnnealHamiltonian
from ...dynamics import AnnealResult, anneal
from ...errors import InputError
from ...memory import MemoryLimitError
from ...problem.formats import load
from ...problem.qubo import QuboProblem
from ...samplers import group_runs, published_temperature, solver_schedule
from ...samples import (
    Ladder,
    LeftOutModelWarning,
    Model,
    SourceComparison,
    align,
    compare_with_anneal,
    compare_with_solver,
    load_sampleset,
    schedule_models,
)
from ..options import AsJson, Driver, File, PairWeight, Seed
from ..output import (
    naming,
    print_json,
    print_rows,
    refuse_inputs,
    results_folder,
    warning_lines,
)
from ..text_table import fill, printable, table, terminal_width

DIMENSIONLESS_TAU = 50.0
MINOR = ("tv_expected", "level", "num_bootstrap", "seed", "instance_hash")
MINOR_OF_MODELS = ("rejected_runs", "log_likelihood", "tv_low", "tv_high", "tv_by_chance")
OF_LADDER = ("nearest", "acceptable", "models")
"""Keys of a comparison that the tables of the models show."""
Runs = Sequence[dimod.SampleSet]


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
    convention: Driver = Convention.PAPER,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="The folder for a page with histograms; by default none is written."
        ),
    ] = None,
    pair_weight: PairWeight = 1,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Compare samples of a problem with the predictions of models.

    Models are, among others, the Schrödinger equation, an open system, the Gibbs state and
    simulated annealing. A model that cannot be integrated is left out, with a note. A model is
    acceptable if no run of reads rejects it. Files of one source are its runs and are compared
    together. They are the files with the same solver and anneal time (with --solver, also files
    with only an anneal time), or the files of one --runs-of.

    Example: qxgap compare problem.npz samples.json
    """
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
    compare = _comparer(problem, solver, tau, convention, seed)
    if out is not None:
        refuse_inputs([out / "comparison.html"], [file, *samples])
    groups = group_runs(drawn, solver=solver, sources=sources)
    results = {}
    with results_folder(out) if out else nullcontext():
        for source, runs in groups.items():
            with naming(file, (MemoryLimitError,)), warning_lines(LeftOutModelWarning):
                results[source] = compare(source, runs)
    rows = [{"instance": file, **result.to_dict()} for result in results.values()]
    ladders = {source: result.ladder for source, result in results.items()}
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            for name in OF_LADDER:
                del row[name]
        print_rows(rows, as_json=False, minor=MINOR)
        for ladder in ladders.values():
            _print_ladder(ladder)
    if out is not None:
        from ...report import write_comparison

        page = write_comparison(problem, groups, ladders, out, name=Path(file).name, seed=seed)
        typer.echo(f"page     {page.resolve()}", err=as_json)


def _comparer(
    problem: QuboProblem, solver: str | None, tau: float | None, convention: Convention, seed: int
) -> Callable[[str, Runs], SourceComparison]:
    """Return the function that compares the runs of a source with the models of the command.

    Without a solver all sources share one anneal, which is computed when the first one needs it.
    """
    if solver:
        return lambda source, runs: compare_with_solver(
            problem, runs, solver, tau=tau, source=source, seed=seed
        )

    @cache
    def prediction() -> AnnealResult:
        driver = convention.driver(problem.num_qubits)
        H = AnnealHamiltonian(problem, driver=driver)
        return anneal(H, DIMENSIONLESS_TAU if tau is None else tau)

    @cache
    def models() -> list[Model]:
        return schedule_models(prediction(), seed=seed)

    return lambda source, runs: compare_with_anneal(
        prediction(), runs, models=models(), source=source, seed=seed
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


def _print_ladder(ladder: Ladder) -> None:
    """Print the models of a source as a table that fits the terminal."""
    source = printable(Path(ladder.source).name)
    head, *_, verdict = str(replace(ladder, source=source)).splitlines()
    width = terminal_width()
    models = ladder.table.drop(columns=["note", "fitted"]).to_dict("records")
    shown = table(models, width, minor=MINOR_OF_MODELS, digits=3)
    typer.echo(f"\n{fill(head, width)}\n{shown}\n{fill(verdict, width)}")
