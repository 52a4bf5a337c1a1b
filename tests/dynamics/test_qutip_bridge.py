"""Our integrator inside QuTiP, against QuTiP's own."""

import importlib.metadata
import pickle
import subprocess
import sys
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest
import qutip
from hypothesis import example, given, settings
from hypothesis import strategies as st
from qutip.solver.integrator import Integrator, IntegratorException

import qxgap as qx
import qxgap.dynamics.qutip as bridge
from qxgap.dynamics.split import evolve
from qxgap.dynamics.states import initial_state
from qxgap.testing import random_feature_selection

SPLIT = {"method": "qxgap_split"}
EXACT = {"method": "vern9", "rtol": 1e-12, "atol": 1e-13, "nsteps": 10**6}
PAUSED = qx.LINEAR.with_pause(0.6, 0.5)
SCHEDULES = {
    "linear": qx.LINEAR,
    "paused": PAUSED,
    "sharp": qx.AnnealSchedule(
        [0, 0.45, 0.452, 0.8, 1], [1, 0.9, 0.2, 0.2, 0], [0, 0.1, 0.9, 0.9, 1], "sharp"
    ),
}


def hamiltonian(d, seed, schedule=qx.LINEAR):
    rng = np.random.default_rng(seed)
    driver = qx.TransverseField(tuple(rng.uniform(0.5, 1.5, d)))
    return qx.AnnealHamiltonian(random_feature_selection(d, seed=rng), schedule, driver)


def ket(vector):
    d = vector.size.bit_length() - 1
    return qutip.Qobj(vector[:, None], dims=[[2] * d, [1] * d])


def random_ket(d, seed):
    return qutip.rand_ket([2] * d, seed=seed)


def sigma_z(q, d):
    return qutip.tensor([qutip.sigmaz() if p == q else qutip.qeye(2) for p in range(d)])


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("d", [1, 2, 5])
@pytest.mark.parametrize("tol", [1e-3, 1e-6, 1e-9])
def test_states_and_expectations_are_within_tol_of_qutip(name, d, tol):
    tau = 9.0
    evo, times = qx.to_qobjevo(hamiltonian(d, d, SCHEDULES[name]), tau), [0.0, 0.4 * tau, tau]
    e_ops = {"z": sigma_z(0, d), "energy": evo, "weight": lambda t, psi: t * psi.norm()}
    start, keep = random_ket(d, 1), {"store_states": True, "store_final_state": True}
    ours = qutip.sesolve(evo, start, times, e_ops=e_ops, options=SPLIT | keep | {"tol": tol})
    exact = qutip.sesolve(evo, start, times, e_ops=e_ops, options=EXACT | keep)
    assert ours.times == times
    for mine, theirs in zip(ours.states, exact.states, strict=True):
        assert (mine - theirs).norm() <= tol + 1e-10
        assert mine.dims == theirs.dims
    assert ours.final_state == ours.states[-1]
    np.testing.assert_allclose(ours.e_data["z"], exact.e_data["z"], atol=2 * tol + 1e-10)
    bound = 2 * tol * max(np.abs(evo(t).eigenenergies()).max() for t in times)
    np.testing.assert_allclose(ours.e_data["energy"], exact.e_data["energy"], atol=bound + 1e-8)
    np.testing.assert_allclose(ours.e_data["weight"], times, atol=1e-10)
    assert ours.stats["method"] == "qxgap split operator"
    assert ours.stats["solver"] == "Schrodinger Evolution"
    assert ours.solver == "sesolve"


@settings(max_examples=20, deadline=None)
@given(
    st.integers(1, 4),
    st.integers(0, 2**32 - 1),
    st.floats(0.05, 30.0),
    st.sampled_from([1e-2, 1e-4, 1e-7]),
    st.sampled_from([2, 4]),
    st.lists(st.floats(0.01, 1.0), max_size=4, unique=True),
)
def test_the_tolerance_is_kept(d, seed, tau, tol, order, fractions):
    evo, start = qx.to_qobjevo(hamiltonian(d, seed, PAUSED), tau), random_ket(d, seed)
    times = [0.0, *(tau * x for x in sorted(fractions))]
    if len(times) < 2:
        times.append(tau)
    split = SPLIT | {"tol": tol, "order": order, "store_states": True}
    ours = qutip.sesolve(evo, start, times, options=split)
    exact = qutip.sesolve(evo, start, times, options=EXACT | {"store_states": True})
    worst = max((a - b).norm() for a, b in zip(ours.states, exact.states, strict=True))
    assert worst <= tol + 1e-9


