"""Commands that run long and keep what they have done when they are stopped."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import typer

INTERRUPTED, TERMINATED = 130, 143
"""Exit status after Ctrl-C, and after a request to end (SIGTERM, as ``timeout`` sends it)."""


class Terminated(BaseException):
    """The process was asked to end; no ``except Exception`` stops it."""


@contextmanager
def interruptible(kept: Callable[[], str]) -> Iterator[None]:
    """Say what is kept, in one line on stderr, if the command is stopped meanwhile.

    A request to end is turned into an exception, so that worker processes are ended and temporary
    files and semaphores are given back as after Ctrl-C.

    Parameters
    ----------
    kept : callable
        Returns what was done and is kept, when it is asked.
    """
    with _termination_as_exception():
        try:
            yield
        except (KeyboardInterrupt, Terminated) as stop:
            asked_to_end = isinstance(stop, Terminated)
            word = "asked to end" if asked_to_end else "interrupted"
            typer.echo(f"qxgap: {word}; {kept()}", err=True)
            raise typer.Exit(TERMINATED if asked_to_end else INTERRUPTED) from None


@contextmanager
def _termination_as_exception() -> Iterator[None]:
    """Raise Terminated on SIGTERM; only the main thread may set that, and no one else has."""
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def end(number: int, frame: Any) -> NoReturn:
        raise Terminated

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
