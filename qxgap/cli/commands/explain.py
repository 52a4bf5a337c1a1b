"""The command `qxgap explain`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from ...errors import InputError
from ...problem.rules import PAPER_TRADEOFF, RewardRule
from ..interrupt import interruptible
from ..network_options import (
    IMAGES,
    Channels,
    ClassNames,
    ExplainedClass,
    Layer,
    Mean,
    Model,
    Reward,
    Select,
    Side,
    SizeWeight,
    Std,
    Tradeoff,
    TradeoffAt,
    files_of,
    open_subject,
    say_head,
    say_size,
    selection,
)
from ..options import AsJson, Seed
from ..output import print_json, refuse_inputs, require_distinct, results_folder


def explain_command(
    images: Annotated[str, typer.Argument(help=f"The images: {IMAGES}")],
    model: Model,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="The folder for pictures, problems and metrics."),
    ],
    layer: Layer = None,
    tradeoff: Tradeoff = PAPER_TRADEOFF,
    tradeoff_at: TradeoffAt = None,
    reward_rule: Reward = RewardRule.MAX,
    select: Select = None,
    size_weight: SizeWeight = 1.0,
    channels: Channels = None,
    size: Side = None,
    class_names: ClassNames = None,
    explained_class: ExplainedClass = None,
    mean: Mean = None,
    std: Std = None,
    limit: Annotated[
        int | None,
        typer.Option(help="The number of images to explain, the first ones; by default all."),
    ] = None,
    steps: Annotated[
        int,
        typer.Option(help="The number of steps of the insertion and deletion curves; 0 for none."),
    ] = 20,
    fill: Annotated[
        float, typer.Option(help="The value that replaces removed pixels, in the network's input.")
    ] = 0.0,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Explain images by the maps that the QUBO selects, with pictures and metrics.

    Every image gets a picture, a problem file and the scores of the QUBO and of simpler methods.

    Example: qxgap explain images.npz --model digits --limit 2 --steps 5 --out explained
    """
    from ... import explain, xai
    from ...explain.folder import METRICS, PAGE

    if limit is not None and limit < 1:
        raise InputError(f"--limit {limit}; give at least 1")
    if steps < 0:
        raise InputError(f"--steps {steps}; give 0, for no curves, or more")
    subject = open_subject(
        model,
        images,
        explained_class,
        layer=layer,
        channels=channels,
        size=size,
        class_names=class_names,
        mean=mean,
        std=std,
    )
    network, source = subject.network, subject.source
    files = explain.image_files(source.names)
    written = [files[name] for name in source.names[:limit]]
    require_distinct([file.problem for file in written], "images")
    outputs = [name for file in written for name in (file.picture, file.overlay, file.problem)]
    refuse_inputs([out / name for name in (*outputs, METRICS, PAGE)], files_of(images))
    beta, terms = selection(tradeoff, tradeoff_at, reward_rule, select, size_weight)
    terms |= {"target": subject.target, "class_names": subject.class_names}
    explainer = explain.Explainer(network.module, network.layer, beta, seed, **terms)
    metrics = explain.Metrics(fill=xai.Constant(fill), steps=steps)
    tables: list[Any] = []
    kept = f"the explanations so far are stored in {out}"
    with results_folder(out), interruptible(lambda: f"{kept} (images: {len(tables)})"):
        for table in explain.explain_images(explainer, source, out, metrics, limit=limit):
            tables.append(table)
    _print_explanations(tables, seed, as_json)
    typer.echo(f"\npage  {(out / PAGE).resolve()}", err=as_json)
    say_head(subject, limit)
    say_size(select, max(int(table.num_qubits.max()) for table in tables))


def _print_explanations(tables: Sequence[Any], seed: int, as_json: bool) -> None:
    """Print every row of the tables as JSON, or a summary of them."""
    import pandas as pd

    from ... import explain

    table = pd.concat(tables, ignore_index=True)
    if as_json:
        rows = table.astype(object).where(table.notna(), None).to_dict("records")
        print_json(rows)
        return
    typer.echo(explain.describe(table, seed=seed))
