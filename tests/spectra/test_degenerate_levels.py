"""Degenerate levels along an anneal: no number may depend on the basis an eigensolver chose."""

import dataclasses
import math

import numpy as np
import pytest
import scipy.linalg
from systems import OneQubit

import qxgap as qx
from qxgap.spectra import (
    adiabatic_profile,
    adiabatic_time,
    gap_gradient,
    jansen_ruskai_seiler,
    landau_zener,
    locally_adiabatic,
)

ONE_QUBIT = OneQubit(0.7)
EPS = ONE_QUBIT.field


def equal_variables(d):
    """Equal and uncoupled: E_1 is d-fold, and d qubits anneal as one does."""
    return qx.AnnealHamiltonian(qx.QuboProblem(np.full(d, -EPS), np.zeros((d, d))))


@pytest.mark.parametrize("d", [2, 3, 4])
def test_the_coupling_of_equal_variables_in_closed_form(d):
    s = np.linspace(0, 1, 21)
    profile = adiabatic_profile(equal_variables(d), s)
    np.testing.assert_allclose(profile.gap, ONE_QUBIT.gap(s), rtol=1e-12)
    np.testing.assert_allclose(profile.gap_coupling, np.sqrt(d) * EPS / ONE_QUBIT.gap(s), rtol=1e-9)
    least = 2 * EPS / math.sqrt(4 + EPS**2)
    expected = math.sqrt(d) * EPS / least**3
    assert adiabatic_time(equal_variables(d)) == pytest.approx(expected, rel=1e-5)


def test_the_coupling_of_equal_variables_by_an_iteration():
    """Ten: more states than LAPACK is used for, and E_1 is tenfold."""
    s = [0.3, 0.7]
    for method in (None, qx.Lanczos()):
        profile = adiabatic_profile(equal_variables(10), s, method=method)
        expected = np.sqrt(10) * EPS / ONE_QUBIT.gap(np.array(s))
        np.testing.assert_allclose(profile.gap_coupling, expected, rtol=1e-5)


@pytest.mark.parametrize("levels", [None, 3, 5, 16])
def test_two_equal_disconnected_pairs_couple_as_one_does(levels):
    h, J = [-0.7, -0.4], [[0, 0.5], [0, 0]]
    one = qx.AnnealHamiltonian(qx.QuboProblem(h, J))
    two = qx.AnnealHamiltonian(qx.QuboProblem(h + h, scipy.linalg.block_diag(J, J)))
    s = np.linspace(0.02, 0.98, 25)
    profile, single = adiabatic_profile(two, s, levels), adiabatic_profile(one, s)
    np.testing.assert_allclose(profile.gap, single.gap, rtol=1e-10)
    np.testing.assert_allclose(profile.gap_coupling, np.sqrt(2) * single.gap_coupling, rtol=1e-8)


@pytest.mark.parametrize("seed", range(4))
def test_the_coupling_across_degenerate_levels_by_projectors(seed):
    """Problems with copies, g = 1 and more: the norm of P_level H' P_ground, basis or not."""
    rng = np.random.default_rng(seed)
    h = -rng.integers(1, 4, 2).repeat(2) / 2
    J = np.triu(np.kron([[0, 1], [1, 0]], np.ones((2, 2))) * rng.integers(1, 3) / 2, 1)
    H = qx.AnnealHamiltonian(qx.QuboProblem(h, J))
    driver, diagonal = H.driver_matrix().toarray(), np.diag(H.diagonal)
    g, s = H.degeneracy, np.linspace(0, 0.95, 9)
    profile = adiabatic_profile(H, s)
    for at, coupling in zip(s, profile.gap_coupling, strict=True):
        values, vectors = np.linalg.eigh((1 - at) * driver + at * diagonal)
        level = np.abs(values - values[g]) < 1e-9
        image = vectors[:, level].T @ (diagonal - driver) @ vectors[:, 0]
        assert coupling == pytest.approx(np.linalg.norm(image), abs=1e-8)


def test_two_copies_of_one_system_couple_as_one_does():
    """Even the lowest level is degenerate, along the whole path: sums over its states too."""
    rng = np.random.default_rng(4)
    driver, diagonal = rng.normal(size=(5, 5)), rng.normal(size=5)
    driver = -np.abs(driver + driver.T)
    one = qx.MatrixHamiltonian(driver, diagonal)
    two = qx.MatrixHamiltonian(
        scipy.linalg.block_diag(driver, driver), np.concatenate([diagonal, diagonal])
    )
    s = np.linspace(0, 1, 11)
    profile, single = adiabatic_profile(two, s), adiabatic_profile(one, s)
    assert (profile.degeneracy, single.degeneracy) == (2, 1)
    np.testing.assert_allclose(profile.gap, single.gap, rtol=1e-10)
    np.testing.assert_allclose(profile.gap_coupling, np.sqrt(2) * single.gap_coupling, rtol=1e-8)


@pytest.mark.parametrize(("d", "expected"), [(2, 0.950), (3, 0.925)])
def test_local_schedules_of_equal_variables_are_smooth_and_succeed(d, expected):
    H = equal_variables(d)
    single, schedule = equal_variables(1), locally_adiabatic(H, coupling=True)
    one = locally_adiabatic(single, adiabatic_profile(single, np.unique(schedule.B)), coupling=True)
    x = np.linspace(0, 1, 101)
    np.testing.assert_allclose(schedule(x)[1], one(x)[1], atol=2e-3)
    success = qx.anneal(dataclasses.replace(H, schedule=schedule), 10.0).success_probability
    assert success == pytest.approx(expected, abs=1e-3)


def test_a_degenerate_excited_level_is_no_landau_zener_crossing():
    # two qubits succeed with the square of one's probability, of which the gap knows nothing
    with pytest.raises(qx.InputError, match=r"E_1 is 2-fold degenerate.*components"):
        landau_zener(equal_variables(2))
    with pytest.raises(qx.InputError, match="degenerate"):
        gap_gradient(equal_variables(2), 0.5)


@pytest.mark.parametrize(
    "ask",
    [
        adiabatic_time,
        adiabatic_profile,
        jansen_ruskai_seiler,
        locally_adiabatic,
        landau_zener,
        lambda H: landau_zener(H, 0.5),
        lambda H: gap_gradient(H, 0.5),
        lambda H: adiabatic_profile(H, [0.5], 2),
    ],
)
def test_a_problem_without_an_excited_level_has_no_gap(ask):
    flat = qx.AnnealHamiltonian(qx.QuboProblem(np.zeros(2), np.zeros((2, 2))))
    with pytest.raises(qx.InputError, match=r"all 4 states .*there is no gap"):
        ask(flat)
