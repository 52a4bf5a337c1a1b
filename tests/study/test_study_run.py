"""Studies: what their tables say, that order and interruption do not matter, and failures."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

import qxgap as qx
from qxgap.study import ExistingExecutor, Study, StudyFailedError, forecast, run_study
from qxgap.study.computing import compute
from qxgap.study.plan import plan_batches, plan_rows, plan_study
from qxgap.study.sources import open_instances
from qxgap.study.table import make_table
from qxgap.testing import random_feature_selection

SIZES = (3, 5, 4, 5, 6)


def pool():
    """Run in a thread of this process, which spares the tests the start of others."""
    return ExistingExecutor(ThreadPoolExecutor(1))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("instances")
    for i, d in enumerate(SIZES):
        qx.save(random_feature_selection(d, i), place / f"random-{i}.npz")
    return place


def study_of(folder, **changes):
    keys = {
        "instances": "*.npz",
        "conventions": ["paper", "authors-code"],
        "tau": [5, 20],
        "tasks": ["gap", "success", "sample", "compare"],
        "num_reads": 50,
        "seed": 3,
    }
    return Study.from_dict(keys | changes, folder)


@pytest.fixture(scope="module")
def outcome(folder, tmp_path_factory):
    return run_study(study_of(folder), tmp_path_factory.mktemp("results"), pool())


def test_there_is_a_row_for_every_place_on_the_grid(outcome):
    frame = pd.read_parquet(outcome.results / "results.parquet")
    pd.testing.assert_frame_equal(frame, outcome.frame)
    assert frame.task.value_counts().to_dict() == {
        "gap": 10,
        "success": 20,
        "compare": 20,
        "sample": 5,
    }
    axes = ["task", "instance", "convention", "tau", "sampler"]
    assert not frame.duplicated(axes).any()
    assert list(dict.fromkeys(frame.instance)) == [f"random-{i}" for i in range(5)]
    assert set(frame.status) == {"BRACKETED", "CONVERGED", "DONE"}
    assert frame.versions.str.contains(f"qxgap {qx.__version__}").all()
    assert outcome.num_computed == len(frame)


@pytest.mark.parametrize("number", [0, 3])
@pytest.mark.parametrize("convention", ["paper", "authors-code"])
def test_rows_hold_what_the_library_says(folder, outcome, number, convention):
    problem = qx.load(folder / f"random-{number}.npz")
    driver = qx.Convention(convention).driver(problem.num_qubits)
    H = qx.AnnealHamiltonian(problem, driver=driver)
    frame = outcome.frame
    rows = frame[(frame.instance == f"random-{number}") & frame.convention.isin(["", convention])]
    gap = rows[rows.task == "gap"].iloc[0]
    found = qx.minimum_gap(H, seed=int(gap.seed))
    if convention == "paper":
        assert (gap.gap, gap.gap_lower, gap.s_star) == (found.value, found.lower, found.s_star)
        np.testing.assert_array_equal(gap.curve_gap, found.gaps)
    # the second convention begins with the levels of the first: fewer solves, the same minimum
    assert max(gap.gap_lower, found.lower) <= min(gap.gap, found.value)
    assert gap.gap == pytest.approx(found.value, rel=found.rtol)
    assert gap.instance_hash == problem.content_hash
    assert set(gap.selected) == set(problem.ground_labels()[0])
    assert all(isinstance(label, int) for label in gap.selected)
    for tau in (5.0, 20.0):
        run = qx.anneal(H, tau)
        success = rows[(rows.task == "success") & (rows.tau == tau)].iloc[0]
        assert success.success_probability == run.success_probability
        assert success.null_product == qx.product_success(H, tau)
        sampled = rows[rows.task == "sample"].iloc[0]
        reads = qx.sample(problem, num_reads=50, seed=int(sampled.seed))
        compared = rows[(rows.task == "compare") & (rows.tau == tau)].iloc[0]
        said = qx.compare(run, reads, seed=0)
        assert compared.tv_distance == said.tv_distance
        assert compared.ground_probability == sampled.ground_probability == said.ground_probability
        assert tuple(compared.tts99_interval) == said.tts99_interval


def test_a_second_run_computes_nothing(folder, outcome):
    before = sorted(path.name for path in outcome.results.glob("parts/*"))
    again = run_study(study_of(folder), outcome.results, ExistingExecutor(None))
    assert (again.num_computed, again.num_kept) == (0, len(outcome.frame))
    assert sorted(path.name for path in outcome.results.glob("parts/*")) == before
    pd.testing.assert_frame_equal(again.frame, outcome.frame)


def test_values_do_not_depend_on_the_order_of_instances_or_on_the_rest(folder, outcome, tmp_path):
    names = [f"random-{i}.npz" for i in (4, 1)]
    other = run_study(study_of(folder, instances=names), tmp_path, pool()).frame
    both = outcome.frame[outcome.frame.instance.isin(["random-1", "random-4"])]
    axes = ["instance", "task", "convention", "tau", "sampler"]
    pd.testing.assert_frame_equal(
        other.sort_values(axes, ignore_index=True), both.sort_values(axes, ignore_index=True)
    )


def test_a_wider_study_keeps_what_is_known(folder, outcome, tmp_path):
    run_study(study_of(folder, tau=5, tasks="success"), tmp_path, pool())
    wider = run_study(study_of(folder, tasks="success"), tmp_path, pool())
    assert (wider.num_computed, wider.num_kept) == (10, 10)
    success = outcome.frame[outcome.frame.task == "success"].reset_index(drop=True)
    pd.testing.assert_frame_equal(wider.frame, success[wider.frame.columns])


def test_large_problems_come_first_and_small_ones_together(folder):
    study = study_of(folder)
    batches = plan_batches(plan_rows(study, open_instances(study).items))
    sizes = [batch.num_qubits for batch in batches]
    assert sizes == sorted(sizes, reverse=True)
    together = [{cell.problem.content_hash for cell in batch.cells} for batch in batches]
    assert max(map(len, together)) == 2  # the two of five qubits
    keys = [cell.key for batch in batches for cell in batch.cells]
    assert len(keys) == len(set(keys)) == 55


def test_a_bad_file_and_a_failing_problem_stop_nothing(folder, tmp_path):
    bad = tmp_path / "instances"
    bad.mkdir()
    (bad / "broken.npz").write_bytes(b"no archive")
    qx.save(random_feature_selection(3, 0), bad / "good.npz")
    (bad / "huge.qubo").write_text(
        "p qubo 0 50 50 0\n" + "".join(f"{i} {i} -1\n" for i in range(50))
    )
    study = study_of(bad, instances=["*.npz", "*.qubo"], tasks=["gap"], max_qubits=60)
    done = run_study(study, tmp_path / "results", pool())
    assert set(done.failures.instance) == {"broken", "huge"}
    reasons = done.failures.set_index("instance").reason
    assert reasons["broken"].str.contains("not a readable .npz file").all()
    assert reasons["huge"].str.contains("50 qubits").all()
    assert (done.frame[done.frame.instance == "good"].status == "BRACKETED").all()
    assert "2 rows failed (gap of broken)" in done.warnings()[0]
    with pytest.raises(qx.InputError, match=r"broken\.npz"):
        run_study(study, tmp_path / "strict", pool(), strict=True)
    only = study_of(bad, instances="huge.qubo", tasks="gap", max_qubits=60)
    with pytest.raises(StudyFailedError, match="50 qubits"):
        run_study(only, tmp_path / "strict", pool(), strict=True)


def test_above_max_qubits_gaps_are_estimated_and_no_state_is_computed(folder, tmp_path):
    done = run_study(study_of(folder, max_qubits=4, num_reads=20), tmp_path, pool())
    large = done.frame[done.frame.num_qubits > 4]
    assert set(large.task[large.status != "LEFT_OUT"]) == {"gap", "sample", "compare"}
    assert set(large.task[large.status == "LEFT_OUT"]) == {"success"}
    assert large.reason[large.status == "LEFT_OUT"].str.contains("max_qubits = 4").all()
    assert len(done.failures) == 0
    assert done.warnings() == [
        "3 of 5 instances are left out of success: it takes the 2^d amplitudes of a "
        "state, and d is above the study's max_qubits = 4 (random-1, random-3, random-4)"
    ]
    told = json.loads((tmp_path / "study.json").read_text())
    assert told["num_left_out"] == 3


def test_the_folder_tells_when_where_and_how_long(folder, tmp_path):
    def told():
        return json.loads((tmp_path / "study.json").read_text())["run"]

    run_study(study_of(folder, tasks=["gap"]), tmp_path, pool())
    first = told()
    assert date.fromisoformat(first["date"]) <= datetime.now(UTC).date()
    assert first["seconds"] > 0
    assert "processors" in first["machine"]
    run_study(study_of(folder, tasks=["gap"]), tmp_path, pool())
    assert told() == first
    run_study(study_of(folder, tasks=["gap", "success"]), tmp_path, pool())
    assert told()["seconds"] >= first["seconds"]


def test_the_forecast_counts_what_is_then_computed(folder, outcome, tmp_path):
    said = forecast(study_of(folder), tmp_path / "nothing")
    assert sum(said.rows.values()) == len(outcome.frame)
    assert (said.num_instances, said.qubits, said.num_kept) == (5, (3, 6), 0)
    assert said.memory > 0 < said.seconds
    assert forecast(study_of(folder), outcome.results).num_batches == 0
    assert not (tmp_path / "nothing").exists()


def test_conventions_and_schedules_share_their_levels():
    problems = [qx.testing.random_feature_selection(7, seed=seed) for seed in range(3)]
    schedules = ["linear", "Advantage_system6.4_standard"]
    study = Study(
        instances=problems,
        tasks="gap",
        tau=[5],
        conventions=list(qx.Convention),
        schedules=schedules,
    )
    plan = plan_study(study)
    rows = {row["key"]: row for batch in plan.batches() for row in compute(batch)}
    frame = make_table(plan.rows, rows)
    assert set(frame.status) == {"BRACKETED"}
    alone = 0
    for row in frame.itertuples():
        problem = next(p for p in problems if p.content_hash == row.instance_hash)
        schedule = qx.LINEAR if row.schedule == "linear" else qx.schedule_named(row.schedule)
        H = qx.AnnealHamiltonian(problem, schedule, qx.Convention(row.convention).driver(7))
        found = qx.minimum_gap(H)
        alone += found.eigensolves
        assert row.unit == found.unit
        assert row.gap == pytest.approx(found.value, rel=found.rtol)
        assert row.gap_lower == pytest.approx(found.lower, rel=2 * found.rtol)
        assert row.classical_gap == pytest.approx(found.classical_gap, rel=1e-12)
    assert frame.eigensolves.sum() < 0.6 * alone
