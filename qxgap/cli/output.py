"""What the commands print: tables, JSON, progress."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import typer

from ..problem.errors import InputError


def progress(items: list[Any]) -> Iterable[Any]:
    """Iterate over ``items``, with a bar on a terminal if there are several."""
    from tqdm import tqdm

    return tqdm(items, unit="instance", disable=None if len(items) > 1 else True, leave=False)


def make_folder(folder: Path) -> None:
    """Make ``folder`` unless it exists; InputError if it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be made a folder ({error.strerror})") from error


def print_rows(rows: list[dict[str, Any]], as_json: bool, lists: Sequence[str] = ()) -> None:
    """JSON (infinite and undefined numbers as null), or a table without the long ``lists``."""
    if as_json:
        print_json(rows)
        return
    import pandas as pd

    table = pd.DataFrame([{k: v for k, v in row.items() if k not in lists} for row in rows])
    typer.echo(table.to_string(index=False, float_format=lambda x: f"{x:.6g}", na_rep="-"))
    for row in rows:
        if any(key in row for key in lists):
            levels = pd.DataFrame(row["energies"]).add_prefix("E").assign(s=row["s"]).set_index("s")
            typer.echo(f"\n{row['instance']}\n{levels.to_string(float_format='%.6f')}")


def print_columns(rows: list[dict[str, Any]], as_json: bool) -> None:
    """JSON, or a table with one column for each row, for rows of many keys."""
    if as_json:
        print_json(rows)
        return
    import pandas as pd

    texts = [{key: cell(value) for key, value in row.items()} for row in rows]
    typer.echo(pd.DataFrame(texts).T.to_string(header=False))


def print_json(value: Any) -> None:
    """JSON with infinite and undefined numbers as null."""
    typer.echo(json.dumps(plain(value), indent=1, allow_nan=False))


def plain(value: Any) -> Any:
    """``value`` with infinite and undefined numbers as None."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def cell(value: Any) -> str:
    """Write a value short: six digits, ``-`` for None."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(cell(item) for item in value)}]"
    return "-" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
