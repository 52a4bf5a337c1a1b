"""Anneals that are refused before they begin: too long, or asked for what there is not."""

import math
import os
import re
import signal
import threading
import tracemalloc

import numpy as np
import pytest
import qutip
from qutip.solver.integrator import IntegratorException

import qxgap as qx
from qxgap import memory
from qxgap.dynamics.closed import largest_phase
from qxgap.dynamics.reach import duration
from qxgap.dynamics.split import corners
from qxgap.dynamics.split import evolution as split
from qxgap.dynamics.split_run import refinement
from qxgap.testing import random_feature_selection

TABLE = qx.schedule_named("Advantage2_system1.1_standard")


def hamiltonian(d=3, schedule=qx.LINEAR):
    return qx.AnnealHamiltonian(random_feature_selection(d, seed=d), schedule)


@pytest.fixture
def nothing_is_computed(monkeypatch):
    """Fail if a layer is applied or an eigenstate sought."""

    def computed(*arguments):
        raise AssertionError("computed before it was refused")

    for name in ("apply_layers", "evolve_on", "strengths"):
        monkeypatch.setattr(split, name, computed)
    monkeypatch.setattr(qx.AnnealHamiltonian, "matvec", computed)


LONG = [1e7, 1e9, 1e19, 1e25, 1e300, np.finfo(float).max]


@pytest.mark.filterwarnings("error")
@pytest.mark.usefixtures("nothing_is_computed")
@pytest.mark.parametrize("tau", LONG)
@pytest.mark.parametrize("throw", [True, False])
def test_a_time_out_of_reach_is_refused_at_once(tau, throw, tmp_path):
    H, kept = hamiltonian(), tmp_path / "run.npz"
    long = rf"tau = {re.escape(f'{tau:g}')} needs about .* on one core; max_steps = 1000000 allows"
    tracemalloc.start()
    for ask in (
        lambda: qx.anneal(H, tau, throw=throw),
        lambda: qx.anneal(H, [1.0, tau], throw=throw),
        lambda: qx.anneal(H, tau, checkpoint=kept, throw=throw),
        lambda: qx.anneal_many([H, H], tau, throw=throw),
        lambda: qx.success_curve(H, [tau], throw=throw),
    ):
        with pytest.raises(qx.InputError, match=long):
            ask()
    assert tracemalloc.get_traced_memory()[1] < 1e6
    tracemalloc.stop()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("tau", LONG[1:])
def test_other_methods_refuse_a_time_out_of_reach(tau):
    H = hamiltonian()
    for ask in (
        lambda: qx.anneal(H, tau, qx.QutipODE()),
        lambda: qx.open_anneal(H, tau, qx.Dephasing(0.1)),
        lambda: qx.open_anneal(H, tau, qx.Dephasing(0.1), qx.QutipODE()),
    ):
        with pytest.raises(qx.InputError, match=r"needs at least .* PauliMaster\(\)"):
            ask()
    bath = qx.OhmicBath(temperature=0.5, coupling=0.01)
    if tau > 1e18:
        with pytest.raises(qx.InputError, match="too long for PauliMaster"):
            qx.open_anneal(H, tau, bath, qx.PauliMaster())
    else:
        slow = qx.open_anneal(H, tau, bath, qx.PauliMaster())
        assert slow.success_probability == pytest.approx(
            qx.gibbs(H, 1.0, 0.5).success_probability, abs=1e-3
        )
    pytest.importorskip("torch")
    with pytest.raises(qx.InputError, match="needs about"):
        qx.anneal(H, tau, qx.SplitOperator(device="cpu"))


def test_the_integrator_of_qutip_refuses_a_time_out_of_reach():
    H = hamiltonian()
    start = qutip.tensor([qutip.basis(2, 0)] * 3)
    for tau in (1e7, 1e25):
        with pytest.raises(IntegratorException, match="nsteps = 1000000 allows fewer"):
            qutip.sesolve(qx.to_qobjevo(H, tau), start, [0, tau], options={"method": "qxgap_split"})


def test_the_estimate_of_steps_and_time():
    H = hamiltonian(8)
    with pytest.raises(qx.InputError, match=r"about \S+ .*, about \d+ hours .* PauliMaster"):
        qx.anneal(H, 5e8)
    with pytest.raises(qx.InputError, match=r"gibbs\(H, s, temperature\)"):
        qx.anneal(hamiltonian(9), 1e9)
    with pytest.raises(qx.InputError) as short:
        qx.anneal(H, 50.0, qx.SplitOperator(max_steps=20))
    assert "PauliMaster" not in str(short.value)
    texts = [duration(seconds) for seconds in (0.1, 90.0, 7200.0, 1e6, 1e9, 1e20)]
    assert texts == [
        "a second or two",
        "about 90 seconds",
        "about 2 hours",
        "about 12 days",
        "about 32 years",
        "about 3.2e+12 years",
    ]


