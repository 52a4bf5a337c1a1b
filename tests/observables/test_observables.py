"""Observables of random states against QuTiP, dense eigenstates and the counting of states."""

import json
import math
import tracemalloc

import dimod
import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap import observables as obs
from qxgap.observables.given import named_observables
from qxgap.observables.spins import spin_moments
from qxgap.testing import random_feature_selection

SIZES = [1, 2, 3, 6]


def system(d, seed=0, schedule=qx.LINEAR):
    rng = np.random.default_rng(seed)
    problem = qx.QuboProblem(
        rng.normal(size=d),
        np.triu(rng.normal(size=(d, d)), 1),
        labels=[f"v{q}" for q in range(d)],
        offset=3.0,
    )
    driver = qx.TransverseField(tuple(rng.uniform(0.5, 1.5, d)))
    return qx.AnnealHamiltonian(problem, schedule, driver)


def random_state(d, seed=1):
    return qutip.rand_ket([2] * d, seed=seed)


def array(ket):
    return np.ascontiguousarray(ket.full().ravel())


def sigma_z(qubits, d):
    return qutip.tensor([qutip.sigmaz() if q in qubits else qutip.qeye(2) for q in range(d)])


@pytest.mark.parametrize("d", SIZES)
def test_spins_are_those_of_qutip(d):
    H, ket = system(d), random_state(d)
    expected = [qutip.expect(sigma_z({q}, d), ket) for q in range(d)]
    np.testing.assert_allclose(
        obs.Magnetization().measure(H, 0.3, array(ket)), expected, atol=1e-12
    )
    last = obs.Magnetization([f"v{d - 1}"])
    np.testing.assert_allclose(last.measure(H, 0.3, array(ket)), expected[-1:], atol=1e-12)
    assert last.components(H) == (f"v{d - 1}",)
    assert obs.Magnetization().components(H) == H.problem.labels


@pytest.mark.parametrize("d", SIZES[1:])
def test_correlations_are_those_of_qutip(d):
    H, ket = system(d), random_state(d)
    pairs = [(p, q) for p in range(d) for q in range(p + 1, d)]
    products = np.array([qutip.expect(sigma_z({p, q}, d), ket) for p, q in pairs])
    means = np.array([qutip.expect(sigma_z({q}, d), ket) for q in range(d)])
    both = obs.Correlations()
    np.testing.assert_allclose(both.measure(H, 0.3, array(ket)), products, atol=1e-12)
    assert both.components(H) == tuple(f"v{p},v{q}" for p, q in pairs)
    connected = [
        product - means[p] * means[q] for product, (p, q) in zip(products, pairs, strict=True)
    ]
    measured = obs.Correlations(connected=True).measure(H, 0.3, array(ket))
    np.testing.assert_allclose(measured, connected, atol=1e-12)
    named = obs.Correlations([(f"v{d - 1}", "v0")])
    assert named.measure(H, 0.3, array(ket))[0] == pytest.approx(products[d - 2])


@pytest.mark.parametrize("d", SIZES)
@pytest.mark.parametrize("s", [0.0, 0.4, 1.0])
def test_energies_are_those_of_qutip(d, s):
    H, ket = system(d, schedule=qx.schedule_named("Advantage_system6_standard")), random_state(d)
    operator = qutip.Qobj(H.to_dense(*map(float, H.schedule(s))), dims=[[2] * d] * 2)
    for observable, expected in (
        (obs.MeanEnergy(), qutip.expect(operator, ket)),
        (obs.EnergyVariance(), qutip.variance(operator, ket)),
    ):
        assert observable.measure(H, s, array(ket)) == pytest.approx(expected, rel=1e-9)
    assert obs.MeanEnergy().axis_label(H) == "mean energy in GHz"
    assert obs.EnergyVariance().axis_label(H) == "variance of the energy in GHz²"
    assert obs.EnergyVariance().axis_label(system(d)) == "variance of the energy"


