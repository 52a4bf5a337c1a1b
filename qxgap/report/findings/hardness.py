"""How hard is it: the minimum gap beside the classical gap, and the place of the minimum."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .context import Context, once
from .finding import Answer, Finding, Question, Story
from .rules import ALIKE, BOTTLENECK, LATE, gap_is_narrow, gap_is_wide, hardness_verdict
from .unanswered import unanswered
from .wording import all_of, counted, lower_bound, percent, sentence

ASKED = "Does the energy gap become so small during the anneal that quantum mechanics is the limit?"


@once
def gap_classes(context: Context) -> pd.DataFrame:
    """Return the gap rows with the columns lower, wide and narrow.

    ``lower`` is the certified lower bound in units of the classical gap, 0 where none is certified.
    ``wide`` and ``narrow`` say whether the bracket excludes or proves a quantum bottleneck.
    """
    rows = context.results.gap
    if rows.empty:
        return rows
    certified = (rows.status != "INCOMPLETE") & rows.gap_lower.notna()
    lower = rows.gap_lower.where(certified, 0.0)
    return rows.assign(
        lower=lower / rows.classical_gap,
        wide=gap_is_wide(lower, rows.classical_gap),
        narrow=gap_is_narrow(rows.gap, rows.classical_gap),
    )


@once
def hardness_answer(context: Context) -> Answer:
    """Return the answer to the first question."""
    rows = gap_classes(context)
    if rows.empty:
        known = len(context.results.rows("gap")) > 0
        why = "All levels of these problems are equal, so that there is no gap." if known else ""
        return unanswered(context, Question.HARDNESS, ASKED, "gap", "energy gap", why=why)
    by_problem = rows.groupby("instance", sort=False)[["wide", "narrow"]]
    wide, narrow = by_problem.all().wide, by_problem.any().narrow
    differ = bool((by_problem.any().narrow & by_problem.any().wide).any())
    total = len(wide)
    verdict = hardness_verdict(int(wide.sum()), int(narrow.sum()), total, drivers_differ=differ)
    settled = int((wide | narrow).sum())
    finding = _bottleneck(context, rows, wide, narrow)
    return Answer(
        Question.HARDNESS,
        verdict,
        finding.words,
        f"proven for {all_of(settled, context.num_problems)}",
        _story(context, rows, int(wide.sum()), int(narrow.sum()), total),
        (finding,),
    )


def _bottleneck(
    context: Context, rows: pd.DataFrame, wide: pd.Series, narrow: pd.Series
) -> Finding:
    """Return whether the gap of any problem is narrower than half the classical one."""
    total, number = len(wide), int(narrow.sum())
    spacing = f"the spacing of {context.terms.pair}"
    if wide.all():
        least = float(rows.lower.min())
        words = f"the gap never falls below {lower_bound(least)} of {spacing}"
        if (rows.gap >= rows.classical_gap * (1 - ALIKE)).all():
            words = f"the smallest gap of the anneal is {spacing} itself"
    elif number:
        words = (
            f"in {all_of(number, total)} the gap falls below half {spacing}, so that quantum "
            "mechanics adds a bottleneck"
        )
    else:
        words = (
            f"for {all_of(total - int(wide.sum()), total)} the gap is not known well enough to "
            "exclude a quantum bottleneck"
        )
    return Finding("quantum-bottleneck", sentence(words))


def _story(context: Context, rows: pd.DataFrame, wide: int, narrow: int, total: int) -> Story:
    width = float(((rows.gap - rows.gap_lower) / rows.gap).max())
    means = {
        total: "The anneal is limited by how close the energies of the problem lie, not by a "
        "quantum bottleneck.",
        0: "No problem is shown to be free of a quantum bottleneck.",
    }.get(wide, "Some of the problems are free of a quantum bottleneck, and not all.")
    late = int((rows.s_star > LATE).sum())
    return Story(
        asked=ASKED,
        did="We bracketed the smallest gap of every anneal between two proven bounds"
        + (f" that differ by {percent(width)} at most." if np.isfinite(width) else "."),
        saw=f"{wide} of {counted(total, 'problem')} keep at least {BOTTLENECK:g} of the classical "
        f"gap, {narrow} do not; {late} of {len(rows)} minima lie at the end.",
        means=means,
        limits="A classical gap that is small makes an anneal slow too, and larger problems than "
        "these were not computed.",
    )
