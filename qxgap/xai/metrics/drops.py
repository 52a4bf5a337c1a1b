"""How much confidence is left where only the pixels of an explanation map remain, in percent.

Let Y be the softmax confidence of the explained class on the image, and E the confidence on the
image masked by its explanation map. The metrics are:

    drop       100 max(0, Y - E) / Y                            lower is better
    increase   100 if E > Y, else 0                             higher is better
    coverage   100 times the mean of the mask                   needed to compare the two above

A mask that keeps the whole image causes no drop, so that drops compare only at equal coverage.

Drop and increase are defined by Chattopadhay et al., WACV 2018, arXiv 1710.11063.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor

from ...digits import counted
from ...results import Result, plain
from .confidences import confidence, require_maps
from .masks import AreaMask, Constant, Fill, Mask, MinMaxMask, SoftMask, keep

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class MaskScores(Result):
    """Confidence with and without a mask, one float64 value per image; printing gives the means.

    Attributes
    ----------
    confidence : tensor of float64, shape (B,)
        Confidence Y of the explained class on the whole image, in [0, 1].
    masked : tensor of float64, shape (B,)
        Confidence E on the masked image, in [0, 1].
    coverage : tensor of float64, shape (B,)
        Percent of the image that the mask keeps.
    signed : bool
        Whether a gain of confidence counts as a negative drop; otherwise it counts as none.
    """

    references: ClassVar[tuple[str, ...]] = ("chattopadhay2018",)

    confidence: Tensor
    masked: Tensor
    coverage: Tensor
    signed: bool = False

    @property
    def drop(self) -> Tensor:
        """(B,) relative loss of confidence in percent; 0 if there was no confidence to lose."""
        loss = self.confidence - self.masked
        if not self.signed:
            loss = loss.clamp(min=0)
        return 100 * loss / torch.where(self.confidence > 0, self.confidence, 1.0)

    @property
    def increase(self) -> Tensor:
        """(B,) 100 where the mask raises the confidence, 0 elsewhere."""
        return 100.0 * (self.masked > self.confidence).double()

    @property
    def average_drop(self) -> float:
        """Average Drop, in percent."""
        return float(self.drop.mean())

    @property
    def average_increase(self) -> float:
        """Average Increase, in percent of the images."""
        return float(self.increase.mean())

    @property
    def average_coverage(self) -> float:
        """Mean coverage, in percent."""
        return float(self.coverage.mean())

    def to_dict(self) -> dict[str, Any]:
        """Return the means and the values of every image as plain Python values.

        Returns
        -------
        dict of str
            Keys ``average_drop``, ``average_increase``, ``average_coverage``, and lists
            ``confidence``, ``masked``, ``drop``, ``increase`` and ``coverage``.
        """
        means = ("average_drop", "average_increase", "average_coverage")
        lists = ("confidence", "masked", "drop", "increase", "coverage")
        return {name: plain(getattr(self, name)) for name in (*means, *lists)}

    def plot(self, ax: Any = None) -> Any:
        """Draw the confidence with the mask against that on the whole image, a dot for each image.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ...plotting import confidence_pairs  # loads matplotlib

        return confidence_pairs(self.confidence.tolist(), self.masked.tolist(), ax=ax)

    def to_dataframe(self) -> pd.DataFrame:
        """Return a table with one row for each image.

        Returns
        -------
        pandas.DataFrame
            The columns confidence, masked, drop, increase and coverage.
        """
        import pandas as pd

        names = ("confidence", "masked", "drop", "increase", "coverage")
        return pd.DataFrame({name: plain(getattr(self, name)) for name in names})

    def __str__(self) -> str:
        return (
            f"With only the pixels of the mask the network loses {self.average_drop:.1f} % of its "
            f"confidence (Average Drop, mean of {counted(len(self.confidence), 'image')}), and "
            f"gains some for {self.average_increase:.1f} % of them; the mask keeps "
            f"{self.average_coverage:.1f} % of the image."
        )


