"""Sentences claim no more than their interval supports."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from qxgap.report.findings import difference_finding, reference_finding, share_words
from qxgap.statistics import Estimate


@settings(deadline=None)
@given(st.floats(-5, 5), st.floats(0, 5), st.floats(0, 5), st.booleans(), st.floats(-2, 2))
def test_a_difference_is_claimed_only_if_its_interval_excludes_it(
    value, below, above, known, reference
):
    low, high = (value - below, value + above) if known else (np.nan, np.nan)
    estimate = Estimate(value, low, high, 5)
    told = str(difference_finding("the gap", "A", "B", estimate))
    assert ("is larger" in told) == (known and low > 0)
    assert ("is smaller" in told) == (known and high < 0)
    told = str(reference_finding("the slope", reference, "no trend", estimate))
    assert (", above the" in told) == (known and low > reference)
    assert (", below the" in told) == (known and high < reference)
    assert "nan" not in told


@given(st.lists(st.booleans(), max_size=30))
def test_shares_give_the_jeffreys_interval(hits):
    told = share_words(hits)
    assert told.startswith(f"{sum(hits)} of {len(hits)} ")
    if hits:
        low, high = stats.beta(sum(hits) + 0.5, len(hits) - sum(hits) + 0.5).ppf([0.025, 0.975])
        low, high = (low if any(hits) else 0), (high if not all(hits) else 1)
        ends = [float(text) for text in re.findall(r"([\d.]+) %", told)[1:]]
        assert ends == pytest.approx([100 * low, 100 * high], rel=0.05, abs=0.05)
