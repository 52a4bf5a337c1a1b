"""The command `qxgap cite`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..running import progress_line

Results = Annotated[
    Path | None,
    typer.Argument(
        metavar="[RESULTS]",
        help="The results of a study: a folder or a .parquet file. By default the methods of all "
        "studies are cited.",
    ),
]


def cite_command(results: Results = None) -> None:
    """Print the BibTeX entries of the methods that a study used.

    Without RESULTS the entries of all methods of qxgap are printed.

    Example: qxgap cite results
    """
    from ...report import bibtex, cited_methods, read_results

    with progress_line() as say:
        say("reading the methods of the results")
        methods = cited_methods(None if results is None else read_results(results))
    typer.echo(bibtex(methods))
