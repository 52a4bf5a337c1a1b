"""Pools of workers that compute batches: processes of this machine, dask, or any executor."""

from __future__ import annotations

import logging
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any, Protocol

from tqdm import tqdm

from ..errors import InputError, MissingExtraError

PACKAGE = "qxgap"
PINNED = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
"""Environment variables that make BLAS and numba take one thread; workers start with them."""


class WorkerPool(Protocol):
    """Workers that compute the batches of a study; :func:`run_study` opens and closes them.

    Any object with this attribute and these two methods is a worker pool.
    """

    @property
    def num_workers(self) -> int:
        """Number of batches that are computed at the same time; right once the pool is open."""

    def open(self) -> Executor:
        """Return a new executor, which :meth:`close` takes."""

    def close(self, executor: Executor) -> None:
        """Release the executor at once, whatever it is computing.

        Parameters
        ----------
        executor : concurrent.futures.Executor
            What :meth:`open` returned.
        """


@dataclass
class Processes:
    """Processes of this machine, one thread each; they end with the process that started them.

    A process that dies is noticed, and its batch is computed again; see
    :func:`qxgap.study.run_study`.

    Parameters
    ----------
    num_workers : int
        Number of processes; 0 is one for each core that this process may use.

    Raises
    ------
    InputError
        For a negative number.
    """

    num_workers: int = 0
    _alive: dict[int, Connection] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.num_workers < 0:
            raise InputError(f"workers = {self.num_workers}; give at least 1")
        self.num_workers = self.num_workers or len(_cores())

    def open(self) -> Executor:
        """Start the processes.

        Returns
        -------
        concurrent.futures.Executor
            The executor; all its processes run.
        """
        context = multiprocessing.get_context("spawn")  # forking threads of BLAS may hang
        level = logging.getLogger(PACKAGE).getEffectiveLevel()
        # No process ever receives through this pipe: closing its other end tells all to end.
        receiver, sender = context.Pipe(duplex=False)
        pool = ProcessPoolExecutor(
            self.num_workers, context, initializer=_begin_worker, initargs=(level, receiver)
        )
        self._alive[id(pool)] = sender
        try:
            with _environment(PINNED):  # a call that finds no idle process starts one
                for ready in [pool.submit(os.getpid) for _ in range(self.num_workers)]:
                    ready.result()
        except BaseException:  # Ctrl-C too
            self.close(pool)
            raise
        return pool

    def close(self, executor: Executor) -> None:
        """Drop the batches that wait, end the processes, and wait until they have ended.

        Parameters
        ----------
        executor : concurrent.futures.Executor
            What :meth:`open` returned.
        """
        self._alive.pop(id(executor)).close()
        executor.shutdown(wait=True, cancel_futures=True)


@dataclass
class Dask:
    """Workers of a running dask cluster; a worker that is lost is replaced by another.

    Parameters
    ----------
    address : str
        Address of the scheduler, such as ``tcp://10.0.0.1:8786``.
    timeout : float
        Seconds to wait for the scheduler.
    num_workers : int
        Number of threads of the cluster; set when the pool is opened.
    """

    address: str
    timeout: float = 20.0
    num_workers: int = 1

    def open(self) -> Executor:
        """Connect to the scheduler.

        Returns
        -------
        concurrent.futures.Executor
            Dask's executor.

        Raises
        ------
        MissingExtraError
            Without dask.distributed.
        InputError
            If no scheduler answers.
        """
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
        self.num_workers = max(sum(self._client.nthreads().values()), 1)
        executor: Executor = self._client.get_executor(pure=False)
        return executor

    def close(self, executor: Executor) -> None:
        """Cancel the batches that wait and disconnect; the cluster stays.

        Parameters
        ----------
        executor : concurrent.futures.Executor
            What :meth:`open` returned.
        """
        executor.shutdown(wait=False)  # dask's executor cancels what it has not begun
        self._client.close()


@dataclass
class ExistingExecutor:
    """An executor that the caller opens and closes.

    Parameters
    ----------
    executor : concurrent.futures.Executor
        The executor.
    num_workers : int
        Number of batches that it computes at the same time.
    """

    executor: Executor
    num_workers: int = 1

    def open(self) -> Executor:
        """Return the executor.

        Returns
        -------
        concurrent.futures.Executor
            The executor.
        """
        return self.executor

    def close(self, executor: Executor) -> None:
        """Leave the executor open.

        Parameters
        ----------
        executor : concurrent.futures.Executor
            What :meth:`open` returned.
        """


def pool_named(text: str, num_workers: int = 0) -> WorkerPool:
    """Return the workers that a text names.

    Parameters
    ----------
    text : str
        ``processes``, or ``dask=ADDRESS`` with the address of a scheduler.
    num_workers : int
        Number of processes; 0 is one for each core. A cluster has its own number.

    Returns
    -------
    WorkerPool
        The workers, not opened.

    Raises
    ------
    InputError
        For another text, and for a negative number.

    Examples
    --------
    >>> from qxgap.study import pool_named
    >>> pool_named("processes", num_workers=2)
    Processes(num_workers=2)
    """
    name, equals, address = text.partition("=")
    if name == "processes" and not equals:
        return Processes(num_workers)
    if name == "dask" and address:
        return Dask(address)
    raise InputError(f"executor {text!r} is unknown; use processes or dask=ADDRESS")


def _cores() -> set[int]:
    """Return the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))


@contextmanager
def _environment(names: tuple[str, ...]) -> Iterator[None]:
    """Set variables to 1 for the processes that are started within the block."""
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


def _begin_worker(level: int, receiver: Connection) -> None:
    """Prepare a worker process.

    * Ctrl-C is left to the parent process.
    * The worker ends as soon as the parent ends, even if it is killed, or closes its end of the
      pipe, even in the middle of a computation.
    * What the package logs from ``level`` on, the parent's, goes to stderr: so the traceback of a
      row that failed can be read with ``logging.getLogger("qxgap").setLevel(logging.DEBUG)``.
    * Progress bars lock threads only: tqdm's lock of processes is a semaphore, which a worker that
      is ended does not give back.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tqdm.set_lock(threading.RLock())
    log = logging.getLogger(PACKAGE)
    log.setLevel(level)
    log.addHandler(logging.StreamHandler())
    parent = multiprocessing.parent_process()
    assert parent is not None

    def end_with_parent() -> None:
        multiprocessing.connection.wait([parent.sentinel, receiver])
        os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()
