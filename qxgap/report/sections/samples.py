"""Do samplers agree with the prediction, and with which model?"""

from __future__ import annotations

import pandas as pd

from ... import plotting
from ...analysis import ModelRank
from ...statistics import Resampling
from ..findings import Context, beside_independent_qubits, model_ranks, reality_findings
from .parts import Picture, Section, Table

TITLE = "Do the samples agree with the prediction?"


def write_section(context: Context) -> Section:
    """Answer with ground-state shares, and with the ranking of the models of every sampler."""
    section = Section(TITLE, findings=list(reality_findings(context)))
    rows, drawn = context.results.compare, context.results.rows("sample")
    if len(drawn):
        section.tables.append(_samplers(drawn, context.seed))
    beside = beside_independent_qubits(context)
    if len(beside):
        section.tables.append(_large(beside, context.seed))
        section.pictures.append(unpredicted_picture(beside))
    if rows.empty:
        needed = ", which needs all 2^d amplitudes of a state" * bool(len(beside))
        section.missing.append(f"No samples were compared with a quantum prediction{needed}.")
        return section
    every = [rank for models in model_ranks(context).values() for rank in models]
    section.pictures.extend(_pictures(rows, every))
    section.tables.append(_table(every))
    return section


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


def unpredicted_picture(rows: pd.DataFrame) -> Picture:
    """Return the figure of reads beside independent qubits, for problems without a prediction.

    Parameters
    ----------
    rows : DataFrame
        Comparisons with the share of independent qubits as the column predicted.
    """
    across = "share of independent qubits (log scale)"
    return Picture(
        "reads_beside_independent_qubits",
        plotting.agreement_of_instances(rows, across=across, log=True),
        "Share of ground states among the reads against that of independent qubits.",
        "Each dot is one problem that is too large for a prediction, at one anneal time. Across: "
        "the share of ground states that qubits would read that do not interact, on a logarithmic "
        "scale. Up: the share that was read. On the dashed line the two are equal. This is no test "
        "of the anneal.",
    )


def _large(rows: pd.DataFrame, seed: int) -> Table:
    """Return what is known of the reads of problems without a prediction, at each anneal time."""
    lines = []
    for (sampler, model), part in rows.groupby(["sampler", "model"], sort=False):
        resampling = Resampling.of(part.cluster, seed=seed)
        medians = {
            name: resampling.median(part[name].astype(float))
            for name in ("ground_probability", "null_product", "residual_energy")
        }
        anneal = str(model).removeprefix("independent qubits, ")
        lines.append([str(sampler), anneal, str(len(part)), *medians.values()])
    header = [
        "sampler",
        "anneal of independent qubits",
        "instances",
        "ground-state share",
        "share of independent qubits",
        "energy above the optimum",
    ]
    caption = (
        "Problems too large for a prediction: their reads beside the proven optimum and qubits "
        "that do not interact. Medians, 95 % intervals."
    )
    return Table(caption, header, lines, labels=2)


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
