"""The task ``schedules``: one anneal time by four schedules, and what the report says of it."""

import math
import re

import numpy as np
import pytest

import qxgap as qx
from qxgap.analysis import schedule_gains
from qxgap.annealing import with_fewer_points
from qxgap.report import Results, cited_methods, write_report
from qxgap.report.findings import Context, Support, schedule_findings
from qxgap.report.sections import SECTIONS
from qxgap.report.sections.schedules import TITLE
from qxgap.study import Study, describe_columns, forecast
from qxgap.study.computing import compute
from qxgap.study.plan import plan_study
from qxgap.study.table import make_table

PROBLEMS = [qx.testing.random_feature_selection(d, seed=d) for d in (3, 4, 5)]


def table_of(problems, tasks=("gap", "success", "schedules"), **settings):
    plan = plan_study(Study(instances=problems, tasks=tasks, **settings))
    rows = {row["key"]: row for batch in plan.batches() for row in compute(batch)}
    return make_table(plan.rows, rows)


@pytest.fixture(scope="module")
def frame():
    return table_of(PROBLEMS, tau=[5, 20], conventions=["paper", "authors-code"])


def test_the_columns_are_anneals_by_those_schedules(frame):
    rows = frame[frame.task == "schedules"]
    assert len(rows) == 3 * 2 * 2
    assert set(rows.status) == {"CONVERGED"}
    for row in rows.itertuples():
        problem = next(p for p in PROBLEMS if p.content_hash == row.instance_hash)
        driver = qx.Convention(row.convention).driver(problem.num_qubits)
        H = qx.AnnealHamiltonian(problem, driver=driver)
        local = qx.locally_adiabatic(H)
        schedules = {
            "even": qx.LINEAR,
            "local": local,
            "coupled": qx.locally_adiabatic(H, coupling=True),
            "points": with_fewer_points(local, qx.LINEAR, 12),
        }
        gap = qx.minimum_gap(H)
        if 0 < gap.s_star < 1:
            schedules["pause"] = qx.paused_at_gap(H, gap.s_star, share=0.5)
            assert row.pause_at == pytest.approx(gap.s_star)
        else:
            assert math.isnan(row.pause_success)
        for name, schedule in schedules.items():
            success = qx.anneal(H.with_schedule(schedule), row.tau).success_probability
            assert getattr(row, f"{name}_success") == pytest.approx(success, abs=1e-5), name
        assert 0 < row.schedules_error < 1e-6


def test_the_even_anneal_is_that_of_the_task_success(frame):
    keys = ["instance_hash", "convention", "tau"]
    success = frame[frame.task == "success"].set_index(keys).success_probability
    even = frame[frame.task == "schedules"].set_index(keys).even_success
    np.testing.assert_array_equal(even, success.reindex(even.index))


def test_forecast_and_columns():
    study = Study(instances=PROBLEMS, tasks=["schedules"], tau=[5, 20])
    expected = forecast(study, "results")
    assert dict(expected.rows) == {"schedules": 6}
    described = describe_columns()
    names = set(described[described.column.str.endswith("_success")].column)
    assert {"even_success", "local_success", "points_success", "pause_success"} <= names
    task = next(task for task in study.tasks)
    cells = [cell for batch in plan_study(study).batches() for cell in batch.cells]
    assert len(cells) == 6
    assert all(task.seconds(cell) > 0 for cell in cells)


def test_a_large_problem_is_left_out():
    rows = table_of([qx.testing.random_feature_selection(6, seed=1)], tau=5, max_qubits=5)
    assert rows[rows.task == "schedules"].status.tolist() == ["LEFT_OUT"]


def test_what_the_report_says(frame, tmp_path):
    frame.to_parquet(tmp_path / "results.parquet")
    report = write_report(tmp_path)
    assert not report.failures
    lines = report.findings[TITLE]
    (first, *others) = lines
    assert not first.minor
    assert all("tau = 20" in line.words for line in lines)
    assert "slow where the gap is small" in first.words
    assert "tau = 20" in first.words
    assert any("12 points that annealers take" in str(line) for line in others)
    page = report.path.read_text(encoding="utf-8")
    assert TITLE in page
    assert "schedule_gains" in {file.stem for file in report.figures}
    cited = {key for method in cited_methods(frame) for key in method.keys}
    assert {"roland2002", "marshall2019"} <= cited
    without = tmp_path / "without"
    without.mkdir()
    frame[frame.task != "schedules"].to_parquet(without / "results.parquet")
    assert TITLE not in write_report(without).findings


def test_without_the_task_the_section_says_so(frame):
    section = SECTIONS[TITLE](Context(Results(frame[frame.task == "gap"])))
    assert section.missing == ["No schedule was compared with another one."]
    assert not section.findings


def made_rows(frame, change):
    """Rows of 12 problems in 6 classes, whose slow schedule succeeds more often by ``change``."""
    row = frame[frame.task == "schedules"].iloc[:1]
    import pandas as pd

    rows = pd.concat([row] * 12, ignore_index=True)
    return rows.assign(
        instance=[f"p{i}" for i in range(12)],
        label=np.arange(12) // 2,
        pred=np.arange(12) // 2,
        even_success=0.4,
        local_success=0.4 + np.asarray(change),
        points_success=0.4 + np.asarray(change),
        pause_success=np.nan,
        coupled_success=np.nan,
        schedules_error=1e-6,
    )


@pytest.mark.parametrize(
    ("change", "support", "words"),
    [
        (np.linspace(0.1, 0.2, 12), Support.ABOVE, "succeeds more often than an even anneal"),
        (np.linspace(-0.2, -0.1, 12), Support.BELOW, "succeeds less often than an even anneal"),
        (np.tile([0.1, -0.2, 0.15], 4), Support.COMPATIBLE, "no mean difference in success"),
        (np.zeros(12), Support.EQUAL, "on average succeeds exactly as often as an even anneal"),
    ],
)
def test_a_sentence_claims_what_its_interval_supports(frame, change, support, words):
    rows = made_rows(frame, change)
    (first, *_) = schedule_findings(Context(Results(rows)))
    assert first.support is support
    assert words in f"{first.words[0].lower()}{first.words[1:]}"
    if support is not Support.EQUAL:
        better = int((np.asarray(change) > 0).sum())
        assert f"better in {better} of 12 problems" in first.words
    assert re.search(r"  | ,|\bnan\b", first.words) is None


def test_changes_within_the_error_count_for_neither(frame):
    rows = made_rows(frame, np.tile([1e-7, -1e-7, 0.1], 4))
    local, points, of_points = schedule_gains(Results(rows).schedules)
    assert (local.schedule, local.reference) == ("local", "even")
    assert (local.num_better, local.num_worse, local.num_problems) == (4, 0, 12)
    assert local.share_better.value == pytest.approx(1 / 3)
    low, high = qx.statistics.jeffreys_interval(4, 12)
    assert (local.share_better.low, local.share_better.high) == (low, high)
    assert points.difference == local.difference
    assert (of_points.reference, of_points.num_better, of_points.num_worse) == ("local", 0, 0)
