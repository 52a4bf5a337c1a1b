"""Do the selected maps explain the classification, against every baseline?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ... import plotting
from ...analysis import class_separation, overlap_matrices, score_means
from ..findings import Context, explanation_findings, main_scores
from ..sidefiles import ShownImages
from .parts import Picture, Section, Table, number, word

TITLE = "Do the selected maps explain the class?"

QUBO = "exact"
"""The method of the exact optimum."""
RULES = {"selected": "QUBO", "top_k": "top-k", "all_positive": "all positive"}
"""Columns of a gap row with selected maps, and what the figure calls them."""


def write_section(context: Context) -> Section:
    """Answer with Average Drop by class, method and tradeoff, maps, and class overlap."""
    section = Section(TITLE, findings=list(explanation_findings(context)))
    section.pictures.extend(_maps(context))
    rows = context.results.xai
    if rows.empty:
        section.missing.append("No explanation was scored.")
        section.pictures.extend(_fractions(context))
        return section
    main, masks = main_scores(context)
    for mask in masks[:1]:
        _add_drops(section, main, mask, context)
    section.tables.append(_metrics(main))
    section.pictures.extend(_tradeoffs(rows, masks))
    section.pictures.extend(_overlap(main))
    return section


def _add_drops(section: Section, rows: pd.DataFrame, mask: str, context: Context) -> None:
    """Add the figure and the table of the Average Drop of every method."""
    table = score_means(rows, f"drop_{mask}", seed=context.seed)
    section.pictures.append(
        Picture(
            "average_drop",
            plotting.average_drop(table),
            "Average Drop of every method, with a dot per class.",
            f"Average Drop, mask {mask!r}: what the confidence loses when everything outside the "
            "explanation is removed. Intervals from resampling classes.",
        )
    )
    section.tables.append(_by_class(table, mask))


def _by_class(table: pd.DataFrame, mask: str) -> Table:
    """Return the Average Drop of every class and method."""
    methods = list(dict.fromkeys(table.method))
    classes = sorted(c for c in table.class_name.unique() if c)
    at = table.set_index(["class_name", "method"])
    values = at.value
    lines = [[c.strip(), *(number(values.get((c, m), np.nan)) for m in methods)] for c in classes]
    lines.append(["all images", *(number(values[("", m)]) for m in methods)])
    lines.append(
        ["interval", *(f"{number(at.low[('', m)])} to {number(at.high[('', m)])}" for m in methods)]
    )
    caption = f"Average Drop in percent per class, mask {mask!r}; lower is better."
    return Table(caption, ["class", *methods], lines)


def _metrics(rows: pd.DataFrame) -> Table:
    """Return the means of every metric for every method."""
    used = rows[rows.num_qubits > 0]
    prefixes = ("drop_", "increase_", "coverage_")
    names = [c for c in used if c.startswith(prefixes)] + [
        c for c in ("insertion", "deletion", "coherency", "complexity", "adcc") if c in used
    ]
    names = [name for name in names if used[name].notna().any()]
    means = used.groupby("explanation", sort=False)[names].mean()
    lines = [[name, *(number(means.loc[m, name]) for m in means.index)] for name in names]
    caption = "Means of every metric in percent, over all images with a selection."
    return Table(caption, ["metric", *map(str, means.index)], lines)


def _tradeoffs(rows: pd.DataFrame, masks: list[str]) -> list[Picture]:
    if rows.tradeoff.nunique() < 2 or not masks:
        return []
    used = rows[rows.num_qubits > 0]
    chosen = used.selected.map(lambda s: np.nan if s is None or np.ndim(s) == 0 else len(s))
    used = used.assign(drop=used[f"drop_{masks[0]}"], fraction=chosen / used.num_qubits)
    groups = used.groupby(["explanation", "tradeoff"], sort=False)
    table = groups[["drop", "fraction"]].mean().reset_index()
    return [_curve(table.rename(columns={"explanation": "method"}))]


def _fractions(context: Context) -> list[Picture]:
    """Return the size of the optimum against the tradeoff, which needs no scores."""
    rows = context.results.rows("gap", every_tradeoff=True)
    if rows.empty or rows.tradeoff.nunique() < 2 or "selected" not in rows:
        return []
    rows = rows[rows.selected.notna()].drop_duplicates(["instance", "tradeoff"])
    fraction = rows.selected.map(len) / rows.num_qubits
    means = fraction.groupby(rows.tradeoff).mean().rename("fraction").reset_index()
    return [_curve(means.assign(method=QUBO, drop=np.nan))]


def _curve(table: pd.DataFrame) -> Picture:
    return Picture(
        "tradeoff",
        plotting.tradeoff_curves(table),
        "Average Drop and selected share of the maps against the tradeoff.",
        "Average Drop and the share of the selectable maps that are selected, against the tradeoff "
        "(the paper's beta): means over images.",
    )


def _maps(context: Context) -> list[Picture]:
    rows = context.results.instances
    chosen = rows.set_index("name") if "selected" in rows and len(rows) else rows
    return [
        picture
        for group, shown in context.side.shown.items()
        for picture in _maps_of(group, shown, chosen)
    ]


def _maps_of(group: str, shown: ShownImages, chosen: pd.DataFrame) -> list[Picture]:
    """Images whose selections the table holds, with the maps of every rule."""
    at = [i for i, name in enumerate(shown.names) if name in chosen.index]
    if not at:
        return []
    rows = chosen[~chosen.index.duplicated()].loc[shown.names[at]]
    cams = {
        name: [shown.cam(i, labels) for i, labels in zip(at, rows[column], strict=True)]
        for column, name in RULES.items()
    }
    cams["Grad-CAM"] = [shown.cam(i, None) for i in at]
    images = shown.display()
    titles = [
        f"{shown.pred[i]}: {len(row.selected)} of {row.num_qubits}"
        for i, row in zip(at, rows.itertuples(), strict=True)
    ]
    return [
        Picture(
            f"explanation_maps_{word(group)}",
            plotting.explanation_maps([images[i] for i in at], cams, titles),
            f"{len(at)} images and where {len(cams)} methods look.",
            "Where each method looks, an image of each class; the titles give the class and how "
            "many of the selectable maps the QUBO takes. Dark to bright is low to high.",
        )
    ]


def _overlap(rows: pd.DataFrame) -> list[Picture]:
    """Return the class-class maps of each network, whose numbers of maps are its own."""
    pictures = []
    groups = dict(tuple(rows.groupby("group", sort=False)))
    for group, own in groups.items():
        matrices, classes = overlap_matrices(own)
        if not matrices:
            continue
        separation = class_separation(own)
        said = "" if separation is None else f" {str(separation).splitlines()[0]}"
        pictures.append(
            Picture(
                "class_overlap" if len(groups) == 1 else f"class_overlap_{word(str(group))}",
                plotting.class_overlap(matrices, classes),
                "Class-class overlap of the selected maps for each selection rule.",
                "Overlap of the maps that two classes select (Bhattacharyya coefficient; values "
                f"below 0.10 are printed as 0).{said}",
            )
        )
    return pictures
