"""Failure probabilities against predictors with which the data may collapse onto one curve.

The predictors are Landau and Zener's law, the squared gap, and independent qubits.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..spectra.crossing import landau_zener_exponent

JOIN = ["instance", "setting"]
PREDICTORS = ("landau_zener", "gap_squared", "independent")
"""Columns of :func:`collapse_points` that predict ``-ln(1 - P)``."""


def collapse_points(success: pd.DataFrame, gap: pd.DataFrame) -> pd.DataFrame:
    """Return a row per instance, setting and anneal time with a known failure probability.

    Parameters
    ----------
    success : DataFrame
        Rows of the task ``success``, with the columns setting and cluster.
    gap : DataFrame
        Rows of the task ``gap``, with the column setting. Gaps that are not dimensionless are left
        out, since tau is in another unit there.

    Returns
    -------
    DataFrame
        Columns instance, setting, cluster, tau, num_qubits, ``y = -ln(1 - P)`` with the success
        probability P, group and class_name if ``success`` has them, and the predictors of y, NaN
        where one is not known:

        * landau_zener: ``pi gap^2 tau / (2 slope)``, only where the minimum is an avoided crossing
          inside the anneal (Landau 1932, Zener 1932);
        * gap_squared: ``tau gap^2``;
        * independent: ``-ln(1 - P)`` of the product of independent single-qubit sweeps.
    """
    # If a failure probability is zero within its error, its logarithm has no meaning.
    failure = 1.0 - success.success_probability.astype(float)
    known = success[failure > success.error_estimate.fillna(0.0).astype(float)]
    columns = [*JOIN, "gap", *(["lz_slope"] if "lz_slope" in gap else [])]
    plain = gap[gap.unit.isin(["", "dimensionless", "1"])][columns] if len(gap) else gap
    if len(plain):
        joined = known.merge(plain.drop_duplicates(JOIN), on=JOIN, how="left", suffixes=("", "_g"))
    else:
        joined = known.assign(gap=np.nan)
    size = joined["gap_g" if "gap_g" in joined else "gap"].astype(float)
    slope_name = "lz_slope_g" if "lz_slope_g" in joined else "lz_slope"
    slope = (
        joined[slope_name].astype(float)
        if slope_name in joined
        else pd.Series(np.nan, joined.index)
    )
    slope = slope.where(slope > 0)  # without a slope there is no crossing
    product = joined.null_product.astype(float) if "null_product" in joined else np.nan
    names = [name for name in ("group", "class_name") if name in joined]
    return joined[[*JOIN, "cluster", *names, "tau", "num_qubits"]].assign(
        y=-np.log1p(-joined.success_probability.astype(float)),
        landau_zener=landau_zener_exponent(size, slope, joined.tau),
        gap_squared=joined.tau * size**2,
        independent=-np.log1p(-np.minimum(product, 1.0 - 1e-16)),
    )
