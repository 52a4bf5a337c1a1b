"""``qx.check``: one problem, all four questions, with the numbers of the single functions."""

import json
import math

import dimod
import numpy as np
import pandas as pd
import pytest

import qxgap as qx
from qxgap.problem import OptimumStatus
from qxgap.report.checking.problem_check import plan_check, result_of
from qxgap.report.findings import Question
from qxgap.study import Study, run_study
from qxgap.testing import random_feature_selection

TAUS = [2.0, 5.0]
HARD = qx.QuboProblem(
    np.random.default_rng(3).normal(size=60),
    np.triu(np.random.default_rng(4).normal(size=(60, 60)), 1),
)
"""A problem that branch and bound does not solve at once."""


@pytest.fixture(scope="module")
def problem():
    return random_feature_selection(5, seed=3)


@pytest.fixture(scope="module")
def check(problem):
    return qx.check(problem, TAUS, num_reads=200, seed=4)


def test_the_four_answers_come_in_order_and_are_known(check):
    assert [answer.question for answer in check.answers] == list(Question)
    assert all(answer.known for answer in check.answers)
    assert check.status is qx.CheckStatus.COMPLETE
    assert check.missing == ()
    assert [claim.words for claim in check.findings]
    assert str(check).splitlines()[1:] == [str(answer) for answer in check.answers]


def test_the_numbers_are_those_of_the_single_functions(check, problem):
    H = qx.AnnealHamiltonian(problem)
    gap = qx.minimum_gap(H, seed=check.gap.seed)
    assert check.gap.to_dict() == gap.to_dict()
    curve = qx.success_curve(H, TAUS)
    np.testing.assert_allclose(check.success.success, curve.success, atol=1e-12)
    np.testing.assert_allclose(check.success.product, curve.product, atol=1e-9)
    assert check.success.random_guess == curve.random_guess
    assert [run.tau for run in check.anneals] == TAUS
    assert check.selections.exact == qx.minimize(problem, seed=1).selection
    assert check.reduction.to_dict() == qx.reduce(problem).to_dict()
    (first, _) = check.comparisons["sa"]
    again = qx.compare(check.anneals[0], check.reads["sa"].to_sampleset(), seed=first.seed)
    assert first.to_dict() == again.to_dict()


def test_every_row_equals_that_of_a_study(check, problem, tmp_path):
    study = Study(
        instances=[problem],
        tasks=["gap", "success", "select", "sample", "compare"],
        tau=TAUS,
        num_reads=200,
        seed=4,
    )
    table = run_study(study, tmp_path).frame.drop(columns="instance")
    own = check.to_dataframe().drop(columns="instance")
    pd.testing.assert_frame_equal(own, table)


def test_to_dict_is_plain_json_with_the_documented_keys(check):
    values = json.loads(json.dumps(check.to_dict(), allow_nan=False))
    assert list(values) == [
        "instance", "num_qubits", "instance_hash", "schedule", "unit", "convention", "tau", "seed",
        "status", "missing", "answers", "minimum_gap", "success_curve", "selections", "reduction",
        "reads", "comparisons", "ground_shares", "null_success",
    ]  # fmt: skip
    assert [answer["question"] for answer in values["answers"]] == [str(q) for q in Question]
    assert [row["tau"] for row in values["comparisons"]] == TAUS
    assert values["reads"][0]["source"] == "sa"
    assert values["minimum_gap"]["gap"] == check.gap.value


def test_a_notebook_shows_the_answers_first_and_folds_the_numbers(check):
    text = check._repr_html_()
    places = [text.index(answer.question.value) for answer in check.answers]
    assert places == sorted(places)
    assert places[-1] < text.index("<svg") < text.index("<details>") < text.index("gap lower")
    assert "currentColor" in text


def test_text_of_a_user_is_escaped_in_a_notebook(problem):
    check = qx.check(problem, [1.0], num_reads=5, name="<b>&")
    assert "&lt;b&gt;&amp;" in check._repr_html_()
    assert "<b>&" not in check._repr_html_()


def test_the_figure_has_a_panel_for_each_question(check):
    figure = check.plot()
    assert [axis.get_title(loc="left") for axis in figure.axes] == [str(q) for q in Question]
    for axis in figure.axes:
        assert axis.lines or axis.patches
    from matplotlib.figure import Figure

    own = Figure().subplots(2, 2).ravel()
    assert check.plot(list(own)) is own[0].figure


