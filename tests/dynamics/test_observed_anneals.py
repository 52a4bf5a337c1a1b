"""Observables of whole anneals against QuTiP, and the errors that are stated of them."""

import numpy as np
import pytest
import qutip

import qxgap as qx
from qxgap import observables as obs
from qxgap.dynamics.error_control import SeenStates
from qxgap.dynamics.split import evolve
from qxgap.dynamics.states import starting_state
from qxgap.testing import random_feature_selection

BACK = qx.LINEAR.with_waveform([(0, 1), (0.4, 0.6), (0.6, 0.6), (1, 1)], name="reverse")
SCHEDULES = {
    "linear": qx.LINEAR,
    "paused": qx.LINEAR.with_pause(0.6, 0.5),
    "GHz": qx.schedule_named("Advantage_system6_fast"),
    "reverse": BACK,
}
EXACT = {"method": "vern9", "rtol": 1e-12, "atol": 1e-13, "nsteps": 10**6, "progress_bar": ""}
AT = [0.0, 0.31, 0.74, 1.0]


def sigma_z(qubits, d):
    return qutip.tensor([qutip.sigmaz() if q in qubits else qutip.qeye(2) for q in range(d)])


def ket(vector):
    d = vector.size.bit_length() - 1
    return qutip.Qobj(vector[:, None], dims=[[2] * d, [1] * d])


def operators(d, unit):
    """Observables of ours, with what QuTiP computes; ``unit`` is 2 pi for GHz."""
    return {
        obs.Magnetization(): lambda t, psi, evo: [
            qutip.expect(sigma_z({q}, d), psi) for q in range(d)
        ],
        obs.Correlations([(0, 1), (1, 2)]): lambda t, psi, evo: [
            qutip.expect(sigma_z(pair, d), psi) for pair in ({0, 1}, {1, 2})
        ],
        obs.MeanEnergy(): lambda t, psi, evo: qutip.expect(evo(t) / unit, psi),
        obs.EnergyVariance(): lambda t, psi, evo: qutip.variance(evo(t) / unit, psi),
        obs.EntanglementEntropy([0, 2]): lambda t, psi, evo: qutip.entropy_vn(psi.ptrace([0, 2])),
        obs.LevelPopulations(2): lambda t, psi, evo: [
            abs(state.overlap(psi)) ** 2 for state in evo(t).eigenstates()[1][:2]
        ],
    }


@pytest.mark.parametrize(
    ("schedule", "d", "tol"),
    [(name, 3, tol) for name in SCHEDULES for tol in (1e-4, 1e-8)] + [("linear", 6, 1e-7)],
)
def test_all_values_are_within_their_bounds_of_qutip(schedule, d, tol):
    tau = 2.0 if schedule == "GHz" else 9.0
    H = qx.AnnealHamiltonian(random_feature_selection(d, seed=3), SCHEDULES[schedule])
    initial = [1, 0, 1] if schedule == "reverse" else None
    ours = operators(d, SCHEDULES[schedule].angular)
    run = qx.anneal(H, tau, qx.SplitOperator(tol), initial=initial, at=AT, observe=list(ours))
    seen, evo = run.observations, qx.to_qobjevo(H, tau)
    start = ket(starting_state(H, initial))
    times = [s * tau for s in AT]
    states = qutip.sesolve(evo, start, times, options=EXACT | {"store_states": True}).states
    assert run.status is qx.AnnealStatus.CONVERGED
    assert seen.state_error == run.error_estimate <= tol
    np.testing.assert_allclose(seen.s, AT)
    np.testing.assert_allclose(seen.times, times)
    for observable, by_qutip in ours.items():
        expected = [by_qutip(t, psi, evo) for t, psi in zip(times, states, strict=True)]
        moved = np.abs(seen[observable.name] - np.array(expected))
        bounds = seen.errors[observable.name]
        assert np.max(moved.T - bounds) <= 1e-9, observable
        assert np.all(moved < 60 * max(tol, 1e-9)), observable


