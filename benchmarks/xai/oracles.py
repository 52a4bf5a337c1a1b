"""Our explanation maps beside those of captum, grad-cam and torchcam.

``python -m benchmarks.xai.oracles`` needs an environment of its own, because grad-cam and torchcam
need a torchvision: qxgap with ``captum grad-cam torchcam torchvision``. The networks are the
embedded one for digits and a ResNet-18 with random weights, both in double precision. Writes the
largest differences to ``results/cam_oracles.md``.
"""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytorch_grad_cam
import torch
import torchcam.methods
from captum.attr import LayerGradCam, LayerGradientXActivation
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models import resnet18

from qxgap import xai

RESULTS = Path(__file__).parents[1] / "results"
LIMIT = 1e-6
PACKAGES = ("captum", "grad-cam", "torchcam", "torchvision", "torch")
NAMES = {
    "Grad-CAM": ("GradCAM", "GradCAM"),
    "Grad-CAM++": ("GradCAMPlusPlus", None),
    "HiResCAM": ("HiResCAM", None),
    "LayerCAM": ("LayerCAM", "LayerCAM"),
    "Score-CAM": ("ScoreCAM", "ScoreCAM"),
}
"""Each method, and its class in grad-cam and in torchcam; the page says why one is left out."""
DEFINITIONS = {
    ("grad-cam", "Score-CAM"): "masks interpolated with `align_corners=True`",
    ("torchcam", "Score-CAM"): "maps scaled to [0, 1] before the interpolation, not after it",
    ("grad-cam", "Grad-CAM++"): "1e-6 is added to a denominator",
}
"""Where another package defines a map in another way, and how."""
INTRODUCTION = """# Explanation maps beside other packages

Made by `python -m benchmarks.xai.oracles`; do not edit. ({versions})

Largest difference of any pixel between our map and that of another package, over {images} images
for each layer, after both are divided by their maximum (those of grad-cam as it scales and
interpolates them, to single precision). Networks in double precision: `digits` is the embedded one,
`ResNet-18` has random weights. Where a package defines the map in another way, *same definition* is
the difference after that one step is exchanged.

| package | method | network | layer | as it is | same definition | what is defined in another way |
|---|---|---|---|---|---|---|
"""


def networks() -> Iterator[tuple[str, nn.Module, str, Tensor]]:
    """Name, network, layer and images."""
    images, _ = xai.digits_images()
    for layer in ("norm", "conv"):
        yield "digits", xai.load_network("digits").double(), layer, images[:8].double()
    torch.manual_seed(0)
    network = resnet18(weights=None, num_classes=10).double().eval()
    photos = torch.rand(2, 3, 64, 80, dtype=torch.float64)
    for layer in ("layer3", "layer4"):
        yield "ResNet-18", network, layer, photos


def ours(method: str, network: nn.Module, image: Tensor, seen: xai.Capture, row: int) -> Tensor:
    """Our map of one image, in the size of the feature maps."""
    maps, gradients, target = seen.maps[row], seen.gradients[row], int(seen.targets[row])
    if method == "Score-CAM":
        return xai.score_cam(network, image, maps, target)
    function = {
        "Grad-CAM": xai.grad_cam,
        "Grad-CAM++": xai.grad_cam_plus_plus,
        "HiResCAM": xai.hires_cam,
        "LayerCAM": xai.layer_cam,
    }[method]
    return function(maps, gradients)


def with_grad_cam(method: str, network: nn.Module, layer: str, images: Tensor) -> np.ndarray:
    """The maps of grad-cam, scaled and in the size of the images."""
    maker = getattr(pytorch_grad_cam, NAMES[method][0])
    with maker(network, [network.get_submodule(layer)]) as cam:
        return cam(images, targets=None)


def with_torchcam(method: str, network: nn.Module, layer: str, images: Tensor) -> np.ndarray:
    """The maps of torchcam, divided by their maximum, in the size of the feature maps."""
    maker = getattr(torchcam.methods, NAMES[method][1])
    found = []
    for image in images:
        with maker(network, layer, input_shape=tuple(image.shape)) as cam:
            logits = network(image[None])
            found.append(cam(int(logits.argmax()), logits, normalized=False)[0][0].relu())
    return xai.normalize(torch.stack(found)).detach().numpy()


def with_captum(method: str, network: nn.Module, layer: str, images: Tensor) -> np.ndarray:
    """The maps of captum, divided by their maximum, in the size of the feature maps."""
    module, targets = network.get_submodule(layer), network(images).argmax(dim=1)
    if method == "Grad-CAM":
        found = LayerGradCam(network, module).attribute(images, targets)[:, 0]
    else:
        found = LayerGradientXActivation(network, module).attribute(images, targets).sum(dim=1)
    return xai.normalize(found.relu()).detach().numpy()


