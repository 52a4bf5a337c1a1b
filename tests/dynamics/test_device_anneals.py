"""Anneals on a torch device, in double and single precision, against those of numba."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from systems import weighted_hamiltonian as hamiltonian

import qxgap as qx
from qxgap.dynamics.split import ROUNDING, evolve, step_edges
from qxgap.linalg.amplitudes import on_host
from qxgap.testing import random_feature_selection

torch = pytest.importorskip("torch")

GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")

DEVICES = ["cpu", pytest.param("cuda", marks=GPU)]

ON_EACH_DEVICE = pytest.mark.parametrize("device", DEVICES)


SINGLE = qx.Precision.SINGLE

BENT = qx.AnnealSchedule([0, 0.3, 0.6, 1], [2, 0.5, 0.5, 0], [0, 0.8, 0.8, 1.5], "pause")


@pytest.fixture
def moved(monkeypatch):
    """Sizes of the tensors that are moved to the host, in numbers."""
    sizes = []
    for name in ("cpu", "numpy", "tolist", "item", "__float__", "__complex__", "__array__"):
        known = getattr(torch.Tensor, name)

        def counted(tensor, *arguments, known=known):
            sizes.append(tensor.numel())
            return known(tensor, *arguments)

        monkeypatch.setattr(torch.Tensor, name, counted)
    return sizes


def total_variation(run, reference):
    return np.abs(run.probabilities - reference.probabilities).sum() / 2


@ON_EACH_DEVICE
@pytest.mark.parametrize("order", [2, 4])
@pytest.mark.parametrize("d", [1, 3, 7, 12])
def test_an_anneal_on_a_device_is_the_numba_one(d, order, device):
    H = hamiltonian(d, d)
    run = qx.anneal(H, 8.0, qx.SplitOperator(1e-5, order, device=device))
    reference = qx.anneal(H, 8.0, qx.SplitOperator(1e-5, order))
    assert run.steps == reference.steps
    np.testing.assert_allclose(run.state, reference.state, rtol=0, atol=1e-12)
    assert run.error_estimate == pytest.approx(reference.error_estimate, rel=1e-4)


@ON_EACH_DEVICE
@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 8),
    st.integers(0, 2**32),
    st.floats(0.1, 60.0),
    st.sampled_from([3e-3, 1e-4, 1e-7]),
    st.sampled_from([2, 4]),
    st.sampled_from([qx.LINEAR, BENT]),
)
def test_the_error_estimate_covers_single_precision(device, d, seed, tau, tol, order, schedule):
    H = qx.AnnealHamiltonian(random_feature_selection(d, seed=seed), schedule)
    method = qx.SplitOperator(tol, order, max_steps=4000, device=device, precision=SINGLE)
    run = qx.anneal(H, tau, method, throw=False)
    reference = qx.anneal(H, tau, qx.SplitOperator(1e-9))
    assert total_variation(run, reference) <= run.error_estimate
    assert run.error_estimate >= 3e-7 * run.steps
    assert (run.status is qx.AnnealStatus.CONVERGED) == (run.error_estimate <= tol)


@ON_EACH_DEVICE
@pytest.mark.parametrize("order", [2, 4])
def test_rounding_that_adds_up_in_a_pause_is_covered(order, device):
    # the same layer a thousand times: what it rounds away does not average out
    H = qx.AnnealHamiltonian(random_feature_selection(9, seed=1), BENT)
    edges = step_edges(BENT, np.array([10, 1000, 10]))
    start = np.full(512, 512**-0.5, dtype=complex)
    double = on_host(evolve(H, 20.0, edges, start, order, device))
    single = on_host(evolve(H, 20.0, edges, start, order, device, SINGLE))
    assert np.linalg.norm(single) == pytest.approx(1.0, abs=1e-7)
    error = np.abs(np.abs(double) ** 2 - np.abs(single) ** 2).sum() / 2
    assert 1e-8 < error <= ROUNDING[SINGLE] * (edges.size - 1)


def test_what_single_precision_cannot_do_is_told():
    with pytest.raises(qx.InputError, match="needs a device"):
        qx.SplitOperator(precision=SINGLE)
    with pytest.raises(qx.IntegrationError, match="use double precision"):
        qx.anneal(hamiltonian(3), 9.0, qx.SplitOperator(1e-8, device="cpu", precision=SINGLE))
    with pytest.raises(qx.InputError, match="'cuda:99' is not available"):
        qx.anneal(hamiltonian(3), 9.0, qx.SplitOperator(device="cuda:99"))


@pytest.mark.parametrize(
    "method",
    [qx.SplitOperator(device="cpu"), qx.SplitOperator(1e-4, 4, device="cpu", precision=SINGLE)],
)
def test_no_state_leaves_the_device_unless_it_is_asked_for(method, moved):
    H = hamiltonian(10, 3)
    run = qx.anneal(H, 12.0, method, levels=3)
    assert isinstance(run.amplitudes, torch.Tensor)
    reads = run.sample(50, seed=1)
    assert max(moved) <= 50
    # each run is compared with those before by a few numbers
    assert len(moved) <= 60
    before = len(moved)
    host = qx.anneal(H, 12.0, qx.SplitOperator(1e-7), levels=3)
    assert len(moved) == before
    assert run.success_probability == pytest.approx(
        host.success_probability, abs=run.error_estimate
    )
    assert run.energy == pytest.approx(host.energy, abs=2e-3)
    assert run.residual_energy == pytest.approx(host.residual_energy, abs=2e-3)
    np.testing.assert_allclose(run.populations.weights, host.populations.weights, atol=1e-4)
    assert run.norm_error <= 1e-6
    assert run.state.shape == (1024,)
    assert not run.state.flags.writeable
    assert run.state is run.state
    assert moved[-1] == 1024
    assert (reads.record.sample == host.sample(50, seed=1).record.sample).mean() > 0.95


def test_reads_are_those_of_the_host_state():
    run = qx.anneal(hamiltonian(9, 4), 3.0, qx.SplitOperator(device="cpu"))
    of_host = dataclasses.replace(run, amplitudes=run.state)
    np.testing.assert_array_equal(
        run.sample(2000, seed=7).record.sample, of_host.sample(2000, seed=7).record.sample
    )


def test_degenerate_ground_states_count_as_success_on_a_device():
    problem = qx.QuboProblem(np.zeros(12), np.triu(np.ones((12, 12)), 1))  # 13 ground states
    H = qx.AnnealHamiltonian(problem)
    run, host = (qx.anneal(H, 2.0, m) for m in (qx.SplitOperator(device="cpu"), None))
    assert run.success_probability == pytest.approx(host.success_probability, abs=2e-6)
    assert run.energy == pytest.approx(host.energy, abs=1e-5)


def test_a_state_that_does_not_fit_on_the_device_is_refused():
    large = qx.AnnealHamiltonian(qx.QuboProblem(-np.ones(36), np.zeros((36, 36))))
    with pytest.raises(qx.MemoryLimitError, match="the state vectors of 36 qubits"):
        qx.anneal(large, 1.0, qx.SplitOperator(device="cpu"))
