"""What an anneal can be asked for: initial states, populations, callbacks, checkpoints."""

import math

import numpy as np
import pytest
import scipy.special

import qxgap as qx
from qxgap.annealing.layers import Layer
from qxgap.dynamics.split import evolution as split
from qxgap.testing import random_feature_selection

REFERENCE = qx.QutipODE("dop853", rtol=1e-11, atol=1e-13)
BACK = qx.LINEAR.with_waveform([(0, 1), (0.4, 0.6), (0.6, 0.6), (1, 1)], name="reverse")


def hamiltonian(d, seed=0, schedule=qx.LINEAR):
    return qx.AnnealHamiltonian(random_feature_selection(d, seed=seed), schedule)


@pytest.mark.parametrize("d", [1, 4])
def test_a_reverse_anneal_starts_where_it_is_told(d):
    H, occupations = hamiltonian(d, 1, BACK), [1, 0, 1, 1][:d]
    amplitudes = np.zeros(2**d)
    amplitudes[int("".join(map(str, occupations)), 2)] = 1.0
    by_label = dict(zip(H.problem.labels, occupations, strict=True))
    runs = [qx.anneal(H, 9.0, initial=given) for given in (occupations, by_label, amplitudes)]
    assert len({run.success_probability for run in runs}) == 1
    exact = qx.anneal(H, 9.0, REFERENCE, initial=occupations)
    assert runs[0].success_probability == pytest.approx(exact.success_probability, abs=1e-6)


@pytest.mark.parametrize(
    ("initial", "match"),
    [
        ([1, 0], "shape"),
        ([1, 0, 2], "0 or 1"),
        (np.full(8, 0.5), "norm"),
        (np.full(8, math.nan), "norm"),
        ({0: 1, 1: 1}, "label 2"),
        ({0: 1, 1: 1, 2: 0, 7: 0}, "label 7"),
    ],
)
def test_a_senseless_initial_state_is_refused(initial, match):
    with pytest.raises(qx.InputError, match=match):
        qx.anneal(hamiltonian(3), 1.0, initial=initial)


@pytest.mark.parametrize("s", [0.0, 0.37, 1.0])
def test_level_populations_against_dense_eigenvectors(s):
    H = qx.AnnealHamiltonian(
        random_feature_selection(5, seed=3), driver=qx.TransverseField([1.0, 0.9, 0.7, 0.6, 0.57])
    )
    psi = np.array([1, 1j]) @ np.random.default_rng(1).normal(size=(2, 32))
    values, vectors = np.linalg.eigh(H.to_sparse(*H.schedule(s)).toarray())
    got = qx.level_populations(H, s, psi / np.linalg.norm(psi), 4)
    np.testing.assert_allclose(got.energies, values[:4], atol=1e-8)
    expected = np.abs(vectors[:, :4].T @ psi) ** 2 / np.linalg.norm(psi) ** 2
    np.testing.assert_allclose(got.weights, expected, atol=1e-6)


def test_populations_come_with_the_result():
    run = qx.anneal(hamiltonian(4, 2), 12.0, levels=16)
    assert run.populations.weights.sum() == pytest.approx(1.0)
    assert run.populations.weights[0] == pytest.approx(run.success_probability, abs=1e-14)
    assert qx.anneal(hamiltonian(4, 2), 12.0).populations is None
    with pytest.raises(qx.InputError, match="levels = 17"):
        qx.anneal(hamiltonian(4, 2), 1.0, levels=17)


@pytest.mark.parametrize("tau", [0.0, 7.0])
def test_callbacks_see_the_state_on_its_way(tau):
    H, at = hamiltonian(4, 5), [0.0, 0.3, 0.75, 1.0]
    seen, expected = {}, {}
    run = qx.anneal(H, tau, at=at, callback=seen.__setitem__)
    exact = qx.anneal(H, tau, REFERENCE, at=at, callback=expected.__setitem__)
    assert list(seen) == list(expected) == at
    assert np.array_equal(seen[1.0], run.state)
    assert np.array_equal(expected[1.0], exact.state)
    for s in at:
        assert abs(np.vdot(seen[s], expected[s])) == pytest.approx(1.0, abs=1e-5)
    for wrong in ({"at": at}, {"callback": print}, {"at": [1.5], "callback": print}):
        with pytest.raises(qx.InputError, match="at"):
            qx.anneal(H, tau, **wrong)


