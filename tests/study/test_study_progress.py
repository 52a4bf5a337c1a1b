"""The progress bar, and what a stopped or failing study leaves behind."""

import io
import logging
import os
import pty
import subprocess
import sys

import pytest

import qxgap as qx
from qxgap import progress
from qxgap.study import Processes, Study
from qxgap.study.computing import compute
from qxgap.study.plan import plan_batches, plan_rows
from qxgap.study.sources import open_instances
from qxgap.testing import random_feature_selection


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_the_bar_holds_what_is_done_and_what_is_left(columns):
    sink = io.StringIO()
    with progress.progress_bar(
        100.0, file=sink, disable=False, ncols=columns, dynamic_ncols=False
    ) as bar:
        bar.start_t -= 60  # a minute for the first half
        bar.set_description_str("8 of 600 rows, 2 failed", refresh=False)
        bar.update(50.0)
    last = sink.getvalue().split("\r")[-1].rstrip("\n")
    assert "|," not in last
    assert last.startswith("8 of 600 rows, 2 failed  50%|")
    assert "[01:00<" in last
    assert "?" not in last
    assert len(last) <= columns


def test_a_terminal_without_columns_gets_a_bar_too(monkeypatch):
    terminal, end = pty.openpty()
    with os.fdopen(end, "w") as stderr:
        monkeypatch.setattr(sys, "stderr", stderr)
        monkeypatch.setattr(os, "get_terminal_size", lambda *fd: os.terminal_size((0, 0)))
        with progress.progress_bar(4, "study", file=stderr) as bar:
            assert os.read(terminal, 4096).startswith(b"\rstudy   0%|")
        assert bar.ncols == progress.NARROW
    os.close(terminal)


def test_the_traceback_of_a_failed_row_is_logged(caplog):
    large = qx.QuboProblem([-1.0] * 40, [[0.0] * 40] * 40)
    study = Study(instances=[large], tasks=["gap", "success"], tau=2, max_qubits=50)
    batches = plan_batches(plan_rows(study, open_instances(study).items))
    with caplog.at_level(logging.DEBUG, "qxgap"):
        rows = [row for batch in batches for row in compute(batch)]
    assert [row["status"] for row in rows] == ["FAILED", "FAILED"]
    assert caplog.text.count("Traceback") >= 2
    assert "MemoryLimitError" in caplog.text
    assert f"gap of {large.content_hash} failed" in caplog.text


def test_workers_log_what_their_parent_does(capfd):
    log = logging.getLogger("qxgap")
    before = log.level
    log.setLevel(logging.DEBUG)
    try:
        pool = Processes(1)
        executor = pool.open()
        try:
            executor.submit(log.debug, "heard").result()
        finally:
            pool.close(executor)
    finally:
        log.setLevel(before)
    assert "heard" in capfd.readouterr().err


@pytest.mark.slow
def test_a_study_of_a_network_leaves_no_semaphore_behind(tmp_path):
    pytest.importorskip("torch")
    (tmp_path / "s.toml").write_text(
        'tasks = ["xai", "gap"]\n[[networks]]\nmodel = "digits"\nlimit = 1\n'
    )
    command = [
        sys.executable,
        "-c",
        "from qxgap.cli import main; main()",
        "study",
        str(tmp_path / "s.toml"),
    ]
    done = subprocess.run(
        [*command, "-o", str(tmp_path / "r"), "--workers", "1"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


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
