"""The four answers: short, always four, and no more than the table holds."""

import pandas as pd
import pytest
from study_table import study_table

from qxgap.report.findings import Question, answers
from qxgap.report.findings.rules import success_verdict
from qxgap.report.page import Chapter
from qxgap.report.results_table import Results
from qxgap.report.sidefiles import SideFiles
from qxgap.statistics import Estimate


def answers_of(frame):
    return answers(Results(frame), SideFiles(), seed=1)


def words_in(answer):
    return f"{answer.verdict} {answer.sentence} {answer.certainty}".split()


def test_the_first_screen_has_under_a_hundred_words():
    told = answers_of(study_table())
    assert [answer.question for answer in told] == list(Question)
    assert all(answer.known for answer in told)
    assert sum(len(words_in(answer)) for answer in told) < 100
    for answer in told:
        assert len(answer.verdict.split()) <= 9
        assert len(answer.certainty.split()) <= 10
        assert answer.findings[0].words == answer.sentence
        for step in vars(answer.story).values():
            assert step.endswith((".", "?"))
            assert len(step.split()) <= 25


@pytest.mark.parametrize("kept", ["gap", "success", "sample", "compare"])
def test_what_is_missing_is_said_with_the_remedy(kept):
    frame = study_table()
    told = answers_of(frame[frame.task == kept])
    known = {
        "gap": (True, False, False, True),
        "success": (False, True, False, True),
        "sample": (False, False, False, True),
        "compare": (False, False, True, True),
    }[kept]
    assert tuple(answer.known for answer in told) == known
    for answer in told:
        assert answer.known or "to the study" in answer.sentence


def test_an_empty_table_has_four_answers_that_are_not_known():
    columns = ["task", "instance", "num_qubits", "convention", "schedule", "tradeoff", "status"]
    told = answers_of(pd.DataFrame(columns=columns))
    assert [answer.known for answer in told] == [False] * 4


@pytest.mark.parametrize(
    ("probability", "verdict"),
    [
        (0.999, "almost every anneal"),
        (0.99, "more than nine anneals in ten"),
        (0.94, "about nine anneals in ten"),
        (0.5, "about one anneal in two"),
        (0.2, "about one anneal in five"),
        (1e-6, "hardly any anneal"),
    ],
)
def test_the_verdict_on_success_is_true_of_the_probability(probability, verdict):
    assert success_verdict(Estimate(probability, probability, probability, 1)) == verdict


def test_without_hardware_the_question_about_reality_stays_open():
    results = Results(study_table())
    answer = answers(results, SideFiles(), seed=1)[2]
    assert answer.verdict == "not tested on hardware"
    assert answer.is_open
    assert Chapter("reality", answer.question, answer).symbol == "?"
