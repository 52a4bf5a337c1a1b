"""The task ``select``: what every rule selects, at any number of qubits."""

import numpy as np
import pytest

import qxgap as qx
from qxgap.problem import OptimumStatus
from qxgap.report import Results
from qxgap.study import Study
from qxgap.study.cells import FAILED
from qxgap.study.computing import compute
from qxgap.study.plan import plan_study
from qxgap.study.table import make_table
from qxgap.study.tasks.select import RULES, selection_columns


def table_of(problem, tasks, **settings):
    plan = plan_study(Study(instances=[problem], tasks=tasks, **settings))
    rows = {row["key"]: row for batch in plan.batches() for row in compute(batch)}
    return make_table(plan.rows, rows)


def test_the_row_has_the_selections_of_the_gap_row():
    frame = table_of(qx.testing.random_feature_selection(6, seed=2), ["gap", "select"])
    gap, select = (frame[frame.task == task].iloc[0] for task in ("gap", "select"))
    assert select.status == "OPTIMAL"
    assert select.reason == ""
    assert select.selected == gap.selected
    assert select.num_fixed == gap.num_fixed
    for rule in RULES:
        assert getattr(select, rule) == getattr(gap, rule)
        assert select[f"{rule}_is_optimal"] == gap[f"{rule}_is_optimal"]
    assert select.optimum_energy == select.optimum_lower == pytest.approx(gap.ground_energy)


def test_a_problem_beyond_state_vectors_is_solved_while_its_anneal_is_left_out():
    problem = qx.testing.random_feature_selection(40, seed=1)
    frame = table_of(problem, ["success", "select"], tau=1, max_qubits=12)
    assert list(frame.status) == ["LEFT_OUT", "OPTIMAL"]
    row = frame[frame.task == "select"].iloc[0]
    optimum = qx.minimize(problem, seed=1)
    assert row.selected == list(optimum.selection)
    assert row.optimum_energy == pytest.approx(optimum.energy, abs=1e-12)


def test_the_report_reads_the_selections_of_instances_without_a_gap():
    frame = table_of(qx.testing.random_feature_selection(40, seed=1), ["success", "select"], tau=1)
    rows = Results(frame).instances
    assert len(rows) == 1
    assert rows.task.item() == "select"
    assert rows.greedy_is_optimal.item() in (0.0, 1.0)


def test_the_report_prefers_the_gap_row():
    frame = table_of(qx.testing.random_feature_selection(4, seed=1), ["gap", "select"])
    assert Results(frame).instances.task.tolist() == ["gap"]


def test_without_a_proof_no_rule_is_called_optimal():
    rng = np.random.default_rng(3)
    hard = qx.QuboProblem(rng.normal(size=60), np.triu(rng.normal(size=(60, 60)), 1))
    selections = qx.selections(hard, seed=1, max_nodes=1)
    assert selections.optimum.status is OptimumStatus.BEST_KNOWN
    columns = selection_columns(selections)
    assert {columns[f"{rule}_is_optimal"] for rule in RULES} <= {False, None}
    assert columns["all_positive_is_optimal"] is False  # a better one is known


def test_an_unproven_optimum_is_no_selection_of_the_report(monkeypatch):
    from qxgap.study.tasks import work

    monkeypatch.setattr(
        work, "selections", lambda problem, seed: qx.selections(problem, seed=seed, max_nodes=1)
    )
    rng = np.random.default_rng(3)
    hard = qx.QuboProblem(rng.normal(size=60), np.triu(rng.normal(size=(60, 60)), 1))
    frame = table_of(hard, ["select"])
    assert frame.status.item() == "BEST_KNOWN"
    assert "ended before" in frame.reason.item()
    assert frame.optimum_lower.item() < frame.optimum_energy.item()
    assert Results(frame).instances.empty


def test_a_problem_that_fails_says_why(monkeypatch):
    from qxgap.study.tasks import work

    def fail(*_, **__):
        raise qx.MemoryLimitError("no memory")

    monkeypatch.setattr(work, "selections", fail)
    row = table_of(qx.QuboProblem([1.0], [[0.0]]), ["select"]).iloc[0]
    assert row.status == FAILED
    assert row.reason == "MemoryLimitError: no memory"
