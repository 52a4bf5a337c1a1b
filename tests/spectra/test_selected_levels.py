"""Levels in selected configurations, against dense matrices and against proven bounds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap.annealing.frame import ProductFrame
from qxgap.errors import InputError
from qxgap.spectra import SelectedConfigurations, selected_levels
from qxgap.spectra.wide.configurations import ConfigurationSet, words_of
from qxgap.spectra.wide.terms import frame_terms
from qxgap.testing import random_feature_selection

KINDS = ["redundant", "glass", "degenerate", "ferromagnetic"]


def problem_of(d, seed, kind):
    if kind == "redundant":
        return random_feature_selection(d, seed=seed)
    rng = np.random.default_rng(seed)
    h, J = rng.normal(size=d), np.triu(rng.normal(size=(d, d)), 1)
    if kind == "degenerate":
        h, J = np.round(h), np.round(J)
    if kind == "ferromagnetic":
        J = -np.abs(J)
    return qx.QuboProblem(h, J)


def closed_set(terms):
    """The set of all 2^d configurations."""
    configurations = ConfigurationSet(terms)
    d = terms.num_qubits
    index = np.arange(2**d)
    configurations.add(words_of([np.flatnonzero(i >> np.arange(d) & 1) for i in index], d))
    return configurations


@pytest.mark.parametrize("d", [1, 2, 5, 8])
@pytest.mark.parametrize("kind", KINDS)
def test_the_frame_changes_no_level_whatever_its_angles(d, kind):
    problem = problem_of(d, 3, kind)
    rng = np.random.default_rng(d)
    weights, A, B = rng.uniform(0.2, 2, d), 0.7, 1.3
    frame = ProductFrame(problem, weights, A, B, rng.uniform(0, np.pi, d))
    terms = frame_terms(frame)
    levels = np.linalg.eigvalsh(closed_set(terms).matrix().toarray()) + terms.energy
    H = qx.AnnealHamiltonian(problem, driver=qx.TransverseField(tuple(weights)))
    np.testing.assert_allclose(levels, np.linalg.eigvalsh(H.to_dense(A, B)), atol=1e-12)


def test_growing_without_a_threshold_reaches_every_configuration_once():
    problem = problem_of(7, 1, "glass")
    frame = ProductFrame(problem, np.ones(7), 1.0, 1.0, np.linspace(0.3, 2.8, 7))
    configurations = ConfigurationSet(frame_terms(frame))
    configurations.add(words_of([[]], 7))
    while configurations.grow(np.ones(len(configurations)), 0.0):
        pass
    assert len(configurations) == 2**7
    assert len(np.unique(configurations.words)) == 2**7


@pytest.mark.parametrize("num_parts", [1, 4])
def test_the_couplings_to_the_outside_are_those_of_the_whole_matrix(num_parts):
    problem = problem_of(8, 2, "redundant")
    frame = ProductFrame(problem, np.ones(8), 0.5, 1.0, np.linspace(0.2, 2.9, 8))
    configurations = ConfigurationSet(frame_terms(frame))
    configurations.add(words_of([[], [0], [1, 2], [3, 4, 5]], 8))
    n = len(configurations)
    vectors = np.random.default_rng(0).normal(size=(n, 2))
    whole = ConfigurationSet(frame_terms(frame))
    whole.add(configurations.words)
    whole.add(closed_set(frame_terms(frame)).words)
    expected = whole.matrix().toarray()[n:, :n] @ vectors
    parts = list(configurations.outside(vectors, 0.0, num_parts))
    couplings = np.concatenate([part[0] for part in parts])
    reached = np.abs(expected).max(axis=1) > 0
    assert len(couplings) >= reached.sum()
    np.testing.assert_allclose(couplings.T @ couplings, expected.T @ expected, atol=1e-12)
    energies = np.concatenate([part[1] for part in parts])
    diagonal = whole.diagonal()[n:]
    assert (couplings[:, 0] @ energies) == pytest.approx(expected[:, 0] @ diagonal, abs=1e-10)


def test_more_than_one_word_of_qubits():
    problem = random_feature_selection(130, seed=5)
    frame = ProductFrame(problem, np.ones(130), 0.01, 0.99, np.full(130, 0.3))
    configurations = ConfigurationSet(frame_terms(frame))
    configurations.add(words_of([[], [0], [63], [64], [129], [64, 129], [63, 64]], 130))
    matrix, terms = configurations.matrix().toarray(), frame_terms(frame)
    assert matrix[0, 3] == pytest.approx(terms.flip[64])
    assert matrix[0, 5] == pytest.approx(terms.pair_flip[64, 129])
    assert matrix[3, 4] == pytest.approx(terms.pair_flip[64, 129])
    assert matrix[5, 6] == pytest.approx(terms.pair_flip[63, 129])
    assert matrix[3, 5] == pytest.approx(terms.flip[129] + terms.flip_coupling[129, 64])
    assert matrix[1, 5] == 0.0


@settings(max_examples=25, deadline=None)
@given(
    d=st.integers(2, 9),
    seed=st.integers(0, 10**6),
    kind=st.sampled_from(KINDS),
    s=st.floats(0.02, 0.98),
    threshold=st.sampled_from([0.3, 0.03, 1e-3]),
)
def test_no_exact_level_lies_above_the_levels_in_the_set(d, seed, kind, s, threshold):
    H = qx.AnnealHamiltonian(problem_of(d, seed, kind))
    method = SelectedConfigurations(first_threshold=threshold, last_threshold=threshold)
    levels = selected_levels(H, s, num_levels=3, method=method)
    A, B = map(float, H.schedule(s))
    exact = np.linalg.eigvalsh(H.to_dense(A, B))[:3]
    assert np.all(levels.ritz >= exact - 1e-9)
    assert levels.corrected[0] <= levels.ritz[0] + 1e-12


@pytest.mark.parametrize("convention", list(qx.Convention))
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("s", [0.3, 0.8, 0.97])
def test_small_thresholds_give_the_exact_levels(kind, s, convention):
    problem = problem_of(10, 7, kind)
    H = qx.AnnealHamiltonian(problem, driver=convention.driver(10))
    exact = np.linalg.eigvalsh(H.to_dense(*map(float, H.schedule(s))))[:3]
    levels = selected_levels(H, s, num_levels=3)
    scale = H.norm_bound(*map(float, H.schedule(s)))
    np.testing.assert_allclose(levels.corrected, exact, atol=1e-6 * scale)
    rough = SelectedConfigurations(first_threshold=0.02, last_threshold=0.02)
    coarse = selected_levels(H, s, num_levels=3, method=rough)
    errors = [np.abs(part - exact).sum() for part in (coarse.ritz, coarse.corrected)]
    assert errors[1] <= errors[0] + 1e-9


def test_the_unit_of_the_schedule_carries_over():
    problem = random_feature_selection(8, seed=1)
    schedule = qx.schedule_named("Advantage2_system1.4_fast")
    H = qx.AnnealHamiltonian(problem, schedule=schedule)
    A, B = map(float, schedule(0.6))
    exact = np.linalg.eigvalsh(H.to_dense(A, B))[:2]
    levels = selected_levels(H, 0.6, num_levels=2)
    np.testing.assert_allclose(levels.corrected, exact, rtol=1e-6)


def test_at_150_qubits_the_levels_settle():
    problem = random_feature_selection(150, seed=2)
    coarse = SelectedConfigurations(first_threshold=3e-3, last_threshold=3e-3)
    fine = SelectedConfigurations(first_threshold=3e-3, last_threshold=3e-4)
    levels = [selected_levels(problem, 0.995, 2, method) for method in (coarse, fine)]
    assert np.all(levels[1].ritz <= levels[0].ritz + 1e-12)
    changes = [abs(part[1] - part[0]) for part in zip(*(x.corrected for x in levels), strict=True)]
    corrections = np.abs(levels[0].corrected - levels[0].ritz)
    assert max(changes) <= max(corrections.max(), 1e-9)


def test_mistakes_name_the_value_and_the_remedy():
    problem = random_feature_selection(4, seed=1)
    with pytest.raises(InputError, match="give an s in between"):
        selected_levels(problem, 1.0)
    with pytest.raises(InputError, match="give 1 to 16"):
        selected_levels(problem, 0.5, num_levels=17)
    with pytest.raises(InputError, match="share = 0; give a positive number"):
        SelectedConfigurations(share=0)
    with pytest.raises(InputError, match=r"reduction = 1.5; give a factor between 0 and 1"):
        SelectedConfigurations(reduction=1.5)
    with pytest.raises(InputError, match="max_configurations = 0"):
        SelectedConfigurations(max_configurations=0)
