"""Class-class overlap of selected maps, from the explanation rows of a table."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SHOWN = {"exact": "QUBO", "top-k": "top-k", "all positive": "all of positive importance"}


def overlaps(rows: pd.DataFrame) -> tuple[dict[str, NDArray[np.float64]], list[str]]:
    """Return name of the rule -> (c, c) Bhattacharyya coefficients, and the c class names.

    Source: Venturelli et al., arXiv 2604.25649; as ``qxgap.xai.class_overlap``, which needs torch
    to be imported. Empty if fewer than two classes or no selections are known.

    Parameters
    ----------
    rows : columns explanation, class_name and selected (channel numbers, or None).
    """
    known = rows[(rows.class_name != "") & rows.selected.notna()]
    classes = sorted(known.class_name.unique())
    if len(classes) < 2:
        return {}, []
    counts = known.explode("selected").dropna(subset=["selected"])
    found = {}
    for method, name in SHOWN.items():
        part = counts[counts.explanation == method]
        if len(part):
            table = pd.crosstab(part.class_name, part.selected, normalize="index")
            root = np.sqrt(table.reindex(classes).to_numpy(dtype=float))
            found[name] = np.minimum(root @ root.T, 1.0)
    return found, [name.strip() for name in classes]
