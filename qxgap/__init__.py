"""qxgap: quantum-annealing analysis of feature-selection QUBOs.

``import qxgap as qx`` provides the most important functions by short names, such as ``qx.load``,
``qx.minimum_gap``, ``qx.anneal`` and ``qx.compare``; ``qx.samples``, ``qx.study`` and the other
packages provide the others. All are listed in ``__init__.pyi`` and loaded when they are first used.
``qx.xai`` and ``qx.explain`` run networks and need PyTorch.
"""

import lazy_loader

from .version import __version__ as __version__

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
