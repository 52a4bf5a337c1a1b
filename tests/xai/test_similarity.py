"""Similarity of explanation maps against scipy, a loop over windows, and scikit-image."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

import qxgap as qx
from qxgap import xai


def pairs(seed, shape):
    rng = np.random.default_rng(seed)
    first = rng.random(shape)
    return first, np.round(first + rng.random(shape), 1)  # with ties


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([(3, 2, 2), (2, 5, 4), (1, 9, 8)]))
def test_rank_correlation_is_that_of_scipy(seed, shape):
    first, second = pairs(seed, shape)
    found = xai.rank_correlation(torch.tensor(first), torch.tensor(second))
    expected = [
        spearmanr(a.ravel(), b.ravel()).statistic if np.ptp(b) else 0.0
        for a, b in zip(first, second, strict=True)
    ]
    np.testing.assert_allclose(found, expected, atol=1e-12)
    grown = xai.rank_correlation(torch.tensor(np.exp(3 * first)), torch.tensor(second))
    np.testing.assert_allclose(grown, found, atol=1e-12)


def test_a_map_without_an_order_has_no_correlation():
    varied, flat = torch.rand(1, 4, 4), torch.ones(1, 4, 4)
    assert xai.rank_correlation(varied, flat).item() == 0
    assert xai.rank_correlation(flat, flat).item() == 0


def by_windows(first, second):
    first, second = first / first.max(), second / second.max()
    values = []
    for i in range(first.shape[0] - 6):
        for j in range(first.shape[1] - 6):
            one, two = (maps[i : i + 7, j : j + 7].ravel() for maps in (first, second))
            (v, c), (_, w) = np.cov(one, two)
            m, n = one.mean(), two.mean()
            top = (2 * m * n + 0.01**2) * (2 * c + 0.03**2)
            values.append(top / ((m**2 + n**2 + 0.01**2) * (v + w + 0.03**2)))
    return np.mean(values)


@pytest.mark.parametrize("shape", [(2, 7, 7), (2, 9, 12)])
def test_structural_similarity_window_by_window(shape):
    first, second = pairs(1, shape)
    found = xai.structural_similarity(torch.tensor(first), torch.tensor(second))
    expected = [by_windows(a, b) for a, b in zip(first, second, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_structural_similarity_is_that_of_scikit_image():
    metrics = pytest.importorskip("skimage.metrics")
    first, second = pairs(2, (3, 28, 28))
    found = xai.structural_similarity(torch.tensor(first), torch.tensor(second))
    for value, a, b in zip(found, first, second, strict=True):
        expected = metrics.structural_similarity(a / a.max(), b / b.max(), data_range=1.0)
        assert value.item() == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (torch.ones(2, 8, 8), torch.ones(1, 8, 8), r"shapes \(2, 8, 8\) and \(1, 8, 8\)"),
        (torch.ones(8, 8), torch.ones(8, 8), "give both as"),
        (torch.full((1, 8, 8), torch.nan), torch.ones(1, 8, 8), "not finite"),
    ],
)
def test_maps_that_do_not_pair(first, second, message):
    for measure in (xai.rank_correlation, xai.structural_similarity):
        with pytest.raises(qx.InputError, match=message):
            measure(first, second)


def test_maps_without_windows():
    with pytest.raises(qx.InputError, match="give at least 7 x 7"):
        xai.structural_similarity(torch.ones(1, 6, 8), torch.ones(1, 6, 8))
    with pytest.raises(qx.InputError, match="negative values"):
        xai.structural_similarity(-torch.ones(1, 8, 8), torch.ones(1, 8, 8))
