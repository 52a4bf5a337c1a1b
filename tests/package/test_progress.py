"""The progress bar."""

import contextlib
import io
import os
import pty
import sys
import time
import types

import numpy as np
import pytest

import qxgap as qx
from qxgap import progress

H = qx.AnnealHamiltonian(qx.testing.random_feature_selection(3, seed=1))
RUN = qx.anneal(H, 5.0)
RNG = np.random.default_rng(0)
GLASS = qx.QuboProblem(RNG.normal(size=30), np.triu(RNG.normal(size=(30, 30)), 1))


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


def followers(monkeypatch, seconds=0.0):
    """A terminal on which lines appear after so many seconds, and what was written to it."""
    written = io.StringIO()
    written.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", written)
    monkeypatch.setattr(progress, "DELAY", seconds)
    monkeypatch.setattr(progress, "INTERVAL", 0.0)
    return written


def wait_for(line):
    line._timer.join()


def test_a_line_says_what_is_going_on_after_a_delay_and_goes(monkeypatch):
    written = followers(monkeypatch)
    with progress.followed(None, "a gap") as say:
        wait_for(say)
        say("3 solves")
    text = written.getvalue()
    assert "a gap: 3 solves" in text
    assert text.rsplit("\r", 1)[-1].strip() == ""
    assert len(max(text.split("\r"), key=len)) <= progress.NARROW


def test_what_is_quick_shows_nothing(monkeypatch):
    written = followers(monkeypatch, 60.0)
    with progress.followed(None, "a gap") as say:
        say("3 solves")
    assert written.getvalue() == ""


def test_nobody_looks_on_outside_of_terminals_and_notebooks(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with progress.followed(None, "a gap") as say:
        assert say is progress.silent
    with progress.followed(True, "a gap") as say:
        assert say is not progress.silent


def test_within_another_line_a_computation_is_silent(monkeypatch):
    followers(monkeypatch)
    with progress.followed(None, "outer"), progress.followed(None, "inner") as inner:
        assert inner is progress.silent
    with progress.quiet(), progress.followed(True, "quiet") as say:
        assert say is progress.silent
    told = []
    with progress.followed(told.append) as say:
        say("a text")
    assert told == ["a text"]


def test_a_notebook_is_watched_and_has_a_bar_without_a_warning(monkeypatch):
    """ipywidgets may be missing there."""

    class ZMQInteractiveShell:
        pass

    shown, handle = [], types.SimpleNamespace()
    handle.update = shown.append

    def display(html, display_id):
        shown.append(html)
        return handle if display_id else None

    shell = types.SimpleNamespace(get_ipython=ZMQInteractiveShell)
    monkeypatch.setitem(sys.modules, "IPython", shell)
    output = types.SimpleNamespace(HTML=str, display=display)
    monkeypatch.setitem(sys.modules, "IPython.display", output)
    monkeypatch.setattr(progress, "find_spec", lambda name: None)
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    assert progress.in_notebook()
    with progress.progress_bar(2, "<study>") as bar:
        bar.update(1)
        bar.refresh()
        assert "&lt;study&gt;  50%|" in shown[-1]
    assert shown[-1] == ""  # nothing stays in the saved notebook
    assert written.getvalue() == ""
    monkeypatch.setattr(progress, "DELAY", 0.0)
    with progress.followed(None, "a gap") as say:
        time.sleep(0.05)
        say("3 solves")
    assert any("a gap" in html for html in shown)
    assert shown[-1] == ""


@pytest.mark.parametrize(
    "compute",
    [
        lambda **options: qx.spectrum(H, [0.0, 0.5, 1.0], **options),
        lambda **options: qx.anneal(H, 2.0, **options),
        lambda **options: qx.anneal_many([H, H], [1.0, 2.0], **options),
        lambda **options: qx.success_curve(H, [1.0, 2.0], **options),
        lambda **options: qx.open_anneal(H, 2.0, qx.Dephasing(0.1), **options),
        lambda **options: qx.minimize(GLASS, max_nodes=50, seed=1, **options),
        lambda **options: qx.compare(RUN, RUN.sample(20, seed=1), seed=1, **options),
    ],
)
def test_computations_say_what_is_going_on(compute):
    told = []
    compute(progress=told.append)
    assert told
    assert all(isinstance(text, str) and text for text in told)
    with pytest.raises(qx.InputError, match="progress = 'loud'; give True, False, or a function"):
        compute(progress="loud")


def test_a_gap_shows_its_bracket_as_a_line(monkeypatch):
    written = followers(monkeypatch)
    monkeypatch.setattr(
        progress.Line, "__init__", waiting(progress.Line.__init__)
    )  # the line is there before the first eigen-solve
    qx.minimum_gap(H)
    assert "minimum gap, dimension 8: gap in [" in written.getvalue()
    before = written.getvalue()
    qx.minimum_gap(H, progress=False)
    assert written.getvalue() == before


def waiting(begin):
    def begin_and_wait(line, head):
        begin(line, head)
        line._timer.join()

    return begin_and_wait
