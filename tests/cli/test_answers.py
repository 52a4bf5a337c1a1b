"""How ``study``, ``report`` and ``demo`` end: four answers, where the results are, what next."""

import json

import pytest
from rich.cells import cell_len

import qxgap as qx
from qxgap import report
from qxgap.cli.commands.demo import NEXT
from qxgap.cli.output import print_answers
from qxgap.report.findings import Answer, Question, Story
from qxgap.report.study_page import answer_study
from qxgap.testing import random_feature_selection


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A folder with a study of two problems."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    for d in (3, 4):
        qx.save(random_feature_selection(d, seed=d), f"p{d}.npz")
    (tmp_path / "study.toml").write_text('instances = "*.npz"\ntasks = "gap"\n')
    return tmp_path / "study.toml"


def lines_of(run, *command):
    status, out, error = run(*command)
    assert (status, error) == (0, "")
    return out.splitlines()


def test_a_study_and_its_report_end_in_six_lines(run, study):
    lines = lines_of(run, "study", study, "-o", "my results")
    assert len(lines) == 6
    answers = answer_study("my results")
    assert [answer.question for answer in answers] == list(Question)
    assert lines[0] == f"{answers[0]} How sure: {answers[0].certainty}."
    assert lines[1:3] == [str(answer) for answer in answers[1:3]]  # unknown: no task for them
    assert lines[1].startswith("Will it succeed? Not known: ")
    assert "How sure" not in lines[1]
    assert lines[4] == ("Results: 2 rows in my results/results.parquet: 2 computed now, 0 before")
    assert lines[5] == "Next: qxgap report 'my results' writes the page with all figures"
    page = lines_of(run, "report", "my results", "-o", "page")
    assert page[:4] == lines[:4]
    assert page[4] == f"Report: {study.parent / 'page' / 'report.html'}"
    assert page[5] == (
        "Next: open the report in a browser; qxgap cite 'my results' prints what to cite"
    )


def test_the_answers_are_data_too(run, study):
    status, out, _ = run("study", study, "-o", "results", "--json")
    done = json.loads(out)
    assert status == 0
    answers = done.pop("answers")
    assert done == {
        "results": "results/results.parquet",
        "num_rows": 2,
        "num_computed": 2,
        "num_kept": 0,
        "num_failed": 0,
        "num_left_out": 0,
        "warnings": [],
    }
    assert [answer["question"] for answer in answers] == list(Question)
    assert answers[0]["findings"][0]["words"] == answers[0]["sentence"]
    status, out, _ = run("report", "results", "--json")
    written = json.loads(out)
    assert status == 0
    assert written["answers"] == answers
    assert set(written) == {"path", "answers", "findings", "figures", "failures"}


def test_a_dry_run_is_data_too(run, study):
    status, out, _ = run("study", study, "-o", "results", "--dry-run", "--json")
    assert status == 0
    expected = json.loads(out)
    assert (expected["num_instances"], expected["rows"]) == (2, {"gap": 2})


def test_the_demo_ends_in_six_lines(run, tmp_path, monkeypatch):
    """The chain itself is tested elsewhere."""
    page = tmp_path / "out" / "report.html"
    made = report.Report(page, tuple(map(answer_to, Question)), {"gaps": ["a"]}, [], [])
    asked = []

    def chain(out, **options):
        asked.append((out, options["per_class"]))
        options["progress"]("section 1 of 1")
        return made

    monkeypatch.setattr(report, "run_demo", chain)
    monkeypatch.delenv("COLUMNS", raising=False)
    lines = lines_of(run, "demo", "-o", tmp_path / "out", "--per-class", 2)
    assert asked == [(tmp_path / "out", 2)]
    assert [line.split("?")[0] + "?" for line in lines[:4]] == list(Question)
    assert lines[4:] == [f"Report: {page}", f"Next: {NEXT}"]
    status, out, _ = run("demo", "-o", tmp_path / "out", "--json")
    assert status == 0
    assert json.loads(out) == json.loads(json.dumps(made.to_dict())) | {
        "results": str(tmp_path / "out" / "results.parquet")
    }


def answer_to(question):
    story = Story("We asked.", "We did.", "We saw.", "It means.", "We cannot say.")
    return Answer(
        question, "maybe", "It depends on the weather and on much else.", "a guess", story
    )


@pytest.mark.parametrize("width", [40, 60, 80])
def test_long_lines_hang_below_their_beginning(capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    print_answers(list(map(answer_to, Question)), "Report: /a/report.html", "look")
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert max(map(cell_len, lines)) <= width
    assert len([line for line in lines if not line.startswith("  ")]) == 6
    assert " ".join(out.split()).count("much else. How sure: a guess.") == 4


def test_the_report_says_which_section_and_figure_is_made(run, study):
    assert run("study", study, "-o", "results")[0] == 0
    texts = []
    report.write_report("results", progress=texts.append)
    assert texts[0] == "reading the results"
    assert f"answer 1 of 4  {Question.HARDNESS}" in texts
    assert any(text.startswith("section") for text in texts)
    figures = [text for text in texts if text.startswith("figure ")]
    assert len(figures) > 1
    assert figures[0].startswith(f"figure 1 of {len(figures)}  ")
