"""The table of a study on the axes of its grid, and what the command says."""

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

import qxgap as qx
from qxgap.cli import main
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


def command(monkeypatch, *words):
    monkeypatch.setattr(sys, "argv", ["qxgap", "study", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code or 0


def test_a_dry_run_says_what_would_be_done(study, tmp_path, monkeypatch, capsys):
    (tmp_path / "s.toml").write_text("tau = [1, 2]\ninstances = 'none'")
    out = tmp_path / "results"
    options = ["--dry-run", "--instances", study.folder]
    assert command(monkeypatch, tmp_path / "s.toml", "-o", out, *options) == 0
    said = capsys.readouterr().out
    assert "2 instances, 3 to 4 qubits; 0 unreadable" in said
    assert "6 rows (gap 2, success 4), 0 of them computed already" in said
    assert "MiB of memory for each worker" in said
    assert not out.exists()


def test_the_exit_status_tells_of_failures(tmp_path, monkeypatch, capsys):
    (tmp_path / "bad.npz").write_bytes(b"no archive")
    (tmp_path / "s.toml").write_text("instances = 'bad.npz'\ntasks = 'gap'")
    words = [tmp_path / "s.toml", "-o", tmp_path / "results"]
    qx.save(random_feature_selection(2, 0), tmp_path / "one.npz")
    (tmp_path / "s.toml").write_text("instances = ['bad.npz', 'one.npz']\ntasks = 'gap'")
    assert command(monkeypatch, *words) == 1
    assert "2 rows in" in (said := capsys.readouterr().out)
    assert "; 1 failed" in said
    frame = pd.read_parquet(tmp_path / "results" / "results.parquet")
    assert sorted(frame.status) == ["BRACKETED", "FAILED"]
    assert command(monkeypatch, *words, "--strict") == 2
    assert "bad.npz: not a readable .npz file" in capsys.readouterr().err


def test_a_wrong_file_or_option_is_one_line(tmp_path, monkeypatch, capsys):
    (tmp_path / "s.toml").write_text("taus = 3")
    assert command(monkeypatch, tmp_path / "s.toml", "-o", tmp_path / "r") == 2
    assert "s.toml: unknown key 'taus', perhaps 'tau'" in (said := capsys.readouterr().err)
    assert said.count("\n") == 1
    (tmp_path / "s.toml").write_text("instances = '*.npz'")
    words = [tmp_path / "s.toml", "-o", tmp_path / "r", "--executor", "cluster"]
    assert command(monkeypatch, *words) == 2
    assert "use processes or dask=ADDRESS" in capsys.readouterr().err
    (tmp_path / "x").write_text("")
    qx.save(random_feature_selection(2, 0), tmp_path / "one.npz")
    assert command(monkeypatch, tmp_path / "s.toml", "-o", tmp_path / "x" / "r") == 2
    assert "cannot be made a results folder (Not a directory)" in (said := capsys.readouterr().err)
    assert said.count("\n") == 1
