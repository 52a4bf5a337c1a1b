"""The owner of a results folder, so that a study does not overwrite the results of another.

``study.json`` holds the ``name`` of the study file (empty for a study from Python), a digest of its
path as ``file`` (a digest says nothing about the machine), and as ``id`` a digest of the rows that
the study computed at first, which the report holds too.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..files import digest
from .config import Study
from .plan import Plan
from .store import Store

TABLE, DESCRIPTION, PAGE, FIGURES = "results.parquet", "study.json", "report.html", "figures"


def described(folder: Path, entry: str = "study") -> dict[str, Any]:
    """Return an entry of ``study.json``; empty if it is missing or damaged."""
    try:
        content = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        return dict(content.get(entry, {}))
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def description(folder: Path, study: Study, plan: Plan) -> dict[str, str]:
    """Return the entry of ``study.json`` for a study; a study that is continued keeps its id."""
    name = study.file.name if study.file else ""
    keys = sorted(plan.cells)
    return {
        "name": name,
        "file": digest(str(study.file.resolve())) if study.file else "",
        "id": described(folder).get("id") or digest("".join([name, *keys])),
    }


def require_own(store: Store, study: Study, plan: Plan) -> None:
    """Refuse a folder that holds the results of another study.

    A study may use a folder that holds no results yet, and one that the same study file wrote to
    (with other instances, tau or tasks too). It may also use a folder of a study of the same name,
    if both have at least one instance in common. So a project may be moved, and a study from Python
    extended.

    Raises
    ------
    InputError
        The message names the folder, the other study, and the remedy.
    """
    if not holds_results(store.folder):
        return
    before, now = described(store.folder), description(store.folder, study, plan)
    if now["file"] and now["file"] == before.get("file"):
        return
    subjects = {cell.subject for cell in plan.cells.values()}
    if now["name"] == before.get("name") and subjects & store.subjects():
        return
    name = before.get("name")
    raise InputError(
        f"{store.folder}: holds the results of another study{f' ({name})' if name else ''}; give "
        "another folder, or --overwrite (overwrite=True in Python) to delete them"
    )


def holds_results(folder: Path) -> bool:
    """Whether a study has written results to a folder."""
    return (folder / TABLE).exists() or any((folder / "parts").glob("*.parquet"))


def require_own_report(target: Path, results: Path) -> None:
    """Refuse a folder that holds another study's results or report.

    Parameters
    ----------
    target : Path
        Folder that a report is to be written to.
    results : Path
        Results folder that the report describes.

    Raises
    ------
    InputError
        The message names the folder and the remedy.
    """
    if target.resolve() == results.resolve():
        return
    page = target / PAGE
    other = page.is_file() and _id_of_page(page) != described(results).get("id", "")
    if other or holds_results(target):
        what = "report" if other else "results"
        raise InputError(
            f"{target}: holds the {what} of another study; give another folder, or --overwrite "
            "(overwrite=True in Python) to replace the report there"
        )


def _id_of_page(page: Path) -> str | None:
    """Return the id of the study that a page reports; None for another page."""
    with page.open(encoding="utf-8", errors="replace") as file:
        start = file.read(1000)
    match = re.search(r'<meta name="qxgap-study" content="(\w*)"', start)
    return match[1] if match else None


def clear(folder: Path) -> None:
    """Delete all files that a study and its report have written; other files stay."""
    for name in (TABLE, DESCRIPTION, PAGE, "study.toml"):
        (folder / name).unlink(missing_ok=True)
    for pattern in ("explanations-*.npz", f"{FIGURES}/*.png", f"{FIGURES}/*.svg"):
        for file in folder.glob(pattern):
            file.unlink()
    for file in (folder / "parts").glob("*"):
        if file.suffix in (".parquet", ".damaged", ".tmp"):
            file.unlink()
