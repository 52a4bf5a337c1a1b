"""Waveforms of fast reverse anneals, against their law, and their schedules."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qxgap as qx
from qxgap.annealing import FastReverseWaveform, fast_reverse_waveform

TABLE = "Advantage2_system4_fast"


def law(waveform, target, x):
    """The published formula, written out."""
    a, c2 = waveform.a, waveform.c2
    return target + 2 * c2 / a**2 * (math.exp(a * x) - a * x - 1)


@given(
    target=st.floats(0.0, 0.99),
    pause=st.sampled_from([0.0, 0.01, 0.02, 0.03, 0.04, 0.05]),
    solver=st.sampled_from(["Advantage2_system4", "Advantage2_prototype2"]),
)
def test_points_follow_the_law(target, pause, solver):
    waveform = fast_reverse_waveform(solver, pause)
    t, c = waveform.points(target).T
    start, end = waveform.span(target)
    assert t[0] == 0
    assert c[0] == c[-1] == 1
    assert t[-1] == pytest.approx(waveform.duration(target))
    assert abs(c.min() - target) < 2e-6
    assert np.all((c >= target) & (c <= 1))
    between = (t[1:] + t[:-1]) / 2
    wanted = [law(waveform, target, start + x / 1000) for x in between]
    assert np.allclose((c[1:] + c[:-1]) / 2, wanted, rtol=0, atol=2e-6)
    assert law(waveform, target, end) == pytest.approx(1)


def test_the_schedule_takes_the_table_along_the_waveform():
    table = qx.schedule_named(TABLE)
    schedule = table.fast_reverse(0.38)
    waveform = fast_reverse_waveform(table.name)
    start, end = waveform.span(0.38)
    assert schedule.duration == pytest.approx(1000 * (end - start))
    assert schedule.unit == "GHz"
    for fraction in (0.1, 0.37, 0.5, 0.62, 0.9):
        c = law(waveform, 0.38, start + fraction * (end - start))
        assert np.allclose(schedule(fraction), table(c), rtol=2e-4)
    assert table.fast_reverse(0.38) == schedule
    assert table.fast_reverse(0.39) != schedule
    assert dataclasses.replace(schedule, duration=None) != schedule


def test_a_version_takes_the_waveform_of_its_series():
    series = fast_reverse_waveform("Advantage2_system4")
    assert fast_reverse_waveform("Advantage2_system4.1") == series


def test_a_longer_pause_stays_longer_at_the_target():
    table, durations = qx.schedule_named(TABLE), []
    for pause in (0.0, 0.02, 0.05):
        waveform = fast_reverse_waveform("Advantage2_system4", pause)
        durations.append(table.fast_reverse(0.3, waveform).duration)
    assert durations == sorted(durations)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: fast_reverse_waveform("DW_2000Q_6"), "published for 'DW_2000Q_6'; known: Adv"),
        (lambda: fast_reverse_waveform("Advantage2_system4", 0.7), "0.7 us is not published"),
        (lambda: FastReverseWaveform("mine", 0.0, 0.0, 1e4), "a must not be 0"),
        (lambda: FastReverseWaveform("mine", 0.0, 3.0, -1e4), "c2 must be above 0"),
        (lambda: qx.schedule_named(TABLE).fast_reverse(1.0), "target = 1.0"),
        (lambda: qx.schedule_named(TABLE).fast_reverse("deep"), "target"),
        (lambda: qx.LINEAR.fast_reverse(0.4), "needs one in GHz"),
        (lambda: qx.schedule_named("Advantage_system6_fast").fast_reverse(0.4), "known: Adv"),
        (lambda: qx.AnnealSchedule([0, 1], [1, 0], [0, 1], "x", duration=-2.0), "above 0"),
    ],
)
def test_errors_name_value_and_remedy(wrong, message):
    with pytest.raises(qx.InputError, match=message):
        wrong()
