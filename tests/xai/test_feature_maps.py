"""Feature maps as a QUBO, against the formula."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import qxgap as qx
from qxgap import xai
from qxgap.xai import SelectionStatus

torch.set_num_threads(1)


def cosine(f, g):
    dot = math.fsum(x * y for x, y in zip(f.flat, g.flat, strict=True))
    size = math.sqrt(math.fsum(x * x for x in f.flat) * math.fsum(x * x for x in g.flat))
    return abs(dot) / size if size else 0.0


@settings(max_examples=50, deadline=None)
@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 5), st.just(2), st.integers(1, 4)),
                  elements=st.floats(-1e3, 1e3).map(lambda x: round(x, 3))))  # fmt: skip
def test_redundancy_by_brute_force(maps):
    J = xai.redundancy(maps)
    assert np.array_equal(J, J.T)
    assert not np.diag(J).any()
    assert J.min() >= 0
    assert J.max() <= 1
    for p, q in itertools.combinations(range(len(maps)), 2):
        assert J[p, q] == pytest.approx(cosine(maps[p], maps[q]), abs=1e-12)


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_redundancy_neither_overflows_nor_underflows(scale):
    maps = np.random.default_rng(0).normal(size=(4, 3, 3))
    np.testing.assert_allclose(xai.redundancy(maps * scale), xai.redundancy(maps), atol=1e-14)


def test_cosines_of_duplicate_maps_do_not_exceed_one():
    rng = np.random.default_rng(0)
    maps = rng.normal(size=(20, 1, 7, 7)) * rng.uniform(-2, 2, size=(20, 30, 1, 1))
    redundancies = np.array([xai.redundancy(copies) for copies in maps])
    assert redundancies.max() == 1
    np.testing.assert_allclose(redundancies + np.eye(30), 1, atol=1e-14)


@pytest.mark.parametrize("pair_weight", [1, 2])
@pytest.mark.parametrize("tradeoff", [0.3, 0.7])
def test_energies_of_the_real_network_by_brute_force(captured, tradeoff, pair_weight):
    for maps, gradients in zip(captured.maps[:10], captured.gradients[:10], strict=True):
        problem = xai.feature_selection(maps, gradients, tradeoff, pair_weight=pair_weight)
        f = maps.double().numpy()
        alpha = gradients.double().numpy().mean(axis=(1, 2))
        labels = [a for a in range(16) if alpha[a] > 0]
        assert list(problem.labels) == labels
        h = [alpha[a] / max(alpha) for a in labels]
        J = {pq: cosine(*f[list(pq)]) for pq in itertools.combinations(labels, 2)}
        for bits, energy in zip(
            itertools.product((0, 1), repeat=len(labels)), problem.diagonal, strict=True
        ):
            n = dict(zip(labels, bits, strict=True))
            pairs = sum(value * n[p] * n[q] for (p, q), value in J.items())
            gain = sum(value * bit for value, bit in zip(h, bits, strict=True))
            expected = (1 - tradeoff) * pair_weight * pairs - tradeoff * gain
            assert energy == pytest.approx(expected, abs=1e-12)


def test_meta_and_file_round_trip(tmp_path, captured):
    problem = xai.feature_selection(
        captured.maps[0], captured.gradients[0], label=3, pred=int(captured.targets[0])
    )
    assert problem.source.tradeoff == 0.7
    assert problem.source.num_maps == 16
    assert problem.meta["status"] == "OK"
    again = qx.load(qx.save(problem, tmp_path / "digit.npz"))
    np.testing.assert_allclose(again.diagonal, problem.diagonal, atol=1e-12)
    np.testing.assert_array_equal(again.source.alpha, problem.source.alpha)
    assert again.labels == problem.labels
    assert again.source.label == 3
    assert again.source.pred == int(captured.targets[0])
    assert again == problem


def image(alpha, maps=None):
    """Maps (C, 2, 2) and gradients whose means are ``alpha``."""
    gradients = np.broadcast_to(np.reshape(alpha, (-1, 1, 1)), (len(alpha), 2, 2)).astype(float)
    rng = np.random.default_rng(5)
    return (rng.normal(size=gradients.shape) if maps is None else maps), gradients


@pytest.mark.parametrize("alpha", [[0.5, 1.0, -1.0, 2.0], [3.0, 3.0, 3.0, 3.0], [2.0, -1, -1, -1]])
def test_reward_rules(alpha):
    maps, gradients = image(alpha)
    kept = np.array([a for a in alpha if a > 0])
    span = kept.max() - kept.min()
    expected = {
        qx.RewardRule.MAX: kept / kept.max(),
        qx.RewardRule.MIN_MAX: (kept - kept.min()) / span if span else np.ones_like(kept),
    }
    for rule, rewards in expected.items():
        problem = xai.feature_selection(maps, gradients, 0.6, reward_rule=rule)
        np.testing.assert_allclose(problem.h, -0.6 * rewards, atol=1e-15)
        assert problem.meta["reward_rule"] == rule.value
        assert np.isfinite(problem.J).all()


def test_a_scaled_tradeoff_selects_the_same_fraction_of_maps_at_every_size():
    scaled = qx.ScaledTradeoff(0.7, 8)
    assert scaled.value_at(8) == pytest.approx(0.7)
    sizes = np.array([4, 8, 16, 64])
    tradeoffs = np.array([scaled.value_at(d) for d in sizes])
    np.testing.assert_allclose((1 - tradeoffs) / tradeoffs * sizes, 8 * 0.3 / 0.7)
    # maps all alike: the optimum has 1/2 + h / ((1-t)/t J) maps, here 1/2 + d/8 h/J 0.7/0.3
    fractions = []
    for d, tradeoff in zip(sizes[:3], tradeoffs, strict=False):
        problem = qx.FeatureSelection(np.ones(d), 0.9 * (1 - np.eye(d)), tradeoff).qubo()
        fractions.append(len(problem.ground_labels()[0]) / d)
    np.testing.assert_allclose(fractions, 0.7 / 0.3 / 0.9 / 8, atol=0.5 / 4 + 0.5 / 4)
    assert xai.feature_selection(*image([0.5, 1.0, -1.0, 2.0]), scaled).source.tradeoff == (
        pytest.approx(scaled.value_at(3))
    )
    for value, reference in ((0.0, 8), (1.1, 8), (0.5, 0)):
        with pytest.raises(qx.InputError, match="scaled tradeoff"):
            qx.ScaledTradeoff(value, reference)


def test_a_size_term_is_added_to_the_maps_energies():
    maps, gradients = image([0.5, 1.0, -1.0, 2.0])
    plain = xai.feature_selection(maps, gradients)
    sized = xai.feature_selection(maps, gradients, size_term=qx.SizeTerm(1, 3.0))
    assert sized.labels == plain.labels == (0, 1, 3)
    for n in itertools.product((0, 1), repeat=3):
        assert sized.energy(n) == pytest.approx(plain.energy(n) + 3 * (sum(n) - 1) ** 2)
    assert [len(labels) for labels in sized.ground_labels()] == [1]


def test_limits_of_the_tradeoff():
    maps, gradients = image([0.5, 1.0, -1.0, 2.0])
    assert xai.feature_selection(maps, gradients, 1.0).ground_labels() == [[0, 1, 3]]
    assert [] in xai.feature_selection(maps, gradients, 0.0).ground_labels()


@pytest.mark.parametrize(
    ("alpha", "labels", "status"),
    [
        ([1.0, 2.0, -1.0], (0, 1), SelectionStatus.OK),
        ([-1.0, 2.0, 0.0], (1,), SelectionStatus.SINGLE_MAP),
        ([-1.0, -2.0, 0.0], (), SelectionStatus.NO_POSITIVE_MAP),
        ([np.nan, -1.0, 2.0], (2,), SelectionStatus.SINGLE_MAP),
        ([np.nan, np.inf, -np.inf], (), SelectionStatus.NON_FINITE),
    ],
)
def test_statuses(alpha, labels, status):
    maps, gradients = image(alpha)
    found = xai.selectable_maps(maps, gradients)
    assert (found.labels, found.status) == (labels, status)
    assert found.num_nonfinite == np.sum(~np.isfinite(alpha))
    assert len(labels) + found.num_nonpositive + found.num_dead + found.num_nonfinite == 3
    assert status.value in str(found)
    if labels:
        problem = xai.feature_selection(maps, gradients)
        assert problem.labels == labels
        assert problem.meta["status"] == status.name
    else:
        with pytest.raises(qx.InputError, match=status.value.split("(")[0]):
            xai.feature_selection(maps, gradients)


def test_dead_constant_and_non_finite_maps():
    maps, gradients = image([1.0] * 6)
    maps[0], maps[1], maps[2], maps[3, 0, 0] = 0.0, 2.0, -3.0, np.nan
    found = xai.selectable_maps(maps, gradients)
    assert found.labels == (1, 2, 4, 5)
    assert (found.num_dead, found.num_constant, found.num_nonfinite) == (1, 2, 1)
    problem = xai.feature_selection(maps, gradients, 0.5)
    assert problem.J[0, 1] == pytest.approx(0.5, abs=1e-15)  # constant maps are duplicates
    assert problem.meta["num_dead"] == 1
    assert xai.selectable_maps(maps * 0, gradients).num_dead == 5
    with pytest.raises(qx.InputError, match="d = 0"):
        xai.feature_selection(np.zeros((2, 3, 3)), np.ones((2, 3, 3)))


ANY_FLOAT = st.sampled_from(
    [0.0, -0.0, 1.0, -2.5, 5e-324, -3e-310, 1e-160, 1e308, -1.7e308, np.inf, -np.inf, np.nan]
)


@settings(max_examples=200, deadline=None)
@given(
    hnp.arrays(np.float64, (4, 2, 2), elements=ANY_FLOAT),
    hnp.arrays(np.float64, (4, 2, 2), elements=ANY_FLOAT),
    st.sampled_from(list(qx.RewardRule)),
)
def test_no_value_of_a_map_or_a_gradient_puts_a_nan_into_the_problem(maps, gradients, rule):
    found = xai.selectable_maps(maps, gradients)
    counts = found.counts
    assert len(found.labels) + sum(counts.values()) - counts["num_constant"] == 4
    if not found.labels:
        with pytest.raises(qx.InputError, match="there is no problem to build"):
            xai.feature_selection(maps, gradients)
        return
    problem = xai.feature_selection(maps, gradients, 0.5, reward_rule=rule)
    h, J = problem.source.rewards, problem.source.redundancy
    assert ((h >= 0) & (h <= 1)).all()
    assert ((J >= 0) & (J <= 1)).all()
    for p, q in itertools.combinations(range(len(found.labels)), 2):
        exact = [[Fraction(x) for x in maps[found.labels[i]].flat] for i in (p, q)]
        dot = sum(x * y for x, y in zip(*exact, strict=True))
        square = dot**2 / math.prod(sum(x * x for x in f) for f in exact)
        assert J[p, q] == pytest.approx(math.sqrt(square), abs=1e-12)


@pytest.mark.parametrize("shapes", [((3, 2, 2), (3, 2, 1)), ((2, 2), (2, 2)), ((0, 2, 2),) * 2])
def test_wrong_shapes_of_maps(shapes):
    with pytest.raises(qx.InputError, match="maps of one image"):
        xai.feature_selection(*map(np.ones, shapes))
