"""The integrators of the Schrödinger equation ``i dpsi/dt = H(t / tau) psi`` of a closed anneal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..annealing.accept import QubitHamiltonian
from ..linalg.amplitudes import Amplitudes, is_on_device, norm
from ..linalg.arrays import Precision
from ..observables import Observations, Populations
from ..version import versions
from .error_control import ErrorControl
from .methods import IntegrationError, QutipODE, SplitOperator, StateMethod, qutip_errors
from .readout import AnnealResult, AnnealStatus, expectations
from .split_run import Callback, SplitRun


@dataclass(frozen=True, eq=False)
class FinalState:
    """The end of an integration.

    Attributes
    ----------
    state : ndarray or tensor of complex, shape (2^d,)
        Final state; a tensor, if it was computed on a device.
    error : float or None
        Error estimate; None if the method gives none.
    steps : int or None
        Time steps; None if the method does not say.
    status : AnnealStatus
        How the integration ended.
    """

    state: Amplitudes
    error: float | None
    steps: int | None
    status: AnnealStatus


def integrate_by_splitting(run: SplitRun, callback: Callback | None, throw: bool) -> FinalState:
    """Make the runs of an anneal by splitting until its error is known.

    Parameters
    ----------
    run : SplitRun
        The anneal.
    callback : callable, optional
        Called with each fraction ``run.at`` and the state there, in a repetition of the last run.
    throw : bool
        Whether to raise IntegrationError if the tolerance is not reached.
    """
    if run.tau == 0.0:  # a quench leaves the state as it is
        for s in run.at.tolist():
            if callback:
                callback(s, run.start.copy())
            if run.seen:
                run.seen.record(s, run.start)
        return FinalState(run.start, 0.0, 0, AnnealStatus.CONVERGED)
    with run.interruptible():
        run.converge()
        final = final_state(run.H, run.tau, run.method, run.refinement, throw)
        if callback:
            run.replay(callback)
    # Only now is the position removed: an interrupted replay can be continued, too.
    run.finish()
    return final


def final_state(
    H: QubitHamiltonian, tau: float, method: SplitOperator, refinement: ErrorControl, throw: bool
) -> FinalState:
    """Return the end of refined runs.

    Parameters
    ----------
    H : AnnealHamiltonian or InhomogeneousHamiltonian
        Hamiltonian of the anneal.
    tau : float
        Anneal time.
    method : SplitOperator
        Method of integration.
    refinement : ErrorControl
        Error control, which is done.
    throw : bool
        Whether to raise IntegrationError if the tolerance is not reached.
    """
    converged = refinement.error <= method.tol
    if throw and not converged:
        single = method.precision is Precision.SINGLE
        raise IntegrationError(
            f"error estimate {refinement.error:.1e} > tol = {method.tol:g} at {refinement.steps} "
            f"steps; norm * tau = {largest_phase(H, tau):.3g}: shorten tau, loosen tol or raise "
            "max_steps" + (", or use double precision" if single else "")
        )
    status = AnnealStatus.CONVERGED if converged else AnnealStatus.MAX_STEPS
    return FinalState(refinement.state, refinement.error, refinement.steps, status)


def largest_phase(H: QubitHamiltonian, tau: float) -> float:
    """Return a bound of the phase that a state gathers in an anneal, in radians.

    Parameters
    ----------
    H : AnnealHamiltonian or InhomogeneousHamiltonian
        Hamiltonian of the anneal; the bound takes its largest norm at any s.
    tau : float
        Anneal time.
    """
    return tau * H.schedule.angular * float(H.norm_bounds.max())


def integrate_by_qutip(
    H: QubitHamiltonian,
    tau: float,
    start: NDArray[np.complex128],
    method: QutipODE,
    at: NDArray[np.float64],
    callback: Callback | None,
) -> FinalState:
    """Integrate an anneal by ``qutip.sesolve``, from one fraction of ``at`` to the next.

    Parameters
    ----------
    H : AnnealHamiltonian or InhomogeneousHamiltonian
        Hamiltonian of the anneal.
    tau : float
        Anneal time.
    start : ndarray of complex, shape (2^d,)
        Initial state.
    method : QutipODE
        Method of integration.
    at : ndarray of float
        Ascending fractions s in [0, 1].
    callback : callable, optional
        Called with each fraction and the state there.
    """
    state, stops = start, np.union1d(at, [0.0, 1.0])
    for i, s in enumerate(stops.tolist()):
        if i and tau > 0.0:
            state = _by_sesolve(H, tau, state, method, tau * stops[i - 1], tau * s)
        if callback and s in at:
            callback(s, state.copy())
    return FinalState(state, None, None, AnnealStatus.NO_ESTIMATE)


def _by_sesolve(
    H: QubitHamiltonian, tau: float, start: NDArray, method: QutipODE, begin: float, end: float
) -> NDArray:
    """State at time ``end``, from the state at time ``begin``."""
    import qutip

    from .qutip import to_qobjevo  # loads QuTiP, which importing qxgap must not

    # Without normalization the result can say how far the norm has drifted.
    options = method.options() | {"normalize_output": False}
    initial = qutip.Qobj(start[:, None], dims=[[2] * H.num_qubits, [1] * H.num_qubits])
    with qutip_errors(f"QuTiP {method.name}, norm * tau = {largest_phase(H, tau):.3g}"):
        solution = qutip.sesolve(to_qobjevo(H, tau), initial, [begin, end], options=options)
    return np.asarray(solution.final_state.full()).ravel()


def result_of(
    H: QubitHamiltonian,
    tau: float,
    method: StateMethod,
    final: FinalState,
    populations: Populations | None = None,
    observations: Observations | None = None,
) -> AnnealResult:
    """Return the result of an integration, whose state becomes read-only if it is on the host.

    Parameters
    ----------
    H : AnnealHamiltonian or InhomogeneousHamiltonian
        Hamiltonian of the anneal.
    tau : float
        Anneal time.
    method : SplitOperator or QutipODE
        Method of integration.
    final : FinalState
        The end of the integration.
    populations : Populations, optional
        Populations of the final state.
    observations : Observations, optional
        What was observed on the way.
    """
    problem, state = H.problem, final.state
    if is_on_device(state):
        from .device_readout import expectations_on_device  # loads PyTorch

        success, energy, residual = expectations_on_device(problem, state)
    else:
        success, energy, residual = expectations(problem, np.abs(state) ** 2)
        state.flags.writeable = False
    return AnnealResult(
        problem=problem,
        tau=float(tau),
        amplitudes=state,
        success_probability=success,
        energy=energy,
        residual_energy=residual,
        norm_error=abs(norm(state) - 1.0),
        error_estimate=final.error,
        steps=final.steps,
        status=final.status,
        method=method,
        schedule=H.schedule.name,
        driver=repr(H.driver),
        versions=versions(),
        populations=populations,
        observations=observations,
    )
