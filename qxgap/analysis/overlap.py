"""Class overlap of the selected maps, from the explanation rows of the table of a study."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..explain import ClassDisentanglement, ExplanationMethod, class_disentanglement
from ..explain.disentanglement import SIMPLE_RULES
from ..statistics import class_overlap

QUBO = ExplanationMethod.EXACT.value

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


def class_separation(rows: pd.DataFrame) -> ClassDisentanglement | None:
    """Return whether the QUBO's selections separate the classes of one network better than others.

    Parameters
    ----------
    rows : pandas.DataFrame
        Columns ``instance``, ``explanation`` (the method), ``class_name``, ``num_qubits``,
        ``num_maps`` and ``selected`` (channel numbers or their texts, or None), of one network and
        one tradeoff. Images that a rule lacks are left out.

    Returns
    -------
    ClassDisentanglement or None
        None if it cannot be decided: with fewer than 6 classes, fewer than 5 images of a class, or
        without selections by the QUBO and a simpler rule.

    See Also
    --------
    qxgap.explain.class_disentanglement : What is compared, and how.

    Examples
    --------
    >>> import pandas as pd
    >>> from qxgap.analysis import class_separation
    >>> images = pd.DataFrame({"class_name": list("abcdefgh") * 5, "instance": range(40)})
    >>> images = images.assign(num_qubits=2, num_maps=9)
    >>> own = images.assign(explanation="exact", selected=[[i % 8] for i in range(40)])
    >>> class_separation(own) is None  # there is nothing to compare with
    True
    >>> others = images.assign(explanation="top-k", selected=[[8]] * 40)
    >>> print(str(class_separation(pd.concat([own, others]))).splitlines()[0])
    The QUBO separates the classes better than top-k.
    """
    rules = [QUBO, *(rule.value for rule in SIMPLE_RULES)]
    known = rows[(rows.class_name != "") & rows.selected.notna() & (rows.num_qubits > 0)]
    known = known[known.explanation.isin(rules)]
    number = known.explanation.nunique()
    known = known[known.groupby("instance").explanation.transform("nunique") == number]
    compared = set(known.explanation)
    if QUBO not in compared or len(compared) < 2 or known.class_name.nunique() < 2:
        return None
    found = class_disentanglement(
        known.assign(
            target=known.class_name.str.strip(),
            method=known.explanation,
            selected=[[int(label) for label in labels] for labels in known.selected],
        )
    )
    return found if found.can_decide else None
