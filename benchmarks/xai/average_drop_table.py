"""Tables of ``average_drop.csv.gz`` in the paper's form, and what the intervals allow to say.

A difference counts as one if its interval excludes zero both with images and with classes
resampled, and if it has the same sign with every seed of the network.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from qxgap.explain import DEFAULT_METHODS
from qxgap.statistics import (
    MeanInterval,
    class_overlap,
    mean_interval,
    mean_overlap,
    paired_difference,
)
from qxgap.version import versions
from qxgap.xai.head import LINEAR_RTOL

METHODS = tuple(method.value for method in DEFAULT_METHODS)
MASKS = {"soft": "soft mask", "threshold": "half of the maximum", "area": "a quarter of the area"}
SEED = 1
SHOWN = {"exact": "QUBO exact"}
BY_CLASS = "by class:"
BY_IMAGE = (
    "by image, with the confidence of the class predicted, which is explained, right or wrong: "
    "the photographs have no labels, and a drop of a low confidence says little."
)


def write_tables(rows: pd.DataFrame, path: Path) -> None:
    """Write the Markdown file."""
    parts = [INTRODUCTION.format(versions=", ".join(f"{k} {v}" for k, v in versions().items()))]
    comparisons = pd.concat(
        [compare(part).assign(network=name) for name, part in usable(rows).groupby("network")]
    )
    heading = (
        "## What the intervals allow to say\n\nThe QUBO's Average Drop, network by network:\n\n"
    )
    parts.append(heading + "\n".join(said(comparisons)))
    for name, part in rows.groupby("network", sort=False):
        parts += network_section(str(name), part, comparisons[comparisons.network == name])
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def usable(rows: pd.DataFrame) -> pd.DataFrame:
    """Images with a problem: without one there is no selection to compare."""
    return rows[rows.num_qubits > 0]


def network_section(name: str, rows: pd.DataFrame, comparisons: pd.DataFrame) -> list[str]:
    """Everything about one network, all of its seeds together."""
    part = usable(rows)
    images, seeds = len(rows) // len(METHODS), rows.seed.nunique()
    without = images - len(part) // len(METHODS)
    first = rows.iloc[0]
    exact = part[part.method == "exact"]
    size = exact.selected.map(lambda text: len(labels_of(text)))
    intro = (
        f"{seeds} seed{'s' * (seeds > 1)}, {images} explained images, {without} of them without a "
        f"selectable map and left out below; layer `{first.layer}`, tradeoff {first.tradeoff:g}. "
        f"d = {exact.num_qubits.min()} to {exact.num_qubits.max()} selectable maps of "
        f"{first.num_maps}; the exact optimum takes {size.median():g} in the median. "
        f"{about_alpha(rows.alpha_spread.max())} Insertion and deletion in {first.steps:.0f} steps."
    )
    return [
        f"## {name}",
        intro,
        "Average Drop %, soft mask, " + (BY_CLASS if seeds > 1 else BY_IMAGE),
        markdown(class_table(part, by="pred" if seeds > 1 else "name")),
        "Means over images, percent (Average Drop with the wider 95 % interval):",
        markdown(mean_table(part)),
        "Average Drop, QUBO exact minus the other method, percentage points:",
        markdown(difference_table(comparisons)),
        *overlap_part(part),
    ]


def about_alpha(spread: float) -> str:
    """What the head check found: the largest relative spread of alpha within a class."""
    if np.isnan(spread):
        return "Whether alpha depends on the image is not measured."
    if spread < LINEAR_RTOL:
        return (
            f"alpha is a constant of the class (relative spread {spread:.0e}): only the redundancy "
            "J is the image's own."
        )
    return (
        f"alpha varies within a class (where no class has two images: between an image and its "
        f"mirror image) by up to {spread:.0%} of its largest."
    )


def class_table(part: pd.DataFrame, by: str) -> pd.DataFrame:
    """Average Drop with the soft mask: a row per class (or image), and their mean."""
    if by == "name":
        said = [
            f"{name} ({sure:.0%})" for name, sure in zip(part.name, part.confidence, strict=True)
        ]
        part = part.assign(name=said)
    table = part.pivot_table("drop_soft", by, "method")[list(METHODS)].rename(columns=SHOWN)
    table.loc["mean"] = table.mean()
    heading = "class" if by == "pred" else "image (confidence)"
    return table.map(lambda x: f"{x:.1f}").rename_axis(heading)


def mean_table(part: pd.DataFrame) -> pd.DataFrame:
    """A row per metric, a column per method."""
    table = {}
    for method in METHODS:
        own = part[part.method == method]
        column = {}
        for mask, words in MASKS.items():
            found = mean_interval(own[f"drop_{mask}"], own.pred, seed=SEED)
            low, high = np.clip(found.wider_interval, 0, 100)
            column[f"Average Drop, {words}"] = f"{found.mean:.1f} [{low:.1f}, {high:.1f}]"
            column[f"Average Increase, {words}"] = f"{own[f'increase_{mask}'].mean():.1f}"
            column[f"coverage, {words}"] = f"{own[f'coverage_{mask}'].mean():.1f}"
        for metric in ("insertion", "deletion", "coherency", "complexity", "adcc"):
            column[metric] = f"{own[metric].mean():.1f}"
        table[SHOWN.get(method, method)] = column
    return pd.DataFrame(table).rename_axis("metric")


def compare(part: pd.DataFrame) -> pd.DataFrame:
    """QUBO exact against every other method with every mask, image by image."""
    keys = ["seed", "name"]
    ordered = {m: part[part.method == m].sort_values(keys) for m in METHODS}
    exact, rows = ordered["exact"], []
    for mask in MASKS:
        for method in METHODS[1:]:
            column = f"drop_{mask}"
            one, other = exact[column].to_numpy(), ordered[method][column].to_numpy()
            found, verdict = contrast(one, other, exact.pred, exact.seed)
            kept = [part_of[f"coverage_{mask}"].mean() for part_of in (exact, ordered[method])]
            said_kept = "{:.0f} % against {:.0f} %".format(*kept)
            rows.append((method, mask, found.mean, *found.wider_interval, verdict, said_kept))
    columns = ["method", "mask", "mean", "low", "high", "verdict", "kept"]
    return pd.DataFrame(rows, columns=columns)


def contrast(
    one: np.ndarray, other: np.ndarray, classes: pd.Series, seeds: pd.Series
) -> tuple[MeanInterval, str]:
    """The difference of two methods image by image, and whether it counts: lower or higher."""
    found = paired_difference(one, other, classes.to_numpy(), seed=SEED)
    by_seed = [(one - other)[seeds == s].mean() for s in seeds.unique()]
    if not found.excludes_zero or len(set(np.sign(by_seed))) > 1:
        return found, "undecided"
    return found, "lower" if found.mean < 0 else "higher"


def difference_table(comparisons: pd.DataFrame) -> pd.DataFrame:
    """A row per other method, a column per mask; bold where the difference counts."""
    cells = comparisons.assign(cell=[cell(row) for row in comparisons.itertuples()])
    table = cells.pivot_table("cell", "method", "mask", aggfunc="first")
    shown = table.loc[list(METHODS[1:]), list(MASKS)].rename(columns=MASKS)
    kept = comparisons[comparisons["mask"] == "soft"].set_index("method").kept
    return shown.assign(**{"coverage, soft mask": kept}).rename_axis("against")


def cell(row: object) -> str:
    text = f"{row.mean:+.1f} [{row.low:+.1f}, {row.high:+.1f}]"
    return text if row.verdict == "undecided" else f"**{text}** {row.verdict}"


def said(comparisons: pd.DataFrame) -> Iterator[str]:
    """One sentence per baseline, over all networks and masks."""
    for method in METHODS[1:]:
        part = comparisons[comparisons.method == method]
        counts = {name: count_verdicts(part[part["mask"] == name]) for name in MASKS}
        lower, higher, _ = np.sum(list(counts.values()), axis=0)
        verdict = "it depends on the network or the mask"
        if lower and not higher:
            verdict = "better where a difference is shown" if lower < len(part) else "better"
        elif higher and not lower:
            verdict = "worse where a difference is shown" if higher < len(part) else "worse"
        elif not lower:
            verdict = "no difference shown"
        by_mask = "; ".join(
            f"{words}: {low} lower, {high} higher, {undecided} undecided"
            for words, (low, high, undecided) in zip(MASKS.values(), counts.values(), strict=True)
        )
        yield f"* Against {method}: {verdict} ({by_mask})."
    total = len(comparisons)
    yield (
        f"* With {total} intervals at 95 %, about {0.05 * total:.0f} would exclude zero by chance "
        "alone if there were no differences at all."
    )


def count_verdicts(part: pd.DataFrame) -> tuple[int, int, int]:
    """How often the QUBO's drop is lower, higher, undecided."""
    lower, higher = (int((part.verdict == name).sum()) for name in ("lower", "higher"))
    return lower, higher, len(part) - lower - higher


