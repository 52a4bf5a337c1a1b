"""Tests share the cores between processes: one thread each, but where threads are tested."""

import numba
import pytest

THREADED = {"test_dynamics", "test_kernels", "test_many", "test_rotation"}


@pytest.fixture(autouse=True)
def threads(request):
    """One thread for numba's parallel loops, all of them in the modules THREADED."""
    before = numba.get_num_threads()
    if request.module.__name__ not in THREADED:
        numba.set_num_threads(1)
    yield
    numba.set_num_threads(before)
