"""The command `qxgap qubo`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...problem.formats import save
from ...problem.rules import PAPER_TRADEOFF, RewardRule
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
from ..options import AsJson
from ..output import print_rows, refuse_inputs, require_distinct, results_folder

if TYPE_CHECKING:
    from ...explain import ImageInstance


def qubo_command(
    model: Model,
    images: Annotated[str, typer.Option(help=f"The images: {IMAGES}")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The folder for the problems, as .npz files.")
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
    as_json: AsJson = False,
) -> None:
    """Build the selection problem (QUBO) of every image.

    The problem of an image is to select the feature maps of a layer that together support the class
    which the network predicts. Images without a problem are listed with the reason. The files count
    a pair of maps once; the commands that read them can count it twice (--pair-weight 2).

    Example: qxgap qubo --model digits --images images.npz --out problems
    """
    from ... import explain

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
    files = {name: out / file.problem for name, file in explain.image_files(source.names).items()}
    require_distinct([files[name].name for name in source.names], "images")
    refuse_inputs(files.values(), files_of(images))
    beta, terms = selection(tradeoff, tradeoff_at, reward_rule, select, size_weight)
    with results_folder(out):
        rows = [
            _save_instance(item, files[item.name])
            for names, pixels, labels in source.batches()
            for item in explain.image_instances(
                network.module,
                network.layer,
                names,
                pixels,
                labels,
                tradeoff=beta,
                target=subject.target,
                class_names=subject.class_names,
                **terms,
            )
        ]
    print_rows(rows, as_json)
    say_head(subject)
    say_size(select, max((row["d"] for row in rows), default=0))


def _save_instance(item: ImageInstance, path: Path) -> dict[str, Any]:
    """Write the problem of an image, if there is one, and return the row to print."""
    facts = item.to_dict()
    columns = ["label", "pred", "target", "target_name", "d", "num_maps"]
    columns += item.selectable.counts
    if item.problem is None:
        columns += ["image", "status"]
    file = str(save(item.problem, path)) if item.problem else None
    return {"file": file} | {name: facts[name] for name in columns}
