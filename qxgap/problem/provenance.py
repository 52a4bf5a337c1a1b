"""Which versions made a result."""

from functools import cache
from importlib.metadata import version


@cache
def versions() -> dict[str, str]:
    """Return the versions of qxgap and of the packages that its numbers rest on."""
    return {name: version(name) for name in ("qxgap", "numpy", "scipy", "numba", "qutip")}