TABLES = [qx.schedule_named(f"Advantage_system6_{kind}") for kind in ("standard", "fast")]
TABLES.append(TABLES[0].with_pause(0.4, 0.3))


def divided(H, tau, psi, low, high):
    """The state at s = high by steps that all end at breakpoints, each a small part of a turn."""
    s = H.schedule.s
    inner = np.union1d(s[(s > low) & (s < high)], np.linspace(low, high, 2501)[1:-1])
    return evolve(H, tau, np.concatenate([[low], inner, [high]]), psi, 4)


@settings(max_examples=20, deadline=None)
@given(
    st.integers(1, 4),
    st.integers(0, 2**32 - 1),
    st.floats(0.05, 2.5),
    st.sampled_from([1e-3, 1e-5, 1e-7]),
    st.sampled_from(TABLES),
    st.lists(st.floats(0.01, 0.99), max_size=3, unique=True),
)
@example(1, 0, 1.0, 1e-3, TABLES[0], [0.99, 0.9899999999999999])  # neighbours among the doubles
def test_the_tolerance_is_kept_by_steps_across_a_table(d, seed, tau, tol, schedule, fractions):
    H, start = hamiltonian(d, seed, schedule), random_ket(d, seed)
    times = [0.0, *sorted(fractions), 1.0]
    options = SPLIT | {"tol": tol, "store_states": True}
    ours = qutip.sesolve(qx.to_qobjevo(H, tau), start, [tau * x for x in times], options=options)
    psi = start.full().ravel()
    for low, high, state in zip(times[:-1], times[1:], ours.states[1:], strict=True):
        psi = divided(H, tau, psi, low, high)
        assert np.linalg.norm(state.full().ravel() - psi) <= tol + 1e-9


@pytest.mark.parametrize("schedule", TABLES, ids=lambda schedule: schedule.name)
@pytest.mark.parametrize("times", [1, 20])
def test_steps_span_the_breakpoints_of_a_table(schedule, times, monkeypatch):
    taken = []

    def counted(H, tau, edges, *how):
        taken.append(edges.size - 1)
        return evolve(H, tau, edges, *how)

    monkeypatch.setattr(bridge, "evolve", counted)
    H = hamiltonian(4, 2, schedule)
    end = qutip.sesolve(
        qx.to_qobjevo(H, 1.0),
        random_ket(4, 1),
        np.linspace(0, 1, times + 1),
        options=SPLIT | {"tol": 1e-6, "store_final_state": True},
    ).final_state
    exact = divided(H, 1.0, random_ket(4, 1).full()[:, 0], 0.0, 1.0)
    assert np.linalg.norm(end.full().ravel() - exact) < 1e-6
    assert sum(taken) < schedule.s.size  # of all runs together


@pytest.mark.parametrize("d", [3, 7])
@pytest.mark.parametrize("name", ["linear", "Advantage_system6_fast"])
def test_it_agrees_with_anneal(d, name):
    H, tau = hamiltonian(d, 4, qx.schedule_named(name)), 20.0 if name == "linear" else 0.5
    run = qx.anneal(H, tau, qx.SplitOperator(1e-9))
    options = SPLIT | {"tol": 1e-8, "store_final_state": True}
    result = qutip.sesolve(qx.to_qobjevo(H, tau), ket(initial_state(H)), [0, tau], options=options)
    probabilities = np.abs(result.final_state.full().ravel()) ** 2
    assert np.abs(probabilities - run.probabilities).sum() / 2 <= 1.1e-8


def test_a_dense_grid_of_times_costs_no_accuracy():
    H = hamiltonian(4, 2, PAUSED)
    evo, start, times = qx.to_qobjevo(H, 10.0), ket(initial_state(H)), np.linspace(0, 10.0, 60)
    ours = qutip.sesolve(evo, start, times, e_ops=[sigma_z(1, 4)], options=SPLIT)
    exact = qutip.sesolve(evo, start, times, e_ops=[sigma_z(1, 4)], options=EXACT)
    np.testing.assert_allclose(ours.expect[0], exact.expect[0], atol=2e-6)
    assert ours.states == []


