"""How hard is it: the minimum gap beside the classical gap, and the place of the minimum."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pandas as pd

from ...annealing import Convention
from ...digits import fraction, rounded
from ...statistics import Estimate, Resampling
from .claims import known, with_interval
from .context import Context, once
from .finding import Answer, Finding, Question, Story, Support, judged, support_of
from .rules import ALIKE, BOTTLENECK, LATE, gap_is_narrow, gap_is_wide, hardness_verdict
from .scaling import scaling_findings
from .unanswered import unanswered
from .wording import all_of, counted, interval, lower_bound, percent, sentence, two, under

ASKED = "Does the energy gap become so small during the anneal that quantum mechanics is the limit?"


@once
def gap_classes(context: Context) -> pd.DataFrame:
    """Return the gap rows with the columns lower, wide, narrow and proven.

    ``wide`` and ``narrow`` say whether a quantum bottleneck is excluded or shown: by the bracket of
    the gap, which is ``proven``, or by the 95 % interval of an estimate. ``lower`` is the lower end
    of either in units of the classical gap, 0 where none is certified.
    """
    rows = context.results.gap
    if rows.empty:
        return rows
    classical = rows.classical_gap
    certified = (rows.status != "INCOMPLETE") & rows.gap_lower.notna()
    lower = rows.gap_lower.where(certified, 0.0)
    wide, narrow = gap_is_wide(lower, classical), gap_is_narrow(rows.upper, classical)
    best = lower.where(~rows.estimated | wide, np.fmax(lower, rows.low))
    return rows.assign(
        lower=best / classical,
        wide=gap_is_wide(best, classical),
        narrow=gap_is_narrow(rows.high, classical),
        proven=wide | narrow,
    )


@once
def hardness_answer(context: Context) -> Answer:
    """Return the answer to the first question."""
    rows = gap_classes(context)
    if rows.empty:
        known = len(context.results.rows("gap")) > 0
        why = "All levels of these problems are equal, so that there is no gap." if known else ""
        return unanswered(context, Question.HARDNESS, ASKED, "gap", "energy gap", why=why)
    shown = rows.assign(proven_narrow=rows.narrow & rows.proven)
    by_problem = shown.groupby("instance", sort=False)[
        ["wide", "narrow", "proven", "proven_narrow"]
    ]
    wide, narrow = by_problem.all().wide, by_problem.any().narrow
    proven = (wide & by_problem.all().proven) | by_problem.any().proven_narrow
    differ = bool((by_problem.any().narrow & by_problem.any().wide).any())
    total = len(wide)
    verdict = hardness_verdict(int(wide.sum()), int(narrow.sum()), total, drivers_differ=differ)
    settled = int((wide | narrow).sum())
    finding = _bottleneck(context, rows, wide, narrow)
    return Answer(
        Question.HARDNESS,
        verdict,
        finding.words,
        _certainty(int(proven.sum()), settled, context.num_problems),
        _story(context, rows, int(wide.sum()), int(narrow.sum()), total),
        (finding, *gap_findings(context), *scaling_findings(context)),
    )


def _certainty(proven: int, settled: int, total: int) -> str:
    """Return for how many problems the verdict is proven, and for how many it is estimated."""
    if not settled:
        return "not proven"
    if not proven:
        return f"estimated for {all_of(settled, total)}"
    if proven == settled:
        return f"proven for {all_of(settled, total)}"
    return f"proven for {proven}, estimated for {settled - proven} of {counted(total, 'problem')}"


def _bottleneck(
    context: Context, rows: pd.DataFrame, wide: pd.Series, narrow: pd.Series
) -> Finding:
    """Return whether the gap of any problem is narrower than half the classical one."""
    total, number = len(wide), int(narrow.sum())
    spacing, sure = f"the spacing of {context.terms.pair}", True
    if wide.all():
        least, sure = float(rows.lower.min()), bool(rows.proven.all())
        never = "never falls" if sure else "is estimated never to fall"
        words = f"the gap {never} below {lower_bound(least)} of {spacing}"
        if (rows.gap >= rows.classical_gap * (1 - ALIKE)).all():
            words = f"the smallest gap of the anneal is {spacing} itself"
            words += "" if sure else ", as far as it is estimated"
    elif number:
        counts = rows[rows.narrow].groupby("setting", sort=False).instance.nunique()
        setting, most = str(counts.idxmax()), int(counts.max())
        whose = f"{under(setting)}," if counts.size < rows.setting.nunique() else ""
        sure = bool(rows.proven[rows.narrow & (rows.setting == setting)].all())
        falls = "falls" if sure else "is estimated to fall"
        words = f"{whose} the gap {falls} below half {spacing} in {all_of(most, total)}"
    else:
        words = (
            f"for {all_of(total - int(wide.sum()), total)} the gap is not known well enough to "
            "exclude a quantum bottleneck"
        )
    if sure:
        return Finding("quantum-bottleneck", sentence(words))
    shown = rows if wide.all() else rows[rows.narrow]
    worst = pd.Series.min if wide.all() else pd.Series.max
    gap, low, high = (
        float(worst(part))
        for part in (
            shown.gap / shown.classical_gap,
            shown.lower if wide.all() else shown.low / shown.classical_gap,
            shown.high / shown.classical_gap,
        )
    )
    ratio = Estimate(gap, low, high, len(shown))
    support = support_of(ratio, BOTTLENECK)
    return Finding("quantum-bottleneck", sentence(words), support, "", ratio, BOTTLENECK)


def _own_story(context: Context, row: pd.Series) -> Story:
    """Return the story of a table with one gap."""
    if row.estimated:
        return _estimated_story(row)
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


def _estimated_story(row: pd.Series) -> Story:
    """Return the story of a table with one estimated gap."""
    doubt = "" if row.proven else ", as far as the estimate is right"
    unit = " GHz" if row.unit == "GHz" else ""
    seen = (
        f"The smallest gap is about {two(row.gap)}{unit} (95 % interval {ends_of(row)}{unit}), at "
        f"s = {fraction(row.s_star)}; the classical gap is {two(row.classical_gap)}{unit}."
    )
    means = "Whether quantum mechanics adds a bottleneck stays open."
    if row.wide:
        means = (
            "The anneal is limited by how close the energies of the problem lie, not by a quantum "
            f"bottleneck{doubt}."
        )
    elif row.narrow:
        means = f"Quantum mechanics makes this anneal harder than the problem's energies do{doubt}."
    since = row.proven_from
    limits = "No lower bound of the gap is proven."
    if row.gap_lower > 0:
        limits = "Other drivers and schedules have other gaps."
    elif np.isfinite(since):
        limits = f"Before s = {fraction(since)} no lower bound of the gap is proven."
    return Story(
        asked=ASKED,
        did="We estimated the smallest gap of the anneal from the most important of the "
        f"2^{int(row.num_qubits)} states, which are too many to treat all.",
        saw=seen,
        means=means,
        limits=limits,
    )


def ends_of(row: pd.Series) -> str:
    """Return the ends of the interval of an estimated gap, in digits that tell them apart."""
    for digits in (2, 3, 4, 5):
        low, high = rounded(row.low, digits), rounded(row.high, digits)
        if low != high:
            break
    return f"{low} to {high}"


def _bracketed(rows: pd.DataFrame) -> str:
    """Return what was done to know the gaps of several anneals."""
    certified, estimated = rows[~rows.estimated], int(rows.estimated.sum())
    if not len(certified):
        return (
            "We estimated the smallest gap of every anneal from the most important of the 2^d "
            "states, which are too many to treat all."
        )
    width = float(((certified.gap - certified.gap_lower) / certified.gap).max())
    which = f"of {counted(len(certified), 'anneal')}" if estimated else "of every anneal"
    did = f"We bracketed the smallest gap {which} between two proven bounds"
    if estimated:
        return f"{did}, and estimated it for {estimated} others, which have too many states."
    return did + (f" that differ by {percent(width)} at most." if np.isfinite(width) else ".")


def _story(context: Context, rows: pd.DataFrame, wide: int, narrow: int, total: int) -> Story:
    if len(rows) == 1:
        return _own_story(context, rows.iloc[0])
    means = {
        total: "The anneal is limited by how close the energies of the problem lie, not by a "
        "quantum bottleneck"
        + ("." if rows.proven.all() else ", as far as the estimates are right."),
        0: "No problem is shown to be free of a quantum bottleneck.",
    }.get(wide, "Some of the problems are free of a quantum bottleneck, and not all.")
    late = int((rows.s_star > LATE).sum())
    return Story(
        asked=ASKED,
        did=_bracketed(rows),
        saw=f"{wide} of {counted(total, 'problem')} keep at least {BOTTLENECK:g} of the classical "
        f"gap, {narrow} do not; {late} of {len(rows)} minima lie above s = {LATE:g}.",
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
    ratio = _typical_ratio(resampling, rows, rows.assign(gap=rows.classical_gap, estimated=False))
    order = resampling.rank_correlation(rows.gap, rows.classical_gap)
    ranks = resampling.estimate(float(order[0]), order[1:])
    late, last = int((rows.s_star > LATE).sum()), int((rows.s_star == 1).sum())
    inside = (
        int(np.isfinite(rows.interior_gap.astype(float)).sum()) if "interior_gap" in rows else 0
    )
    low, high = np.quantile(rows.gap, [0.05, 0.95])
    gap = _typical_ratio(resampling, rows, rows.assign(gap=1.0, estimated=False))
    classical = resampling.median(rows.classical_gap)
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


def _typical_ratio(resampling: Resampling, above: pd.DataFrame, below: pd.DataFrame) -> Estimate:
    """Return the median ratio of the gaps of two tables of the same problems.

    Its interval includes the errors of estimated gaps, as if all of them were off the same way.
    """
    typical = resampling.median(above.gap / below.gap)
    if not (above.estimated.any() or below.estimated.any()):
        return typical
    lows, highs = (
        [rows[end].where(rows.estimated, rows.gap) for rows in (above, below)]
        for end in ("low", "high")
    )
    low, high = resampling.median(lows[0] / highs[1]), resampling.median(highs[0] / lows[1])
    return Estimate(typical.value, low.low, high.high, typical.num_clusters)


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
    resampling = Resampling.of(one.cluster[shared], seed=context.seed)
    ratio = _typical_ratio(resampling, other.loc[shared], one.loc[shared])
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
    proven = rows[(rows.status == "BRACKETED") & ~rows.estimated]
    width = float(((proven.gap - proven.gap_lower) / proven.gap).max()) if len(proven) else math.nan
    text = f"{all_of(len(proven), len(rows), 'gap')} {'is' if len(rows) == 1 else 'are'} bracketed"
    if len(proven):
        text += f" by two proven bounds, at most {percent(width)} of the gap apart"
    sure = [Finding("gaps-certified", sentence(text), minor=True)]
    if rows.estimated.all():
        sure = []
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
        *sure,
        *_estimates(rows[rows.estimated], len(rows)),
        Finding("degenerate", sentence(degenerate), minor=True),
    )


def _estimates(rows: pd.DataFrame, total: int) -> tuple[Finding, ...]:
    """Return how many gaps are estimated, how well, and what is proven of them."""
    if rows.empty:
        return ()
    number, one = len(rows), len(rows) == 1
    off = float((np.fmax(rows.high - rows.gap, rows.gap - rows.low) / rows.gap).max())
    words = (
        f"{all_of(number, total, 'gap')} {'is' if one else 'are'} estimated, because a computer "
        f"cannot treat all 2^d states; the exact gap lies within {percent(off)} of "
        f"{'the estimate' if one else 'each estimate'} with 95 % confidence"
    )
    taken = (
        "the intervals of typical gaps include the errors of estimated gaps; ranks and fits of a "
        "trend in d take an estimate as if it were exact"
    )
    return (
        Finding("gaps-estimated", sentence(words), Support.ESTIMATED),
        _proven_part(rows),
        Finding("estimates-in-fits", sentence(taken), minor=True),
    )


def _proven_part(rows: pd.DataFrame) -> Finding:
    """Return of how many estimated gaps a lower bound is proven, and from which s on."""
    proven = rows[np.isfinite(rows.proven_from.astype(float))]
    if proven.empty:
        return Finding("estimates-proven", "No lower bound of an estimated gap is proven.")
    bound = lower_bound(min(1.0, float((proven.proven_lower / proven.gap).min())))
    since = float(proven.proven_from.max())
    which = all_of(len(proven), len(rows), "estimated gap")
    words = f"a lower bound of {which}, at least {bound} of the estimate, is proven"
    if since > 0:
        each = "" if len(proven) == 1 else "for each "
        words += f" only late in the anneal, {each}from s = {fraction(since)} on"
    return Finding("estimates-proven", sentence(words))
