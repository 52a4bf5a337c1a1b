"""The figures that results of dynamics draw of themselves."""

import numpy as np
from matplotlib.figure import Figure

import qxgap as qx
from qxgap.testing import random_feature_selection

H = qx.AnnealHamiltonian(random_feature_selection(3, seed=1))


def test_a_curve_is_drawn_with_its_null_models():
    curve = qx.success_curve(H, [2.0, 5.0, 12.0])
    figure = curve.plot()
    assert isinstance(figure, Figure)
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    np.testing.assert_allclose(lines["success probability"].get_ydata(), curve.success)
    np.testing.assert_allclose(lines["independent qubits (null)"].get_ydata(), curve.product)
    assert set(lines["random guess"].get_ydata()) == {1 / 8}


def test_a_state_is_drawn_by_its_energy_levels():
    problem = qx.QuboProblem([-1.0, -1.0], [[0.0, 5.0], [0.0, 0.0]])  # energies 0, -1 twice, 3
    run = qx.anneal(problem, 5.0)
    (line,) = run.plot().axes[0].lines
    assert line.get_xdata().tolist() == [-1.0, 0.0, 3.0]
    probabilities = line.get_ydata()
    assert abs(probabilities[0] - run.success_probability) < 1e-9
    assert abs(probabilities.sum() - 1.0) < 1e-12
    for result in (qx.open_anneal(problem, 5.0, qx.Dephasing(0.1)), qx.gibbs(problem, 1.0, 0.5)):
        assert len(result.plot().axes[0].lines[0].get_xdata()) == 3


def test_results_draw_into_axes_that_are_given():
    curve = qx.success_curve(H, [2.0, 5.0, 12.0])
    run = qx.anneal(H, 5.0, levels=4)
    collapse = qx.landau_zener_collapse([curve], [qx.landau_zener(H)])
    figure = Figure()
    for result, ax in zip((curve, run.populations, collapse), figure.subplots(1, 3), strict=True):
        assert result.plot(ax=ax) is figure
        assert ax.has_data()
