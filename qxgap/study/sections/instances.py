"""What was studied."""

from __future__ import annotations

import pandas as pd

from ... import plotting
from .parts import Context, Picture, Section, Table, number, plural


def section(context: Context) -> Section:
    """Counts, sizes, failures and the network."""
    frame = context.results.frame
    single = frame.drop_duplicates("instance")
    sizes = single.num_qubits.dropna()
    found = Section("What was studied?")
    groups = single.group.nunique() if "group" in single else 1
    known = context.results.tradeoff
    at = (
        f", at tradeoff {known:g} (others only where the tradeoff is varied)"
        if known == known
        else ""
    )
    found.findings.append(
        f"{plural(len(single), 'instance')} in {plural(max(groups, 1), 'group')}, of "
        f"{sizes.min():g} to {sizes.max():g} qubits (median {sizes.median():g}){at}. Tasks: "
        f"{', '.join(dict.fromkeys(frame.task))}."
    )
    found.findings.extend(_network(context))
    found.findings.extend(_failures(context))
    found.pictures.extend(_loss(context))
    rows = context.results.instances
    if len(rows):
        found.tables.append(_sizes(rows))
    return found


def _network(context: Context) -> list[str]:
    facts, lines = context.side.network, []
    if "test_accuracy" in facts:
        lines.append(
            f"The network classifies {facts['test_accuracy']:.1%} of its "
            f"{facts.get('test_images', '')} test images correctly."
        )
    if "head" in facts:
        lines.append(f"Layer {facts.get('layer', '')!r}: {facts['head']}.")
    if facts.get("num_without_problem"):
        lines.append(
            f"{facts['num_without_problem']} of {facts.get('num_images', 'the')} images have no "
            "map of positive importance and so no QUBO."
        )
    return lines


def _failures(context: Context) -> list[str]:
    failed = context.results.failed
    if failed.empty:
        return ["No task failed."]
    reasons = failed.reason.value_counts() if "reason" in failed else pd.Series(dtype=int)
    told = "; ".join(f"{reason} ({count})" for reason, count in reasons.head(3).items())
    return [f"{len(failed)} of {len(context.results.frame)} tasks failed and are left out: {told}."]


def _loss(context: Context) -> list[Picture]:
    facts = context.side.network
    history = facts.get("history")
    if not history:
        return []
    train, validation = history["train_loss"], history["validation_loss"]
    best = int(facts.get("best_epoch", 1 + min(range(len(train)), key=validation.__getitem__)))
    return [
        Picture(
            "loss_curves",
            plotting.loss_curves(train, validation, best),
            f"Training and validation loss over {len(train)} epochs.",
            "Training and validation loss per epoch; dotted, the epoch whose weights were kept.",
        )
    ]


def _sizes(rows: pd.DataFrame) -> Table:
    groups = rows.groupby(["group", "num_qubits"], dropna=False)
    lines = [
        [
            str(group),
            str(int(size)),
            str(len(part)),
            str(part.class_name[part.class_name != ""].nunique() or "-"),
            str(int((part.degeneracy > 1).sum())),
            number(part.mean_coupling.median() if "mean_coupling" in part else float("nan")),
        ]
        for (group, size), part in groups
    ]
    header = ["group", "d", "instances", "classes", "degenerate", "mean J (median)"]
    return Table("Instances by group and number of qubits.", header, lines, labels=2)
