"""Gaps above ``max_qubits``: estimated, planned, forecast, and kept apart from certified ones."""

import json
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import qxgap as qx
from qxgap.problem import photograph_problems, photographs_folder
from qxgap.study import (
    ExistingExecutor,
    Study,
    StudyFailedError,
    collect,
    forecast,
    run_study,
)
from qxgap.study.computing import compute
from qxgap.study.plan import plan_batches, plan_rows
from qxgap.study.sources import open_instances
from qxgap.study.tasks import work
from qxgap.study.tasks.gap import ESTIMATE_COLUMNS
from qxgap.testing import random_feature_selection

PROBLEMS = [random_feature_selection(d, seed=d) for d in (4, 6, 8)]


def study_of(**changes):
    keys = {"instances": PROBLEMS, "tasks": ["gap", "success"], "tau": 5, "max_qubits": 5}
    return Study(**keys | changes)


def planned(study):
    return plan_rows(study, open_instances(study).items)


@pytest.fixture(scope="module")
def frame(tmp_path_factory):
    pool = ExistingExecutor(ThreadPoolExecutor(1))
    return run_study(study_of(), tmp_path_factory.mktemp("results"), pool).frame


def test_a_row_holds_the_estimate_of_the_library(frame):
    gaps = frame[frame.task == "gap"].set_index("num_qubits")
    assert gaps.lz_slope.loc[[6, 8]].notna().any()  # there is a crossing
    for problem in PROBLEMS[1:]:
        row = gaps.loc[problem.num_qubits]
        gap = qx.minimum_gap(problem, method=qx.SelectedConfigurations())
        assert isinstance(gap, qx.spectra.EstimatedGap)
        assert (row.gap, row.gap_lower, row.s_star) == (gap.value, gap.lower, gap.s_star)
        assert row.status == gap.status.name
        assert row.reason == ("" if row.status == "BRACKETED" else gap.status.value)
        assert row.method.startswith("SelectedConfigurations(")
        assert row.tolerance == gap.rtol == 0.02
        told = gap.to_dict()
        assert list(row.gap_interval) == told["gap_interval"]
        for name in ("gap_standard_error", "gap_upper", "proven_from", "proven_lower"):
            assert row[name] == told[name]
        assert row.num_configurations == gap.num_configurations
        assert [list(row.gained), list(row.lost)] == [list(gap.gained), list(gap.lost)]
        assert set(row.selected) == set(problem.ground_labels()[0])
        assert np.isnan(row.lz_slope) == (gap.s_star == 1)
        if gap.s_star < 1:
            crossing = qx.landau_zener(problem, gap.s_star, method=qx.SelectedConfigurations())
            assert row.lz_slope == crossing.slope
        assert {"holmes2016", "feshbach1958"} <= set(row.references.split())


def test_a_certified_gap_has_no_columns_of_an_estimate(frame):
    row = frame[(frame.task == "gap") & (frame.num_qubits == 4)].iloc[0]
    assert (row.status, row.method) == ("BRACKETED", "by size")
    assert all(row[name] is None or pd.isna(row[name]) for name in ESTIMATE_COLUMNS)
    assert "holmes2016" not in row.references


def test_what_takes_2_to_the_d_amplitudes_is_left_out(frame):
    rows = frame[(frame.task == "success") & (frame.num_qubits > 5)]
    assert set(rows.status) == {"LEFT_OUT"}
    assert rows.reason.str.contains(r"takes the 2\^d amplitudes of a state").all()


def test_the_limit_changes_no_key_but_those_of_estimates():
    keys = [
        {row.cell.num_qubits: row.cell.key for row in planned(study_of(tasks="gap", max_qubits=n))}
        for n in (5, 20)
    ]
    assert keys[0][4] == keys[1][4]
    assert all(keys[0][d] != keys[1][d] for d in (6, 8))
    # the key of a row of an earlier version, which stays valid
    study = Study([random_feature_selection(3, 0)], tasks="gap")
    assert planned(study)[0].cell.key == "4d0e97464c59fc1d"


