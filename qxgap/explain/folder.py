"""The folder that ``qxgap explain`` fills: pictures, problems, metrics, and a page of them all."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from ..files import write_whole
from ..problem import save
from ..progress import progress_bar
from .explainer import Explainer, Explanation
from .instances import BATCH
from .methods import ExplanationMethod
from .pictures import overlay, picture
from .scores import Metrics, score

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..xai import ImageSource

METRICS = "metrics.csv"
"""Name of the file with the metrics of all images."""
PAGE = "index.html"
"""Name of the page that shows all images."""
IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg")
"""Suffixes of image files, which the names of the written files leave out."""


@dataclass(frozen=True)
class ImageFiles:
    """The names of the files that are written for one image.

    Attributes
    ----------
    picture : str
        The picture with every method, the chosen maps and the metrics.
    overlay : str
        The image with the QUBO's explanation map over it, and nothing else.
    problem : str
        The selection problem.
    """

    picture: str
    overlay: str
    problem: str


def image_files(names: Sequence[str]) -> dict[str, ImageFiles]:
    """Return the names of the files that are written for each image.

    ``cats/tom.jpg`` becomes ``cats_tom-explained.png``, ``cats_tom-overlay.png`` and
    ``cats_tom.npz``. The suffix of the image stays where two images differ in it only.

    Parameters
    ----------
    names : sequence of str
        Names of all images of a source.

    Returns
    -------
    dict of str to ImageFiles
        The names of the files for the name of each image.
    """
    stems = {name: _stem(name) for name in names}
    number = Counter(stems.values())
    files = {}
    for name, stem in stems.items():
        unique = stem if number[stem] == 1 else name.replace("/", "_")
        files[name] = ImageFiles(
            f"{unique}-explained.png", f"{unique}-overlay.png", f"{unique}.npz"
        )
    return files


def _stem(name: str) -> str:
    """Return the name of an image in one word, without the suffix of an image file."""
    path = PurePosixPath(name)
    flat = name.replace("/", "_")
    return flat.removesuffix(path.suffix) if path.suffix.lower() in IMAGE_SUFFIXES else flat


def explain_images(
    explainer: Explainer,
    source: ImageSource,
    folder: Path,
    metrics: Metrics | None = None,
    *,
    limit: int | None = None,
) -> Iterator[pd.DataFrame]:
    """Explain image by image; write the files and the metrics of each as soon as it is done.

    Nothing is computed before the iterator is advanced. An interruption loses only the image that
    is being explained. The page ``index.html`` is written at the end, after an interruption too.

    Parameters
    ----------
    explainer : Explainer
        The explainer.
    source : ImageSource
        The images.
    folder : Path
        An existing folder for the files of :func:`image_files`, for ``metrics.csv``, which grows
        with every image, and for ``index.html``, a page with all pictures.
    metrics : Metrics, optional
        The metrics to measure.
    limit : int, optional
        Number of images that are explained, from the first on; by default all.

    Yields
    ------
    pandas.DataFrame
        The rows of one image, as of :func:`qxgap.explain.score`.
    """
    count = len(source) if limit is None else min(limit, len(source))
    files = image_files(source.names)
    shown: list[dict[str, Any]] = []
    try:
        with progress_bar(count, "explain", unit="image", bar_format=None) as bar:
            for explanation in _explanations(explainer, source, count):
                instance = explanation.instance
                names = files[instance.name]
                table = score(explainer, [explanation], metrics, progress=False)
                pixels = source.pixels(instance.image)
                _write(picture(explanation, table, pixels), folder / names.picture, dpi=110)
                _write(overlay(explanation, pixels), folder / names.overlay)
                if instance.problem:
                    save(instance.problem, folder / names.problem)
                first = explanation.number == 0  # its row replaces the table of an earlier run
                table.to_csv(
                    folder / METRICS, mode="w" if first else "a", header=first, index=False
                )
                shown.append(_shown(explanation, names))
                bar.update()
                yield table
    finally:
        if shown:
            write_whole(folder / PAGE, _page(shown, len(source)).encode())


def _write(figure: Figure, path: Path, dpi: float | str = "figure") -> None:
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=dpi)
    write_whole(path, drawn.getvalue())


def _explanations(explainer: Explainer, source: ImageSource, count: int) -> Iterator[Explanation]:
    """Yield the explanations of the first ``count`` images, read batch by batch.

    The network gets batches of the size that `qxgap qubo` uses. In a batch of one image the maps
    would differ in their last digits, and so would the content hash of the problem.
    """
    for first in range(0, count, BATCH):
        rows = slice(first, min(first + BATCH, count))
        labels = None if source.labels is None else source.labels[rows]
        yield from explainer.explain(source.names[rows], source.read(rows), labels, first=first)


def _shown(explanation: Explanation, names: ImageFiles) -> dict[str, Any]:
    """Return the texts and links of one image on the page."""
    instance = explanation.instance
    chosen = len(explanation.selections.get(ExplanationMethod.EXACT, ()))
    return {
        "name": instance.name,
        "classes": instance.classes(),
        "maps": f"{chosen} of {instance.num_qubits} selectable maps are chosen"
        if instance.num_qubits
        else instance.status.value,
        "overlay": quote(names.overlay),
        "picture": quote(names.picture),
    }


def _page(shown: Sequence[dict[str, Any]], number: int) -> str:
    """Return the page with the images that were explained, of ``number`` images in all."""
    environment = Environment(
        loader=PackageLoader("qxgap.explain"), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("index.html.j2").render(
        images=shown, number=number, metrics=METRICS
    )
