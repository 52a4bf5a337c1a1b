"""Means of explanation scores by method and class."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..statistics import Resampling, Seed


def score_means(rows: pd.DataFrame, column: str, *, seed: Seed = None) -> pd.DataFrame:
    """Return the mean of a score by method and class, and over all images with its interval.

    Images without a selection are left out for every method, so that all methods are judged on the
    same images.

    Parameters
    ----------
    rows : DataFrame
        Rows of the task ``xai``, with columns explanation, num_qubits, cluster, class_name and the
        score.
    column : str
        Name of the score, such as ``"drop_soft"``.
    seed : int, numpy.random.Generator or None
        Seed of the intervals.

    Returns
    -------
    DataFrame
        Columns method, class_name (empty for all images), value, low and high; the latter two are
        NaN for a single class.
    """
    used = rows[(rows.num_qubits > 0) & rows[column].notna()]
    lines: list[tuple[str, str, float, float, float]] = []
    for method, part in used.groupby("explanation", sort=False):
        whole = Resampling.of(part.cluster, seed=seed).mean(part[column])
        lines.append((str(method), "", whole.value, whole.low, whole.high))
        for name, own in part[part.class_name != ""].groupby("class_name"):
            lines.append((str(method), str(name), float(own[column].mean()), np.nan, np.nan))
    return pd.DataFrame(lines, columns=["method", "class_name", "value", "low", "high"])
