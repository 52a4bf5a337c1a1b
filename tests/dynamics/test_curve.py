"""Success curves, times to solution, and the laws that curves are held against."""

import dataclasses
import functools
import math
from pathlib import Path

import dimod
import numpy as np
import pytest
import qutip
from hypothesis import given
from hypothesis import strategies as st

import qxgap as qx
from qxgap.spectra.crossing import LandauZener
from qxgap.testing import random_feature_selection

REFERENCE = qx.QutipODE("dop853", rtol=1e-11, atol=1e-13)


def hamiltonian(d, seed, schedule=qx.LINEAR):
    return qx.AnnealHamiltonian(random_feature_selection(d, seed=seed), schedule)


@functools.cache
def some_curve():
    return qx.success_curve(hamiltonian(1, 0), [1.0])


def curve(taus, success, errors=0.0):
    taus, success = np.array(taus, dtype=float), np.array(success, dtype=float)
    errors = np.broadcast_to(np.asarray(errors, dtype=float), taus.shape)
    return dataclasses.replace(some_curve(), taus=taus, success=success, errors=errors)


def test_a_curve_holds_the_anneals_and_their_null_models():
    H, taus = hamiltonian(4, 3), [0.0, 2.0, 15.0]
    got = qx.success_curve(H, taus)
    assert got.random_guess == 1 / 16
    for i, tau in enumerate(taus):
        exact = qx.anneal(H, tau, REFERENCE)
        assert abs(got.success[i] - exact.success_probability) <= got.errors[i] + 1e-9
        assert got.product[i] == pytest.approx(qx.product_success(H, tau, REFERENCE), abs=1e-5)
    assert got.success[0] == got.random_guess
    assert "a random guess has 0.062" in str(got)
    with pytest.raises(qx.InputError, match="rise"):
        qx.success_curve(H, [2.0, 1.0])
    with pytest.raises(qx.InputError, match="error estimate"):
        qx.success_curve(H, taus, qx.QutipODE())


def test_the_optimal_time_to_solution_and_its_bounds():
    best = qx.optimal_tts(curve([1.0, 4.0, 30.0], [0.02, 0.5, 0.9], [0.01, 0.1, 0.0]))
    assert (best.tau, best.runs, best.tts, best.at_end) == (4.0, 7.0, 28.0, False)
    # 0.6 takes 6 runs, 0.4 takes 10; 0.9 takes 2
    assert (best.lower, best.upper) == (24.0, 40.0)
    assert qx.optimal_tts(curve([1.0, 2.0], [1.0, 1.0])).tts == 1.0
    assert qx.optimal_tts(curve([1.0, 2.0], [0.0, 0.0])).tts == math.inf
    assert qx.optimal_tts(curve([1.0, 2.0], [1e-9, 0.0], 1e-6)).upper == math.inf
    with pytest.raises(qx.InputError, match="tau = 0"):
        qx.optimal_tts(curve([0.0, 2.0], [0.1, 1.0]))


@given(st.lists(st.floats(1e-6, 1.0), min_size=2, max_size=6), st.floats(0, 0.1))
def test_bounds_enclose_the_optimum(success, error):
    best = qx.optimal_tts(curve(np.arange(1, len(success) + 1), success, error))
    assert best.lower <= best.tts <= best.upper