def test_the_page_is_one_file_that_loads_nothing(check, tmp_path):
    page = check.write_page(tmp_path)
    text = page.read_text(encoding="utf-8")
    assert page == tmp_path / "problem.html"
    for answer in check.answers:
        assert answer.question.value in text
        assert answer.sentence in text
    assert check.problem.content_hash in text
    assert 'src="http' not in text


@pytest.mark.parametrize("kind", ["problem", "bqm", "selection", "hamiltonian"])
def test_what_minimum_gap_takes_is_taken(kind, problem, check):
    given = {
        "problem": problem,
        "bqm": problem.to_bqm(),
        "selection": problem.source,
        "hamiltonian": qx.AnnealHamiltonian(problem),
    }[kind]
    other = qx.check(given, TAUS, num_reads=200, seed=4)
    assert other.gap.value == check.gap.value
    assert other.success.success.tolist() == check.success.success.tolist()


def test_a_hamiltonian_brings_its_schedule_and_its_driver(problem):
    schedule = qx.schedule_named("Advantage2_system1.1_fast")
    driver = qx.Convention.AUTHORS_CODE.driver(problem.num_qubits)
    check = qx.check(qx.AnnealHamiltonian(problem, schedule, driver), [1.0], num_reads=5)
    assert check.convention is qx.Convention.AUTHORS_CODE
    assert check.schedule == schedule
    assert check.gap.unit == "GHz"


def test_a_spin_model_keeps_its_labels():
    model = dimod.BinaryQuadraticModel({"a": 0.4, "b": -0.3}, {("a", "b"): 0.7}, 0.1, "SPIN")
    check = qx.check(model, [3.0], num_reads=50)
    best = dimod.ExactSolver().sample(model).first
    assert set(check.selections.exact) == {v for v, spin in best.sample.items() if spin == 1}
    assert check.gap.ground_energy == pytest.approx(best.energy)


def test_negative_couplings():
    problem = qx.QuboProblem([0.5, 0.4, -0.1], [[0, -1, 0.3], [0, 0, -0.8], [0, 0, 0]])
    check = qx.check(problem, [3.0], num_reads=50)
    assert check.gap.ground_energy == pytest.approx(problem.ground_energy)
    assert all(answer.known for answer in check.answers)


def test_one_qubit():
    check = qx.check(qx.QuboProblem([-1.0], [[0.0]]), [3.0], num_reads=50)
    assert check.gap.value == pytest.approx(0.894, abs=1e-3)
    assert all(answer.known for answer in check.answers)
    assert "1 qubit:" in str(check)


def test_a_problem_without_any_energy_has_no_gap_and_is_always_solved():
    check = qx.check(qx.QuboProblem([0.0] * 3, np.zeros((3, 3))), [3.0], num_reads=50)
    hardness, success, *_ = check.answers
    assert not hardness.known
    assert math.isinf(check.gap.value)
    assert success.known
    assert check.success.success[0] == pytest.approx(1.0)
    check.plot()
    assert "<svg" in check._repr_html_()
    json.dumps(check.to_dict(), allow_nan=False)


def test_degenerate_ground_states_count_together():
    problem = qx.QuboProblem([-1.0, -1.0], [[0.0, 1.0], [0.0, 0.0]])
    check = qx.check(problem, [20.0], num_reads=50)
    assert check.gap.degeneracy == 3
    assert check.success.success[0] > 0.9


def test_beyond_state_vectors_the_gap_is_estimated_and_the_rest_is_answered(monkeypatch):
    from qxgap.study.tasks import work

    rough = qx.SelectedConfigurations(0.1, 0.03, max_proof_configurations=8)
    monkeypatch.setattr(work, "ESTIMATION", rough)
    problem = random_feature_selection(10, seed=1)
    check = qx.check(problem, num_reads=20, max_qubits=7)
    hardness, success, reality, need = check.answers
    assert not success.known
    assert "10 qubits need 2^10 amplitudes" in success.sentence
    assert "do not interact would succeed with probability" in success.story.means
    null = {tau: qx.product_success(problem, tau) for tau in check.taus}
    assert check.null_success == pytest.approx(null)
    assert reality.is_open
    assert reality.sentence == reality.findings[0].words
    assert "of the reads of simulated annealing are ground states" in reality.sentence
    shares = check.ground_shares["sa"]
    assert shares.measured.value == check.to_dict()["reads"][0]["ground_probability"]
    slowest_first = [null[tau] for tau in sorted(check.taus, reverse=True)]
    assert list(shares.predictions.ground_probability) == pytest.approx(slowest_first)
    assert hardness.known
    assert hardness.certainty == "estimated for this problem"
    gap = qx.minimum_gap(problem, method=rough)
    assert isinstance(check.gap, qx.spectra.EstimatedGap)
    assert check.gap.status is qx.GapStatus.BRACKETED_ABOVE
    assert (check.gap.value, check.gap.interval) == (gap.value, gap.interval)
    assert need.known
    assert need.certainty.startswith("proven by")
    assert check.status is qx.CheckStatus.PARTIAL
    assert check.success is None
    assert check.anneals == ()
    assert check.comparisons == {}
    assert check.selections.optimum.status is OptimumStatus.OPTIMAL
    assert "2^10" in check.missing[0]
    assert "minimum gap" not in check.missing[0]
    row = check.to_dict()["reads"][0]
    assert 0.0 <= row["ground_probability"] <= 1.0
    assert len(check.plot().axes) == 4
    assert "<svg" in check._repr_html_()