def as_grad_cam_scales(maps: Tensor, size: tuple[int, int]) -> np.ndarray:
    """Our maps, scaled and interpolated as grad-cam does it with its own."""
    scaled = _spread(_spread(maps, 1e-7)[:, None], 1e-7)
    resized = functional.interpolate(scaled, size, mode="bilinear", align_corners=False)
    return _spread(resized[:, 0], 1e-7).numpy()


def _spread(maps: Tensor, epsilon: float) -> Tensor:
    low = maps - maps.amin(dim=(-2, -1), keepdim=True)
    return low / (epsilon + low.amax(dim=(-2, -1), keepdim=True))


@contextmanager
def our_definition(package: str, method: str) -> Iterator[None]:
    """Exchange the one step that the other package defines in another way, while the block runs."""
    if method != "Score-CAM":
        yield
        return
    owner, name, new = {
        "grad-cam": (nn, "UpsamplingBilinear2d", _half_pixel_upsampling),
        "torchcam": (torchcam.methods.ScoreCAM, "_upsample", _upsampled_and_scaled),
    }[package]
    old = getattr(owner, name)
    setattr(owner, name, new)
    try:
        yield
    finally:
        setattr(owner, name, old)


def _half_pixel_upsampling(size: tuple[int, int]) -> nn.Module:
    return nn.Upsample(size=tuple(size), mode="bilinear", align_corners=False)


def _upsampled_and_scaled(cam: torchcam.methods.ScoreCAM, maps: Tensor) -> Tensor:
    """Interpolate, and then scale each map to [0, 1]; that it was scaled before changes nothing."""
    size = cam._input.shape[2:]
    masks = functional.interpolate(maps, size, mode="bilinear", align_corners=False)
    return _spread(masks, 1e-8)


def with_epsilon(maps: Tensor, gradients: Tensor) -> Tensor:
    """Grad-CAM++ of one image with grad-cam's addition to the denominator."""
    squares = gradients**2
    total = maps.sum(dim=(1, 2), keepdim=True)
    shares = squares / (2 * squares + total * squares * gradients + 1e-6)
    weights = (shares * gradients.relu()).sum(dim=(1, 2))
    return torch.einsum("p,pij->ij", weights, maps).relu()


def rows() -> Iterator[tuple[str, str, str, str, float, float | None]]:
    """Package, method, network, layer, and the largest differences as is and by our definition."""
    packages: dict[str, tuple[Callable[..., np.ndarray], list[str]]] = {
        "captum": (with_captum, ["Grad-CAM", "HiResCAM"]),
        "grad-cam": (with_grad_cam, list(NAMES)),
        "torchcam": (with_torchcam, [name for name, (_, other) in NAMES.items() if other]),
    }
    for name, network, layer, images in networks():
        seen = xai.capture(network, images, layer)
        size = (images.shape[-2], images.shape[-1])
        for package, (function, methods) in packages.items():
            for method in methods:
                own = torch.stack(
                    [ours(method, network, image, seen, row) for row, image in enumerate(images)]
                )
                scaled = partial_scale(package, size)
                found = function(method, network, layer, images)
                as_is = float(np.abs(scaled(own) - found).max())
                same = None
                if (package, method) in DEFINITIONS:
                    if method == "Grad-CAM++":
                        pairs = zip(seen.maps, seen.gradients, strict=True)
                        own = torch.stack([with_epsilon(*pair) for pair in pairs])
                    with our_definition(package, method):
                        found = function(method, network, layer, images)
                    same = float(np.abs(scaled(own) - found).max())
                yield package, method, name, layer, as_is, same


def partial_scale(package: str, size: tuple[int, int]) -> Callable[[Tensor], np.ndarray]:
    """How our maps are scaled before they are compared with those of a package."""
    if package == "grad-cam":
        return lambda maps: as_grad_cam_scales(maps, size)
    return lambda maps: xai.normalize(maps).numpy()


def main() -> None:
    """Compare everything and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    lines, worst = [], 0.0
    for package, method, network, layer, as_is, same in rows():
        worst = max(worst, as_is if same is None else same)
        cells = [package, method, network, f"`{layer}`", f"{as_is:.1e}"]
        cells.append("" if same is None else f"{same:.1e}")
        cells.append(DEFINITIONS.get((package, method), ""))
        lines.append(f"| {' | '.join(cells)} |")
        print(lines[-1])
    verdict = (
        f"With the same definition no pixel differs by more than {worst:.1e}"
        f"{'' if worst <= LIMIT else f', which is MORE than the limit of {LIMIT:g}'}. "
        "torchcam's Grad-CAM++ is left out: it sums over the pixels the product of map and cubed "
        "gradient, where equation 19 of the paper has the product of both sums."
    )
    text = INTRODUCTION.format(versions=versions, images="8 or 2") + "\n".join(lines)
    (options.output / "cam_oracles.md").write_text(f"{text}\n\n{verdict}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
