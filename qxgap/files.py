"""Files that are written whole or not at all, and the digests that name them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray


class WriteError(OSError):
    """A file could not be written; the message names the file, the reason and the remedy."""


def digest(*parts: str | bytes | NDArray[Any]) -> str:
    """Return 16 hexadecimal digits that name a content.

    They are the first 64 bits of the SHA-256 of all parts, one after the other. Digests name files
    and rows of tables, so a caller must digest the same content in every version.

    Parameters
    ----------
    *parts : str, bytes or ndarray
        The content. Text is digested in UTF-8, an array as its numbers in C order; neither the
        shape nor the type of an array is digested.

    Returns
    -------
    str
        16 hexadecimal digits.

    Examples
    --------
    >>> from qxgap.files import digest
    >>> digest("a problem")
    '72c88b356d32fa94'
    """
    sha = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            sha.update(np.ascontiguousarray(part).tobytes())
        else:
            sha.update(part.encode() if isinstance(part, str) else part)
    return sha.hexdigest()[:16]


def temporary_path(path: Path) -> Path:
    """Return the hidden name under which this process writes a file until it is complete."""
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")


def write_whole(path: Path, content: bytes | Callable[[IO[bytes]], object]) -> None:
    """Write a file that appears under its name only when it is complete and on disk.

    A file that is there already is replaced in one step, so that a reader sees the old content or
    the new one. If writing fails, the old file stays and the temporary one is removed.

    Parameters
    ----------
    path : Path
        The file to write.
    content : bytes or callable
        The content, or a function that writes it to the open file that it is called with.

    Raises
    ------
    WriteError
        If the file cannot be written.
    """
    temporary = temporary_path(path)
    with write_errors(path):
        try:
            with open(temporary, "wb") as file:
                if callable(content):
                    content(file)
                else:
                    file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Put the renaming of a file on disk; only POSIX systems can open a folder for that."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def write_errors(path: Path) -> Iterator[None]:
    """Turn an OSError within the block into a WriteError that names ``path`` and the remedy.

    Parameters
    ----------
    path : Path
        The file or folder that is written in the block.

    Raises
    ------
    WriteError
        If the block raises an OSError.
    """
    try:
        yield
    except OSError as error:
        raise WriteError(
            f"{path}: cannot be written ({error.strerror or error}); results that were written "
            "before remain: free space or permit writing, and run the same command again"
        ) from error
