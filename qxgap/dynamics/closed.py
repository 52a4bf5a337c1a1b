"""The closed-system anneal: the Schrödinger equation ``i dpsi/dt = H(t / tau) psi``."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..anneal.hamiltonian import AnnealHamiltonian
from ..problem.errors import InputError, require_memory
from ..problem.provenance import versions
from ..spectrum.eigen import ConvergenceError, EigenStatus
from ..spectrum.levels import lowest_levels
from .result import AnnealResult, AnnealStatus
from .split import evolve, initial_steps

SAFETY = 2.0
"""Factor on the extrapolated error, for the next orders that extrapolation leaves out."""

SETTLED = 1.5
"""An error constant that grew by more than this from one refinement to the next is not believed."""


ROUNDING = 1e-13
"""No two runs are taken to agree better than this."""


class IntegrationError(RuntimeError):
    """An integrator stopped before its tolerance; the message says why."""


@dataclass(frozen=True)
class SplitOperator:
    """Second-order symmetric splitting with extrapolated error control; conserves the norm.

    The anneal is run at growing step counts N. With an error ``c / N^2`` of the success
    probability two runs tell c and so the error of the finer one; a third must confirm that c has
    stopped growing before the estimate, made with the larger of the two c, is believed.

    Parameters
    ----------
    tol : error allowed in the success probability.
    max_steps : of one run.
    """

    tol: float = 1e-6
    max_steps: int = 1_000_000

    def __post_init__(self) -> None:
        if not 0 < self.tol < 1:
            raise InputError(f"tol = {self.tol} lies outside (0, 1)")


@dataclass(frozen=True)
class QutipODE:
    """An ODE integrator of ``qutip.sesolve``.

    QuTiP's own defaults (``adams`` at 1e-6) are several digits off at d = 12; these are not.
    """

    name: str = "dop853"
    rtol: float = 1e-8
    atol: float = 1e-10
    max_steps: int = 1_000_000


AnnealMethod = SplitOperator | QutipODE


def anneal(
    H: AnnealHamiltonian,
    tau: float,
    method: AnnealMethod | None = None,
    *,
    seed: int = 0,
    throw: bool = True,
) -> AnnealResult:
    """Anneal from the ground state of H(0) to s = 1 in time ``tau``.

    Parameters
    ----------
    tau : total time, s = t / tau; hbar = 1 in the unit of the schedule, ns for one in GHz.
    method : ``SplitOperator(tol=...)`` (default) or ``QutipODE(...)``.
    seed : of the eigensolver, where the ground state of H(0) is not the uniform one.
    throw : raise IntegrationError rather than report MAX_STEPS in ``status``.

    Raises
    ------
    InputError : for a negative or non-finite tau, or a schedule with A(0) = 0, whose initial state
        is not told by its Hamiltonian.
    MemoryLimitError : before anything of size 2^d is allocated.
    """
    if not (math.isfinite(tau) and tau >= 0):
        raise InputError(f"tau = {tau} must be finite and not negative")
    method = method or SplitOperator()
    require_memory(16 * 6 << H.num_qubits, f"the state vectors of {H.num_qubits} qubits")
    start = initial_state(H, seed)
    if isinstance(method, QutipODE):
        state = _qutip(H, tau, start, method)
        return _result(H, tau, method, state, None, None, AnnealStatus.NO_ESTIMATE)
    state, error, steps = _split(H, tau, start, method)
    status = AnnealStatus.CONVERGED if error <= method.tol else AnnealStatus.MAX_STEPS
    if throw and status is AnnealStatus.MAX_STEPS:
        raise IntegrationError(
            f"error estimate {error:.1e} > tol = {method.tol:g} at {steps} steps; norm * tau = "
            f"{H.norm_bound(*map(float, H.schedule(1.0))) * tau:.3g}: shorten tau, loosen tol or "
            "raise max_steps"
        )
    return _result(H, tau, method, state, error, steps, status)


def initial_state(H: AnnealHamiltonian, seed: int = 0) -> NDArray[np.complex128]:
    """Ground state of H(0), (2^d,): uniform for B(0) = 0, else computed.

    Raises InputError for A(0) = 0, where the problem's ground states would be the start, and
    ConvergenceError if the eigensolver fails.
    """
    A, B = map(float, H.schedule(0.0))
    if A == 0.0:
        raise InputError(
            f"schedule {H.schedule.name!r} starts with A(0) = 0: a reverse anneal needs an initial "
            "state. Use a schedule with A(0) > 0"
        )
    if B == 0.0:
        return np.full(H.dimension, H.dimension**-0.5, dtype=np.complex128)
    levels, vectors = lowest_levels(H, A, B, 1, seed=seed)
    if vectors is None or levels.status is not EigenStatus.CONVERGED:
        raise ConvergenceError(f"initial state: {levels.status.value}")
    return np.abs(vectors[:, 0]).astype(np.complex128)


def _split(
    H: AnnealHamiltonian, tau: float, start: NDArray, method: SplitOperator
) -> tuple[NDArray, float, int]:
    """Final state, error estimate of its success probability, and the steps taken."""
    if tau == 0.0:
        return start, 0.0, 0
    ground = H.problem.ground_indices
    steps, coarse, constant = initial_steps(H, tau), None, math.inf
    while True:
        state = evolve(H, tau, steps, start)
        fine = (steps, float(np.sum(np.abs(state[ground]) ** 2)))
        before, constant = constant, _constant(coarse, fine)
        confirmed = constant <= SETTLED * before < math.inf
        error = SAFETY * max(constant, before) / steps**2 if confirmed else math.inf
        if error <= method.tol or steps >= method.max_steps:
            return state, error, steps
        coarse = fine
        guess = error if confirmed else SAFETY * constant / steps**2
        steps = min(_next_steps(steps, guess, method.tol), method.max_steps)


def _constant(coarse: tuple[int, float] | None, fine: tuple[int, float]) -> float:
    """c of an error ``c / N^2`` from two runs (N, probability); inf for the first run."""
    if coarse is None:
        return math.inf
    difference = max(abs(fine[1] - coarse[1]), ROUNDING)
    return difference / (coarse[0] ** -2.0 - fine[0] ** -2.0)


def _next_steps(steps: int, error: float, tol: float) -> int:
    growth = math.sqrt(error / (0.5 * tol)) if math.isfinite(error) else 2.0
    return math.ceil(steps * min(max(growth, 1.5), 16.0))


def _qutip(H: AnnealHamiltonian, tau: float, start: NDArray, method: QutipODE) -> NDArray:
    import qutip

    if tau == 0.0:
        return start
    norm = H.schedule.angular * max(H.norm_bound(*map(float, H.schedule(s))) for s in (0.0, 1.0))
    options = {
        "method": method.name,
        "rtol": method.rtol,
        "atol": method.atol,
        "nsteps": method.max_steps,
        "store_states": False,
        "store_final_state": True,
        "progress_bar": "",
    }
    initial = qutip.Qobj(start[:, None], dims=[[2] * H.num_qubits, [1] * H.num_qubits])
    try:
        with warnings.catch_warnings():
            # scipy warns of what QuTiP then raises
            warnings.filterwarnings("ignore", message=".*larger nsteps is needed")
            solution = qutip.sesolve(H.to_qobjevo(tau), initial, [0.0, tau], options=options)
    except qutip.solver.integrator.IntegratorException as error:
        raise IntegrationError(
            f"QuTiP {method.name}, norm * tau = {norm * tau:.3g}: {error}"
        ) from error
    return np.asarray(solution.final_state.full()).ravel()


def _result(
    H: AnnealHamiltonian,
    tau: float,
    method: AnnealMethod,
    state: NDArray,
    error: float | None,
    steps: int | None,
    status: AnnealStatus,
) -> AnnealResult:
    problem, weights = H.problem, np.abs(state) ** 2
    energy = float(weights @ problem.diagonal) + problem.offset
    residual = float(weights @ (problem.diagonal - problem.diagonal.min()))
    state.flags.writeable = False
    return AnnealResult(
        problem=problem,
        tau=float(tau),
        state=state,
        success_probability=float(weights[problem.ground_indices].sum()),
        energy=energy,
        residual_energy=residual,
        norm_error=abs(float(np.sqrt(weights.sum())) - 1.0),
        error_estimate=error,
        steps=steps,
        status=status,
        method=repr(method),
        schedule=H.schedule.name,
        driver=repr(H.driver),
        versions=versions(),
    )
