"""How hard is it: the minimum gap beside the classical gap, and the place of the minimum."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pandas as pd

from ...annealing import Convention
from ...statistics import Estimate, Resampling
from .claims import known, with_interval
from .context import Context, once
from .finding import Answer, Finding, Question, Story, Support, judged
from .rules import ALIKE, BOTTLENECK, LATE, gap_is_narrow, gap_is_wide, hardness_verdict
from .scaling import scaling_findings
from .unanswered import unanswered
from .wording import all_of, counted, interval, lower_bound, percent, sentence, two, under

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
        f"proven for {all_of(settled, context.num_problems)}" if settled else "not proven",
        _story(context, rows, int(wide.sum()), int(narrow.sum()), total),
        (finding, *gap_findings(context), *scaling_findings(context)),
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
        counts = rows[rows.narrow].groupby("setting", sort=False).instance.nunique()
        setting, most = str(counts.idxmax()), int(counts.max())
        whose = f"{under(setting)}," if counts.size < rows.setting.nunique() else ""
        words = f"{whose} the gap falls below half {spacing} in {all_of(most, total)}"
    else:
        words = (
            f"for {all_of(total - int(wide.sum()), total)} the gap is not known well enough to "
            "exclude a quantum bottleneck"
        )
    return Finding("quantum-bottleneck", sentence(words))


def _own_story(context: Context, row: pd.Series) -> Story:
    """Return the story of a table with one gap."""
    width = float((row.gap - row.gap_lower) / row.gap)
    unit = " GHz" if row.unit == "GHz" else ""
    means = "Whether quantum mechanics adds a bottleneck stays open."
    if row.wide:
        means = (
            "The anneal is limited by how close the energies of the problem lie, not by a quantum "
            "bottleneck."
        )
    elif row.narrow:
        means = "Quantum mechanics makes this anneal harder than the energies of the problem do."
    return Story(
        asked=ASKED,
        did="We bracketed the smallest gap of the anneal between two proven bounds"
        + (f" that differ by {percent(width)}." if np.isfinite(width) else "."),
        saw=f"The smallest gap is {two(row.gap)}{unit}, at s = {two(row.s_star)}; the classical "
        f"gap, the spacing of {context.terms.pair}, is {two(row.classical_gap)}{unit}.",
        means=means,
        limits="A classical gap that is small makes an anneal slow too, and other drivers and "
        "schedules have other gaps.",
    )


def _story(context: Context, rows: pd.DataFrame, wide: int, narrow: int, total: int) -> Story:
    if len(rows) == 1:
        return _own_story(context, rows.iloc[0])
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


@once
def gap_findings(context: Context) -> tuple[Finding, ...]:
    """Return how large the gaps are with each driver, where they are smallest, and how sure."""
    rows = gap_classes(context)
    if rows.empty:
        return ()
    findings: list[Finding] = []
    for unit, part in rows.groupby("unit", sort=False):
        named = "" if unit in ("", "dimensionless", "1") else str(unit)
        settings = list(dict.fromkeys(part.setting))
        several = rows.setting.nunique() > 1
        for setting in settings:
            own = part[part.setting == setting]
            findings.extend(_gaps_of(own, setting, named, several, context))
        for first, second in pairwise(settings[:2]):
            findings.extend(_gaps_of_drivers(part, first, second, context))
    return (*drivers_compared(rows), *findings, *_certificates(rows))


def drivers_compared(rows: pd.DataFrame) -> tuple[Finding, ...]:
    """Return what the two drivers are, if the rows have both."""
    if set(rows.convention) < set(Convention):
        return ()
    words = (
        "Two drivers are compared: that of the paper, with weight 1 on every qubit, and that of "
        "the authors' code, with weight 1/d on each of d qubits."
    )
    return (Finding("drivers", words),)


def _gaps_of(
    rows: pd.DataFrame, setting: str, unit: str, several: bool, context: Context
) -> list[Finding]:
    """Return the gaps with one driver: beside the classical gap, their size, and their place."""
    resampling = Resampling.of(rows.cluster, seed=context.seed)
    who = f"{under(setting)}," if several else ""
    ratio = resampling.median(rows.gap / rows.classical_gap)
    order = resampling.rank_correlation(rows.gap, rows.classical_gap)
    ranks = resampling.estimate(float(order[0]), order[1:])
    late, last = int((rows.s_star > LATE).sum()), int((rows.s_star == 1).sum())
    inside = (
        int(np.isfinite(rows.interior_gap.astype(float)).sum()) if "interior_gap" in rows else 0
    )
    low, high = np.quantile(rows.gap, [0.05, 0.95])
    gap, classical = resampling.median(rows.gap), resampling.median(rows.classical_gap)
    return [
        _ratio(ratio, who, setting),
        Finding(
            "minimum-at-end",
            sentence(
                who,
                f"the gap is smallest at the end of the anneal (s above {LATE:g}) in",
                all_of(late, len(rows)),
            ),
            subject=setting,
        ),
        Finding(
            "gap-size",
            sentence(
                who,
                f"the smallest gap is typically {with_interval(gap, unit)}, and the classical gap "
                f"{two(classical.value)}",
            ),
            known(gap),
            setting,
            gap,
            minor=True,
        ),
        Finding(
            "gap-range",
            sentence(
                who,
                f"nine smallest gaps in ten lie between {two(float(low))} and",
                two(float(high)),
            ),
            subject=setting,
            minor=True,
        ),
        _order(ranks, who, setting),
        Finding(
            "minimum-place",
            sentence(
                who,
                f"the gap is smallest at the very last moment in {all_of(last, len(rows))}, and "
                f"has a local minimum before that in {inside}",
            ),
            subject=setting,
            minor=True,
        ),
    ]


def _ratio(ratio: Estimate, who: str, setting: str) -> Finding:
    """Return whether the smallest gap is narrower than the classical gap."""
    off = Estimate(1 - ratio.value, 1 - ratio.high, 1 - ratio.low, ratio.num_clusters)
    size = f"{percent(off.value)} ({interval(off, factor=100, unit='%')})"
    within = max(abs(off.low), abs(off.high))
    words = {
        Support.BELOW: sentence(
            who, f"the smallest gap is typically narrower than the classical gap by {size}"
        ),
        Support.ABOVE: sentence(who, "the smallest gap is typically wider than the classical gap"),
        Support.EQUAL: sentence(who, "the smallest gap is typically the classical gap itself"),
        Support.COMPATIBLE: sentence(
            who,
            f"the smallest gap is typically the classical gap, to within {percent(within)} with "
            "95 % confidence",
        ),
        Support.UNDECIDED: sentence(
            who,
            f"the smallest gap is typically {two(ratio.value, apart_from=1)} times the classical "
            "gap, without an interval",
        ),
    }
    return judged("gap-over-classical-gap", ratio, 1.0, words, subject=setting)


def _order(ranks: Estimate, who: str, setting: str) -> Finding:
    """Return whether the problems have the same order by smallest gap and by classical gap."""
    sure = f"(rank correlation {two(ranks.value, apart_from=1)}, {interval(ranks, apart_from=1)})"
    if ranks.low >= 0.99:
        sure = "(rank correlation at least 0.99)"
    words = {
        Support.ABOVE: sentence(
            who, "problems of a large classical gap also have a large smallest gap", sure
        ),
        Support.BELOW: sentence(
            who, "problems of a large classical gap tend to have a small smallest gap", sure
        ),
        Support.COMPATIBLE: sentence(
            who, "no relation between the smallest and the classical gap can be shown", sure
        ),
        Support.UNDECIDED: sentence(
            who, "whether the smallest gap follows the classical gap cannot be said"
        ),
    }
    return judged("gap-order", ranks, 0.0, words, subject=setting, minor=True)


def _gaps_of_drivers(
    rows: pd.DataFrame, first: str, second: str, context: Context
) -> tuple[Finding, ...]:
    """Return how the gaps with two drivers compare, problem by problem."""
    one, other = (rows[rows.setting == name].set_index("instance") for name in (first, second))
    shared = one.index.intersection(other.index)
    if shared.empty:
        return ()
    ratio = Resampling.of(one.cluster[shared], seed=context.seed).median(
        other.gap[shared] / one.gap[shared]
    )
    a, b = (name if not name.startswith("driver") else f"the {name}" for name in (second, first))
    off = Estimate(ratio.value - 1, ratio.low - 1, ratio.high - 1, ratio.num_clusters)
    size = percent(abs(off.value))
    sure = f"({interval(off, factor=100 * math.copysign(1, off.value), unit='%')})"
    words = {
        Support.ABOVE: sentence(f"the gap is typically {size} wider with {a} than with {b}", sure),
        Support.BELOW: sentence(
            f"the gap is typically {size} narrower with {a} than with {b}", sure
        ),
        Support.EQUAL: sentence(f"the gaps with {a} and with {b} are typically the same"),
        Support.COMPATIBLE: sentence(
            f"no difference between the gaps with {a} and with {b} can be shown"
        ),
        Support.UNDECIDED: sentence(
            f"whether the gaps with {a} and with {b} differ cannot be said without an interval"
        ),
    }
    return (judged("gap-of-drivers", ratio, 1.0, words, subject=f"{second} over {first}"),)


def _certificates(rows: pd.DataFrame) -> tuple[Finding, ...]:
    """Return how many minima are certified, and how many problems are degenerate."""
    proven = rows[rows.status == "BRACKETED"]
    width = float(((proven.gap - proven.gap_lower) / proven.gap).max()) if len(proven) else math.nan
    text = f"{all_of(len(proven), len(rows), 'gap')} {'is' if len(rows) == 1 else 'are'} bracketed"
    if len(proven):
        text += f" by two proven bounds, at most {percent(width)} of the gap apart"
    single = rows.drop_duplicates("instance")
    several = int((single.degeneracy > 1).sum()) if "degeneracy" in single else 0
    degenerate = "no problem has several ground states"
    if several:
        verb = "has" if several == len(single) == 1 else "have"
        degenerate = (
            f"{all_of(several, len(single))} {verb} several ground states; the gap meant is the "
            "one above all of them"
        )
    return (
        Finding("gaps-certified", sentence(text), minor=True),
        Finding("degenerate", sentence(degenerate), minor=True),
    )
