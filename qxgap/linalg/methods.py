"""The eigensolvers, and the rule for the choice between them.

A method object holds everything that decides how eigenpairs are computed: tolerance, work space,
device and precision. It computes nothing itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ..checks import kind_of
from ..errors import InputError
from .arrays import Precision

DENSE_UP_TO = 512
"""Up to this dimension LAPACK on the full matrix is as fast as an iteration, and more reliable."""

WHOLE_SPACE = 128
"""Up to this dimension Davidson's basis may grow to the whole space, which always converges."""

DEFAULT_TOL = 1e-8
"""Residual tolerance of Davidson's method where neither user nor calculation states one."""

CERTIFICATE = ("vandorsselaer2000", "kuczynski1992", "greenbaum1989")
"""References of the certificate that no level was missed."""


@dataclass(frozen=True)
class Dense:
    """LAPACK on the full matrix: exact to rounding, for dimensions up to a few thousand.

    Examples
    --------
    >>> import qxgap as qx
    >>> qx.Dense()
    Dense()
    """

    references: ClassVar[tuple[str, ...]] = ()
    remedy: ClassVar[str] = "use another method"


@dataclass(frozen=True)
class Davidson:
    """Davidson's method, preconditioned by the diagonal if it is known, with a certificate.

    When the iteration has converged, its vectors are checked (:mod:`qxgap.linalg.completeness`): no
    level outside them lies below the highest wanted one by more than the tolerance, except with the
    probability ``failure_probability``. If the check meets such a level, the solve is repeated with
    it.

    Parameters
    ----------
    tol : float, optional
        Residual to be reached, relative to the bound of the operator's norm. With None, a
        calculation that knows how exact a solve must be chooses it, as :func:`qxgap.minimum_gap`
        does anew for every eigen-solve; all other calculations take 1e-8.
    basis : int
        Number of basis vectors in memory, at least 3 k + 2 for k levels, and as many images under
        the operator. A step reads all of them, which takes longer than its product with the
        operator; with the restarts that are used here, twice as many save only 3 % of the products.
        Clusters of more levels than that converge slowly or not at all. In dimensions up to 128 the
        basis may grow to the whole space.
    max_steps : int
        Largest number of operator products for each wanted level, and for each check.
    max_repairs : int
        Number of repeated solves after missed levels, before the status becomes INCOMPLETE.
    failure_probability : float
        Probability, for each check, that it overlooks a level.
    device : str, optional
        ``"cpu"``, ``"cuda"`` or ``"cuda:N"``, where PyTorch runs the solve. It takes qubits in a
        transverse field. With None, numba runs the solve on the CPU, faster than PyTorch does.
    precision : Precision
        Precision of the vectors during a solve on a device. Whatever is reported of them is
        computed in double precision.

    Raises
    ------
    InputError
        For single precision without a device.

    Examples
    --------
    >>> import qxgap as qx
    >>> qx.Davidson(tol=1e-10).max_steps
    3000
    >>> on_gpu = qx.Davidson(device="cuda", precision=qx.Precision.SINGLE)
    """

    tol: float | None = None
    basis: int = 8
    max_steps: int = 3000
    max_repairs: int = 20
    failure_probability: float = 1e-8
    device: str | None = None
    precision: Precision = Precision.DOUBLE

    references: ClassVar[tuple[str, ...]] = (
        "davidson1975",
        "olsen1990",
        "stathopoulos1998",
        *CERTIFICATE,
    )
    remedy: ClassVar[str] = "raise max_steps or tol of Davidson"

    def __post_init__(self) -> None:
        if not isinstance(self.precision, Precision):
            raise InputError(
                f"precision is {kind_of(self.precision)}; give Precision.DOUBLE or Precision.SINGLE"
            )
        if self.precision is Precision.SINGLE and self.device is None:
            raise InputError("single precision needs a device; name one: cuda or cpu")

    @property
    def residual_tolerance(self) -> float:
        """Residual to be reached, relative to the bound of the operator's norm."""
        return DEFAULT_TOL if self.tol is None else self.tol

    def capacity(self, n: int, k: int) -> int:
        """Return the number of basis vectors in memory.

        Parameters
        ----------
        n : int
            Dimension of the operator.
        k : int
            Number of wanted levels.

        Returns
        -------
        int
            Largest size of the basis.
        """
        return n if n <= WHOLE_SPACE else max(self.basis, 3 * k + 2)

    def num_bytes(self, n: int, k: int, itemsize: int = 8) -> int:
        """Return the memory at the peak: basis and images, results and working vectors.

        Parameters
        ----------
        n : int
            Dimension of the operator.
        k : int
            Number of wanted levels.
        itemsize : int
            Number of bytes of one number.

        Returns
        -------
        int
            Number of bytes.
        """
        return itemsize * n * (2 * self.capacity(n, k) + 2 * k + 8)


