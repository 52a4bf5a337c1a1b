"""The sanity check of explanations: are the maps those of the trained network?"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import InputError
from ..progress import progress_bar
from ..results import Result, plain
from ..statistics import mean_interval
from ..statistics.seeds import Seed, random_generator
from .explainer import Explainer
from .methods import ExplanationMethod

if TYPE_CHECKING:
    from torch import Tensor, nn

CASCADING, INDEPENDENT = "cascading", "independent"
"""The two orders: all layers from the output to one of them are random, or one layer alone."""
MEASURES = ("rank_correlation", "structural_similarity")
"""The two measures of similarity, functions of :mod:`qxgap.xai`."""
SAME = 0.9
"""Mean rank correlation from which on maps count as almost the same."""
OFTEN_EMPTY = 0.1
"""Share of vanished maps from which on the words mention them."""
NUM_RESAMPLES = 999
"""Number of resamples of the bootstrap behind each interval."""


@dataclass(frozen=True, eq=False, repr=False)
class RandomizationCheck(Result):
    """How alike the maps are before and after layers of the network get random weights.

    Attributes
    ----------
    layers : tuple of str
        The layers with weights, from the output of the network to its input; weights of the network
        itself come last, by the name of its class.
    hooked : str
        The layer that provides the feature maps.
    num_behind : int
        How many of the layers run after the hooked one. Their weights change the importance of the
        maps, and the others change the maps themselves.
    num_images : int
        Number of images that are compared.
    num_left_out : int
        Number of images that are left out, because some method has a map without any place.
    draws : int
        How often random weights were drawn.
    rows : pandas.DataFrame
        A row for each order (``"cascading"`` or ``"independent"``), number of the layer, draw,
        method and image, with the columns of those names, ``layer``, both similarities, and
        ``vanished``: whether the map of the random network has the same value everywhere.
    """

    layers: tuple[str, ...]
    hooked: str
    num_behind: int
    num_images: int
    num_left_out: int
    draws: int
    rows: pd.DataFrame

    @property
    def methods(self) -> list[str]:
        """The methods that are compared, in the order of the table."""
        return list(dict.fromkeys(self.rows.method))

    def to_dataframe(self) -> pd.DataFrame:
        """Return the mean similarities with 95 % intervals.

        Returns
        -------
        pandas.DataFrame
            A row for each order, number of the layer and method: ``order``, ``number``, ``layer``,
            ``method``, and for both similarities the mean, and ``_low`` and ``_high``, the wider of
            the intervals over the images and over the draws, cut at -1 and 1. ``vanished`` is the
            share of the maps that have the same value everywhere.
        """
        return self._means.copy()

    @cached_property
    def _means(self) -> pd.DataFrame:
        """The table of means; its bootstraps take seconds, and texts and figures need it too."""
        keys = ["order", "number", "layer", "method"]
        table = []
        for values, group in self.rows.groupby(keys, sort=False):
            row = dict(zip(keys, values, strict=True))
            for measure in MEASURES:
                means = mean_interval(
                    group[measure], group.draw, num_resamples=NUM_RESAMPLES, seed=0
                )
                low, high = (min(max(bound, -1.0), 1.0) for bound in means.wider_interval)
                row |= {measure: means.mean, f"{measure}_low": low, f"{measure}_high": high}
            table.append(row | {"vanished": float(group.vanished.mean())})
        return pd.DataFrame(table)

    def to_dict(self) -> dict[str, Any]:
        """Return the layers, the numbers and the table of means as plain Python values.

        Returns
        -------
        dict of str
            The attributes without ``rows``, and ``similarities``, the rows of
            :meth:`to_dataframe`.
        """
        names = (field.name for field in fields(self) if field.name != "rows")
        values: dict[str, Any] = plain(
            {name: getattr(self, name) for name in names}
            | {"similarities": self._means.to_dict("records")}
        )
        return values

    def plot(self, ax: Any = None) -> Any:
        """Draw the rank correlations against the number of random layers, and layer by layer.

        Parameters
        ----------
        ax : sequence of two Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import randomized_layers  # loads matplotlib

        return randomized_layers(self._means, self.num_behind, ax)

    def __str__(self) -> str:
        table = self._means
        whole = table[(table.order == CASCADING) & (table.number == len(self.layers))]
        lines = [_about_all(whole, len(self.layers))]
        behind = table[(table.order == CASCADING) & (table.number == self.num_behind)]
        if len(behind):
            lines.append(_about_head(behind, self.hooked))
        empty = (
            table[table.vanished >= OFTEN_EMPTY].sort_values("vanished").groupby("method").tail(1)
        )
        if len(empty):
            shares = ", ".join(
                f"{row.method} up to {row.vanished:.0%}" for row in empty.itertuples()
            )
            lines.append(
                f"Maps that vanish count as a correlation of 0, which is no merit: {shares}."
            )
        lines.append(
            f"{self.num_images} images, {self.draws} draws of random weights; intervals are 95 %."
        )
        if self.num_left_out:
            lines.append(
                f"Images left out, because a method marks no place in them: {self.num_left_out}."
            )
        return "\n".join(lines)


