"""The overlap of classes in the rows of a study."""

import numpy as np
import pandas as pd

from qxgap.analysis import class_separation, overlap_matrices
from qxgap.explain import class_disentanglement

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


def images(rule, selected, number=42):
    """Rows of one rule for images of seven classes, as a study writes them."""
    rows = pd.DataFrame({"instance": [f"image {i}" for i in range(number)]})
    classes = [f" {i % 7}" for i in range(number)]
    chosen = [[str(label) for label in selected(i % 7, i)] for i in range(number)]
    return rows.assign(class_name=classes, explanation=rule, selected=chosen).assign(
        num_qubits=4, num_maps=20
    )


def test_the_rows_of_a_study_say_whether_classes_are_told_apart():
    """As the table of scores does; an image that one rule lacks is left out for all."""
    own = images("exact", lambda c, i: [c, c + 7])
    others = images("top-k", lambda c, i: [c, 19])
    every = pd.concat([own, others, images("Grad-CAM", lambda c, i: []).assign(selected=None)])
    found = class_separation(every.sort_values("instance", kind="stable"))
    assert str(found).startswith("The QUBO separates the classes better than top-k.")
    table = pd.concat([own, others])
    expected = class_disentanglement(
        table.assign(
            target=table.class_name.str.strip(),
            method=table.explanation,
            selected=[[int(a) for a in labels] for labels in table.selected],
        )
    )
    assert found.to_dict() == expected.to_dict()
    assert class_separation(pd.concat([own, others[1:]])).images == (5, 6, 6, 6, 6, 6, 6)
    assert class_separation(pd.concat([own, others[8:]])) is None  # four images of a class
    assert class_separation(own) is None
    assert class_separation(others) is None