@pytest.mark.parametrize(
    ("problem", "tau", "tol", "s"),
    [
        (
            qx.QuboProblem([0.34368] * 3, np.triu(np.full((3, 3), -2.29951), 1)),
            19.879,
            1e-8,
            0.5207,
        ),
        (
            qx.QuboProblem([-0.653405] * 2, np.triu(np.full((2, 2), -0.9035), 1)),
            14.8343,
            1e-8,
            0.5743,
        ),
    ],
)
def test_states_on_the_way_are_not_less_accurate_than_the_end(problem, tau, tol, s):
    """Errors that cancel until the end are larger on the way; ``observe`` looks there too."""
    H, method = qx.AnnealHamiltonian(problem), qx.SplitOperator(tol)
    start = starting_state(H)
    exact = evolve(H, tau, np.linspace(0.0, s, 3001), start, 4)
    errors, seen = [], []
    ended = qx.anneal(H, tau, method, at=[s], callback=lambda _, psi: seen.append(psi))
    watched = qx.anneal(H, tau, method, at=[s], observe=lambda _, psi: seen.append(psi.copy()) or 0)
    for psi in seen:
        overlap = np.vdot(exact, psi)
        errors.append(np.linalg.norm(psi - overlap / abs(overlap) * exact))
    assert errors[0] > tol >= ended.error_estimate
    assert errors[1] <= watched.observations.state_error <= tol
    assert watched.steps > ended.steps


def states_at(H, tau, start, fractions):
    """States at rising fractions, by many steps that all end at breakpoints of the schedule."""
    psi, low, states = start, 0.0, []
    for s in fractions:
        inner = H.schedule.s[(H.schedule.s > low) & (H.schedule.s < s)]
        psi, low = evolve(H, tau, np.union1d(inner, np.linspace(low, s, 1201)), psi, 4), s
        states.append(psi)
    return states


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_no_random_anneal_exceeds_its_estimate_anywhere(schedule):
    rng, shares = np.random.default_rng(2026), []
    for _ in range(15):
        d = int(rng.integers(1, 5))
        problem = random_feature_selection(d, seed=rng)
        if rng.random() < 0.4:  # equal qubits, whose errors agree by chance more often
            couplings = np.triu(np.full((d, d), rng.normal()), 1)
            problem = qx.QuboProblem(np.full(d, rng.normal()), couplings)
        H = qx.AnnealHamiltonian(problem, SCHEDULES[schedule])
        tau = float(np.exp(rng.uniform(-1, 1 if schedule == "GHz" else 3)))
        tol, at = 10.0 ** -rng.integers(2, 9), np.sort(rng.uniform(0.05, 0.95, 2))
        initial = rng.integers(0, 2, d) if schedule == "reverse" else None
        seen = []
        run = qx.anneal(
            H,
            tau,
            qx.SplitOperator(tol),
            initial=initial,
            at=at,
            observe=lambda s, psi, seen=seen: seen.append(psi.copy()) or 0.0,
        )
        exact = states_at(H, tau, starting_state(H, initial), [*at, 1.0])
        for psi, state in zip([*seen, run.state], exact, strict=True):
            overlap = np.vdot(state, psi)
            error = np.linalg.norm(psi - overlap / abs(overlap) * state)
            shares.append(error / run.observations.state_error)
    assert max(shares) <= 1.0
    assert max(shares) > 0.05  # the estimates are no safe guess either


def test_tables_are_resolved_between_the_fractions():
    """The error of this anneal was once larger than its estimate."""
    table = qx.schedule_named("Advantage_system6_fast")
    problem = qx.QuboProblem([-0.44024124, -0.7], [[0.0, 0.08441941], [0.0, 0.0]])
    H, tau, at = qx.AnnealHamiltonian(problem, table), 0.3909132151372129, [0.561698, 0.795455]
    seen = []
    run = qx.anneal(
        H,
        tau,
        qx.SplitOperator(1e-3),
        at=at,
        observe=lambda s, psi: seen.append(psi.copy()) or 0.0,
    )
    for state, psi in zip(seen, states_at(H, tau, starting_state(H), at), strict=True):
        assert np.sqrt(1 - abs(np.vdot(psi, state)) ** 2) <= run.observations.state_error <= 1e-3


