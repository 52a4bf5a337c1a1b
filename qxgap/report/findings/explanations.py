"""Do the selected maps explain the class: Average Drop beside that of every other method."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from ...statistics import Resampling
from ...statistics.bootstrap import CONFIDENCE_LEVEL
from .claims import difference_finding
from .context import Context, once
from .finding import Finding, Support, summed_up
from .wording import counted, listed, sentence, two

QUBO = "exact"
"""The method that all others are compared with."""
METHOD_NAMES = {"exact": "the QUBO", "all positive": "all positive maps"}
"""Names of methods in sentences, where they differ from those of the table."""


class Scores(NamedTuple):
    """The explanation rows at the main tradeoff, and the masks with which they are scored."""

    rows: pd.DataFrame
    masks: list[str]


@once
def main_scores(context: Context) -> Scores:
    """Return the explanation rows at the tradeoff of the study, and the masks."""
    rows = context.results.xai
    masks = [
        c.removeprefix("drop_") for c in rows if c.startswith("drop_") and rows[c].notna().any()
    ]
    if len(rows) and np.isfinite(context.results.tradeoff):
        rows = rows[rows.tradeoff.isna() | np.isclose(rows.tradeoff, context.results.tradeoff)]
    return Scores(rows, masks)


@once
def explanation_findings(context: Context) -> tuple[Finding, ...]:
    """Compare the Average Drop of the QUBO with that of every other method, on the same images."""
    rows, masks = main_scores(context)
    if rows.empty or not masks:
        return ()
    column = f"drop_{masks[0]}"
    used = rows[(rows.num_qubits > 0) & rows[column].notna()]
    wide = used.pivot_table(column, "instance", "explanation", sort=False)
    others = [method for method in wide.columns if method != QUBO]
    if QUBO not in wide or not others:
        return ()
    clusters = used.drop_duplicates("instance").set_index("instance").cluster
    level = 1 - (1 - CONFIDENCE_LEVEL) / len(others)
    singles = {}
    for method in others:
        scores = wide[[QUBO, method]].dropna()
        resampling = Resampling.of(clusters[scores.index], seed=context.seed)
        singles[str(method)] = difference_finding(
            "the Average Drop",
            METHOD_NAMES[QUBO],
            METHOD_NAMES.get(str(method), str(method)),
            resampling.mean(scores[QUBO] - scores[method], level),
            claim="average-drop",
            subject=str(method),
            minor=True,
            level=level,
            unit="%",
        )
    return (*_summary(singles), *_notes(masks[0], len(wide), len(others), level), *singles.values())


def _summary(singles: dict[str, Finding]) -> list[Finding]:
    """Return a sentence for each way in which other methods compare with the QUBO."""
    texts = {
        Support.BELOW: "the maps of the QUBO explain the class better than {}",
        Support.ABOVE: "the maps of the QUBO explain the class worse than {}",
        Support.EQUAL: "the maps of the QUBO have exactly the same scores as {}",
        Support.COMPATIBLE: "no difference between the maps of the QUBO and {} can be shown",
        Support.UNDECIDED: "whether the maps of the QUBO explain the class as {} cannot be said",
    }
    findings = []
    for support, text in texts.items():
        alike = [single for single in singles.values() if single.support is support]
        if alike:
            names = listed(METHOD_NAMES.get(each.subject, each.subject) for each in alike)
            last = {Support.UNDECIDED: "or", Support.COMPATIBLE: "or"}.get(support, "and")
            names = listed((METHOD_NAMES.get(e.subject, e.subject) for e in alike), last)
            words = sentence(text.format(names))
            findings.append(summed_up("explains-class", alike, words, subject=names))
    return findings


def _notes(mask: str, images: int, comparisons: int, level: float) -> list[Finding]:
    """Return what is measured, and how the intervals are widened for several comparisons."""
    meaning = (
        "Average Drop is the confidence, in percent, that the network loses when all outside the "
        "explanation is removed; a small one is good."
    )
    joint = sentence(
        f"each interval is one of {two(100 * level)} %, so that all {comparisons} together hold at "
        f"{CONFIDENCE_LEVEL:.0%}".replace("95%", "95 %")
    )
    scored = sentence(f"it is measured on {counted(images, 'image')} with the mask {mask!r}")
    return [
        Finding("average-drop-meaning", meaning),
        Finding("average-drop-images", scored, minor=True),
        Finding("average-drop-intervals", joint, minor=True),
    ]
