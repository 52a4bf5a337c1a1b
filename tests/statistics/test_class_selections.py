"""Intervals and tests of the overlap of classes: against loops, and where the truth is known."""

import itertools

import numpy as np
import pytest
from calibration import covers
from hypothesis import given
from hypothesis import strategies as st

import qxgap as qx
from qxgap.statistics import ClassSelections
from qxgap.statistics.bootstrap import student_quantile
from qxgap.statistics.class_selections import sign_flip_test


def root(images, num_maps):
    counts = np.bincount([label for labels in images for label in labels], minlength=num_maps)
    return np.sqrt(counts / counts.sum())


def corrected(images, num_maps):
    """The jackknife of the roots, image by image."""
    n = len(images)
    without = [root(images[:i] + images[i + 1 :], num_maps) for i in range(n)]
    return n * root(images, num_maps) - (n - 1) * np.mean(without, axis=0)


def drawn(rng, chances, images):
    """Selections of one rule in every class, by the probability of each map; none is empty."""
    by_class = []
    for row in chances:
        rows = rng.random((images, row.size)) < row
        rows[~rows.any(axis=1), row.argmax()] = True
        by_class.append([np.flatnonzero(each).tolist() for each in rows])
    return by_class


def selections_of(by_class, num_maps):
    classes = [c for c, images in enumerate(by_class) for _ in images]
    flat = [labels for images in by_class for labels in images]
    return ClassSelections(flat, classes, num_maps, len(by_class))


def mean_of_pairs(roots):
    return np.mean([roots[c] @ roots[d] for c, d in itertools.combinations(range(len(roots)), 2)])


@pytest.mark.parametrize(("num_classes", "num_maps", "images"), [(2, 3, 5), (3, 6, 7), (4, 9, 12)])
def test_estimates_and_variances_as_loops_over_images_give_them(num_classes, num_maps, images):
    rng = np.random.default_rng(num_maps)
    rules = [drawn(rng, rng.random((num_classes, num_maps)), images) for _ in range(2)]
    first, second = (selections_of(rule, num_maps) for rule in rules)
    roots = [np.array([corrected(each, num_maps) for each in rule]) for rule in rules]
    entries, whole, paired = {}, [], []  # values without one image, by class
    for c in range(num_classes):
        less = [
            [corrected(rule[c][:i] + rule[c][i + 1 :], num_maps) for i in range(images)]
            for rule in rules
        ]
        changed = []
        for i in range(images):
            now = [each.copy() for each in roots]
            now[0][c], now[1][c] = less[0][i], less[1][i]
            changed.append(now)
        for d in range(num_classes):
            entries[c, d] = [now[0][c] @ now[0][d] for now in changed]
        whole.append([mean_of_pairs(now[0]) for now in changed])
        paired.append([mean_of_pairs(now[0]) - mean_of_pairs(now[1]) for now in changed])

    def half(*parts):
        spreads = [(images - 1) * np.var(part) for part in parts]
        freedom = sum(spreads) ** 2 / sum(s**2 / (images - 1) for s in spreads)
        return student_quantile(freedom, 0.95) * np.sqrt(sum(spreads))

    found = first.overlap()
    assert found.mean.value == pytest.approx(mean_of_pairs(roots[0]))
    for c, d in itertools.permutations(range(num_classes), 2):
        value, width = roots[0][c] @ roots[0][d], half(entries[c, d], entries[d, c])
        assert found.corrected[c, d] == pytest.approx(np.clip(value, 0, 1))
        assert found.low[c, d] == pytest.approx(np.clip(value - width, 0, 1))
        assert found.high[c, d] == pytest.approx(np.clip(value + width, 0, 1))
    assert np.diag(found.corrected).tolist() == [1.0] * num_classes
    low, high = (np.clip(found.mean.value + side * half(*whole), 0, 1) for side in (-1, 1))
    assert (found.mean.low, found.mean.high) == pytest.approx((low, high))
    difference = first.minus(second).difference
    assert difference.value == pytest.approx(mean_of_pairs(roots[0]) - mean_of_pairs(roots[1]))
    assert difference.high - difference.value == pytest.approx(half(*paired))