def test_quantiles_over_instances():
    rng = np.random.default_rng(2)
    instances = [curve([5.0, 20.0], [p, min(3 * p, 1.0)]) for p in rng.uniform(0.001, 0.4, 101)]
    tts = np.array(
        [
            [qx.optimal_tts(curve([5.0], c.success[:1])).tts for c in instances],
            [qx.optimal_tts(curve([20.0], c.success[1:])).tts for c in instances],
        ]
    )
    median, hard = qx.tts_quantiles(instances, [0.5, 0.9], seed=1)
    assert median.tts == np.median(tts, axis=1).min()  # odd number: no interpolation
    assert median.tau == (5.0, 20.0)[np.argmin(np.median(tts, axis=1))]
    assert median.interval[0] <= median.tts <= median.interval[1] < hard.tts
    assert qx.tts_quantiles(instances, [0.5], seed=1)[0] == median
    impossible = [*instances, *[curve([5.0, 20.0], [0.0, 0.0])] * 30]
    assert qx.tts_quantiles(impossible, [0.9], seed=1)[0].interval[1] == math.inf
    with pytest.raises(qx.InputError, match="same taus"):
        qx.tts_quantiles([*instances, curve([1.0], [1.0])])
    with pytest.raises(qx.InputError, match="quantiles"):
        qx.tts_quantiles(instances, [1.0])


def test_the_bootstrap_covers_the_true_median():
    rng, covered = np.random.default_rng(5), 0
    for _ in range(30):
        drawn = rng.uniform(0.01, 0.5, 40)
        (got,) = qx.tts_quantiles([curve([1.0], [p]) for p in drawn], num_resamples=100, seed=rng)
        true = qx.optimal_tts(curve([1.0], [0.255])).tts
        covered += got.interval[0] <= true <= got.interval[1]
    assert covered >= 25


def test_curves_that_obey_landau_and_zener_collapse():
    taus = np.array([1.0, 5.0, 25.0])
    fits = [LandauZener(gap, slope, 0.5, 0.1, 0.0, 2.0) for gap, slope in [(0.1, 1), (0.3, 2)]]
    curves = [curve(taus, [fit.success_probability(tau) for tau in taus]) for fit in fits]
    got = qx.landau_zener_collapse(curves, fits)
    np.testing.assert_allclose(got.x, got.y, rtol=1e-10)
    assert (got.slope, got.r_squared, got.rank_correlation) == pytest.approx((1, 1, 1))
    assert list(got.instance) == [0, 0, 0, 1, 1, 1]
    assert got.left_out == 0
    sure = [curves[0], curve(taus, [0.1, 1 - 1e-9, 1.0], 1e-7)]
    assert qx.landau_zener_collapse(sure, fits).left_out == 2
    with pytest.raises(qx.InputError, match="pair up"):
        qx.landau_zener_collapse(curves, fits[:1])
    with pytest.raises(qx.InputError, match="two"):
        qx.landau_zener_collapse([curve(taus, [1, 1, 1])], fits[:1])


@pytest.mark.parametrize("d", [1, 2, 4])
def test_the_late_time_coefficient_is_the_sum_over_states(d):
    driver = qx.TransverseField(tuple(np.linspace(0.6, 1.4, d)))
    schedule = qx.AnnealSchedule([0, 1], [1.5, 0], [0, 2], "steep", "GHz")
    H = qx.AnnealHamiltonian(random_feature_selection(d, seed=d), schedule, driver)
    law = qx.late_time_law(H)
    slope = 2 * H.problem_matrix().toarray() - 1.5 * H.driver_matrix().toarray()
    for s, got in ((0.0, law.start), (1.0, law.end)):
        values, vectors = np.linalg.eigh(H.to_sparse(*H.schedule(s)).toarray())
        couplings = vectors[:, 1:].T @ slope @ vectors[:, 0]
        amplitudes = couplings / (values[1:] - values[0]) ** 2
        assert got == pytest.approx((amplitudes**2).sum() / (2 * math.pi) ** 2, rel=1e-9)


@pytest.mark.parametrize("seed", [2, 5])
def test_slow_sweeps_tend_to_the_late_time_law(seed):
    H = hamiltonian(3, seed)
    law = qx.late_time_law(H)
    # the gap is least at s = 1 here; far beyond its time scale the law's own corrections are small
    taus = 60 * math.sqrt(law.mean) * np.array([1.0, 1.13, 1.29])
    ratio = law.ratio(qx.success_curve(H, taus, qx.SplitOperator(1e-7)))
    assert np.all(ratio >= 0.97 * law.lowest / law.mean - 0.02)
    assert np.all(ratio <= 1.03 * law.highest / law.mean + 0.02)


