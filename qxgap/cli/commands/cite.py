"""The command `qxgap cite`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Results = Annotated[
    Path | None,
    typer.Argument(metavar="[RESULTS]", help="results of a study: a folder or a .parquet file"),
]


def cite_command(results: Results = None) -> None:
    """Print BibTeX of the methods that a result used; without one, of all methods."""
    from ...report import bibtex, cited_methods, read_results

    typer.echo(bibtex(cited_methods(None if results is None else read_results(results))))
