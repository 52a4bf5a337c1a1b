"""The closed-system anneal: the Schrödinger equation ``i dpsi/dt = H(t / tau) psi``."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..annealing.accept import QubitsLike, as_qubits
from ..annealing.hamiltonian import AnnealHamiltonian
from ..checks import kind_of, require_number
from ..errors import InputError
from ..linalg.arrays import Precision
from ..memory import require_memory
from ..version import versions
from .checkpoint import Checkpoint
from .initial import Initial, starting_state
from .populations import Populations, level_populations
from .reach import anneal_times, require_ode_reach, require_reach, require_steps, require_tolerances
from .readout import outcome
from .refine import Refinement
from .result import AnnealResult, AnnealStatus
from .run import Callback, SplitRun, Tell
from .split import COEFFICIENTS

if TYPE_CHECKING:
    from .baths import Baths
    from .open import DensityODE, OpenAnnealResult
    from .pauli import PauliMaster


class IntegrationError(RuntimeError):
    """An integrator stopped before its tolerance; the message says why."""


@dataclass(frozen=True)
class SplitOperator:
    """Symmetric splitting with extrapolated error control; conserves the norm.

    The anneal is run with every step divided into m = 1, 2, ... With an error ``c / m^order`` of
    the read-out distribution, in total variation, two runs tell c and so the error of the finer
    one; a third must confirm that c has stopped growing before the estimate, made with the larger
    of the two c, is believed. (The success probability alone would not do: its error changes sign,
    and two runs may agree by chance. For the same reason changes of phase count too where few
    numbers are independent, as symmetry leaves them.) Steps begin and end at the schedule's
    corners, where the order would be lost.

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
            raise InputError("single precision needs a device; name one: cuda or cpu")
        if self.order not in list(COEFFICIENTS):  # a list, as an unhashable order is no key
            raise InputError(f"order {self.order} is unknown; use 2 or 4")
        require_number(
            self.tol, "tol", "the error allowed in the success probability, such as 1e-6"
        )
        if not 0 < self.tol < 1:
            raise InputError(f"tol = {self.tol} lies outside (0, 1)")
        require_steps(self.max_steps)


@dataclass(frozen=True)
class QutipODE:
    """An ODE integrator of ``qutip.sesolve``.

    QuTiP's own defaults (``adams`` at 1e-6) are several digits off at d = 12; these are not.
    """

    name: str = "dop853"
    rtol: float = 1e-8
    atol: float = 1e-10
    max_steps: int = 1_000_000

    def __post_init__(self) -> None:
        require_tolerances(self.rtol, self.atol)
        require_steps(self.max_steps)

    def options(self) -> dict[str, Any]:
        """Return QuTiP's solver options: nothing is stored but the final state."""
        return {
            "method": self.name,
            "rtol": self.rtol,
            "atol": self.atol,
            "nsteps": self.max_steps,
            "store_states": False,
            "store_final_state": True,
            "progress_bar": "",
        }


@contextmanager
def qutip_errors(told: str) -> Iterator[None]:
    """Let a failure of QuTiP's integrator be an IntegrationError that begins with ``told``."""
    import qutip

    try:
        with warnings.catch_warnings():
            # scipy warns of what QuTiP then raises
            warnings.filterwarnings("ignore", message=".*larger nsteps is needed")
            yield
    except qutip.solver.integrator.IntegratorException as error:
        raise IntegrationError(f"{told}: {error}") from error


AnnealMethod = SplitOperator | QutipODE


@overload
def anneal(
    H: QubitsLike,
    tau: float,
    method: AnnealMethod | None = None,
    *,
    bath: None = None,
    initial: Initial | None = None,
    levels: int = 0,
    at: ArrayLike = (),
    callback: Callback | None = None,
    checkpoint: Checkpoint | str | Path | None = None,
    progress: Tell | None = None,
    seed: int = 0,
    throw: bool = True,
) -> AnnealResult: ...


@overload
def anneal(
    H: QubitsLike,
    tau: Sequence[float] | NDArray[np.float64],
    method: AnnealMethod | None = None,
    *,
    bath: None = None,
    initial: Initial | None = None,
    levels: int = 0,
    progress: Tell | None = None,
    seed: int = 0,
    throw: bool = True,
) -> list[AnnealResult]: ...


@overload
def anneal(
    H: QubitsLike,
    tau: float,
    method: DensityODE | PauliMaster | QutipODE | None = None,
    *,
    bath: Baths,
    seed: int = 0,
    throw: bool = True,
) -> OpenAnnealResult: ...


