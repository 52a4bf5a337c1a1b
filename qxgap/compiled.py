"""Compiled functions, and where numba keeps them: the one ``njit`` that qxgap's kernels use.

numba keeps compiled code in the package folder, else below HOME, else where ``NUMBA_CACHE_DIR``
says, and refuses to decorate a function if it can write to none of them. On shared machines that is
usual: a system-wide install, a container without a home folder. Then a folder of the user's own
below the system's temporary folder is taken; if even that cannot be written, functions are compiled
anew in every process.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

CACHE_VARIABLE = "NUMBA_CACHE_DIR"


def numba_can_cache() -> bool:
    """Whether numba finds a folder in which it can keep the compiled functions of qxgap."""

    def probe() -> None:
        """Do nothing; only the decoration counts."""

    try:
        numba.njit(cache=True)(probe)
    except RuntimeError:  # numba: "cannot cache function ...: no locator available"
        return False
    return True


def private_folder(parent: str | Path | None = None) -> Path | None:
    """Return a folder that only this user can write, made below ``parent``; None if that fails.

    Compiled code is run when it is loaded, so a folder that belongs to somebody else, or that
    others may write to, is never taken.

    Parameters
    ----------
    parent : str, Path or None
        Folder to make it in; None is the system's temporary folder.
    """
    user = os.getuid() if hasattr(os, "getuid") else None
    try:
        folder = Path(parent or tempfile.gettempdir()) / f"qxgap-{user or 0}"
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
        shared = user is not None and (status.st_uid != user or status.st_mode & 0o077)
        if not stat.S_ISDIR(status.st_mode) or shared:
            return None
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return None


def choose_cache(
    can_cache: Callable[[], bool] = numba_can_cache, parent: str | Path | None = None
) -> tuple[bool, str | None]:
    """Decide where numba keeps compiled code; call it before a kernel is decorated.

    Where numba finds no folder of its own, ``NUMBA_CACHE_DIR`` is set for this process and for the
    processes that it starts.

    Parameters
    ----------
    can_cache : callable
        Tells whether numba can write now.
    parent : str, Path or None
        Folder in which a private one is made; None is the system's temporary folder.

    Returns
    -------
    cached : bool
        Whether compiled code is kept.
    note : str or None
        A sentence for the user if it is not kept where numba would; None if all is as usual.
    """
    if can_cache():
        return True, None
    remedy = f"set {CACHE_VARIABLE} to a folder that you can write"
    reason = "neither the package folder nor HOME can be written"
    folder, before = private_folder(parent), os.environ.get(CACHE_VARIABLE)
    if folder is not None:
        _point_numba_to(str(folder))
        if can_cache():
            place = f"{reason}; compiled code is kept in {folder}"
            return True, f"{place}. To keep it elsewhere, {remedy}"
        _point_numba_to(before)
    return False, f"{reason}, nor a temporary folder, so that every command compiles; {remedy}"


def _point_numba_to(folder: str | None) -> None:
    """Set numba's cache folder: in the environment, which it reads again, and as it stands now."""
    if folder is None:
        os.environ.pop(CACHE_VARIABLE, None)
    else:
        os.environ[CACHE_VARIABLE] = folder
    numba.config.CACHE_DIR = folder or ""  # type: ignore[attr-defined]


CACHED, CACHE_NOTE = choose_cache()
"""Whether compiled code is kept between processes, and what the command line says if not as usual.
"""


def njit(*, cache: bool, parallel: bool = False) -> Callable[[Callable[..., Any]], Any]:
    """Compile a kernel, as ``numba.njit`` does, and keep the result where that is possible.

    Parameters
    ----------
    cache : bool
        Whether to keep the compiled code for later processes, if a folder for it can be written.
    parallel : bool
        Whether ``prange`` loops run in threads.
    """
    return numba.njit(cache=cache and CACHED, parallel=parallel)
