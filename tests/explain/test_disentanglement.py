"""Whether the selected maps tell classes apart: tables with known overlaps."""

import json

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("torch")

import qxgap as qx
from qxgap import explain
from qxgap.statistics import class_overlap


def table_of(selected, images=6):
    """A table of images of some classes; ``selected`` gives the maps of a rule and class."""
    rows = [
        {"name": f"{c}-{i}", "target": c, "num_maps": 40, "num_qubits": 5}
        | {"method": rule, "selected": list(of_class(c))}
        for rule, of_class in selected.items()
        for c in range(8)
        for i in range(images)
    ]
    return pd.DataFrame(rows)


DISTINCT = {
    "exact": lambda c: [4 * c, 4 * c + 1],
    "top-k": lambda c: [39, 4 * c],
    "random-k": lambda c: [1, 2],
    "all positive": lambda c: [4 * c, 4 * c + 1],
}


@pytest.fixture(scope="module")
def found():
    return explain.class_disentanglement(table_of(DISTINCT), class_names="abcdefgh")


def test_the_maps_are_those_of_the_paper_and_the_answer_is_said(found):
    exact = table_of(DISTINCT).query("method == 'top-k'")
    expected = class_overlap(list(exact.selected), exact.target, 40, 8)
    np.testing.assert_allclose(found.overlaps["top-k"].matrix, expected)
    assert found.verdicts == {"top-k": "better", "random-k": "better", "all positive": "undecided"}
    assert str(found).splitlines()[0] == (
        "The QUBO separates the classes better than top-k and random-k, and is not shown to differ "
        "from all positive."
    )
    assert found.classes == tuple("abcdefgh")
    assert found.images == (6,) * 8
    rows = found.to_dataframe().set_index("rule")
    assert rows.overlap["exact"] == 0
    assert rows.difference["random-k"] == pytest.approx(-1)
    assert rows.p_value["random-k"] == pytest.approx(2 / 2**8)
    assert len(found.pairs()) == 4 * 28
    assert json.loads(json.dumps(found.to_dict()))["verdicts"]["top-k"] == "better"


def test_it_is_drawn_as_the_paper_prints_it(found):
    figure = found.plot()
    assert [axis.get_title() for axis in figure.axes[:2]] == ["QUBO: mean 0.00", "top-k: mean 0.50"]
    texts = {text.get_text() for text in figure.axes[0].texts}
    assert texts == {"1.00", "0"}
    assert [label.get_text() for label in figure.axes[3].get_xticklabels()] == list("abcdefgh")


def test_every_outcome_has_its_sentence():
    swapped = dict(DISTINCT, exact=DISTINCT["random-k"], **{"random-k": DISTINCT["exact"]})
    worse = explain.class_disentanglement(table_of(swapped))
    assert str(worse).startswith(
        "The QUBO separates the classes worse than top-k, random-k and all positive."
    )
    best = explain.class_disentanglement(
        table_of(DISTINCT), rules=[explain.ExplanationMethod.TOP_K]
    )
    assert str(best).startswith("The QUBO separates the classes better than top-k.")
    few = explain.class_disentanglement(table_of(DISTINCT, images=2))
    assert str(few).startswith("The QUBO is not shown to separate")
    assert "fewer than 5 images" in str(few)
    assert not few.can_decide
    rows = table_of(DISTINCT)
    three = explain.class_disentanglement(rows[rows.target < 3])
    assert "With fewer than 6 classes" in str(three)
    other = explain.class_disentanglement(
        rows, reference=explain.ExplanationMethod.TOP_K, rules=["random-k"]
    )
    assert str(other).startswith("Top-k separates the classes better than random-k.")


def test_it_is_said_with_the_rest_if_there_are_images_enough():
    columns = {"confidence": 0.9, "drop_soft": 10.0}
    told = explain.describe(table_of(DISTINCT).assign(**columns), seed=1).splitlines()
    assert told[-1].startswith("The QUBO separates the classes better than top-k and random-k")
    few = explain.describe(table_of(DISTINCT, images=4).assign(**columns), seed=1)
    assert "separates" not in few
    alone = table_of({"exact": DISTINCT["exact"]}).assign(**columns)
    assert "classes" not in explain.describe(alone, seed=1)


def test_images_in_which_a_rule_selects_nothing_are_left_out():
    """A QUBO whose tradeoff counts redundancy only may select no map."""
    table = table_of(DISTINCT)
    empty = (table.name.isin(["1-0", "3-2"])) & (table.method == "exact")
    table.loc[empty, "selected"] = pd.Series([[]] * 2, index=table.index[empty])
    found = explain.class_disentanglement(table)
    rest = explain.class_disentanglement(table_of(DISTINCT).query("name not in ('1-0', '3-2')"))
    assert found.images == (6, 5, 6, 5, 6, 6, 6, 6)
    assert found.to_dict() == rest.to_dict()


def test_mistakes():
    table = table_of(DISTINCT)
    with pytest.raises(qx.InputError, match="Grad-CAM selects no maps"):
        explain.class_disentanglement(table, rules=["Grad-CAM"])
    with pytest.raises(qx.InputError, match="no rule to compare with"):
        explain.class_disentanglement(table[table.method == "exact"])
    with pytest.raises(qx.InputError, match="1 class with a selection"):
        explain.class_disentanglement(table[table.target == 0])
    with pytest.raises(qx.InputError, match="top-k has other images than exact"):
        explain.class_disentanglement(table[(table.method != "top-k") | (table.target > 0)])