def test_a_propagator_is_evolved_column_by_column():
    evo = qx.to_qobjevo(hamiltonian(2, 5), 6.0)
    identity = qutip.qeye([2, 2])
    options = {"store_final_state": True}
    ours = qutip.sesolve(evo, identity, [1.0, 6.0], options=SPLIT | options)
    exact = qutip.sesolve(evo, identity, [1.0, 6.0], options=EXACT | options)
    np.testing.assert_allclose(ours.final_state.full(), exact.final_state.full(), atol=1e-6)


def test_a_solver_can_be_stepped_and_its_options_changed():
    evo, start = qx.to_qobjevo(hamiltonian(3, 6), 5.0), random_ket(3, 0)
    solver = qutip.SESolver(evo, options=SPLIT | {"tol": 1e-2})
    solver.start(start, 1.0)
    solver.step(2.0)
    solver.options = {"tol": 1e-9}
    assert "tol : float" in type(solver._integrator).options.__doc__
    solver.start(start, 1.0)
    halfway = solver.step(2.0)
    assert solver.step(2.0) == halfway
    exact = qutip.sesolve(evo, start, [1.0, 2.0, 5.0], options=EXACT | {"store_states": True})
    assert (halfway - exact.states[1]).norm() < 1e-8
    assert (solver.step(5.0) - exact.states[2]).norm() < 1e-8
    with pytest.raises(qx.InputError, match="must rise"):
        solver.step(3.0)


@pytest.mark.parametrize("dtype", ["CSR", "Dense", "Dia"])
def test_the_form_of_the_data_does_not_matter(dtype):
    evo = qx.to_qobjevo(hamiltonian(2, 7), 3.0)
    options = SPLIT | {"store_final_state": True}
    states = [
        qutip.sesolve(H, random_ket(2, 1), [0, 3.0], options=options).final_state
        for H in (evo, evo.to(dtype), pickle.loads(pickle.dumps(evo)), evo.dag(), 1.0 * evo)
    ]
    for state in states[1:]:
        assert (state - states[0]).norm() < 1e-14


def initialise_5_3(self, system, options):
    """QuTiP 5.1 to 5.3: an integrator is handed the QobjEvo."""
    assert isinstance(system, qutip.QobjEvo)
    self.system = system
    prepare(self, options)


def initialise_5_4(self, derivative, options):
    """QuTiP 5.4 (qutip#2916): an integrator is handed a function of time and state."""
    if not callable(derivative):
        raise TypeError("The derivative must be a callable.")
    self.derivative = derivative
    prepare(self, options)


def prepare(self, options):
    self._is_set, self._back = False, (np.inf, None)
    self._options = self.integrator_options.copy()
    self.options = options
    self._prepare()


def choose_5_3(self):
    integrator = self.avail_integrators()[self._options["method"]]
    assert integrator.support_time_dependant
    assert integrator.supports_blackbox is False
    self._init_integrator_time = 0.0
    return integrator(self.rhs, self.options)


def choose_5_4(self):
    integrator = self.avail_integrators()[self._options["method"]]
    assert integrator.rhs_format == "callable"
    self._init_integrator_time = 0.0
    return integrator(self.rhs.matmul_data, self.options)


@pytest.mark.parametrize(
    ("initialise", "choose"), [(initialise_5_3, choose_5_3), (initialise_5_4, choose_5_4)]
)
def test_both_protocols_of_an_integrator_are_served(initialise, choose, monkeypatch):
    evo, start = qx.to_qobjevo(hamiltonian(3, 8, PAUSED), 7.0), random_ket(3, 4)
    exact = qutip.sesolve(evo, start, [0, 7.0], options=EXACT | {"store_final_state": True})
    monkeypatch.setattr(Integrator, "__init__", initialise)
    monkeypatch.setattr(qutip.SESolver, "_get_integrator", choose)
    solver = qutip.SESolver(evo, options=SPLIT | {"tol": 1e-8})
    assert hasattr(solver._integrator, "system") == (initialise is initialise_5_3)
    assert (solver.run(start, [0, 7.0]).final_state - exact.final_state).norm() < 1e-8
    solver.start(start, 0.0)
    solver.options = {"tol": 1e-9}  # initialises the integrator again
    assert (solver.step(7.0) - exact.final_state).norm() < 1e-8
    with pytest.raises(qx.InputError, match="no other operator"):
        qutip.SESolver(qutip.QobjEvo(qutip.sigmax()), options=SPLIT)