@pytest.mark.parametrize("schedule", [qx.LINEAR, TABLE], ids=["linear", "table"])
def test_the_estimate_is_no_more_than_an_anneal_takes(schedule):
    # to be refused is to be told that more steps are needed: this must be so
    H, tau = hamiltonian(3, schedule), 20.0
    run = qx.anneal(H, tau)
    for allowed in range(100, run.steps, 100):
        with pytest.raises((qx.InputError, qx.IntegrationError), match="max_steps"):
            qx.anneal(H, tau, qx.SplitOperator(max_steps=allowed))
    assert qx.anneal(H, tau, qx.SplitOperator(max_steps=2 * run.steps)).steps == run.steps


def test_microseconds_of_a_table_are_refused():
    with pytest.raises(qx.InputError, match=r"tau = 20000 needs about 1020000 .* Pauli"):
        qx.anneal(hamiltonian(4, TABLE), 20_000.0)


def test_a_run_that_is_begun_keeps_to_max_steps():
    H = hamiltonian(4)
    first = int(refinement(H, 40.0, qx.SplitOperator(order=4)).next_steps.sum())
    enough = qx.anneal(H, 40.0, qx.SplitOperator(order=4, max_steps=first), throw=False)
    assert enough.steps == first
    assert enough.status is qx.AnnealStatus.MAX_STEPS
    with pytest.raises(qx.InputError, match="allows fewer"):
        qx.anneal(H, 40.0, qx.SplitOperator(order=4, max_steps=first - 1), throw=False)
    for method in (qx.SplitOperator, qx.QutipODE):
        with pytest.raises(qx.InputError, match="max_steps = 0"):
            method(max_steps=0)


def test_steps_that_do_not_fit_into_the_memory_are_refused(monkeypatch):
    endless = qx.SplitOperator(max_steps=10**15)
    with pytest.raises(
        qx.MemoryLimitError, match=r"no memory for the .* time steps .* tau = 1e\+12 .*shorten tau"
    ):
        qx.anneal(hamiltonian(), 1e12, endless)
    monkeypatch.setattr(memory, "NEVER_REFUSED", 1)
    assert qx.anneal(hamiltonian(), 1.0).status is qx.AnnealStatus.CONVERGED


@pytest.mark.parametrize("tau", ["10", None, True, 1j, [], [[1.0]], [1, [2, 3]], [1.0, "2"], {}])
def test_what_is_no_time_is_refused(tau):
    H = hamiltonian()
    for ask in (qx.anneal, qx.success_curve, lambda H, tau: qx.anneal_many([H], tau)):
        with pytest.raises(qx.InputError, match="tau"):
            ask(H, tau)
    with pytest.raises(qx.InputError, match="tau"):
        qx.open_anneal(H, tau, qx.Dephasing(0.1))


def test_other_drivers_are_refused_in_one_line():
    problem = random_feature_selection(4, seed=0)
    subspace = qx.FixedSizeSubspace(2)
    for H in (subspace.hamiltonian(problem), subspace):
        for ask in (
            lambda H: qx.anneal(H, 1.0),
            lambda H: qx.anneal_many([H], 1.0),
            lambda H: qx.success_curve(H, [1.0]),
            lambda H: qx.gibbs(H, 1.0, 1.0),
        ):
            with pytest.raises(qx.InputError, match="AnnealHamiltonian") as refused:
                ask(H)
            assert "\n" not in str(refused.value)


def test_an_open_anneal_takes_no_option_that_it_would_drop():
    H, bath = hamiltonian(2), qx.Dephasing(0.1)
    for name, value in {
        "initial": [0, 1],
        "levels": 2,
        "at": [0.5],
        "callback": print,
        "checkpoint": "x.npz",
        "throw": False,
    }.items():
        with pytest.raises(TypeError, match=f"unexpected keyword argument '{name}'"):
            qx.open_anneal(H, 1.0, bath, **{name: value})
    with pytest.raises(TypeError, match="unexpected keyword argument 'bath'"):
        qx.anneal(H, 1.0, bath=bath)
    with pytest.raises(qx.InputError, match="single tau"):
        qx.open_anneal(H, [1.0, 2.0], bath)


