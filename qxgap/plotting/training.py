"""Training and validation loss per epoch."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from .style import BLUE, INK, RED, below, panels, styled, whole_numbers


@styled
def loss_curves(train: Sequence[float], validation: Sequence[float], best_epoch: int) -> Figure:
    """Training and validation loss per epoch, with the epoch whose weights were kept."""
    figure, ((axis,),) = panels(1, 1, 5.4, 3.8)
    epochs = range(1, len(train) + 1)
    axis.plot(epochs, train, color=BLUE, marker="o", markersize=3, label="training")
    axis.plot(epochs, validation, color=RED, marker="s", markersize=3, label="validation")
    axis.axvline(best_epoch, color=INK, linestyle=":", label="weights kept")
    axis.set(xlabel="epoch", ylabel="mean cross entropy", yscale="log")
    whole_numbers(axis)
    below(figure, axis)
    return figure