def test_the_variance_keeps_its_digits_near_an_eigenstate():
    H = system(5)
    _, vectors = np.linalg.eigh(H.to_dense(0.5, 0.5))
    near = vectors[:, 0] + 1e-8 * vectors[:, 3]
    state = (near / np.linalg.norm(near)).astype(complex)
    values = np.linalg.eigvalsh(H.to_dense(0.5, 0.5))
    expected = 1e-16 * (values[3] - values[0]) ** 2
    assert obs.EnergyVariance().measure(H, 0.5, state) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("d", SIZES)
@pytest.mark.parametrize("s", [0.0, 0.37, 1.0])
def test_populations_are_those_of_dense_eigenstates(d, s):
    H, state = system(d), array(random_state(d))
    _, vectors = np.linalg.eigh(H.to_dense(*map(float, H.schedule(s))))
    k = min(3, 2**d)
    populations = obs.LevelPopulations(k).measure(H, s, state)
    np.testing.assert_allclose(populations, np.abs(vectors[:, :k].T @ state) ** 2, atol=1e-6)
    assert obs.LevelPopulations(k).components(H) == tuple("012"[:k])


@pytest.mark.parametrize("cut", [(0,), (1, 2), (5, 0), (0, 1, 2), (4, 3, 1, 0), (1, 2, 3, 4, 5)])
@pytest.mark.parametrize("base", [math.e, 2])
def test_the_entropy_is_that_of_qutip(cut, base):
    H, ket = system(6), random_state(6)
    entropy = obs.EntanglementEntropy([f"v{q}" for q in cut], base)
    expected = qutip.entropy_vn(ket.ptrace(sorted(cut)), base)
    assert entropy.measure(H, 0.1, array(ket)) == pytest.approx(expected, rel=1e-9)
    assert entropy.axis_label(H).endswith("bits") == (base == 2)


def test_the_default_cut_is_the_first_half_and_products_have_no_entropy():
    H, ket = system(5), random_state(5)
    default = obs.EntanglementEntropy().measure(H, 0.0, array(ket))
    assert default == pytest.approx(qutip.entropy_vn(ket.ptrace([0, 1])))
    product = qutip.tensor([qutip.rand_ket(2, seed=q) for q in range(5)])
    assert obs.EntanglementEntropy().measure(H, 0.0, array(product)) == pytest.approx(0, abs=1e-12)
    bell = qutip.bell_state("00")
    assert obs.EntanglementEntropy(base=2).measure(system(2), 0.0, array(bell)) == pytest.approx(
        1.0
    )


def test_kinks_are_counted_state_by_state():
    bqm = dimod.BQM.from_ising({0: 0.3, 1: -1.0}, {(0, 1): 1.0, (1, 2): -0.5, (0, 3): 0.2})
    H, ket = qx.AnnealHamiltonian(bqm), random_state(4)
    weights = np.abs(array(ket)) ** 2
    spins = 1 - 2 * qx.problem.index_to_bits(np.arange(16), 4).astype(int)
    broken = (
        (spins[:, 0] == spins[:, 1]).astype(int)
        + (spins[:, 1] != spins[:, 2])
        + (spins[:, 0] == spins[:, 3])
    )
    assert obs.Kinks().measure(H, 0.5, array(ket)) == pytest.approx(weights @ broken)
    above = weights @ broken - broken[H.problem.ground_indices].mean()
    assert obs.Kinks(excess=True).measure(H, 0.5, array(ket)) == pytest.approx(above)
    assert obs.Kinks().name != obs.Kinks(excess=True).name


def test_a_ring_has_two_kinks_per_domain():
    ring = dimod.BQM.from_ising({}, {(q, (q + 1) % 8): -1.0 for q in range(8)})
    state = np.zeros(2**8, dtype=complex)
    state[0b00111001] = 1.0
    assert obs.Kinks().measure(qx.AnnealHamiltonian(ring), 1.0, state) == 4.0


