"""Runs and time until a ground state is read, from its probability."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import qxgap as qx
from qxgap import dynamics


def test_runs_and_time_to_solution_at_the_edges():
    assert dynamics.runs_to_solution(0.0) == math.inf
    assert dynamics.time_to_solution(0.0, 0.0) == math.inf
    assert dynamics.runs_to_solution(1.0) == dynamics.runs_to_solution(0.99) == 1.0
    assert dynamics.runs_to_solution(0.9) == 2.0  # 1 - 0.1^2 is 0.99 exactly
    assert dynamics.runs_to_solution(0.5) == 7.0
    assert dynamics.time_to_solution(0.5, 20.0, confidence=0.75) == 40.0
    assert dynamics.runs_to_solution(1e-300) == pytest.approx(4.605e300, rel=1e-3)


@given(st.floats(1e-9, 1 - 1e-9), st.floats(0.01, 0.9999))
def test_runs_to_solution_are_the_fewest(p, confidence):
    runs = dynamics.runs_to_solution(p, confidence)
    assert -math.expm1(runs * math.log1p(-p)) >= confidence * (1 - 1e-9)
    assert -math.expm1((runs - 1) * math.log1p(-p)) < confidence * (1 + 1e-9)


@pytest.mark.parametrize(
    "call",
    [
        lambda: dynamics.runs_to_solution(math.nan),
        lambda: dynamics.runs_to_solution(0.5, 1.0),
    ],
)
def test_senseless_probabilities_are_refused(call):
    with pytest.raises(qx.InputError):
        call()
