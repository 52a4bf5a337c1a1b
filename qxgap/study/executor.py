"""Where batches are computed: processes of this machine, dask workers, any executor."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from tqdm import tqdm

from ..errors import InputError, MissingExtraError

PACKAGE = "qxgap"
PINNED = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
"""Environment variables that make BLAS and numba take one thread; workers start with them."""


class Engine(Protocol):
    """Opens an executor for a study."""

    @property
    def workers(self) -> int:
        """Batches computed at a time; of interest once it is open."""

    def open(self) -> Executor:
        """Return a new executor, to be given to :meth:`close`."""

    def close(self, executor: Executor) -> None:
        """Let go of the executor at once, whatever it is computing."""


@dataclass
class Processes:
    """Processes of this machine, one thread each; they end with the process that started them.

    A process that dies is noticed; see :func:`qxgap.study.run_study`.

    Parameters
    ----------
    workers : by default one for each core that this process may use.
    """

    workers: int = 0

    def __post_init__(self) -> None:
        if self.workers < 0:
            raise InputError(f"workers = {self.workers}; give at least 1")
        self.workers = self.workers or len(_cores())

    def open(self) -> Executor:
        """Start the processes."""
        context = multiprocessing.get_context("spawn")  # forking threads of BLAS may hang
        level = logging.getLogger(PACKAGE).getEffectiveLevel()
        pool = ProcessPoolExecutor(
            self.workers, context, initializer=_begin_worker, initargs=(level,)
        )
        try:
            with _environment(PINNED):  # a call that finds no idle process starts one
                for ready in [pool.submit(os.getpid) for _ in range(self.workers)]:
                    ready.result()
        except BaseException:  # Ctrl-C too
            self.close(pool)
            raise
        return pool

    def close(self, executor: Executor) -> None:
        """Drop what is queued and end the processes."""
        assert isinstance(executor, ProcessPoolExecutor)
        mine = list((executor._processes or {}).values())
        executor.shutdown(wait=False, cancel_futures=True)
        for process in mine:
            process.terminate()
        for process in mine:
            process.join()


@dataclass
class Dask:
    """Workers of a running dask cluster; a worker that is lost is replaced by another.

    Parameters
    ----------
    address : of the scheduler, such as ``tcp://10.0.0.1:8786``.
    timeout : seconds to wait for it.
    """

    address: str
    timeout: float = 20.0
    workers: int = 1

    def open(self) -> Executor:
        """Connect; MissingExtraError without dask.distributed, InputError if nobody answers."""
        try:
            import distributed
        except ImportError:
            raise MissingExtraError.of("--executor dask", "dask.distributed", "dask") from None
        try:
            connect: Any = distributed.Client
            self._client = connect(self.address, timeout=self.timeout, set_as_default=False)
        except (OSError, ValueError) as error:
            raise InputError(
                f"dask={self.address}: no scheduler answers ({error}); start one with "
                "`dask scheduler`, and workers with `dask worker --nthreads 1`"
            ) from error
        self.workers = max(sum(self._client.nthreads().values()), 1)
        executor: Executor = self._client.get_executor(pure=False)
        return executor

    def close(self, executor: Executor) -> None:
        """Cancel what is queued and disconnect; the cluster stays."""
        executor.shutdown(wait=False)  # dask's own cancels what it has not begun
        self._client.close()


@dataclass
class Given:
    """An executor of the caller's, who also closes it."""

    executor: Executor
    workers: int = 1

    def open(self) -> Executor:
        """Return it."""
        return self.executor

    def close(self, executor: Executor) -> None:
        """Leave it open."""


def engine_named(text: str, workers: int = 0) -> Engine:
    """Read ``processes`` or ``dask=ADDRESS``; InputError for anything else."""
    name, equals, address = text.partition("=")
    if name == "processes" and not equals:
        return Processes(workers)
    if name == "dask" and address:
        return Dask(address)
    raise InputError(f"executor {text!r} is unknown; use processes or dask=ADDRESS")


def _cores() -> set[int]:
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))


@contextmanager
def _environment(names: tuple[str, ...]) -> Iterator[None]:
    """Set variables to 1 for the processes that are started meanwhile."""
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _begin_worker(level: int) -> None:
    """Leave Ctrl-C to the parent, and end with it even if it is killed.

    What the package logs from ``level`` on, the parent's, goes to stderr: so the traceback of a row
    that failed can be read with ``logging.getLogger("qxgap").setLevel(logging.DEBUG)``.

    Progress bars in a worker lock threads only: tqdm's lock of processes is a semaphore, which a
    worker that is ended does not give back.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tqdm.set_lock(threading.RLock())
    log = logging.getLogger(PACKAGE)
    log.setLevel(level)
    log.addHandler(logging.StreamHandler())
    parent = multiprocessing.parent_process()
    assert parent is not None

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
