"""The command `qxgap report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Seed


def report(
    results: Annotated[Path, typer.Argument(help="results folder of qxgap study")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="folder to write to; default RESULTS")
    ] = None,
    seed: Seed = 1,
) -> None:
    """Make one self-contained page, report.html, and its figures as PNG and SVG."""
    from ..study import write_report

    typer.echo(str(write_report(results, out, seed=seed)))
