"""Part files: whole or not at all, checked when read, and one clear line when writing fails."""

import errno
import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qxgap.errors import InputError
from qxgap.files import WriteError
from qxgap.study import Store

ROWS = [
    {"key": "a", "status": "DONE", "x": 1.5, "curve": [1.0, float("inf")]},
    {"key": "b", "status": "FAILED", "reason": "why not", "x": float("nan")},
]


def test_rows_come_back_as_they_went_in(tmp_path):
    store = Store(tmp_path / "deep" / "results")
    path = store.add(ROWS)
    assert path.parent == store.parts
    found = store.rows()
    assert found["a"]["x"] == 1.5
    assert found["a"]["curve"] == [1.0, float("inf")]
    assert found["a"]["reason"] is None
    assert store.statuses() == {"a": "DONE", "b": "FAILED"}
    assert [p.name for p in store.parts.iterdir()] == [path.name]


def test_a_row_that_succeeded_counts_more_than_one_that_failed(tmp_path):
    store = Store(tmp_path)
    for status in ("FAILED", "DONE"):
        store.add([{"key": "a", "status": status}])
    store.add([{"key": "a", "status": "FAILED", "reason": "again"}])
    assert store.statuses() == {"a": "DONE"}
    assert store.rows()["a"]["status"] == "DONE"


@settings(max_examples=40, deadline=None)
@given(at=st.floats(0, 1, exclude_max=True), cut=st.booleans(), flip=st.integers(1, 255))
def test_any_damage_is_noticed_named_and_set_aside(tmp_path_factory, at, cut, flip):
    store = Store(tmp_path_factory.mktemp("damaged"))
    good, bad = store.add([{"key": "good", "status": "DONE"}]), store.add(ROWS)
    content = bytearray(bad.read_bytes())
    place = int(at * len(content))
    if cut:
        del content[place:]
    else:
        content[place] ^= flip
    bad.write_bytes(content)
    assert store.statuses() == {"good": "DONE"}
    assert sorted(p.name for p in store.parts.iterdir()) == sorted(
        [good.name, bad.with_suffix(".damaged").name]
    )
    assert store.add(ROWS) == bad
    assert len(store.rows()) == 3


def test_what_a_killed_writer_left_is_removed(tmp_path):
    store = Store(tmp_path)
    (store.parts / ".half.parquet.123.tmp").write_bytes(b"half")
    assert store.statuses() == {}
    assert not list(store.parts.iterdir())


def test_damage_is_told(tmp_path, caplog):
    store = Store(tmp_path)
    path = store.add(ROWS)
    path.write_bytes(path.read_bytes()[:-9])
    store.rows()
    assert f"{path} is damaged" in caplog.text


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS])
def test_a_failing_disk_is_one_clear_line(tmp_path, monkeypatch, number):
    store = Store(tmp_path)
    kept = store.add(ROWS[:1])

    def refuse(_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(WriteError) as caught:
        store.add(ROWS[1:])
    text = str(caught.value)
    assert os.strerror(number) in text
    assert "written before remain" in text
    assert "run the same command again" in text
    assert "\n" not in text
    assert list(store.parts.iterdir()) == [kept]


FILL = """
import resource, signal, sys
from qxgap.study import Store
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = Store(sys.argv[1])
store.add([{"key": "small", "status": "DONE"}])
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 14, 1 << 14))
import numpy as np
big = np.random.default_rng(0).normal(size=9000).tolist()
store.add([{"key": "big", "status": "DONE", "curve": big}])
"""


def test_a_limit_that_the_kernel_sets_leaves_whole_parts_only(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert "WriteError" in done.stderr
    assert "File too large" in done.stderr
    assert Store(tmp_path).statuses() == {"small": "DONE"}
    assert len(list((tmp_path / "parts").iterdir())) == 1


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="file/results: cannot be made a results folder"):
        Store(tmp_path / "file" / "results")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="Permission denied"):
        Store(tmp_path / "results")


def test_two_studies_do_not_write_to_one_folder(tmp_path):
    first, second = Store(tmp_path), Store(tmp_path)
    with first.lock(), pytest.raises(InputError, match="another study is writing"):
        second.lock().__enter__()
    with second.lock():
        pass


READS_PARTS = """
import sys
from pathlib import Path
import psutil
from qxgap.study import Store; from qxgap.report import read_results
folder = Path(sys.argv[1])
before = psutil.Process().num_threads()
for _ in range(20):
    Store(folder).statuses(), Store(folder).rows(), read_results(folder)
print(psutil.Process().num_threads() - before)
"""


def test_reading_starts_no_thread_that_could_outlive_python(tmp_path):
    """Arrow's threads let go of Python's memory after the call, which aborts an ending Python."""
    store = Store(tmp_path)
    for number in range(20):
        store.add([{"key": f"{number}", "status": "DONE", "curve": [0.5] * 50, "task": "gap"}])
    command = [sys.executable, "-c", READS_PARTS, str(tmp_path)]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert found.stdout == "0\n"
