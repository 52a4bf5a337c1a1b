"""The closed-system anneal: the Schrödinger equation ``i dpsi/dt = H(t / tau) psi``."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

import numpy as np
from numpy.typing import NDArray

from ..anneal.hamiltonian import AnnealHamiltonian
from ..problem.errors import InputError, require_memory
from ..problem.provenance import versions
from ..spectrum.eigen import ConvergenceError, EigenStatus
from ..spectrum.levels import lowest_levels
from .result import AnnealResult, AnnealStatus
from .split import COEFFICIENTS, ROUNDING, Precision, coarsest_steps, evolve, step_edges

if TYPE_CHECKING:
    from .baths import Baths
    from .open import DensityODE, OpenAnnealResult

SAFETY = 2.0
"""Factor on the extrapolated error, for the next orders that extrapolation leaves out."""

SETTLED = 1.5
"""An error constant that grew by more than this from one refinement to the next is not believed."""


class IntegrationError(RuntimeError):
    """An integrator stopped before its tolerance; the message says why."""


@dataclass(frozen=True)
class SplitOperator:
    """Symmetric splitting with extrapolated error control; conserves the norm.

    The anneal is run with every step divided into m = 1, 2, ... With an error ``c / m^order`` of
    the read-out distribution, in total variation, two runs tell c and so the error of the finer
    one; a third must confirm that c has stopped growing before the estimate, made with the larger
    of the two c, is believed. (The success probability alone would not do: its error changes sign,
    and two runs may agree by chance.) Steps begin and end at the schedule's breakpoints, where the
    order would be lost.

    Parameters
    ----------
    tol : error allowed in the success probability, and in that of any other set of read-outs.
    order : 2 or 4.
    max_steps : of one run.
    device : ``"cpu"``, ``"cuda"`` or ``"cuda:N"``, by PyTorch; None is the CPU by numba, which
        in double precision is the faster of the two there.
    precision : SINGLE halves the memory and needs a device. Its rounding is in the error estimate,
        6e-7 per step at most: it can keep a tol of 1e-4 for some 150 steps.
    """

    tol: float = 1e-6
    order: int = 4
    max_steps: int = 1_000_000
    device: str | None = None
    precision: Precision = Precision.DOUBLE

    def __post_init__(self) -> None:
        if self.precision is Precision.SINGLE and self.device is None:
            raise InputError("single precision needs a device; give device='cuda' or 'cpu'")
        if self.order not in COEFFICIENTS:
            raise InputError(f"order {self.order} is unknown; use 2 or 4")
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


@overload
def anneal(
    H: AnnealHamiltonian,
    tau: float,
    method: AnnealMethod | None = None,
    *,
    bath: None = None,
    seed: int = 0,
    throw: bool = True,
) -> AnnealResult: ...


@overload
def anneal(
    H: AnnealHamiltonian,
    tau: float,
    method: DensityODE | QutipODE | None = None,
    *,
    bath: Baths,
    seed: int = 0,
    throw: bool = True,
) -> OpenAnnealResult: ...


def anneal(
    H: AnnealHamiltonian,
    tau: float,
    method: AnnealMethod | DensityODE | None = None,
    *,
    bath: Baths | None = None,
    seed: int = 0,
    throw: bool = True,
) -> AnnealResult | OpenAnnealResult:
    """Anneal from the ground state of H(0) to s = 1 in time ``tau``.

    Parameters
    ----------
    tau : total time, s = t / tau; hbar = 1 in the unit of the schedule, ns for one in GHz.
    method : ``SplitOperator(tol=...)`` (default) or ``QutipODE(...)``.
    bath : None, or what the qubits are coupled to, one or several; see
        :func:`~qxgap.dynamics.open.open_anneal`, which then does the work. d <= 8.
    seed : of the eigensolver, where the ground state of H(0) is not the uniform one.
    throw : raise IntegrationError rather than report MAX_STEPS in ``status``; with a bath, always.

    Raises
    ------
    InputError : for a negative or non-finite tau, or a schedule with A(0) = 0, whose initial state
        is not told by its Hamiltonian.
    MemoryLimitError : before anything of size 2^d is allocated.
    """
    if not (math.isfinite(tau) and tau >= 0):
        raise InputError(f"tau = {tau} must be finite and not negative")
    if bath is not None:
        from .open import open_anneal

        return open_anneal(H, tau, bath, method, seed=seed)
    method = method or SplitOperator()
    if not isinstance(method, SplitOperator | QutipODE):
        raise InputError(f"{method!r} evolves density matrices; without a bath use SplitOperator")
    if isinstance(method, SplitOperator) and method.device is not None:
        from ..anneal.torch_device import require_device

        require_device(method.device)
    require_memory(16 * 7 << H.num_qubits, f"the state vectors of {H.num_qubits} qubits")
    start = initial_state(H, seed)
    if isinstance(method, QutipODE):
        state = _qutip(H, tau, start, method)
        return _result(H, tau, method, state, None, None, AnnealStatus.NO_ESTIMATE)
    state, error, steps = _split(H, tau, start, method)
    status = AnnealStatus.CONVERGED if error <= method.tol else AnnealStatus.MAX_STEPS
    if throw and status is AnnealStatus.MAX_STEPS:
        single = method.precision is Precision.SINGLE
        raise IntegrationError(
            f"error estimate {error:.1e} > tol = {method.tol:g} at {steps} steps; norm * tau = "
            f"{H.norm_bound(*map(float, H.schedule(1.0))) * tau:.3g}: shorten tau, loosen tol or "
            "raise max_steps" + (", or use double precision" if single else "")
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
    base, power = coarsest_steps(H, tau, method.order), method.order
    m, coarse, constant = 1, None, math.inf
    while True:
        edges = step_edges(H.schedule, m * base)
        state = evolve(H, tau, edges, start, method.order, method.device, method.precision)
        fine = (m, state)
        before, constant = constant, math.inf
        floor = ROUNDING[method.precision] * edges.size
        if coarse:
            distance = _distance(state, coarse[1])
            constant = distance / (float(coarse[0]) ** -power - float(m) ** -power)
            if distance <= floor:
                return state, SAFETY * floor, edges.size - 1  # finer steps tell nothing more
        confirmed = constant <= SETTLED * before < math.inf
        split = SAFETY * max(constant, before) / m**power if confirmed else math.inf
        error = split + floor
        if error <= method.tol or 2 * edges.size > method.max_steps:
            return state, error, edges.size - 1
        guess = split if confirmed else SAFETY * constant / m**power
        coarse, m = fine, _finer(m, guess / (0.5 * method.tol), power)
        m = max(min(m, method.max_steps // int(base.sum())), fine[0] + 1)


def _distance(psi: NDArray, phi: NDArray) -> float:
    """Total variation distance of two read-outs. That of one qubit is a single number, which may
    agree by chance: there the distance of the states, global phase aside, bounds it.
    """
    if psi.size == 2:
        overlap = complex(np.vdot(phi, psi))
        return float(np.linalg.norm(psi - overlap / abs(overlap) * phi))
    return float(np.abs(np.abs(psi) ** 2 - np.abs(phi) ** 2).sum()) / 2


def _finer(m: int, excess: float, power: int) -> int:
    """The next m, for an error that is ``excess`` times too large."""
    growth = excess ** (1 / power) if math.isfinite(excess) else 2.0
    return max(math.ceil(m * min(max(growth, 1.3), 8.0)), m + 1)


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
