"""A study that is killed or interrupted ends in the same table, and computes nothing twice."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import psutil
import pyarrow.parquet as pq
import pytest

import qxgap as qx
from qxgap.study import ExistingExecutor, Study, run_study
from qxgap.testing import random_feature_selection

STUDY = """
instances = "*.npz"
conventions = ["paper", "authors-code"]
tau = [5, 20]
tasks = ["gap", "success", "sample", "compare"]
num_reads = 50
"""
SIZES = (2, 3, 4, 5, 6, 7, 8, 9)
PARTS = 2 * len(SIZES)
"""Each size makes a batch of gaps and one of the rest."""
PATIENCE = 240.0
"""Seconds to wait for what should come; generous, since machines are loaded."""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    for d in SIZES:
        qx.save(random_feature_selection(d, d), folder / f"random-{d}.npz")
    (folder / "study.toml").write_text(STUDY)
    return folder / "study.toml"


@pytest.fixture(scope="module")
def uninterrupted(file, tmp_path_factory):
    """The table of a study that nothing disturbs, computed in this process."""
    results = tmp_path_factory.mktemp("uninterrupted")
    return run_study(Study.load(file), results, ExistingExecutor(ThreadPoolExecutor(1))).frame


HEEDS_INTERRUPTS = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
"""A shell's background jobs, and so tests in them, ignore Ctrl-C."""


def start(file, results):
    code = f"{HEEDS_INTERRUPTS}; from qxgap.cli import main; main()"
    command = [sys.executable, "-c", code, "study", str(file)]
    return subprocess.Popen(
        [*command, "-o", str(results), "--workers", "1"],
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def parts(results):
    return sorted((results / "parts").glob("*.parquet"))


def wait_for_parts(results, number, process):
    """Wait until so many parts are there, or the process has ended."""
    end = time.monotonic() + PATIENCE
    while len(parts(results)) < number and process.poll() is None:
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.002)


def stop(file, results, how, number):
    """Run until ``number`` more parts are there, send a signal; return exit status and stderr."""
    there = len(parts(results))
    process = start(file, results)
    wait_for_parts(results, there + number, process)
    children = psutil.Process(process.pid).children(recursive=True)
    if how is signal.SIGINT:
        os.killpg(process.pid, how)  # as a terminal does
    else:
        process.send_signal(how)
    _, err = process.communicate(timeout=PATIENCE)
    _, alive = psutil.wait_procs(children, PATIENCE)
    assert not alive
    return process.returncode, err


def finish(file, results):
    process = start(file, results)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    return out


def require_the_same(results, frame, kept):
    """The table is that of ``frame``, no row is stored twice, and ``kept`` parts are untouched."""
    pd.testing.assert_frame_equal(pd.read_parquet(results / "results.parquet"), frame)
    keys = [key for path in parts(results) for key in pq.read_table(path)["key"].to_pylist()]
    assert sorted(keys) == sorted(frame.key)
    for path, when in kept.items():
        assert path.stat().st_mtime_ns == when
    assert not list(results.rglob("*.tmp"))


def times(results):
    return {path: path.stat().st_mtime_ns for path in parts(results)}


def interrupted_and_killed(file, folder):
    """A results folder of a study that both stopped before its end, and what Ctrl-C made it say.

    On a loaded machine a signal can come after the end: then another folder is tried.
    """
    for attempt in range(8):
        results = folder / str(attempt)
        status, told = stop(file, results, signal.SIGINT, 3)
        if status == 0:
            continue
        assert status == 130
        if stop(file, results, signal.SIGKILL, 3)[0] == -signal.SIGKILL:
            return results, told
    pytest.fail("the study always ended before the signal came")


def test_a_study_that_is_interrupted_and_killed_ends_in_the_same_table(
    file, uninterrupted, tmp_path
):
    results, told = interrupted_and_killed(file, tmp_path)
    assert told.startswith("qxgap: interrupted; the results so far are stored")
    assert told.count("\n") == 1
    kept = times(results)
    assert 6 <= len(kept) <= PARTS
    stored = sum(len(pq.read_table(path)) for path in kept)
    assert f"{len(uninterrupted) - stored} computed now, {stored} before" in finish(file, results)
    require_the_same(results, uninterrupted, kept)


def test_a_study_that_is_asked_to_end_says_what_is_kept(file, tmp_path):
    """As ``timeout`` does; its semaphores are given back, so that Python warns of none."""
    for attempt in range(8):
        status, told = stop(file, tmp_path / str(attempt), signal.SIGTERM, 1)
        if status:
            break
    assert status == 143
    assert told.startswith("qxgap: asked to end; the results so far are stored")
    assert told.count("\n") == 1


def test_a_damaged_part_is_computed_again(file, uninterrupted, tmp_path):
    study, pool = Study.load(file), ExistingExecutor(ThreadPoolExecutor(1))
    run_study(study, tmp_path, pool)
    damaged = parts(tmp_path)[4]
    damaged.write_bytes(damaged.read_bytes()[:-1])
    kept = {path: when for path, when in times(tmp_path).items() if path != damaged}
    again = run_study(study, tmp_path, pool)
    assert damaged.with_suffix(".damaged").exists()
    assert again.num_computed == pq.read_metadata(damaged).num_rows
    require_the_same(tmp_path, uninterrupted, kept)


@pytest.mark.slow
def test_ten_kills_at_random_moments(file, uninterrupted, tmp_path):
    rng = np.random.default_rng()
    for _ in range(10):
        kept = times(tmp_path)
        process = start(file, tmp_path)
        wanted = len(kept) + int(rng.integers(0, 3))
        wait_for_parts(tmp_path, wanted, process)
        time.sleep(rng.uniform(0.0, 1.0))
        children = psutil.Process(process.pid).children() if process.poll() is None else []
        process.kill()
        process.communicate()
        assert not psutil.wait_procs(children, PATIENCE)[1]
        assert all(path.stat().st_mtime_ns == when for path, when in kept.items())
    kept = times(tmp_path)
    finish(file, tmp_path)
    require_the_same(tmp_path, uninterrupted, kept)
