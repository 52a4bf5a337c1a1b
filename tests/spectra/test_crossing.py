"""Landau-Zener fits from estimated gaps, against those from the whole space."""

import numpy as np
import pytest
from kinds_of_problems import KINDS, hamiltonian_of

import qxgap as qx
from qxgap.errors import InputError
from qxgap.spectra import selected_levels
from qxgap.spectra.wide.crossing_gaps import EstimatedGaps
from qxgap.testing import random_feature_selection

SELECTED = qx.SelectedConfigurations()


def with_crossing(kind, d, driver):
    """The first instance of a kind with an avoided crossing, and its fit in the whole space."""
    for seed in range(1, 30):
        H = hamiltonian_of(kind, d, seed, driver)
        try:
            return H, qx.landau_zener(H)
        except InputError:
            continue
    raise AssertionError(f"no {kind} of {d} qubits has an avoided crossing")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("driver", ["paper", "authors-code"])
@pytest.mark.parametrize("d", [5, 8, 10])
def test_the_estimated_crossing_is_the_exact_one_within_its_error(kind, driver, d):
    H, whole = with_crossing(kind, d, driver)
    at = whole.s0, whole.window
    exact, crossing = (qx.landau_zener(H, *at, method=method) for method in (None, SELECTED))
    assert crossing.is_estimated
    assert not exact.is_estimated
    assert exact.success_interval(10.0) == (exact.success_probability(10.0),) * 2
    assert abs(crossing.gap - exact.gap) <= 4 * crossing.gap_error + 1e-3 * exact.gap
    assert abs(crossing.slope - exact.slope) <= 4 * crossing.slope_error + 1e-2 * exact.slope


@pytest.mark.parametrize("driver", ["paper", "authors-code"])
def test_sixteen_qubits_agree_without_being_told_where(driver):
    H = hamiltonian_of("features", 16, 3, driver)
    exact = qx.landau_zener(H, qx.minimum_gap(H, 0.02).s_star)
    crossing = qx.landau_zener(H, method=SELECTED)
    assert crossing.gap == pytest.approx(exact.gap, rel=0.02)
    assert crossing.slope == pytest.approx(exact.slope, rel=0.1)
    assert crossing.s0 == pytest.approx(exact.s0, abs=exact.width)


def test_few_configurations_have_a_larger_error_that_holds():
    H, whole = with_crossing("glass", 10, "authors-code")
    coarse = qx.SelectedConfigurations(first_threshold=0.1, last_threshold=0.03)
    at = whole.s0, whole.window
    exact, crossing = (qx.landau_zener(H, *at, method=method) for method in (None, coarse))
    assert crossing.exponent_error > qx.landau_zener(H, *at, method=SELECTED).exponent_error
    assert abs(crossing.gap - exact.gap) <= 4 * crossing.gap_error
    low, high = crossing.success_interval(20.0)
    assert low < crossing.success_probability(20.0) < high


def test_gaps_no_larger_than_their_errors_are_refused(monkeypatch):
    H, whole = with_crossing("features", 8, "paper")
    gaps = EstimatedGaps.__call__
    monkeypatch.setattr(EstimatedGaps, "__call__", lambda self, s: (gaps(self, s)[0],) * 2)
    monkeypatch.setattr(EstimatedGaps, "multiplicity", lambda self, s: 1)
    with pytest.raises(InputError, match="a larger max_configurations"):
        qx.landau_zener(H, whole.s0, whole.window, method=SELECTED)


def test_errors_follow_those_of_the_gaps():
    # if all gaps are wrong by one factor, gap and slope are, and so is gap^2 / slope
    H, whole = with_crossing("features", 8, "paper")
    coarse = qx.SelectedConfigurations(last_threshold=2e-3, reduction=0.1)
    crossing = qx.landau_zener(H, whole.s0, whole.window, method=coarse)
    relative = crossing.gap_error / crossing.gap, crossing.slope_error / crossing.slope
    assert 2 * relative[0] - relative[1] <= crossing.exponent_error <= 2 * relative[0] + relative[1]


def test_beyond_memory_the_crossing_is_estimated_by_itself():
    problem = random_feature_selection(45, seed=3)
    crossing = qx.landau_zener(problem, 0.9967)
    assert crossing.is_estimated
    levels = selected_levels(problem, crossing.s0, 2)
    assert levels.corrected[1] - levels.corrected[0] == pytest.approx(crossing.gap, rel=0.05)
    assert "The gaps are estimates in selected configurations" in str(crossing)
    assert crossing.to_dict()["lz_slope_error"] == crossing.slope_error > 0


def test_degenerate_levels_are_refused_as_in_the_whole_space():
    equal = qx.QuboProblem(np.full(3, -0.7), np.zeros((3, 3)))
    with pytest.raises(InputError, match=r"E_1 and 2 more lie no further.*components"):
        qx.landau_zener(equal, 0.74, method=SELECTED)
    many = qx.QuboProblem(np.full(40, -0.7), np.zeros((40, 40)))
    with pytest.raises(InputError, match="no further apart"):
        qx.landau_zener(many, 0.74)


def test_what_is_no_crossing_is_said():
    with pytest.raises(InputError, match=r"all 8 states .*there is no gap"):
        qx.landau_zener(qx.QuboProblem(np.zeros(3), np.zeros((3, 3))), 0.5, method=SELECTED)
    with pytest.raises(InputError, match=r"no avoided crossing at s = 1"):
        qx.landau_zener(random_feature_selection(60, seed=1), 1.0)
    with pytest.raises(InputError, match="has no minimum of the form"):
        qx.landau_zener(random_feature_selection(6, seed=1), 0.5, 0.1, method=SELECTED)
    matrix = qx.MatrixHamiltonian(np.array([[0.0, -1.0], [-1.0, 0.0]]), [0.0, 1.0])
    with pytest.raises(InputError, match="transverse field"):
        qx.landau_zener(matrix, 0.5, method=SELECTED)
    early = qx.AnnealSchedule([0, 0.9, 1], [1, 0, 0], [0, 1, 1], "driver off early")
    with pytest.raises(InputError, match="only one of driver and problem"):
        qx.landau_zener(hamiltonian_of("glass", 6, 1).with_schedule(early), 0.95, method=SELECTED)