def test_many_uncoupled_qubits_are_single_qubits():
    fields = np.linspace(-1.0, 1.0, 16)
    problem = qx.QuboProblem(fields, np.zeros((16, 16)))
    observe = [obs.Magnetization(), obs.Correlations([(0, 15)]), obs.EntanglementEntropy()]
    observe += [obs.Correlations([(0, 15)], connected=True), obs.MeanEnergy()]
    seen = qx.anneal(problem, 3.0, at=[0.4, 1.0], observe=observe).observations
    alone = [
        qx.anneal(
            qx.QuboProblem([field], [[0.0]]),
            3.0,
            at=[0.4, 1.0],
            observe=[obs.Magnetization(), obs.MeanEnergy()],
        ).observations
        for field in fields
    ]
    spins = np.array([each["magnetization"][:, 0] for each in alone]).T
    np.testing.assert_allclose(seen["magnetization"], spins, atol=4e-6)
    np.testing.assert_allclose(seen["correlation"][:, 0], spins[:, 0] * spins[:, 15], atol=8e-6)
    np.testing.assert_allclose(seen["connected_correlation"], 0.0, atol=1e-12)
    np.testing.assert_allclose(seen["entanglement_entropy"], 0.0, atol=1e-12)
    energies = np.sum([each["mean_energy"] for each in alone], axis=0)
    np.testing.assert_allclose(seen["mean_energy"], energies, atol=1e-5)


def test_the_end_is_that_of_the_result():
    H = qx.AnnealHamiltonian(random_feature_selection(4, seed=2))
    run = qx.anneal(
        H, 8.0, observe=[obs.LevelPopulations(16), H.diagonal, obs.MeanEnergy()], levels=16
    )
    seen = run.observations
    assert seen.s.tolist() == [1.0]
    assert seen.times.tolist() == [8.0]
    np.testing.assert_allclose(seen["level_population"][0], run.populations.weights, atol=1e-12)
    assert seen["observable_1"][0] == pytest.approx(run.energy - H.offset, abs=1e-12)
    assert seen["mean_energy"][0] == pytest.approx(run.energy - H.offset, abs=1e-12)
    assert qx.anneal(H, 8.0).observations is None
    assert "observations" not in qx.anneal(H, 8.0).to_dict()


def test_what_is_not_observed_does_not_change():
    H = qx.AnnealHamiltonian(random_feature_selection(4, seed=2))
    seen = {}
    plain = qx.anneal(H, 8.0)
    run = qx.anneal(H, 8.0, at=[0.5, 1.0], callback=seen.__setitem__, observe=obs.Kinks())
    assert abs(run.success_probability - plain.success_probability) < 2e-6
    assert list(seen) == [0.5, 1.0]
    assert np.array_equal(seen[1.0], run.state)


def test_a_quench_and_several_times():
    H = qx.AnnealHamiltonian(random_feature_selection(3, seed=2))
    still, moved = qx.anneal(H, [0.0, 5.0], at=[0.2, 1.0], observe=obs.Magnetization())
    assert not still.observations["magnetization"].any()
    assert still.observations.state_error == 0.0
    assert still.observations.times.tolist() == [0.0, 0.0]
    assert moved.observations.times.tolist() == [1.0, 5.0]
    assert moved.observations["magnetization"][1].any()


def test_qutip_observes_the_same_without_an_estimate():
    H = qx.AnnealHamiltonian(random_feature_selection(3, seed=4))
    observe = {"entropy": obs.EntanglementEntropy(), "spins": obs.Magnetization()}
    ours = qx.anneal(H, 6.0, at=AT, observe=observe).observations
    seen = {}
    run = qx.anneal(
        H,
        6.0,
        qx.QutipODE(rtol=1e-10, atol=1e-12),
        at=AT,
        observe=observe,
        callback=seen.__setitem__,
    )
    theirs = run.observations
    assert theirs.state_error is None
    assert theirs.errors == {"entropy": None, "spins": None}
    assert "no estimate" in str(theirs)
    assert list(seen) == AT
    for name in observe:
        np.testing.assert_allclose(theirs[name], ours[name], atol=2e-5)


