"""Networks of other libraries, opened by name or function and explained on photographs.

``python -m benchmarks.xai.own_networks`` needs torchvision, timm, transformers, safetensors and the
extra ``imagenet``. Weights are random, but for EfficientNet-Lite0, so that nothing is downloaded:
the table shows that the networks run through, and which layer is taken, not what they see. Writes
``benchmarks/results/own_networks.md``.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import nn

from benchmarks.common.machine import machine
from qxgap import explain, xai

RESULTS = Path(__file__).parents[1] / "results" / "own_networks.md"
SEED = 1
PACKAGES = ("torch", "torchvision", "timm", "transformers", "safetensors")


def torchvision_vit() -> nn.Module:
    """Torchvision's head is zero before training, so that no logit depends on the image."""
    from torchvision.models import vit_b_16

    network = vit_b_16(weights=None)
    nn.init.normal_(network.heads.head.weight, std=0.02)
    network.INPUT = (3, 224)
    return network


def transformers_vit() -> nn.Module:
    """A small configuration; the library's default is as large as ViT-B."""
    from transformers import ViTConfig, ViTForImageClassification

    sizes = {"hidden_size": 64, "num_hidden_layers": 4, "num_attention_heads": 4}
    config = ViTConfig(**sizes, intermediate_size=128, image_size=224, num_labels=10)
    network = ViTForImageClassification(config)
    network.INPUT = (3, 224)
    return network


def transformers_resnet() -> nn.Module:
    from transformers import ResNetConfig, ResNetForImageClassification

    config = ResNetConfig(
        embedding_size=16, hidden_sizes=[16, 32, 48, 64], depths=[1] * 4, layer_type="basic"
    )
    network = ResNetForImageClassification(config)
    network.INPUT = (3, 224)
    return network


NETWORKS: dict[str, str | Callable[[], nn.Module]] = {
    "`torchvision:resnet18`": "torchvision:resnet18",
    "`torchvision:swin_t`": "torchvision:swin_t",
    "torchvision's `vit_b_16`": torchvision_vit,
    "`timm:resnet18`": "timm:resnet18",
    "`timm:convnext_atto`": "timm:convnext_atto",
    "`timm:vit_tiny_patch16_224`": "timm:vit_tiny_patch16_224",
    "transformers' ViT, 4 blocks": transformers_vit,
    "transformers' ResNet, small": transformers_resnet,
    "`efficientnet-lite0`": "efficientnet-lite0",
}


def row(title: str, model: str | Callable[[], nn.Module], photographs: int) -> list[Any]:
    """Open a network and explain the first photographs; return the cells of its row."""
    torch.manual_seed(SEED)
    trained = model == "efficientnet-lite0"
    if isinstance(model, str):
        opened = xai.open_network(model, weights=None if trained else "none")
    else:
        opened = xai.open_network(model())
    chosen = any("layer" in note for note in opened.notes)
    source = opened.open_images("photographs")
    images, names = source.read(slice(0, photographs)), source.names[:photographs]
    head = opened.check_layer(images)
    explainer = explain.Explainer(
        opened.module, opened.layer, seed=SEED, class_names=opened.class_names
    )
    start = time.perf_counter()
    explanations = list(explainer.explain(names, images))
    seconds = (time.perf_counter() - start) / photographs
    first = explanations[0].instance
    sizes = [item.instance.num_qubits for item in explanations]
    selected = [len(item.selections[explain.ExplanationMethod.EXACT]) for item in explanations]
    return [
        title,
        "ImageNet" if trained else "random",
        f"`{opened.layer}`" + ("" if chosen else " (known)"),
        f"{first.num_maps} of {first.maps.shape[1]} x {first.maps.shape[2]}",
        _range(sizes),
        _range(selected),
        head.status.name.lower().replace("_", " "),
        "same" if _same_after_safetensors(model, opened, images) else "different",
        f"{seconds:.1f}",
    ]


def _same_after_safetensors(
    model: str | Callable[[], nn.Module], opened: xai.HookedNetwork, images: torch.Tensor
) -> bool:
    """Whether new networks with the weights from a file have the same logits to the last bit."""
    expected = xai.capture(opened.module, images, opened.layer).logits
    torch.manual_seed(SEED + 1)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "weights.safetensors"
        save_file(opened.module.state_dict(), file)
        again = xai.open_network(model if isinstance(model, str) else model(), weights=file)
        logits = xai.capture(again.module, images, opened.layer).logits
    return torch.equal(expected, logits)


def _range(values: list[int]) -> str:
    low, high = min(values), max(values)
    return str(low) if low == high else f"{low} to {high}"


HEADER = (
    "network",
    "weights",
    "layer",
    "maps",
    "can be selected (d)",
    "the QUBO selects",
    "alpha",
    "logits with weights from .safetensors",
    "seconds an image",
)


def main(arguments: list[str] | None = None) -> None:
    """Try every network and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photographs", type=int, default=2)
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    rows = []
    for title, model in NETWORKS.items():
        rows.append(row(title, model, options.photographs))
        print(*rows[-1], sep=" | ", flush=True)
    lines = [list(HEADER), ["---"] * len(HEADER), *rows]
    table = "\n".join(f"| {' | '.join(map(str, cells))} |" for cells in lines)
    text = INTRODUCTION.format(
        day=date.today().isoformat(),
        machine=machine(),
        versions=", ".join(f"{name} {version(name)}" for name in PACKAGES),
        photographs=options.photographs,
        arguments=f" --photographs {options.photographs}",
    )
    options.output.write_text(f"{text}\n{table}\n", encoding="utf-8")


INTRODUCTION = """\
# Networks of other libraries

* command: `python -m benchmarks.xai.own_networks{arguments}`
* date: {day}; machine: {machine}
* versions: {versions}

Each network is opened by its name or by a function, and the first {photographs} photographs of
scikit-image are explained with the tradeoff 0.7. No layer is named: *layer* is the one that
`open_network` takes, the last whose maps have more than one pixel, or the one that the network is
known by. Random weights make the sizes of the problems an example and no finding. The last
column is the time for maps, gradients, the problem and every selection, with other programs at
work on the machine.
The weights of every network are written to a `.safetensors` file and loaded into a new one.
"""

if __name__ == "__main__":
    main()
