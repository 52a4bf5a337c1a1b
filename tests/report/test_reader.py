"""The reader's test: what the sentences say of tables whose truth is known, and how they say it."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from made_tables import MORE_TABLES, TABLES, explained, made, with_unknown

from qxgap.report.findings import (
    Context,
    Question,
    Support,
    answers,
    coupling_findings,
    explanation_findings,
    gap_findings,
    law_findings,
    need_findings,
    problem_findings,
    reality_findings,
    scaling_findings,
    schedule_findings,
    success_findings,
    time_findings,
)
from qxgap.report.results_table import Results
from qxgap.report.sidefiles import SideFiles

EVERY = (
    problem_findings,
    gap_findings,
    scaling_findings,
    success_findings,
    time_findings,
    law_findings,
    schedule_findings,
    reality_findings,
    need_findings,
    coupling_findings,
    explanation_findings,
)
COMPARATIVE = re.compile(
    r"\b(more|less|larger|smaller|above|below|narrower|wider|faster|slower|better|worse|farther|"
    r"nearer|higher|lower|fewer|longer|greater|grows|falls)\b"
)
INTERVAL = re.compile(r"\([^()]*interval[^()]*\)|just (above|below) [\d.]+")
FORBIDDEN = re.compile(
    r"\b(nan|inf|None|NaN|NaT)\b|\de[+-]?\d|which holds 0|excludes none|not rejected|"
    r"compatible with|\[|\]|  | ,| \.|\{|\}"
)
NAMES = re.compile(
    r"(tau =|duration) [\d.]+(( and|,| to) [\d.]+)*|computed, [\d.]+ to [\d.]+|'[^']*'|"
    r"median [\d.]+"
)
"""Numbers that are names of what a study was asked for, and medians of counts."""
QUOTING = ("failed", "left-out", "network-head")
"""Claims that hold messages and names from elsewhere."""


@pytest.fixture(scope="module")
def told():
    """The answers and findings of every table, each computed once."""
    known = {}

    def of(name):
        if name not in known:
            known[name] = read(TABLES[name]())
        return known[name]

    return of


def read(frame):
    results = Results(frame)
    context = Context(results, SideFiles(), 1)
    findings = [finding for function in EVERY for finding in function(context)]
    return answers(results, SideFiles(), seed=1), findings


def length(words):
    """Number of words; a power of ten counts as one."""
    return len(words.replace(" × ", "×").split())


def significant(number):
    return len(number.replace(".", "").lstrip("0"))


def check_words(words):
    assert words.endswith(".")
    assert not words[0].islower()
    assert not FORBIDDEN.search(words), words
    plain = NAMES.sub("", words)
    for number in re.findall(r"\d+\.\d+", plain):
        assert significant(number) <= 2, words


def shows_a_side(finding):
    return finding.support in (Support.ABOVE, Support.BELOW, Support.CERTAIN) or any(
        shows_a_side(single) for single in finding.evidence
    )


def check_finding(finding):
    json.dumps(finding.to_dict(), allow_nan=False)
    if finding.claim in QUOTING:
        return
    check_words(finding.words)
    if COMPARATIVE.search(INTERVAL.sub("", finding.words)):
        assert shows_a_side(finding), finding.words
    if finding.support is Support.MIXED:
        assert len({single.support for single in finding.evidence}) > 1
    if not finding.minor:
        assert length(finding.words) <= 30, finding.words


def check_answers(four):
    assert [answer.question for answer in four] == list(Question)
    told = " ".join(f"{answer.verdict} {answer.sentence} {answer.certainty}" for answer in four)
    assert length(told) < 110
    for answer in four:
        json.dumps(answer.to_dict(), allow_nan=False)
        assert len(answer.verdict.split()) <= 12
        assert length(answer.certainty) <= 10
        check_words(answer.sentence)
        assert length(answer.sentence) <= 26
        for name, step in vars(answer.story).items():
            check_words(step.replace("?", "."))
            assert length(step) <= 25, (name, step)
        if answer.known:
            assert answer.findings[0].words == answer.sentence
            for finding in answer.findings:
                check_finding(finding)
        else:
            assert not answer.findings


@pytest.mark.parametrize("name", TABLES)
def test_every_sentence_is_plain_and_claims_no_more_than_its_support(told, name):
    four, findings = told(name)
    check_answers(four)
    for finding in findings:
        check_finding(finding)


VERDICTS = {
    "equal": (
        "no quantum bottleneck",
        "about one anneal in two at tau = 100",
        "not tested on hardware",
        "no",
    ),
    "different": (
        "no quantum bottleneck",
        "about one anneal in five at tau = 100",
        "not tested on hardware",
        "no",
    ),
    "undecided": (
        "not settled",
        "about one anneal in two at tau = 100",
        "not tested on hardware",
        "no",
    ),
    "degenerate": ("not known", "almost every anneal at tau = 100", "not tested on hardware", "no"),
    "one instance": (
        "no quantum bottleneck",
        "about one anneal in two at tau = 100",
        "not tested on hardware",
        "no",
    ),
    "all failed": ("not known",) * 4,
    "no samples": (
        "no quantum bottleneck",
        "about one anneal in two at tau = 100",
        "not known",
        "no",
    ),
    "hardware agrees": (
        "no quantum bottleneck",
        "about one anneal in two at tau = 100",
        "no disagreement seen",
        "no",
    ),
    "hardware disagrees": (
        "no quantum bottleneck",
        "about one anneal in two at tau = 100",
        "no",
        "no",
    ),
    "greedy never optimal": (
        "no quantum bottleneck",
        "about one anneal in two at tau = 100",
        "not tested on hardware",
        "no",
    ),
    "truly narrower gaps": (
        "quantum bottleneck",
        "about one anneal in two at tau = 100",
        "not tested on hardware",
        "no",
    ),
    "mixed drivers": (
        "depends on the driver",
        "about one anneal in two at tau = 100",
        "not known",
        "no",
    ),
    "large problems left out": (
        "no quantum bottleneck",
        "about one anneal in two at tau = 100",
        "not tested on hardware",
        "not for 8 of 10",
    ),
    "some gaps estimated": (
        "no quantum bottleneck",
        "about one anneal in two at tau = 100",
        "not tested on hardware",
        "no",
    ),
    "one gap estimated": ("no quantum bottleneck", "not known", "not known", "no"),
    "some reads without prediction": (
        "no quantum bottleneck",
        "about one anneal in two at tau = 100",
        "not tested on hardware",
        "no",
    ),
    "no reads with prediction": (
        "no quantum bottleneck",
        "not known",
        "no prediction to compare with",
        "no",
    ),
    "one large problem": (
        "no quantum bottleneck",
        "not known",
        "no prediction to compare with",
        "no",
    ),
    "no optimum proven": ("no quantum bottleneck", *["not known"] * 3),
    "empty": ("not known",) * 4,
}


@pytest.mark.parametrize("name", TABLES)
def test_the_verdicts_are_right(told, name):
    four, _ = told(name)
    assert tuple(answer.verdict for answer in four) == VERDICTS[name]


SENTENCES = {
    "equal": (
        "The smallest gap of the anneal is the spacing of the two best selections itself.",
        "Simulated annealing, a classical method, succeeds as often as the quantum model predicts.",
        "The smallest gap is typically the classical gap itself.",
        "The smallest gap has exactly the trend in d that the classical gap has.",
    ),
    "different": (
        "The gap never falls below 0.78 of the spacing of the two best selections.",
        "The gap is typically 19 % narrower with the driver of the authors' code than with",
        "The driver of the authors' code succeeds more often at every anneal time.",
        "Simulated annealing, a classical method, succeeds more often than the quantum model",
        "The maps of the QUBO have exactly the same scores as greedy.",
        "The maps of the QUBO explain the class better than Grad-CAM.",
        "The maps of the QUBO explain the class worse than Grad-CAM++.",
    ),
    "undecided": (
        "For all 12 problems the gap is not known well enough to exclude a quantum bottleneck.",
        "Whether simulated annealing succeeds as often as the quantum model predicts cannot be",
        "The smallest gap is typically 0.89 times the classical gap, without an interval.",
    ),
    "degenerate": (
        "All levels of these problems are equal, so that there is no gap.",
        "The largest problem has 2^8 selections",
    ),
    "one instance": (
        "The study has 1 problem of 4 qubits.",
        "One anneal of duration 100 succeeds with probability 0.4.",
        "A greedy search finds the best selection in this problem.",
    ),
    "all failed": ("18 rows failed", "The energy gap could not be computed"),
    "no samples": ('add the task "compare" to the study.',),
    "hardware agrees": (
        "No problem's reads contradict the prediction for tau = 10.",
        "No difference between the success of the annealer and the prediction",
    ),
    "hardware disagrees": (
        "The reads of the annealer contradict every prediction tested.",
        "The annealer succeeds less often than the quantum model predicts.",
    ),
    "greedy never optimal": (
        "Reducing the problem by exact rules finds the best selection in all 12 problems.",
        "A greedy search finds the best selection in 0 of 12 problems.",
    ),
    "truly narrower gaps": (
        "The gap falls below half the spacing of the two best selections in all 12 problems.",
        "The smallest gap is typically narrower than the classical gap by 90 %",
    ),
    "mixed drivers": (
        "With the driver of the authors' code, the gap falls below half the spacing of the two "
        "best selections in all 12 problems.",
    ),
    "large problems left out": (
        "2 of 10 instances are left out",
        "A greedy search finds the best selection in 8 of 10 problems.",
    ),
    "some gaps estimated": (
        "The gap is estimated never to fall below 0.86 of the spacing of the two best selections.",
        "8 of 24 gaps are bracketed by two proven bounds",
        "16 of 24 gaps are estimated, because a computer cannot treat all 2^d states; the exact "
        "gap lies within 2 % of each estimate with 95 % confidence.",
        "A lower bound of all 16 estimated gaps, at least 0.9 of the estimate, is proven only late "
        "in the anneal, for each from s = 0.99 on.",
        "ranks and fits of a trend in d take an estimate as if it were exact",
        "No difference between the gaps with the driver of the authors' code and with",
    ),
    "one gap estimated": (
        "The gap is estimated never to fall below",
        "This gap is estimated",
        "is proven only late in the anneal, from s = 0.98 on.",
    ),
    "some reads without prediction": (
        "Simulated annealing, a classical method, succeeds more often than the quantum model",
        "The reads of 4 problems are compared with the quantum prediction, those of 8 larger with "
        "the proven optimum and qubits that do not interact.",
        "Typically 95 % of the reads of simulated annealing are ground states, for problems whose "
        "quantum prediction is not computed.",
        "in 0 of 8 comparisons",
        "in all 16 comparisons",
    ),
    "no reads with prediction": (
        "a classical method, succeeds more often than qubits that do not interact would.",
        "whether they explain the reads is no test of the quantum model.",
    ),
    "one large problem": (
        "95 % of the reads of simulated annealing are ground states; the quantum prediction is not "
        "computed.",
        "Single flips in the reads of simulated annealing show a temperature of 0.02",
    ),
    "no optimum proven": (
        "Whether the reads are ground states is not known, because no lowest energy is proven.",
        "Branch and bound ended before it had ruled out every better state.",
    ),
    "empty": ("The study has 0 problems.",),
}


@pytest.mark.parametrize("name", TABLES)
def test_the_sentences_are_right(told, name):
    four, findings = told(name)
    words = " ".join([*(answer.sentence for answer in four), *map(str, findings)])
    for expected in SENTENCES[name]:
        assert expected in words


UNPREDICTED = (
    "some optima not proven",
    "reads as of independent qubits",
    "reads below independent qubits",
    "reads about as of independent qubits",
    "large problems of one class",
    "no independent qubits",
    "an annealer at large d",
)


@pytest.mark.parametrize("name", UNPREDICTED)
def test_reads_without_a_prediction_are_told_as_such(name):
    four, findings = read(MORE_TABLES[name]())
    reality = four[2]
    check_words(reality.sentence)
    assert length(reality.sentence) <= 26
    for step in vars(reality.story).values():
        check_words(step.replace("?", "."))
        assert length(step) <= 25
    for finding in (*findings, *reality.findings):
        check_finding(finding)
    assert reality.verdict == "no prediction to compare with"
    assert reality.is_open
    assert "is not computed" in reality.sentence
    assert not re.search("predicted|the prediction", " ".join(map(str, reality.findings)))
    tested = {finding.claim for finding in findings} & {"no-test-of-the-quantum-model"}
    assert bool(tested) == (name != "no independent qubits")


def test_rows_without_a_prediction_change_nothing_that_is_said_of_the_others(told):
    _, mixed = told("some reads without prediction")
    table = TABLES["some reads without prediction"]()
    _, alone = read(table[table.num_qubits < 20])
    of_prediction = ("reads-over-prediction", "predict", "nearest", "next")
    kept = [[f for f in part if f.claim.startswith(of_prediction)] for part in (mixed, alone)]
    assert len(kept[0]) > 5
    assert [f.to_dict() for f in kept[0]] == [f.to_dict() for f in kept[1]]


def supports(findings, claim):
    return {finding.support for finding in findings if finding.claim == claim}


def test_the_supports_are_right(told):
    _, equal = told("equal")
    assert supports(equal, "gap-over-classical-gap") == {Support.EQUAL}
    assert supports(equal, "reads-over-prediction") == {Support.EQUAL}
    _, different = told("different")
    assert supports(different, "gap-of-drivers") == {Support.BELOW}
    assert supports(different, "success-of-drivers") == {Support.ABOVE}
    _, undecided = told("undecided")
    claims = {"gap-over-classical-gap", "gap-order", "gap-exponent", "success-trend", "time-growth"}
    for claim in claims:
        assert supports(undecided, claim) == {Support.UNDECIDED}
    assert not {f.support for f in undecided} & {Support.ABOVE, Support.BELOW, Support.EQUAL}
    _, one = told("one instance")
    assert supports(one, "reads-over-prediction") == {Support.ABOVE}  # an interval of its reads
    assert supports(one, "gap-over-classical-gap") == {Support.UNDECIDED}
    _, narrow = told("truly narrower gaps")
    assert supports(narrow, "gap-over-classical-gap") == {Support.BELOW}
    estimated, _ = told("one gap estimated")
    assert supports(estimated[0].findings, "quantum-bottleneck") == {Support.ABOVE}
    certified, _ = told("truly narrower gaps")
    assert supports(certified[0].findings, "quantum-bottleneck") == {Support.CERTAIN}
    _, agrees = told("hardware agrees")
    assert Support.ABOVE not in supports(agrees, "reads-over-prediction")


def test_a_mock_is_no_hardware_and_a_file_of_reads_is_if_it_names_a_solver():
    mock = made(sampler="dwave", solver="mock-pegasus")
    four, _ = read(mock)
    assert four[2].verdict == "not tested on hardware"
    assert four[2].sentence.startswith("A mock of an annealer succeeds more often")
    four, _ = read(made(sampler="run.json"))
    assert four[2].verdict == "not tested on hardware"
    assert four[2].sentence.startswith("The sampler run.json succeeds more often")
    four, _ = read(made(sampler="run.json", solver="Advantage_system4.1"))
    assert four[2].verdict == "no"
    assert four[2].sentence == (
        "The reads of the annealer run.json contradict every prediction tested."
    )


def test_a_classical_method_speaks_only_where_no_device_does():
    both = pd.concat([made(), made(sampler="dwave", solver="Advantage_system4.1")])
    four, _ = read(both.drop_duplicates(["task", "instance", "convention", "tau", "sampler"]))
    assert four[2].verdict == "no"
    assert "annealer" in four[2].sentence


@settings(
    deadline=None,
    max_examples=8,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking would take minutes
    suppress_health_check=list(HealthCheck),
)
@given(
    problems=st.integers(1, 6),
    classes=st.integers(1, 4),
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=3),
    drivers=st.sampled_from([("paper",), ("paper", "authors-code"), ("my own",)]),
    taus=st.lists(st.sampled_from([0.5, 1, 12.25, 100, 1e6]), min_size=1, max_size=5, unique=True),
    ratio=st.floats(1e-9, 1),
    bracket=st.floats(0, 1),
    level=st.floats(0, 1),
    null=st.floats(0, 2),
    share=st.one_of(st.none(), st.floats(0, 1)),
    p_value=st.sampled_from([np.nan, 1e-9, 0.2, 1.0]),
    sampler=st.sampled_from(["sa", "schrodinger", "dwave", "tabu", "MySampler"]),
    spread=st.floats(0, 0.9),
    gaps_unknown=st.booleans(),
)
@example(  # a sentence that begins with "over 99 %"
    problems=1,
    classes=3,
    sizes=[27],
    drivers=("paper",),
    taus=[1e6, 12.25],
    ratio=0.9,
    bracket=0.7,
    level=0.15,
    null=0.4,
    share=0.995,
    p_value=1.0,
    sampler="schrodinger",
    spread=0.06,
    gaps_unknown=False,
)
def test_tables_of_any_content_are_told_in_such_sentences(
    level, share, gaps_unknown, drivers, **values
):
    frame = made(
        drivers=drivers,
        success=lambda i, tau, driver: level * (1 - 0.1 * (i % 3)),
        reads=None if share is None else lambda predicted: share,
        **values,
    )
    if gaps_unknown:
        frame = with_unknown(frame, "gap", np.nan)
        frame = with_unknown(frame, "error_estimate", np.inf)
    frame = pd.concat([frame, explained({"greedy": 0.0, "top-k": 1.0})], ignore_index=True)
    four, findings = read(frame)
    check_answers(four)
    for finding in findings:
        check_finding(finding)