def test_own_reads_of_a_large_problem_stand_beside_its_optimum_as_in_a_study(tmp_path):
    problem = random_feature_selection(30, seed=1)
    mine = qx.sample(problem, num_reads=30, seed=1)
    rows = plan_check(problem, TAUS, samples={"mine": mine}, num_reads=40, seed=4)
    rows._cells = [cell for cell in rows._cells if cell.task != "gap"]  # takes long
    rows.run(lambda text: None)
    shares = rows.ground_shares()
    assert list(shares) == ["sa", "mine"]
    assert [one.measured.num_reads for one in shares.values()] == [40, 30]
    assert list(shares["mine"].predictions.model) == [
        "independent qubits, tau = 5",
        "independent qubits, tau = 2",
    ]
    assert rows.comparisons() == {}
    own = rows.frame[(rows.frame.task == "compare") & (rows.frame.sampler == "sa")]
    study = Study([problem], tasks="compare", tau=TAUS, num_reads=40, seed=4)
    table = run_study(study, tmp_path).frame
    columns = [name for name in table if name != "instance"]
    assert rows.null_success() == dict(zip(table.tau, table.null_product, strict=True))
    pd.testing.assert_frame_equal(
        *(part[columns].reset_index(drop=True) for part in (own, table)), check_like=True
    )


def test_more_qubits_than_allowed_names_the_limit(problem):
    check = qx.check(problem, [1.0], num_reads=5, max_qubits=4)
    assert check.success is None
    assert "max_qubits = 5 computes them" in check.missing[0]


def test_an_unproven_optimum_is_not_claimed(monkeypatch):
    from qxgap.study.tasks import work

    def fail(*_, **__):
        raise qx.InputError("no time for an estimate")

    monkeypatch.setattr(work, "minimum_gap", fail)
    monkeypatch.setattr(
        work, "selections", lambda problem, seed: qx.selections(problem, seed=seed, max_nodes=1)
    )
    check = qx.check(HARD, num_reads=5)
    need = check.answers[-1]
    assert not need.known
    assert "before it had ruled out" in need.sentence
    assert check.selections.optimum.status is OptimumStatus.BEST_KNOWN
    assert check.to_dict()["reads"][0]["ground_probability"] is None


def test_a_part_that_fails_leaves_the_others(monkeypatch, problem):
    from qxgap.study.tasks import work

    def fail(*_, **__):
        raise qx.MemoryLimitError("no memory for the vectors")

    monkeypatch.setattr(work, "certified_gap", fail)
    check = qx.check(problem, [1.0], num_reads=5)
    hardness, success, *_ = check.answers
    assert check.gap is None
    assert "no memory for the vectors" in check.missing[0]
    assert not hardness.known
    assert success.known
    assert len(check.plot().axes) == 4


def test_own_reads_are_compared_beside_simulated_annealing(problem):
    run = qx.anneal(qx.AnnealHamiltonian(problem), TAUS[1])
    check = qx.check(problem, TAUS, samples={"mine": run.sample(300, seed=1)}, num_reads=50)
    assert list(check.reads) == list(check.comparisons) == ["sa", "mine"]
    assert check.reads["mine"].num_reads == 300
    comparison = check.comparisons["mine"][1]
    again = qx.compare(run, run.sample(300, seed=1), seed=comparison.seed)
    assert comparison.p_value == again.p_value
    reality = check.answers[2]
    assert "mine" in f"{reality.sentence} {reality.story.did}"


