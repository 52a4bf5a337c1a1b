"""The overlap of classes in the rows of a study."""

import numpy as np
import pandas as pd

from qxgap.analysis import overlap_matrices

ROWS = [
    ("exact", " 3", ["0", "10"]),
    ("exact", "11", ["10", "2"]),
    ("exact", "12", []),
    ("exact", "", ["7"]),
    ("top-k", " 3", ["0"]),
    ("top-k", "11", ["2"]),
    ("greedy", " 3", ["0"]),
    ("all positive", " 3", None),
]


def test_matrices_of_the_rows_of_a_study():
    """Rules in their order, a class without a selection as NaN, channels by their texts."""
    rows = pd.DataFrame(ROWS, columns=["explanation", "class_name", "selected"])
    matrices, classes = overlap_matrices(rows)
    assert classes == ["3", "11", "12"]
    assert list(matrices) == ["QUBO", "top-k"]
    expected = [[1, 0.5, np.nan], [0.5, 1, np.nan], [np.nan, np.nan, np.nan]]
    np.testing.assert_allclose(matrices["QUBO"], expected, rtol=1e-15)
    np.testing.assert_array_equal(matrices["top-k"][:2, :2], np.eye(2))
    assert overlap_matrices(rows[rows.class_name == " 3"]) == ({}, [])
    numbers = rows.assign(
        selected=[None if s is None else [int(a) for a in s] for s in rows.selected]
    )
    np.testing.assert_array_equal(overlap_matrices(numbers)[0]["QUBO"], matrices["QUBO"])
