"""Schedules: D-Wave's tables, units, files, waveforms."""

import functools
import hashlib
import pickle
import re
import subprocess
import sys
from importlib.resources import files

import dimod
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap.annealing import SCHEDULES, load_schedule, schedule_named

DATA = files("qxgap.annealing.schedules") / "data"
TABLES = sorted(item.name for item in DATA.iterdir() if item.name.endswith(".csv"))
GOOD = "s,A(s) (GHz),B(s) (GHz),C (normalized)\n0,10,0.5,0\n0.25,4,2,0.3\n1,0,9,1\n"


# -- the shipped tables ------------------------------------------------------------------------


@pytest.mark.parametrize("file", TABLES)
def test_a_table_is_its_file_halved(file):
    s, A, B, _ = np.loadtxt((DATA / file).read_text().splitlines(), delimiter=",", skiprows=1).T
    schedule = schedule_named(file.removesuffix(".csv"))
    assert schedule.unit == "GHz"
    np.testing.assert_array_equal(schedule.s, s)
    np.testing.assert_array_equal(schedule.A, A / 2)
    np.testing.assert_array_equal(schedule.B, B / 2)


def test_notice_licence_and_size():
    notice = (DATA / "NOTICE.txt").read_text()
    digests = dict(re.findall(r"^(\S+\.csv)\n  md5 (\w+),", notice, re.M))
    assert sorted(digests) == TABLES
    for file, digest in digests.items():
        assert hashlib.md5((DATA / file).read_bytes()).hexdigest() == digest
    assert "Apache License" in (DATA / "LICENSE-dwave-ocean-sdk").read_text()
    assert sum(len(item.read_bytes()) for item in DATA.iterdir()) < 700_000
    assert not any("2000Q" in item.name for item in DATA.iterdir())
    names = set(re.findall(r"^  (Adv\S+)$", notice, re.M))
    assert names == set(SCHEDULES) - {"linear"}


def test_solvers_that_share_a_table():
    ours, theirs = map(schedule_named, ("Advantage2_system1.4_fast", "Advantage2_system1.1_fast"))
    assert ours.name == "Advantage2_system1.4_fast"
    np.testing.assert_array_equal(ours.A, theirs.A)
    assert schedule_named("Advantage2_system1.4_fast") is ours


def test_importing_reads_no_table():
    code = (
        "import sys; opened = []; "
        "sys.addaudithook(lambda e, a: e == 'open' and opened.append(str(a[0]))); "
        "import qxgap; from qxgap.annealing import SCHEDULES; assert len(SCHEDULES) > 20; "
        "assert not [f for f in opened if f.endswith('.csv')]; "
        "SCHEDULES['Advantage_system4_fast']; "
        "assert len([f for f in opened if f.endswith('.csv')]) == 1"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_names():
    assert SCHEDULES["linear"] is qx.LINEAR is schedule_named("linear")
    assert next(iter(SCHEDULES)) == "linear"
    assert "Advantage_system6.4_standard" in SCHEDULES
    assert "nothing" not in SCHEDULES
    with pytest.raises(KeyError):
        SCHEDULES["nothing"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("advantage_system6_standard", "did you mean Advantage_system6_standard? known: "),
        (
            "Advantage_system7.1",
            "did you mean Advantage_system7.1_fast or Advantage_system7.1_stan",
        ),
        (
            "Advantage_sytem6.4",
            "did you mean Advantage_system6.4_fast or Advantage_system6.4_standard? ",
        ),
        ("liner", "did you mean linear? "),
        ("zzzz", "unknown schedule 'zzzz'; known: "),
        ("", "unknown schedule ''; known: "),
    ],
)
def test_an_unknown_name_is_answered_by_what_may_be_meant(name, meant):
    with pytest.raises(qx.InputError) as stop:
        schedule_named(name)
    assert meant in str(stop.value)
    assert str(stop.value).endswith(f"known: {', '.join(sorted(SCHEDULES))}")


@pytest.mark.parametrize("name", [name for name in SCHEDULES if name.endswith("standard")])
def test_canonical_path_of_a_standard_anneal(name):
    schedule = schedule_named(name)
    u, scale = schedule.canonical(schedule.s)
    assert np.all(np.diff(u) > 0)
    assert 0 <= u[0] < 0.06
    assert 1 - 1e-6 < u[-1] <= 1
    np.testing.assert_allclose(scale * u, schedule.B, rtol=1e-14)
    np.testing.assert_allclose(scale * (1 - u), schedule.A, atol=1e-14)


# -- units -------------------------------------------------------------------------------------