def overlap_part(part: pd.DataFrame) -> list[str]:
    """Mean class overlap of the selections and of its references, mean over the seeds."""
    if part.seed.nunique() < 2:
        return []
    means = {
        SHOWN.get(method.value, method.value): np.mean(
            [overlap_of(own, method.value) for _, own in part.groupby("seed")]
        )
        for method in DEFAULT_METHODS
        if method.selects_maps
    }
    listed = ", ".join(f"{name} {value:.3f}" for name, value in means.items())
    return [
        "Class overlap (Bhattacharyya coefficient of the maps selected, mean over pairs of classes "
        f"and seeds; lower is more distinct): {listed}."
    ]


def overlap_of(own: pd.DataFrame, method: str) -> float:
    chosen = own[own.method == method]
    selections = [labels_of(text) for text in chosen.selected]
    return mean_overlap(class_overlap(selections, chosen.pred, int(chosen.num_maps.iloc[0]), 10))


def labels_of(text: str) -> list[int]:
    """Channel numbers from their text in the CSV file, such as ``[3, 7]``."""
    return [int(label) for label in text.strip("[]").split(",") if label.strip()]


def markdown(table: pd.DataFrame) -> str:
    """A table in Markdown, its index first."""
    flat = table.reset_index()
    lines = ["| " + " | ".join(map(str, flat.columns)) + " |", "|" + "---|" * len(flat.columns)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in flat.itertuples(index=False)]
    return "\n".join(lines)


INTRODUCTION = """# Average Drop

Made by `python -m benchmarks.xai.average_drop`; do not edit. Metrics are defined in
`qxgap/xai/metrics`; removed pixels become 0 (black). Intervals are 95 % bootstrap intervals (of
fewer than 30 images or classes Student's, which are wider), the wider of those for images and for
classes. A difference is marked only if both exclude
zero and its sign is the same with every seed of the network. Read every drop beside its coverage:
a mask that keeps more of the image drops less; only the mask of a quarter of the area keeps the
same of every method. Grad-CAM++ assumes maps from a ReLU; the maps selected from here are BatchNorm
outputs and partly negative. ({versions})"""
