"""Anneals in selected configurations: the frame is exact, and no bound is ever violated."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qxgap as qx
from benchmarks.dynamics import selected_dynamics, selected_reach
from benchmarks.dynamics.error_estimates import exact_state, ground_state
from benchmarks.dynamics.selected_dynamics import KINDS, campaign
from qxgap.dynamics import product_success, random_guess
from qxgap.dynamics.wide.mean_field import MeanFieldPath
from qxgap.dynamics.wide.probability_bounds import probability_interval
from qxgap.dynamics.wide.selected_anneal import is_out_of_reach, proven_ground_states
from qxgap.dynamics.wide.selected_space import SelectedSpace
from qxgap.testing import random_feature_selection

BENT = qx.AnnealSchedule([0, 0.35, 0.6, 1], [1.2, 0.9, 0.4, 0.1], [0.0, 0.3, 0.8, 1.5], "bent")
MIXED_START = qx.AnnealSchedule([0, 1], [1, 0], [0.05, 1], "mixed")
FAST = qx.schedule_named("Advantage2_system1.4_fast")
STEPS = 10_000


def all_configurations(d):
    return np.arange(2**d, dtype=np.uint64)[:, None]


def lab_frame(frame, d):
    """The rotation whose columns are the configurations as states of the qubits; dense."""
    up, down = frame.up, frame.down
    matrix = np.ones((1, 1))
    for p in range(d):  # qubit p is bit p of a configuration, and the p-th factor of a state
        turn = np.array([[up[p], -down[p].conj()], [down[p], up[p].conj()]])
        matrix = np.kron(turn, matrix)
    return matrix


def dense(apply, n):
    return np.array([apply(row) for row in np.eye(n, dtype=complex)]).T


def lab_hamiltonian(problem, weights, A, B):
    """A H_D + B H_P with qubit p as bit p of an index."""
    d = problem.num_qubits
    n = np.arange(2**d)[:, None] >> np.arange(d) & 1
    matrix = np.diag(B * problem.energy(n, offset=False))
    for p in range(d):
        matrix[np.arange(2**d), np.arange(2**d) ^ (1 << p)] -= A * weights[p]
    return matrix


@pytest.mark.parametrize("schedule", [qx.LINEAR, BENT, MIXED_START])
def test_the_hamiltonian_in_the_frame_is_that_of_the_anneal(schedule):
    """``R^T H R - i R^T dR/dt`` by finite differences of the frame, but for a constant."""
    rng = np.random.default_rng(3)
    d, tau, s, step = 4, 3.0, 0.55, 1e-5
    problem = qx.QuboProblem(rng.normal(size=d), np.triu(rng.normal(size=(d, d)), 1))
    weights = rng.uniform(0.5, 1.5, d)
    H = qx.AnnealHamiltonian(problem, schedule, qx.TransverseField(tuple(weights)))
    path = MeanFieldPath(H, tau, STEPS)
    space = SelectedSpace(path.coupling, all_configurations(d))
    here = lab_frame(path(s), d)
    change = (lab_frame(path(s + step), d) - lab_frame(path(s - step), d)) / (2 * step * tau)
    A, B = map(float, schedule(s))
    expected = here.conj().T @ (lab_hamiltonian(problem, weights, A, B) @ here - 1j * change)
    found = dense(lambda x: space.apply(path(s), x), 2**d)
    expected -= (expected[0, 0] - found[0, 0]) * np.eye(2**d)
    assert np.abs(found - found.conj().T).max() < 1e-14
    assert found[0, 0] == 0
    assert np.abs(found - expected).max() < 1e-7


def test_what_leaves_is_the_rest_of_the_hamiltonian():
    problem = random_feature_selection(6, seed=1)
    path = MeanFieldPath(qx.AnnealHamiltonian(problem), 5.0, STEPS)
    whole = SelectedSpace(path.coupling, all_configurations(6))
    part = SelectedSpace(path.coupling, all_configurations(6)[[0, 3, 9, 17, 40]])
    rng = np.random.default_rng(0)
    psi = rng.normal(size=5) + 1j * rng.normal(size=5)
    wide = np.zeros(64, complex)
    wide[part.words[:, 0].astype(int)] = psi
    product = whole.apply(path(0.4), wide)
    inside = part.words[:, 0].astype(int)
    assert np.allclose(product[inside], part.apply(path(0.4), psi))
    importance = np.zeros(len(part.outside))
    left = part.leaving(path(0.4), psi, 2.0, importance)
    rest = np.delete(product, inside)
    assert left == pytest.approx(np.linalg.norm(rest))
    expected = np.zeros(64)
    expected[np.setdiff1d(np.arange(64), inside)] = 2 * np.abs(rest) ** 2
    assert importance == pytest.approx(expected[part.outside[:, 0].astype(int)])
    assert whole.leaving(path(0.4), wide, 1.0, np.zeros(0)) == 0


@pytest.mark.parametrize(
    ("schedule", "tau", "tol"),
    [(qx.LINEAR, 7.0, 1e-7), (BENT, 4.0, 1e-7), (MIXED_START, 6.0, 1e-7), (FAST, 0.5, 1e-4)],
)
def test_all_configurations_give_the_exact_anneal(schedule, tau, tol):
    """The reference shares no code with qxgap."""
    rng = np.random.default_rng(5)
    problem = qx.QuboProblem(rng.normal(size=5), np.triu(rng.normal(size=(5, 5)), 1))
    H = qx.AnnealHamiltonian(problem, schedule)
    time = tau * (2 * np.pi if schedule.unit == "GHz" else 1.0)
    state = exact_state(problem, np.ones(5), schedule, time, ground_state(H))
    run = qx.anneal(H, tau, qx.SelectedDynamics(tol, max_configurations=32))
    exact = qx.anneal(H, tau, qx.SplitOperator(1e-9))
    expected = float((np.abs(state) ** 2)[problem.ground_indices].sum())
    assert run.status is qx.AnnealStatus.CONVERGED
    assert run.success_probability == pytest.approx(expected, abs=tol)
    assert run.interval[0] <= expected <= run.interval[1]
    assert run.residual_energy == pytest.approx(exact.residual_energy, abs=10 * tol)


def test_a_start_that_is_not_proven_proves_nothing():
    rng = np.random.default_rng(1)
    strong = qx.AnnealSchedule([0, 1], [1, 0], [3, 3], "strong")
    J = np.triu(rng.normal(size=(8, 8)), 1)
    H = qx.AnnealHamiltonian(qx.QuboProblem(rng.normal(size=8), J), strong)
    run = qx.anneal(H, 1.0, qx.SelectedDynamics())
    assert run.status is qx.AnnealStatus.UNPROVEN_START
    assert run.interval == (0.0, 1.0)
    assert math.isinf(run.norm_left)
    assert run.to_dict()["norm_error"] is None
    small = qx.AnnealHamiltonian(qx.QuboProblem(H.problem.h[:4], J[:4, :4]), strong)
    run = qx.anneal(small, 1.0, qx.SelectedDynamics())
    assert run.status is qx.AnnealStatus.CONVERGED
    exact = qx.anneal(small, 1.0).success_probability
    assert run.interval[0] - 1e-6 <= exact <= run.interval[1] + 1e-6


def couplings(d):
    numbers = st.sampled_from([-1.0, 0.0, 1.0, -0.3, 2.0, 0.01])
    return st.lists(numbers, min_size=d * (d + 1) // 2, max_size=d * (d + 1) // 2)


@st.composite
def anneals(draw):
    """Degenerate, ferromagnetic, frustrated and uncoupled problems, and sets that are too small."""
    d = draw(st.integers(1, 5))
    values = draw(couplings(d))
    J = np.zeros((d, d))
    J[np.triu_indices(d, 1)] = values[d:]
    schedule = draw(st.sampled_from([qx.LINEAR, BENT, MIXED_START]))
    weight = draw(st.sampled_from([1.0, 0.2, 3.0]))
    H = qx.AnnealHamiltonian(qx.QuboProblem(values[:d], J), schedule, qx.TransverseField(weight))
    method = qx.SelectedDynamics(
        draw(st.sampled_from([1e-1, 1e-3])), max_configurations=draw(st.integers(1, 20))
    )
    return H, draw(st.sampled_from([0.0, 0.5, 3.0, 15.0])), method


@given(anneals())
@settings(max_examples=25, deadline=None)
def test_no_bound_is_violated(anneal):
    H, tau, method = anneal
    exact = qx.anneal(H, tau, qx.SplitOperator(1e-9))
    run = qx.anneal(H, tau, method)
    low, high = run.interval
    margin = exact.error_estimate + 1e-12
    assert low - margin <= exact.success_probability <= high + margin
    assert low <= run.success_probability <= high
    if run.status is qx.AnnealStatus.CONVERGED:
        assert run.error_estimate <= method.tol


@pytest.mark.parametrize("anneals", [10, pytest.param(40, marks=pytest.mark.slow)])
def test_random_anneals_lie_in_their_intervals(anneals):
    """The quick version of the recorded benchmark."""
    small = replace(KINDS[0], sizes=(8, 10))
    rows = campaign(anneals, 7, (small, *KINDS[1:]))
    assert len(rows) == anneals
    assert not rows.violated.any()
    assert not rows.missed.any()


def test_the_benchmark_fails_if_an_interval_is_violated(monkeypatch, tmp_path, capsys):
    def shifted(H, tau, method, **options):
        run = true_anneal(H, tau, method, **options)
        if isinstance(method, qx.SplitOperator):
            object.__setattr__(run, "success_probability", -1.0)
        return run

    true_anneal = selected_dynamics.qx.anneal
    monkeypatch.setattr(selected_dynamics, "KINDS", (KINDS[-1],))
    monkeypatch.setattr(selected_dynamics, "campaign", lambda n, seed: campaign(n, seed, KINDS[3:]))
    monkeypatch.setattr(selected_dynamics.qx, "anneal", shifted)
    output = tmp_path / "table.md"
    assert selected_dynamics.main(["--anneals", "10", "--output", str(output)]) == 1
    assert "| small | 2 |" in output.read_text()
    assert "violated" in capsys.readouterr().out


@given(
    st.floats(0, 1),
    st.floats(0, 2),
    st.integers(1, 4),
    st.integers(0, 2**32 - 1),
    st.integers(1, 3),
)
@settings(max_examples=200, deadline=None)
def test_the_interval_holds_for_all_states_within_the_distance(share, size, extra, seed, grounds):
    """Of two unit vectors only their distance and the error of the amplitude are known."""
    rng = np.random.default_rng(seed)
    n = grounds + extra
    phi, other = (rng.normal(size=n) + 1j * rng.normal(size=n) for _ in range(2))
    phi /= np.linalg.norm(phi)
    psi = phi + size * share * other / np.linalg.norm(other)
    psi /= np.linalg.norm(psi)
    psi *= np.exp(-1j * np.angle(np.vdot(phi, psi)))
    weight = float(np.sum(np.abs(phi[:grounds]) ** 2))
    goal = np.where(np.arange(n) < grounds, phi, 0) / math.sqrt(weight)
    distance = float(np.linalg.norm(psi - phi))
    amplitude = abs(np.vdot(goal, psi) - np.vdot(goal, phi))
    truth = float(np.sum(np.abs(psi[:grounds]) ** 2))
    for error in (amplitude, math.inf):
        low, high = probability_interval(weight, distance, error, grounds)
        assert low - 1e-12 <= truth <= high + 1e-12


def test_the_largest_set_is_not_tried_where_it_would_prove_nothing():
    method = qx.SelectedDynamics(max_configurations=10_000)
    assert is_out_of_reach([(1, 20.0), (257, 19.0), (1028, 18.0)], method)
    assert not is_out_of_reach([(1, 20.0), (257, 18.0), (1028, 4.0)], method)
    assert not is_out_of_reach([(1, 20.0), (257, 19.0)], method)


def test_ground_states_are_counted_at_any_size():
    pairs = qx.QuboProblem(np.zeros(4), np.triu(np.ones((4, 4)), 1))
    assert len(proven_ground_states(pairs).ground_states) == 5
    free = qx.QuboProblem(np.zeros(40), np.zeros((40, 40)))
    with pytest.raises(qx.InputError, match=r"not all ground states of 40 qubits.*qxgap reduce"):
        proven_ground_states(free)
    one_free = qx.QuboProblem([0.0, *np.full(39, -1.0)], np.zeros((40, 40)))
    assert len(proven_ground_states(one_free).ground_states) == 2


@pytest.fixture(scope="module")
def beyond():
    """An anneal of 40 qubits, for which the method is chosen."""
    problem = random_feature_selection(40, seed=2)
    H = qx.AnnealHamiltonian(problem, driver=qx.Convention.AUTHORS_CODE.driver(40))
    return H, qx.anneal(H, 0.2)


def test_beyond_memory_the_method_is_chosen(beyond):
    H, run = beyond
    assert isinstance(run, qx.SelectedAnneal)
    assert run.method == qx.SelectedDynamics()
    low, high = run.interval
    assert 0 <= low <= run.success_probability <= high <= 1e-3
    assert run.random_guess == random_guess(H.problem) == 2.0**-40
    assert product_success(H, 0.2) == pytest.approx(2.0**-40, rel=0.5)


def test_a_result_says_what_is_known(beyond):
    _, run = beyond
    values = run.to_dict()
    assert json.loads(json.dumps(values)) == values
    assert values["success_probability_interval"] == list(run.interval)
    assert "it is proven to lie between" in str(run)
    assert "linear (assumed)" not in str(run)
    problem = random_feature_selection(9, seed=1)
    few = qx.anneal(problem, 30.0, qx.SelectedDynamics(max_configurations=5))
    assert few.status is qx.AnnealStatus.MAX_CONFIGURATIONS
    assert "and no more is known" in str(few)
    assert few.status.value in str(few)
    assert repr(few).startswith("<SelectedAnneal: One anneal of the time tau = 30")


def test_until_then_half_of_the_weight_is_that_of_the_exact_state():
    H = qx.AnnealHamiltonian(random_feature_selection(9, seed=1))
    few = qx.anneal(H, 30.0, qx.SelectedDynamics(max_configurations=5))
    assert 0 < few.followed_until < few.s[-1] == 1.0
    assert few.to_dict()["followed_until"] == few.followed_until
    assert np.all(np.diff(few.norms_left) >= 0)
    assert few.norms_left[-1] == pytest.approx(few.norm_left)
    assert "until s = " in str(few)
    before = few.norms_left[few.s <= few.followed_until]
    assert 1 - before[-1] ** 2 / 2 >= np.sqrt(0.5)  # the overlap of two states that far apart
    whole = qx.anneal(H, 30.0, qx.SelectedDynamics())
    assert whole.followed_until == 1.0
    grey = [len(run.plot().axes[0].patches) for run in (few, whole)]
    assert grey == [1, 0]


def test_a_curve_and_its_time_to_solution():
    problem = random_feature_selection(7, seed=1)
    curve = qx.success_curve(problem, [5.0, 20.0], qx.SelectedDynamics(tol=1e-4))
    exact = qx.success_curve(problem, [5.0, 20.0])
    assert np.all(np.abs(curve.success - exact.success) <= curve.errors + 1e-6)
    assert curve.errors.max() <= 1e-4
    assert curve.product == pytest.approx(exact.product)
    best = qx.optimal_tts(curve)
    assert best.lower <= qx.optimal_tts(exact).tts <= best.upper


def test_several_times_give_a_list_and_progress_is_told():
    lines = []
    problem = random_feature_selection(6, seed=1)
    runs = qx.anneal(problem, [1.0, 2.0], qx.SelectedDynamics(), progress=lines.append)
    assert [run.tau for run in runs] == [1.0, 2.0]
    assert any("configurations: success probability" in line for line in lines)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda p: qx.anneal(p, 1.0, qx.SelectedDynamics(), levels=2), "gives no state"),
        (lambda p: qx.anneal(p, 1.0, qx.SelectedDynamics(), initial=[0, 0, 0]), "gives no state"),
        (lambda p: qx.anneal(p, 1e4, qx.SelectedDynamics(max_steps=50)), "raise max_steps"),
        (lambda p: qx.SelectedDynamics(tol=2.0), "tol = 2.0"),
        (lambda p: qx.SelectedDynamics(max_configurations=0), "above 0"),
        (
            lambda p: qx.anneal(
                qx.AnnealHamiltonian(p, qx.AnnealSchedule([0, 1], [0, 1], [1, 1], "back")),
                1.0,
                qx.SelectedDynamics(),
            ),
            r"A\(0\) = 0",
        ),
    ],
)
def test_mistakes(call, message):
    with pytest.raises(qx.InputError, match=message):
        call(random_feature_selection(3, seed=1))


def test_the_table_of_reach_holds_exact_answers_against_intervals(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(selected_reach, "TIMES", {"paper": (1.0,), selected_reach.TABLE: (0.1,)})
    output = tmp_path / "reach.md"
    command = ["--sizes", "4", "30", "--configurations", "20", "--output", str(output)]
    assert selected_reach.main(command) == 0
    rows = [text.split(" | ") for text in output.read_text().splitlines() if text.startswith("| ")]
    assert [row[0] for row in rows] == ["| d", "| 4", "| 4", "| 30", "| 30"]
    assert rows[1][5] != ""
    assert rows[3][5] == ""
    assert capsys.readouterr().out.count("\n") == 6
