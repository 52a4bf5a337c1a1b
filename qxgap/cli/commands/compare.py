"""The command ``qxgap compare``: theory against samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import dimod
import numpy as np
import typer

from ...annealing.drivers import Convention
from ...annealing.hamiltonian import AnnealHamiltonian
from ...dynamics import AnnealResult, anneal
from ...errors import InputError
from ...memory import MemoryLimitError
from ...problem.formats import load
from ...problem.qubo import QuboProblem
from ...samplers import annealing_time_us, group_runs, published_temperature, solver_schedule
from ...samples import (
    Ladder,
    Model,
    align,
    compare,
    energy_levels,
    ground_probability,
    level_counts,
    level_temperature,
    load_sampleset,
    model_ladder,
    schedule_models,
    solution_time,
    solver_models,
)
from ..options import AsJson, Driver, File, PairWeight, Seed
from ..output import naming, print_json, print_rows, refuse_inputs, results_folder
from ..text_table import fill, printable, table, terminal_width

DIMENSIONLESS_TAU = 50.0
MINOR = ("tv_expected", "level", "num_bootstrap", "seed", "instance_hash")
MINOR_OF_MODELS = ("rejected_runs", "log_likelihood", "tv_low", "tv_high", "tv_by_chance")
SCHRODINGER = "Schrödinger"
"""The model that ``compare`` without a solver predicts by."""
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
            "(by default what the samples say)."
        ),
    ] = None,
    solver: Annotated[
        str | None,
        typer.Option(
            help="The D-Wave solver whose schedule and temperature the models take; by default "
            "they take the dimensionless linear anneal."
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
    simulated annealing. A model is acceptable if no run of reads rejects it. Files of one source
    are its runs and are judged together: files with the same solver and anneal time, with --solver
    also those with an anneal time only, and those that one --runs-of names.

    Example: qxgap compare problem.npz samples.json
    """
    if solver:  # a wrong name is refused before anything is read
        published_temperature(solver)
        solver_schedule(solver)
    problem = load(file, pair_weight=pair_weight)
    drawn = {str(path): load_sampleset(path, problem) for path in samples}
    if states_only:
        drawn = {name: _pooled(problem, [run], check_energies=False) for name, run in drawn.items()}
    sources = _sources(runs_of or [], list(drawn))
    if solver:
        _say_other_solvers(solver, drawn)
    theory = (
        OfSolver(problem, solver, tau, seed)
        if solver
        else OfSchedule(problem, tau, convention, seed)
    )
    if out is not None:
        refuse_inputs([out / "comparison.html"], [file, *samples])
    groups = group_runs(drawn, solver=solver, sources=sources)
    rows, ladders = [], {}
    with results_folder(out) if out else nullcontext():
        for source, runs in groups.items():
            with naming(file, (MemoryLimitError,)):
                row, ladders[source] = theory.hold(source, runs)
            rows.append({"instance": file, "source": source, **row})
    if as_json:
        print_json([row | _models(ladders[row["source"]]) for row in rows])
    else:
        print_rows(rows, as_json=False, minor=MINOR)
        for ladder in ladders.values():
            _print_ladder(ladder)
    if out is not None:
        from ...report import write_comparison

        page = write_comparison(problem, groups, ladders, out, name=Path(file).name, seed=seed)
        typer.echo(f"page     {page.resolve()}", err=as_json)


@dataclass(frozen=True)
class OfSchedule:
    """The dimensionless linear anneal, the same for all reads."""

    problem: QuboProblem
    tau: float | None
    convention: Convention
    seed: int

    @cached_property
    def prediction(self) -> AnnealResult:
        """The Schrödinger equation's."""
        tau = DIMENSIONLESS_TAU if self.tau is None else self.tau
        driver = self.convention.driver(self.problem.num_qubits)
        return anneal(AnnealHamiltonian(self.problem, driver=driver), tau)

    @cached_property
    def models(self) -> list[Model]:
        """All of them."""
        return schedule_models(self.prediction, seed=self.seed)

    def hold(self, source: str, runs: Runs) -> tuple[dict[str, Any], Ladder]:
        """The Schrödinger prediction against the reads, and all models."""
        problem, seed = self.problem, self.seed
        ladder = model_ladder(problem, runs, self.models, source=source, seed=seed)
        row = compare(self.prediction, _pooled(problem, runs), seed=seed).to_dict()
        row["num_runs"] = len(runs)
        if len(runs) > 1:  # runs may differ by more than chance: their spread counts too
            measured = ground_probability(problem, runs, seed=seed)
            time = solution_time(measured, self.prediction.tau)
            model = ladder.table.set_index("model").loc[SCHRODINGER]
            row["ground_probability_interval"] = list(measured.interval)
            row["tts99_interval"] = list(time.anneal_interval)
            row["p_value"] = float(model.p_value)
        return row, ladder


