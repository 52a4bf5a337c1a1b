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
    Layer,
    Model,
    Reward,
    Select,
    Side,
    SizeWeight,
    Tradeoff,
    TradeoffAt,
    files_of,
    network_and_images,
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
    as_json: AsJson = False,
) -> None:
    """Build the selection problem (QUBO) of every image.

    The problem of an image is to select the feature maps of a layer that together support the class
    which the network predicts. Images without a problem are listed with the reason. The files count
    a pair of maps once; the commands that read them can count it twice (--pair-weight 2).

    Example: qxgap qubo --model digits --images images.npz --out problems
    """
    from ... import explain

    network, source = network_and_images(model, images, layer, channels, size)
    files = [out / explain.problem_file(name) for name in source.names]
    require_distinct([file.name for file in files], "images")
    refuse_inputs(files, files_of(images))
    beta, terms = selection(tradeoff, tradeoff_at, reward_rule, select, size_weight)
    with results_folder(out):
        rows = [
            _save_instance(item, out / explain.problem_file(item.name))
            for names, pixels, labels in source.batches()
            for item in explain.image_instances(
                network.module, network.layer, names, pixels, labels, tradeoff=beta, **terms
            )
        ]
    print_rows(rows, as_json)
    say_head(network, source)
    say_size(select, max((row["d"] for row in rows), default=0))


def _save_instance(item: ImageInstance, path: Path) -> dict[str, Any]:
    """Write the problem of an image, if there is one, and return the row to print."""
    facts = item.to_dict()
    columns = ("label", "pred", "d", "num_maps", *item.selectable.counts)
    if item.problem is None:
        columns += ("image", "status")
    file = str(save(item.problem, path)) if item.problem else None
    return {"file": file} | {name: facts[name] for name in columns}