def _about_all(whole: pd.DataFrame, number: int) -> str:
    """Return what is left of the maps once every layer is random."""
    kept = whole[whole.rank_correlation >= SAME].method.tolist()
    if kept:
        return (
            f"The maps of {', '.join(kept)} do not show what the network has learnt: with random "
            f"weights in all {number} layers they stay almost the same (rank correlation of "
            f"{SAME:g} or more)."
        )
    lowest, highest = (
        whole.loc[at] for at in (whole.rank_correlation.idxmin(), whole.rank_correlation.idxmax())
    )
    return (
        f"The maps of every method depend on what the network has learnt: with random weights in "
        f"all {number} layers their rank correlation with the original maps is {_interval(lowest)} "
        f"({lowest.method}) to {_interval(highest)} ({highest.method})."
    )


def _about_head(behind: pd.DataFrame, hooked: str) -> str:
    """Return which methods take notice of the layers behind the hooked one."""
    kept = behind[behind.rank_correlation >= SAME].method
    ranked = behind.sort_values("rank_correlation")
    values = ", ".join(f"{row.method} {_interval(row)}" for row in ranked.itertuples())
    about = f"With random weights only behind layer {hooked!r} the rank correlation is: {values}."
    if len(kept):
        about += f" So the maps of {', '.join(kept)} hardly depend on those weights."
    return about


def _interval(row: Any) -> str:
    """Return a rank correlation with its interval."""
    low, high = row.rank_correlation_low, row.rank_correlation_high
    return f"{row.rank_correlation:.2f} [{low:.2f}, {high:.2f}]"


def randomization_check(
    explainer: Explainer,
    images: Tensor,
    targets: Tensor | None = None,
    *,
    methods: Iterable[ExplanationMethod | str] | None = None,
    draws: int = 5,
    seed: Seed = None,
    progress: bool = True,
) -> RandomizationCheck:
    """Give layers of the network random weights, and compare the maps with the original ones.

    An explanation of what a network has learnt must change when the network forgets it. A method
    whose maps stay the same shows the image, like a detector of edges, and not the network.

    The layers are made random from the output backwards, one more each time (cascading), and one at
    a time (independent). For each such network every method explains the same class again; the QUBO
    is built and solved anew. The given network is left as it is.

    Parameters
    ----------
    explainer : Explainer
        The network, its hooked layer, and the settings of the QUBO.
    images : tensor, shape (n, C, H, W)
        Images as the network takes them.
    targets : tensor of int, shape (n,), optional
        The class of each image that is explained; by default the one that the network predicts.
    methods : iterable of ExplanationMethod or str, optional
        The methods that are compared; by default those of the explainer.
    draws : int, optional
        How often random weights are drawn.
    seed : int, Generator or None, optional
        Seed of the random weights.
    progress : bool, optional
        Whether to show a bar on stderr.

    Returns
    -------
    RandomizationCheck
        The similarities of the maps, with intervals over images and draws.

    Raises
    ------
    InputError
        If a method is unknown, ``draws`` is less than 1, or every image is left out.

    Notes
    -----
    The check is that of Adebayo et al., arXiv 1810.03292. A layer is a module that runs and has
    weights, of its own or of parts that do not run by themselves. Its ``reset_parameters`` draws
    new ones; where it has none, the values of each weight are shuffled. BatchNorm forgets its
    statistics and does nothing then. A map that becomes the same everywhere has a rank correlation
    of 0 with any other; the result counts such maps. An image is left out for all methods if one of
    them has such a map before anything is random, for instance because no map can be selected.

    Examples
    --------
    >>> from qxgap import explain, xai
    >>> network = xai.open_network("digits")
    >>> images, labels = xai.digits_images()
    >>> explainer = explain.Explainer(network.module, network.layer, seed=1)
    >>> check = explain.randomization_check(explainer, images[:4], draws=2, seed=1, progress=False)
    >>> check.layers, check.num_behind
    (('head', 'norm', 'conv', 'backbone.3', 'backbone.0'), 1)
    """
    import torch

    from .. import xai

    if draws < 1:
        raise InputError(f"draws = {draws}; give at least 1")
    chosen = tuple(ExplanationMethod(name) for name in methods or explainer.methods)
    if targets is None:
        targets = xai.capture(explainer.network, images, explainer.layer).predicted
    layers, num_behind = _layers(explainer, images[:1])
    names = tuple(name or type(explainer.network).__name__ for name in layers)
    original = explainer.cams_by_method(chosen, images, targets)
    used = torch.stack([_has_a_place(cams) for cams in original.values()]).all(dim=0)
    if not used.any():
        raise InputError("in every image some method marks no place; give other images")
    rng = random_generator(seed)
    rows = []
    hidden = {} if progress else {"disable": True}
    with progress_bar(2 * draws * len(layers), "sanity check", **hidden) as bar:
        for draw in range(draws):
            for number, order, network in _randomized(explainer.network, layers, rng):
                place = {"order": order, "number": number, "layer": names[number - 1]}
                changed = replace(explainer, network=network).cams_by_method(
                    chosen, images, targets
                )
                for method, cams in changed.items():
                    pairs = original[method][used], cams[used]
                    values = {name: getattr(xai, name)(*pairs).numpy() for name in MEASURES}
                    vanished = ~_has_a_place(cams[used]).numpy()
                    frame = pd.DataFrame(
                        {"image": np.flatnonzero(used.numpy()), **values, "vanished": vanished}
                    )
                    rows.append(frame.assign(**place, draw=draw, method=method.value))
                bar.update()
    num_used = int(used.sum())
    return RandomizationCheck(
        names,
        explainer.layer,
        num_behind,
        num_used,
        len(images) - num_used,
        draws,
        pd.concat(rows, ignore_index=True),
    )


