"""The feature-selection problem of each image of a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..problem.feature_selection import SizeTerm
from ..problem.qubo import QuboProblem
from ..problem.rules import PAPER_TRADEOFF, RewardRule, ScaledTradeoff
from ..results import Result, plain

if TYPE_CHECKING:
    from torch import Tensor, nn

    from ..xai import SelectableMaps, SelectionStatus

    ProblemBuilder = Callable[..., QuboProblem]
    """A partial :func:`qxgap.xai.feature_selection`: maps, selectable, label, pred and target."""

BATCH = 64
"""Number of images in one pass through the network. In a batch of another size the maps of an image
can differ in their last digits, and so can the content hash of its problem."""


@dataclass(frozen=True, eq=False, repr=False)
class ImageInstance(Result):
    """One image, its feature maps in one layer of a network, and the selection problem they make.

    Attributes
    ----------
    name : str
        Name of the image.
    label : int or None
        True class of the image; None if it is unknown.
    pred : int
        Class that the network predicts.
    confidence : float
        Softmax probability of the explained class, in [0, 1].
    problem : QuboProblem or None
        The selection problem; None if no map can be selected.
    selectable : SelectableMaps
        The maps that can be selected, and the numbers of the others by reason.
    image : ndarray of float32, shape (C, H, W)
        Pixels of the image, as the network takes them.
    maps : ndarray of float32, shape (N_f, H_f, W_f)
        Feature maps of the layer.
    target : int or None
        Class that is explained: its logit is differentiated. None stands for the predicted one.
    class_names : sequence of str
        Names of the classes; empty if they are not known.
    """

    name: str
    label: int | None
    pred: int
    confidence: float
    problem: QuboProblem | None
    selectable: SelectableMaps
    image: NDArray[Any]
    maps: NDArray[Any]
    target: int | None = None
    class_names: Sequence[str] = ()

    @property
    def explained_class(self) -> int:
        """The number of the class that is explained, ``target`` or ``pred``."""
        return self.pred if self.target is None else self.target

    def title_of(self, number: int) -> str:
        """Return a class as a person reads it, with its name if that is known.

        Parameters
        ----------
        number : int
            The number of the class.
        """
        from ..xai import class_title

        return class_title(number, self.class_names)

    @property
    def alpha(self) -> NDArray[np.float64]:
        """Importance of every map, (N_f,)."""
        return self.selectable.alpha

    @property
    def status(self) -> SelectionStatus:
        """Whether the maps make a problem; ``str(selectable)`` adds the numbers of maps."""
        return self.selectable.status

    @property
    def num_maps(self) -> int:
        """The number of feature maps N_f, selectable or not."""
        return self.selectable.alpha.size

    @property
    def num_qubits(self) -> int:
        """The number of selectable maps d; 0 if there is no problem."""
        return self.problem.num_qubits if self.problem else 0

    def to_dict(self) -> dict[str, Any]:
        """Return the data of the image as plain Python values, without pixels and maps.

        Returns
        -------
        dict of str
            Keys ``image``, ``label``, ``pred``, ``target`` (the class explained), ``target_name``
            (its name or None), ``confidence``, ``d``, ``num_maps``, the counts of
            :class:`qxgap.xai.SelectableMaps`, and ``status``, a sentence.
        """
        values: dict[str, Any] = plain(
            {
                "image": self.name,
                "label": self.label,
                "pred": self.pred,
                "target": self.explained_class,
                "target_name": dict(enumerate(self.class_names)).get(self.explained_class),
                "confidence": self.confidence,
                "d": self.num_qubits,
                "num_maps": self.num_maps,
                **self.selectable.counts,
                "status": str(self.selectable),
            }
        )
        return values

    def plot(self, ax: Any = None) -> Any:
        """Draw the image.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import image_panel, pixels_for_display  # loads matplotlib

        return image_panel(pixels_for_display(self.image), self.name, ax)

    def __str__(self) -> str:
        maps = f"{self.num_qubits} of {self.num_maps} maps can be selected"
        return f"{self.name}: {self.classes()}; {maps}"

    def classes(self) -> str:
        """Return the class that is explained with its confidence, and the others if they differ."""
        other = (
            [] if self.explained_class == self.pred else [f"predicted: {self.title_of(self.pred)}"]
        )
        if self.label is not None:
            other.append(f"true: {self.title_of(self.label)}")
        beside = f" ({', '.join(other)})" if other else ""
        return f"{self.title_of(self.explained_class)}{beside}, confidence {self.confidence:.1%}"


