"""A recorded Larmor precession against theory, and fits of curves whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest

import qxgap as qx
from qxgap.dynamics import Imperfections
from qxgap.samples import Correction, CorrectionStatus, compare_corrections


@pytest.fixture(scope="module")
def curve():
    return qx.samples.larmor()


def simulated(curve, seed, **truth):
    """The curve that a device with known imperfections would show, with independent spins."""
    rng = np.random.default_rng(seed)
    spins = curve.num_reads * curve.problem.num_qubits
    shares = curve.predict(Imperfections(**truth))
    return replace(curve, kept=rng.binomial(spins, np.clip(shares, 0, 1)))


def test_the_data_are_what_they_say(curve):
    assert curve.targets.size == 345
    assert (curve.targets.min(), curve.targets.max()) == (0.2, 0.4495)
    assert np.all((curve.kept >= 0) & (curve.kept <= 4096))
    assert curve.problem.degeneracy == 2
    assert curve.credit["licence"] == "Apache-2.0"
    assert curve.to_dataframe().shape == (345, 3)


def test_theory_with_nothing_fitted_holds_for_shallow_reversals_only(curve):
    """rms .054 where the spread is .13, and worse than a constant in deep reversals."""
    above, below = curve.select(0.40), curve.select(high=0.395)
    deviation = np.sqrt(np.mean((above.predict() - above.share) ** 2))
    assert deviation == pytest.approx(0.056, abs=0.004)
    assert deviation < above.share.std() / 2
    assert np.sqrt(np.mean((below.predict() - below.share) ** 2)) > 2 * below.share.std()


@pytest.mark.parametrize(
    ("correction", "value"),
    [
        (Correction.AXIS_SHIFT, -0.0043),
        (Correction.DRIVER_SCALE, 1.07),
        (Correction.PROBLEM_SCALE, 0.93),
        (Correction.TIME_SCALE, 1.13),
        pytest.param(Correction.DEPHASING, 0.05, marks=pytest.mark.slow),
    ],
)
def test_a_known_imperfection_is_found_again(curve, correction, value):
    part = simulated(curve.select(0.33, step=2), seed=3, **{correction.value: value})
    tried = np.linspace(0.8 * value, 1.2 * value, 9)
    table = compare_corrections(part, [correction], values={correction: np.sort(tried)}, seed=1)
    fit = table.best
    width = fit.interval[1] - fit.interval[0]
    assert fit.value == pytest.approx(value, abs=max(2 * width, 0.02 * abs(value)))
    assert fit.status is CorrectionStatus.HELPS
    assert fit.left_out_deviation < 2 * table.shot_noise
    assert fit.left_out_deviation < table.deviation
    assert table.explained


def test_an_ideal_device_needs_no_correction(curve):
    part = simulated(curve.select(0.36, step=2), seed=5)
    table = compare_corrections(
        part,
        [Correction.DRIVER_SCALE, Correction.DEPHASING],
        values={
            Correction.DRIVER_SCALE: np.linspace(0.98, 1.02, 5),
            Correction.DEPHASING: np.linspace(0, 0.02, 3),
        },
        seed=1,
    )
    assert table.deviation < table.shot_noise
    for fit in table.fits:
        assert fit.status is not CorrectionStatus.HELPS
        neutral = 1.0 if fit.correction is Correction.DRIVER_SCALE else 0.0
        assert fit.interval[0] - 1e-3 <= neutral <= fit.interval[1] + 1e-3


def test_a_value_at_the_limit_is_not_a_fit(curve):
    part = simulated(curve.select(0.36, step=2), seed=2, driver_scale=1.2)
    tried = {Correction.DRIVER_SCALE: [0.98, 1.0, 1.02]}
    table = compare_corrections(part, [Correction.DRIVER_SCALE], values=tried, seed=1)
    assert table.best.status is CorrectionStatus.AT_LIMIT


def test_shallow_reversals_want_one_correction(curve):
    tried = {Correction.AXIS_SHIFT: np.linspace(-0.005, 0.01, 16)}
    table = compare_corrections(curve.select(0.40, step=2), tried, values=tried, block=5, seed=0)
    assert 0.0015 < table.best.value < 0.004
    assert table.best.left_out_deviation < table.deviation / 2
    again = compare_corrections(curve.select(0.40, step=2), tried, values=tried, block=5, seed=0)
    assert again.to_dict() == table.to_dict()


def test_every_correction_is_an_imperfection_and_its_neutral_value_is_tried():
    for correction in Correction:
        neutral = getattr(Imperfections(), correction.value)
        assert np.abs(correction.values - neutral).min() < 1e-12


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda c: c.select(0.9), "no target lies in"),
        (lambda c: compare_corrections(c, []), "no corrections"),
        (lambda c: compare_corrections(c.select(0.44)), "an interval needs three"),
        (lambda c: compare_corrections(c, block=0), "block = 0"),
        (
            lambda c: compare_corrections(
                c, [Correction.DEPHASING], values={Correction.DEPHASING: [0.1, 0.0]}
            ),
            "three or more values",
        ),
    ],
)
def test_errors_name_value_and_remedy(curve, wrong, message):
    with pytest.raises(qx.InputError, match=message):
        wrong(curve)
