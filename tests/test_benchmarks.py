"""The benchmarks measure what they say: peers are right, counts are scaled, gates can fail."""

import cells
import gap
import gap_cell
import gap_table
import instances
import numpy as np
import pandas as pd
import pytest
from gap_peers import LOOSE, PEERS, RESIDUAL, CountingOperator, Peer, Solution
from scipy.sparse.linalg import aslinearoperator

import qxgap as qx
from qxgap.testing import random_feature_selection


def dense_gap(H, s):
    levels = np.linalg.eigvalsh(H.to_sparse(s).toarray())
    return levels[1] - levels[0]


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
        return cells.run_cell("gap_cell.py", cells.Cell(4, 0, solver), limit, 1)["status"]

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
    arguments = gap.parse([*chosen, "--no-reference"])
    planned = gap.plan(arguments)
    rows = list(cells.run(gap.GAP, planned, arguments, []))
    assert [row["status"] for row in rows if row["solver"] == "csr"] == [
        "complete",
        "left out: over the limit",
        "left out: as at d = 6",
    ]
    assert cells.Cell(8, 0, "csr") not in asked
    assert cells.Cell(10, 0, "ours") in asked
    assert list(cells.run(gap.GAP, planned, arguments, rows)) == []


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
        frame = pd.DataFrame([own, peer, truth], columns=gap.GAP.columns)
        path.write_text("# command: none\n" + frame.to_csv(index=False))
        return gap_table.read(path)

    return write


def test_gates_count(results):
    assert gap_table.failures(results()[0]) == []
    for changes, complaint in [
        ({"matvecs": 100_000}, "100000 products"),
        ({"points": 1000}, "1000 eigen-solves"),
        ({"matvecs": 601}, "free needs only 10.0 times"),
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
    row = instances.examine(path, "authors-code", 1e-3, 12)
    assert row["failure"] == ""
    assert row["lower"] - 1e-6 <= row["dense"] <= row["gap"] + 1e-6
    wrong = instances.dense_failures(row | {"deviation": 1e-3, "dense": row["lower"] - 1e-3})
    assert len(wrong) == 2
    assert instances.instances([tmp_path]) == [path]