def test_where_the_late_time_law_does_not_hold():
    with pytest.raises(qx.InputError, match="linear piece"):
        qx.late_time_law(hamiltonian(2, 0, qx.LINEAR.with_pause(0.5, 1.0)))
    with pytest.raises(qx.InputError, match="linear piece"):
        qx.late_time_law(hamiltonian(2, 0, qx.AnnealSchedule([0, 1], [1, 0.1], [0, 1], "rest")))
    twofold = qx.QuboProblem([-1.0, -1.0], [[0.0, 5.0], [0.0, 0.0]])
    with pytest.raises(qx.InputError, match="2-fold"):
        qx.late_time_law(qx.AnnealHamiltonian(twofold))


@pytest.mark.parametrize("name", ["Advantage_system6_fast", "Advantage2_system2_standard"])
def test_programmed_h_and_J_are_annealed_as_hardware_does(name):
    # H/h = -A/2 sum sx + B/2 (sum h sz + sum J sz sz), A and B as printed in the published table;
    # sz is dimod's spin, 2n - 1, and so minus QuTiP's sigmaz on |n>
    h, J = {"a": 0.31, "b": -0.6, "c": 0.2}, {("a", "b"): 0.7, ("b", "c"): -0.45, ("a", "c"): 0.1}
    problem = qx.QuboProblem.from_bqm(dimod.BinaryQuadraticModel(h, J, 0.0, dimod.SPIN))
    H = qx.AnnealHamiltonian(problem, qx.schedule_named(name))
    folder = Path(qx.__file__).parent / "annealing" / "schedules" / "data"
    with open(folder / f"{name}.csv", encoding="utf-8-sig") as file:
        rows = [line.split(",")[:3] for line in file if line[0].isdigit()]
    s, A, B = np.array(rows, dtype=float).T
    place = {label: i for i, label in enumerate(problem.labels)}

    def on(operator, *labels):
        factors = [qutip.qeye(2)] * 3
        for label in labels:
            factors[place[label]] = operator
        return qutip.tensor(factors)

    spin = -qutip.sigmaz()
    driver = sum(on(qutip.sigmax(), label) for label in h)
    ising = sum(h[v] * on(spin, v) for v in h)
    ising += sum(bias * on(spin, *pair) for pair, bias in J.items())
    for i in (0, 300, 700, -1):
        mine = H.to_sparse(*H.schedule(s[i])).toarray() + H.schedule(s[i])[
            1
        ] * problem.offset * np.eye(8)
        np.testing.assert_allclose(mine, (-A[i] / 2 * driver + B[i] / 2 * ising).full(), atol=1e-9)

    tau = 1.5
    terms = [
        [driver, lambda t: -math.pi * np.interp(t / tau, s, A)],
        [ising, lambda t: math.pi * np.interp(t / tau, s, B)],
    ]
    _, start = (-A[0] / 2 * driver + B[0] / 2 * ising).groundstate()
    options = {"method": "dop853", "rtol": 1e-9, "atol": 1e-11, "nsteps": 10**6, "max_step": 0.01}
    end = qutip.sesolve(qutip.QobjEvo(terms), start, [0, tau], options=options).final_state
    lowest = dimod.ExactSolver().sample(dimod.BinaryQuadraticModel(h, J, 0.0, dimod.SPIN)).first
    spins = lowest.sample
    ground = qutip.tensor([qutip.basis(2, (1 + spins[v]) // 2) for v in problem.labels])
    run = qx.anneal(H, tau, qx.SplitOperator(1e-7))
    assert run.success_probability == pytest.approx(abs(ground.overlap(end)) ** 2, abs=1e-6)
    assert run.energy == pytest.approx(qutip.expect(ising, end), abs=1e-5)
