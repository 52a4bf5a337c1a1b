"""What the command line prints: tables that fit, progress, what is left after an interruption."""

import json
import math
import os
import pty
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

import qxgap as qx
from qxgap import spectra
from qxgap.cli import running
from qxgap.cli.blocks import Entry
from qxgap.cli.output import refuse_inputs
from qxgap.cli.running import compute_each
from qxgap.cli.text_table import EMPTY_TEXTS, cell, table
from qxgap.spectra import GapProgress
from qxgap.testing import random_feature_selection


def rows(number):
    return [
        {
            "instance": f"/data/run/problem{i}.npz",
            "num_qubits": i,
            "success_probability": 0.1 + i / 7,
            "nothing": None,
            "unbounded": math.inf,
            "labels": list(range(40 * i)),
            "unit": "GHz",
            "steps": 1000 + i,
        }
        for i in range(1, number + 1)
    ]


def widest(text):
    return max(map(cell_len, text.splitlines()))


def test_a_wide_table_has_a_line_for_each_row_and_no_column_of_nothing():
    head, *lines = table(rows(3), digits=6).splitlines()
    assert head.split() == [
        "instance", "num_qubits", "success_probability", "labels", "unit", "steps",
    ]  # fmt: skip
    assert len(lines) == 3
    assert lines[1].split("  ")[0] == "problem2.npz"
    assert "[0, 1, 2, ... 77 more]" in lines[1]
    assert "0.385714" in lines[1]


@pytest.mark.parametrize("number", [1, 2, 4, 9, 40])
@pytest.mark.parametrize("width", [30, 40, 60, 80, 100, 132])
def test_a_table_is_never_wider_than_the_terminal_and_holds_every_row(number, width):
    text = table(rows(number), width, digits=6)
    assert widest(text) <= width
    for row in rows(number):
        assert text.count(f"{row['success_probability']:.6g}") == 1
        assert f"problem{row['num_qubits']}.npz" in text
        assert str(row["steps"]) in text
    assert "GHz" in text


def test_what_is_too_wide_alone_is_folded():
    long = "x" * 200
    text = table([{"instance": "a.npz", "status": long}], 60)
    assert widest(text) <= 60
    assert "".join(text.split()).count("x") == 200


def test_files_of_one_name_are_told_apart_by_their_folders():
    paths = ["/a/b/one.npz", "/a/c/one.npz", "/a/c/two.npz"]
    assert [
        line.split()[0] for line in table([{"instance": p, "d": 1} for p in paths]).splitlines()
    ][1:] == ["b/one.npz", "c/one.npz", "c/two.npz"]


@given(
    st.text(st.characters(codec=None), min_size=1, max_size=30).filter(
        lambda name: name.strip() not in EMPTY_TEXTS  # a column of these alone is left out
    )
)
def test_any_name_is_one_line_of_printable_text(name):
    head, *lines = table([{"method": name, "d": 1}]).splitlines()
    assert head.split() == ["method", "d"]
    assert len(lines) == 1
    assert lines[0].isprintable()


def test_short_lists_and_odd_values():
    assert cell([1, 2, 3, 4, 5, 6]) == "[1, 2, 3, 4, 5, 6]"
    assert cell(tuple("abcdefg")) == "[a, b, c, ... 4 more]"
    assert cell(1 / 3, 3) == "0.333"
    assert cell(None) == cell(math.nan) == ""
    assert cell("\x1b[31mred\n\udcff") == r"\x1b[31mred\n\udcff"


@pytest.fixture
def problems(tmp_path):
    """Files of 3, 4 and 158 qubits."""
    return {
        d: qx.save(random_feature_selection(d, seed=d), tmp_path / f"p{d}.npz") for d in (3, 4, 158)
    }


