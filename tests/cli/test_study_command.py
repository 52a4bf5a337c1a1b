"""``qxgap study``: dry runs, exit status, mistakes."""

import sys

import pandas as pd
import pytest

import qxgap as qx
from qxgap.cli import main
from qxgap.study import Study
from qxgap.testing import random_feature_selection


def test_a_strict_study_of_an_unreadable_file_is_bad_input(run, tmp_path):
    qx.save(random_feature_selection(3, 1), tmp_path / "good.npz")
    (tmp_path / "bad.npz").write_bytes(b"no archive")
    for instances, strict in (('["*.npz"]', ["--strict"]), ('["bad.npz"]', [])):
        (tmp_path / "s.toml").write_text(f'instances = {instances}\ntasks = "gap"\n')
        status, text, error = run("study", tmp_path / "s.toml", "-o", tmp_path / "r", *strict)
        assert (status, text, error.count("\n")) == (2, "", 1)
        assert "bad.npz: not a readable .npz file" in error
        assert not (tmp_path / "r").exists()


def test_a_folder_that_cannot_be_made_is_bad_input(run, tmp_path):
    qx.save(random_feature_selection(3, 1), tmp_path / "good.npz")
    (tmp_path / "s.toml").write_text('instances = "good.npz"\ntasks = "gap"\n')
    status, text, error = run("study", tmp_path / "s.toml", "-o", "/proc/nowhere")
    assert (status, text, error.count("\n")) == (2, "", 1)
    assert "/proc/nowhere: cannot be made a results folder" in error


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("instances")
    for i, d in enumerate((3, 4)):
        qx.save(random_feature_selection(d, i), folder / f"random-{i}.npz")
    keys = {"instances": "*.npz", "conventions": ["paper", "authors-code"], "tau": [5, 20]}
    tasks = ["gap", "success", "sample", "compare"]
    return Study.from_dict(keys | {"tasks": tasks, "tradeoff": [0.5, 0.7], "num_reads": 20}, folder)


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