@dataclass(frozen=True)
class Lanczos:
    """ARPACK's implicitly restarted Lanczos, with additional levels and checked by deflation.

    Lanczos can skip a member of a cluster and still report convergence. So ``padding`` more levels
    than wanted are sought. Then these levels are shifted to the top of the spectrum and the
    operator is solved again from a fresh random start, to the same accuracy; a level that this
    solve finds below the highest wanted one takes its place. A Krylov space from a random start
    without a preconditioner hides no level from a solve of this accuracy.

    Parameters
    ----------
    tol : float
        Relative accuracy that ARPACK is to reach.
    padding : int
        Number of levels sought beyond the wanted ones.
    max_restarts : int
        Largest number of restarts in one solve.
    max_repairs : int
        Number of deflated solves before the status becomes INCOMPLETE.

    Examples
    --------
    >>> import qxgap as qx
    >>> qx.Lanczos(max_restarts=5000).tol
    1e-12
    """

    tol: float = 1e-12
    padding: int = 4
    max_restarts: int = 2000
    max_repairs: int = 6

    references: ClassVar[tuple[str, ...]] = ("lehoucq1998",)
    remedy: ClassVar[str] = "raise max_restarts or tol of Lanczos"


@dataclass(frozen=True)
class Lobpcg:
    """Locally optimal block preconditioned conjugate gradients, with a certificate.

    The implementation is scipy's. It converges to a whole cluster at once if the block has room for
    it. It takes more products than Davidson's method, which searches a larger space. The
    certificate that no level was missed is that of :mod:`qxgap.linalg.completeness`.

    Parameters
    ----------
    tol : float
        Residual to be reached, relative to the bound of the operator's norm. The iteration of scipy
        often stalls below 1e-9.
    padding : int
        Number of vectors in the block beyond the wanted ones.
    max_steps : int
        Largest number of iterations; each takes one product for every vector of the block that has
        not converged.
    max_repairs : int
        Number of deflated solves before the status becomes INCOMPLETE.
    failure_probability : float
        Probability, for each check, that it overlooks a level.

    References
    ----------
    Knyazev, SIAM J. Sci. Comput. 23, 517 (2001).

    Examples
    --------
    >>> import qxgap as qx
    >>> qx.Lobpcg(padding=10).tol
    1e-08
    """

    tol: float = 1e-8
    padding: int = 6
    max_steps: int = 2000
    max_repairs: int = 6
    failure_probability: float = 1e-8

    references: ClassVar[tuple[str, ...]] = ("knyazev2001", *CERTIFICATE)
    remedy: ClassVar[str] = "raise max_steps or tol of Lobpcg"


EigenMethod = Dense | Davidson | Lanczos | Lobpcg


def default_method(n: int, k: int, iterative: Davidson | None = None) -> EigenMethod:
    """Choose the eigensolver for the ``k`` lowest levels of an operator of dimension ``n``.

    This is the only place where the choice is made. LAPACK solves up to dimension 512. It also
    solves larger operators if half of their levels or more are wanted, because the basis of an
    iteration would then be larger than the whole space.

    Parameters
    ----------
    n : int
        Dimension of the operator.
    k : int
        Number of levels.
    iterative : Davidson, optional
        The method beyond these sizes; the default is ``Davidson()``.

    Returns
    -------
    Dense or Davidson
        The method.

    Examples
    --------
    >>> from qxgap.linalg import default_method
    >>> default_method(2**9, 2)
    Dense()
    >>> default_method(2**20, 2).max_steps
    3000
    """
    if n <= max(DENSE_UP_TO, 2 * k):
        return Dense()
    return Davidson() if iterative is None else iterative


def require_method(method: Any) -> None:
    """Raise InputError unless ``method`` is a method object, or None for the choice by size."""
    if method is not None and not isinstance(method, EigenMethod):
        raise InputError(
            f"method is {kind_of(method)}; give an eigensolver such as Davidson(), Lanczos(), "
            "Lobpcg() or Dense(), or None for the usual one"
        )
