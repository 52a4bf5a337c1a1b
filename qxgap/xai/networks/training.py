"""Fit a network to labelled images, with a split without leaks, checkpoints and loss curves."""

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

from ...errors import InputError
from ...files import write_whole
from ...statistics.seeds import random_generator
from ..hooks import logits_of

EVALUATION_BATCH = 256
"""Number of images in one forward pass of :func:`evaluate`."""


@dataclass
class TrainingHistory:
    """The course of a :func:`fit`, one number per epoch; epochs count from 1.

    Attributes
    ----------
    train_loss : list of float
        Mean cross entropy of the batches, while the weights change.
    validation_loss : list of float
        Mean cross entropy of the validation images at the end of the epoch, in eval mode.
    validation_accuracy : list of float
        Share of the validation images that are classified correctly at the end of the epoch.
    best_epoch : int
        The epoch of the highest validation accuracy (the first one if several are equal). The
        network has the weights of this epoch.
    """

    train_loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    best_epoch: int = 0


def split_rows(
    images: NDArray[Any], labels: ArrayLike, shares: Mapping[str, float], *, seed: int
) -> dict[str, NDArray[np.int64]]:
    """Divide the rows of each class in the same proportions, without overlap or leak.

    If images are equal to the last bit, only the first is taken. Its copies are left out, so that
    no image can be in two parts.

    Parameters
    ----------
    images : ndarray, shape (n, ...)
        Pixels of the images.
    labels : array_like of int, shape (n,)
        Classes of the images.
    shares : mapping of str to float
        Share of each part by its name; the shares add up to 1.
    seed : int
        Seed of the random division.

    Returns
    -------
    dict of str
        The rows of each part by its name, in random order.

    Raises
    ------
    InputError
        If the shares do not add up to 1, or there is not one label for each image.
    """
    classes = np.asarray(labels)
    if classes.shape != (len(images),):
        raise InputError(f"{len(images)} images have labels of shape {classes.shape}")
    if not np.isclose(sum(shares.values()), 1.0) or min(shares.values()) < 0:
        raise InputError(f"shares {dict(shares)} do not add up to 1")
    rng = random_generator(seed)
    _, first = np.unique(images.reshape(len(images), -1), axis=0, return_index=True)
    unique = np.sort(first)
    bounds = np.cumsum(list(shares.values()))[:-1]
    parts: dict[str, list[NDArray[np.int64]]] = {name: [] for name in shares}
    for label in np.unique(classes):
        members = rng.permutation(unique[classes[unique] == label])
        cuts = np.rint(bounds * members.size).astype(int)
        for name, rows in zip(shares, np.split(members, cuts), strict=True):
            parts[name].append(rows)
    return {name: rng.permutation(np.concatenate(rows)) for name, rows in parts.items()}


