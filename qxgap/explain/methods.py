"""The methods of explanation, and the explanation map of one image by each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ..errors import InputError

if TYPE_CHECKING:
    from torch import Tensor


class ExplanationMethod(StrEnum):
    """A way to explain an image; the value is its name in tables and files.

    The first five select feature maps, and are the methods of :class:`qxgap.problem.Selections`;
    the others weight all maps, or all pixels of all maps. Score-CAM runs the network once for every
    feature map, the others once.
    """

    EXACT = "exact"
    GREEDY = "greedy"
    TOP_K = "top-k"
    RANDOM_K = "random-k"
    ALL_POSITIVE = "all positive"
    GRAD_CAM = "Grad-CAM"
    GRAD_CAM_PLUS_PLUS = "Grad-CAM++"
    HIRES_CAM = "HiResCAM"
    LAYER_CAM = "LayerCAM"
    SCORE_CAM = "Score-CAM"

    @property
    def selects_maps(self) -> bool:
        """Whether the method selects some of the feature maps, instead of weighting all."""
        return self in SELECTING

    @property
    def references(self) -> tuple[str, ...]:
        """Keys of the publications to cite for the method."""
        return {
            ExplanationMethod.GRAD_CAM: ("selvaraju2017",),
            ExplanationMethod.GRAD_CAM_PLUS_PLUS: ("chattopadhay2018",),
            ExplanationMethod.HIRES_CAM: ("draelos2020",),
            ExplanationMethod.LAYER_CAM: ("jiang2021",),
            ExplanationMethod.SCORE_CAM: ("wang2020",),
        }.get(self, ("venturelli2026",))

    @classmethod
    def _missing_(cls, value: object) -> ExplanationMethod:
        """Find a method by its name in other letters, such as ``score-cam``, or name all."""
        for method in cls:
            if str(value).casefold() == method.casefold():
                return method
        raise InputError(f"method {value!r} is unknown; there are {', '.join(cls)}")


SELECTING = tuple(ExplanationMethod)[:5]
"""The methods that select some of the feature maps."""

DEFAULT_METHODS = tuple(ExplanationMethod)[:7]
"""The methods of explanation that are compared if no others are asked for."""

Selected = Mapping[ExplanationMethod, Sequence[Any]]
"""Channel numbers that each method selects."""


def chosen_methods(methods: Iterable[ExplanationMethod | str]) -> tuple[ExplanationMethod, ...]:
    """Return the methods that are named, each once, in the order in which tables show them.

    Raises
    ------
    InputError
        If a name is unknown, or the QUBO's own method is missing.
    """
    named = {
        ExplanationMethod(name) for name in ([methods] if isinstance(methods, str) else methods)
    }
    if ExplanationMethod.EXACT not in named:
        raise InputError(
            f"methods {', '.join(sorted(named)) or 'are empty'}: {str(ExplanationMethod.EXACT)!r} "
            "is missing; add it, because tables and pictures compare the others with it"
        )
    return tuple(method for method in ExplanationMethod if method in named)


def explanation_map(
    method: ExplanationMethod,
    maps: Any,
    gradients: Tensor,
    alpha: Any,
    selected: Selected,
    size: tuple[int, int],
    by_scores: Callable[[], Tensor],
) -> Tensor:
    """Return the explanation map of one image by one method, brought to the size of the image.

    ``by_scores`` computes the map of Score-CAM, which needs the network.
    """
    from .. import xai

    of_gradients = {
        ExplanationMethod.GRAD_CAM_PLUS_PLUS: xai.grad_cam_plus_plus,
        ExplanationMethod.HIRES_CAM: xai.hires_cam,
        ExplanationMethod.LAYER_CAM: xai.layer_cam,
    }
    if method in of_gradients:
        return of_gradients[method](maps, gradients, size)
    if method is ExplanationMethod.SCORE_CAM:
        return by_scores()
    every_map = range(len(maps))
    labels = every_map if method is ExplanationMethod.GRAD_CAM else selected.get(method, ())
    return xai.subset_cam(maps, alpha, labels, size)
