"""What a stopped or failing study leaves behind, and what its workers log."""

import logging
import subprocess
import sys

import pytest

import qxgap as qx
from qxgap.study import Processes, Study
from qxgap.study.computing import compute
from qxgap.study.plan import plan_batches, plan_rows
from qxgap.study.sources import open_instances


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
