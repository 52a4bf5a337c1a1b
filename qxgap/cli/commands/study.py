"""The command `qxgap study`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from ..interrupt import GOES_ON, interruptible
from ..options import AsJson, Overwrite
from ..output import print_answers, print_json
from ..running import progress_line

StudyFile = Annotated[
    Path, typer.Argument(metavar="STUDY.toml", help="The file that describes the study.")
]
Results = Annotated[
    Path, typer.Option("--out", "-o", help="The results folder, which is made if needed.")
]


def study_command(
    file: StudyFile,
    out: Results,
    executor: Annotated[
        str, typer.Option(help="The workers: 'processes' of this machine, or 'dask=ADDRESS'.")
    ] = "processes",
    workers: Annotated[
        int, typer.Option(help="The number of processes; 0 takes one for each core.")
    ] = 0,
    instances: Annotated[
        list[str] | None,
        typer.Option(
            help="Problem files, as a pattern or a folder, in place of the instances in "
            "STUDY.toml. The option may be repeated."
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Only print what would be computed, and how long it may take."
        ),
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first failure.")] = False,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Compute a study of many problems, or the rest of an interrupted one.

    The command prints the answers to the four questions, as far as the tasks of the study give
    them. After an interruption, the same command continues. Above max_qubits gaps are estimated,
    reads are compared with the proven optimum and independent qubits, and anneals are left out,
    with a warning; so are images without a map to select. The exit status is 0 if all the others
    were computed, 1 if any of them failed, and 2 if nothing can be computed.

    Example: qxgap study study.toml --out results
    """
    from ...report.study_page import answer_study
    from ...study import Study, StudyFailedError, forecast, pool_named, run_study

    what = Study.load(file)
    if instances:
        what = what.with_instances([Path(path).resolve() for path in instances])
    if dry_run:
        with progress_line() as say:
            expected = forecast(what, out, overwrite=overwrite, progress=say)
        if as_json:
            print_json(vars(expected))
        else:
            typer.echo(str(expected))
        return
    try:
        with interruptible(lambda: GOES_ON), progress_line() as say:
            pool = pool_named(executor, workers)
            done = run_study(what, out, pool, strict=strict, overwrite=overwrite, progress=say)
    except StudyFailedError as error:
        typer.echo(f"qxgap: {error}", err=True)
        raise typer.Exit(1) from None
    with progress_line() as say:
        answers = answer_study(out, progress=say)
    if as_json:
        print_json({**done.to_dict(), "answers": [answer.to_dict() for answer in answers]})
    else:
        folder = shlex.quote(str(out))
        print_answers(
            answers, f"Results: {done}", f"qxgap report {folder} writes the page with all figures"
        )
    for warning in done.warnings():
        typer.echo(f"qxgap: {warning}", err=True)
    if len(done.failures):
        raise typer.Exit(1)
