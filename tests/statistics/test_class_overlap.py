"""Overlap of selections within and between classes."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qxgap as qx
from qxgap.statistics import class_overlap, mean_overlap, overlaps_with_references


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.sets(st.integers(0, 4))), max_size=8))
def test_class_overlap_by_brute_force(rows):
    overlap = class_overlap([s for _, s in rows], [c for c, _ in rows], 5, 3)
    chosen = [[a for c, s in rows if c == k for a in s] for k in range(3)]
    for c, d in itertools.product(range(3), repeat=2):
        if chosen[c] and chosen[d]:
            p, q = ([one.count(a) / len(one) for a in range(5)] for one in (chosen[c], chosen[d]))
            expected = sum(math.sqrt(x * y) for x, y in zip(p, q, strict=True))
            assert overlap[c, d] == pytest.approx(expected, abs=1e-12)
            assert overlap[c, d] <= 1
        else:
            assert math.isnan(overlap[c, d])


@pytest.mark.parametrize(
    ("selections", "classes", "message"),
    [([[0]], [0, 1], "1 selections"), ([[5]], [0], "label 5"), ([[0]], [3], "class 3")],
)
def test_class_overlap_errors(selections, classes, message):
    with pytest.raises(qx.InputError, match=message):
        class_overlap(selections, classes, 5, 3)


def test_overlap_with_references():
    alpha = [[3.0, 2.0, 1.0, -1.0], [3.0, 2.0, 1.0, -1.0], [-1.0, 1.0, 2.0, 3.0]]
    found = overlaps_with_references([[0, 2], [0], [3]], alpha, [0, 0, 1], 2)
    assert found["selection"][0, 1] == 0
    assert found["top-k"][0, 1] == 0
    assert found["all positive"][0, 1] == pytest.approx(2 / 3)  # maps 1 and 2 of three each
    assert mean_overlap(found["all positive"]) == pytest.approx(2 / 3)
    assert math.isnan(mean_overlap(class_overlap([[1]], [0], 2, 2)))
    mixed = class_overlap([[0], [0], [1]], [0, 1, 2], 2, 4)
    assert mean_overlap(mixed) == pytest.approx(1 / 3)
    with pytest.raises(qx.InputError, match="alpha of shape"):
        overlaps_with_references([[0]], alpha, [0], 1)