def evaluate(network: nn.Module, data: TensorDataset) -> tuple[float, float]:
    """Measure a network in eval mode.

    Parameters
    ----------
    network : torch.nn.Module
        Network from images to logits; it is left in eval mode.
    data : TensorDataset
        Images and labels.

    Returns
    -------
    loss : float
        Mean cross entropy.
    accuracy : float
        Share of the images with the largest logit at their label.
    """
    network.eval()
    loss, correct = 0.0, 0
    with torch.no_grad():
        for rows in torch.split(torch.arange(len(data)), EVALUATION_BATCH):
            images, labels = data[rows]
            logits = logits_of(network(images))
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
    freeze_statistics: bool = True,
) -> TrainingHistory:
    """Fit a network with Adam, and leave the weights of the best validation epoch in place.

    Only parameters with ``requires_grad`` are fitted. The network is left in eval mode. Progress is
    shown on stderr, if that is a terminal.

    Parameters
    ----------
    network : torch.nn.Module
        Network from images to logits, or to an object with such ``logits``; it is changed in place.
    train : TensorDataset
        Images and labels to fit to.
    validation : TensorDataset
        Images and labels that choose the best epoch.
    epochs : int
        Number of passes over the training images.
    seed : int
        Seed of the order of the training images.
    batch_size : int, optional
        Number of images in one step.
    learning_rate : float, optional
        Step size of Adam.
    checkpoint : str or Path, optional
        File that is written after every epoch. If it exists, fitting continues from it, with the
        values that it would have had without the interruption.
    freeze_statistics : bool, optional
        Whether parts of which no parameter is fitted run in eval mode, so that their BatchNorms
        use the mean and variance that they have, and keep them. With False the whole network is in
        train mode: frozen BatchNorms standardize with each batch, and their statistics move.

    Returns
    -------
    TrainingHistory
        Losses and accuracies of every epoch.

    Raises
    ------
    InputError
        If ``epochs`` is below 1, the data are empty, or the checkpoint is of another network.
    """
    if epochs < 1 or not len(train) or not len(validation):
        raise InputError(
            f"{epochs} epochs, {len(train)} training and {len(validation)} validation images; "
            "give at least 1 of each"
        )
    run = _Run(network, learning_rate, seed, freeze_statistics)
    path = None if checkpoint is None else Path(checkpoint)
    if path is not None and path.exists():
        run.restore(path)
    done = len(run.history.train_loss)
    bar = tqdm(range(done + 1, epochs + 1), initial=done, total=epochs, unit="epoch", disable=None)
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
    """The state of a fit, which changes from epoch to epoch."""

    def __init__(
        self, network: nn.Module, learning_rate: float, seed: int, freeze_statistics: bool
    ) -> None:
        self.network, self.freeze_statistics = network, freeze_statistics
        fitted = [weight for weight in network.parameters() if weight.requires_grad]
        self.optimizer = torch.optim.Adam(fitted, lr=learning_rate)
        self.shuffle = torch.Generator().manual_seed(seed)
        self.history = TrainingHistory()
        self.best: dict[str, Tensor] = network.state_dict()

    def step(
        self, train: TensorDataset, validation: TensorDataset, epoch: int, batch_size: int
    ) -> None:
        """Run one epoch, and keep its weights if it is the best so far."""
        self._start_training()
        total = 0.0
        order = torch.randperm(len(train), generator=self.shuffle)
        for rows in torch.split(order, batch_size):
            images, labels = train[rows]
            self.optimizer.zero_grad()
            loss = functional.cross_entropy(logits_of(self.network(images)), labels)
            torch.autograd.backward(loss)
            self.optimizer.step()
            total += float(loss.detach()) * len(rows)
        validation_loss, accuracy = evaluate(self.network, validation)
        history = self.history
        if accuracy > max(history.validation_accuracy, default=-1.0):
            history.best_epoch, self.best = epoch, copy.deepcopy(self.network.state_dict())
        history.train_loss.append(total / len(train))
        history.validation_loss.append(validation_loss)
        history.validation_accuracy.append(accuracy)

    def _start_training(self) -> None:
        """Put the network into train mode, except for frozen parts if these keep statistics."""
        self.network.train()
        for module in self.network.modules() if self.freeze_statistics else ():
            weights = list(module.parameters())
            if weights and not any(weight.requires_grad for weight in weights):
                module.eval()

    def store(self, path: Path) -> None:
        """Write the checkpoint."""
        state = {
            "network": self.network.state_dict(),
            "optimiser": self.optimizer.state_dict(),
            "shuffle": self.shuffle.get_state(),
            "random": torch.get_rng_state(),
            "best": self.best,
            "history": asdict(self.history),
        }
        write_whole(path, lambda file: torch.save(state, file))

    def restore(self, path: Path) -> None:
        """Read the checkpoint."""
        try:
            state = torch.load(path, weights_only=True)
            self.network.load_state_dict(state["network"])
            self.optimizer.load_state_dict(state["optimiser"])
        except (RuntimeError, ValueError, KeyError, EOFError) as error:
            reason = str(error).splitlines()[0]
            raise InputError(
                f"{path}: no checkpoint of this network ({reason}); remove it to start anew"
            ) from error
        self.shuffle.set_state(state["shuffle"])
        torch.set_rng_state(state["random"])
        self.best, self.history = state["best"], TrainingHistory(**state["history"])
