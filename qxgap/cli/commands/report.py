"""The command `qxgap report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..options import Seed
from ..output import say_failures


def report_command(
    results: Annotated[Path, typer.Argument(help="results folder of qxgap study")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="folder to write to; default RESULTS")
    ] = None,
    seed: Seed = 1,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="replace the report of another study in --out")
    ] = False,
) -> None:
    """Make one self-contained page, report.html, and its figures as PNG and SVG.

    A part of the page that fails says so in its place; the exit status is 1 then.
    """
    from ...report import write_report

    written = write_report(results, out, seed=seed, overwrite=overwrite)
    typer.echo(str(written))
    say_failures(written)
