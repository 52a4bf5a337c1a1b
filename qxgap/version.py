"""The version of the package, and the versions of those that its numbers rest on."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version

__version__ = "0.1.0"


@cache
def versions() -> dict[str, str]:
    """Return the versions of qxgap and of the packages that its numbers rest on.

    A package without metadata, as on a worker that has only its source on the path, is "unknown":
    no result is lost for want of a version.
    """
    packages = ("numpy", "scipy", "numba", "qutip")
    return {"qxgap": __version__} | {name: _version(name) for name in packages}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"
