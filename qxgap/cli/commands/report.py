"""The command `qxgap report`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from ..options import AsJson, Seed
from ..output import print_answers, print_json, say_failures
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
    as_json: AsJson = False,
) -> None:
    """Write the report of a study as one self-contained page.

    The page is report.html; its figures are written as PNG and SVG too. The command prints the
    answers to the four questions. If a section fails, the page shows the reason in its place, and
    the exit status is 1.

    Example: qxgap report results --out page
    """
    from ...report import write_report

    with progress_line() as say:
        written = write_report(results, out, seed=seed, overwrite=overwrite, progress=say)
    if as_json:
        print_json(written.to_dict())
    else:
        print_answers(written.answers, f"Report: {written.path.resolve()}", _next(results))
    say_failures(written)


def _next(results: Path) -> str:
    folder = shlex.quote(str(results))
    return f"open the report in a browser; qxgap cite {folder} prints what to cite"
