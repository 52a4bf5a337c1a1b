"""``qxgap check``: four answers, the page, what next; and the same as JSON."""

import json

import pytest

import qxgap as qx
from qxgap.report.findings import Question
from qxgap.testing import random_feature_selection


@pytest.fixture(scope="module")
def problem():
    return random_feature_selection(4, seed=3)


@pytest.fixture
def file(tmp_path, problem):
    return qx.save(problem, tmp_path / "digit.npz")


SHORT = ("--tau", 2, "--num-reads", 20)


def test_six_lines_answer_and_say_where_and_what_next(run, file, tmp_path, problem):
    status, out, _ = run("check", file, *SHORT, "-o", tmp_path / "out")
    lines = out.splitlines()
    assert status == 0
    assert len(lines) == 6
    check = qx.check(problem, [2.0], num_reads=20)
    for line, answer in zip(lines, check.answers, strict=False):
        assert line == f"{answer} How sure: {answer.certainty}."
    page = tmp_path / "out" / "digit.html"
    assert str(page) in lines[4]
    assert all(question.value in page.read_text(encoding="utf-8") for question in Question)
    assert "--samples" in lines[5]


def test_json_holds_the_object_and_the_page(run, file, tmp_path, problem):
    status, out, _ = run("check", file, *SHORT, "--json", "-o", tmp_path / "out")
    values = json.loads(out)
    assert status == 0
    assert values.pop("page") == str(tmp_path / "out" / "digit.html")
    check = qx.check(problem, [2.0], num_reads=20, name="digit")
    assert values == json.loads(json.dumps(check.to_dict()))


def test_options_reach_the_computation(run, file, tmp_path, problem):
    reads = tmp_path / "chip.json"
    qx.samples.save_sampleset(qx.sample(problem, num_reads=30, seed=1), reads)
    options = ("--tau", 1, "--tau", 3, "--convention", "authors-code", "--seed", 7)
    options += ("--schedule", "Advantage2_system1.1_fast", "--samples", reads, "--json")
    _, out, _ = run("check", file, *options, "-o", tmp_path / "out")
    values = json.loads(out)
    assert values["tau"] == [1.0, 3.0]
    assert values["convention"] == "authors-code"
    assert values["unit"] == values["minimum_gap"]["unit"] == "GHz"
    assert values["seed"] == 7
    assert [row["source"] for row in values["reads"]] == ["sa", "chip"]


def test_a_large_problem_is_answered_as_far_as_it_can_be(run, tmp_path, monkeypatch):
    from qxgap.study.tasks import work

    rough = qx.SelectedConfigurations(0.1, 0.03, max_proof_configurations=8)
    monkeypatch.setattr(work, "ESTIMATION", rough)
    large = qx.save(random_feature_selection(10, seed=1), tmp_path / "large.npz")
    options = ("--num-reads", 5, "--max-qubits", 6, "-o", tmp_path / "out")
    status, out, _ = run("check", large, *options)
    assert status == 0
    assert "2^10 amplitudes" in out
    assert "The gap is estimated never to fall below" in out
    page = (tmp_path / "out" / "large.html").read_text(encoding="utf-8")
    assert "2^10 amplitudes" in page
    assert "is estimated, because" in page
    assert "BRACKETED_ABOVE" in page


def test_an_interruption_prints_what_is_known(run, file, tmp_path, monkeypatch):
    from qxgap.study.tasks import work

    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(work, "anneal_many", stop)
    status, out, err = run("check", file, *SHORT, "-o", tmp_path / "out")
    assert status == 130
    assert out.startswith(str(Question.HARDNESS))
    assert err == "qxgap: interrupted; the answers so far are printed\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--tau", "-1"), "give a number of at least 0"),
        (("--tau", 1, "--tau", 1), "listed twice"),
        (("--schedule", "nowhere"), "nowhere"),
        (("--num-reads", 0), "num_reads = 0"),
        (("--samples", "none.json"), "none.json"),
    ],
)
def test_mistakes_are_one_line_with_status_2(run, file, tmp_path, arguments, told):
    status, out, err = run("check", file, *arguments, "-o", tmp_path / "out")
    assert status == 2
    assert out == ""
    assert told in err
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_the_page_does_not_replace_an_input(run, tmp_path, problem):
    odd = qx.save(problem, tmp_path / "digit.json")
    reads = tmp_path / "digit.html"
    reads.write_text("mine")
    status, _, err = run("check", odd, "--samples", reads, "-o", tmp_path)
    assert status == 2
    assert reads.read_text() == "mine"
    assert "digit.html" in err


def test_two_files_of_reads_with_one_name_are_refused(run, file, tmp_path, problem):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        qx.samples.save_sampleset(
            qx.sample(problem, num_reads=3, seed=1), tmp_path / folder / "chip.json"
        )
    paths = [tmp_path / folder / "chip.json" for folder in ("a", "b")]
    options = [part for path in paths for part in ("--samples", path)]
    status, _, err = run("check", file, *SHORT, *options, "-o", tmp_path / "out")
    assert status == 2
    assert "chip" in err
