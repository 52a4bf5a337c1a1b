"""What the success trend says: slopes, and how far the published points lie from each convention.

Intervals are 95 % percentile intervals of ``scipy.stats.bootstrap``. Images of one class share h
and so d wherever the network's head is linear in the maps; whole classes are therefore resampled
as well as single instances, and the wider interval is the one to believe.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.stats

from qxgap import Convention
from qxgap.report import CONVENTION_NAMES

RESAMPLES = 2000
UNITS = {"instances": ["folder", "instance"], "classes": ["folder", "label"]}
"""What is resampled as a whole."""
DIFFERENCE = "first minus second"
NOTE = """\
Final weight on the ground space of H_P after the linear schedule, all folders pooled by d; the
driver's weight is 1 (paper) or 1/d (authors-code). The published points come from other networks
and images (STL-10): a trend is compared here, not the same instances. Brackets hold 95 % bootstrap
intervals, over instances and then over whole classes of a folder, whose images share h and d."""

Key = tuple[str, str, str]
"""Of a number: what it is, of which convention, at which tau or ``"all"``."""
Column = tuple[str, float]
"""Convention and tau."""
Points = Mapping[float, list[tuple[int, float]]]
"""By tau the published d and ln F."""


def wide(rows: pd.DataFrame) -> pd.DataFrame:
    """ln F: a row per instance, a column per (convention, tau); d and the units in the index."""
    keys = ["folder", "instance", "label", "d"]
    logarithms = rows.assign(success=np.log(rows.success))
    return logarithms.pivot(index=keys, columns=["convention", "tau"], values="success")


def numbers(
    d: np.ndarray, values: np.ndarray, columns: Sequence[Column], points: Points
) -> dict[Key, float]:
    """Slopes and distances of ln F, ``values`` (instances, columns), of instances of ``d`` qubits.

    A slope is that of least squares of ln F against d over the instances whose sizes the published
    points of that tau span. A distance is the root mean square of ln(published median / median
    here at the same d and tau) over the published points whose d occurs here.
    """
    result, apart = {}, {}
    medians = {size: np.median(values[d == size], axis=0) for size in np.unique(d).tolist()}
    for at, (convention, tau) in enumerate(columns):
        sizes = [size for size, _ in points[tau]]
        spanned = (d >= min(sizes)) & (d <= max(sizes))
        sloped = np.unique(d[spanned]).size > 1
        line = np.polyfit(d[spanned], values[spanned, at], 1) if sloped else (np.nan,)
        result["slope", convention, f"{tau:g}"] = float(line[0])
        gaps = [value - medians[size][at] for size, value in points[tau] if size in medians]
        apart.setdefault(convention, {})[f"{tau:g}"] = np.array(gaps)
    for convention, gaps in apart.items():
        for tau, each in (gaps | {"all": np.concatenate(list(gaps.values()))}).items():
            result["distance", convention, tau] = float(np.sqrt(np.mean(each**2)))
    for tau in (*next(iter(apart.values())), "all"):
        first, second = (result["distance", convention, tau] for convention in Convention)
        result["distance", DIFFERENCE, tau] = first - second
    return result


@dataclass(frozen=True)
class Estimates:
    """Numbers and, for each kind of resampled unit, their intervals."""

    values: dict[Key, float]
    intervals: dict[str, dict[Key, tuple[float, float]]]

    def told(self, *key: str) -> str:
        """A number and its intervals in the order of ``UNITS``."""
        ends = [f"[{low:.2f}, {high:.2f}]" for low, high in (i[key] for i in self.bounds())]
        return " ".join([f"{self.values[key]:.2f}", *ends])

    def bounds(self) -> list[dict[Key, tuple[float, float]]]:
        """The intervals in the order of ``UNITS``."""
        return list(self.intervals.values())


def estimate(table: pd.DataFrame, published: pd.DataFrame, seed: int) -> Estimates:
    """All numbers of ``table``, as ``wide`` makes it, each unit drawn anew for the intervals."""
    d, logarithms = table.index.get_level_values("d").to_numpy(), table.to_numpy()
    columns = table.columns.to_list()
    points = {
        tau: list(zip(part.d, np.log(part["median"]), strict=True))
        for tau, part in published.groupby("tau")
    }
    values = numbers(d, logarithms, columns, points)
    intervals = {}
    for unit, names in UNITS.items():
        members = list(table.groupby(level=names).indices.values())

        def drawn(chosen: np.ndarray, members: list = members) -> list[float]:
            at = np.concatenate([members[i] for i in chosen])
            return list(numbers(d[at], logarithms[at], columns, points).values())

        def statistic(chosen: np.ndarray, axis: int = -1, drawn=drawn) -> np.ndarray:
            return np.apply_along_axis(drawn, axis, chosen).T

        found = scipy.stats.bootstrap(
            (np.arange(len(members)),),
            statistic,
            **{"n_resamples": RESAMPLES, "vectorized": True, "method": "percentile"},
            rng=np.random.default_rng(seed),
        ).confidence_interval
        ends = zip(found.low.tolist(), found.high.tolist(), strict=True)
        intervals[unit] = dict(zip(values, ends, strict=True))
    return Estimates(values, intervals)


def ends_of(found: Estimates, key: Key) -> np.ndarray:
    return np.array([bounds[key] for bounds in found.bounds()])


def verdict(found: Estimates) -> str:
    """Which convention lies closer, if both intervals of the difference tell."""
    key = ("distance", DIFFERENCE, "all")
    ends = ends_of(found, key)
    if ends.min() <= 0.0 <= ends.max():
        return f"The distances do not tell the conventions apart: {found.told(*key)}."
    apart = {k[2]: ends_of(found, k) for k in found.values if k[:2] == key[:2]}
    blind = [tau for tau, ends in apart.items() if ends.min() <= 0.0 <= ends.max()]
    nearer, other = tuple(Convention)[::-1] if ends.min() > 0 else tuple(Convention)
    near, far = (np.exp(found.values["distance", name, "all"]) for name in (nearer, other))
    return (
        f"The published points agree with **{CONVENTION_NAMES[nearer]}**: over all of them their "
        f"medians lie a factor of {near:.2f} (root mean square of the logarithm) from those here, "
        f"against {far:.2f} for {CONVENTION_NAMES[other]}."
        + "".join(f" At tau = {tau} alone the two are not told apart." for tau in blind)
    )


def number_rows(found: Estimates, what: str, names: Sequence[str], taus: list[str]) -> list:
    rows = [[CONVENTION_NAMES.get(name, name), name] for name in names]
    return [[shown, *(found.told(what, name, tau) for tau in taus)] for shown, name in rows]


def published_slopes(published: pd.DataFrame, taus: list[float]) -> list[str]:
    points = [published[published.tau == tau] for tau in taus]
    slopes = [float(np.polyfit(p.d, np.log(p["median"]), 1)[0]) for p in points]
    told = (f"{s:.2f} ({len(p)} points)" for s, p in zip(slopes, points, strict=True))
    return ["published medians", *told]


def median_rows(rows: pd.DataFrame, taus: list[float]) -> list[list[str]]:
    table = []
    for d, part in rows.groupby("d"):
        cells = [str(d), str(len(part[UNITS["instances"]].drop_duplicates()))]
        for convention in Convention:
            for tau in taus:
                chosen = part[(part.convention == convention) & (part.tau == tau)]
                cells.append(f"{chosen.success.median():.3g} ({chosen['product'].median():.3g})")
        table.append(cells)
    return table


def grid(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def markdown(
    rows: pd.DataFrame, published: pd.DataFrame, about: Mapping[str, str], seed: int
) -> str:
    """The summary; ``rows`` as success_trend.py makes them."""
    found, taus = estimate(wide(rows), published, seed), sorted(rows.tau.unique())
    names = [f"{tau:g}" for tau in taus]
    head = ["convention", *(f"tau = {name}" for name in names)]
    slopes = [
        *number_rows(found, "slope", tuple(Convention), names),
        published_slopes(published, taus),
    ]
    distances = number_rows(found, "distance", [*Convention, DIFFERENCE], [*names, "all"])
    columns = [f"{convention}, {name}" for convention in Convention for name in names]
    parts = [
        "# Success probability against d, and the published trend",
        "\n".join(f"* {key}: {value}" for key, value in about.items()),
        NOTE,
        "![success against d](success_trend.png)",
        verdict(found),
        "## Distance of the published medians\n\nRoot mean square of ln(published median / median "
        "here at the same d and tau).",
        grid([*head, "all"], distances),
        "## Slope of ln F against d\n\nLeast squares over the instances whose sizes the published "
        "points of that tau span.",
        grid(head, slopes),
        "## Medians\n\nIn brackets those of independent single-qubit sweeps. A random guess is "
        "right with 2^-d.",
        grid(["d", "instances", *columns], median_rows(rows, taus)),
    ]
    return "\n\n".join(parts) + "\n"
