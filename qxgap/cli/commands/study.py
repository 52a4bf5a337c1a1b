"""The command `qxgap study`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..interrupt import GOES_ON, interruptible
from ..options import Overwrite

StudyFile = Annotated[Path, typer.Argument(metavar="STUDY.toml", help="what to compute")]
Results = Annotated[Path, typer.Option("--out", "-o", help="results folder, made if needed")]


def study_command(
    file: StudyFile,
    out: Results,
    executor: Annotated[str, typer.Option(help="processes, or dask=ADDRESS")] = "processes",
    workers: Annotated[int, typer.Option(help="processes; 0: one for each core")] = 0,
    instances: Annotated[
        list[str] | None,
        typer.Option(help="files, pattern or folder in place of the file's; repeatable"),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="only say what would be computed")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="stop at the first failure")] = False,
    overwrite: Overwrite = False,
) -> None:
    """Compute a study, or the rest of it: the same command goes on after an interruption.

    Exit status: 0 if all was computed (instances above max_qubits and images without a map to
    select are left out, with a warning), 1 if anything failed, 2 if nothing can be computed.
    """
    from ...study import Study, StudyFailedError, engine_named, forecast

    what = Study.load(file)
    if instances:
        what = what.with_instances([Path(path).resolve() for path in instances])
    if dry_run:
        typer.echo(str(forecast(what, out, overwrite=overwrite)))
        return
    try:
        with interruptible(lambda: GOES_ON):
            engine = engine_named(executor, workers)
            done = what.run(out, engine, strict=strict, overwrite=overwrite)
    except StudyFailedError as error:
        typer.echo(f"qxgap: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(str(done))
    for warning in done.warnings():
        typer.echo(f"qxgap: {warning}", err=True)
    if len(done.failures):
        raise typer.Exit(1)
