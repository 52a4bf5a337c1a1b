"""The benchmarks measure what they say: peers are right, counts are scaled, gates can fail."""

from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
import scipy.linalg
from scipy.sparse.linalg import aslinearoperator
from systems import dense_gap

import qxgap as qx
from benchmarks.common import cells
from benchmarks.dynamics import (
    dynamics_cell,
    dynamics_krylov,
    dynamics_peers,
    dynamics_sweep,
    dynamics_table,
)
from benchmarks.gap import certify_folder, gap_cell, gap_sweep, gap_table
from benchmarks.gap.gap_peers import LOOSE, PEERS, RESIDUAL, CountingOperator, Peer, Solution
from benchmarks.problem import optimum
from qxgap.testing import random_feature_selection


@pytest.mark.parametrize("s", [0.3, 0.9])
@pytest.mark.parametrize("name", PEERS)
def test_peers_find_the_gap(name, s):
    if name == "quspin":
        pytest.importorskip("quspin")
    H = gap_cell.instance(6, seed=2)
    tolerance = {"loose": 2 * LOOSE, "equal": 2 * RESIDUAL}.get(name.rpartition("-")[2], 1e-9)
    found = PEERS[name].prepare(H)(s)
    assert found.converged
    assert found.gap == pytest.approx(dense_gap(H, s), abs=tolerance)


def test_products_are_counted_by_column():
    counted = CountingOperator(aslinearoperator(np.diag(np.arange(4.0))))
    assert np.array_equal(counted @ np.ones(4), np.arange(4.0))
    assert np.array_equal(counted @ np.ones((4, 3)), np.arange(4.0)[:, None] * np.ones(3))
    assert counted.count == 4


@pytest.mark.parametrize("warm", [False, True])
def test_counts_scale_to_the_grid_and_leave_lead_ins_out(warm):
    visited = []

    def solve(s):
        visited.append(round(100 * s))
        return Solution(np.array([0.0, (s - 0.4) ** 2 + 1.0]), matvecs=7)

    peer = Peer("fake", lambda H: solve, warm=warm)
    row = gap_cell.run_points(peer, solve, (16, 50, 84))
    assert visited == ([15, 16, 49, 50, 83, 84] if warm else [16, 50, 84])
    assert (row["status"], row["points"], row["matvecs"]) == ("extrapolated", 3, 707)
    assert "gap" not in row
    visited.clear()
    row = gap_cell.run_points(peer, solve, range(101))
    assert visited == list(range(101))
    assert (row["status"], row["matvecs"], row["gap"], row["s_star"]) == ("complete", 707, 1.0, 0.4)


def test_stages_stop_at_the_limit():
    stages = list(gap_cell.peer_rows(PEERS["csr"], 5, 0, limit=0.0))
    assert [row["points"] for row in stages] == [3]
    stages = list(gap_cell.peer_rows(PEERS["csr"], 5, 0, limit=100.0))
    assert [row["points"] for row in stages] == [3, 10, 101]


def test_reference_lies_in_the_bracket():
    own, truth = gap_cell.ours(6, 1), gap_cell.reference(6, 1)
    assert own["lower"] - 1e-9 <= truth["gap"] <= own["gap"] + 1e-9


def test_a_cell_that_fails_or_takes_too_long_says_so(monkeypatch):
    def status(solver, limit):
        return cells.run_cell("benchmarks.gap.gap_cell", cells.Cell(4, 0, solver), limit, 1)[
            "status"
        ]

    assert status("nobody", 60.0) == "left out: KeyError: 'nobody'"
    monkeypatch.setattr(cells, "START_UP", 0.0)
    assert status("csr", 0.01) == "left out: over the limit"


