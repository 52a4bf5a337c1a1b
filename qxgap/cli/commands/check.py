"""The command `qxgap check`."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...errors import InputError
from ..interrupt import Interrupted, import_at_once
from ..options import AsJson, Driver, DriverName, File, PairWeight, Schedule, Seed, schedule_of
from ..output import print_answers, print_json, refuse_inputs, results_folder
from ..running import progress_line

# What computes is imported where it is needed, so that help and mistakes in options wait for none
# of it.
if TYPE_CHECKING:
    import dimod

    from ...problem import QuboProblem
    from ...report import ProblemCheck
    from ...report.checking.check_rows import CheckRows


def check_command(
    file: File,
    tau: Annotated[
        list[float] | None,
        typer.Option(
            help="An anneal time; the option may be repeated. By default 10, 50 and 100, or 5, 20 "
            "and 100 ns if the schedule is in GHz."
        ),
    ] = None,
    schedule: Schedule = "linear",
    convention: Driver = DriverName.PAPER,
    samples: Annotated[
        list[Path] | None,
        typer.Option(
            help="A file of your own reads, such as those of an annealer: a SampleSet as .json, or "
            "counts as .csv. The option may be repeated."
        ),
    ] = None,
    num_reads: Annotated[
        int, typer.Option(help="The number of reads that simulated annealing draws.")
    ] = 1000,
    max_qubits: Annotated[
        int,
        typer.Option(
            help="The largest number of qubits d for which the 2^d amplitudes of states are "
            "computed. Above it the gap is estimated, and the success probability is left out."
        ),
    ] = 20,
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder for the page.")] = Path(
        "qxgap-check"
    ),
    pair_weight: PairWeight = 1,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Answer all four questions about one problem, and write its page.

    How hard is it (minimum gap, certified or estimated), will it succeed (success probability at
    several anneal times), does reality agree (reads against the prediction), and was annealing
    needed at all (exact optimum and simple rules)? Ctrl-C prints the answers that are known so far.

    Example: qxgap check problem.npz --tau 20 --tau 200
    """
    import_at_once("qxgap.report")
    from ...annealing.drivers import Convention
    from ...problem.formats import load
    from ...report.checking.problem_check import plan_check

    problem = load(file, pair_weight=pair_weight)
    rows = plan_check(
        problem,
        tau or None,
        schedule=schedule_of(schedule),
        convention=Convention(convention),
        samples=_reads(samples or [], problem),
        num_reads=num_reads,
        max_qubits=max_qubits,
        seed=seed,
        name=Path(file).stem,
    )
    refuse_inputs([out / f"{rows.name}.html"], [file, *(samples or [])])
    with results_folder(out):
        try:
            with progress_line() as say:
                rows.run(say)
        except KeyboardInterrupt:
            _answer(file, rows, out, as_json)
            raise Interrupted("interrupted; the answers so far are printed") from None
        _answer(file, rows, out, as_json)


def _reads(files: Sequence[Path], problem: QuboProblem) -> dict[str, dimod.SampleSet]:
    """Return the reads of each file, by its name without the ending."""
    from ...samples import load_sampleset

    reads: dict[str, dimod.SampleSet] = {}
    for path in files:
        if path.stem in reads:
            raise InputError(f"{path}: another file of reads is named {path.stem} too; rename one")
        reads[path.stem] = load_sampleset(path, problem)
    return reads


def _answer(file: str, rows: CheckRows, out: Path, as_json: bool) -> None:
    """Write the page of the rows that are computed so far, and print their answers."""
    from ...report.checking.problem_check import result_of

    result = result_of(rows)
    page = result.write_page(out).resolve()
    if as_json:
        print_json({**result.to_dict(), "page": str(page)})
        return
    print_answers(result.answers, f"Page: {page}", _next(file, result))


def _next(file: str, result: ProblemCheck) -> str:
    """Return the command that tells most beyond this answer."""
    name = shlex.quote(file)
    if result.gap is None:
        return f"qxgap reduce {name} may leave a smaller problem that has a gap"
    if set(result.reads) <= {"sa"}:
        return f"qxgap check {name} --samples READS.json compares reads of your own annealer"
    return "qxgap study compares many problems"
