"""The course of an anneal: levels, ground state, annealed states and their display."""

import numpy as np
import pytest
from matplotlib.figure import Figure

import qxgap as qx
from qxgap.testing import random_feature_selection

H = qx.AnnealHamiltonian(random_feature_selection(3, seed=1))
TWO_GROUND_STATES = qx.QuboProblem(
    [-1.0, -1.0], [[0.0, 5.0], [0.0, 0.0]]
)  # energies 0, -1 twice, 3


def test_ground_state_and_levels_are_those_of_dense_matrices():
    s = [0.0, 0.3, 0.8, 1.0]
    course = qx.anneal_course(H, s=s, levels=4)
    for i, fraction in enumerate(s):
        values, vectors = np.linalg.eigh(H.to_dense(1 - fraction, fraction))
        np.testing.assert_allclose(course.energies[i], values[:4], atol=1e-9)
        np.testing.assert_allclose(course.ground[i], vectors[:, 0] ** 2, atol=1e-8)
    np.testing.assert_allclose(course.gaps, course.energies[:, 1] - course.energies[:, 0])
    assert course.annealed.shape == (0, 4, 8)


def test_annealed_states_end_as_those_of_anneal():
    course = qx.anneal_course(H, tau=[3.0, 20.0], s=[0.0, 0.5, 1.0])
    for i, tau in enumerate([3.0, 20.0]):
        run = qx.anneal(H, tau)
        np.testing.assert_allclose(course.annealed[i, -1], run.probabilities, atol=1e-6)
        assert course.populations[i, -1] == pytest.approx(run.success_probability, abs=1e-6)
    np.testing.assert_allclose(course.annealed[:, 0], 1 / 8)
    np.testing.assert_allclose(course.populations[:, 0], 1.0)
    assert np.all(course.populations[1] > course.populations[0] - 1e-9)


def test_the_default_fractions_contain_the_minimum():
    course = qx.anneal_course(H)
    assert course.minimum.s_star in course.s
    assert course.gaps.min() == pytest.approx(course.minimum.value, rel=1e-3)
    assert course.s.size >= 101


def test_several_ground_states_count_as_one_level():
    course = qx.anneal_course(TWO_GROUND_STATES, tau=5.0, s=[0.0, 0.6, 1.0], levels=2)
    assert course.energies.shape == (3, 3)
    assert course.gaps[-1] == pytest.approx(1.0)
    np.testing.assert_allclose(course.ground[-1], [0.0, 0.5, 0.5, 0.0])
    success = qx.anneal(TWO_GROUND_STATES, 5.0).success_probability
    assert course.populations[0, -1] == pytest.approx(success, abs=1e-6)


def test_it_shows_itself_in_words_rows_and_pictures():
    course = qx.anneal_course(H, tau=[3.0, 20.0], s=np.linspace(0, 1, 11))
    assert "Anneals of the times 3, 20 succeed" in str(course)
    frame = course.to_dataframe()
    assert list(frame)[:3] == ["s", "gap", "energy_0"]
    assert list(frame)[-1] == "population_tau_20"
    assert len(frame) == 11
    assert course.to_dict()["minimum_gap"]["status"] == "BRACKETED"
    assert isinstance(course.plot(), Figure)
    (axis,) = course.plot_populations().axes
    assert [line.get_label() for line in axis.lines] == ["tau = 3", "tau = 20"]
    shown = course._repr_html_()
    assert "data-course" in shown
    assert shown.count("<option") == 2


def test_bars_are_those_of_the_most_probable_states_in_order_of_energy():
    course = qx.anneal_course(H, s=np.linspace(0, 1, 5))
    text = course.slider(num_states=3).html
    assert text.count('class="ground"') == 3
    lowest = "".join(map(str, qx.problem.index_to_bits(H.diagonal.argmin(), 3)))
    assert text.index(f">{lowest}</text>") > 0


def test_what_cannot_be_is_refused():
    with pytest.raises(qx.InputError, match="needs at least 2"):
        qx.anneal_course(H, levels=1)
    with pytest.raises(qx.InputError, match="no gap"):
        qx.anneal_course(qx.QuboProblem([0.0], [[0.0]]))
    with pytest.raises(qx.InputError, match="outside"):
        qx.anneal_course(H, s=[0.0, 1.5])
    course = qx.anneal_course(H, s=[0.0, 1.0])
    with pytest.raises(qx.InputError, match="give anneal times"):
        course.plot_populations()
    with pytest.raises(qx.InputError, match="num_states = 0"):
        course.slider(0)
    with pytest.raises(qx.MemoryLimitError):
        qx.anneal_course(qx.QuboProblem(-np.ones(40), np.zeros((40, 40))))
