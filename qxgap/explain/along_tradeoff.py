"""What the tradeoff does to the explanation of one image: Average Drop along the path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..digits import counted
from ..errors import InputError
from ..progress import Progress
from ..results import Result, plain
from ..statistics.seeds import Seed
from ..tradeoff import TradeoffHardness, TradeoffPath, tradeoff_path

if TYPE_CHECKING:
    import pandas as pd

    from ..xai import AverageDrop
    from ..xai.metrics import Fill
    from .explainer import Explainer, Explanation


@dataclass(frozen=True, eq=False, repr=False)
class TradeoffDrops(Result):
    """The drop of confidence with the explanation by each best selection, along the tradeoff.

    Attributes
    ----------
    name : str
        Name of the image.
    path : TradeoffPath
        The best selections, whose labels are channel numbers.
    drops : ndarray of float, shape (m,)
        The drop in percent with each selection of the path; negative ones only with a convention
        that counts gains.
    coverage : ndarray of float, shape (m,)
        Percent of the image that the mask of each selection keeps.
    convention : str
        Name of the convention of Average Drop.
    """

    name: str
    path: TradeoffPath
    drops: NDArray[np.float64]
    coverage: NDArray[np.float64]
    convention: str

    def at(self, tradeoff: Any) -> NDArray[np.float64]:
        """Return the drops at some tradeoffs.

        Parameters
        ----------
        tradeoff : array_like of float
            Tradeoffs in [0, 1].

        Returns
        -------
        ndarray of float
            The drops in percent; at a breakpoint that of the selection above it.

        Raises
        ------
        InputError
            For a tradeoff outside [0, 1].
        """
        return self.drops[self.path.at(tradeoff)]

    @property
    def best_interval(self) -> tuple[float, float]:
        """The tradeoffs, from and to, of the selection with the smallest drop."""
        best = int(np.argmin(self.drops))
        return float(self.path.breakpoints[best]), float(self.path.breakpoints[best + 1])

    def to_dict(self) -> dict[str, Any]:
        """Return path and drops as plain Python values.

        Returns
        -------
        dict of str
            name, convention, drops, coverage, best_interval, and the keys of
            :meth:`TradeoffPath.to_dict`.
        """
        own = {"name": self.name, "convention": self.convention, "drops": self.drops}
        own |= {"coverage": self.coverage, "best_interval": list(self.best_interval)}
        return plain(own) | self.path.to_dict()

    def to_dataframe(self) -> pd.DataFrame:
        """Return a row for each best selection.

        Returns
        -------
        pandas.DataFrame
            The columns of :meth:`TradeoffPath.to_dataframe`, drop and coverage, in percent.
        """
        return self.path.to_dataframe().assign(drop=self.drops, coverage=self.coverage)

    def plot(self, ax: Any = None, hardness: TradeoffHardness | None = None) -> Any:
        """Draw the size of the selection and the drop, and how hard the problem is.

        The band is where the selection stays that of the tradeoff that is marked.

        Parameters
        ----------
        ax : sequence of matplotlib.axes.Axes, optional
            Where to draw, two or, with ``hardness``, four; by default a new figure is made.
        hardness : TradeoffHardness, optional
            Gaps and success probabilities along the same path.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import drop_path  # loads matplotlib

        path = self.path
        return drop_path(
            path.breakpoints,
            path.sizes,
            self.drops,
            path.source.tradeoff,
            None if hardness is None else hardness.to_dataframe(),
            ax=ax,
        )

    def __str__(self) -> str:
        path = self.path
        here = int(path.at(path.source.tradeoff))
        low, high = path.stable_interval
        best = int(np.argmin(self.drops))
        text = (
            f"At the tradeoff {path.source.tradeoff:g} the explanation of {self.name} by "
            f"{self._maps(here)} loses {self.drops[here]:.3g} % of the confidence; the selection "
            f"is the same from {low:.3g} to {high:.3g}. "
        )
        if self.drops[best] == self.drops[here]:
            return text + "No other tradeoff loses less."
        low, high = self.best_interval
        return text + (
            f"Along the whole path the loss lies between {self.drops[best]:.3g} and "
            f"{self.drops.max():.3g} %, and is smallest from {low:.3g} to {high:.3g}, with "
            f"{self._maps(best).removesuffix(',')}."
        )

    def _maps(self, position: int) -> str:
        """Return the size of a selection and how much of the image its mask keeps."""
        maps = counted(int(self.path.sizes[position]), "map")
        return f"{maps}, of which the mask keeps {self.coverage[position]:.0f} % of the image,"


def drops_along_tradeoff(
    explainer: Explainer,
    explanation: Explanation,
    path: TradeoffPath | None = None,
    *,
    convention: AverageDrop | None = None,
    fill: Fill | None = None,
    seed: Seed = 0,
    progress: Progress = None,
) -> TradeoffDrops:
    """Measure Average Drop of one image with the best selection at every tradeoff.

    Parameters
    ----------
    explainer : Explainer
        The explainer that made the explanation.
    explanation : Explanation
        The image, with at least one selectable map.
    path : TradeoffPath, optional
        The path of its problem; by default it is computed.
    convention : AverageDrop, optional
        The convention; by default ``AverageDrop.STANDARD``.
    fill : Fill, optional
        The replacement of removed pixels; by default ``Constant(0.0)``.
    seed : int, numpy.random.Generator or None, optional
        As in :func:`qxgap.tradeoff_path`, for a path that is computed.
    progress : callable or bool, optional
        As in :func:`qxgap.tradeoff_path`.

    Returns
    -------
    TradeoffDrops
        The drops, which can draw themselves beside the sizes.

    Raises
    ------
    InputError
        If the image has no problem, or the path is that of another one.

    See Also
    --------
    qxgap.tradeoff_hardness : Gaps and success probabilities along the path.

    References
    ----------
    Venturelli et al., arXiv 2604.25649: the tradeoff (their beta), 0.7 there.

    Examples
    --------
    >>> from qxgap import explain, xai
    >>> network = xai.open_network("digits")
    >>> images, labels = xai.digits_images()
    >>> explainer = explain.Explainer(network.module, network.layer, seed=1)
    >>> (explanation,) = explainer.explain(["an eight"], images[:1], labels[:1])
    >>> found = explain.drops_along_tradeoff(explainer, explanation)
    >>> here = explanation.selections["exact"]
    >>> here == found.path.selections[int(found.path.at(0.7))], found.at(0.7).shape
    (True, ())
    """
    import torch

    from ..xai import AverageDrop, subset_cam

    instance = explanation.instance
    if instance.problem is None:
        raise InputError(f"{instance.name} has no selectable map; give an image that has one")
    if path is None:
        path = tradeoff_path(instance.problem, seed=seed, progress=progress)
    if path.source.labels != instance.problem.labels:
        raise InputError(
            f"the path has other features than {instance.name}; give the path of its problem"
        )
    rule = convention or AverageDrop.STANDARD
    image = torch.from_numpy(instance.image)
    size = (image.shape[-2], image.shape[-1])
    number = len(path.sizes)
    scores = rule(
        explainer.network,
        image.expand(number, *image.shape),
        torch.stack(
            [subset_cam(instance.maps, instance.alpha, labels, size) for labels in path.selections]
        ),
        torch.full((number,), instance.explained_class),
        fill=fill,
    )
    return TradeoffDrops(
        instance.name, path, scores.drop.numpy(), scores.coverage.numpy(), rule.name
    )