def test_a_peer_that_failed_is_left_out_of_larger_sizes(monkeypatch):
    asked = []

    def run_cell(script, cell, limit, threads):
        asked.append(cell)
        status = "left out: over the limit" if cell.solver == "csr" and cell.d == 6 else "complete"
        return {"d": cell.d, "seed": cell.seed, "solver": cell.solver, "status": status}

    monkeypatch.setattr(cells, "run_cell", run_cell)
    chosen = ["--sizes", "4", "6", "8", "--seeds", "1", "--scaling", "10", "--solvers", "csr"]
    arguments = gap_sweep.parse([*chosen, "--no-reference"])
    planned = gap_sweep.plan(arguments)
    rows = list(cells.run(gap_sweep.GAP, planned, arguments, []))
    assert [row["status"] for row in rows if row["solver"] == "csr"] == [
        "complete",
        "left out: over the limit",
        "left out: as at d = 6",
    ]
    assert cells.Cell(8, 0, "csr") not in asked
    assert cells.Cell(10, 0, "ours") in asked
    assert list(cells.run(gap_sweep.GAP, planned, arguments, rows)) == []


@pytest.fixture
def results(tmp_path):
    """A CSV with ours and one peer at d = 10, as gap.py writes it."""

    def write(**changes):
        own = {"d": 10, "seed": 0, "solver": "ours", "status": "bracketed", "points": 12}
        own |= {"seconds": 0.1, "matvecs": 500, "gap": 0.1, "lower": 0.0999, "growth_mib": 1.0}
        own |= {"peak_mib": 200.0} | changes
        peer = {**own, "solver": "free", "status": "complete", "points": 101, "lower": None}
        peer |= {"seconds": 5.0, "matvecs": 6000, "gap": 0.101}
        truth = {"d": 10, "seed": 0, "solver": "reference", "status": "reference", "gap": 0.1}
        path = tmp_path / "gap.csv"
        frame = pd.DataFrame([own, peer, truth], columns=gap_sweep.GAP.columns)
        path.write_text("# command: none\n" + frame.to_csv(index=False))
        return gap_table.read(path)

    return write


def test_gates_count(results):
    assert gap_table.failures(results()[0]) == []
    for changes, complaint in [
        ({"matvecs": 100_000}, "100000 products"),
        ({"points": 1000}, "1000 eigen-solves"),
        ({"matvecs": 751}, "free needs only 8.0 times"),
        ({"status": "budget"}, "'budget'"),
    ]:
        assert any(complaint in found for found in gap_table.failures(results(**changes)[0]))


def test_table_shows_ratios_and_errors(results):
    text = gap_table.markdown(*results())
    assert "| 5 (50) |" in text
    assert "| 6000 (12) |" in text
    assert "| 1.0e-02 |" in text
    assert "* command: none" in text


def test_an_instance_is_checked_against_dense(tmp_path):
    path = qx.save(random_feature_selection(5, seed=3), tmp_path / "five.npz")
    row = certify_folder.examine(path, "authors-code", 1e-3, 12)
    assert row["failure"] == ""
    assert row["lower"] - 1e-6 <= row["dense"] <= row["gap"] + 1e-6
    wrong = certify_folder.dense_failures(row | {"deviation": 1e-3, "dense": row["lower"] - 1e-3})
    assert len(wrong) == 2
    assert certify_folder.instances([tmp_path]) == [path]


def uniform_state(H):
    return np.full(H.dimension, H.dimension**-0.5, dtype=complex)


REQUIRES = {"quspin": "quspin", "dynamiqs": "dynamiqs", "emu-sv": "emu_sv", "qokit": "simulator"}


@pytest.fixture(scope="module")
def short_evolution():
    """An instance, a window of its anneal, and where many midpoint exponentials end there."""
    H, window = dynamics_cell.instance(4, seed=2), (20.0, 22.0)
    times = np.linspace(*window, 401)
    psi = uniform_state(H)
    for t, h in zip((times[1:] + times[:-1]) / 2, np.diff(times), strict=True):
        psi = (
            scipy.linalg.expm(-1j * h * H.to_sparse(*H.schedule(t / dynamics_peers.TAU)).toarray())
            @ psi
        )
    return H, window, psi


@pytest.mark.parametrize("name", [*dynamics_peers.PEERS, *dynamics_peers.OWN])
def test_peers_integrate_the_anneal(name, short_evolution):
    if name in REQUIRES and find_spec(REQUIRES[name]) is None:
        pytest.skip(f"{name} is not installed")
    (H, window, exact), peer = short_evolution, (dynamics_peers.PEERS | dynamics_peers.OWN)[name]
    outcome = peer.prepare(H, peer.knob(4))(uniform_state(H), *window)
    assert 1.0 - abs(np.vdot(exact, outcome.state)) < 1e-6
    assert outcome.applications is None or outcome.applications > 10


