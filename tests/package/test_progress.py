"""The progress bar."""

import contextlib
import io
import os
import pty
import sys

import pytest

from qxgap import progress


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


def test_log_records_are_kept_apart_from_bars_on_terminals_only(monkeypatch):
    """Elsewhere tqdm would ask for ipywidgets, with a warning."""
    assert isinstance(progress.logs_beside_bars(), contextlib.nullcontext)
    terminal, end = pty.openpty()
    with os.fdopen(end, "w") as stderr:
        monkeypatch.setattr(sys, "stderr", stderr)
        assert not isinstance(progress.logs_beside_bars(), contextlib.nullcontext)
    os.close(terminal)