def test_an_anneal_that_stops_early_says_how_far_its_values_may_be_off():
    H = qx.AnnealHamiltonian(random_feature_selection(3, seed=4))
    few = qx.SplitOperator(1e-9, max_steps=40)
    run = qx.anneal(H, 20.0, few, at=[0.5], observe=[obs.Magnetization()], throw=False)
    assert run.status is qx.AnnealStatus.MAX_STEPS
    assert run.observations.state_error > 1e-9
    assert np.all(run.observations.errors["magnetization"] <= 2.0)


def test_a_device_observes_the_same():
    pytest.importorskip("torch")
    H = qx.AnnealHamiltonian(random_feature_selection(4, seed=4))
    observe = [obs.Magnetization(), obs.EnergyVariance()]
    host = qx.anneal(H, 6.0, at=AT, observe=observe).observations
    device = qx.anneal(H, 6.0, qx.SplitOperator(device="cpu"), at=AT, observe=observe).observations
    for name in host.values:
        np.testing.assert_allclose(device[name], host[name], atol=1e-10)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"at": [0.5, 1.2]}, "must lie in"),
        ({"at": [0.5], "checkpoint": "x.npz"}, "leave out checkpoint="),
        ({"method": qx.SelectedDynamics()}, "gives no state"),
        ({"callback": print}, "give both at="),
        ({"at": ["half"]}, "at is text"),
    ],
)
def test_what_cannot_be_observed_is_refused(arguments, match):
    H = qx.AnnealHamiltonian(random_feature_selection(3, seed=4))
    with pytest.raises(qx.InputError, match=match):
        qx.anneal(H, 1.0, observe=[obs.Magnetization()], **arguments)


def test_memory_is_asked_for_before_anything_is_annealed(monkeypatch):
    H = qx.AnnealHamiltonian(random_feature_selection(14, seed=1))
    H.diagonal  # noqa: B018 - computed before the memory shrinks
    free = type("Memory", (), {"available": 1 << 26})
    monkeypatch.setattr("qxgap.memory.psutil.virtual_memory", lambda: free)
    with pytest.raises(qx.MemoryLimitError, match="fewer fractions in at="):
        qx.anneal(H, 1.0, at=np.linspace(0, 1, 400), observe=[obs.Magnetization()])
    assert qx.anneal(H, 0.1, at=[0.5], observe=[obs.Magnetization()]).observations.s.size == 1


def test_the_farthest_of_all_states_counts():
    seen = SeenStates(np.array([0.2, 0.6]), 2)
    first, turned = np.array([1.0, 0.0]) + 0j, np.array([np.cos(0.1), np.sin(0.1)]) + 0j
    seen.record(0.2, first)
    seen.record(0.6, first)
    seen.record(0.2, 1j * turned)
    seen.record(0.6, -first)
    assert seen.distance(first, first).value == pytest.approx(2 * np.sin(0.05))
    assert seen.distance(turned, first).value == pytest.approx(2 * np.sin(0.05))
    assert seen.distance(first, first).value == 0.0
    assert np.array_equal(seen.states, [1j * turned, -first])


def test_observations_show_themselves():
    H = qx.AnnealHamiltonian(random_feature_selection(3, seed=4))
    run = qx.anneal(
        H, 6.0, at=AT, observe=[obs.Magnetization(), obs.Kinks(), obs.LevelPopulations(8)]
    )
    seen = run.observations
    table = seen.to_dataframe()
    assert list(table)[:6] == ["s", "time", *(f"magnetization_{q}" for q in range(3)), "kinks"]
    np.testing.assert_allclose(table["level_population_7"], seen["level_population"][:, 7])
    figure = seen.plot()
    assert [axis.get_ylabel() for axis in figure.axes] == list(seen.axis_labels.values())
    assert {axis.get_xlabel() for axis in figure.axes} == {"anneal fraction s"}
    names = [text.get_text() for text in figure.axes[2].get_legend().get_texts()]
    assert names == [*"012345", "2 others"]
    np.testing.assert_allclose(figure.axes[1].lines[0].get_ydata(), seen["kinks"])
    with pytest.raises(qx.InputError, match="'spins' was not observed; there are magnetization"):
        seen["spins"]
    assert str(seen).startswith("The state was observed at 4 anneal fractions from s = 0 to 1: ")
    assert "<svg" in seen._repr_html_()
