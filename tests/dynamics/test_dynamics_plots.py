"""The figures that results of dynamics draw of themselves."""

import numpy as np
import pytest
from matplotlib.figure import Figure

import qxgap as qx
from qxgap.testing import random_feature_selection

H = qx.AnnealHamiltonian(random_feature_selection(3, seed=1))


def test_a_curve_is_drawn_with_its_null_models():
    curve = qx.success_curve(H, [2.0, 5.0, 12.0])
    figure = curve.plot()
    assert isinstance(figure, Figure)
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    drawn, _, bars = figure.axes[0].containers[0]
    np.testing.assert_allclose(drawn.get_ydata(), curve.success)
    ends = np.array([segment[:, 1] for segment in bars[0].get_segments()])
    np.testing.assert_allclose(np.ptp(ends, axis=1), 2 * curve.errors, atol=1e-15)
    np.testing.assert_allclose(lines["every qubit annealed alone"].get_ydata(), curve.product)
    assert set(lines["random guess"].get_ydata()) == {1 / 8}


def test_a_state_is_drawn_by_its_energy_levels():
    problem = qx.QuboProblem([-1.0, -1.0], [[0.0, 5.0], [0.0, 0.0]])  # energies 0, -1 twice, 3
    run = qx.anneal(problem, 5.0)
    table = run.to_dataframe()
    assert table.energy.tolist() == [-1.0, 0.0, 3.0]
    assert table.states.tolist() == [2, 1, 1]
    assert abs(table.probability[0] - run.success_probability) < 1e-9
    np.testing.assert_allclose(table[["probability", "guess", "thermal"]].sum(), 1.0, rtol=1e-12)
    assert table.thermal @ table.energy == pytest.approx(run.energy, abs=1e-9)
    bath = qx.Dephasing(0.1)
    opened = [qx.open_anneal(problem, 5.0, bath, m) for m in (None, qx.Trajectories(5))]
    for result in (run, *opened):
        (axis,) = result.plot().axes
        assert [label.get_text() for label in axis.get_xticklabels()] == ["-1", "0", "3"]
        heights = [bar.get_height() for bar in axis.patches]
        np.testing.assert_allclose(heights, result.to_dataframe().probability)
    gibbs = qx.gibbs(problem, 1.0, 0.5)
    np.testing.assert_allclose(gibbs.to_dataframe().thermal, gibbs.to_dataframe().probability)


def test_a_cold_and_a_uniform_state_have_thermal_laws_too():
    problem = qx.QuboProblem([-1.0, -0.4], [[0.0, 0.5], [0.0, 0.0]])
    assert qx.gibbs(problem, 1.0, 1e-9).to_dataframe().thermal.tolist() == [1.0, 0.0, 0.0, 0.0]
    uniform = qx.anneal(problem, 0.0).to_dataframe()
    np.testing.assert_allclose(uniform.thermal, uniform.guess, atol=1e-9)


def test_the_shortest_time_to_a_solution_is_marked():
    curve = qx.success_curve(H, [2.0, 5.0, 12.0, 30.0])
    best = qx.optimal_tts(curve)
    assert curve.taus[curve._fastest()] == best.tau
    texts = [text.get_text() for text in curve.plot().legends[0].get_texts()]
    assert f"shortest time to a solution: tau = {best.tau:g}" in texts
    (axis,) = best.plot().axes
    np.testing.assert_allclose(axis.lines[0].get_ydata(), best.to_dataframe().tts)


def test_results_draw_into_axes_that_are_given():
    curve = qx.success_curve(H, [2.0, 5.0, 12.0])
    run = qx.anneal(H, 5.0, levels=4)
    collapse = qx.landau_zener_collapse([curve], [qx.landau_zener(H)])
    figure = Figure()
    for result, ax in zip((curve, run.populations, collapse), figure.subplots(1, 3), strict=True):
        assert result.plot(ax=ax) is figure
        assert ax.has_data()