def test_the_forecast_of_large_problems(tmp_path):
    study = Study(photographs_folder(), tasks=["gap", "success"], tau=[1, 2])
    said = forecast(study, tmp_path / "nothing")
    assert (said.num_instances, said.qubits, said.num_left_out) == (6, (157, 183), 6)
    assert (dict(said.rows), said.num_estimated, said.num_batches) == ({"gap": 6}, 6, 6)
    assert 100 << 20 < said.memory < 4 << 30
    assert 200 < said.seconds < 2000
    assert said.longest == pytest.approx(said.seconds * 183 / (159 + 172 + 183 + 157 + 160 + 167))
    text = str(replace(said, num_workers=100))
    assert "6 left out in part (above max_qubits)" in text
    assert "6 of them without 2^d amplitudes" in text
    assert "1.8 min on 100 " in text  # one batch takes as long


def test_a_batch_holds_one_large_instance_and_no_other_task():
    problems = list(photograph_problems(block=10).values())
    study = Study(problems, tasks=["gap", "select"], conventions=["paper", "authors-code"])
    batches = plan_batches(planned(study))
    for batch in batches:
        tasks = {cell.task for cell in batch.cells}
        assert len(tasks) == 1
        assert len(batch.cells) == 1 or tasks == {"select"}


def test_a_problem_with_too_many_ground_states_fails_alone(tmp_path):
    flat = qx.QuboProblem(np.zeros(30), np.zeros((30, 30)))
    study = study_of(instances=[flat, PROBLEMS[1]], tasks="gap")
    done = run_study(study, tmp_path, ExistingExecutor(ThreadPoolExecutor(1)))
    assert list(done.failures.num_qubits) == [30]
    assert "too many for an estimate" in done.failures.reason.iloc[0]
    assert (done.frame.status != "FAILED").sum() == 1
    kept = json.loads((tmp_path / "study.json").read_text())
    assert kept["num_left_out"] == 0
    assert len(collect(study, tmp_path)) == 2


def test_a_study_that_is_stopped_keeps_every_estimate(frame, tmp_path, monkeypatch):
    pool = ExistingExecutor(ThreadPoolExecutor(1))
    study = study_of(instances=PROBLEMS[1:], tasks="gap")
    computed, estimate = [], work.minimum_gap

    def stop_at_the_second(H, *arguments, **options):
        if computed:
            raise qx.InputError("stop here")
        computed.append(H.num_qubits)
        return estimate(H, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(work, "minimum_gap", stop_at_the_second)
        with pytest.raises(StudyFailedError, match="stop here"):
            run_study(study, tmp_path, pool, strict=True)
    assert computed == [8]
    done = run_study(study, tmp_path, pool)
    assert (done.num_kept, done.num_computed) == (1, 1)
    whole = frame[(frame.task == "gap") & (frame.num_qubits > 5)]
    assert list(done.frame.gap) == list(whole.gap)


def test_a_task_that_fails_later_loses_no_estimate(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise qx.InputError("no reads today")

    monkeypatch.setattr(work, "sample", fail)
    study = study_of(instances=PROBLEMS[1:2], tasks=["gap", "sample"])
    done = run_study(study, tmp_path, ExistingExecutor(ThreadPoolExecutor(1)))
    assert done.frame.set_index("task").status.to_dict() == {"gap": "BRACKETED", "sample": "FAILED"}


def test_an_estimate_logs_how_far_it_is(caplog):
    study = study_of(instances=PROBLEMS[1:2], tasks="gap")
    (batch,) = plan_batches(planned(study))
    with caplog.at_level(logging.DEBUG, "qxgap"):
        compute(batch)
    assert re.search(r"gap of \w+ \(6 qubits\): gap .* states, correction", caplog.text)
