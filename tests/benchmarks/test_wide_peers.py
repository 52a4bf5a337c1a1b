"""Peers beyond 2^d against exact levels, where these are known."""

import functools

import numpy as np
import pandas as pd
import pytest

import qxgap as qx
from benchmarks.gap import wide_dmrg, wide_monte_carlo, wide_peers
from qxgap.problem import lowest_states
from qxgap.testing import random_feature_selection


def hamiltonian(d=8, convention=qx.Convention.PAPER):
    return qx.AnnealHamiltonian(random_feature_selection(d, seed=3), driver=convention.driver(d))


def exact_levels(H, s):
    return np.linalg.eigvalsh(H.to_sparse(*H.schedule(s)).toarray())


@pytest.mark.parametrize("convention", qx.Convention)
@pytest.mark.parametrize("s", [0.8, 0.97])
def test_projection_finds_the_levels(s, convention):
    H = hamiltonian(convention=convention)
    trial = wide_monte_carlo.trial_states(H, s, 20)
    levels = exact_levels(H, s)
    assert np.all(trial.energies >= levels[: wide_monte_carlo.LEVELS] - 1e-9)
    found = wide_monte_carlo.project(H, s, trial, np.array([0.0, 8.0]), 64_000)
    assert found.gap_errors[1] < 0.05 * found.gaps[1]
    assert abs(found.levels[1, 0] - levels[0]) < 5 * found.errors[1, 0] + 1e-4
    assert abs(found.gaps[1] - (levels[1] - levels[0])) < 5 * found.gap_errors[1] + 1e-3


def test_without_projection_the_matrices_are_those_of_the_trial_states():
    H = hamiltonian()
    trial = wide_monte_carlo.trial_states(H, 0.9, 12)
    found = wide_monte_carlo.project(H, 0.9, trial, np.array([0.0]), 64_000)
    assert np.all(np.abs(found.levels[0] - trial.energies) < 5 * found.errors[0])


def test_elements_between_product_states():
    H, s = hamiltonian(6), 0.85
    states = np.concatenate(wide_monte_carlo.product_states(H, s, 5))
    vectors = np.array([functools.reduce(np.kron, state) for state in states])
    overlaps, energies = wide_monte_carlo.matrix_elements(H, s, states)
    matrix = H.to_sparse(*H.schedule(s)).toarray()
    np.testing.assert_allclose(overlaps, vectors @ vectors.T, atol=1e-9)
    np.testing.assert_allclose(energies, vectors @ matrix @ vectors.T, atol=1e-9)


def test_the_operator_on_a_line_is_the_hamiltonian():
    H, s = hamiltonian(6), 0.85
    A, B = H.schedule(s)
    J = B * (H.problem.J + H.problem.J.T)
    bases, result = wide_dmrg.compressed(J)
    np.testing.assert_allclose(np.triu(result, 1), np.triu(J, 1), atol=1e-12)
    tensors = wide_dmrg.operators(B * H.problem.h, J, A * H.driver.weights(6), bases)
    product = tensors[0][:1]
    for tensor in tensors[1:]:
        product = np.einsum("abij,bckl->acikjl", product, tensor)
        shape = product.shape
        product = product.reshape(*shape[:2], shape[2] * shape[3], shape[4] * shape[5])
    expected = H.to_sparse(A, B).toarray()
    np.testing.assert_allclose(product[0, -1], expected, atol=1e-12)


def test_couplings_of_low_rank_need_few_states():
    maps = np.random.default_rng(0).normal(size=(30, 4))
    bases, result = wide_dmrg.compressed(maps @ maps.T)
    assert max(len(basis) for basis in bases) <= 4
    np.testing.assert_allclose(np.triu(result, 1), np.triu(maps @ maps.T, 1), atol=1e-10)


def test_dmrg_finds_the_levels():
    pytest.importorskip("tenpy")
    H = hamiltonian()
    starts = list(lowest_states(H.problem, 2).occupations.astype(float))
    found = wide_dmrg.line_states(H, 0.9, starts, 16)
    np.testing.assert_allclose(found.levels, exact_levels(H, 0.9)[:2], atol=1e-6)


def test_table_says_who_is_how_far_off_and_who_failed():
    base = {"instance": "d21_digit3", "d": 21, "s": 0.9, "status": "done", "seconds": 2.0}
    rows = pd.DataFrame(
        [
            base | {"method": "exact", "gap": 0.1, "error": 0.0, "parameters": "all"},
            base | {"method": "ours", "gap": 0.1002, "error": 1e-3, "parameters": "some"},
            base | {"method": "dmrg", "status": "over 600 s", "gap": np.nan},
        ]
    )
    lines = wide_peers.table(rows, ["date: today"]).splitlines()
    assert (
        "| **qxgap selected configurations** | 0.1002000 | 1.0e-03 | 2.0e-04 | 2 | some |" in lines
    )
    assert "| all 2^d amplitudes (Davidson) | 0.1000000 |  |  | 2 | all |" in lines
    assert "| DMRG (TeNPy) | over 600 s | | | | |" in lines
