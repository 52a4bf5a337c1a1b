"""The methods that integrate an anneal: each object holds all that decides how it is computed."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..checks import require_number, require_whole
from ..errors import InputError
from ..linalg.arrays import Precision
from .split import COEFFICIENTS

PAULI_FIRST_STEPS = 64
"""Time steps of the first run of ``PauliMaster``; each further run has twice as many."""

SPLITTING_SOURCES = {2: "strang1968", 4: "blanes2002"}
"""Key of the publication of each order of ``SplitOperator``."""

LEVELS_SOURCE = "herbst2022"
"""Key of the publication of the basis in which the lowest levels are followed."""


class IntegrationError(RuntimeError):
    """An integrator stopped before it reached its tolerance; the message says why.

    Examples
    --------
    >>> import qxgap as qx
    >>> H = qx.AnnealHamiltonian(qx.QuboProblem([-1.0], [[0.0]]))
    >>> try:
    ...     qx.anneal(H, 20.0, qx.SplitOperator(tol=1e-12, max_steps=100))
    ... except qx.IntegrationError as error:
    ...     print("raise max_steps" in str(error))
    True
    """


@dataclass(frozen=True)
class SplitOperator:
    """Symmetric operator splitting with an error estimate.

    The anneal is integrated several times, each time with finer time steps, which begin and end at
    the corners of the schedule. In short and accurate anneals the final states of runs of order 2
    are extrapolated to vanishing steps: for tolerances up to 1e-5, and times in which the fastest
    qubit turns at most 35 times. The error estimate is then 1.5 times the change by the last run;
    it is believed only if the extrapolation converges.

    Elsewhere runs of order 4 are refined: in longer anneals, where steps span breakpoints of the
    schedule, as those of a hardware table, where states on the way are asked for, in single
    precision, and where memory is short. Runs of an order that is given are always refined. If the
    error of the read-out distribution (in total variation) is ``c / m^order`` for steps divided
    into m, then two runs determine the constant c, and so the error of the finer run. A third run
    must confirm that c has stopped growing, and the estimate uses the larger of the two values.

    Parameters
    ----------
    tol : float
        Error allowed in the success probability, and in the probability of any other set of
        read-outs.
    order : int, optional
        Order of the splitting, 2 or 4, of runs that are refined. The default is to extrapolate
        where that takes fewer layers, and 4 elsewhere.
    max_steps : int
        Largest number of time steps of one run.
    device : str, optional
        Device on which PyTorch propagates the state: ``"cpu"``, ``"cuda"`` or ``"cuda:N"``. The
        default None is the CPU with numba, which is faster there than PyTorch.
    precision : Precision
        ``Precision.SINGLE`` halves the memory and needs a device. Its rounding error, at most 6e-7
        per step, is part of the error estimate: a tolerance of 1e-4 allows some 150 steps.

    Notes
    -----
    The estimate cannot rest on the success probability only: its error changes sign, so that two
    runs may agree by chance. For the same reason changes of phase are counted too if symmetry
    leaves few independent numbers.

    References
    ----------
    Strang, SIAM J. Numer. Anal. 5, 506 (1968), for order 2; Blanes and Moan, J. Comput. Appl. Math.
    142, 313 (2002), table 2, for order 4.

    Examples
    --------
    >>> import qxgap as qx
    >>> H = qx.AnnealHamiltonian(qx.QuboProblem([-1.0, -0.5], [[0.0, 1.2], [0.0, 0.0]]))
    >>> run = qx.anneal(H, 10.0, qx.SplitOperator(tol=1e-4))
    >>> run.error_estimate <= 1e-4
    True
    """

    tol: float = 1e-6
    order: int | None = None
    max_steps: int = 1_000_000
    device: str | None = None
    precision: Precision = Precision.DOUBLE

    references: ClassVar[tuple[str, ...]] = tuple(SPLITTING_SOURCES.values())

    def __post_init__(self) -> None:
        if self.precision is Precision.SINGLE and self.device is None:
            raise InputError("single precision needs a device; name one: cuda or cpu")
        if self.order not in [None, *COEFFICIENTS]:  # a list: the order may be unhashable
            raise InputError(f"order {self.order} is unknown; use 2 or 4, or None to extrapolate")
        # An object rests on the source of its own order; the class names those of all orders.
        if self.order is not None:
            object.__setattr__(self, "references", (SPLITTING_SOURCES[self.order],))
        _require_tol(self.tol, "the error allowed in the success probability, such as 1e-6")
        _require_steps(self.max_steps)


@dataclass(frozen=True)
class QutipODE:
    """An integrator of ordinary differential equations, as ``qutip.sesolve`` offers them.

    It gives no error estimate. QuTiP's own defaults (``adams`` at ``rtol=1e-6``) are wrong in
    several digits at d = 12; the defaults here are not.

    Parameters
    ----------
    name : str
        Name of QuTiP's integrator, such as ``"dop853"``, ``"vern9"`` or ``"adams"``.
    rtol : float
        Relative tolerance of one step; it bounds no global error.
    atol : float
        Absolute tolerance of one step.
    max_steps : int
        Largest number of time steps.

    References
    ----------
    Lambert et al., Physics Reports 1153, 1 (2026).

    Examples
    --------
    >>> import qxgap as qx
    >>> H = qx.AnnealHamiltonian(qx.QuboProblem([-1.0], [[0.0]]))
    >>> by_qutip = qx.anneal(H, 5.0, qx.QutipODE("vern9"))
    >>> abs(by_qutip.success_probability - qx.anneal(H, 5.0).success_probability) < 1e-5
    True
    """

    name: str = "dop853"
    rtol: float = 1e-8
    atol: float = 1e-10
    max_steps: int = 1_000_000

    references: ClassVar[tuple[str, ...]] = ("lambert2026",)

    def __post_init__(self) -> None:
        _require_tolerances(self.rtol, self.atol)
        _require_steps(self.max_steps)

    def options(self) -> dict[str, Any]:
        """Return the options of QuTiP's solvers; only the final state is stored.

        Returns
        -------
        dict of str
            Values by the names that QuTiP gives them.
        """
        return {
            "method": self.name,
            "rtol": self.rtol,
            "atol": self.atol,
            "nsteps": self.max_steps,
            "store_states": False,
            "store_final_state": True,
            "progress_bar": "",
        }


@dataclass(frozen=True)
class DensityODE:
    """The Dormand-Prince method of order 8 on the density matrix of an open anneal.

    The density matrix is multiplied by matrices of shape (2^d, 2^d), which is much cheaper than a
    superoperator of shape (4^d, 4^d).

    Parameters
    ----------
    rtol : float
        Relative tolerance of every matrix element in one step; it bounds no global error.
    atol : float
        Absolute tolerance of every matrix element in one step.
    max_steps : int
        Largest number of time steps of the whole anneal.
    levels : int, optional
        Number m of lowest levels in which the anneal is followed, at least 2; None, the default,
        for all of them, which is possible for at most 8 qubits. See :class:`LevelAnnealResult` for
        what is left out.

    Examples
    --------
    >>> import qxgap as qx
    >>> H = qx.AnnealHamiltonian(qx.QuboProblem([-1.0], [[0.0]]))
    >>> run = qx.open_anneal(H, 5.0, qx.Dephasing(rate=0.1), qx.DensityODE(rtol=1e-6))
    >>> run.trace_error < 1e-6
    True
    """

    rtol: float = 1e-8
    atol: float = 1e-10
    max_steps: int = 1_000_000
    levels: int | None = None

    references: ClassVar[tuple[str, ...]] = (LEVELS_SOURCE,)

    def __post_init__(self) -> None:
        _require_tolerances(self.rtol, self.atol)
        _require_steps(self.max_steps)
        # An object rests on the source of the reduced basis only if it uses one.
        object.__setattr__(self, "references", _level_references(self.levels))


@dataclass(frozen=True)
class PauliMaster:
    """The rate equation of the populations of H(s): microseconds of an anneal in seconds.

    Coherences between levels are dropped, as the bath destroys them in a long anneal. From one time
    to the next the populations move from level b to level a' with probability ``|<a'|b>|^2``; then
    they relax by the golden-rule rates
    ``W(b -> a) = sum_q |<a|sigma_z^q|b>|^2 gamma(E_b - E_a)``.

    Parameters
    ----------
    tol : float
        Total variation distance allowed between the read-out distributions of the last two
        extrapolations.
    max_steps : int
        Largest number of time steps of one run; at least 256.
    levels : int, optional
        Number m of lowest levels in which the anneal is followed, at least 2; None, the default,
        for all of them, which is possible for at most 8 qubits. See :class:`LevelAnnealResult` for
        what is left out.

    Notes
    -----
    Diabatic transitions are *not* part of the equation. It describes anneals that last much longer
    than 1/gap, in which the bath and not the speed changes the populations. Populations follow
    levels that cross exactly. H is constant within a time step. This causes an error of first
    order, which is removed by extrapolation; the number of steps is doubled until two
    extrapolations agree.

    References
    ----------
    Albash, Boixo, Lidar, Zanardi, New J. Phys. 14, 123016 (2012), section 4.4.

    Examples
    --------
    >>> import qxgap as qx
    >>> H = qx.AnnealHamiltonian(qx.QuboProblem([-1.0], [[0.0]]))
    >>> run = qx.open_anneal(H, 1e4, qx.OhmicBath(temperature=0.1), qx.PauliMaster())
    >>> round(run.success_probability, 2)
    1.0
    """

    tol: float = 1e-3
    max_steps: int = 1 << 17
    levels: int | None = None

    references: ClassVar[tuple[str, ...]] = ("albash2012", LEVELS_SOURCE)

    def __post_init__(self) -> None:
        _require_tol(self.tol, "the distance allowed of two read-out distributions, such as 1e-3")
        least = 4 * PAULI_FIRST_STEPS
        require_whole(self.max_steps, "max_steps", f"a whole number of at least {least}")
        if self.max_steps < least:
            raise InputError(f"max_steps = {self.max_steps}; give at least {least}")
        own = ("albash2012", *_level_references(self.levels))
        object.__setattr__(self, "references", own)


@dataclass(frozen=True)
class Trajectories:
    """Quantum-jump trajectories of an open anneal, for as many qubits as fit into memory.

    Each trajectory is an anneal of one wave function that is interrupted by jumps of single qubits,
    at random times: ``sigma_z`` for dephasing, ``|0><1|`` and ``|1><0|`` for relaxation. The
    average over all trajectories is the density matrix of the master equation. The trajectory
    without jumps is computed once and counts with its known probability; the others are drawn among
    those that jump. ``qutip.mcsolve`` calls this improved sampling.

    Parameters
    ----------
    count : int
        Number of trajectories that are drawn, at least 2.
    tol : float, optional
        Standard error of the success probability that is wanted: the typical deviation that is left
        by chance. More trajectories than ``count`` are drawn until it is reached; it falls with
        the square root of their number. By default ``count`` trajectories are all.
    step_tol : float
        Error allowed that the time steps cause in the success probability, and in the probability
        of each qubit to be read as 1.
    max_count : int
        Largest number of trajectories.
    max_steps : int
        Largest number of time steps, and of jumps, of one trajectory.

    Notes
    -----
    Phases of the problem and jumps on the one hand and rotations by the driver on the other follow
    each other in symmetric time steps of second order. The first trajectories are repeated in half
    as many steps with the same jumps; the error of the steps is estimated from the difference.

    References
    ----------
    Dalibard, Castin, Mølmer, Phys. Rev. Lett. 68, 580 (1992); Mølmer, Castin, Dalibard, J. Opt.
    Soc. Am. B 10, 524 (1993). The weight of the trajectory without jumps: Abdelhafez, Schuster,
    Koch, Phys. Rev. A 99, 052327 (2019). Time steps: Strang, SIAM J. Numer. Anal. 5, 506 (1968).

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.testing.random_feature_selection(10, seed=1)
    >>> run = qx.open_anneal(problem, 5.0, qx.Dephasing(0.05), qx.Trajectories(tol=0.01))
    >>> run.standard_error < 0.01
    True
    """

    count: int = 300
    tol: float | None = None
    step_tol: float = 1e-3
    max_count: int = 100_000
    max_steps: int = 1_000_000

    references: ClassVar[tuple[str, ...]] = (
        "dalibard1992",
        "molmer1993",
        "abdelhafez2019",
        SPLITTING_SOURCES[2],
    )

    def __post_init__(self) -> None:
        for name, number in (("count", self.count), ("max_count", self.max_count)):
            require_whole(number, name, "the number of trajectories, such as 300")
        if self.count < 2:
            raise InputError(f"count = {self.count}; draw at least 2 trajectories")
        if self.max_count < self.count:
            raise InputError(
                f"max_count = {self.max_count} is below count = {self.count}; raise it"
            )
        if self.tol is not None:
            _require_tol(self.tol, "the standard error of the success probability, such as 0.01")
        _require_tol(self.step_tol, "the error that time steps may cause, such as 1e-3")
        _require_steps(self.max_steps)


@dataclass(frozen=True)
class SelectedDynamics:
    """The Schrödinger equation in selected configurations, with proven bounds of the success.

    It needs no vector of 2^d amplitudes. The qubits are described in the frame in which each one
    moves in the mean field of the others; there only couplings of two qubits are left, and only
    some configurations matter. The anneal is followed in a fixed set of them, forwards and, from
    the ground states, backwards. What leaves the set on the way bounds the error of the success
    probability. The set is then enlarged by the configurations to which most has left, until the
    bounds are within ``tol`` or the set has reached its largest size.

    Parameters
    ----------
    tol : float
        Error allowed in the success probability.
    max_configurations : int
        Largest number of configurations. The result is then an estimate with its proven bounds, and
        its status is MAX_CONFIGURATIONS.
    max_steps : int
        Largest number of time steps of one run.

    Notes
    -----
    The bounds are proved in the documentation (theory). They are useful as long as the qubits stay
    little entangled. An anneal of many qubits that entangles them all spreads over more
    configurations than any memory holds; the bounds are then wide, and the result says so.

    References
    ----------
    Dirac, Proc. Camb. Phil. Soc. 26, 376 (1930), for the mean field that moves with time. Time is
    integrated by the Runge-Kutta method of order 8 of Hairer, Norsett and Wanner (1993).

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.testing.random_feature_selection(8, seed=1)
    >>> run = qx.anneal(problem, 20.0, qx.SelectedDynamics(tol=1e-3))
    >>> exact = qx.anneal(problem, 20.0).success_probability
    >>> abs(run.success_probability - exact) < 1e-3
    True
    """

    tol: float = 1e-3
    max_configurations: int = 10_000
    max_steps: int = 100_000

    references: ClassVar[tuple[str, ...]] = ("dirac1930", "hairer1993")

    def __post_init__(self) -> None:
        _require_tol(self.tol, "the error allowed in the success probability, such as 1e-3")
        _require_steps(self.max_steps)
        require_whole(self.max_configurations, "max_configurations", "a number of configurations")
        if self.max_configurations < 1:
            raise InputError(
                f"max_configurations = {self.max_configurations}; give a number above 0"
            )


StateMethod = SplitOperator | QutipODE
"""Methods for a closed anneal that give a state of 2^d amplitudes."""

AnnealMethod = StateMethod | SelectedDynamics
"""Methods for a closed anneal."""

OpenMethod = DensityODE | PauliMaster | QutipODE
"""Methods for an open anneal that give a density matrix."""


@contextmanager
def qutip_errors(context: str) -> Iterator[None]:
    """Turn a failure of QuTiP's integrator into an IntegrationError that begins with ``context``.

    Parameters
    ----------
    context : str
        The integration and its method, for the message.
    """
    import qutip

    try:
        with warnings.catch_warnings():
            # QuTiP raises an exception for what scipy warns of here
            warnings.filterwarnings("ignore", message=".*larger nsteps is needed")
            yield
    except qutip.solver.integrator.IntegratorException as error:
        raise IntegrationError(f"{context}: {error}") from error


def _require_tol(tol: float, wanted: str) -> None:
    """InputError unless the tolerance is one number inside (0, 1)."""
    require_number(tol, "tol", wanted)
    if not 0 < tol < 1:
        raise InputError(f"tol = {tol} lies outside (0, 1)")


def _require_steps(max_steps: int) -> None:
    """InputError unless at least one time step is allowed."""
    require_whole(max_steps, "max_steps", "the largest number of time steps, at least 1")
    if not max_steps >= 1:
        raise InputError(f"max_steps = {max_steps}; allow at least 1 time step")


def _level_references(levels: int | None) -> tuple[str, ...]:
    """Return the source of the reduced basis, if levels are given, after a check of their number.

    Raises InputError for anything but None and whole numbers of at least 2.
    """
    if levels is None:
        return ()
    require_whole(levels, "levels", "the number of lowest levels that are followed, such as 10")
    if levels < 2:
        raise InputError(f"levels = {levels}; follow at least 2 levels")
    return (LEVELS_SOURCE,)


def _require_tolerances(rtol: float, atol: float) -> None:
    """InputError unless both tolerances of an ODE are positive numbers."""
    for name, value in (("rtol", rtol), ("atol", atol)):
        require_number(value, name, "the tolerance as a positive number, such as 1e-8")
        if not 0 < value < np.inf:
            raise InputError(f"{name} = {value}; give the tolerance as a positive number")
