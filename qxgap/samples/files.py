"""Sample sets on disk: dimod's ``to_serializable`` as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import dimod

from ..problem.errors import InputError


def save_sampleset(sampleset: dimod.SampleSet, path: str | Path) -> Path:
    """Write ``sampleset`` as JSON; return the path.

    Raises InputError if its ``info`` does not serialise or the file cannot be written.
    """
    path = Path(path)
    try:
        path.write_text(json.dumps(sampleset.to_serializable()))  # type: ignore[no-untyped-call]
    except (TypeError, ValueError) as error:
        raise InputError(f"{path}: the sample set does not serialise ({error})") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror})") from error
    return path


def load_sampleset(path: str | Path) -> dimod.SampleSet:
    """Read a sample set that :func:`save_sampleset`, or dimod's ``to_serializable``, wrote.

    Raises InputError naming the file, what is wrong in it, and the remedy.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        if not isinstance(content, dict) or content.get("type") != "SampleSet":
            raise InputError("it holds no dimod SampleSet; write one with json and to_serializable")
        return dimod.SampleSet.from_serializable(content)  # type: ignore[no-untyped-call]
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{path}: not a readable sample set ({reason})") from error
