"""What was studied: instances, networks, and what is missing."""

from __future__ import annotations

import pandas as pd

from ... import plotting
from ..findings import Context, problem_findings
from .parts import Picture, Section, Table, number, word

TITLE = "What was studied?"


def write_section(context: Context) -> Section:
    """Answer with counts, sizes, failures and networks."""
    section = Section(TITLE, findings=list(problem_findings(context)))
    section.pictures.extend(_loss(context))
    rows = context.results.instances
    if len(rows):
        section.tables.append(_sizes(rows))
    return section


def _loss(context: Context) -> list[Picture]:
    """Return the loss curves of every network whose training is recorded."""
    pictures = []
    for name, facts in context.side.networks.items():
        history = facts.get("history")
        if not history:
            continue
        train, validation = history["train_loss"], history["validation_loss"]
        figure = plotting.loss_curves(train, validation, int(history["best_epoch"]))
        pictures.append(
            Picture(
                f"loss_{word(name)}",
                figure,
                f"Training and validation loss of {name} over {len(train)} epochs.",
                f"Network {name}: training and validation loss per epoch; dotted, the epoch whose "
                "weights were kept.",
            )
        )
    return pictures


def _degenerate(rows: pd.DataFrame) -> str:
    """Return how many instances have several ground states; a dash if no gap task counted them."""
    known = rows.degeneracy.dropna() if "degeneracy" in rows else rows.iloc[:0]
    return str(int((known > 1).sum())) if len(known) else "-"


def _sizes(rows: pd.DataFrame) -> Table:
    """Return how many instances there are of every group and size."""
    groups = rows.groupby(["group", "num_qubits"], dropna=False)
    lines = [
        [
            str(group),
            str(int(size)),
            str(len(part)),
            str(part.class_name[part.class_name != ""].nunique() or "-"),
            _degenerate(part),
            number(part.mean_coupling.median() if "mean_coupling" in part else float("nan")),
        ]
        for (group, size), part in groups
    ]
    header = ["group", "d", "instances", "classes", "degenerate", "mean J (median)"]
    return Table("Instances by group and number of qubits.", header, lines, labels=2)
