"""Batches are given to workers and rows come back, whatever happens to the workers."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    wait,
)
from itertools import groupby

from .cells import Row
from .computing import compute, failed
from .executors import WorkerPool
from .plan import Batch

AHEAD = 2
"""Number of batches submitted for each worker: one is computed, and one waits."""

Computed = tuple[Batch, list[Row]]


def deal(pool: WorkerPool, batches: Sequence[Batch]) -> Generator[Computed]:
    """Yield every batch with its rows, in the order in which they are finished.

    A batch whose worker dies, for want of memory for instance, is computed again with no other
    batch beside it, then problem by problem. The rows of a problem whose worker dies once more are
    FAILED, and so are those of a batch that the executor gives up on. Closing the generator ends
    the workers.

    Parameters
    ----------
    pool : WorkerPool
        The workers.
    batches : sequence of Batch
        The batches, in the order in which they are submitted.

    Raises
    ------
    ConnectionError
        If the executor drops a batch, as when a cluster is shut down.
    """
    queue, suspects = deque(batches), deque[Batch]()
    while queue or suspects:
        executor = pool.open()
        try:
            if suspects:
                yield from _alone(executor, suspects)
            else:
                yield from _side_by_side(executor, queue, suspects, AHEAD * pool.num_workers)
        finally:
            pool.close(executor)


def _side_by_side(
    executor: Executor, queue: deque[Batch], suspects: deque[Batch], width: int
) -> Iterator[Computed]:
    """Compute the queue until it is empty or the executor breaks.

    If the executor breaks, nobody knows which batch broke it: every batch that was being computed
    moves to ``suspects``.
    """
    running: dict[Future[list[Row]], Batch] = {}
    while queue or running:
        try:
            while queue and len(running) < width:
                running[executor.submit(compute, queue[0])] = queue[0]
                queue.popleft()
            broken = False
        except BrokenExecutor:
            broken = True
        for future in wait(running, return_when=FIRST_COMPLETED).done if running else ():
            batch = running.pop(future)
            error = _error(future)
            if error is None:
                yield batch, future.result()
            else:
                broken |= isinstance(error, BrokenExecutor)
                suspects.append(batch)
        if broken:
            for future, batch in running.items():
                if future.done() and _error(future) is None:
                    yield batch, future.result()
                else:
                    suspects.append(batch)
            return


def _alone(executor: Executor, suspects: deque[Batch]) -> Iterator[Computed]:
    """Compute suspects one at a time until none is left or the executor breaks."""
    while suspects:
        batch = suspects.popleft()
        future = executor.submit(compute, batch)
        wait([future])
        error = _error(future)
        if error is None:
            yield batch, future.result()
            continue
        parts = _by_problem(batch)
        if len(parts) > 1:
            suspects.extendleft(reversed(parts))
        else:
            text = f"its worker died or gave up ({type(error).__name__}: {error})"
            yield batch, [failed(batch, cell, text) for cell in batch.cells]
        if isinstance(error, BrokenExecutor):
            return


def _error(future: Future[list[Row]]) -> BaseException | None:
    try:
        return future.exception()
    except CancelledError:
        raise ConnectionError(
            "the executor dropped a batch; what was computed before is kept: "
            "run the same command again"
        ) from None


def _by_problem(batch: Batch) -> list[Batch]:
    same = groupby(batch.cells, key=lambda cell: cell.subject)
    return [batch.of_cells(list(cells)) for _, cells in same]