def anneal(
    H: QubitsLike,
    tau: float | Sequence[float] | NDArray[np.float64],
    method: AnnealMethod | DensityODE | PauliMaster | None = None,
    *,
    bath: Baths | None = None,
    initial: Initial | None = None,
    levels: int = 0,
    at: ArrayLike = (),
    callback: Callback | None = None,
    checkpoint: Checkpoint | str | Path | None = None,
    progress: Tell | None = None,
    seed: int = 0,
    throw: bool = True,
) -> AnnealResult | list[AnnealResult] | OpenAnnealResult:
    """Anneal from the ground state of H(0), or another, to s = 1 in time ``tau``.

    Parameters
    ----------
    tau : total time, s = t / tau; hbar = 1 in the unit of the schedule, ns for one in GHz. Several
        times give a list of results.
    method : ``SplitOperator(tol=...)`` (default) or ``QutipODE(...)``.
    bath : None, or what the qubits are coupled to, one or several; see
        :func:`~qxgap.dynamics.open.open_anneal`, which then does the work. d <= 8, one tau, and
        none of the options that follow but ``seed``.
    initial : amplitudes (2^d,), occupations (d,) in qubit order, or occupations by label, for a
        reverse anneal; default the ground state of H(0).
    levels : populations wanted of the lowest so many eigenstates of H(1), in the result.
    at, callback : ``callback(s, state)`` is called at these fractions s, in order, with the state
        (2^d,) of the run that is reported; nothing is stored. It costs that run once more.
    checkpoint : file, or ``Checkpoint(path, every=seconds)``: progress is kept there every minute,
        and an anneal that finds it goes on from it, to the same last bit. For SplitOperator on
        the CPU, without a device. Ctrl-C leaves the file as of that moment.
    progress : called a few times a second with a line of text that says how far the anneal is, as
        ``progress=print`` shows; by SplitOperator.
    seed : of the eigensolver, where it is needed.
    throw : raise IntegrationError rather than report MAX_STEPS in ``status``.

    Raises
    ------
    InputError : for a negative or non-finite tau, one that the steps allowed cannot reach (before
        anything is computed, with an estimate of steps and time), a schedule with A(0) = 0 without
        ``initial``, an initial state of another shape or norm, fractions outside [0, 1], a
        checkpoint that cannot be written, or one of another anneal, naming what differs.
    MemoryLimitError : before anything of size 2^d is allocated.
    """
    H = as_qubits(H)
    taus = anneal_times(tau)
    if bath is not None:
        asked = {"initial": initial is not None, "levels": levels != 0, "at": np.size(at) > 0}
        asked |= {"callback": bool(callback), "checkpoint": bool(checkpoint)}
        asked |= {"progress": bool(progress)}
        _require_plain(np.ndim(tau), [name for name, value in asked.items() if value], throw)
        return _in_bath(H, taus[0], method, bath, seed)
    method = checked_method(method)
    fractions = _fractions(at, callback)
    if np.ndim(tau) and (callback or checkpoint):
        raise InputError("callback= and checkpoint= take a single tau; anneal one after another")
    kept = Checkpoint(checkpoint) if isinstance(checkpoint, str | Path) else checkpoint
    if kept:
        if not (isinstance(method, SplitOperator) and method.device is None):
            raise InputError(f"{method!r} keeps no checkpoint; use SplitOperator without a device")
        kept.require_writable()
    if not 0 <= levels <= H.dimension:
        raise InputError(f"levels = {levels} lies outside [0, {H.dimension}]")
    _require_reach(H, taus, method, throw)
    require_memory(16 * 7 << H.num_qubits, f"the state vectors of {H.num_qubits} qubits")
    start = starting_state(H, initial, seed)
    results = []
    for t in taus:
        if isinstance(method, QutipODE):
            end = _by_qutip(H, t, start, method, fractions, callback)
        else:
            run = SplitRun(H, t, start, method, fractions, kept, progress)
            end = _by_splitting(run, callback, throw)
        populations = level_populations(H, 1.0, end.state, levels, seed) if levels else None
        results.append(result_of(H, t, method, end, populations))
    return results if np.ndim(tau) else results[0]


def checked_method(method: AnnealMethod | DensityODE | PauliMaster | None) -> AnnealMethod:
    """Return a method for closed systems that can work here; by default SplitOperator()."""
    method = method or SplitOperator()
    if not isinstance(method, SplitOperator | QutipODE):
        raise InputError(
            f"method is {kind_of(method)}; without a bath give SplitOperator(...) or QutipODE(...)"
        )
    if isinstance(method, SplitOperator) and method.device is not None:
        from ..annealing.torch_device import require_device

        require_device(method.device)
    return method


def _require_plain(several: int, options: Sequence[str], throw: bool) -> None:
    """InputError for several times, any of ``options``, or no ``throw``, with a bath."""
    if several:
        raise InputError("with a bath, anneal takes a single tau; anneal one after another")
    if options:
        raise InputError(f"with a bath, anneal takes no {options[0]}=; leave it out")
    if not throw:
        raise InputError(
            "with a bath, anneal cannot take throw=False: a method that misses its tolerance has "
            "no result; leave it out"
        )


