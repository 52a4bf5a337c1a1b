"""Many instances tested at once: p-values that bear it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..problem.errors import InputError


def adjusted_p_values(p_values: ArrayLike, *, independent: bool = True) -> NDArray[np.float64]:
    """P-values adjusted so that those below q hold a fraction q of false discoveries at most.

    ``scipy.stats.false_discovery_control``: Benjamini-Hochberg, or Benjamini-Yekutieli for tests
    that depend on each other in any way (the same reads against several models).

    Parameters
    ----------
    p_values : (m,), one per instance and model that is reported, *all* that were tested.

    Raises InputError for none, or values outside [0, 1].
    """
    from scipy.stats import false_discovery_control

    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1 or p.size == 0 or not np.all((p >= 0) & (p <= 1)):
        raise InputError("p-values must be (m,), m >= 1, in [0, 1]; leave out what was not tested")
    return np.asarray(false_discovery_control(p, method="bh" if independent else "by"))
