"""The minimum gap of an anneal: certified in the whole space, or estimated beyond it."""

from __future__ import annotations

from ..annealing.accept import HamiltonianLike, as_hamiltonian
from ..annealing.hamiltonian import AnnealHamiltonian
from ..annealing.inhomogeneous import InhomogeneousHamiltonian
from ..annealing.protocol import Hamiltonian
from ..checks import kind_of
from ..errors import InputError
from ..linalg.methods import Davidson, EigenMethod, require_method
from ..memory import fits_in_memory
from ..statistics.seeds import Seed
from .estimated import estimate
from .minimum import RTOL, MinimumGap, certified_gap
from .search import Report
from .wide import SelectedConfigurations
from .wide.nodes import ESTIMATE_RTOL


def minimum_gap(
    H: HamiltonianLike | InhomogeneousHamiltonian,
    rtol: float | None = None,
    *,
    method: EigenMethod | SelectedConfigurations | None = None,
    max_eigensolves: int = 500,
    seed: Seed = 0,
    throw: bool = True,
    progress: Report | bool | None = None,
) -> MinimumGap:
    """Compute the minimum gap above the final ground subspace, with a certified lower bound.

    Parameters
    ----------
    H : AnnealHamiltonian, MatrixHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        Qubits in a transverse field, or any driver matrix with a diagonal problem. A problem
        is annealed by the linear schedule and the driver ``-sum sigma_x``. An
        :class:`~qxgap.InhomogeneousHamiltonian` too: its gap is the one above the ground states of
        H(1), and its bracket is as certain.
    rtol : float, optional
        Width of the bracket relative to the gap, in (0, 1). The default is 0.001, and 0.02 in
        selected configurations.
    method : Dense, Davidson, Lanczos, Lobpcg or SelectedConfigurations, optional
        The eigensolver. The default is Dense up to dimension 512 and Davidson beyond, with the
        tolerance of every solve as the bracket needs it. ``Davidson(device="cuda")`` runs on a GPU.
        SelectedConfigurations estimates the gap in a small part of the space, with an error, and
        proves what it can; it is the default where the vectors of the whole space do not fit in
        memory.
    max_eigensolves : int
        Largest number of eigen-solves.
    seed : int, numpy.random.Generator or None
        Seed of the eigensolver's start vectors. It affects the last digits only; the default is
        fixed, so that equal calls give equal digits.
    throw : bool
        Whether to raise ConvergenceError rather than report BUDGET or INCOMPLETE in ``status``. The
        exception's ``result`` is the MinimumGap with the bracket that was reached.
    progress : callable or bool, optional
        Called with a :class:`~qxgap.spectra.GapProgress` after every eigen-solve, to show how the
        bracket closes. An exception that it raises ends the search. True shows the bracket as a
        line on stderr, False nothing. By default the line is shown after two seconds, in terminals
        and notebooks.

    Returns
    -------
    MinimumGap
        The gap, its bracket and where it lies; an :class:`~qxgap.spectra.EstimatedGap` from
        SelectedConfigurations.

    Raises
    ------
    InputError
        For an argument that is not as described here.
    MemoryLimitError
        If the eigensolver's work space does not fit in memory.
    ConvergenceError
        If the bracket is not as narrow as ``rtol``, unless ``throw`` is False.

    Notes
    -----
    The method is branch and bound on the canonical path. The interval whose lower bound is smallest
    is split where that bound is smallest, until the bound is within ``rtol`` of the best gap. The
    bounds follow from the concavity of sums of lowest eigenvalues; see
    :mod:`qxgap.spectra.bracket`.

    In selected configurations the same search runs with estimated levels. Then a second one, with
    proven levels, runs over the last part of the anneal, as far as something can be proven there;
    see :mod:`qxgap.spectra.wide.proof`.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -0.8], [[0.0, 0.5], [0.0, 0.0]])
    >>> gap = qx.minimum_gap(qx.AnnealHamiltonian(problem), rtol=1e-3)
    >>> gap.lower <= gap.value <= 1.001 * gap.lower
    True
    >>> round(gap.value, 3), gap.method
    (0.297, Dense())
    """
    H = H if isinstance(H, InhomogeneousHamiltonian) else as_hamiltonian(H)
    method = method_for(H, method)
    if isinstance(method, SelectedConfigurations):
        assert isinstance(H, AnnealHamiltonian)
        return estimate(
            H, ESTIMATE_RTOL if rtol is None else rtol, method, max_eigensolves, throw, progress
        )
    return certified_gap(
        H,
        RTOL if rtol is None else rtol,
        method=method,
        max_eigensolves=max_eigensolves,
        seed=seed,
        throw=throw,
        progress=progress,
    )


def method_for(
    H: Hamiltonian | InhomogeneousHamiltonian,
    method: EigenMethod | SelectedConfigurations | None,
) -> EigenMethod | SelectedConfigurations | None:
    """Return the method that was given, or the one that the size leaves.

    Parameters
    ----------
    H : AnnealHamiltonian or MatrixHamiltonian
        The Hamiltonian.
    method : Dense, Davidson, Lanczos, Lobpcg, SelectedConfigurations or None
        The method that was given.

    Returns
    -------
    Dense, Davidson, Lanczos, Lobpcg, SelectedConfigurations or None
        The method; None for the usual eigensolver.

    Raises
    ------
    InputError
        If SelectedConfigurations is given for anything but qubits in a transverse field, or
        something else than a method.
    """
    if method is None and is_beyond_memory(H):
        return SelectedConfigurations()
    if not isinstance(method, SelectedConfigurations):
        require_method(method)
    elif not isinstance(H, AnnealHamiltonian):
        raise InputError(
            f"SelectedConfigurations treats qubits in a transverse field, not {kind_of(H)}; "
            "give an AnnealHamiltonian, or another method"
        )
    return method


def is_beyond_memory(H: Hamiltonian | InhomogeneousHamiltonian) -> bool:
    """Whether the vectors of an eigen-solve do not fit in memory, for qubits.

    Parameters
    ----------
    H : AnnealHamiltonian or MatrixHamiltonian
        The Hamiltonian.

    Returns
    -------
    bool
        True if only selected configurations are left.
    """
    return isinstance(H, AnnealHamiltonian) and not fits_in_memory(
        Davidson().num_bytes(H.dimension, 2)
    )
