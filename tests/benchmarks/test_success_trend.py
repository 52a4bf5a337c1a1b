"""The success trend and the timing of batches: numbers against QuTiP, laws and each other."""

import numpy as np
import pytest

import qxgap as qx
from benchmarks.dynamics import batches
from benchmarks.success import success_trend, success_trend_table
from qxgap.testing import random_feature_selection


@pytest.fixture(scope="module")
def trend(tmp_path_factory):
    """Rows of nine small instances, as success_trend.py measures them."""
    folder = tmp_path_factory.mktemp("small")
    for d in (2, 3, 4):
        for seed in range(3):
            qx.save(random_feature_selection(d, seed=10 * d + seed), folder / f"{d}_{seed}.npz")
    qx.save(random_feature_selection(5, seed=1), folder / "large.npz")
    return success_trend.measure(*success_trend.load_all([folder], 4), 1e-5)


def test_the_trend_is_measured_against_qutip(trend):
    assert len(trend) == 9 * 2 * 3
    exact = qx.QutipODE("dop853", 1e-10, 1e-12)
    for row in trend.iloc[::7].itertuples():
        d, seed = (int(part) for part in row.instance.split("_"))
        driver = qx.TransverseField(1.0 if row.convention == "paper" else 1 / d)
        H = qx.AnnealHamiltonian(random_feature_selection(d, seed=10 * d + seed), driver=driver)
        assert abs(qx.anneal(H, row.tau, exact).success_probability - row.success) <= 1e-5
        assert (row.d, row.random_guess) == (d, 2.0**-d)


def test_the_trend_tells_which_convention_points_follow(trend, monkeypatch):
    monkeypatch.setattr(success_trend_table, "RESAMPLES", 60)
    # instances of one size differ by 1 % here: three of a size are few to tell medians by
    median = trend.groupby(["convention", "tau", "d"]).success.transform("median")
    trend = trend.assign(success=median * 1.01 ** trend.instance.str[-1].astype(int))
    for convention, name in success_trend_table.CONVENTION_NAMES.items():
        mine = trend[trend.convention == convention]
        points = mine.groupby(["tau", "d"]).success.median().rename("median").reset_index()
        found = success_trend_table.estimate(success_trend_table.wide(trend), points, 0)
        assert found.values["distance", convention, "all"] == pytest.approx(0.0, abs=1e-12)
        assert f"agree with **{name}**" in success_trend_table.verdict(found)
    # halfway between the two neither is nearer
    middle = trend.groupby(["tau", "d", "convention"]).success.median().unstack()
    points = np.sqrt(middle["paper"] * middle["authors-code"]).rename("median").reset_index()
    found = success_trend_table.estimate(success_trend_table.wide(trend), points, 0)
    assert "do not tell" in success_trend_table.verdict(found)


def test_slopes_of_an_exact_law_have_no_spread(trend, monkeypatch):
    monkeypatch.setattr(success_trend_table, "RESAMPLES", 20)
    law = trend.assign(success=0.8 * np.exp(-0.37 * trend.d))
    points = law.groupby(["tau", "d"]).success.median().rename("median").reset_index()
    found = success_trend_table.estimate(success_trend_table.wide(law), points, 0)
    for key, value in found.values.items():
        expected = -0.37 if key[0] == "slope" else 0.0
        assert value == pytest.approx(expected, abs=1e-9)
        for bounds in found.bounds():
            assert bounds[key] == pytest.approx((expected, expected), abs=1e-9)


def test_batches_are_timed_on_the_same_anneals():
    row = batches.measure(3, 4, tau=2.0, repeats=2)
    assert row["steps"] == row["steps of loop"] > 0
    assert row["apart"] <= 1e-12
    assert min(row["batch ms"], row["loop ms"]) > 0