@given(st.integers(0, 10**6), st.integers(2, 6))
def test_a_swapped_class_changes_the_sign_of_its_contribution_and_no_other(seed, num_classes):
    """This is why the test over classes is exact, and why contributions are defined so."""
    rng = np.random.default_rng(seed)
    one, other = (drawn(rng, rng.random((num_classes, 5)), 3) for _ in range(2))
    before = selections_of(one, 5).minus(selections_of(other, 5), seed=1)
    assert before.contributions.mean() == pytest.approx(before.difference.value)
    swapped = int(rng.integers(num_classes))
    one[swapped], other[swapped] = other[swapped], one[swapped]
    after = selections_of(one, 5).minus(selections_of(other, 5), seed=1)
    signs = np.where(np.arange(num_classes) == swapped, -1, 1)
    np.testing.assert_allclose(after.contributions, signs * before.contributions, atol=1e-12)


def test_all_signs_are_tried_and_many_are_drawn():
    terms = np.array([0.3, -0.1, 0.4, 0.05])
    sums = [abs(np.dot(signs, terms)) for signs in itertools.product((1, -1), repeat=4)]
    share = np.mean([value >= terms.sum() - 1e-12 for value in sums])
    assert sign_flip_test(terms) == share
    assert sign_flip_test(np.zeros(3)) == 1.0
    assert sign_flip_test(np.ones(17), seed=1) <= 2 / 1e4
    many = np.random.default_rng(1).normal(0.3, 1.0, 15)
    exact, sampled = sign_flip_test(many), sign_flip_test(np.append(many, [0.0, 0.0]), seed=2)
    assert sampled == pytest.approx(exact, abs=0.02)


def test_intervals_cover_the_true_overlap_and_the_difference_of_equal_rules():
    rng, inside, equal, too_small = np.random.default_rng(2), [], [], []
    for _ in range(80):
        chances = (rng.random((6, 12)) < 0.6) * 0.2
        chances[:, 0] = 0.5
        roots = np.sqrt(chances / chances.sum(axis=1, keepdims=True))
        one = selections_of(drawn(rng, chances, 12), 12)
        found = one.overlap()
        inside.append(found.mean.low <= mean_of_pairs(roots) <= found.mean.high)
        other = selections_of(drawn(rng, chances[:, rng.permutation(12)], 12), 12)
        equal.append(one.minus(other).difference.side() == 0)
        too_small.append(found.mean_of_images < mean_of_pairs(roots))
    assert covers(inside)
    assert covers(equal)
    assert np.mean(too_small) > 0.8  # which is why the mean is corrected


def test_equal_rules_differ_as_rarely_as_stated():
    rng, p_values = np.random.default_rng(3), []
    for _ in range(120):
        chances = rng.beta(0.3, 0.3, size=(7, 8))
        one, other = (selections_of(drawn(rng, chances, 5), 8) for _ in range(2))
        p_values.append(one.minus(other).p_value)
    assert np.mean(np.array(p_values) <= 0.05) < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 120)
    assert 0.3 < np.mean(np.array(p_values) <= 0.5) < 0.7


def test_what_cannot_be_known_is_not_a_number():
    few = ClassSelections([[0], [0, 1], [1]] * 2, [0, 0, 0, 1, 1, 1], 2, 3)
    found = few.overlap()
    assert found.mean.value > 0
    assert np.isnan([found.mean.low, found.low[0, 1]]).all()  # three images of a class
    assert np.isnan(found.corrected[2]).all()  # no image
    copies = ClassSelections([[0, 1]] * 5 + [[1, 2]] * 5, [0] * 5 + [1] * 5, 3, 2)
    assert copies.overlap().mean.to_dict() == {
        "value": pytest.approx(0.5),
        "low": pytest.approx(0.5),
        "high": pytest.approx(0.5),
        "num_clusters": 10,
    }
    assert few.minus(few).p_value == 1
    alone = ClassSelections([[0]] * 5, [0] * 5, 1, 1)
    assert np.isnan([alone.overlap().mean.value, alone.minus(alone).p_value]).all()
    assert "p = 1 over classes" in str(few.minus(few))
    assert str(copies.overlap()).startswith("Two of 2 classes overlap by 0.5 [0.5, 0.5]")


def test_mistakes():
    one = ClassSelections([[0], [1]], [0, 1], 2, 2)
    with pytest.raises(qx.InputError, match="other images"):
        one.minus(ClassSelections([[0], [1]], [1, 0], 2, 2))
    with pytest.raises(qx.InputError, match="by one rule only"):
        one.minus(ClassSelections([[0], []], [0, 1], 2, 2))
    with pytest.raises(qx.InputError, match="label 2 is no map"):
        ClassSelections([[2]], [0], 2, 1).overlap()
    with pytest.raises(qx.InputError, match="confidence_level"):
        one.overlap(confidence_level=95)
