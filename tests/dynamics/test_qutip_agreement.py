"""Fifty anneals against QuTiP and one qubit against its closed form, to the tolerance asked for."""

import math

import mpmath
import numpy as np
import pytest

import qxgap as qx
from qxgap.dynamics.split import ROUNDING
from qxgap.linalg.arrays import Precision
from qxgap.testing import random_feature_selection

TABLES = ("Advantage_system6_standard", "Advantage2_system2_standard")
TOLERANCES = (1e-4, 1e-6, 1e-8)
REFERENCES = [qx.QutipODE("vern9", rtol, rtol / 100) for rtol in (1e-11, 1e-10)]
"""How far the two lie apart is taken for QuTiP's own error. (Its dop853 at 1e-11 is off by up to
8e-9 on a table's thousand kinks, as this one and ours agree.)"""


def random_problem(d, rng):
    """Half of them as feature selection makes them, with maps of high or low rank; half without
    any structure."""
    if rng.random() < 0.5:
        pixels, tradeoff = int(rng.choice([16, 196])), rng.uniform(0.3, 0.9)
        return random_feature_selection(d, rng, tradeoff=tradeoff, num_pixels=pixels)
    return qx.QuboProblem(rng.normal(size=d), np.triu(rng.normal(size=(d, d)), 1) / math.sqrt(d))


def random_schedule(rng):
    """A schedule and a time over which it takes tens to hundreds of radians."""
    kind = rng.integers(4)
    if kind < 2:
        schedule, longest = qx.LINEAR, 60.0
    else:
        schedule, longest = qx.schedule_named(TABLES[rng.integers(2)]), 2.0
    tau = rng.uniform(0.02, 1.0) * longest
    if kind % 2:
        pause = rng.uniform(0.05, 0.5)
        return schedule.with_pause(rng.uniform(0.2, 0.9), pause), tau * (1 + pause)
    return schedule, tau


def random_anneal(seed):
    rng = np.random.default_rng(seed)
    d = int(rng.integers(2, 10))
    schedule, tau = random_schedule(rng)
    driver = qx.TransverseField(
        tuple(rng.uniform(0.5, 1.5, d)) if seed % 3 == 0 else (1.0, 1.0 / d)[seed % 3 - 1]
    )
    return qx.AnnealHamiltonian(random_problem(d, rng), schedule, driver), tau


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(50))
def test_fifty_anneals_agree_with_qutip_to_the_tolerance_asked_for(seed):
    H, tau = random_anneal(seed)
    exact, coarser = (qx.anneal(H, tau, method).success_probability for method in REFERENCES)
    theirs = abs(exact - coarser)
    assert theirs <= min(TOLERANCES)
    for tol in TOLERANCES:
        run = qx.anneal(H, tau, qx.SplitOperator(tol))
        error = abs(run.success_probability - exact)
        assert run.status is qx.AnnealStatus.CONVERGED
        assert error <= tol + theirs
        assert error <= run.error_estimate + theirs
        assert run.norm_error <= 1e-14 + ROUNDING[Precision.DOUBLE] * run.steps


def test_the_fifty_anneals_are_of_every_kind():
    anneals = [random_anneal(seed) for seed in range(50)]
    assert {H.num_qubits for H, _ in anneals} == set(range(2, 10))
    names = {H.schedule.name for H, _ in anneals}
    assert names == {f"{name}{end}" for name in ("linear", *TABLES) for end in ("", "*pause")}


def landau_zener_in_finite_time(eps, weight, tau):
    """Success probability of one qubit, H(s) = -(1 - s) weight X + s eps n, in closed form.

    H moves along a straight line, so in the basis of its slope it is a Landau-Zener crossing
    ``beta t Z / 2 + g X / 2`` for times t0 to t1, beside a part that is a multiple of 1. With
    ``z = exp(i pi / 4) sqrt(beta) t`` and ``nu = -i g^2 / (4 beta)`` the upper amplitude obeys
    Weber's equation, whose solutions are the parabolic cylinder functions D_nu(z) and D_nu(-z)
    (Zener 1932; Vitanov and Garraway, Phys. Rev. A 53, 4288 (1996)).
    """
    X, n = np.array([[0.0, 1.0], [1.0, 0.0]]), np.diag([0.0, 1.0])
    start, slope = -weight * X, weight * X + eps * (n - np.eye(2) / 2)
    values, basis = np.linalg.eigh(slope)
    basis = basis[:, ::-1]  # the upper level first
    turned = basis.T @ start @ basis
    beta, g = mpmath.mpf(2 * values[1]) / tau, mpmath.mpf(2 * turned[0, 1])
    begin = mpmath.mpf(turned[0, 0] - turned[1, 1]) / beta
    nu, root = -1j * g**2 / (4 * beta), mpmath.expjpi(0.25) * mpmath.sqrt(beta)

    def amplitudes(t):
        columns = []
        for sign in (1, -1):
            z = sign * root * t
            a, after = mpmath.pcfd(nu, z), mpmath.pcfd(nu + 1, z)
            rate = sign * root * (z / 2 * a - after)
            columns.append((a, 2 / g * (1j * rate - beta * t / 2 * a)))
        return mpmath.matrix(columns).T

    evolution = amplitudes(begin + tau) * amplitudes(begin) ** -1
    state = evolution * mpmath.matrix(basis.T @ [math.sqrt(0.5), math.sqrt(0.5)])
    np.testing.assert_allclose(float(mpmath.norm(state)), 1.0, atol=1e-12)
    ground = basis[1 if eps < 0 else 0]
    return float(abs(ground[0] * state[0] + ground[1] * state[1]) ** 2)


@pytest.mark.parametrize("tol", [1e-4, 1e-6, 1e-8, 1e-10])
@pytest.mark.parametrize(
    ("eps", "weight", "tau"),
    [(-1.0, 1.0, 0.3), (-0.2, 1.0, 5.0), (0.7, 0.25, 20.0), (-3.0, 0.4, 40.0), (-0.05, 2.0, 60.0)],
)
def test_one_qubit_is_landau_and_zeners_in_closed_form(eps, weight, tau, tol):
    with mpmath.workdps(40):
        exact = landau_zener_in_finite_time(eps, weight, tau)
    problem = qx.QuboProblem([eps], [[0.0]])
    H = qx.AnnealHamiltonian(problem, driver=qx.TransverseField(weight))
    run = qx.anneal(H, tau, qx.SplitOperator(tol))
    error = abs(run.success_probability - exact)
    assert error <= min(tol, run.error_estimate + 1e-13)
    assert run.norm_error <= 1e-14 + ROUNDING[Precision.DOUBLE] * run.steps
