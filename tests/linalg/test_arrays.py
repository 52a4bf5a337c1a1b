"""The few functions that numpy arrays and torch tensors offer to the eigensolvers alike."""

import numpy as np
import pytest

from qxgap.linalg import arrays as arrays_module
from qxgap.linalg.arrays import HOST, Arrays


def libraries():
    yield HOST
    try:
        import torch
    except ImportError:
        return
    yield Arrays(torch, torch.float64, "cpu")


EACH_LIBRARY = pytest.mark.parametrize("arrays", list(libraries()), ids=lambda a: a.xp.__name__)


@EACH_LIBRARY
@pytest.mark.parametrize("n", [1, 7, 1024, 5000])
def test_the_smallest_elements_are_those_of_a_full_sort(n, arrays):
    values = np.random.default_rng(n).permutation(n).astype(float)
    for count in {1, min(n, 5), min(n, 1500)}:
        found, where = arrays.smallest(arrays.array(values), count)
        np.testing.assert_array_equal(found, np.arange(count))
        np.testing.assert_array_equal(values[where], found)


@EACH_LIBRARY
@pytest.mark.parametrize("on_threads", [False, True])
def test_random_numbers_are_normal_and_those_of_their_seed(on_threads, arrays, monkeypatch):
    monkeypatch.setattr(arrays_module, "THREADS_FROM", 4000 if on_threads else 4001)
    one, same = (arrays.random(4000, np.random.default_rng(3)) for _ in range(2))
    rng = np.random.default_rng(4)
    other, more = arrays.random(4000, rng), arrays.random(4000, rng)
    assert bool((one == same).all())
    assert abs(float(one.mean())) < 0.1
    assert abs(float((one * one).mean()) - 1.0) < 0.15
    for different in (other, more):
        assert abs(float(one @ different)) < 5 * 4000**0.5
    assert abs(float(other @ more)) < 5 * 4000**0.5
