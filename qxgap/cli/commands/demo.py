"""The command `qxgap demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..interrupt import GOES_ON, interruptible
from ..options import AsJson, Overwrite, Seed
from ..output import print_answers, print_json, say_failures
from ..running import progress_line

DEMO_NETWORK = "digits-nonlinear"
"""The network of the demo, :data:`qxgap.report.demo.DEMO_NETWORK`."""
NEXT = "open the report in a browser; qxgap check FILE answers the same about a problem of yours"


def demo_command(
    out: Annotated[Path, typer.Option("--out", "-o", help="The results folder.")] = Path(
        "qxgap-demo"
    ),
    model: Annotated[
        str,
        typer.Option(
            help="The embedded network: 'digits-nonlinear', where the importance of a map depends "
            "on the image, or 'digits', 'digits-24' or 'digits-32', which end as the paper's does."
        ),
    ] = DEMO_NETWORK,
    per_class: Annotated[int, typer.Option(help="The number of images of each digit.")] = 6,
    seed: Seed = 1,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Run the whole chain on embedded images of digits, from a network to a report.

    The network and the images are part of qxgap; nothing is downloaded. The gap of the first
    problem appears after seconds. The rest takes a minute or two, and ends with the answers to the
    four questions.

    Example: qxgap demo --per-class 1 --out demo
    """
    from ...report import run_demo

    with interruptible(lambda: GOES_ON), progress_line() as say:
        report = run_demo(
            out,
            network=model,
            per_class=per_class,
            seed=seed,
            overwrite=overwrite,
            progress=say,
            show=_show,
        )
    if as_json:
        print_json({**report.to_dict(), "results": str(out / "results.parquet")})
    else:
        print_answers(report.answers, f"Report: {report.path.resolve()}", NEXT)
    say_failures(report)


def _show(sentence: str) -> None:
    """Print a first result on stderr; stdout has only the answers."""
    typer.echo(sentence, err=True)