@pytest.mark.parametrize("h", [0.3, 2.0])
def test_lanczos_exponential_against_dense(h):
    H, rng = dynamics_cell.instance(6, seed=1), np.random.default_rng(0)
    psi = rng.normal(size=64) + 1j * rng.normal(size=64)
    exact = scipy.linalg.expm(-1j * h * H.to_sparse(*H.schedule(0.4)).toarray()) @ psi
    for tol in (1e-3, 1e-6, 1e-9):
        found, products = dynamics_krylov.lanczos_exponential(
            lambda v: H.matvec(0.4, v), psi, h, tol
        )
        assert np.linalg.norm(found - exact) <= 10 * tol
        assert products < 64
    with pytest.raises(RuntimeError, match="shorten the step"):
        dynamics_krylov.lanczos_exponential(lambda v: H.matvec(0.4, v), psi, 1e3, 1e-9)


@pytest.mark.parametrize(
    ("scheme", "order"),
    [(dynamics_krylov.MIDPOINT, 2), (dynamics_krylov.CFM4, 4)],
    ids=["midpoint", "cfm4"],
)
def test_magnus_has_its_order(scheme, order):
    H = dynamics_cell.instance(4, seed=0)

    def end(steps):
        times = np.linspace(0.0, 4.0, steps + 1)
        return dynamics_krylov.evolve(
            scheme, H.apply, lambda t: (1 - t / 4, t / 4), uniform_state(H), times, 1e-13
        )[0]

    exact = end(640)
    errors = [np.linalg.norm(end(steps) - exact) for steps in (10, 20)]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.3)


@pytest.mark.parametrize("adaptive", [False, True])
def test_windows_scale_to_the_anneal_and_leave_the_beginning_out(adaptive):
    def run(psi, begin, end):
        applications = round(1000 * (end - begin) / dynamics_peers.TAU) + 10 * adaptive
        return dynamics_peers.Outcome(psi, applications)

    peer = dynamics_peers.Peer("fake", lambda H, knob: run, (1.0,), {0: 1.0}, adaptive=adaptive)
    for stage in dynamics_cell.WINDOWS:
        states = dict.fromkeys(dynamics_cell.starts(stage).tolist(), np.ones(2))
        row = dynamics_cell.run_windows(peer, run, states, stage)
        assert (row["status"], row["applications"]) == ("extrapolated", 1000)
        assert "steps" not in row


def test_a_layer_moves_the_bytes_of_its_passes():
    assert dynamics_cell.layer(13, 0)["bytes"] == 1 * dynamics_table.state_bytes(13)
    assert dynamics_cell.layer(15, 0)["bytes"] == 2 * dynamics_table.state_bytes(15)


def test_a_cell_in_a_process_of_its_own():
    row = cells.run_cell("benchmarks.dynamics.dynamics_cell", cells.Cell(5, 0, "ours"), 60.0, 1)
    assert (row["d"], row["solver"], row["status"]) == (5, "ours", "converged")
    assert row["applications"] > row["last"] == row["steps"]  # one layer for each step


def test_dynamics_end_to_end(tmp_path, monkeypatch):
    def run_cell(script, cell, limit, threads):
        assert script == "benchmarks.dynamics.dynamics_cell"
        *_, row = dynamics_cell.rows_of(cell.solver, cell.d, cell.seed, limit)
        return cell.identity | row

    monkeypatch.setattr(cells, "run_cell", run_cell)
    chosen = ["--sizes", "6", "--seeds", "1", "--scaling", "--layers", "15", "--limit", "100"]
    chosen += ["--solvers", "cfm4-krylov", "--output", str(tmp_path / "dynamics.csv")]
    assert dynamics_sweep.main(chosen) == 0
    rows, _ = dynamics_table.read(tmp_path / "dynamics.csv")
    assert list(rows.solver) == ["ours", "fixed", "reference", "cfm4-krylov", "layer"]
    assert list(rows.status) == ["converged", "complete", "reference", "complete", "complete"]
    assert rows.error.max() < dynamics_peers.TARGET
    assert (tmp_path / "dynamics.md").exists()


