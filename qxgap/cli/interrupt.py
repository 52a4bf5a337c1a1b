"""The reaction of a command to Ctrl-C and to a request to end, and its message."""

from __future__ import annotations

import importlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import typer

INTERRUPTED, TERMINATED = 130, 143
"""Exit status after Ctrl-C, and after a request to end (SIGTERM, as ``timeout`` sends it)."""


GOES_ON = "the results so far are stored: the same command continues from there"


class Interrupted(Exception):
    """Ctrl-C stopped a command; the message says which results remain."""


class Terminated(BaseException):
    """The process received a request to end; no ``except Exception`` catches this exception."""


@contextmanager
def interruptible(kept: Callable[[], str]) -> Iterator[None]:
    """Print one line on stderr about the stored work, if the command is stopped in this context.

    A request to end is turned into an exception, so that worker processes are ended and temporary
    files and semaphores are released as after Ctrl-C.

    Parameters
    ----------
    kept : callable
        Returns a sentence about the work that is stored.
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
    """Raise Terminated on SIGTERM, if this is the main thread and no other handler is set."""
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


@contextmanager
def leave_at_once() -> Iterator[None]:
    """End the process with one line on Ctrl-C, since half-imported libraries would print errors."""
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield  # Ctrl-C is ignored, as under nohup, or has another handler
        return

    def leave(number: int, frame: Any) -> NoReturn:
        os.write(2, b"qxgap: interrupted\n")
        os._exit(INTERRUPTED)

    signal.signal(signal.SIGINT, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def import_at_once(name: str) -> None:
    """Import a package that computes, as a command needs it; see :func:`leave_at_once`.

    Parameters
    ----------
    name : str
        Name of the package.
    """
    with leave_at_once():
        importlib.import_module(name)