def image_instances(
    network: nn.Module,
    layer: str,
    names: Sequence[str],
    images: Tensor,
    labels: Tensor | None = None,
    *,
    tradeoff: float | ScaledTradeoff = PAPER_TRADEOFF,
    reward_rule: RewardRule = RewardRule.MAX,
    pair_weight: int = 1,
    size_term: SizeTerm | None = None,
    target: int | None = None,
    class_names: Sequence[str] = (),
) -> Iterator[ImageInstance]:
    """Yield the instance of every image, in order; the maps of one batch are held at a time.

    Parameters
    ----------
    network : torch.nn.Module
        Network from images to logits.
    layer : str
        Name of the submodule that outputs the feature maps.
    names : sequence of str
        Name of each image.
    images : tensor, shape (n, C, H, W)
        Images as the network takes them.
    labels : tensor of int, shape (n,), optional
        True class of each image.
    tradeoff : float or ScaledTradeoff, optional
        The paper's beta, in [0, 1].
    reward_rule : RewardRule, optional
        How importance becomes the reward h.
    pair_weight : {1, 2}, optional
        How often a pair of maps counts.
    size_term : SizeTerm, optional
        A penalty on selections of another size.
    target : int, optional
        Class that is explained in every image; by default the one that the network predicts.
    class_names : sequence of str, optional
        Names of the classes.

    Yields
    ------
    ImageInstance
        The instance of one image.

    Raises
    ------
    InputError
        If the layer is unknown, or the network cannot take the images.
    """
    from ..xai import feature_selection

    build = partial(
        feature_selection,
        tradeoff=tradeoff,
        reward_rule=reward_rule,
        pair_weight=pair_weight,
        size_term=size_term,
    )
    for instance, _ in captured_instances(
        network, layer, names, images, labels, build, target, class_names
    ):
        yield instance


def captured_instances(
    network: nn.Module,
    layer: str,
    names: Sequence[str],
    images: Tensor,
    labels: Tensor | None,
    build: ProblemBuilder,
    target: int | None = None,
    class_names: Sequence[str] = (),
) -> Iterator[tuple[ImageInstance, Tensor]]:
    """Yield the instance of every image and the gradients of its maps, (N_f, H_f, W_f).

    Importance and selectable maps are computed once for each image, and the problem is built from
    them.
    """
    from .. import xai

    batches = (images[first : first + BATCH] for first in range(0, len(images), BATCH))
    row = 0
    for batch in xai.capture_batches(network, batches, layer, target=target):
        shares = batch.logits.double().softmax(dim=1)
        confidences = shares.gather(1, batch.targets[:, None])[:, 0]
        for maps, gradients, predicted, confidence in zip(
            batch.maps, batch.gradients, batch.predicted, confidences, strict=True
        ):
            selectable = xai.selectable_maps(maps, gradients)
            label, pred = None if labels is None else int(labels[row]), int(predicted)
            instance = ImageInstance(
                name=names[row],
                label=label,
                pred=pred,
                confidence=float(confidence),
                problem=(
                    build(maps, selectable, label=label, pred=pred, target=target)
                    if selectable.labels
                    else None
                ),
                selectable=selectable,
                image=images[row].numpy(),
                maps=maps.numpy(),
                target=target,
                class_names=class_names,
            )
            yield instance, gradients
            row += 1