def test_a_frustrated_ring_breaks_a_coupling_in_its_ground_states_too():
    ring = dimod.BQM.from_ising({}, {(0, 1): 1.0, (1, 2): 1.0, (0, 2): 1.0})
    H = qx.AnnealHamiltonian(ring)
    state = np.zeros(8, dtype=complex)
    state[H.problem.ground_indices[0]] = 1.0
    assert obs.Kinks().measure(H, 1.0, state) == 1.0
    assert obs.Kinks(excess=True).measure(H, 1.0, state) == pytest.approx(0.0)


@pytest.mark.parametrize("d", [1, 2, 7])
def test_moments_of_spins_need_no_table_of_all_states(d):
    weights = np.random.default_rng(d).dirichlet(np.ones(2**d))
    spins = 1.0 - 2.0 * qx.problem.index_to_bits(np.arange(2**d), d)
    means, products = spin_moments(weights, d)
    np.testing.assert_allclose(means, weights @ spins, atol=1e-13)
    np.testing.assert_allclose(products, spins.T @ (weights[:, None] * spins), atol=1e-13)


def every_observable(d):
    rng = np.random.default_rng(d)
    yield from (
        obs.Magnetization(),
        obs.MeanEnergy(),
        obs.EnergyVariance(),
        obs.LevelPopulations(2),
    )
    yield obs.DiagonalObservable(rng.normal(size=2**d))
    matrix = rng.normal(size=(2, 2**d, 2**d))
    yield obs.OperatorObservable(matrix[0] + matrix[0].T + 1j * (matrix[1] - matrix[1].T))
    if d > 1:
        yield from (obs.Correlations(), obs.Correlations(connected=True), obs.Kinks())
        yield from (
            obs.Kinks(excess=True),
            obs.EntanglementEntropy(),
            obs.EntanglementEntropy(base=2),
        )


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 4), st.integers(0, 2**32 - 1), st.floats(-9, 0.5), st.floats(0.01, 0.99))
def test_no_value_changes_by_more_than_its_bound(d, seed, exponent, s):
    rng = np.random.default_rng(seed)
    psi, step = rng.normal(size=(2, 2**d)) + 1j * rng.normal(size=(2, 2**d))
    psi /= np.linalg.norm(psi)
    phi = psi + 10.0**exponent * step
    phi /= np.linalg.norm(phi)
    change = psi - np.vdot(phi, psi) * phi  # its norm is the trace distance of pure states
    distance = min(float(np.linalg.norm(change)), 1.0)
    H = system(d, seed % 7)
    for observable in every_observable(d):
        moved = np.abs(observable.measure(H, s, psi) - observable.measure(H, s, phi)).max()
        bound = observable.largest_error(H, s, distance)
        assert moved <= bound * (1 + 1e-6) + 1e-10, observable


def test_users_bring_arrays_operators_and_functions():
    d, ket = 3, random_state(3)
    H, psi = system(d), array(ket)
    diagonal, flip = np.arange(8.0), qutip.tensor(qutip.qeye(2), qutip.sigmax(), qutip.qeye(2))

    def purity(s, state):
        return [s, np.abs(state[0])]

    named = named_observables(
        {"index": diagonal, "dense": flip.full(), "sparse": flip.data_as("csr_matrix"), "q": flip}
    )
    assert named["index"].measure(H, 0.5, psi) == pytest.approx(np.abs(psi) ** 2 @ diagonal)
    for name in ("dense", "sparse", "q"):
        assert named[name].measure(H, 0.5, psi) == pytest.approx(qutip.expect(flip, ket))
        assert named[name].largest_error(H, 0.5, 0.25) == pytest.approx(0.5)
    (function,) = named_observables(purity).values()
    assert function.name == "purity"
    np.testing.assert_allclose(function.measure(H, 0.5, psi), purity(0.5, psi))
    assert function.largest_error(H, 0.5, 0.1) is None
    assert list(named_observables([diagonal, obs.Kinks()])) == ["observable_0", "kinks"]
    assert list(named_observables(obs.Kinks())) == ["kinks"]
    assert list(named_observables(diagonal)) == ["observable_0"]


