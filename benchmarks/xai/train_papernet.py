"""Train the network of arXiv 2604.25649: ``train_papernet.py --images FOLDER --num-maps 16``.

``--images`` names a folder with one folder of images for each class, an .npz file with ``images``
and ``labels``, or ``stl10=ROOT``, the root folder of torchvision's STL10 (its files must be there).
Images are divided once, class by class, into training, validation and test images; copies are left
out; STL-10's own test images stay apart, as its test part, and copies of them are left out of the
others. The weights of the best validation epoch
are kept, and the test images are looked at once, at the end. Stop it and start it again with the
same arguments: it goes on from its checkpoint.

Writes into ``--output``: ``network.pt`` (state dict), ``history.json``, ``loss.png``, and
``checkpoint.pt`` on the way. To use the network elsewhere, write a function without arguments that
builds it, and name it ``--model package.module:function --weights network.pt``::

    def network():
        backbone = untrained_resnet18_to_layer3()
        return PaperNet(16, backbone)  # standardize=False after --as-authors
"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import TensorDataset

from qxgap import InputError, plotting
from qxgap.xai import PaperNet, load_images, load_network
from qxgap.xai.networks import evaluate, fit, split_rows

SHARES = {"train": 0.7, "validation": 0.15, "test": 0.15}
Parts = dict[str, TensorDataset]


def load_parts(images: str, size: int, seed: int) -> Parts:
    """Training, validation and test images, no image in two of them."""
    if images.startswith("stl10="):
        return stl10_parts(images.removeprefix("stl10="), seed)
    _, pixels, labels = load_images(images, 3, size, crop=True)
    if labels is None:
        raise InputError(f"{images}: no classes; give a folder of images for each class")
    classes = torch.unique(labels, return_inverse=True)[1]
    return divide(pixels, classes, SHARES, seed)


def stl10_parts(root: str, seed: int) -> Parts:
    """STL-10's 5,000 training images divided 85 : 15, and its 8,000 test images."""
    (pixels, labels), test = stl10(root, "train"), stl10(root, "test")
    seen = {image.tobytes() for image in test[0]}
    fresh = np.array([image.tobytes() not in seen for image in pixels])
    parts = divide(
        *tensors(pixels[fresh], labels[fresh]), {"train": 0.85, "validation": 0.15}, seed
    )
    return {**parts, "test": TensorDataset(*tensors(*test))}


def stl10(root: str, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Images (n, 3, 96, 96) uint8 and classes (n,) of one split; nothing is downloaded."""
    try:
        from torchvision.datasets import STL10

        part = STL10(root, split=split)
    except (ImportError, RuntimeError) as error:  # also: no files, or a torchvision that fails
        reason = str(error).splitlines()[0]
        raise InputError(
            f"{root}: no STL-10 ({reason}); it needs torchvision and its files"
        ) from error
    return part.data, part.labels


def tensors(pixels: np.ndarray, labels: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.from_numpy(pixels) / 255, torch.from_numpy(labels).long()


def divide(
    pixels: torch.Tensor, labels: torch.Tensor, shares: dict[str, float], seed: int
) -> Parts:
    rows = split_rows(pixels.numpy(), labels.numpy(), shares, seed=seed)
    return {name: TensorDataset(pixels[r], labels[r]) for name, r in rows.items()}


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--num-maps", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--size", type=int, default=96, help="side at which images are held")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--freeze-backbone", action="store_true")
    parser.add_argument(
        "--as-authors",
        action="store_true",
        help="as the training script of the paper's authors: the backbone is frozen but its "
        "BatchNorms run in train mode, and images are not standardized",
    )
    parser.add_argument("--backbone", help="package.module:callable; default torchvision's")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Train, measure, write."""
    options = parse(arguments)
    parts = load_parts(options.images, options.size, options.seed)
    num_classes = int(torch.cat([part.tensors[1] for part in parts.values()]).max()) + 1
    torch.manual_seed(options.seed)
    backbone = load_network(options.backbone) if options.backbone else None
    network = PaperNet(
        options.num_maps,
        backbone,
        num_classes=num_classes,
        standardize=not options.as_authors,
        freeze_backbone=options.freeze_backbone or options.as_authors,
    )
    options.output.mkdir(parents=True, exist_ok=True)
    history = fit(
        network,
        parts["train"],
        parts["validation"],
        epochs=options.epochs,
        seed=options.seed,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        checkpoint=options.output / "checkpoint.pt",
        freeze_statistics=not options.as_authors,
    )
    torch.save(network.state_dict(), options.output / "network.pt")
    report = {
        "arguments": {name: str(value) for name, value in vars(options).items()},
        **{f"num_{name}": len(part) for name, part in parts.items()},
        "test_accuracy": evaluate(network, parts["test"])[1],
        "class_counts": np.bincount(parts["train"].tensors[1]).tolist(),
        **asdict(history),
    }
    (options.output / "history.json").write_text(json.dumps(report, indent=1), encoding="utf-8")
    figure = plotting.loss_curves(history.train_loss, history.validation_loss, history.best_epoch)
    figure.savefig(options.output / "loss.png", dpi=160)
    print(f"test accuracy {report['test_accuracy']:.1%}, best epoch {history.best_epoch}")


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        sys.exit(f"train_papernet.py: {error}")