def test_reads_of_an_annealer_count_as_reality(problem):
    reads = qx.sample(problem, num_reads=30, seed=1)
    reads.info.update(problem_id="1234", timing={"qpu_access_time": 1.0})
    reality = qx.check(problem, [2.0], samples=reads, num_reads=5).answers[2]
    assert reality.verdict != "not tested on hardware"


def test_reads_may_be_a_list_and_may_have_spins(problem):
    reads = qx.sample(problem, num_reads=30, seed=1)
    spins = reads.change_vartype("SPIN", inplace=False)
    check = qx.check(problem, [2.0], samples=[reads, spins], num_reads=5)
    first, second = (check.comparisons[name][0] for name in ("samples 1", "samples 2"))
    assert first.ground_probability == second.ground_probability


def test_default_times_follow_the_unit_of_the_schedule(problem):
    rows = plan_check(problem)
    assert rows.study.tau == (10.0, 50.0, 100.0)
    rows = plan_check(problem, schedule=qx.schedule_named("Advantage2_system1.1_fast"))
    assert rows.study.tau == (5.0, 20.0, 100.0)


def test_an_interruption_keeps_the_rows_before_it(problem):
    rows = plan_check(problem, TAUS, num_reads=5)

    def stop(text):
        if text.startswith("anneal"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rows.run(stop)
    check = result_of(rows)
    assert check.gap is not None
    assert check.success is None
    assert [answer.known for answer in check.answers] == [True, False, False, True]
    rows.run()
    assert result_of(rows).success is not None


def test_progress_says_what_is_going_on(problem):
    texts = []
    qx.check(problem, [2.0], num_reads=5, progress=texts.append)
    heads = [
        "exact selection",
        "reads of simulated annealing",
        "minimum gap: gap in [",
        "anneals at",
    ]
    for head in heads:
        assert any(text.startswith(head) for text in texts), head
    assert any("solves" in text and "products" in text for text in texts)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"taus": []}, "tau is empty"),
        ({"taus": [1.0, 1.0]}, "listed twice"),
        ({"taus": -1.0}, "give a number of at least 0"),
        ({"taus": "5"}, "taus is a str"),
        ({"taus": True}, "tau = True"),
        ({"schedule": "linear"}, "give an AnnealSchedule"),
        ({"convention": "mine"}, "known: paper, authors-code"),
        ({"num_reads": 0}, "give at least 1"),
        ({"rtol": 2.0}, "rtol = 2.0"),
        ({"max_qubits": 0}, "max_qubits = 0"),
        ({"seed": -1}, "seed"),
        ({"samples": 3}, "samples is an int"),
        ({"samples": {"sa": None}}, "give another one"),
        ({"samples": {"mine": 1}}, "mine"),
        ({"problem": "file.npz"}, "qx.load"),
        ({"problem": {(0, 0): 1.0}}, "from_qubo"),
        ({"problem": None}, "problem is None"),
    ],
)
def test_wrong_arguments_are_refused_with_the_remedy(problem, arguments, told):
    given = {"problem": problem, "taus": [1.0], **arguments}
    with pytest.raises(qx.InputError, match=told.replace("(", r"\(")):
        qx.check(given.pop("problem"), given.pop("taus"), **given)


def test_reads_of_another_problem_are_refused(problem):
    other = qx.sample(random_feature_selection(5, seed=9), num_reads=5, seed=1)
    with pytest.raises(qx.InputError, match=r"samples 'chip': .*energies"):
        qx.check(problem, samples={"chip": other})
    enumeration = qx.sample(problem, qx.samplers.ExactSampler())
    with pytest.raises(qx.InputError, match="enumerate all states"):
        qx.check(problem, samples=enumeration)


def test_other_drivers_are_refused_with_what_to_do(problem):
    with pytest.raises(qx.InputError, match=r"qx\.minimum_gap"):
        qx.check(qx.AnnealHamiltonian(problem, driver=qx.TransverseField(0.5)))
    with pytest.raises(qx.InputError, match="no schedule and no convention"):
        qx.check(qx.AnnealHamiltonian(problem), schedule=qx.LINEAR)
    with pytest.raises(qx.InputError, match="with a SizeTerm"):
        qx.check(qx.FixedSizeSubspace(2).hamiltonian(problem))


def test_the_stories_of_one_problem_speak_of_one(check):
    told = " ".join(step for answer in check.answers for step in vars(answer.story).values())
    for word in ("1 problem", "1 of 1", "each of", "Typically", "problems have", "such a problem"):
        assert word not in told
    for answer in check.answers:
        for step in vars(answer.story).values():
            assert len(step.split()) <= 25
    assert "of the reads of simulated annealing are optimal" in told