def _in_bath(
    H: AnnealHamiltonian,
    tau: float,
    method: AnnealMethod | DensityODE | PauliMaster | None,
    bath: Baths,
    seed: int,
) -> OpenAnnealResult:
    from .open import open_anneal

    return open_anneal(H, tau, bath, method, seed=seed)


@dataclass(frozen=True, eq=False)
class End:
    """What a method ends with: the final state, its error estimate and steps if there are any."""

    state: NDArray[np.complex128]
    error: float | None
    steps: int | None
    status: AnnealStatus


def _require_reach(
    H: AnnealHamiltonian, taus: Sequence[float], method: AnnealMethod, throw: bool
) -> None:
    """Refuse times of which it is known beforehand that ``method`` cannot integrate them."""
    for tau in taus:
        if isinstance(method, QutipODE):
            require_ode_reach(H, tau, method.max_steps)
        else:
            require_reach(H, tau, method, to_tol=throw)


def _fractions(at: ArrayLike, callback: Callback | None) -> NDArray[np.float64]:
    fractions = np.unique(np.asarray(at, dtype=np.float64))
    if (callback is None) != (fractions.size == 0):
        raise InputError("give both at= (fractions s) and callback=, or neither")
    if not np.all((fractions >= 0) & (fractions <= 1)):
        raise InputError(f"at = {fractions.tolist()} must lie in [0, 1]")
    return fractions


def _by_splitting(run: SplitRun, callback: Callback | None, throw: bool) -> End:
    if run.tau == 0.0:
        if callback:
            for s in run.at.tolist():
                callback(s, run.start.copy())
        return End(run.start, 0.0, 0, AnnealStatus.CONVERGED)
    with run.interruptible():
        run.converge()
        end = end_of(run.H, run.tau, run.method, run.runs, throw)
        if callback:
            run.replay(callback)
    run.finish()
    return end


def end_of(
    H: AnnealHamiltonian, tau: float, method: SplitOperator, runs: Refinement, throw: bool
) -> End:
    """Return where refined runs ended; IntegrationError if that misses tol and ``throw``."""
    status = AnnealStatus.CONVERGED if runs.error <= method.tol else AnnealStatus.MAX_STEPS
    if throw and status is AnnealStatus.MAX_STEPS:
        single = method.precision is Precision.SINGLE
        raise IntegrationError(
            f"error estimate {runs.error:.1e} > tol = {method.tol:g} at {runs.steps} steps; norm * "
            f"tau = {largest_phase(H, tau):.3g}: shorten tau, loosen tol or raise max_steps"
            + (", or use double precision" if single else "")
        )
    return End(runs.state, runs.error, runs.steps, status)


def largest_phase(H: AnnealHamiltonian, tau: float) -> float:
    """Bound of the phase that a state can gather in an anneal at the largest norm of H(s)."""
    schedule, energy = H.schedule, float(np.abs(H.diagonal).max())
    norm = float((schedule.A * H.driver_weights.sum() + schedule.B * energy).max())
    return tau * schedule.angular * norm


def _by_qutip(
    H: AnnealHamiltonian,
    tau: float,
    start: NDArray,
    method: QutipODE,
    at: NDArray[np.float64],
    callback: Callback | None,
) -> End:
    state, stops = start, np.union1d(at, [0.0, 1.0])
    for i, s in enumerate(stops.tolist()):
        if i and tau > 0.0:
            state = _qutip(H, tau, state, method, tau * stops[i - 1], tau * s)
        if callback and s in at:
            callback(s, state.copy())
    return End(state, None, None, AnnealStatus.NO_ESTIMATE)


def _qutip(
    H: AnnealHamiltonian, tau: float, start: NDArray, method: QutipODE, begin: float, end: float
) -> NDArray:
    import qutip

    options = method.options() | {"normalize_output": False}  # so that norm_error is told
    initial = qutip.Qobj(start[:, None], dims=[[2] * H.num_qubits, [1] * H.num_qubits])
    with qutip_errors(f"QuTiP {method.name}, norm * tau = {largest_phase(H, tau):.3g}"):
        solution = qutip.sesolve(H.to_qobjevo(tau), initial, [begin, end], options=options)
    return np.asarray(solution.final_state.full()).ravel()


def result_of(
    H: AnnealHamiltonian,
    tau: float,
    method: AnnealMethod,
    end: End,
    populations: Populations | None = None,
) -> AnnealResult:
    """Return the result of an anneal that ended so; its state becomes read-only."""
    problem, weights = H.problem, np.abs(end.state) ** 2
    success, energy, residual = outcome(problem, weights)
    end.state.flags.writeable = False
    return AnnealResult(
        problem=problem,
        tau=float(tau),
        state=end.state,
        success_probability=success,
        energy=energy,
        residual_energy=residual,
        norm_error=abs(float(np.sqrt(weights.sum())) - 1.0),
        error_estimate=end.error,
        steps=end.steps,
        status=end.status,
        method=repr(method),
        schedule=H.schedule.name,
        driver=repr(H.driver),
        versions=versions(),
        populations=populations,
    )