@dataclass(frozen=True)
class AverageDrop:
    """A convention for Average Drop: how a map becomes a mask, and whether gains count.

    Publications mean different things by the same name, so that their numbers cannot be compared.

    Parameters
    ----------
    name : str
        A name for tables.
    mask : Mask
        The rule by which a map becomes a mask.
    signed : bool, optional
        Whether a gain of confidence counts as a negative drop; by default it counts as none.

    Attributes
    ----------
    STANDARD : AverageDrop
        The definition of Chattopadhay et al. (Grad-CAM++): the map over its maximum is the mask,
        and gains count as no drop.
    AUTHORS_CLIPPED, AUTHORS_SIGNED : AverageDrop
        What the programs behind the table of arXiv 2604.25649 do: the map, from its smallest to its
        largest value, becomes a mask of 256 levels. Gains count as no drop for the annealer, and as
        negative drops for Grad-CAM++. Two rows of that table follow two conventions.
    SCORE_CAM_50 : AverageDrop
        That of the Score-CAM paper: the half of the pixels with the largest values remains.
    ALL : tuple of AverageDrop
        These four.

    Notes
    -----
    The authors' programs do not normalize their images, so that a removed pixel is black. With a
    network that takes normalized images, give ``fill=Constant(black)``, with the value that black
    has there.

    References
    ----------
    Chattopadhay et al., WACV 2018, arXiv 1710.11063; Wang et al., CVPR Workshops 2020,
    arXiv 1910.01279; Venturelli et al., arXiv 2604.25649.

    Examples
    --------
    >>> from qxgap.xai import AverageDrop
    >>> [convention.name for convention in AverageDrop.ALL]
    ['standard', 'authors, clipped', 'authors, signed', 'Score-CAM, half of the pixels']
    """

    STANDARD: ClassVar[AverageDrop]
    AUTHORS_CLIPPED: ClassVar[AverageDrop]
    AUTHORS_SIGNED: ClassVar[AverageDrop]
    SCORE_CAM_50: ClassVar[AverageDrop]
    ALL: ClassVar[tuple[AverageDrop, ...]]

    name: str
    mask: Mask
    signed: bool = False

    def __call__(
        self,
        model: torch.nn.Module,
        images: Tensor,
        cams: Tensor,
        targets: Tensor,
        *,
        fill: Fill | None = None,
        batch_size: int = 64,
    ) -> MaskScores:
        """Measure the drop of every image by this convention; see :func:`mask_scores`.

        Parameters
        ----------
        model : torch.nn.Module
            Network from images to logits (B, K).
        images : tensor, shape (B, C, H, W)
            Images as the network takes them.
        cams : tensor, shape (B, H, W)
            Non-negative explanation maps of any scale.
        targets : tensor of int, shape (B,)
            The explained class of each image.
        fill : Fill, optional
            The replacement of removed pixels; by default ``Constant(0.0)``.
        batch_size : int, optional
            Number of images in one forward pass.

        Returns
        -------
        MaskScores
            Confidences, drops and coverage of every image.
        """
        scores = mask_scores(
            model, images, cams, targets, self.mask, fill=fill, batch_size=batch_size
        )
        return replace(scores, signed=self.signed)


AverageDrop.STANDARD = AverageDrop("standard", SoftMask())
AverageDrop.AUTHORS_CLIPPED = AverageDrop("authors, clipped", MinMaxMask(256))
AverageDrop.AUTHORS_SIGNED = AverageDrop("authors, signed", MinMaxMask(256), signed=True)
AverageDrop.SCORE_CAM_50 = AverageDrop("Score-CAM, half of the pixels", AreaMask(0.5))
AverageDrop.ALL = (
    AverageDrop.STANDARD,
    AverageDrop.AUTHORS_CLIPPED,
    AverageDrop.AUTHORS_SIGNED,
    AverageDrop.SCORE_CAM_50,
)


def mask_scores(
    model: torch.nn.Module,
    images: Tensor,
    cams: Tensor,
    targets: Tensor,
    mask: Mask | None = None,
    *,
    fill: Fill | None = None,
    batch_size: int = 64,
) -> MaskScores:
    """Measure Average Drop, Average Increase and coverage of explanation maps.

    Parameters
    ----------
    model : torch.nn.Module
        Network from images to logits (B, K).
    images : tensor, shape (B, C, H, W)
        Images as the network takes them.
    cams : tensor, shape (B, H, W)
        Non-negative explanation maps of any scale.
    targets : tensor of int, shape (B,)
        The explained class of each image.
    mask : Mask, optional
        The rule by which a map becomes a mask; by default :class:`SoftMask`.
    fill : Fill, optional
        The replacement of removed pixels; by default ``Constant(0.0)``.
    batch_size : int, optional
        Number of images in one forward pass.

    Returns
    -------
    MaskScores
        Confidences and coverage of every image.

    Raises
    ------
    InputError
        If shapes do not fit, or a map is negative or not finite.
    """
    require_maps(cams)
    masks = (mask or SoftMask())(cams)
    return MaskScores(
        confidence=confidence(model, images, targets, batch_size=batch_size),
        masked=confidence(
            model, keep(images, masks, fill or Constant()), targets, batch_size=batch_size
        ),
        coverage=100 * masks.double().mean(dim=(1, 2)),
    )
