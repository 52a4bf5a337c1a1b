"""Exponents of known power laws, and slopes against numpy."""

import numpy as np
import pandas as pd
import pytest

from qxgap.analysis import median_slope, pooled_slope, power_laws
from qxgap.statistics import Estimate, Resampling


def power_table(exponent, noise=0.0, clusters=12):
    rng = np.random.default_rng(3)
    sizes = np.tile(np.arange(4, 10), clusters)
    gap = 0.7 * sizes**-exponent * np.exp(noise * rng.normal(size=sizes.size))
    return pd.DataFrame(
        {
            "num_qubits": sizes,
            "gap": gap,
            "cluster": np.repeat(np.arange(clusters), 6).astype(str),
            "group": np.repeat(np.arange(clusters) % 3, 6),
        }
    )


@pytest.mark.parametrize("exponent", [-0.5, 1.0, 1.42])
def test_every_choice_finds_the_exponent_of_a_power_law(exponent):
    found = power_laws(power_table(exponent), "gap", seed=1)
    assert len(found) == 7
    for slope in found.values():
        assert slope.value == pytest.approx(exponent)
        assert slope.estimate.low == pytest.approx(exponent)
    noisy = power_laws(power_table(exponent, 0.3), "gap", seed=1)
    for slope in noisy.values():
        assert slope.estimate.low < slope.value < slope.estimate.high
    first = next(iter(noisy.values()))
    assert first.minus(first) == Estimate(0.0, 0.0, 0.0, 12)


def test_slopes_are_those_of_numpy():
    frame = power_table(1.0, 0.5)
    x, y = np.log(frame.num_qubits), np.log(frame.gap)
    resampling = Resampling.of(frame.cluster, seed=0, num_resamples=50)
    pooled = pooled_slope(x, y, resampling)
    assert pooled.value == pytest.approx(np.polyfit(x, y, 1)[0])
    rows = np.repeat(np.arange(len(frame)), resampling.weights[0])
    assert pooled.draws[0] == pytest.approx(np.polyfit(x[rows], y[rows], 1)[0])
    plain = median_slope(x, y, resampling)
    for found, drawn in ((plain.value, frame), (plain.draws[0], frame.iloc[rows])):
        medians = np.log(drawn.gap).groupby(drawn.num_qubits).median()
        assert found == pytest.approx(np.polyfit(np.log(medians.index), medians, 1)[0])


def test_a_constant_for_each_group_takes_its_level_out():
    frame = power_table(1.0)
    y = np.log(frame.gap) + 5.0 * frame.group
    resampling = Resampling.of(frame.cluster, seed=0)
    found = pooled_slope(np.log(frame.num_qubits), y, resampling, frame.group)
    assert found.value == pytest.approx(-1.0)


def test_one_size_has_no_exponent():
    frame = power_table(1.0)
    assert power_laws(frame[frame.num_qubits == 5], "gap", seed=0) == {}
