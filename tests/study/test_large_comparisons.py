"""Reads of problems above ``max_qubits``: beside the proven optimum and independent qubits."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

import qxgap as qx
from qxgap import samples
from qxgap.problem import LevelStatus, OptimumStatus, known_levels, photographs_folder
from qxgap.problem.proven_levels import levels_above
from qxgap.study import ExistingExecutor, Study, describe_columns, forecast, run_study
from qxgap.study.computing import compute
from qxgap.study.plan import Batch, plan_study
from qxgap.study.table import make_table
from qxgap.study.tasks import TASKS, work
from qxgap.study.tasks.compare import NO_NULL, NOT_PROVEN, SHARE_COLUMNS
from qxgap.testing import random_feature_selection

LARGE, SMALL = random_feature_selection(40, seed=1), random_feature_selection(5, seed=3)
TAUS = [5.0, 50.0]
HARD = qx.QuboProblem(
    np.random.default_rng(3).normal(size=60),
    np.triu(np.random.default_rng(4).normal(size=(60, 60)), 1),
)
"""A problem that branch and bound does not solve at once."""


def study_of(*problems, **changes):
    keys = {"tasks": ["sample", "compare"], "tau": TAUS, "num_reads": 60, "seed": 4}
    return Study(list(problems), **keys | changes)


def table_of(study):
    plan = plan_study(study)
    rows = {row["key"]: row for batch in plan.batches() for row in compute(batch)}
    return make_table(plan.rows, rows)


@pytest.fixture(scope="module")
def mixed():
    return table_of(study_of(LARGE, SMALL))


def comparisons(frame, size):
    return frame[(frame.task == "compare") & (frame.num_qubits == size)]


def test_a_large_row_holds_what_the_library_says(mixed):
    rows = comparisons(mixed, 40)
    assert list(rows.status) == ["PROVEN"] * 2
    assert list(rows.reason) == [""] * 2
    drawn = mixed[(mixed.task == "sample") & (mixed.num_qubits == 40)].iloc[0]
    reads = qx.sample(LARGE, num_reads=60, seed=int(drawn.seed))
    for row, tau in zip(rows.itertuples(), TAUS, strict=True):
        share = qx.product_success(LARGE, tau)
        null = samples.GroundPrediction(LARGE, "independent qubits", share, tau)
        found = samples.compare_ground_shares(LARGE, [reads], [null], seed=1)
        assert row.num_reads == 60
        assert row.ground_probability == found.measured.value == drawn.ground_probability
        assert list(row.ground_probability_interval) == list(found.measured.interval)
        assert row.null_product == pytest.approx(share)
        assert row.null_p_value == pytest.approx(found.p_value)
        assert row.residual_energy == pytest.approx(found.residual.value, abs=1e-12)
        assert list(row.residual_energy_interval) == pytest.approx(found.residual.interval)
        assert row.flip_temperature == found.temperature.value
        assert list(row.flip_temperature_interval) == list(found.temperature.interval)
        assert row.tts99 == found.time.anneal_time
        assert list(row.tts99_interval) == list(found.time.anneal_interval)
        assert {"besag1975", "boros2002"} <= set(row.references.split())
        assert not {"davison1997", "diaconis1991"} & set(row.references.split())


def test_no_anneal_is_claimed_to_be_predicted(mixed):
    rows = comparisons(mixed, 40)
    for name in ("predicted", "tv_distance", "tv_expected", "p_value", "effective_temperature"):
        assert rows[name].isna().all()


def test_a_small_row_is_what_it_was(mixed):
    rows = comparisons(mixed, 5)
    assert list(rows.status) == ["CONVERGED"] * 2
    assert rows.predicted.notna().all()
    assert rows[list(SHARE_COLUMNS)].isna().all(axis=None)
    alone = comparisons(table_of(study_of(SMALL)), 5)
    columns = [name for name in alone if name != "instance"]
    pd.testing.assert_frame_equal(*(part[columns].reset_index(drop=True) for part in (rows, alone)))


def test_keys_of_small_rows_stay_and_those_of_large_ones_differ():
    studies = [study_of(SMALL, tasks="compare", max_qubits=n) for n in (4, 5, 20)]
    keys = [list(plan_study(study).cells) for study in studies]
    # the keys of an earlier version, whose rows stay valid
    assert keys[1] == keys[2] == ["f30c75072f2da532", "7d230f6792472cc8"]
    assert not set(keys[0]) & set(keys[1])


def test_an_optimum_that_is_not_proven_gives_no_share(monkeypatch):
    few = lambda problem, seed: qx.selections(problem, seed=seed, max_nodes=1)  # noqa: E731
    monkeypatch.setattr(work, "selections", few)
    row = comparisons(table_of(study_of(HARD, tau=5)), 60).iloc[0]
    assert (row.status, row.reason) == (LevelStatus.BEST_KNOWN.name, NOT_PROVEN)
    empty = ["ground_probability", "tts99", "null_product", "null_p_value", "residual_energy"]
    assert row[empty].isna().all()
    assert row.ground_probability_interval is None
    assert row.num_reads == 60
    assert np.isfinite(row.flip_temperature)


def test_without_all_ground_states_nothing_is_said_of_independent_qubits():
    rng = np.random.default_rng(1)
    free = qx.QuboProblem(np.append(-rng.random(16), np.zeros(14)), np.zeros((30, 30)))
    row = comparisons(table_of(study_of(free, tau=5)), 30).iloc[0]
    assert (row.status, row.reason) == ("PROVEN", NO_NULL)
    assert row.ground_probability == 1.0
    assert np.isnan(row.null_product)
    assert np.isnan(row.null_p_value)


def test_branch_and_bound_runs_once_for_all_rows_of_a_batch(monkeypatch):
    calls = Counter()

    def counting(name):
        original = getattr(work, name)

        def call(*arguments, **options):
            calls[name] += 1
            return original(*arguments, **options)

        monkeypatch.setattr(work, name, call)

    for name in ("selections", "levels_above", "product_success", "sample", "anneal_many"):
        counting(name)
    study = study_of(
        LARGE,
        tasks=["select", "sample", "compare"],
        conventions=["paper", "authors-code"],
        samplers=["sa", "greedy"],
    )
    (batch,) = plan_study(study).batches()
    rows = compute(batch)
    assert Counter(row["status"] for row in rows) == {"OPTIMAL": 1, "DONE": 2, "PROVEN": 8}
    assert calls == {"selections": 1, "levels_above": 1, "product_success": 4, "sample": 2}


def test_small_and_large_cells_of_one_batch_do_not_disturb_each_other():
    study = study_of(SMALL, LARGE)
    cells = list(plan_study(study).cells.values())
    rows = compute(Batch(cells, {name: TASKS[name] for name in ("sample", "compare")}))
    assert "FAILED" not in {row["status"] for row in rows}


def test_the_forecast_takes_nothing_of_2_to_the_d(tmp_path):
    study = Study(photographs_folder(), tasks=["sample", "compare"], tau=TAUS, num_reads=100)
    said = forecast(study, tmp_path / "nothing")
    assert (said.num_left_out, said.num_estimated) == (0, 12)
    assert said.memory < 1 << 30
    assert 1 < said.seconds < 100
    # the rows of one problem share its optimum and its reads
    for batch in plan_study(study).batches():
        assert batch.memory < 1 << 26
        assert len({cell.subject for cell in batch.cells}) <= 2


def test_the_command_goes_on_where_it_stopped(tmp_path):
    pool = ExistingExecutor(ThreadPoolExecutor(1))
    first = run_study(study_of(LARGE, tau=5), tmp_path, pool)
    again = run_study(study_of(LARGE), tmp_path, pool)
    assert (first.num_computed, again.num_computed, again.num_kept) == (2, 1, 2)
    assert first.warnings() == again.warnings() == []
    assert json.loads((tmp_path / "study.json").read_text())["num_left_out"] == 0


def test_an_optimum_known_before_gives_the_same_levels():
    shifted = qx.QuboProblem(LARGE.h, LARGE.J, offset=3.0)
    for problem in (LARGE, shifted):
        optimum = qx.minimize(problem, seed=9)
        assert optimum.status is OptimumStatus.OPTIMAL
        found, expected = levels_above(problem, optimum), known_levels(problem)
        assert found.to_dict() == expected.to_dict()
    cut = qx.minimize(HARD, max_nodes=1, seed=9)
    found = levels_above(HARD, cut)
    assert found.status is LevelStatus.BEST_KNOWN
    assert found.lower == pytest.approx(cut.lower)


def test_the_columns_are_described():
    table = describe_columns()
    own = table[table.task == "compare"].set_index("column").meaning
    assert set(SHARE_COLUMNS) <= set(own.index)
    assert "above max_qubits" in own["null_p_value"]
    # a name that two tasks have means the same in both
    for name in ("null_product", "residual_energy"):
        assert table[table.column == name].meaning.nunique() == 1
