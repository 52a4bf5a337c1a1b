"""Batches of small anneals against the anneals one by one."""

import numpy as np
import pytest

import qxgap as qx
from qxgap.dynamics import many
from qxgap.testing import random_feature_selection

LIFTED = qx.AnnealSchedule([0, 0.4, 1], [1, 0.4, 0.1], [0.3, 0.5, 1], "lifted")


def mixed():
    sizes = [3, 8, 1, 3, 5, 9, 1, 8]
    schedules = [qx.LINEAR, qx.LINEAR, LIFTED]
    return [
        qx.AnnealHamiltonian(
            random_feature_selection(d, seed=i),
            schedules[i % 3],
            qx.TransverseField(tuple(np.linspace(0.4, 1.3, d)) if i % 2 else 1.0),
        )
        for i, d in enumerate(sizes)
    ]


@pytest.mark.parametrize("method", [qx.SplitOperator(1e-5), qx.SplitOperator(1e-3, order=2)])
def test_a_batch_of_mixed_sizes_is_the_anneals_one_by_one(method, monkeypatch):
    monkeypatch.setattr(many, "MAX_QUBITS", 8)  # the largest is then annealed alone
    problems, taus = mixed(), [0.0, 1.0, 4.0]
    together = qx.anneal_many(problems, taus, method)
    for H, runs in zip(problems, together, strict=True):
        for run, alone in zip(runs, qx.anneal(H, taus, method), strict=True):
            np.testing.assert_allclose(run.state, alone.state, atol=1e-12)
            assert run.steps == alone.steps
            assert run.error_estimate == pytest.approx(alone.error_estimate, rel=1e-6, abs=1e-12)
            assert (run.tau, run.status, run.problem) == (alone.tau, alone.status, alone.problem)
            assert not run.state.flags.writeable


def test_angles_near_a_quarter_turn():
    # one step of order 2 turns every qubit by pi / 2, where a tangent is infinite
    steady = qx.AnnealSchedule([0, 1], [np.pi / 2, np.pi / 2], [0.0, 1.0], "steady")
    H = qx.AnnealHamiltonian(random_feature_selection(2, seed=4), steady)
    (run,) = qx.anneal_many([H], 4.0, qx.SplitOperator(1e-6, order=2))
    exact = qx.anneal(H, 4.0, qx.QutipODE("dop853", rtol=1e-11, atol=1e-13))
    assert run.success_probability == pytest.approx(exact.success_probability, abs=1e-6)


def test_what_a_batch_refuses_and_reports():
    problems = mixed()[:3]
    assert qx.anneal_many([], 1.0) == []
    with pytest.raises(qx.InputError, match="cannot anneal many problems together"):
        qx.anneal_many(problems, 1.0, qx.QutipODE())
    with pytest.raises(qx.InputError, match="'tpu'"):
        qx.anneal_many(problems, 1.0, qx.SplitOperator(device="tpu"))
    with pytest.raises(qx.InputError, match="tau"):
        qx.anneal_many(problems, [1.0, -1.0])
    with pytest.raises(qx.InputError, match=r"tau = 30 needs about .* raise max_steps"):
        qx.anneal_many(problems, 30.0, qx.SplitOperator(1e-9, max_steps=50))
    starved = qx.SplitOperator(1e-9, max_steps=200)
    with pytest.raises(qx.IntegrationError, match="raise max_steps"):
        qx.anneal_many(problems, 30.0, starved)
    runs = qx.anneal_many(problems, 30.0, starved, throw=False)
    assert qx.AnnealStatus.MAX_STEPS in {run.status for run in runs}


@pytest.mark.parametrize("precision", [qx.Precision.DOUBLE, qx.Precision.SINGLE])
@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_a_batch_on_a_device_is_right_to_its_tolerance(device, precision, monkeypatch):
    torch = pytest.importorskip("torch")
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("needs a GPU")
    monkeypatch.setattr(many, "DEVICE_AMPLITUDES", 1 << 7)  # several batches of one size
    problems, taus, tol = mixed(), [0.0, 1.0, 8.0], 1e-3
    method = qx.SplitOperator(tol, device=device, precision=precision)
    exact = qx.anneal_many(problems, taus, qx.SplitOperator(1e-9))
    for runs, references in zip(qx.anneal_many(problems, taus, method), exact, strict=True):
        for run, reference in zip(runs, references, strict=True):
            error = np.abs(run.probabilities - reference.probabilities).sum() / 2
            assert error <= run.error_estimate + 1e-8
            assert run.error_estimate <= tol
            assert run.problem == reference.problem


def test_problems_of_one_kind_make_one_batch(monkeypatch):
    pytest.importorskip("torch")
    sizes, evolve_on = [], many.evolve_on

    def counted(hamiltonians, *arguments):
        sizes.append(len(hamiltonians))
        return evolve_on(hamiltonians, *arguments)

    monkeypatch.setattr(many, "evolve_on", counted)
    problems = [qx.AnnealHamiltonian(random_feature_selection(5, seed=i)) for i in range(7)]
    qx.anneal_many(problems, 3.0, qx.SplitOperator(1e-5, device="cpu"))
    assert sizes[:2] == [7, 7]


def test_large_problems_say_how_far_their_anneals_are():
    large, small = random_feature_selection(15, seed=1), random_feature_selection(3, seed=1)
    texts = []
    runs = qx.anneal_many([large, small], [0.5], qx.SplitOperator(1e-3), progress=texts.append)
    large_ones = [text for text in texts if text.startswith("tau = 0.5: run 1, ")]
    small_ones = [text for text in texts if text.endswith(" of 1 are accurate enough")]
    assert large_ones
    assert small_ones
    assert not [text for text in texts if not text.startswith(("tau = 0.5: ", "0 of 1", "1 of 1"))]
    assert runs[0][0].success_probability == pytest.approx(
        qx.anneal(large, 0.5, qx.SplitOperator(1e-3)).success_probability, abs=1e-12
    )


@pytest.mark.parametrize("d", [1, 3, 6, 9])
def test_the_null_model_is_the_product_of_single_qubits(d):
    """Its qubits are annealed in groups; here each is annealed alone."""
    rng = np.random.default_rng(d)
    driver = qx.TransverseField(tuple(rng.uniform(0.3, 1.5, d)))
    problem = random_feature_selection(d, seed=d)
    H = qx.AnnealHamiltonian(problem, qx.LINEAR.with_pause(0.5, 0.3), driver)
    ground = problem.ground_states[0]
    expected = 1.0
    for qubit in range(d):
        turned = ground.copy()
        turned[qubit] = 1 - turned[qubit]
        cost = problem.energy(turned) - problem.ground_energy
        one = qx.QuboProblem([-cost], [[0.0]])
        alone = qx.AnnealHamiltonian(one, H.schedule, qx.TransverseField(driver.weight[qubit]))
        expected *= qx.anneal(alone, 12.0).success_probability
    assert qx.product_success(H, 12.0) == pytest.approx(expected, abs=1e-6)
    assert qx.dynamics.product_success_many([H], 12.0)[0] == pytest.approx(expected, abs=1e-6)
