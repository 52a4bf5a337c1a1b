"""The minimum gap in selected configurations, against exact levels, and its proofs under attack."""

import itertools

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st
from kinds_of_problems import KINDS, hamiltonian_of, problem_of

import qxgap as qx
from qxgap.annealing.frame import ProductFrame
from qxgap.errors import InputError
from qxgap.problem import lowest_states
from qxgap.spectra.bracket import Node, SchedulePath, bracket
from qxgap.spectra.certificate import gap_certificate
from qxgap.spectra.wide import proof
from qxgap.spectra.wide.configurations import ConfigurationSet, words_of
from qxgap.spectra.wide.nodes import EstimateProgress, SelectedNodes, levels_of
from qxgap.spectra.wide.proof import floor_of, proven_lower_levels
from qxgap.spectra.wide.starts import low_states_of
from qxgap.spectra.wide.terms import frame_terms
from qxgap.testing import random_feature_selection

SELECTED = qx.SelectedConfigurations()


def ground_of(problem):
    return lowest_states(problem, 1).occupations[0].astype(float)


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    d=st.integers(2, 8),
    seed=st.integers(0, 10**6),
    s=st.floats(0.2, 0.999),
    driver=st.sampled_from(["paper", "authors-code"]),
    members=st.sampled_from([1, 5, 20, 1000]),
    excess=st.sampled_from([0.0, 0.1]),
)
def test_no_proven_level_exceeds_the_exact_one(kind, d, seed, s, driver, members, excess):
    H = hamiltonian_of(kind, d, seed, driver)
    exact = np.linalg.eigvalsh(H.to_dense(1 - s, s))[:3]
    upper = exact[:3] + excess
    floor = floor_of(H, 1 - s, s, ground_of(H.problem), upper[-1])
    method = qx.SelectedConfigurations(
        first_threshold=0.5, last_threshold=1e-3, max_proof_configurations=members
    )
    bounds = list(proven_lower_levels(H, 1 - s, s, upper, floor, method))
    assert bounds
    for lower in bounds:
        assert np.all(lower <= exact + 1e-10)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("s", [0.3, 0.9, 0.99])
def test_the_floor_lies_below_the_hamiltonian_and_is_high_outside_the_low_states(kind, s):
    d = 6
    H = hamiltonian_of(kind, d, 4)
    matrix = H.to_dense(1 - s, s)
    ground = ground_of(H.problem)
    floor = floor_of(H, 1 - s, s, ground, float(np.linalg.eigvalsh(matrix)[1]))
    states = (np.arange(2**d)[:, None] >> np.arange(d)) & 1
    away = states != ground
    energies = s * np.array([H.problem.energy(z, offset=False) for z in states])
    diagonal = energies - away @ floor.down - ~away @ floor.up
    index = {tuple(z): i for i, z in enumerate(states)}
    own = np.diag(energies)
    for z, i in index.items():
        for p in range(d):
            other = list(z)
            other[p] = 1 - other[p]
            own[i, index[tuple(other)]] -= (1 - s) * H.driver_weights[p]
    np.testing.assert_allclose(np.linalg.eigvalsh(own), np.linalg.eigvalsh(matrix), atol=1e-10)
    assert np.linalg.eigvalsh(own - np.diag(diagonal))[0] >= -1e-10
    low = {tuple(z) for z in floor.low_states}
    assert all(diagonal[i] > floor.cut for z, i in index.items() if z not in low)


