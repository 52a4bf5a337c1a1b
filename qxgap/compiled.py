"""The decorator ``njit`` of all compiled functions, and the folder in which numba stores the code.

numba stores compiled code in the folder of the package, or below HOME, or in the folder that the
environment variable ``NUMBA_CACHE_DIR`` names. If it can write to none of them, it refuses to
decorate a function. This is usual on shared machines: with an installation for all users, or in a
container without a home folder. Then a private folder below the system's temporary folder is used.
If that cannot be written either, functions are compiled again in every process.
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
"""The environment variable with the folder in which numba stores compiled code."""


def numba_can_cache() -> bool:
    """Return whether numba finds a folder in which it can store the compiled functions of qxgap.

    Returns
    -------
    bool
        False if decorating a function would fail.
    """

    def probe() -> None:
        """Do nothing: the function exists to be decorated."""

    try:
        numba.njit(cache=True)(probe)
    except RuntimeError:  # numba: "cannot cache function ...: no locator available"
        return False
    return True


def private_folder(parent: str | Path | None = None) -> Path | None:
    """Make a folder that only this user can write to.

    Compiled code is executed when it is loaded. So a folder that belongs to somebody else, or that
    others may write to, is never used.

    Parameters
    ----------
    parent : str, Path or None
        The folder in which it is made; None is the system's temporary folder.

    Returns
    -------
    Path or None
        The folder, or None if it cannot be made or is not private.
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
    """Decide where numba stores compiled code; this must happen before a kernel is decorated.

    If numba finds no folder, ``NUMBA_CACHE_DIR`` is set to a private one for this process and for
    the processes that it starts.

    Parameters
    ----------
    can_cache : callable
        Returns whether numba can store compiled code now.
    parent : str, Path or None
        The folder in which the private folder is made; None is the system's temporary folder.

    Returns
    -------
    cached : bool
        Whether compiled code is stored.
    note : str or None
        A sentence for the user if the code is not stored in the usual place, else None.
    """
    if can_cache():
        return True, None
    remedy = f"set {CACHE_VARIABLE} to a folder that you can write"
    reason = "neither the package folder nor HOME can be written"
    folder, before = private_folder(parent), os.environ.get(CACHE_VARIABLE)
    if folder is not None:
        _point_numba_to(str(folder))
        if can_cache():
            location = f"{reason}; compiled code is stored in {folder}"
            return True, f"{location}. To store it elsewhere, {remedy}"
        _point_numba_to(before)
    return False, f"{reason}, nor a temporary folder, so that every command compiles; {remedy}"


def _point_numba_to(folder: str | None) -> None:
    """Set numba's cache folder, in the environment for new processes and in its settings here."""
    if folder is None:
        os.environ.pop(CACHE_VARIABLE, None)
    else:
        os.environ[CACHE_VARIABLE] = folder
    numba.config.CACHE_DIR = folder or ""  # type: ignore[attr-defined]


# A thread of OpenMP that has finished its part of a loop spins until the next loop, unless another
# policy is set before the library is loaded. It then takes a processor from other processes
# and from the other threads of this one: a loop may take ten times as long.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

CACHED, CACHE_NOTE = choose_cache()
"""Whether compiled code is stored, and the note that the command line prints, or None."""


def njit(
    *, cache: bool, parallel: bool = False, nogil: bool = False, relaxed: bool = False
) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function as ``numba.njit`` does, and store the code if that is possible.

    Parameters
    ----------
    cache : bool
        Whether the compiled code is stored for later processes, if a folder can be written.
    parallel : bool
        Whether loops over ``prange`` run on several threads.
    nogil : bool
        Whether other threads of Python run meanwhile, such as one that shows the progress.
    relaxed : bool
        Whether the terms of a sum may be added in any order, and a division by zero gives infinity
        rather than an exception. Then the compiler can use vector registers. The order stays the
        same from run to run.

    Returns
    -------
    callable
        The decorator.
    """
    return numba.njit(
        cache=cache and CACHED,
        parallel=parallel,
        nogil=nogil,
        fastmath={"reassoc", "contract"} if relaxed else False,
        error_model="numpy" if relaxed else "python",
    )