@pytest.mark.parametrize(
    ("observe", "match"),
    [
        ([obs.Kinks], "the class Kinks itself"),
        (["kinks"], "a str, 'kinks'; give an Observable"),
        ("kinks", "give an Observable"),
        ([1.0], "a float, 1.0"),
        ([obs.Kinks(), obs.Kinks()], "two observables have the name 'kinks'"),
        ([np.arange(4.0)], r"shape \(4,\); 3 qubits need \(8,\)"),
        ([np.full(8, math.nan)], "not finite"),
        ([np.arange(8) * 1j], "complex"),
        ([np.eye(4)], r"dimensions \(4, 4\); 3 qubits need \(8, 8\)"),
        ([np.ones((8, 4))], "square"),
        ([np.full((8, 8), math.nan)], "not finite"),
        ([np.triu(np.ones((8, 8)))], "not Hermitian"),
        ([qutip.sigmaz()], r"dimensions \[\[2\], \[2\]\]"),
        ([qutip.qeye(8)], r"3 qubits need \[\[2, 2, 2\], \[2, 2, 2\]\]"),
        ([obs.Magnetization(["v7"])], "label 'v7' is unknown; the problem has 'v0' to 'v2'"),
        ([obs.Correlations([("v0", "x")])], "label 'x' is unknown"),
        ([obs.LevelPopulations(9)], "levels = 9"),
        ([obs.EntanglementEntropy(["v0", "v1", "v2"])], "divides 3 variables into 3 and 0"),
        ([obs.EntanglementEntropy([])], "divides 3 variables into 0 and 3"),
        ([lambda s, psi: np.eye(2)], r"shape \(2, 2\)"),
        ([lambda s, psi: 1j], "complex"),
        ([lambda s, psi: np.ones(1 + (s > 0.5))], "different shapes"),
    ],
)
def test_a_mistake_is_refused_with_its_remedy(observe, match):
    with pytest.raises(qx.InputError, match=match) as error:
        qx.anneal(system(3), 1.0, at=[0.0, 1.0], observe=observe)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: obs.Magnetization("v0"), "labels is a str"),
        (lambda: obs.Correlations([("v0", "v0")]), "two different variables"),
        (lambda: obs.Correlations(["v0"]), "a pair is a str"),
        (lambda: obs.Correlations(3), "pairs is an int"),
        (lambda: obs.EntanglementEntropy(base=1), "base = 1"),
        (lambda: obs.EntanglementEntropy("v0"), "cut is a str"),
        (lambda: obs.LevelPopulations(1.5), "k is a float"),
    ],
)
def test_an_observable_that_makes_no_sense_is_refused(make, match):
    with pytest.raises(qx.InputError, match=match):
        make()


def test_a_problem_without_couplings_has_neither_pairs_nor_kinks():
    H = qx.AnnealHamiltonian(qx.QuboProblem([1.0, -1.0], np.zeros((2, 2))))
    for observable in (obs.Kinks(), obs.Correlations()):
        with pytest.raises(qx.InputError, match="couples no qubits"):
            qx.anneal(H, 1.0, observe=observable)


@pytest.mark.parametrize(
    "observable", [obs.Magnetization(), obs.Correlations(), obs.Kinks(), obs.MeanEnergy()], ids=repr
)
def test_nothing_of_the_size_of_a_matrix_is_made(observable):
    H = qx.AnnealHamiltonian(random_feature_selection(14, seed=2))
    state = np.full(H.dimension, H.dimension**-0.5, dtype=complex)
    observable.measure(H, 0.0, state)  # the diagonal is kept by the problem
    tracemalloc.start()
    observable.measure(H, 0.0, state)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * state.nbytes


def test_values_can_be_written():
    run = qx.anneal(system(3), 2.0, observe=[obs.Magnetization(), lambda s, psi: 1.0])
    values = json.loads(json.dumps(run.to_dict()))["observations"]
    assert values["s"] == [1.0]
    assert values["times"] == [2.0]
    assert values["errors"]["<lambda>"] is None
    assert values["components"]["magnetization"] == ["v0", "v1", "v2"]
