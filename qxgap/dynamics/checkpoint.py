"""Runs that survive an interruption."""

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

from ..annealing.hamiltonian import AnnealHamiltonian
from ..errors import InputError
from ..files import digest, temporary_path, write_whole

FORMAT = "qxgap-anneal-2"


@dataclass(frozen=True)
class Checkpoint:
    """Where an anneal keeps its progress; the file goes when the anneal is done.

    Parameters
    ----------
    path : a ``.npz`` without pickles, replaced atomically.
    every : seconds between two writes.
    """

    path: str | Path
    every: float = 60.0

    def require_writable(self) -> None:
        """InputError unless the file can be made, or replaced, where it is to be."""
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
    H: AnnealHamiltonian, tau: float, method: object, start: NDArray, marks: NDArray
) -> dict[str, str]:
    """Return what must be the same for a run to be continued."""
    schedule = H.schedule  # its name does not matter: only the strengths move the state
    return {
        "format": FORMAT,
        "instance": H.instance_hash,
        "schedule": digest(schedule.s, schedule.A, schedule.B) + schedule.unit,
        "driver": digest(H.driver_weights),
        "tau": repr(float(tau)),
        "method": repr(method),
        "initial state": digest(start),
        "callback fractions": digest(marks),
    }


@dataclass
class Progress:
    """The file of one anneal, and its clock."""

    checkpoint: Checkpoint
    identity: dict[str, str]
    clock: Callable[[], float] = time.monotonic
    _last: float = field(init=False)

    def __post_init__(self) -> None:
        self._last = self.clock()

    def load(self) -> tuple[dict[str, Any], dict[str, NDArray]] | None:
        """Return the stored position, or None if there is no file.

        Raises InputError for a file of another run, naming what differs, or no such file at all.
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
        return header["numbers"], arrays

    def due(self) -> bool:
        """Whether it is time to save."""
        return self.clock() - self._last >= self.checkpoint.every

    def save(self, numbers: dict[str, Any], psi: NDArray, coarse: NDArray) -> None:
        """Replace the file by one with this position: ``numbers`` for JSON, and two states."""
        path = Path(self.checkpoint.path)
        header = np.array(json.dumps({"identity": self.identity, "numbers": numbers}))
        write_whole(path, lambda file: np.savez(file, header=header, psi=psi, coarse=coarse))
        self._last = self.clock()

    def remove(self) -> None:
        """Forget the run, which is done."""
        Path(self.checkpoint.path).unlink(missing_ok=True)


class Interrupt:
    """Hold Ctrl-C back until the position can be kept; a second one is not held back.

    Only the main thread is interrupted by Ctrl-C; elsewhere nothing is changed.
    """

    def __init__(self) -> None:
        self.asked = False
        self._before: Any = None

    def __enter__(self) -> Interrupt:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.getsignal(signal.SIGINT)
            signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(self, *exception: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            self._before = None
        if not any(exception):
            self.give_way()

    def _ask(self, number: int, frame: object) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True

    def give_way(self) -> None:
        """Raise the KeyboardInterrupt that was held back."""
        if self.asked:
            self.asked = False
            raise KeyboardInterrupt
