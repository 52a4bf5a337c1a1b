"""Do samplers agree with the prediction, and with which model?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ... import plotting
from ...analysis import ModelRank, distance_difference, rank_models, share_claim
from ...statistics.bootstrap import Resampling
from ..findings import Context
from .parts import Picture, Section, Table

TITLE = "Do the samples agree with the prediction?"


def write_section(context: Context) -> Section:
    """Answer with ground-state shares, and with the ranking of the models of every sampler."""
    section = Section(TITLE)
    rows, drawn = context.results.compare, context.results.rows("sample")
    if len(drawn):
        section.tables.append(_samplers(drawn, context.seed))
    if rows.empty:
        section.missing.append("No samples were compared with a prediction.")
        return section
    ranks = rank_models(rows, seed=context.seed)
    for sampler, models in ranks.items():
        part = rows[rows.sampler == sampler]
        section.findings.append(_inside(part, sampler))
        section.findings.extend(_verdict(part, models, context.seed))
    if "sa" in ranks:
        section.findings.append(
            "Simulated annealing is a classical algorithm at its own temperature: disagreement is "
            "no fault of either, and agreement would be no evidence of quantum dynamics."
        )
    every = [rank for models in ranks.values() for rank in models]
    section.pictures.extend(_pictures(rows, every))
    section.tables.append(_table(every))
    return replace(section, headline=_headline(ranks))


def _headline(ranks: dict[str, list[ModelRank]]) -> str:
    accepted = {name: [r.model for r in models if r.acceptable] for name, models in ranks.items()}
    return " ".join(
        f"{name}: {len(models)} of {len(ranks[name])} models tested are not rejected."
        for name, models in accepted.items()
    )


def _inside(part: pd.DataFrame, sampler: str) -> str:
    low, high = np.array(part.ground_probability_interval.tolist(), dtype=float).T
    inside = (low <= part.predicted) & (part.predicted <= high)
    return (
        f"{sampler}: the predicted success probability lies inside the 95 % interval of the reads "
        f"in {share_claim(inside, 'comparisons')}."
    )


def _verdict(part: pd.DataFrame, models: list[ModelRank], seed: int) -> list[str]:
    first = models[0]
    lines = [
        f"{first.sampler}: the model of least median distance is {first.model}: total variation "
        f"{first.distance}, where its own reads would show {first.expected_distance:.3g}."
    ]
    if len(models) > 1:
        difference = distance_difference(part, first.model, models[1].model, seed=seed)
        word = "is shown" if difference.side() > 0 else "is not shown"
        lines.append(
            f"That it is nearer than the next, {models[1].model}, {word}: difference {difference} "
            "in the median over instances (the two were picked as the best, which favours the "
            "first)."
        )
    accepted = [rank.model for rank in models if rank.acceptable]
    tested = any(rank.num_tested for rank in models)
    if tested:
        lines.append(
            f"{first.sampler}: "
            + (f"not rejected by any instance: {'; '.join(accepted)}." if accepted else "")
            + (
                ""
                if accepted
                else "no model is acceptable; every one is rejected by some instance."
            )
            + " P-values are adjusted over all instances and models (Benjamini-Yekutieli, 5 %)."
        )
    return lines


def _pictures(rows: pd.DataFrame, ranks: list[ModelRank]) -> list[Picture]:
    table = pd.DataFrame(
        {
            "sampler": [r.sampler for r in ranks],
            "model": [r.model for r in ranks],
            "distance": [r.distance.value for r in ranks],
            "low": [r.distance.low for r in ranks],
            "high": [r.distance.high for r in ranks],
            "by_chance": [r.expected_distance for r in ranks],
        }
    )
    return [
        Picture(
            "agreement",
            plotting.prediction_errors(rows),
            "Ground-state share of the reads minus the predicted success probability, by model.",
            "How much more often the reads hold a ground state than a model predicts, a dot per "
            "instance, with medians and quartiles. On the dashed line the two agree.",
        ),
        Picture(
            "model_ladder",
            plotting.model_ranking(table),
            "Total variation distance of every model from the reads.",
            "How far every model is from the reads, in the median over instances; the bar across "
            "shows what reads of the model itself would give.",
        ),
    ]


def _table(ranks: list[ModelRank]) -> Table:
    lines = [
        [
            rank.sampler,
            rank.model,
            str(rank.num_instances),
            rank.distance,
            f"{rank.expected_distance:.2g}",
            f"{rank.num_nearest} of {rank.num_instances}",
            f"{rank.num_rejected} of {rank.num_tested}",
            "yes" if rank.acceptable else "no",
        ]
        for rank in ranks
    ]
    header = [
        "sampler",
        "model",
        "instances",
        "distance",
        "by chance",
        "nearest in",
        "rejected by",
        "acceptable",
    ]
    caption = "Models of each sampler, the nearest first. Acceptable: no instance rejects it."
    return Table(caption, header, lines, labels=2)


def _samplers(rows: pd.DataFrame, seed: int) -> Table:
    lines = []
    for sampler, part in rows.groupby("sampler", sort=False):
        median = Resampling.of(part.cluster, seed=seed).median(part.ground_probability)
        reads = int(part.num_reads.median())
        lines.append([str(sampler), str(len(part)), str(reads), median])
    header = ["sampler", "instances", "reads", "ground-state share, median"]
    return Table("Samplers, 95 % intervals.", header, lines)
