"""What a results table says, in plain words, each number with an interval where it has one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..samples import jeffreys_interval
from .couplings import CouplingStatistics

NUM_RESAMPLES = 2000


def findings(frame: pd.DataFrame, facts: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return sentences by question: how hard, how likely, agreeing or not, annealing needed.

    Parameters
    ----------
    frame : results, a row per instance and convention.
    facts : what the demo found besides: test accuracy, head check, images without a problem, and
        the results of ``coupling_statistics`` and ``subset_sizes`` under these names.

    Intervals of medians come from resampling whole classes, since the images of a class share
    their alpha and are not independent; those of counts are Jeffreys intervals and take the
    instances as independent, which makes them too narrow.
    """
    paper = frame[frame.convention == "paper"].reset_index(drop=True)
    code = frame[frame.convention == "authors-code"].reset_index(drop=True)
    return {
        "In short": [_in_short(paper, code)],
        "The instances": _instances(paper, facts),
        "How hard is it?": _how_hard(paper, code, facts),
        "Will it succeed?": _how_likely(paper, code, facts),
        "Does simulated annealing agree with the prediction?": _agreement(paper, code),
        "Was annealing needed at all?": _needed(paper),
        "What are the couplings like?": _couplings(
            facts["coupling_statistics"], facts["subset_sizes"]
        ),
    }


def _in_short(paper: pd.DataFrame, code: pd.DataFrame) -> str:
    last = len(paper.tau.iloc[0]) - 1
    longest = paper.tau.iloc[0][last]
    success = [part.success_probability.str[last].median() for part in (paper, code)]
    inside = _inside(paper).sum() + _inside(code).sum()
    return (
        f"How hard: the minimum gap is {(paper.gap / paper.classical_gap).median():.3f} times the "
        f"QUBO's own level spacing in the median. How likely: success with {success[0]:.0%} "
        f"(driver weight 1) or {success[1]:.0%} (weight 1/d) in the median at tau = {longest:g}. "
        f"Simulated annealing agrees with the predicted probability in {inside} of "
        f"{len(paper) + len(code)} comparisons. Trivial baselines reach an exact optimum in "
        f"{paper.top_k_is_optimal.sum()} (top-k) and {paper.greedy_is_optimal.sum()} (greedy) of "
        f"{len(paper)} instances."
    )


