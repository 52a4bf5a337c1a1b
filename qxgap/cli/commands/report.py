"""The command `qxgap report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..options import Seed
from ..output import say_failures
from ..running import progress_line


def report_command(
    results: Annotated[Path, typer.Argument(help="The results folder that qxgap study wrote.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="The folder for the report; by default the results folder."
        ),
    ] = None,
    seed: Seed = 1,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Replace the report of another study in --out."),
    ] = False,
) -> None:
    """Write the report of a study as one self-contained page.

    The page is report.html; its figures are written as PNG and SVG too. If a section fails, the
    page shows the reason in its place, and the exit status is 1.

    Example: qxgap report results --out page
    """
    from ...report import write_report

    with progress_line() as say:
        written = write_report(results, out, seed=seed, overwrite=overwrite, progress=say)
    typer.echo(str(written))
    say_failures(written)
