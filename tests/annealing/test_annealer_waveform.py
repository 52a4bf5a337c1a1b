"""Schedules as points for an annealer, back again, and the annealer's rules without an annealer."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap.annealing import (
    SCHEDULES,
    check_anneal_schedule,
    schedule_named,
    waveform_limits,
    waveform_on,
    with_fewer_points,
)
from qxgap.annealing.schedules.fewer_points import best_points, fewest_points

SOLVER = "Advantage2_system1"
TABLE = schedule_named(f"{SOLVER}_standard")
PROPERTIES = {"max_anneal_schedule_points": 12, "annealing_time_range": [0.5, 2000.0]}


def no_straight_point(points):
    """Whether every inner point is a bend, so that none of them can be left out."""
    slopes = np.diff(points[:, 1]) / np.diff(points[:, 0])
    return bool(np.all(np.abs(np.diff(slopes)) > 1e-6))


@st.composite
def anneal_schedules(draw):
    """Waveforms that an annealer accepts, in its resolution: forward or reverse, with pauses."""
    number = draw(st.integers(0, 10))
    inner = draw(st.lists(st.integers(0, 1000), min_size=number, max_size=number))
    forward = draw(st.booleans())
    s = np.array([0 if forward else 1000, *(sorted(inner) if forward else inner), 1000]) / 1000
    # each step takes at least 0.5 us per unit of s, which is the annealer's fastest pace
    least = np.ceil(np.abs(np.diff(s)) * 50 - 1e-9).astype(int)
    extra = draw(st.lists(st.integers(1, 5000), min_size=s.size - 1, max_size=s.size - 1))
    t = np.concatenate([[0], np.cumsum(least + extra)]) / 100
    points = np.column_stack([t, s])
    assume(t[-1] >= 0.5 and no_straight_point(points))
    return points


# -- there and back ----------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(anneal_schedules(), st.sampled_from([SOLVER, "Advantage_system6.4"]))
def test_points_come_back_as_they_were_sent(points, solver):
    schedule = qx.AnnealSchedule.from_dwave(points, solver)
    assert schedule.duration == pytest.approx(1000 * points[-1][0])
    waveform = schedule.to_dwave(solver, 1000 * points[-1, 0])
    np.testing.assert_allclose(waveform.points, points, rtol=0, atol=1e-9)
    assert waveform.tau == pytest.approx(1000 * points[-1, 0])
    assert waveform.schedule_tau == pytest.approx(waveform.tau)
    assert waveform.mean_distance < 1e-9
    assert waveform.limited_share == 0
    assert str(waveform).endswith("exactly.")


@settings(max_examples=60, deadline=None)
@given(anneal_schedules())
def test_a_waveform_is_undone_on_any_schedule(points):
    points[:, 0] /= points[-1, 0]
    for base in (qx.LINEAR, TABLE):
        found = waveform_on(base.with_waveform(points), base)
        t = np.union1d(found[:, 0], points[:, 0])
        distance = np.abs(np.interp(t, *found.T) - np.interp(t, *points.T))
        # between breakpoints, where A + B of the table bends, times are known to about 1e-9
        assert distance.max() < 1e-7


def test_a_reverse_anneal_needs_its_state():
    reverse = TABLE.with_waveform([(0, 1), (2, 0.4), (9, 0.4), (10, 1)])
    waveform = reverse.to_dwave(SOLVER, 10_000)
    assert waveform.is_reverse
    with pytest.raises(qx.InputError, match="give initial_state"):
        waveform.parameters()
    assert waveform.parameters({"a": 1, "b": 0}) == {
        "anneal_schedule": [[0.0, 1.0], [2.0, 0.4], [9.0, 0.4], [10.0, 1.0]],
        "initial_state": {"a": 1, "b": 0},
        "reinitialize_state": True,
    }
    forward = TABLE.to_dwave(SOLVER, 20_000)
    assert forward.parameters() == {"anneal_schedule": [[0.0, 0.0], [20.0, 1.0]]}
    with pytest.raises(qx.InputError, match="leave it out"):
        forward.parameters({"a": 1})


# -- another scale -----------------------------------------------------------------------------


def test_the_same_path_at_the_same_phases_is_the_same_evolution():
    # a dimensionless schedule that begins and ends where the table does, so that nothing is cut off
    schedule = qx.AnnealSchedule(
        [0, 0.3, 1], [TABLE.A[0], 1.3, TABLE.A[-1]], [TABLE.B[0], 0.9, TABLE.B[-1]], "mine"
    )
    problem = qx.testing.random_feature_selection(5, seed=4)
    points = waveform_on(schedule, TABLE)
    followed = TABLE.with_waveform(points)
    for tau in (1.0, 6.0):
        mine = qx.anneal(qx.AnnealHamiltonian(problem, schedule=schedule), tau)
        theirs = qx.anneal(qx.AnnealHamiltonian(problem, schedule=followed), tau * points[-1, 0])
        assert 0.05 < mine.success_probability < 0.95
        assert theirs.success_probability == pytest.approx(mine.success_probability, abs=2e-5)


@pytest.mark.parametrize("coupling", [False, True])
def test_locally_adiabatic_schedules_of_two_scales_are_one_waveform(coupling):
    # the pace in phase, gap^2 with or without the coupling, does not depend on the scale A + B
    problem = qx.testing.random_feature_selection(4, seed=2)
    paths = [
        waveform_on(
            qx.locally_adiabatic(qx.AnnealHamiltonian(problem, schedule=base), coupling=coupling),
            TABLE,
        )
        for base in (qx.LINEAR, TABLE)
    ]
    # the linear path spends time before the table begins, and after it ends; compare in between
    inside = np.linspace(0.25, 0.7, 30)
    times = [np.interp(inside, path[:, 1], path[:, 0]) for path in paths]
    shares = [(t - t[0]) / (t[-1] - t[0]) for t in times]
    np.testing.assert_allclose(shares[0], shares[1], atol=0.02)


def test_an_energy_scale_is_the_annealers():
    problem = qx.testing.random_feature_selection(4, seed=2)
    points = [[0, 0], [3, 0.5], [10, 1]]
    scaled = qx.AnnealSchedule.from_dwave(points, SOLVER, scale=2.5)
    table = qx.AnnealSchedule.from_dwave(points, SOLVER)
    np.testing.assert_allclose(scaled.A, table.A)
    np.testing.assert_allclose(scaled.B, table.B / 2.5)
    back = scaled.to_dwave(SOLVER, 10_000, scale=2.5)
    np.testing.assert_allclose(back.points, points, atol=1e-9)
    half = qx.QuboProblem(problem.h / 2.5, problem.J / 2.5)
    one = qx.anneal(qx.AnnealHamiltonian(problem, schedule=scaled), 3.0)
    other = qx.anneal(qx.AnnealHamiltonian(half, schedule=table), 3.0)
    assert one.success_probability == pytest.approx(other.success_probability, abs=1e-5)
    with pytest.raises(qx.InputError, match="above 0"):
        scaled.to_dwave(SOLVER, 10_000, scale=0.0)


# -- few points and a limited pace ---------------------------------------------------------------


@pytest.mark.parametrize("tau", [600, 1_000, 20_000, 1_000_000])
@pytest.mark.parametrize("base", [qx.LINEAR, TABLE])
def test_what_is_sent_keeps_the_rules(base, tau):
    problem = qx.testing.random_feature_selection(5, seed=7)
    local = qx.locally_adiabatic(qx.AnnealHamiltonian(problem, schedule=base))
    waveform = local.to_dwave(SOLVER, tau)
    check_anneal_schedule(waveform.points, PROPERTIES)
    assert len(waveform.points) <= 12
    assert waveform.tau == tau
    assert 0 < waveform.mean_distance < 0.25
    t = np.linspace(0, tau / 1000, 400_001)
    distance = np.abs(np.interp(t, *waveform.points.T) - np.interp(t, *waveform.wanted.T))
    assert distance.mean() == pytest.approx(waveform.mean_distance, rel=0.01)


def test_slower_anneals_are_followed_better():
    local = qx.locally_adiabatic(
        qx.AnnealHamiltonian(qx.testing.random_feature_selection(5, seed=7), schedule=TABLE)
    )
    shares = [local.to_dwave(SOLVER, tau).limited_share for tau in (700, 2_000, 50_000)]
    assert shares[0] > shares[1] > shares[2] > 0


def test_more_points_are_never_further_away():
    local = qx.locally_adiabatic(qx.testing.random_feature_selection(5, seed=7))
    distances = [
        local.to_dwave(SOLVER, 20_000, max_points=n).mean_distance for n in (3, 4, 6, 8, 12)
    ]
    assert np.all(np.diff(distances) < 0)


def test_the_best_points_are_the_best_of_all_choices():
    from itertools import combinations

    rng = np.random.default_rng(3)
    points = np.column_stack([np.arange(9.0), np.cumsum(rng.random(9))])

    def area(chosen):
        t = np.linspace(0, 8, 8001)
        few = points[list(chosen)]
        return np.abs(np.interp(t, *few.T) - np.interp(t, *points.T)).mean()

    for number in (2, 3, 5, 8):
        choices = [(0, *inner, 8) for inner in combinations(range(1, 8), number - 2)]
        found = tuple(best_points(points, number)[:, 0].astype(int))
        assert len(found) == number
        assert area(found) == pytest.approx(min(map(area, choices)), rel=1e-3)
    with pytest.raises(qx.InputError, match="two points or more"):
        best_points(points, 1)


def test_a_straight_waveform_needs_two_points():
    straight = np.column_stack([np.linspace(0, 3, 500), np.linspace(0, 1, 500)])
    np.testing.assert_array_equal(fewest_points(straight), [[0, 0], [3, 1]])
    np.testing.assert_array_equal(best_points(straight, 12), [[0, 0], [3, 1]])


def test_fewer_points_of_a_dimensionless_schedule():
    H = qx.AnnealHamiltonian(qx.testing.random_feature_selection(5, seed=7))
    local = qx.locally_adiabatic(H)
    success = [
        qx.anneal(H.with_schedule(schedule), 20.0).success_probability
        for schedule in (local, with_fewer_points(local, qx.LINEAR, 12))
    ]
    assert success[1] == pytest.approx(success[0], rel=0.1)
    few = with_fewer_points(local, qx.LINEAR, 12)
    assert few.s.size == 12
    assert few.name == "linear*12 points"
    with pytest.raises(qx.InputError, match="begin and end alike"):
        with_fewer_points(TABLE, qx.LINEAR, 12)
    with pytest.raises(qx.InputError, match="no unique s"):
        with_fewer_points(qx.LINEAR, qx.LINEAR.with_pause(0.5, 1), 12)


# -- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schedule", "arguments", "message"),
    [
        (TABLE, {"tau": 400}, "between 500 and 2000000 ns"),
        (TABLE, {"tau": 3e6}, "give a tau in this range"),
        (TABLE, {"tau": "long"}, "tau"),
        (TABLE, {"tau": 20_000, "solver": "Advantage9"}, "no table of solver 'Advantage9'"),
        (TABLE.with_waveform([(0, 1), (1, 0.2), (2, 1)]), {"tau": 700}, "between 800 and"),
        (TABLE.with_pause(0.5, 1), {"tau": 20, "fast": True}, "a fast anneal takes two points"),
        (TABLE, {"tau": 20_000, "max_points": 1}, "two points or more"),
        (TABLE, {"tau": 20_000, "properties": {}}, "no max_anneal_schedule_points and no anneal"),
        (
            qx.AnnealSchedule([0, 1], [1, 0], [1, 2], "middle"),
            {"tau": 20_000},
            "'middle' begins at A = 1 and B = 1, which is s = 0.265",
        ),
        (
            qx.AnnealSchedule([0, 1], [1, 0.5], [0, 2], "half"),
            {"tau": 20_000},
            "'half' ends at A = 0.5 and B = 2, which is s = 0.4",
        ),
    ],
)
def test_what_cannot_be_sent_is_refused(schedule, arguments, message):
    with pytest.raises(qx.InputError, match=message) as error:
        schedule.to_dwave(**{"solver": SOLVER, **arguments})
    assert "\n" not in str(error.value)


def test_a_fast_anneal_is_its_own_table():
    fast = schedule_named(f"{SOLVER}_fast")
    waveform = fast.to_dwave(SOLVER, 7.5, fast=True)
    assert waveform.parameters() == {
        "anneal_schedule": [[0.0, 0.0], [0.0075, 1.0]],
        "fast_anneal": True,
    }


@pytest.mark.parametrize("name", sorted(set(SCHEDULES) - {"linear"}))
def test_every_table_is_its_own_ramp(name):
    solver, _, protocol = name.rpartition("_")
    waveform = SCHEDULES[name].to_dwave(solver, 20_000, fast=protocol == "fast")
    assert waveform.anneal_schedule == [[0.0, 0.0], [20.0, 1.0]]


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ([[0, 0], [5, 1]] + [[5 + k, 1] for k in range(1, 12)], "has 13 points"),
        ([[0, 0], [5, 1.2], [6, 1]], r"point 2 \(5 us, s = 1.2\): s lies outside"),
        ([[1, 0], [5, 1]], r"point 1 \(1 us, s = 0\): the first time must be 0"),
        ([[0, 0.3], [5, 1]], r"point 1 \(0 us, s = 0.3\): s must begin at 0"),
        ([[0, 0], [5, 0.9]], r"point 2 \(5 us, s = 0.9\): s must end at 1"),
        ([[0, 0], [5, 0.5], [5, 0.6], [9, 1]], r"point 3 \(5 us, s = 0.6\): times must rise"),
        ([[0, 0], [5, 0.5], [6, 0.4], [9, 1]], r"point 3 \(6 us, s = 0.4\): s must not fall"),
        ([[0, 0], [5, 0.5], [5.2, 1]], "changes by 2.5 per us .* at least 0.25 us for this step"),
        ([[0, 0], [2001, 1]], r"point 2 .* takes 0.5 to 2000 us; end in that range"),
        ([[0, 1], [0.4, 1]], r"point 2 .* takes 0.5 to 2000 us; end in that range"),
        ([[0, 0]], "two or more"),
        ("abc", "pairs"),
    ],
)
def test_points_that_an_annealer_refuses(points, message):
    with pytest.raises(qx.InputError, match=message) as error:
        check_anneal_schedule(points, PROPERTIES)
    assert "\n" not in str(error.value)


def test_fast_points():
    assert check_anneal_schedule([[0, 0], [0.005, 1]], fast=True).shape == (2, 2)
    with pytest.raises(qx.InputError, match="two points only"):
        check_anneal_schedule([[0, 0], [1, 0.5], [3, 1]], fast=True)
    with pytest.raises(qx.InputError, match="changes by 250"):
        check_anneal_schedule([[0, 0], [0.004, 1]], fast=True)


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"annealing_time_range": [0.5, 2000]}, "no max_anneal_schedule_points"),
        ({"max_anneal_schedule_points": 12, "annealing_time_range": [5]}, "not understood"),
        ({"max_anneal_schedule_points": 12, "annealing_time_range": [0, 5]}, "allows no waveform"),
        ({"max_anneal_schedule_points": 1, "annealing_time_range": [1, 5]}, "allows no waveform"),
    ],
)
def test_properties_that_set_no_limits(properties, message):
    with pytest.raises(qx.InputError, match=message):
        waveform_limits(properties)


def test_other_properties_are_other_limits():
    properties = {"max_anneal_schedule_points": 4, "annealing_time_range": [1.0, 50.0]}
    local = qx.locally_adiabatic(qx.testing.random_feature_selection(4, seed=1))
    waveform = local.to_dwave(SOLVER, 40_000, properties=properties)
    assert len(waveform.points) == 4
    steps = np.diff(waveform.points, axis=0)
    assert np.all(steps[:, 1] / steps[:, 0] <= 1.0)
    with pytest.raises(qx.InputError, match="between 1000 and 50000"):
        local.to_dwave(SOLVER, 60_000, properties=properties)


# -- dwave-system's own check --------------------------------------------------------------------


def dwave_accepts(points, properties=PROPERTIES):
    system = pytest.importorskip("dwave.system")

    class Mock(system.DWaveSampler):
        parameters = {"anneal_schedule": ""}  # noqa: RUF012

        def __init__(self):
            pass

    Mock.properties = properties
    try:
        Mock().validate_anneal_schedule([list(map(float, point)) for point in points])
    except ValueError:
        return False
    return True


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(-1, 11)), min_size=0, max_size=12),
    st.sampled_from([0, 10]),
)
def test_nothing_is_accepted_that_dwave_system_refuses(inner, start):
    points = [[0.0, start / 10]]
    for step, fraction in inner:
        points.append([points[-1][0] + step / 10, fraction / 10])
    points.append([points[-1][0] + 1, 1.0])
    try:
        check_anneal_schedule(points, PROPERTIES)
    except qx.InputError:
        # of the rules that these points may break, only [0, 1] is not in dwave-system's check
        inside = all(0 <= fraction <= 1 for _, fraction in points)
        assert not dwave_accepts(points) or not inside
    else:
        assert dwave_accepts(points)


@pytest.mark.parametrize("tau", [600, 20_000])
def test_dwave_system_accepts_what_is_sent(tau):
    pytest.importorskip("dwave.system")
    from dwave.system.testing import MockDWaveSampler

    properties = MockDWaveSampler(topology_type="pegasus", topology_shape=[2]).properties
    for d, seed in ((4, 1), (6, 2)):
        problem = qx.testing.random_feature_selection(d, seed=seed)
        for base in (qx.LINEAR, TABLE):
            local = qx.locally_adiabatic(qx.AnnealHamiltonian(problem, schedule=base))
            for schedule in (local, base.with_pause(0.4, 1.0)):
                waveform = schedule.to_dwave(SOLVER, tau, properties=properties)
                assert dwave_accepts(waveform.anneal_schedule, properties)


# -- shown -------------------------------------------------------------------------------------


def test_what_a_waveform_says():
    local = qx.locally_adiabatic(qx.testing.random_feature_selection(4, seed=1))
    waveform = local.to_dwave(SOLVER, 20_000)
    text = str(waveform)
    assert text.startswith("The forward anneal of 20 us on Advantage2_system1_standard follows")
    assert "12 points" in text
    assert "On average over the time" in text
    values = waveform.to_dict()
    assert values["anneal_schedule"] == waveform.anneal_schedule
    assert values["table"] == "Advantage2_system1_standard"
    figure = waveform.plot()
    assert [line.get_label() for line in figure.axes[0].lines] == ["schedule", "12 points"]
    assert "<svg" in waveform._repr_html_()