def _has_a_place(cams: Tensor) -> Tensor:
    """Return which maps (n, H, W) have different values at different places."""
    return cams.amax(dim=(1, 2)) > cams.amin(dim=(1, 2))


def _layers(explainer: Explainer, image: Tensor) -> tuple[dict[str, list[str]], int]:
    """Return the layers with weights from the output on, and how many run after the hooked one.

    A layer is a module that runs. Its value names the modules whose weights it uses: itself, and
    parts of it that do not run by themselves. A layer around the hooked one comes last, because it
    may use its weights, such as the positions of a transformer, before the hooked layer does.
    """
    from ..xai.hooks import run_order

    network, hooked = explainer.network, explainer.layer
    finished = run_order(network, image, hooked)
    layers: dict[str, list[str]] = {name: [] for name in reversed(finished)}
    for name, module in network.named_modules():
        owner = name
        while owner and owner not in layers:
            owner = owner.rpartition(".")[0]
        if _weights(module):
            layers[owner].append(name)
    known = {name: parts for name, parts in layers.items() if parts}
    around = {name for name in known if not name or hooked.startswith(f"{name}.")}
    after = set(finished[finished.index(hooked) + 1 :]) - around
    ordered = [*(name for name in known if name not in around), *(n for n in known if n in around)]
    return {name: known[name] for name in ordered}, sum(name in after for name in known)


def _weights(module: nn.Module) -> list[Tensor]:
    """Return the weights of a module itself, without those of its parts."""
    return list(module.parameters(recurse=False))


def _randomized(
    network: nn.Module, layers: Mapping[str, Sequence[str]], rng: np.random.Generator
) -> Iterator[tuple[int, str, nn.Module]]:
    """Yield number of the layer, order, and a network with random weights up to there or there.

    Both orders use the same random weights of a layer.
    """
    seeds = rng.integers(2**31, size=len(layers)).tolist()
    cascade = copy.deepcopy(network)
    for number, (parts, own) in enumerate(zip(layers.values(), seeds, strict=True), 1):
        alone = copy.deepcopy(network)
        for order, changed in ((CASCADING, cascade), (INDEPENDENT, alone)):
            for place, name in enumerate(parts):
                _forget(changed.get_submodule(name), own + place)
            yield number, order, changed


def _forget(module: nn.Module, seed: int) -> None:
    """Draw new weights of one module, or shuffle them, with a seed of their own."""
    import torch

    devices = {weight.device for weight in _weights(module) if weight.is_cuda}
    with torch.random.fork_rng(sorted(device.index for device in devices)), torch.no_grad():
        torch.manual_seed(seed)
        reset = getattr(module, "reset_parameters", None)
        if callable(reset):
            reset()
            return
        for weight in _weights(module):
            order = torch.randperm(weight.numel()).to(weight.device)
            weight.copy_(weight.flatten()[order].reshape(weight.shape))
