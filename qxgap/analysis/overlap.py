"""Class overlap of the selected maps, from the explanation rows of the table of a study."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..statistics import class_overlap

RULES = {"exact": "QUBO", "top-k": "top-k", "all positive": "all of positive importance"}
"""Names of the compared methods in the table, and in a figure."""


def overlap_matrices(rows: pd.DataFrame) -> tuple[dict[str, NDArray[np.float64]], list[str]]:
    """Return the class overlap of each selection rule from the explanation rows of a table.

    Parameters
    ----------
    rows : pandas.DataFrame
        Columns ``explanation`` (the method), ``class_name`` and ``selected`` (channel numbers or
        their texts, or None).

    Returns
    -------
    matrices : dict of str
        Matrices as of :func:`qxgap.statistics.class_overlap` by the name of the rule, in the order
        of the QUBO, top-k, and all maps of positive importance. Empty if fewer than two classes or
        no selections are known.
    classes : list of str
        Names of the classes, in the order of the matrices.
    """
    known = rows[(rows.class_name != "") & rows.selected.notna()]
    classes = sorted(known.class_name.unique())
    if len(classes) < 2:
        return {}, []
    channels = sorted({label for labels in known.selected for label in labels})
    columns = {label: column for column, label in enumerate(channels)}
    matrices = {}
    for method, name in RULES.items():
        of_rule = known[known.explanation == method]
        selections = [[columns[label] for label in labels] for labels in of_rule.selected]
        if any(selections):
            groups = of_rule.class_name.map(classes.index)
            matrices[name] = class_overlap(selections, groups, len(channels), len(classes))
    return matrices, [name.strip() for name in classes]
