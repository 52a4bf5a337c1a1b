"""Fit a network to labelled images: a split without leaks, checkpoints, loss curves."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import TensorDataset
from tqdm import tqdm

from ..errors import InputError
from ..files import write_whole
from ..statistics.seeds import random_generator

EVALUATION_BATCH = 256


@dataclass
class History:
    """What :func:`fit` saw, one number per epoch; epochs count from 1.

    Attributes
    ----------
    train_loss : mean cross entropy of the batches, while the weights change.
    validation_loss, validation_accuracy : at the end of the epoch, in eval mode.
    best_epoch : of the highest validation accuracy, the earliest of equals; its weights are kept.
    """

    train_loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    best_epoch: int = 0


def split_rows(
    images: NDArray[Any], labels: ArrayLike, shares: Mapping[str, float], *, seed: int
) -> dict[str, NDArray[np.int64]]:
    """Divide the rows of each class in the same proportions, without overlap or leak.

    Of images that are equal to the last bit only the first is dealt; its copies are left out, so
    that none can stand in two parts.

    Parameters
    ----------
    images, labels : (n, ...) and (n,) integers.
    shares : name of the part -> its share; they add up to 1.

    Raises
    ------
    InputError : if the shares do not add up to 1, or there is not one label for each image.
    """
    classes = np.asarray(labels)
    if classes.shape != (len(images),):
        raise InputError(f"{len(images)} images have labels of shape {classes.shape}")
    if not np.isclose(sum(shares.values()), 1.0) or min(shares.values()) < 0:
        raise InputError(f"shares {dict(shares)} do not add up to 1")
    rng = random_generator(seed)
    _, first = np.unique(images.reshape(len(images), -1), axis=0, return_index=True)
    kept = np.sort(first)
    bounds = np.cumsum(list(shares.values()))[:-1]
    parts: dict[str, list[NDArray[np.int64]]] = {name: [] for name in shares}
    for label in np.unique(classes):
        members = rng.permutation(kept[classes[kept] == label])
        cuts = np.rint(bounds * members.size).astype(int)
        for name, rows in zip(shares, np.split(members, cuts), strict=True):
            parts[name].append(rows)
    return {name: rng.permutation(np.concatenate(rows)) for name, rows in parts.items()}


def evaluate(network: nn.Module, data: TensorDataset) -> tuple[float, float]:
    """Mean cross entropy, and share of images whose largest logit is their label's (eval mode)."""
    network.eval()
    loss, correct = 0.0, 0
    with torch.no_grad():
        for rows in torch.split(torch.arange(len(data)), EVALUATION_BATCH):
            images, labels = data[rows]
            logits = network(images)
            loss += float(functional.cross_entropy(logits, labels, reduction="sum"))
            correct += int((logits.argmax(dim=1) == labels).sum())
    return loss / len(data), correct / len(data)


def fit(
    network: nn.Module,
    train: TensorDataset,
    validation: TensorDataset,
    *,
    epochs: int,
    seed: int,
    batch_size: int = 64,
    learning_rate: float = 1e-3,
    checkpoint: str | Path | None = None,
) -> History:
    """Fit with Adam and leave the weights of the best validation epoch in place, in eval mode.

    Only parameters with ``requires_grad`` are fitted. Progress is shown on stderr.

    Parameters
    ----------
    train, validation : ``TensorDataset(images, labels)``.
    seed : of the order of the training images.
    checkpoint : file written after every epoch; if it is there, fitting goes on from it, with
        the values that it would have had without the interruption.

    Raises
    ------
    InputError : for epochs below 1, empty data, and a checkpoint of another network.
    """
    if epochs < 1 or not len(train) or not len(validation):
        raise InputError(
            f"{epochs} epochs, {len(train)} training and {len(validation)} validation images; "
            "give at least 1 of each"
        )
    run = _Run(network, learning_rate, seed)
    path = None if checkpoint is None else Path(checkpoint)
    if path is not None and path.exists():
        run.restore(path)
    done = len(run.history.train_loss)
    bar = tqdm(range(done + 1, epochs + 1), initial=done, total=epochs, unit="epoch")
    for epoch in bar:
        run.step(train, validation, epoch, batch_size)
        bar.set_postfix(
            loss=f"{run.history.train_loss[-1]:.3f}",
            validation=f"{run.history.validation_accuracy[-1]:.4f}",
        )
        if path is not None:
            run.store(path)
    network.load_state_dict(run.best)
    network.eval()
    return run.history


class _Run:
    """Everything that changes from epoch to epoch."""

    def __init__(self, network: nn.Module, learning_rate: float, seed: int) -> None:
        self.network = network
        fitted = [weight for weight in network.parameters() if weight.requires_grad]
        self.optimiser = torch.optim.Adam(fitted, lr=learning_rate)
        self.shuffle = torch.Generator().manual_seed(seed)
        self.history = History()
        self.best: dict[str, Tensor] = network.state_dict()

    def step(
        self, train: TensorDataset, validation: TensorDataset, epoch: int, batch_size: int
    ) -> None:
        self.network.train()
        total = 0.0
        order = torch.randperm(len(train), generator=self.shuffle)
        for rows in torch.split(order, batch_size):
            images, labels = train[rows]
            self.optimiser.zero_grad()
            loss = functional.cross_entropy(self.network(images), labels)
            torch.autograd.backward(loss)
            self.optimiser.step()
            total += float(loss.detach()) * len(rows)
        validation_loss, reached = evaluate(self.network, validation)
        seen = self.history
        if reached > max(seen.validation_accuracy, default=-1.0):
            seen.best_epoch, self.best = epoch, copy.deepcopy(self.network.state_dict())
        seen.train_loss.append(total / len(train))
        seen.validation_loss.append(validation_loss)
        seen.validation_accuracy.append(reached)

    def store(self, path: Path) -> None:
        state = {
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "shuffle": self.shuffle.get_state(),
            "random": torch.get_rng_state(),
            "best": self.best,
            "history": asdict(self.history),
        }
        write_whole(path, lambda file: torch.save(state, file))

    def restore(self, path: Path) -> None:
        try:
            state = torch.load(path, weights_only=True)
            self.network.load_state_dict(state["network"])
            self.optimiser.load_state_dict(state["optimiser"])
        except (RuntimeError, ValueError, KeyError, EOFError) as error:
            reason = str(error).splitlines()[0]
            raise InputError(
                f"{path}: no checkpoint of this network ({reason}); remove it to start anew"
            ) from error
        self.shuffle.set_state(state["shuffle"])
        torch.set_rng_state(state["random"])
        self.best, self.history = state["best"], History(**state["history"])
