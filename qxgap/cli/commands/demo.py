"""The command `qxgap demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..interrupt import GOES_ON, interruptible
from ..options import Overwrite, Seed
from ..output import say_failures


def demo_command(
    out: Annotated[Path, typer.Option("--out", "-o", help="results folder")] = Path("qxgap-demo"),
    per_class: Annotated[int, typer.Option(help="images of each digit")] = 6,
    seed: Seed = 1,
    overwrite: Overwrite = False,
) -> None:
    """Run the whole chain on embedded real data: CNN and images in, results and a report out."""
    from ...report import run_demo

    with interruptible(lambda: GOES_ON):
        found = run_demo(out, per_class=per_class, seed=seed, overwrite=overwrite)
    lines = [line for lines in found.findings.values() for line in lines]
    typer.echo("\n".join(["", *(f"* {line}" for line in lines), ""]))
    typer.echo(f"table    {out / 'results.parquet'}")
    typer.echo(str(found))
    say_failures(found)
