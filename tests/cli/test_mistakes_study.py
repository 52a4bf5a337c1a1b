"""Mistakes in studies, reports, citations, demos: one line, status 2, nothing written."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from mistakes import check

MISTAKES = {
    "T01": ("study nosuch.toml -o OUT", "nosuch.toml: cannot be read (No such file"),
    "T02": ("study t_syntax.toml -o OUT", "t_syntax.toml: not a TOML file"),
    "T03": ("study t_typo.toml -o OUT", "t_typo.toml: unknown key 'task', perhaps 'tasks'"),
    "T04": ("study t_type.toml -o OUT", "t_type.toml: tau = 'fast'; give a number of at least 0"),
    "T05": ("study t_notask.toml -o OUT", "t_notask.toml: tasks: unknown value 'gapp', perhaps 'g"),
    "T06": ("study t_noinst.toml -o OUT", "t_noinst.toml: no instances"),
    "T07": ("study t_nomatch.toml -o OUT", "instances: nothing matches 'nosuch/*.npz'"),
    "T08": ("study t_negtau.toml -o OUT", "t_negtau.toml: tau = -1"),
    "T09": ("study t_conv.toml -o OUT", "t_conv.toml: conventions: unknown value 'papre'"),
    "T10": ("study t_empty.toml -o OUT", "t_empty.toml: no instances"),
    "T11": ("study t_bool.toml -o OUT", "t_bool.toml: seed = True; give an integer"),
    "T12": ("study t_samp.toml -o OUT", "t_samp.toml: samplers: unknown value 'saa'"),
    "T13": ("study t_latin.toml -o OUT", "t_latin.toml: not a TOML file"),
    "T17": ("study t_ok.toml -o afile", "afile: is a file; give a results folder"),
    "T18": ("study t_ok.toml -o /proc/x", "/proc/x"),
    "T20": ("study t_ok.toml -o OUT --executor slurm", "executor 'slurm' is unknown"),
    "T21": ("study t_ok.toml -o OUT --executor dask=", "executor 'dask=' is unknown"),
    "T22": ("study t_ok.toml -o OUT --workers -1", "workers = -1; give at least 1"),
    "T23": ("study emptydir -o OUT", "emptydir: cannot be read (Is a directory)"),
    "T24": ("study a.npz -o OUT", "a.npz: not a TOML file"),
    "T26": ("study t_ok.toml -o OUT --instances nosuch.npz", "instances: nothing matches "),
    "RP1": ("report nosuch", "nosuch: no results.parquet there"),
    "RP2": ("report emptydir", "emptydir: no results.parquet there"),
    "RP3": ("report a.npz", "a.npz: is a file; give a results folder"),
    "RP4": ("report cor", "cor/results.parquet: cannot be read as Parquet"),
    "CI1": ("cite nosuch", "nosuch: no such file or folder; give a results folder"),
    "CI2": ("cite a.npz", "a.npz: is no results table; give a results folder"),
    "CI3": ("cite emptydir", "emptydir: "),
    "D01": ("demo -o afile", "afile: is a file; give a results folder"),
    "D03": ("demo -o OUT --model resnet", "'resnet'; the demo takes an embedded one: 'digits'"),
    "D02": ("demo -o OUT --per-class 0", "per_class = 0; take at least one image of each digit"),
}


@pytest.mark.parametrize(("command", "text"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_line(run, inputs, tmp_path, monkeypatch, command, text):
    if command.startswith("demo"):
        pytest.importorskip("torch")
    check(run, inputs, tmp_path, monkeypatch, command, text)


@pytest.fixture(scope="session")
def results(inputs, tmp_path_factory):
    """The results of a study of one problem; whoever uses them leaves them as they are."""
    from qxgap.study import Study, run_study
    from qxgap.study.executors import ExistingExecutor

    out = tmp_path_factory.mktemp("results") / "r"
    run_study(Study.load(inputs / "t_ok.toml"), out, ExistingExecutor(ThreadPoolExecutor(1)))
    return out


def test_results_of_another_study_stay(run, inputs, results, tmp_path, monkeypatch):
    """T16."""
    from mistakes import contents

    monkeypatch.chdir(inputs)
    before = contents(results)
    status, _, error = run("study", "t_other.toml", "-o", results)
    assert status == 2
    assert error.count("\n") == 1
    assert contents(results) == before


def test_a_demo_leaves_the_results_of_a_study(run, inputs, results, monkeypatch):
    """D04."""
    pytest.importorskip("torch")
    from mistakes import contents

    monkeypatch.chdir(inputs)
    before = contents(results)
    status, _, error = run("demo", "-o", results, "--per-class", 1)
    assert status == 2
    assert error.count("\n") == 1
    assert contents(results) == before


def test_a_page_that_cannot_be_written(run, inputs, results, tmp_path, monkeypatch):
    """RP5."""
    check(run, inputs, tmp_path, monkeypatch, f"report {results} -o /proc/x", "/proc/x: ")


@pytest.mark.slow
def test_a_study_says_what_it_left_out_and_what_failed(run, inputs, tmp_path, monkeypatch):
    """T14 and T25: foreign files stay."""
    monkeypatch.chdir(inputs)
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    status, printed, error = run("study", "t_mixed.toml", "-o", out, "--workers", 1)
    assert status == 1
    assert "nan_h.npz: h[0] is not a finite number" in printed + error
    assert "1 left out" in printed + error
    assert (out / "mine.txt").read_text() == "mine"


@pytest.mark.slow
def test_a_strict_study_stops_at_bad_input(run, inputs, tmp_path, monkeypatch):
    """T15."""
    monkeypatch.chdir(inputs)
    status, _, error = run("study", "t_mixed.toml", "-o", tmp_path / "out", "--strict")
    assert status == 2
    assert "nan_h.npz: h[0] is not a finite number" in error
    assert error.count("\n") == 1
