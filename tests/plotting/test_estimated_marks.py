"""Estimated gaps in figures: another marker, and error bars."""

import pandas as pd
import pytest

from qxgap import plotting
from qxgap.plotting.overview import gap_thumbnail

GAPS = pd.DataFrame(
    {
        "instance": ["a", "b", "c"],
        "setting": "paper",
        "num_qubits": [4, 4, 60],
        "gap": [0.3, 0.5, 0.02],
        "classical_gap": [0.4, 0.5, 0.03],
        "s_star": [0.9, 1.0, 0.99],
        "interior_gap": [0.3, 0.5, 0.02],
        "interior_s": [0.9, 0.9, 0.99],
    }
)
SOME = GAPS.assign(estimated=[False, False, True], low=[0.3, 0.5, 0.018], high=[0.3, 0.5, 0.021])


def markers(axis):
    """The number of points of each scatter plot, ringed ones left out."""
    return sorted(len(part.get_offsets()) for part in axis.collections if part.get_gid())


@pytest.mark.parametrize(
    ("draw", "has_bar"),
    [
        (plotting.gap_by_size, True),
        (plotting.gap_against_classical, True),
        (plotting.minimum_position, True),
        (plotting.interior_gaps, False),
    ],
)
def test_estimates_have_a_marker_of_their_own(draw, has_bar):
    plain, some = draw(GAPS).axes[0], draw(SOME).axes[0]
    assert markers(plain) == [3]
    assert markers(some) == [1, 2]
    assert (len(some.containers) > len(plain.containers)) == has_bar


def test_the_bar_is_the_interval():
    axis = plotting.gap_against_classical(SOME).axes[0]
    (segment,) = axis.containers[0].lines[2][0].get_segments()
    assert segment[:, 1] == pytest.approx([0.018, 0.021])


def test_a_pair_of_settings_and_the_small_figure_show_estimates_too():
    pair = SOME.assign(first=SOME.gap, second=SOME.gap)
    axis = plotting.setting_comparison({"gap": pair}, "one", "other").axes[0]
    assert markers(axis) == [1, 2]
    assert len(gap_thumbnail(SOME).axes[0].collections) == 2


@pytest.mark.parametrize("nearest", [0.3, 1e-3, 1e-7])
def test_the_end_of_an_anneal_is_stretched_where_the_minimum_lies_there(nearest):
    s = [0.0, 1 - nearest, 1.0]
    figure = plotting.estimated_gap(s, [2.0, 0.1, 0.2], (0.09, 0.11), (0.6, 0.05, 0.11), 0.2)
    axis = figure.axes[0]
    assert ("stretched" in axis.get_xlabel()) == (nearest < 0.03)
    place = axis.transData.transform([(position, 0.1) for position in s])[:, 0]
    assert place[2] - place[1] > 0.03 * (place[2] - place[0])
