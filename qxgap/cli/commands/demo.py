"""The command `qxgap demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..interrupt import GOES_ON, interruptible
from ..options import Overwrite, Seed
from ..output import say_failures
from ..running import progress_line


def demo_command(
    out: Annotated[Path, typer.Option("--out", "-o", help="The results folder.")] = Path(
        "qxgap-demo"
    ),
    per_class: Annotated[int, typer.Option(help="The number of images of each digit.")] = 6,
    seed: Seed = 1,
    overwrite: Overwrite = False,
) -> None:
    """Run the whole chain on embedded images of digits, from a network to a report.

    The network and the images are part of qxgap; nothing is downloaded. It takes a minute or two.

    Example: qxgap demo --per-class 1 --out demo
    """
    from ...report import run_demo

    with interruptible(lambda: GOES_ON), progress_line() as say:
        report = run_demo(out, per_class=per_class, seed=seed, overwrite=overwrite, progress=say)
    lines = [line for lines in report.findings.values() for line in lines]
    typer.echo("\n".join(["", *(f"* {line}" for line in lines), ""]))
    typer.echo(f"table    {out / 'results.parquet'}")
    typer.echo(str(report))
    say_failures(report)
