"""Images explained by the QUBO's selection and by every baseline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from ..problem import (
    PAPER_TRADEOFF,
    QuboProblem,
    RewardRule,
    ScaledTradeoff,
    SizeTerm,
    selections,
)
from ..results import Result, plain
from ..statistics.seeds import Seed, integer_seed
from .instances import ImageInstance, captured_instances
from .methods import (
    DEFAULT_METHODS,
    ExplanationMethod,
    Selected,
    chosen_methods,
    explanation_map,
)

if TYPE_CHECKING:
    from torch import Tensor, nn

    from .instances import ProblemBuilder


@dataclass(frozen=True, eq=False, repr=False)
class Explanation(Result):
    """One image with the maps that every method selects and the explanation maps.

    Attributes
    ----------
    instance : ImageInstance
        The image with its feature maps and its selection problem.
    number : int
        Number of the image among all that are explained; random-k is drawn with ``seed + number``.
    selections : mapping of ExplanationMethod
        Channel numbers that each method selects; empty if there is no problem. Methods that weight
        all maps are not in it.
    cams : mapping of ExplanationMethod
        Explanation map of each method, a float64 tensor (H, W) that is not normalized.
    """

    instance: ImageInstance
    number: int
    selections: Selected
    cams: Mapping[ExplanationMethod, Tensor]

    def to_dict(self) -> dict[str, Any]:
        """Return the image and the selections as plain Python values, without the maps.

        Returns
        -------
        dict of str
            The keys of :meth:`ImageInstance.to_dict`, ``number``, and ``selections``, the channel
            numbers by method.
        """
        return self.instance.to_dict() | {
            "number": self.number,
            "selections": plain(self.selections),
        }

    def __str__(self) -> str:
        chosen = self.selections.get(ExplanationMethod.EXACT)
        selected = "" if chosen is None else f", and the QUBO selects {len(chosen)}"
        return f"{self.instance}{selected}"

    def plot(self, ax: Any = None, method: ExplanationMethod = ExplanationMethod.EXACT) -> Any:
        """Draw the image with the explanation map of one method, and beside it the selected maps.

        In axes of the caller only the explanation map is drawn.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.
        method : ExplanationMethod, optional
            The method of the explanation map.

        Returns
        -------
        matplotlib.figure.Figure
            The figure. :func:`qxgap.explain.picture` draws all methods.
        """
        from ..plotting import explanation_overlay, pixels_for_display, selected_maps
        from ..xai import subset_cam

        pixels, cam = pixels_for_display(self.instance.image), self.cams[method].numpy()
        if ax is not None:
            return explanation_overlay(pixels, cam, f"{self.instance.name}: {method}", ax)
        chosen = self.selections.get(method, ())
        alpha = self.instance.alpha
        order = sorted((int(number) for number in chosen), key=lambda number: -alpha[number])
        size = (cam.shape[0], cam.shape[1])
        shown = [
            (f"map {n}", subset_cam(self.instance.maps, alpha, [n], size).numpy())
            for n in order[:4]
        ]
        return selected_maps(pixels, cam, str(method), shown)


@dataclass(frozen=True)
class Explainer:
    """Explains images through one layer of a network, by every method.

    Parameters
    ----------
    network : torch.nn.Module
        Network from images to logits.
    layer : str
        Name of the submodule that outputs the feature maps.
    tradeoff : float or ScaledTradeoff, optional
        The paper's beta, in [0, 1].
    seed : int, Generator or None, optional
        Seed of random-k; each image has its own random selection. The attribute is an integer: the
        given seed or one that is drawn.
    reward_rule : RewardRule, optional
        How importance becomes the reward h.
    pair_weight : {1, 2}, optional
        How often a pair of maps counts.
    size_term : SizeTerm, optional
        A penalty on selections of another size.
    target : int, optional
        Class that is explained in every image; by default the one that the network predicts.
    class_names : sequence of str, optional
        Names of the classes, for pictures and texts.
    methods : sequence of ExplanationMethod or str, optional
        The methods that are compared, by their names; by default ``DEFAULT_METHODS``. Among them
        must be ``"exact"``, the QUBO's own.

    Raises
    ------
    InputError
        If a method is unknown, or ``"exact"`` is not among them.

    Examples
    --------
    >>> from qxgap import explain, xai
    >>> network = xai.open_network("digits")
    >>> images, labels = xai.digits_images()
    >>> explainer = explain.Explainer(network.module, network.layer, seed=1)
    >>> (explanation,) = explainer.explain(["first digit"], images[:1], labels[:1])
    >>> print(explanation)
    first digit: class 8 (true: class 8), confidence 100.0%; 6 of 16 maps can be selected, and the
    QUBO selects 5
    """

    network: nn.Module
    layer: str
    tradeoff: float | ScaledTradeoff = PAPER_TRADEOFF
    seed: Seed = None
    reward_rule: RewardRule = RewardRule.MAX
    pair_weight: int = 1
    size_term: SizeTerm | None = None
    target: int | None = None
    class_names: Sequence[str] = ()
    methods: Sequence[ExplanationMethod | str] = DEFAULT_METHODS

    def __post_init__(self) -> None:
        object.__setattr__(self, "seed", integer_seed(self.seed))
        object.__setattr__(self, "methods", chosen_methods(self.methods))

    def explain(
        self, names: Sequence[str], images: Tensor, labels: Tensor | None = None, *, first: int = 0
    ) -> Iterator[Explanation]:
        """Yield the explanation of every image, of its predicted class or of ``target``, in order.

        Parameters
        ----------
        names : sequence of str
            Name of each image.
        images : tensor, shape (n, C, H, W)
            Images as the network takes them.
        labels : tensor of int, shape (n,), optional
            True class of each image.
        first : int, optional
            Number of the first image; random-k of image i is drawn with ``seed + first + i``.

        Yields
        ------
        Explanation
            The explanation of one image.
        """
        captured = captured_instances(
            self.network,
            self.layer,
            names,
            images,
            labels,
            self._build(),
            self.target,
            self.class_names,
        )
        size = (images.shape[-2], images.shape[-1])
        for number, (instance, gradients) in enumerate(captured, first):
            selected = self._select(instance.problem, number)
            image = images[number - first]
            by_scores = partial(
                self._score_cam, image, instance.maps, instance.explained_class, size
            )
            cams = {
                method: explanation_map(
                    method, instance.maps, gradients, instance.alpha, selected, size, by_scores
                )
                for method in map(ExplanationMethod, self.methods)
            }
            own = {method: labels for method, labels in selected.items() if method in cams}
            yield Explanation(instance, number, own, cams)

    def cams(
        self,
        method: ExplanationMethod,
        images: Tensor,
        targets: Tensor,
        numbers: Sequence[int] | None = None,
    ) -> Tensor:
        """Return the explanation maps of given classes by one method.

        Parameters
        ----------
        method : ExplanationMethod
            The method, which need not be one of ``methods``.
        images : tensor, shape (n, C, H, W)
            Images as the network takes them.
        targets : tensor of int, shape (n,)
            The class of each image that is explained.
        numbers : sequence of int, optional
            Numbers of the images, so that random-k is drawn as by :meth:`explain`; by default
            0 to n - 1.

        Returns
        -------
        tensor of float64, shape (n, H, W)
            The maps, not normalized.

        Raises
        ------
        InputError
            If there is no such method.
        """
        method = ExplanationMethod(method)
        return self.cams_by_method([method], images, targets, numbers)[method]

    def cams_by_method(
        self,
        methods: Sequence[ExplanationMethod | str],
        images: Tensor,
        targets: Tensor,
        numbers: Sequence[int] | None = None,
    ) -> dict[ExplanationMethod, Tensor]:
        """Return the explanation maps of given classes by several methods.

        Parameters
        ----------
        methods : sequence of ExplanationMethod or str
            The methods, which need not be among ``methods`` of the explainer.
        images : tensor, shape (n, C, H, W)
            Images as the network takes them.
        targets : tensor of int, shape (n,)
            The class of each image that is explained.
        numbers : sequence of int, optional
            Numbers of the images, as in :meth:`cams`.

        Returns
        -------
        dict of ExplanationMethod to tensor of float64, shape (n, H, W)
            The maps of each method, not normalized.

        Raises
        ------
        InputError
            If a method is unknown.
        """
        import torch

        from .. import xai

        chosen = [ExplanationMethod(method) for method in methods]
        captured = xai.capture(self.network, images, self.layer, targets=targets)
        size, build = (images.shape[-2], images.shape[-1]), self._build()
        cams: dict[ExplanationMethod, list[Tensor]] = {method: [] for method in chosen}
        for row, (maps, gradients) in enumerate(
            zip(captured.maps, captured.gradients, strict=True)
        ):
            selectable = xai.selectable_maps(maps, gradients)
            selected: Selected = {}
            if selectable.labels and any(method.selects_maps for method in chosen):
                number = row if numbers is None else numbers[row]
                selected = self._select(build(maps, selectable), number)
            by_scores = partial(self._score_cam, images[row], maps, int(targets[row]), size)
            for method in chosen:
                cams[method].append(
                    explanation_map(
                        method, maps, gradients, selectable.alpha, selected, size, by_scores
                    )
                )
        return {method: torch.stack(rows) for method, rows in cams.items()}

    def _score_cam(self, image: Tensor, maps: Any, target: int, size: tuple[int, int]) -> Tensor:
        """Return the map of Score-CAM of one image."""
        from ..xai import score_cam

        return score_cam(self.network, image, maps, target, size)

    def _build(self) -> ProblemBuilder:
        """Return the function that builds the problem of one image."""
        from ..xai import feature_selection

        return partial(
            feature_selection,
            tradeoff=self.tradeoff,
            reward_rule=self.reward_rule,
            pair_weight=self.pair_weight,
            size_term=self.size_term,
        )

    def _select(self, problem: QuboProblem | None, number: int) -> Selected:
        """Return the selections by every method; that of random-k depends on the image's number."""
        if problem is None:
            return {}
        assert isinstance(self.seed, int)
        by_method = selections(problem, seed=self.seed + number).by_method
        return {ExplanationMethod(name): labels for name, labels in by_method.items()}