def test_hamiltonian_is_that_of_the_machine():
    # H/h = -A/2 sum sx + B/2 (sum h sz + sum J sz sz) from the file's own numbers
    row = (DATA / "Advantage_system6_standard.csv").read_text().splitlines()[400]
    s, A, B, _ = map(float, row.split(","))
    h, J = [0.3, -0.7, 0.1], {(0, 1): 0.5, (1, 2): -1.0}
    X, Z = np.array([[0.0, 1.0], [1.0, 0.0]]), np.diag([1.0, -1.0])

    def on(op, q):
        return functools.reduce(np.kron, [op if p == q else np.eye(2) for p in range(3)])

    ising = sum(h[q] * on(Z, q) for q in range(3))
    ising = ising + sum(j * on(Z, p) @ on(Z, q) for (p, q), j in J.items())
    machine = -A / 2 * sum(on(X, q) for q in range(3)) + B / 2 * ising
    problem = qx.QuboProblem.from_bqm(dimod.BQM.from_ising(dict(enumerate(h)), J))
    H = qx.AnnealHamiltonian(problem, schedule_named("Advantage_system6_standard"))
    expected = np.linalg.eigvalsh(machine) - B / 2 * problem.offset
    np.testing.assert_allclose(
        np.linalg.eigvalsh(H.to_sparse(*H.schedule(s)).toarray()), expected, atol=1e-12
    )


def test_millikelvin_and_angular_frequency():
    schedule = schedule_named("Advantage_system4_standard")
    # CODATA 2018 (exact): h = 6.62607015e-34 J s, k = 1.380649e-23 J/K
    assert schedule.to_millikelvin(1.0) == pytest.approx(6.62607015e-34 / 1.380649e-23 * 1e12)
    np.testing.assert_allclose(schedule.to_millikelvin([0.0, 0.25]), [0.0, 12.0], atol=0.01)
    assert schedule.angular == 2 * np.pi
    assert qx.LINEAR.angular == 1.0
    with pytest.raises(qx.InputError, match="GHz"):
        qx.LINEAR.to_millikelvin(1.0)
    with pytest.raises(qx.InputError, match="'MHz' is unknown"):
        qx.AnnealSchedule([0, 1], [1, 0], [0, 1], "odd", "MHz")


def test_derivative():
    schedule = qx.AnnealSchedule([0, 0.25, 1], [2, 1, 0], [0, 0, 3], "kink")
    dA, dB = schedule.derivative([0, 0.1, 0.25, 0.7, 1])
    np.testing.assert_allclose(dA, [-4, -4, -4 / 3, -4 / 3, -4 / 3])
    np.testing.assert_allclose(dB, [0, 0, 4, 4, 4])
    assert np.shape(schedule.derivative(0.5)[0]) == ()
    with pytest.raises(qx.InputError, match="outside"):
        schedule.derivative(1.1)


# -- files -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD.split("\n", 1)[1],
        "s, A, B\n0, 10, 0.5\n\n0.25, 4, 2\n1, 0, 9\n",
        "s,A(s) [GHz],B(s) [GHz],C(normalised)\n" + GOOD.split("\n", 1)[1],
    ],
)
def test_a_users_table(tmp_path, text):
    path = tmp_path / "mine.csv"
    path.write_bytes(text.encode())
    schedule = load_schedule(path)
    assert (schedule.name, schedule.unit) == ("mine", "GHz")
    np.testing.assert_array_equal(schedule.s, [0, 0.25, 1])
    np.testing.assert_array_equal(schedule.A, [5, 2, 0])
    np.testing.assert_array_equal(schedule.B, [0.25, 1, 4.5])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("0.25,4", "0.25,-4", r"mine.csv, line 3: A = -4 must be finite and not negative"),
        ("0.25,4", "0.25,nan", r"line 3: A = nan must be finite"),
        ("0.25,4", "0.25,four", r"line 3: A = 'four' is not a number"),
        ("0.25,4", "0,4", r"line 3: s = 0 follows 0; sort"),
        ("0,10", "0.001,10", r"line 2: s = 0.001 where 0 is needed"),
        ("1,0,9,1", "0.999,0,9,1", r"line 4: s = 0.999 where 1 is needed"),
        ("1,0,9,1", "1.0000000001,0,9,1", r"line 4: s = 1\.0000000001 where 1 is needed; .*write"),
        ("1,0,9,1", "1,0,0,1", r"line 4: A = B = 0"),
        ("0.25,4,2,0.3", "0.25;4;2", r"line 3: 1 columns in '0.25;4;2'; .*commas"),
        ("A(s) (GHz)", "A(s) (mK)", r"line 1: headings .*mK.* are not understood"),
        ("s,A(s) (GHz),B(s)", "s,B(s) (GHz),A(s)", r"line 1: headings .* in this order"),
        ("\n0,10,0.5,0\n0.25,4,2,0.3", "", r"holds 1 rows"),
        (GOOD, "", r"holds 0 rows"),
    ],
)
def test_a_bad_table_is_named(tmp_path, old, new, message):
    path = tmp_path / "mine.csv"
    assert old in GOOD
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(qx.InputError, match=message):
        load_schedule(path)


def test_unreadable_files(tmp_path):
    with pytest.raises(qx.InputError, match=r"none.csv: cannot be read"):
        load_schedule(tmp_path / "none.csv")
    (tmp_path / "odd.csv").write_bytes(GOOD.encode("utf-16"))
    with pytest.raises(qx.InputError, match="not UTF-8"):
        load_schedule(tmp_path / "odd.csv")


