"""The embedded problems of six photographs: real ones, and too large for vectors of 2^d amplitudes.

They are files of the package, so that no network has to be run to have them.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from ..errors import InputError
from .formats import load
from .qubo import QuboProblem

PHOTOGRAPH_BLOCKS = (15, 10)
"""Blocks of EfficientNet-Lite0 whose feature maps are the qubits of the embedded problems."""


def photographs_folder(block: int = 15) -> Path:
    """Return the folder of the problem files of six photographs, for studies and for the shell.

    Parameters
    ----------
    block : {15, 10}, optional
        The block of the network, see :func:`photograph_problems`.

    Returns
    -------
    Path
        A folder with six ``.npz`` files.

    Raises
    ------
    InputError
        If there are no problems of that block.

    Examples
    --------
    >>> from qxgap.problem import photographs_folder
    >>> sorted(path.name for path in photographs_folder().iterdir())[:2]
    ['camera.npz', 'flower.npz']
    """
    if block not in PHOTOGRAPH_BLOCKS:
        raise InputError(f"block = {block!r}; embedded are the problems of {PHOTOGRAPH_BLOCKS}")
    return Path(str(files(__package__) / "data" / f"lite0_block{block}"))


def photograph_problems(block: int = 15, *, pair_weight: int = 1) -> dict[str, QuboProblem]:
    """Load the problems of six photographs, seen by a network with the weights of ImageNet.

    The network is EfficientNet-Lite0. The qubits are the feature maps of one of its blocks that
    speak for the class that it predicts: 157 to 183 of the 320 maps of block 15, the last one, or
    50 to 64 of the 112 maps of block 10. Rewards and redundancies are those of
    :func:`qxgap.xai.feature_selection`, and the tradeoff is 0.7.

    Parameters
    ----------
    block : {15, 10}, optional
        The block of the network.
    pair_weight : int
        1 or 2, as for :func:`load`.

    Returns
    -------
    dict of str to QuboProblem
        The problem of each photograph by its name. The names ``imagenet_NN_CLASS`` end with the
        number of the class, which is also ``problem.source.label``.

    Raises
    ------
    InputError
        If there are no problems of that block.

    See Also
    --------
    photographs_folder : The folder of the files, for a study.
    qxgap.testing.random_feature_selection : A random problem of any size.

    Notes
    -----
    Images and feature maps are not embedded. ``data/NOTICE.txt`` beside the files names the
    sources. The network and its weights are those of :class:`qxgap.xai.EfficientNetLite0`.

    Examples
    --------
    >>> from qxgap.problem import photograph_problems
    >>> problems = photograph_problems()
    >>> [problem.num_qubits for problem in problems.values()]
    [159, 172, 183, 157, 160, 167]
    >>> problems["camera"].source
    FeatureSelection(159 features, tradeoff=0.7, pair_weight=1, label=872, pred=872)
    """
    paths = sorted(photographs_folder(block).glob("*.npz"))
    return {path.stem: load(path, pair_weight=pair_weight) for path in paths}