@pytest.fixture
def dynamics_rows(tmp_path):
    """A CSV with ours, fixed steps, two peers and a layer, as dynamics.py writes it."""

    def write(solver="ours", **changes):
        table = {
            "ours": {"status": "converged", "applications": 1000, "estimate": 4e-7},
            "fixed": {"status": "complete", "applications": 300},
            "reference": {"status": "reference", "deviation": 1e-12},
            "qutip-vern7": {"status": "complete", "applications": 2500},
            "cfm4-krylov": {"status": "complete", "applications": 1000},
            "layer": {"status": "complete", "bytes": 2 * dynamics_table.state_bytes(10)},
        }
        common = {"d": 10, "seed": 0, "success": 0.2, "seconds": 0.5, "two_copies": 0.2}
        common |= {"peak_mib": 1.0, "growth_mib": 1.0, "steps": 50, "last": 300, "knob": 1e-4}
        table[solver] |= changes
        rows = [{"solver": name} | common | row for name, row in table.items()]
        path = tmp_path / "dynamics.csv"
        frame = pd.DataFrame(rows, columns=dynamics_sweep.DYNAMICS.columns)
        path.write_text("# command: none\n" + frame.to_csv(index=False))
        return dynamics_table.read(path)

    return write


def test_dynamics_gates_look_at_counts_and_errors(dynamics_rows):
    assert dynamics_table.failures(dynamics_rows()[0]) == []
    for solver, changes, complaint in [
        ("ours", {"applications": 3000}, "3000 layers"),
        ("ours", {"status": "max_steps"}, "'max_steps'"),
        ("ours", {"success": 0.2 + 5e-7}, "above the estimate"),
        ("fixed", {"success": 0.2 + 2e-6}, "fixed steps miss"),
        ("fixed", {"applications": 400}, "6.25 times the layers of fixed"),
        ("qutip-vern7", {"applications": 1700}, "qutip-vern7 needs only 1.7 times the layers"),
        ("cfm4-krylov", {"applications": 600}, "cfm4-krylov needs only 2 times"),
        ("reference", {"deviation": 1e-7}, "QuTiP is 1.0e-07 from reference"),
        ("layer", {"bytes": 3 * dynamics_table.state_bytes(10)}, "3 passes a layer"),
    ]:
        found = dynamics_table.failures(dynamics_rows(solver, **changes)[0])
        assert any(complaint in line for line in found), (complaint, found)
    missed = {"applications": 100, "success": 0.2 + 2e-6}
    assert dynamics_table.failures(dynamics_rows("cfm4-krylov", **missed)[0]) == []


def test_dynamics_table_shows_ratios_misses_and_layers(dynamics_rows):
    text = dynamics_table.markdown(*dynamics_rows("qutip-vern7", success=0.2 + 2e-6, seconds=5.0))
    for piece in ["| 5 (10) |", "| 2500 (2.5) |", "2.0e-06 **missed**", "| 0.5 | 0.2 | 2.5 | 2 |"]:
        assert piece in text


@pytest.mark.parametrize("name", optimum.SOLVERS)
def test_exact_solvers_prove_the_ground_energy(name):
    problem = random_feature_selection(10, seed=8)
    energy, lower, proven = optimum.SOLVERS[name](problem, 60.0)
    assert proven
    assert energy == pytest.approx(problem.ground_energy, abs=1e-9)
    assert lower == pytest.approx(problem.ground_energy, abs=1e-3)


def test_proofs_that_disagree_are_told(capsys):
    row = {"file": "a/b", "d": 3, "fixed": 0, "lower": 0.0, "seconds": 1.0, "proven": True}
    solvers = [{**row, "solver": name, "energy": -1.0} for name in "xyz"]
    assert optimum.report(pd.DataFrame(solvers)) == 0
    solvers[1]["energy"] = -0.9
    assert optimum.report(pd.DataFrame(solvers)) == 1
    solvers[1]["proven"] = False
    assert optimum.report(pd.DataFrame(solvers)) == 0
    assert "largest difference" in capsys.readouterr().out