@pytest.mark.parametrize("width", [40, 80])
def test_every_table_of_the_commands_fits(run, problems, tmp_path, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    reads = tmp_path / "reads.json"
    run("sample", problems[4], "-o", reads)
    for command in (
        ("select", problems[158], problems[3]),
        ("gap", problems[3], problems[4]),
        ("gap", problems[3], "--grid", 3),
        ("anneal", problems[3], problems[4], "--tau", 1, "--tau", 2),
        ("reduce", problems[158], "-o", tmp_path / "out"),
        ("compare", problems[4], reads),
    ):
        status, out, error = run(*command)
        assert (status, error) == (0, "")
        assert widest(out) <= width


@pytest.mark.parametrize("columns", ["1", "0", "-3", "x", ""])
def test_odd_widths_lose_nothing(run, problems, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    status, out, _ = run("gap", problems[3], "--rtol", 0.01)
    assert status == 0
    assert "no quantum bottleneck" in " ".join(out.split())
    assert f"{qx.load(problems[3]).classical_gap:.3g}" in out


def test_closed_streams_are_no_error(run, problems, monkeypatch):
    for stream in ("stdout", "stderr"):
        with monkeypatch.context() as changed:
            changed.setattr(sys, stream, None)
            assert run("gap", problems[3])[0] == 0
            assert run("gap", "nosuch.npz")[:2] == (2, "")


@pytest.mark.parametrize(
    ("command", "options"),
    [("anneal", ("--tau", 1, "--method", "split")), ("embed", ("--noise", 0, "--max-qubits", 200))],
)
def test_a_problem_too_large_costs_no_row_computed_before(run, problems, command, options):
    if command == "embed":
        pytest.importorskip("dwave.system")
    status, out, error = run(command, *(problems[d] for d in (3, 158, 4)), *options, "--json")
    assert status == 2
    assert {row["instance"] for row in json.loads(out)} == {str(problems[3])}
    assert error.startswith(f"qxgap: {problems[158]}: no memory for the ")
    assert "more needed than any computer has" in error
    assert "qxgap select" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("sampler", ["schrodinger", "gibbs"])
def test_a_sampler_names_the_problem_that_is_too_large(run, problems, tmp_path, sampler):
    options = ("--temperature", 1) if sampler == "gibbs" else ()
    out = tmp_path / "x.json"
    status, _, error = run("sample", problems[158], "--sampler", sampler, *options, "-o", out)
    assert (status, out.exists()) == (2, False)
    assert error.startswith(f"qxgap: {problems[158]}: no memory for ")


def stopping_search(after, real=spectra.minimum_gap):
    """A gap search that Ctrl-C stops at the second file, with that many steps done."""
    calls = []

    def search(H, *, progress, **options):
        calls.append(H)
        if len(calls) == 1:
            return real(H, **options)
        for step in range(1, after + 1):
            progress(GapProgress(step, 10 * step, 0.5 - 0.2 / step, 0.5, 0.75, 1e-3))
        raise KeyboardInterrupt

    return search


@pytest.mark.parametrize("after", [0, 3])
def test_ctrl_c_prints_the_files_done_and_the_bracket_reached(run, problems, monkeypatch, after):
    monkeypatch.setattr(spectra, "minimum_gap", stopping_search(after))
    status, out, error = run("gap", *[problems[3]] * 2, problems[4], "--json")
    done, *reached = json.loads(out)
    assert status == 130
    assert error == "qxgap: interrupted; the results so far are printed\n"
    assert done["status"] == "BRACKETED"
    assert len(reached) == (after > 0)
    for row in reached:
        assert list(row) == list(done)
        assert (row["status"], row["eigensolves"], row["matvecs"]) == ("INTERRUPTED", 3, 30)
        assert (row["gap"], row["s_star"]) == (0.5, 0.75)
        assert row["gap_lower"] == pytest.approx(0.5 - 0.2 / 3)
        assert row["degeneracy"] == done["degeneracy"]


def test_ctrl_c_before_anything_is_one_line(run, problems, monkeypatch):
    def search(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(spectra, "minimum_gap", search)
    assert run("gap", problems[3]) == (130, "", "qxgap: interrupted\n")


def test_what_was_computed_before_an_error_is_shown_whatever_it_is():
    shown = []

    def compute(file, item, say):
        say("half")
        yield Entry(file, "", [{"half": 1}], [("half", "one")])
        if item:
            raise ZeroDivisionError
        yield Entry(file, "", [{"half": 2}], [("half", "two")])

    with pytest.raises(ZeroDivisionError):
        compute_each([("a", 0), ("b", 1), ("c", 0)], compute, shown.append)
    ((first, second),) = shown
    assert (first.file, first.rows) == ("a", [{"half": 1}, {"half": 2}])
    assert (second.file, second.facts) == ("b", [("half", "one")])


def test_the_progress_line_shows_the_bracket_after_two_seconds_and_goes_away(problems):
    code = (
        "import sys, time\n"
        "from qxgap import cli\n"
        "from qxgap import spectra\n"
        "from qxgap.spectra import GapProgress\n"
        "real = spectra.minimum_gap\n"
        "def search(H, *, progress, **options):\n"
        "    for step in range(1, 6):\n"
        "        progress(GapProgress(step, 10 * step, 0.25, 0.5, 0.75, 1e-3))\n"
        "        time.sleep(0.6)\n"
        "    return real(H, **options)\n"
        "spectra.minimum_gap = search\n"
        f"sys.argv = ['qxgap', 'gap', {str(problems[3])!r}]\n"
        "cli.main()\n"
    )
    status, screen = on_a_terminal([sys.executable, "-c", code])
    assert status == 0
    assert "p3.npz  gap in [0.25, 0.5], 50 % wide, 4 solves, 40 products" in screen
    assert "1 solves" not in screen  # nothing flickers up before it is worth it
    assert "\x1b[2Kp3.npz: 3 qubits" in screen  # the line is erased before the block is printed


def on_a_terminal(command):
    """Run a command on a terminal of 100 columns; return exit status and what it wrote."""
    own, its = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env=environment)
    os.close(its)
    screen = b""
    while True:
        try:
            read = os.read(own, 4096)
        except OSError:  # the terminal is closed
            break
        if not read:
            break
        screen += read
    os.close(own)
    return process.wait(), screen.decode()


@pytest.mark.parametrize("module", ["qxgap.cli", "qxgap.cli.commands.gap", "qxgap.spectra.gap"])
def test_ctrl_c_during_the_import_is_one_line(module):
    code = (
        "import sys, os, signal\n"
        "sys.argv = ['qxgap', 'gap', 'problem.npz']\n"
        "class Slow:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}:\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Slow())\n"
        "from _qxgap_command import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "qxgap: interrupted\n")


@pytest.mark.parametrize("arguments", [["--help"], ["explain", "--help"], ["gap", "-h"]])
def test_help_needs_no_unicode(arguments):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "qxgap", *arguments],
        capture_output=True,
        check=False,
        env=environment,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Usage: qxgap" in done.stdout
    assert done.stdout.isascii()


@pytest.mark.parametrize("arguments", [[], ["-h"], ["--help"]])
def test_without_arguments_the_help_is_printed(run, arguments):
    status, out, error = run(*arguments)
    assert (status, error) == (0, "")
    assert "Usage: qxgap" in out
    assert "reduce" in out


def test_the_place_of_an_error_is_printed_on_request_only(run, tmp_path):
    """A network of one's own that fails is not found by the first line of the error alone."""
    pytest.importorskip("torch")
    (tmp_path / "net.py").write_text("def load():\n    return missing_name\n")
    command = ("qubo", "--model", f"{tmp_path}/net.py:load", "--images", "digits", "-o", "out")
    status, out, error = run("--verbose", *command)
    assert (status, out) == (2, "")
    assert "Traceback" in error
    assert "return missing_name" in error
    assert error.splitlines()[-1].startswith("qxgap: network ")
    plain = run(*command)
    assert plain == (2, "", error.splitlines()[-1] + "\n")


@pytest.mark.parametrize(
    ("words", "answers"),
    [
        (["qxgap", "an"], {"anneal"}),
        (["qxgap", "gap", "--rt"], {"--rtol"}),
        (["qxgap", "gap", "--convention", ""], {"paper", "authors-code"}),
    ],
    ids=["command", "option", "value"],
)
def test_a_shell_completes_commands_options_and_values(words, answers):
    environment = {
        **os.environ,
        "_QXGAP_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": str(len(words) - 1),
    }
    done = subprocess.run(
        [sys.executable, "-m", "qxgap"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert set(done.stdout.split()) == answers


def test_version(run):
    assert run("--version") == (0, f"qxgap {qx.__version__}\n", "")


def test_a_file_name_that_is_no_text_is_printed_in_escapes(tmp_path):
    path = os.fsencode(tmp_path) + b"/bad\xff.npz"
    qx.save(random_feature_selection(3, seed=3), tmp_path / "good.npz")
    os.rename(tmp_path / "good.npz", path)
    command = [os.fsencode(sys.executable), b"-m", b"qxgap"]
    for arguments in ([b"select", path], [b"gap", path + b"x"]):
        done = subprocess.run([*command, *arguments], capture_output=True, check=False)
        assert b"Traceback" not in done.stderr
        assert rb"bad\udcff.npz" in done.stdout + done.stderr


@pytest.mark.parametrize("alias", ["same", "dots", "symlink", "hardlink"])
def test_nothing_is_written_over_an_input_by_any_name(tmp_path, alias):
    source = tmp_path / "p.json"
    source.write_text("{}")
    (tmp_path / "sub").mkdir()
    out = {
        "same": source,
        "dots": tmp_path / "sub" / ".." / "p.json",
        "symlink": tmp_path / "link.json",
        "hardlink": tmp_path / "hard.json",
    }[alias]
    if alias == "symlink":
        out.symlink_to(source)
    if alias == "hardlink":
        out.hardlink_to(source)
    with pytest.raises(qx.InputError, match="is an input"):
        refuse_inputs([tmp_path / "new.json", out], [source])
    refuse_inputs([tmp_path / "new.json", tmp_path / "no" / "folder.json"], [source, "no\0name"])


def test_commands_spare_their_inputs(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    problem = qx.save(random_feature_selection(9, seed=4, tradeoff=0.5), tmp_path / "p.json")
    (tmp_path / "own.csv").write_text("s,A,B\n0,10,0.2\n1,0,9\n")
    run("sample", problem, "-o", "reads.json")
    (tmp_path / "reads.json").rename(tmp_path / "comparison.html")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for command in (
        ("sample", "p.json", "-o", "p.json"),
        ("sample", "p.json", "--schedule", "own.csv", "--sampler", "schrodinger", "-o", "own.csv"),
        ("reduce", "p.json", "-o", "."),
        ("compare", "p.json", "comparison.html", "-o", "."),
    ):
        status, out, error = run(*command)
        assert (status, out) == (2, "")
        assert "is an input" in error
        assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_images_are_spared_too(run, tmp_path, monkeypatch):
    pytest.importorskip("torch")
    from PIL import Image

    monkeypatch.chdir(tmp_path)
    for name in ("a.png", "a-explained.png"):
        Image.new("L", (28, 28)).save(tmp_path / name)
    np.savez(tmp_path / "d-0000.npz", images=np.zeros((1, 28, 28)))
    os.rename(tmp_path / "d-0000.npz", tmp_path / "d.npz")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    status, _, error = run("explain", ".", "--model", "digits", "-o", ".")
    assert status == 2
    assert "a-explained.png: is an input" in error
    (tmp_path / "d-0000.npz").hardlink_to(tmp_path / "d.npz")
    status, _, error = run("qubo", "--model", "digits", "--images", "d.npz", "-o", ".")
    assert status == 2
    assert "d-0000.npz: is an input" in error
    (tmp_path / "d-0000.npz").unlink()
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_an_empty_text_hides_the_progress_line_and_the_next_one_shows_it_again(monkeypatch):
    """So that the bar of a study has the terminal for itself."""
    happened = []
    monkeypatch.setattr(running, "PROGRESS_DELAY", 3600.0)
    monkeypatch.setattr(running.Progress, "start", lambda self: happened.append("start"))
    monkeypatch.setattr(running.Progress, "stop", lambda self: happened.append("stop"))
    with running.progress_line() as say:
        say("early")
        assert happened == ["stop"]  # it is not due yet
        say._begin()
        say("late")
        say("")
        say("again")
        assert happened == ["stop", "start", "start", "stop", "start"]
    assert happened[-1] == "stop"
