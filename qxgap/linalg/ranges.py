"""Work on long vectors, range by range, on several threads.

The functions that do the work are compiled by numba or are numpy's. They let other threads of
Python run meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import numba

THREADS_FROM = 1 << 17
"""Length of the vectors from which on several threads share the work.

It is that of the products with the Hamiltonian, :data:`qxgap.annealing.kernels.PARALLEL_FROM`.
"""
RANGES = 16
"""Number of ranges of a vector that threads share.

It is fixed, and the results of the ranges are added in a fixed order, so that no result depends on
the number of threads.
"""


def for_each_range(n: int, do: Callable[[int, int, int], None]) -> None:
    """Call ``do(index, begin, end)`` for all ranges of a vector of length n, on all threads."""
    edges = [n * index // RANGES for index in range(RANGES + 1)]
    threads = numba.get_num_threads()
    if threads == 1:
        for index in range(RANGES):
            do(index, edges[index], edges[index + 1])
    else:
        list(_pool(threads, os.getpid()).map(do, range(RANGES), edges[:-1], edges[1:]))


@lru_cache(maxsize=1)
def _pool(threads: int, process: int) -> ThreadPoolExecutor:
    """Return threads that wait for work; a copy of a process needs its own ones."""
    return ThreadPoolExecutor(threads, thread_name_prefix=f"qxgap-{process}")
