"""The version of qxgap, and the versions of the packages on which its numbers depend."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version

__version__ = "0.1.0"


@cache
def versions() -> dict[str, str]:
    """Return the versions of qxgap and of the packages on which its numbers depend.

    Returns
    -------
    dict of str
        The version of each package. It is "unknown" for a package without metadata, for instance if
        a worker has only its source, so that no result is lost.
    """
    packages = ("numpy", "scipy", "numba", "qutip")
    return {"qxgap": __version__} | {name: _version(name) for name in packages}


def _version(package: str) -> str:
    """Return the version of one package, or "unknown"."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"
