"""The random instances that the package offers for tests."""

import numpy as np
import pytest

import qxgap as qx
from qxgap.testing import random_feature_selection


@pytest.mark.parametrize("num_pixels", [1, 2, 4, 196])
def test_small_maps_never_put_a_nan_into_the_problem(num_pixels):
    """With 4 pixels one map in 16 is drawn as zeros, so that of 100 problems nearly all had one."""
    for seed in range(100):
        problem = random_feature_selection(12, seed=seed, num_pixels=num_pixels)
        h, J = problem.source.rewards, problem.source.redundancy
        assert h.max() == pytest.approx(1.0)
        assert (h > 0).all()
        assert ((J >= 0) & (J <= 1 + 1e-12)).all()
        assert np.linalg.matrix_rank(J + np.eye(12), tol=1e-8) <= num_pixels


def test_problems_follow_the_seed():
    hashes = [random_feature_selection(7, seed=s, num_pixels=3).content_hash for s in (1, 2, 1)]
    assert hashes[0] == hashes[2] != hashes[1]


@pytest.mark.parametrize(
    ("sizes", "message"), [((0, 4), "num_qubits = 0"), ((3, 0), "num_pixels = 0")]
)
def test_nothing_to_draw(sizes, message):
    with pytest.raises(qx.InputError, match=message):
        random_feature_selection(sizes[0], seed=1, num_pixels=sizes[1])
