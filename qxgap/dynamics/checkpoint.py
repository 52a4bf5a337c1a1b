"""Checkpoint files, with which an interrupted anneal can be continued."""

from __future__ import annotations

import errno
import json
import os
import signal
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..annealing.accept import QubitHamiltonian
from ..errors import InputError
from ..files import digest, temporary_path, write_whole
from .methods import SplitOperator
from .split import strength_columns

FORMAT = "qxgap-anneal-3"
"""Version of the file's content; a file of another version is refused."""


@dataclass(frozen=True)
class Checkpoint:
    """File in which an anneal saves its position, so that it can be continued.

    The file is a ``.npz`` without pickles. It is replaced atomically, and removed when the anneal
    is done.

    Parameters
    ----------
    path : str or pathlib.Path
        The file.
    every : float
        Seconds between two writes.

    Examples
    --------
    >>> import qxgap as qx
    >>> H = qx.AnnealHamiltonian(qx.QuboProblem([-1.0], [[0.0]]))
    >>> checkpoint = qx.Checkpoint("run.npz", every=600.0)
    >>> run = qx.anneal(H, 5.0, checkpoint=checkpoint)  # after Ctrl-C, the same call continues
    >>> run.status.name
    'CONVERGED'
    """

    path: str | Path
    every: float = 60.0

    def require_writable(self) -> None:
        """Try whether the file can be made, or replaced.

        Raises
        ------
        InputError
            If it cannot.
        """
        path = Path(self.path)
        try:
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            trial = temporary_path(path)
            trial.touch()
            trial.unlink()
        except (OSError, ValueError) as error:
            raise InputError(
                f"checkpoint {path}: cannot be written ({getattr(error, 'strerror', error)}); give "
                "a file in a folder that exists and can be written"
            ) from None


def identity(
    H: QubitHamiltonian,
    tau: float,
    method: SplitOperator,
    start: NDArray[np.complex128],
    at: NDArray[np.float64],
) -> dict[str, str]:
    """Return the properties that must be equal for an anneal to be continued, by name.

    Parameters
    ----------
    H : AnnealHamiltonian or InhomogeneousHamiltonian
        Hamiltonian of the anneal.
    tau : float
        Anneal time.
    method : SplitOperator
        Method of integration.
    start : ndarray of complex, shape (2^d,)
        Initial state.
    at : ndarray of float
        Fractions s at which a callback is called.
    """
    schedule = H.schedule  # its name does not matter: only the strengths move the state
    return {
        "format": FORMAT,
        "instance": H.instance_hash,
        "schedule": digest(schedule.s, strength_columns(schedule)) + schedule.unit,
        "driver": digest(H.driver.weights(H.num_qubits)),
        "tau": repr(float(tau)),
        "method": repr(method),
        "initial state": digest(start),
        "callback fractions": digest(at),
    }


@dataclass(frozen=True, eq=False)
class Position:
    """The point at which an anneal is interrupted: everything that is needed to continue it.

    Attributes
    ----------
    segment : int
        Segment of the run, counted from 0.
    layers : int
        Layers of the segment that are done.
    run_number : int
        Number of the run, counted from 1.
    refinement : dict of str
        Error control, as ``Refinement.numbers`` returns it.
    psi : ndarray of float, shape (2, 2^d)
        Real and imaginary part of the state.
    last_state : ndarray of complex, shape (2^d,) or (0,)
        Final state of the run before, if there was one.
    """

    segment: int
    layers: int
    run_number: int
    refinement: dict[str, Any]
    psi: NDArray[np.float64]
    last_state: NDArray[np.complex128]


@dataclass
class Progress:
    """The file of one anneal, and the clock that says when to write it.

    Attributes
    ----------
    checkpoint : Checkpoint
        File and time between two writes.
    identity : dict of str
        Properties that must be equal for the anneal to be continued.
    clock : callable
        Returns the time in seconds.
    """

    checkpoint: Checkpoint
    identity: dict[str, str]
    clock: Callable[[], float] = time.monotonic
    _last_save: float = field(init=False)

    def __post_init__(self) -> None:
        self._last_save = self.clock()

    def load(self) -> Position | None:
        """Return the saved position, or None if there is no file.

        Raises
        ------
        InputError
            For the file of another anneal, with what differs, and for any other file.
        """
        path = Path(self.checkpoint.path)
        if not path.exists():
            return None
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            header = json.loads(str(arrays.pop("header")))
        except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
            raise InputError(f"{path} is no checkpoint of an anneal ({error}); remove it") from None
        for key, value in self.identity.items():
            stored = header["identity"].get(key)
            if stored != value:
                raise InputError(
                    f"{path}: the checkpoint is of another anneal: {key} is {stored} there and "
                    f"{value} here; give another path, or remove the file"
                )
        numbers = header["numbers"]
        return Position(
            segment=numbers["segment"],
            layers=numbers["done"],
            run_number=numbers["number"],
            refinement=numbers["runs"],
            psi=arrays["psi"],
            last_state=arrays["coarse"],
        )

    def due(self) -> bool:
        """Return whether it is time to save."""
        return self.clock() - self._last_save >= self.checkpoint.every

    def save(self, position: Position) -> None:
        """Replace the file by one with this position.

        Parameters
        ----------
        position : Position
            Where the anneal is.
        """
        numbers = {
            "segment": position.segment,
            "done": position.layers,
            "runs": position.refinement,
            "number": position.run_number,
        }
        header = np.array(json.dumps({"identity": self.identity, "numbers": numbers}))
        psi, last_state = position.psi, position.last_state
        write_whole(
            Path(self.checkpoint.path),
            lambda file: np.savez(file, header=header, psi=psi, coarse=last_state),
        )
        self._last_save = self.clock()

    def remove(self) -> None:
        """Remove the file of an anneal that is done."""
        Path(self.checkpoint.path).unlink(missing_ok=True)


class Interrupt:
    """Context that delays Ctrl-C until the position is saved; a second Ctrl-C acts at once.

    Only the main thread is interrupted by Ctrl-C; in other threads the context does nothing.

    Attributes
    ----------
    requested : bool
        Whether Ctrl-C was pressed and is delayed.
    """

    def __init__(self) -> None:
        self.requested = False
        self._previous_handler: Any = None

    def __enter__(self) -> Interrupt:
        if threading.current_thread() is threading.main_thread():
            self._previous_handler = signal.getsignal(signal.SIGINT)
            signal.signal(signal.SIGINT, self._request)
        return self

    def __exit__(self, *exception: object) -> None:
        if self._previous_handler is not None:
            signal.signal(signal.SIGINT, self._previous_handler)
            self._previous_handler = None
        # Ctrl-C that came after the last save is not lost, unless another exception is on its way.
        if not any(exception):
            self.deliver()

    def _request(self, number: int, frame: object) -> None:
        """Handle the signal: note the first, and raise KeyboardInterrupt for the second."""
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True

    def deliver(self) -> None:
        """Raise the KeyboardInterrupt that was delayed, if there is one."""
        if self.requested:
            self.requested = False
            raise KeyboardInterrupt
