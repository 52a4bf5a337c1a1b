"""The table of a study on the axes of its grid."""

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

import qxgap as qx
from qxgap.errors import InputError
from qxgap.study import ExistingExecutor, Study, collect, run_study, to_xarray
from qxgap.testing import random_feature_selection


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("instances")
    for i, d in enumerate((3, 4)):
        qx.save(random_feature_selection(d, i), folder / f"random-{i}.npz")
    keys = {"instances": "*.npz", "conventions": ["paper", "authors-code"], "tau": [5, 20]}
    tasks = ["gap", "success", "sample", "compare"]
    return Study.from_dict(keys | {"tasks": tasks, "tradeoff": [0.5, 0.7], "num_reads": 20}, folder)


@pytest.fixture(scope="module")
def results(study, tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    run_study(study, folder, ExistingExecutor(ThreadPoolExecutor(1)))
    return folder


def test_the_table_can_be_asked_for_before_during_and_after(study, results, tmp_path):
    nothing = collect(study, tmp_path / "nothing")
    assert set(nothing.status) == {"MISSING"}
    assert not (tmp_path / "nothing").exists()
    whole = collect(study, results)
    pd.testing.assert_frame_equal(whole, pd.read_parquet(results / "results.parquet"))
    assert len(nothing) == len(whole) == 4 * (2 + 4 + 1 + 4)


@pytest.mark.parametrize(
    ("task", "axes", "value"),
    [
        ("gap", ["convention", "schedule"], "gap"),
        ("success", ["convention", "schedule", "tau"], "success_probability"),
        ("sample", ["sampler"], "ground_probability"),
        ("compare", ["convention", "schedule", "tau", "sampler"], "tv_distance"),
    ],
)
def test_every_row_is_where_its_axes_say(study, results, task, axes, value):
    pytest.importorskip("xarray")
    frame = collect(study, results)
    data = to_xarray(frame, task)
    axes = ["instance", "tradeoff", *axes]
    assert list(data[value].dims) == axes
    rows = frame[frame.task == task]
    assert data[value].size == len(rows)
    for row in rows.to_dict("records"):
        place = row | {"instance": f"{row['group']}/{row['instance']}"}
        assert data[value].sel({axis: place[axis] for axis in axes}).item() == row[value]
    assert data.num_qubits.values.tolist() == [3, 4]


def test_what_xarray_cannot_hold_is_refused(study, results, monkeypatch):
    pytest.importorskip("xarray")
    frame = collect(study, results)
    with pytest.raises(InputError, match="no rows of task 'xai'"):
        to_xarray(frame, "xai")
    with pytest.raises(InputError, match="is not unique"):
        to_xarray(pd.concat([frame, frame]), "gap")
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(InputError, match="pip install xarray"):
        to_xarray(frame, "gap")


def test_a_problem_without_tradeoff_and_with_other_labels(tmp_path):
    problem = qx.QuboProblem(np.array([-1.0, 0.5]), np.zeros((2, 2)), labels=("a", 7))
    study = Study(instances=[problem], tasks=("gap",))
    row = run_study(study, tmp_path, ExistingExecutor(ThreadPoolExecutor(1))).frame.iloc[0]
    assert list(row.selected) == list(row.all_positive) == ["a"]
    assert np.isnan(row.tradeoff)
    data = pytest.importorskip("xarray") and to_xarray(collect(study, tmp_path), "gap")
    assert data.gap.dims == ("instance", "convention", "schedule")
    assert data.gap.item() == row.gap
    assert np.isnan(data.tradeoff.item())