@dataclass(frozen=True)
class OfSolver:
    """A D-Wave solver at the anneal time of the reads."""

    problem: QuboProblem
    solver: str
    tau: float | None
    seed: int

    def hold(self, source: str, runs: Runs) -> tuple[dict[str, Any], Ladder]:
        """The nearest model against the reads, and all models."""
        problem, seed, tau = self.problem, self.seed, self._tau(source, runs)
        models = solver_models(problem, self.solver, tau, seed=seed)
        ladder = model_ladder(problem, runs, models, source=source, seed=seed)
        aligned, levels = [align(problem, run) for run in runs], energy_levels(problem)
        counts = [level_counts(levels, reads) for reads in aligned]
        fitted = level_temperature(levels, counts if len(counts) > 1 else counts[0], seed=seed)
        measured, nearest = ground_probability(problem, aligned, seed=seed), ladder.table.iloc[0]
        time = solution_time(measured, tau)
        row = {
            "num_reads": measured.num_reads,
            "num_runs": len(runs),
            "ground_probability": measured.value,
            "ground_probability_interval": measured.interval,
            "model": nearest.model,
            "predicted": nearest.ground_probability,
            "tv_distance": nearest.tv,
            "p_value": nearest.p_value,
            "effective_temperature": fitted.value,
            "tts99": time.anneal_time,
            "tts99_interval": time.anneal_interval,
            "tau": tau,
        }
        return row, ladder

    def _tau(self, source: str, runs: Runs) -> float:
        """Anneal time in ns, as asked or as the reads tell."""
        told = annealing_time_us(runs[0].info)
        if self.tau is not None:
            return self.tau
        if told is None:
            raise InputError(f"{source} tells no anneal time; give --tau in ns")
        return 1000.0 * told


def _pooled(problem: QuboProblem, runs: Runs, *, check_energies: bool = True) -> dimod.SampleSet:
    """All rows of the runs, as occupations with the problem's own energies."""
    reads = [align(problem, run, check_energies=check_energies) for run in runs]
    return dimod.SampleSet.from_samples(  # type: ignore[no-untyped-call]
        (np.concatenate([run.occupations for run in reads]), list(problem.labels)),
        "BINARY",
        energy=np.concatenate([run.energies for run in reads]),
        num_occurrences=np.concatenate([run.multiplicity for run in reads]),
        info=runs[0].info,
        sort_labels=False,
    )


def _sources(runs_of: Sequence[str], files: Sequence[str]) -> dict[str, str]:
    """File -> source, as ``NAME=PATTERN`` says; a pattern fits the path as given or the name."""
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
    """Say on stderr which files say another solver than the one whose models they are held against.

    A mock says its own name, and nobody takes its reads for those of a solver.
    """
    others = {
        name: said
        for name, run in drawn.items()
        if (said := run.info.get("solver", run.info.get("chip_id")))
        and not run.info.get("mock")
        and said != solver
    }
    for name, said in others.items():
        typer.echo(
            f"qxgap: {name} says that {said} drew it; it is held against the models of {solver}",
            err=True,
        )


def _models(ladder: Ladder) -> dict[str, Any]:
    rows = ladder.table.astype(object).where(ladder.table.notna(), None).to_dict("records")
    return {"nearest": ladder.nearest, "acceptable": ladder.acceptable, "models": rows}


def _print_ladder(ladder: Ladder) -> None:
    """The models of a source, in the width of the terminal."""
    source = printable(Path(ladder.source).name)
    head, *_, verdict = str(replace(ladder, source=source)).splitlines()
    width = terminal_width()
    models = ladder.table.drop(columns=["note", "fitted"]).to_dict("records")
    shown = table(models, width, minor=MINOR_OF_MODELS, digits=3)
    typer.echo(f"\n{fill(head, width)}\n{shown}\n{fill(verdict, width)}")