def test_the_rim_holds_every_flip_out_of_the_set_and_its_losses_those_that_stay_outside():
    d = 6
    problem = problem_of("glass", d, 2)
    frame = ProductFrame(problem, np.ones(d), 0.4, 0.6, np.pi * np.array([0, 1, 0, 0, 1, 1.0]))
    members = ConfigurationSet(frame_terms(frame))
    inside = [(), (0,), (1,), (0, 1), (2, 5)]
    members.add(words_of(inside, d))
    rim = members.rim()
    others = [frozenset(np.flatnonzero(int(w[0]) >> np.arange(d) & 1)) for w in rim.others.words]
    sets = [frozenset(z) for z in inside]
    expected = {z ^ {p} for z in sets for p in range(d)} - set(sets)
    assert set(others) == expected
    assert len(rim.rows) == sum((z ^ {p}) not in sets for z in sets for p in range(d))
    for row, column, qubit in zip(rim.rows, rim.columns, rim.qubits, strict=True):
        assert others[row] == sets[column] ^ {qubit}
    down, up = np.linspace(1, 2, d), np.linspace(0.1, 0.3, d)
    losses = [
        sum((down if p in z else up)[p] for p in range(d) if (z ^ {p}) not in sets) for z in others
    ]
    np.testing.assert_allclose(rim.losses(down, up), losses, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("driver", ["paper", "authors-code"])
@pytest.mark.parametrize(("d", "seed"), [(3, 1), (6, 2), (9, 3)])
def test_the_interval_holds_the_exact_gap_and_no_bound_is_violated(kind, driver, d, seed):
    H = hamiltonian_of(kind, d, seed, driver)
    exact = qx.minimum_gap(H, throw=False)
    gap = qx.minimum_gap(H, method=qx.SelectedConfigurations())
    assert gap.degeneracy == exact.degeneracy
    assert gap.classical_gap == pytest.approx(exact.classical_gap)
    assert gap.ground_energy == pytest.approx(exact.ground_energy)
    assert gap.upper >= exact.lower * (1 - 1e-9)
    low, high = gap.interval
    assert low <= exact.value * (1 + 1e-9)
    assert high >= exact.lower * (1 - 1e-9)
    if not np.isnan(gap.proven_from):
        late = np.linspace(gap.proven_from, 1, 40)
        levels = qx.spectrum(H, late, levels=gap.degeneracy + 1).energies
        assert np.all(levels[:, -1] - levels[:, 0] >= gap.proven_lower * (1 - 1e-9) - 1e-12)
    if gap.status is qx.GapStatus.BRACKETED:
        assert gap.lower <= exact.value
        assert gap.proven_from == 0


def test_an_estimate_under_a_hardware_schedule_is_in_its_unit():
    H = hamiltonian_of("features", 6, 5)
    schedule = qx.schedule_named("Advantage2_system1.4_fast")
    gap = qx.minimum_gap(H.with_schedule(schedule), method=qx.SelectedConfigurations())
    exact = qx.minimum_gap(H.with_schedule(schedule))
    assert gap.unit == "GHz"
    assert gap.interval[0] <= exact.value <= gap.interval[1] * 1.001
    again = qx.minimum_gap(H, method=qx.SelectedConfigurations()).for_schedule(H, schedule)
    assert again.value == pytest.approx(gap.value)
    with pytest.raises(InputError, match="another driver or problem"):
        gap.for_schedule(hamiltonian_of("features", 6, 6), schedule)


def test_beyond_memory_the_gap_is_estimated_and_its_end_proven():
    problem = random_feature_selection(34, seed=2)
    gap = qx.minimum_gap(problem, rtol=0.1)
    assert isinstance(gap.method, qx.SelectedConfigurations)
    assert gap.status in (qx.GapStatus.ESTIMATED, qx.GapStatus.BRACKETED_ABOVE)
    assert gap.interval[0] <= gap.value <= gap.upper
    assert gap.proven_lower <= gap.upper
    assert gap.lower == 0
    assert "estimated in up to" in str(gap)
    assert gap.to_dict()["gap_standard_error"] == gap.standard_error
    with pytest.raises(InputError, match="estimate"):
        gap_certificate(problem, gap)


@pytest.mark.parametrize("is_proven", [False, True])
def test_the_progress_of_an_estimate_fits_into_a_narrow_terminal(is_proven):
    step = EstimateProgress(20, 123_456, 0.0123, 0.000111, 0.000123, 0.99, 0.02, is_proven)
    line = f"172 qubits: {step} [00:41]"
    assert len(line) <= 80
    assert "gap 0.00011 to 0.00012" in line
    assert ("proven" in line) == is_proven
    assert ("123,456 states, correction 1.2 %" in line) != is_proven


def test_the_exchanged_variables_are_those_of_the_two_states_that_cross():
    H = hamiltonian_of("features", 10, 4)
    gap = qx.minimum_gap(H, method=qx.SelectedConfigurations())
    assert 0 < gap.s_star < 1
    final = set(np.flatnonzero(ground_of(H.problem)))
    assert set(gap.gained) <= final
    assert not set(gap.lost) & final


def test_a_search_that_is_cut_short_says_so_and_keeps_its_result():
    H = hamiltonian_of("features", 8, 1)
    with pytest.raises(qx.ConvergenceError, match="raise max_eigensolves") as error:
        qx.minimum_gap(H, method=qx.SelectedConfigurations(), max_eigensolves=2)
    assert error.value.result.status is qx.GapStatus.BUDGET


def test_all_states_ground_states_leave_no_gap_and_too_many_are_refused():
    flat = qx.minimum_gap(
        qx.QuboProblem(np.zeros(3), np.zeros((3, 3))), method=qx.SelectedConfigurations()
    )
    assert flat.status is qx.GapStatus.NO_EXCITED_LEVEL
    h = np.zeros(13)
    h[0] = 1.0
    with pytest.raises(InputError, match="too many"):
        qx.minimum_gap(qx.QuboProblem(h, np.zeros((13, 13))), method=qx.SelectedConfigurations())


def test_only_qubits_can_be_estimated():
    H = qx.MatrixHamiltonian(np.array([[0.0, -1.0], [-1.0, 0.0]]), [0.0, 1.0])
    with pytest.raises(InputError, match="transverse field"):
        qx.minimum_gap(H, method=qx.SelectedConfigurations())


def test_a_level_at_zero_energy_leaves_its_tangent_physical():
    H = qx.AnnealHamiltonian(random_feature_selection(9, seed=5))
    problem = qx.QuboProblem(H.problem.h + 2.0, H.problem.J)
    H = qx.AnnealHamiltonian(problem)
    method = qx.SelectedConfigurations(last_threshold=1e-2, max_configurations=15)
    path = SchedulePath(H.schedule, H.typical_energies)

    def solved(u):
        nodes = SelectedNodes(H, path, lowest_states(problem, 30), 1, method)
        return nodes(u), nodes.upper_levels(u)[1]

    u = scipy.optimize.brentq(lambda u: solved(u)[1], 0.05, 0.9999, xtol=1e-15)
    levels = solved(u)[0].levels
    assert np.all(np.abs(levels.driver) <= H.driver_weights.sum() * (1 + 1e-9))
    np.testing.assert_allclose(levels.A * levels.driver + levels.B * levels.problem, levels.values)


def node_with_levels_moved(H, path, u, moved):
    A, B = path.strengths(u)
    values, vectors = np.linalg.eigh(H.to_dense(A, B))
    driver = np.einsum("ik,ij,jk->k", vectors, H.to_dense(1.0, 0.0), vectors)[:2]
    values = values[:2] + moved
    levels = levels_of(A, B, values, driver, (values - A * driver) / B, 0.0)
    return Node(u, 1, levels, abs(moved))


@pytest.mark.parametrize("moved", [0.05, -0.05])
def test_an_error_that_all_levels_share_does_not_change_the_bound_of_the_gap(moved):
    H = hamiltonian_of("features", 6, 5)
    path = SchedulePath(H.schedule, H.typical_energies)
    right = node_with_levels_moved(H, path, 0.6, 0.0)
    exact, shared = (
        bracket(path, node_with_levels_moved(H, path, 0.597, error), right)
        for error in (0.0, moved)
    )
    assert shared.lower == pytest.approx(exact.lower, abs=0.01 * abs(moved))
    assert shared.split == pytest.approx(exact.split, abs=0.004)


def test_the_gap_is_not_called_exact_before_the_set_has_grown():
    H = hamiltonian_of("features", 14, 3)
    nodes = SelectedNodes(
        H, SchedulePath(H.schedule, H.typical_energies), *low_states_of(H.problem), SELECTED
    )
    for u in (0.6, 0.9, 0.99):
        nodes(u)
        sizes = [step.num_configurations for step in nodes.points[u].steps]
        assert len(sizes) > 1
        assert all(after >= 1.3 * before for before, after in itertools.pairwise(sizes[:-1]))


def test_where_nothing_is_proven_at_the_smallest_gap_the_end_is_proven(monkeypatch):
    H = hamiltonian_of("features", 9, 3, "authors-code")
    whole = qx.minimum_gap(H, method=SELECTED)
    assert whole.proven_from < whole.s_star < 1

    limit = 0.5 * (1 - whole.s_star) / whole.s_star

    def late_only(H, A, B, ground, highest):
        ratio = A / B
        return floor_of(H, A, B, ground, highest) if ratio < limit else None

    monkeypatch.setattr(proof, "floor_of", late_only)
    gap = qx.minimum_gap(H, method=SELECTED)
    assert gap.value == whole.value
    assert whole.s_star < gap.proven_from < 1
    assert gap.lower == 0
    late = np.linspace(gap.proven_from, 1, 40)
    levels = qx.spectrum(H, late, levels=2).energies
    smallest = (levels[:, 1] - levels[:, 0]).min()
    assert 0.8 * smallest <= gap.proven_lower <= smallest * (1 + 1e-9)