def _inside(part: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether each prediction lies in the interval of its samples."""
    low, high = np.array(part.sa_ground_probability_interval.tolist()).T
    predicted = part.sa_predicted.to_numpy()
    inside: NDArray[np.bool_] = (low <= predicted) & (predicted <= high)
    return inside


def _instances(paper: pd.DataFrame, facts: Mapping[str, Any]) -> list[str]:
    sizes = paper.num_qubits
    without = facts["num_without_problem"]
    lines = [
        f"The network classifies {facts['test_accuracy']:.1%} of its {facts['test_images']} "
        f"embedded test images correctly; {facts['num_images']} of these were taken. They give "
        f"{len(paper)} QUBOs of {sizes.min()} to {sizes.max()} qubits (median "
        f"{sizes.median():g}) out of {facts['num_maps']} feature maps, at tradeoff "
        f"{facts['tradeoff']:g}.",
        f"Layer {facts['layer']!r}: {facts['head']}.",
    ]
    if without:
        lines.append(f"{without} images have no map of positive importance and so no QUBO.")
    return lines


def _how_hard(paper: pd.DataFrame, code: pd.DataFrame, facts: Mapping[str, Any]) -> list[str]:
    degenerate = int((paper.degeneracy > 1).sum())
    bracketed = int((paper.gap_status == "BRACKETED").sum())
    width = float(((paper.gap - paper.gap_lower) / paper.gap).max())
    ratio = paper.gap / paper.classical_gap
    late = _share((paper.s_star > 0.95).to_numpy())
    late_code = _share((code.s_star > 0.95).to_numpy())
    return [
        f"The median minimum gap is {_median(paper, 'gap', facts)} with driver weight 1 and "
        f"{_median(code, 'gap', facts)} with weight 1/d. {bracketed} of {len(paper)} minima are "
        f"certified; the widest bracket is {width:.2%} of its gap.",
        f"The classical gap, the spacing of the QUBO's own two lowest energies, has the median "
        f"{_median(paper, 'classical_gap', facts)}. The minimum gap is "
        f"{ratio.median():.3f} times it in the median, and the minimum lies at s > 0.95 in {late} "
        f"(weight 1/d: {late_code}). Where the two agree, the gap tells of classical level "
        "spacing, not of a quantum bottleneck.",
        f"{degenerate} of {len(paper)} instances have more than one ground state"
        + ("; there the gap is the one above all of them." if degenerate else "."),
    ]


def _how_likely(paper: pd.DataFrame, code: pd.DataFrame, facts: Mapping[str, Any]) -> list[str]:
    lines = []
    for at, tau in enumerate(paper.tau.iloc[0]):
        medians = [
            _median(part.assign(success=part.success_probability.str[at]), "success", facts)
            for part in (paper, code)
        ]
        lines.append(
            f"At tau = {tau:g} the median success probability is {medians[0]} with driver weight "
            f"1 and {medians[1]} with weight 1/d."
        )
    compared = paper.compared_at_tau.iloc[0]
    at = list(paper.tau.iloc[0]).index(compared)
    success, null = paper.success_probability.str[at], paper.null_product.str[at]
    ratio = (success / null).to_numpy(dtype=float)
    low, high = np.quantile(ratio, [0.05, 0.95])
    lines.append(
        f"Null model: every qubit swept alone, at the cost of flipping it in the optimum. The "
        f"success probability is {np.median(ratio):.2f} times that of the null model in the median "
        f"and {low:.2f} to {high:.2f} times for 5 to 95 % of the instances (weight 1, tau = "
        f"{compared:g}). A random guess succeeds with {paper.random_guess.median():.2g} in the "
        "median."
    )
    worst = max(max(errors) for errors in [*paper.error_estimate, *code.error_estimate])
    lines.append(f"The largest error estimate of these probabilities is {worst:.0e}.")
    return lines


def _agreement(paper: pd.DataFrame, code: pd.DataFrame) -> list[str]:
    lines = []
    for part, name in ((paper, "weight 1"), (code, "weight 1/d")):
        rejected = _share((part.sa_p_value < 0.05).to_numpy())
        lines.append(
            f"Driver {name}, tau = {part.compared_at_tau.iloc[0]:g}: the predicted success "
            f"probability lies inside the 95 % interval of {int(part.sa_num_reads.iloc[0])} "
            f"simulated-annealing reads in {_inside(part).sum()} of {len(part)} instances; the "
            f"whole distribution is rejected at 5 % in {rejected}. Median total variation distance "
            f"{part.sa_tv_distance.median():.2f}, where reads of the prediction itself would "
            f"show {part.sa_tv_expected.median():.2f}."
        )
    lines.append(
        "Simulated annealing found the ground state in a median share of "
        f"{paper.sa_ground_probability.median():.1%} of reads. It is a classical algorithm at its "
        "own temperature: disagreement is no fault of either, and agreement would be no evidence "
        "of quantum dynamics."
    )
    return lines


def _needed(paper: pd.DataFrame) -> list[str]:
    fraction = (paper.selected.str.len() / paper.num_qubits).median()
    return [
        f"The exact optimum selects {paper.selected.str.len().median():g} maps in the median, "
        f"{fraction:.0%} of those selectable. Taking the same number of maps by importance alone "
        f"(top-k) gives an exact optimum in {_share(paper.top_k_is_optimal.to_numpy())}.",
        "Greedy single flips from the empty selection end in an exact optimum in "
        f"{_share(paper.greedy_is_optimal.to_numpy())}, as many maps drawn at random in "
        f"{_share(paper.random_k_is_optimal.to_numpy())}, all of positive importance in "
        f"{_share(paper.all_positive_is_optimal.to_numpy())}.",
        "Reduction before any search (first-order persistency, dominance, roof duality) settles "
        f"{_share((paper.num_fixed == paper.num_qubits).to_numpy())} entirely, and fixes "
        f"{(paper.num_fixed / paper.num_qubits).median():.0%} of the variables in the median.",
        f"The largest of these problems has 2^{paper.num_qubits.max()} = "
        f"{2 ** paper.num_qubits.max()} states: enumeration solves them all exactly, as was done "
        "here, and no annealer is needed.",
    ]


def _couplings(statistics: CouplingStatistics, sizes: pd.DataFrame) -> list[str]:
    fits = statistics.fits.sort_values("aic")
    laws = ", ".join(
        f"{law} (AIC {row.aic:.0f}, Kolmogorov-Smirnov distance {row.ks_distance:.3f})"
        for law, row in fits.iterrows()
    )
    inside = int((sizes.error.abs() <= 1).sum())
    return [
        f"Laws fitted to the {statistics.values.size} redundancies J, the best first: {laws}. No "
        "p-value is given: couplings that share a map are not independent.",
        "The mean-field size of the selection, 1/2 + tradeoff h / ((1 - tradeoff) J) with the mean "
        f"h and J, is off by {sizes.error.mean():+.2f} maps in the mean, and by at most one in "
        f"{inside} of {len(sizes)} instances.",
    ]


def _median(part: pd.DataFrame, column: str, facts: Mapping[str, Any]) -> str:
    low, high = cluster_bootstrap(
        part[column].to_numpy(dtype=float), part.pred.to_numpy(), np.median, facts["seed"]
    )
    return f"{part[column].median():.3g} [{low:.3g}, {high:.3g}]"


def _share(hits: NDArray[np.bool_]) -> str:
    low, high = jeffreys_interval(int(hits.sum()), hits.size)
    return f"{int(hits.sum())} of {hits.size} instances ({low:.0%} to {high:.0%})"


def cluster_bootstrap(
    values: NDArray[np.float64],
    clusters: NDArray[Any],
    statistic: Callable[[NDArray[np.float64]], Any],
    seed: int | np.random.Generator,
) -> tuple[float, float]:
    """95 % percentile interval of ``statistic`` with whole clusters resampled.

    Parameters
    ----------
    values, clusters : (n,) each; values of one cluster are drawn together.

    Source: Field and Welsh, J. R. Stat. Soc. B 69, 369 (2007).
    """
    rng = np.random.default_rng(seed)
    groups = [values[clusters == cluster] for cluster in np.unique(clusters)]
    draws = rng.integers(len(groups), size=(NUM_RESAMPLES, len(groups)))
    resampled = [statistic(np.concatenate([groups[i] for i in draw])) for draw in draws]
    low, high = np.quantile(resampled, [0.025, 0.975])
    return float(low), float(high)