def test_a_function_instead_of_an_operator_is_refused(monkeypatch):
    monkeypatch.setattr(Integrator, "__init__", initialise_5_4)
    with pytest.raises(qx.InputError, match="a function instead of an operator"):
        bridge.SplitIntegrator(lambda t, state: state, {})


def test_qutip_lists_qxgap_in_its_family(capsys, monkeypatch):
    # as pyproject.toml has it: an editable install keeps the entry points of the day it was made
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    ((name, value),) = project["entry-points"]["qutip.family"].items()
    entry = EntryPoint(name, value, "qutip.family")
    assert entry.load() is bridge
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [entry])
    qutip.about()
    assert f"qxgap: {qx.__version__}" in capsys.readouterr().out


def test_a_problem_without_energies():
    H = qx.AnnealHamiltonian(qx.QuboProblem([0.0, 0.0], np.zeros((2, 2))))
    options = {"store_final_state": True}
    ours, exact = (
        qutip.sesolve(qx.to_qobjevo(H, 2.0), random_ket(2, 3), [0, 2.0], options=options | o)
        for o in (SPLIT, EXACT)
    )
    assert (ours.final_state - exact.final_state).norm() < 1e-6


def test_other_operators_are_refused():
    evo, other = qx.to_qobjevo(hamiltonian(2, 1), 3.0), qx.to_qobjevo(hamiltonian(2, 2), 3.0)
    field = sigma_z(0, 2)
    cases = {
        "no other operator": [field, evo + field, evo + qutip.QobjEvo([field, lambda t: t])],
        "scaled or changed": [2.0 * evo, -evo, evo + evo, field @ evo],
        "not the sum of 2": [evo + other],
    }
    for message, operators in cases.items():
        for operator in operators:
            with pytest.raises(qx.InputError, match=message):
                qutip.sesolve(operator, random_ket(2, 1), [0, 1.0], options=SPLIT)


def test_senseless_requests_are_refused():
    H = hamiltonian(2, 1)
    evo, start = qx.to_qobjevo(H, 3.0), random_ket(2, 1)
    for times in ([0.0, 3.1], [-0.1, 3.0]):
        with pytest.raises(qx.InputError, match="outside the anneal"):
            qutip.sesolve(evo, start, times, options=SPLIT)
    for options in ({"tol": 0.0}, {"order": 3}):
        with pytest.raises(qx.InputError):
            qutip.sesolve(evo, start, [0, 3.0], options=SPLIT | options)
    with pytest.raises(KeyError, match="rtol"):
        qutip.sesolve(evo, start, [0, 3.0], options=SPLIT | {"rtol": 1e-8})
    for tau in (0.0, -1.0, np.inf):
        with pytest.raises(qx.InputError, match="tau"):
            qx.to_qobjevo(H, tau)


def test_a_short_budget_is_told():
    evo, start = qx.to_qobjevo(hamiltonian(4, 1), 20.0), random_ket(4, 1)
    with pytest.raises(IntegratorException, match="raise nsteps"):
        qutip.sesolve(evo, start, [0, 20.0], options=SPLIT | {"nsteps": 20})
    with pytest.raises(IntegratorException, match="exact to rounding"):
        qutip.sesolve(evo, start, [0, 20.0], options=SPLIT | {"tol": 1e-16})


def test_the_method_is_there_once_it_can_be_used():
    code = (
        "import sys, numpy as np, qxgap as qx; assert 'qutip' not in sys.modules;"
        "H = qx.AnnealHamiltonian(qx.QuboProblem([-1.0], [[0.0]])); evo = qx.to_qobjevo(H, 1.0);"
        "import qutip; assert 'qxgap_split' in qutip.SESolver.avail_integrators()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