# -- waveforms ---------------------------------------------------------------------------------


def assert_follows(schedule, base, points):
    t, s = np.array(points, dtype=float).T
    x = np.union1d(np.linspace(0, 1, 1001), schedule.s)
    np.testing.assert_allclose(schedule(x), base(np.interp(x, t / t[-1], s)), atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 20), min_size=0, max_size=6),
    st.lists(st.integers(1, 50), min_size=7, max_size=7),
    st.booleans(),
    st.sampled_from(["linear", "coarse"]),
)
def test_composition_is_exact(inner, steps, forward, which):
    # fractions on a grid, so that plateaus and hits of a breakpoint occur
    coarse = qx.AnnealSchedule(np.linspace(0, 1, 6), [5, 3, 2, 1, 0.5, 0], [0, 1, 1, 4, 5, 9], "c")
    base = qx.LINEAR if which == "linear" else coarse
    s = [0.0 if forward else 1.0, *(k / 20 for k in inner), 1.0]
    t = np.concatenate([[0], np.cumsum(steps[: len(s) - 1])])
    assert_follows(base.with_waveform(list(zip(t, s, strict=True))), base, np.column_stack([t, s]))


def test_reverse_anneal_of_a_machine():
    base = schedule_named("Advantage_system6.4_standard")
    points = [(0, 1), (1300, 0.3), (5000, 0.3), (7000, 1)]
    reverse = base.with_waveform(points, name="reverse")
    assert (reverse.name, reverse.unit) == ("Advantage_system6.4_standard*reverse", "GHz")
    assert_follows(reverse, base, points)
    # the table's own numbers, not interpolated ones, each on the way down and on the way up
    assert set(reverse.A) - set(base.A) <= {float(base(0.3)[0])}
    assert reverse.s.size == 2 * np.count_nonzero(base.s > 0.3) + 2


def test_pause():
    paused = qx.LINEAR.with_pause(0.4, 0.6)
    assert paused.name == "linear*pause"
    np.testing.assert_allclose(paused.s, [0, 0.25, 0.625, 1])
    np.testing.assert_allclose(paused.B, [0, 0.4, 0.4, 1])
    for at, duration in [(0, 1), (1, 1), (0.5, 0), (0.5, np.inf), (np.nan, 1)]:
        with pytest.raises(qx.InputError, match="pause at"):
            qx.LINEAR.with_pause(at, duration)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ([(0, 0), (1, 0.5), (1, 0.7), (2, 1)], "must start at 0 and rise"),
        ([(1, 0), (2, 1)], "must start at 0 and rise"),
        ([(0, 0), (1, 1.2), (2, 1)], r"must lie in \[0, 1\]"),
        ([(0, 0.5), (1, 1)], "forward"),
        ([(0, 0), (1, 0.5)], "end at 1"),
        ([(0, 0), (np.nan, 1)], "not finite"),
        ([(0, 0)], "two or more"),
        ([0, 1], "two or more"),
        ([(0, "a"), (1, 1)], "pairs"),
    ],
)
def test_bad_waveforms(points, message):
    with pytest.raises(qx.InputError, match=message):
        qx.LINEAR.with_waveform(points)


def test_schedules_are_equal_by_value():
    again = qx.AnnealSchedule([0, 1], [1, 0], [-0.0, 1], "linear")
    assert again == qx.LINEAR
    assert hash(again) == hash(qx.LINEAR)
    assert pickle.loads(pickle.dumps(qx.LINEAR)) == qx.LINEAR
    others = [
        qx.AnnealSchedule([0, 1], [1, 0], [0, 1], "other"),
        qx.AnnealSchedule([0, 1], [1, 0], [0, 1], "linear", "GHz"),
        qx.AnnealSchedule([0, 1], [1, 0], [0, 1 + 1e-15], "linear"),
        qx.AnnealSchedule([0, 0.5, 1], [1, 0.5, 0], [0, 0.5, 1], "linear"),
        "linear",
    ]
    assert all(other != qx.LINEAR for other in others)
    assert len({qx.LINEAR, again, *others}) == 6
    assert len({schedule.content_hash for schedule in (qx.LINEAR, again, *others[:4])}) == 5


def test_the_digests_that_name_rows_of_stored_studies_stay_the_same():
    assert qx.LINEAR.content_hash == "64e1bb02eedc3f90"
    assert schedule_named("Advantage2_system2_fast").content_hash == "3820fd3be483576e"


def test_values_of_a_schedule_are_numbers():
    for words, message in ((["0", "1"], "B is text"), ([0, 1j], "B is complex")):
        with pytest.raises(qx.InputError, match=f"schedule 'mine': {message}"):
            qx.AnnealSchedule([0, 1], [1, 0], words, "mine")
    with pytest.raises(qx.InputError, match=r"goes from 0\.0 to 1\.0000000001"):
        qx.AnnealSchedule([0, 1.0000000001], [1, 0], [0, 1], "too far")