@pytest.mark.parametrize("place", ["/proc/x", "/nowhere/x", ".", "x\0y", "{0}/" + "x" * 300])
@pytest.mark.usefixtures("nothing_is_computed")
def test_a_checkpoint_that_cannot_be_written_is_refused_at_the_start(place, tmp_path):
    with pytest.raises(qx.InputError, match=r"checkpoint .*cannot be written"):
        qx.anneal(hamiltonian(), 10.0, checkpoint=place.format(tmp_path))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("unit", "turn"), [("GHz", 2 * math.pi), ("dimensionless", 1.0)])
def test_an_integration_error_tells_the_largest_phase(unit, turn):
    # A = 5 at s = 0 outweighs B = 1 at s = 1; the norms of both ends are by hand
    schedule = qx.AnnealSchedule([0, 1], [5.0, 0.0], [0.0, 1.0], "steep", unit)
    H = qx.AnnealHamiltonian(qx.QuboProblem([-1.0, -0.5], np.zeros((2, 2))), schedule)
    assert largest_phase(H, 3.0) == pytest.approx(3.0 * turn * 10.0)
    for method in (qx.SplitOperator(1e-13, max_steps=600), qx.QutipODE(max_steps=15)):
        with pytest.raises(qx.IntegrationError, match=rf"norm \* tau = {3 * turn * 10:.3g}\D"):
            qx.anneal(H, 3.0, method)


def test_qutip_tells_how_far_the_norm_has_drifted():
    run = qx.anneal(hamiltonian(), 10.0, qx.QutipODE(rtol=1e-5, atol=1e-7))
    assert 1e-12 < run.norm_error < 1e-3


def test_progress_is_told(monkeypatch):
    monkeypatch.setattr("qxgap.dynamics.split_run.REPORT_INTERVAL", 0.0)
    monkeypatch.setattr(split, "LAYERS_PER_CALL", 6)
    H, lines = hamiltonian(), []
    method = qx.SplitOperator(order=4)
    told = qx.anneal(H, 10.0, method, progress=lines.append)
    assert np.array_equal(told.state, qx.anneal(H, 10.0, method).state)
    assert lines[0].startswith("run 1,   0% of")
    assert any(" 50% of" in line for line in lines)
    assert lines[-1].startswith("run 4, 100% of 25 steps; error estimate ")
    assert not any("inf" in line for line in lines)
    torch_lines = []
    pytest.importorskip("torch")
    qx.anneal(H, [1.0, 2.0], qx.SplitOperator(device="cpu"), progress=torch_lines.append)
    assert sum("run 1" in line for line in torch_lines) == 2


def test_ctrl_c_keeps_the_position_of_that_moment(tmp_path, monkeypatch):
    H, path = hamiltonian(4), tmp_path / "run.npz"
    monkeypatch.setattr(split, "LAYERS_PER_CALL", 1)
    apply, done = split.apply_layers, []

    def interrupted(*arguments):
        apply(*arguments)
        done.append(1)
        if len(done) == 100:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(split, "apply_layers", interrupted)
    whole = qx.anneal(H, 20.0, checkpoint=None) if done else None
    with pytest.raises(KeyboardInterrupt):
        qx.anneal(H, 20.0, checkpoint=path)
    assert len(done) == 100
    assert path.exists()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    resumed = qx.anneal(H, 20.0, checkpoint=path)
    before = len(done)
    whole = qx.anneal(H, 20.0)
    assert len(done) - before == before  # no layer was lost
    assert np.array_equal(resumed.state, whole.state)
    assert not path.exists()


def test_a_checkpoint_works_outside_the_main_thread(tmp_path):
    runs = []
    thread = threading.Thread(
        target=lambda: runs.append(qx.anneal(hamiltonian(), 5.0, checkpoint=tmp_path / "x.npz"))
    )
    thread.start()
    thread.join()
    assert runs[0].status is qx.AnnealStatus.CONVERGED


def test_a_schedule_of_few_breakpoints_has_steps_that_end_at_all_of_them():
    mild = qx.AnnealSchedule([0, 0.4, 1], [1.0, 0.61, 0.0], [0.0, 0.39, 1.0], "mild")
    assert list(corners(mild)) == [0.0, 0.4, 1.0]
    for name in (
        "Advantage2_system2_fast",
        "Advantage2_system1.1_standard",
    ):  # a thousand rows, the bends of which are slight
        assert list(corners(qx.schedule_named(name))) == [0.0, 1.0]