def test_many_times_in_one_call():
    H = hamiltonian(5, 4)
    runs = qx.anneal(H, [0.0, 3.0, 11.0])
    for run, tau in zip(runs, [0.0, 3.0, 11.0], strict=True):
        assert np.array_equal(run.state, qx.anneal(H, tau).state)
    with pytest.raises(qx.InputError, match="single tau"):
        qx.anneal(H, [1.0, 2.0], checkpoint="x.npz")


class Interrupted(Exception):
    pass


@pytest.mark.parametrize("layers", [1, 100, 500])
def test_an_interrupted_anneal_goes_on_to_the_same_last_bit(tmp_path, monkeypatch, layers):
    H, path, at = hamiltonian(4, 6), tmp_path / "run.npz", [0.25, 0.5]
    apply, seen, shown = split.apply_layers, [], []

    def counted(*arguments):
        apply(*arguments)
        seen.append(1)

    def interrupted(*arguments):
        if len(seen) == layers:
            raise Interrupted
        counted(*arguments)

    def run(checkpoint=None):
        def show(s, psi):
            shown.append((s, psi.tobytes()))

        return qx.anneal(H, 20.0, at=at, callback=show, checkpoint=checkpoint)

    monkeypatch.setattr(split, "LAYERS_PER_CALL", 1)
    monkeypatch.setattr(split, "apply_layers", counted)
    whole, once, total = run(), shown.copy(), len(seen)
    seen.clear()
    shown.clear()
    monkeypatch.setattr(split, "apply_layers", interrupted)
    with pytest.raises(Interrupted):
        run(qx.Checkpoint(path, every=0.0))
    assert [file.name for file in tmp_path.iterdir()] == ["run.npz"]
    monkeypatch.setattr(split, "apply_layers", counted)
    resumed = run(qx.Checkpoint(path, every=0.0))
    assert len(seen) == total
    assert np.array_equal(resumed.state, whole.state)
    assert resumed.error_estimate == whole.error_estimate
    assert shown == once
    assert not path.exists()


def test_a_checkpoint_of_another_anneal_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "run.npz"
    kept = qx.Checkpoint(path, every=0.0)
    with monkeypatch.context() as patch:
        patch.setattr(Layer, "phase", lambda *a: (_ for _ in ()).throw(Interrupted))
        with pytest.raises(Interrupted):
            qx.anneal(hamiltonian(3, 6), 20.0, checkpoint=kept)
    other_schedule = qx.AnnealSchedule([0, 1], [2, 0], [0, 1], "linear")
    for H, tau, method, initial, match in (
        (hamiltonian(3, 7), 20.0, None, None, "instance"),
        (hamiltonian(3, 6), 21.0, None, None, r"tau is 20\.0 there and 21\.0 here"),
        (hamiltonian(3, 6), 20.0, qx.SplitOperator(1e-5), None, "method"),
        (hamiltonian(3, 6), 20.0, None, [0, 1, 1], "initial state"),
        (hamiltonian(3, 6, other_schedule), 20.0, None, None, "schedule"),
    ):
        with pytest.raises(qx.InputError, match=match):
            qx.anneal(H, tau, method, initial=initial, checkpoint=path)
    path.write_bytes(b"no zip file")
    with pytest.raises(qx.InputError, match="no checkpoint"):
        qx.anneal(hamiltonian(3, 6), 20.0, checkpoint=path)
    with pytest.raises(qx.InputError, match="cannot save its position"):
        qx.anneal(hamiltonian(3, 6), 20.0, qx.QutipODE(), checkpoint=path)


@pytest.mark.parametrize("tau", [3.0, 10.0, 40.0, 120.0])
def test_half_a_landau_zener_sweep_against_its_closed_form(tau):
    # Vitanov & Garraway, Phys. Rev. A 53, 4288 (1996): begun in the ground state at the crossing
    end = 40.0
    H = qx.AnnealHamiltonian(
        qx.QuboProblem([-1.0], [[0.0]]), qx.AnnealSchedule([0, 1], [0.5, 0.5], [0, end], "half")
    )
    delta = tau / (4 * end)  # gap^2 / (4 v): the gap 1, the diabatic levels parting at v = end/tau
    gamma = np.angle(scipy.special.gamma([0.5 + 0.5j * delta, 1.0 + 0.5j * delta]))
    contrast = math.sqrt(-math.expm1(-2 * math.pi * delta))
    excited = (1 - contrast * math.cos(math.pi / 4 + gamma[0] - gamma[1])) / 2
    run = qx.anneal(H, tau, qx.SplitOperator(1e-5), levels=2)
    assert run.populations.weights[1] == pytest.approx(excited, abs=3e-4)
