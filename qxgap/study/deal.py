"""The distribution of batches to workers, which also handles workers that die."""

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
"""Number of batches submitted for each worker: the worker computes one while the other waits."""

Computed = tuple[Batch, list[Row]]


def deal(pool: WorkerPool, batches: Sequence[Batch]) -> Generator[Computed]:
    """Yield every batch with its rows, in the order in which they are finished.

    If a worker dies, for instance because memory is full, its batch is computed again while no
    other batch is computed, and then problem by problem. If a worker dies once more, the rows of
    its problem are FAILED. The same holds if the executor stops to retry a batch. Closing the
    generator ends the workers.

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
    # Batches of ``queue`` were not computed yet. Batches of ``suspects`` were in progress when an
    # executor broke, so that each of them may have broken it.
    queue, suspects = deque(batches), deque[Batch]()
    while queue or suspects:
        # Every round has a new executor, because a broken one takes no more batches. Suspects come
        # first, and one at a time: if the executor breaks again, the batch at fault is known.
        executor = pool.open()
        try:
            if suspects:
                yield from _compute_one_at_a_time(executor, suspects)
            else:
                yield from _compute_in_parallel(executor, queue, suspects, AHEAD * pool.num_workers)
        finally:
            pool.close(executor)


def _compute_in_parallel(
    executor: Executor, queue: deque[Batch], suspects: deque[Batch], width: int
) -> Iterator[Computed]:
    """Compute the queue until it is empty or the executor breaks.

    If the executor breaks, the batch that broke it is unknown. Then every batch that was in
    progress moves to ``suspects``.
    """
    running: dict[Future[list[Row]], Batch] = {}
    while queue or running:
        try:
            # A batch leaves the queue only after it was submitted, so that none is lost here.
            while queue and len(running) < width:
                running[executor.submit(compute, queue[0])] = queue[0]
                queue.popleft()
            broken = False
        except BrokenExecutor:
            broken = True
        done = wait(running, return_when=FIRST_COMPLETED).done if running else set()
        # In the order of submission, so that a study that stops at a failure has stored the rest.
        for future in [future for future in running if future in done]:
            batch = running.pop(future)
            error = _error(future)
            if error is None:
                yield batch, future.result()
            else:
                # Another error concerns this batch only: the executor goes on with the others.
                broken |= isinstance(error, BrokenExecutor)
                suspects.append(batch)
        if broken:
            # Batches that were finished before the executor broke are not computed again.
            for future, batch in running.items():
                if future.done() and _error(future) is None:
                    yield batch, future.result()
                else:
                    suspects.append(batch)
            return


def _compute_one_at_a_time(executor: Executor, suspects: deque[Batch]) -> Iterator[Computed]:
    """Compute suspects one at a time until none is left or the executor breaks."""
    while suspects:
        batch = suspects.popleft()
        future = executor.submit(compute, batch)
        wait([future])
        error = _error(future)
        if error is None:
            yield batch, future.result()
            continue
        # A batch of several problems is divided, so that only the problem at fault fails.
        parts = _by_problem(batch)
        if len(parts) > 1:
            suspects.extendleft(reversed(parts))
        else:
            text = f"its worker died or gave up ({type(error).__name__}: {error})"
            yield batch, [failed(batch, cell, text) for cell in batch.cells]
        if isinstance(error, BrokenExecutor):
            return


def _error(future: Future[list[Row]]) -> BaseException | None:
    """Return the exception of a batch; raise ConnectionError if the executor cancelled it."""
    try:
        return future.exception()
    except CancelledError:
        raise ConnectionError(
            "the executor dropped a batch; the rows that were computed before are stored: "
            "run the same command again"
        ) from None


def _by_problem(batch: Batch) -> list[Batch]:
    """Divide a batch into one batch for each problem or image."""
    same = groupby(batch.cells, key=lambda cell: cell.subject)
    return [batch.of_cells(list(cells)) for _, cells in same]
