"""The function that anneals a closed system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..annealing.accept import QubitHamiltonian, QubitsLike, as_annealed
from ..annealing.hamiltonian import AnnealHamiltonian
from ..annealing.inhomogeneous import InhomogeneousHamiltonian
from ..checks import kind_of, real_array
from ..digits import counted
from ..errors import InputError
from ..memory import fits_in_memory, require_memory
from ..observables import Observable, Observations, level_populations
from ..observables.given import Observe, named_observables
from ..observables.observations import observations_of
from ..progress import Progress, Say, followed, silent
from ..statistics.seeds import Seed, random_generator
from .checkpoint import Checkpoint
from .closed import FinalState, integrate_by_qutip, integrate_by_splitting, result_of
from .error_control import SeenStates
from .methods import AnnealMethod, QutipODE, SelectedDynamics, SplitOperator, StateMethod
from .reach import anneal_times, require_ode_reach, require_reach
from .readout import AnnealResult
from .split_run import Callback, SplitRun
from .states import Initial, starting_state
from .wide import SelectedAnneal, anneal_in_configurations

HOST_STATES, DEVICE_STATES = 7, 9
"""Largest number of states that an anneal has in memory at a time, unless runs are extrapolated; on
a device this includes the work space in which amplitudes are sorted."""


@overload
def anneal(
    H: QubitsLike | QubitHamiltonian,
    tau: float,
    method: StateMethod | None = None,
    *,
    initial: Initial | None = None,
    levels: int = 0,
    at: ArrayLike = (),
    observe: Observe = None,
    callback: Callback | None = None,
    checkpoint: Checkpoint | str | Path | None = None,
    progress: Progress = None,
    seed: Seed = 0,
    throw: bool = True,
) -> AnnealResult: ...


@overload
def anneal(
    H: QubitsLike | QubitHamiltonian,
    tau: Sequence[float] | NDArray[np.float64],
    method: StateMethod | None = None,
    *,
    initial: Initial | None = None,
    levels: int = 0,
    at: ArrayLike = (),
    observe: Observe = None,
    callback: Callback | None = None,
    checkpoint: Checkpoint | str | Path | None = None,
    progress: Progress = None,
    seed: Seed = 0,
    throw: bool = True,
) -> list[AnnealResult]: ...


@overload
def anneal(
    H: QubitsLike | QubitHamiltonian,
    tau: float,
    method: SelectedDynamics,
    *,
    initial: Initial | None = None,
    levels: int = 0,
    at: ArrayLike = (),
    observe: Observe = None,
    callback: Callback | None = None,
    checkpoint: Checkpoint | str | Path | None = None,
    progress: Progress = None,
    seed: Seed = 0,
    throw: bool = True,
) -> SelectedAnneal: ...


@overload
def anneal(
    H: QubitsLike | QubitHamiltonian,
    tau: Sequence[float] | NDArray[np.float64],
    method: SelectedDynamics,
    *,
    initial: Initial | None = None,
    levels: int = 0,
    at: ArrayLike = (),
    observe: Observe = None,
    callback: Callback | None = None,
    checkpoint: Checkpoint | str | Path | None = None,
    progress: Progress = None,
    seed: Seed = 0,
    throw: bool = True,
) -> list[SelectedAnneal]: ...


def anneal(
    H: QubitsLike | QubitHamiltonian,
    tau: float | Sequence[float] | NDArray[np.float64],
    method: AnnealMethod | None = None,
    *,
    initial: Initial | None = None,
    levels: int = 0,
    at: ArrayLike = (),
    observe: Observe = None,
    callback: Callback | None = None,
    checkpoint: Checkpoint | str | Path | None = None,
    progress: Progress = None,
    seed: Seed = 0,
    throw: bool = True,
) -> AnnealResult | list[AnnealResult] | SelectedAnneal | list[SelectedAnneal]:
    """Integrate the Schrödinger equation of a closed anneal, from s = 0 to 1 in time ``tau``.

    Parameters
    ----------
    H : AnnealHamiltonian, InhomogeneousHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        Hamiltonian; a problem is given the linear schedule and the driver ``-sum sigma_x``.
    tau : float or sequence of float
        Anneal time, with s = t / tau and hbar = 1 in the unit of the schedule; ns for a schedule in
        GHz. Several times give a list of results.
    method : SplitOperator, QutipODE or SelectedDynamics, optional
        Method of integration. The default is ``SplitOperator()`` as long as its vectors of 2^d
        amplitudes fit into memory, and ``SelectedDynamics()`` beyond.
    initial : array_like or mapping, optional
        Initial state: amplitudes (2^d,), occupations (d,) in qubit order, or occupations by label.
        By default the ground state of H(0); a reverse anneal needs another.
    levels : int
        Number of lowest levels of H(1) whose populations the result should contain.
    at : array_like of float
        Anneal fractions s at which the observables are measured and ``callback`` is called.
    observe : Observable, or sequence or mapping of observables, optional
        What is measured at the fractions ``at``, by default at the end: observables of
        :mod:`qxgap.observables`, arrays (2^d,) of values, ``qutip.Qobj``, or functions of s and the
        state. A mapping gives names. The result has the values as ``observations``.
    callback : callable, optional
        ``callback(s, state)`` is called at each fraction of ``at``, in rising order, with the state
        (2^d,) of the run that is reported. No state is stored; that run is repeated for it.
    checkpoint : Checkpoint, str or pathlib.Path, optional
        File in which the position is saved every minute. An anneal that finds the file continues
        from it, to the same last bit. It is for a SplitOperator without a device and for a single
        tau. Ctrl-C saves the position of that moment.
    progress : callable or bool, optional
        A function such as ``print``, which is called a few times per second with a line of text
        about the progress of the anneal; True for a line on stderr, False for nothing. By default
        the line is shown after two seconds, in terminals and notebooks. Only SplitOperator reports
        its progress.
    seed : int, numpy.random.Generator or None
        Seed of the eigensolver, where the ground state of H(0) or the levels of H(1) are computed.
    throw : bool
        Whether to raise IntegrationError if the tolerance is not reached within ``max_steps``;
        otherwise the ``status`` of the result reports it, as SelectedDynamics always does.

    Returns
    -------
    AnnealResult or list of AnnealResult
        The final state and what it says about the problem; a list if ``tau`` is a sequence. By
        SelectedDynamics a :class:`SelectedAnneal`, or a list of them: no state, but a success
        probability with its proven interval.

    Raises
    ------
    InputError
        For a tau that is negative or not finite; for one that the allowed steps cannot reach
        (before anything is computed, with an estimate of steps and time); for a schedule with
        A(0) = 0 without ``initial``; for an initial state of another shape or norm; for fractions
        outside [0, 1]; for observables that do not fit the problem; for a checkpoint that cannot be
        written or belongs to another anneal; for arguments that need a state, with
        SelectedDynamics.
    MemoryLimitError
        Before anything of size 2^d is allocated.
    IntegrationError
        If the tolerance is not reached and ``throw`` is true.

    See Also
    --------
    open_anneal : The same with a bath.
    anneal_many : Many small problems at once.

    Notes
    -----
    With ``observe``, SplitOperator refines its steps until the *states* at all fractions and at the
    end are accurate to ``tol`` in trace distance, which takes more steps than an accurate read-out
    at the end. The states at the fractions are held in memory meanwhile.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -0.5], [[0.0, 1.2], [0.0, 0.0]])
    >>> run = qx.anneal(qx.AnnealHamiltonian(problem), tau=10.0)
    >>> round(run.success_probability, 3)
    0.652
    >>> [round(run.success_probability, 2) for run in qx.anneal(problem, [1.0, 30.0])]
    [0.28, 0.94]
    >>> spins = qx.observables.Magnetization()
    >>> run = qx.anneal(problem, 30.0, at=[0.0, 0.5, 1.0], observe=[spins])
    >>> run.observations["magnetization"].round(2).tolist()
    [[0.0, 0.0], [-0.21, 0.1], [-0.9, 0.88]]
    """
    H, times = as_annealed(H), anneal_times(tau)
    observables = {} if observe is None else named_observables(observe)
    states_are_asked = initial is not None or levels or callback or checkpoint or np.size(at)
    states_are_asked = states_are_asked or bool(observables)
    if method is None:
        method = SplitOperator() if states_are_asked else default_method(H)
    method = checked_method(method)
    if isinstance(method, SelectedDynamics):
        if states_are_asked:
            raise InputError(
                "SelectedDynamics gives no state: leave out initial, levels, at, observe, callback "
                "and checkpoint, or use SplitOperator"
            )
        runs = _in_configurations(H, times, method, progress)
        return runs if np.ndim(tau) else runs[0]
    watch = _Watch(_fractions(at, callback, bool(observables)), observables, callback)
    if np.ndim(tau) and (callback or checkpoint):
        raise InputError("callback= and checkpoint= take a single tau; anneal one after another")
    if observables and checkpoint:
        raise InputError("an anneal with observe= cannot be continued; leave out checkpoint=")
    file = _writable_checkpoint(checkpoint, method)
    if not 0 <= levels <= H.dimension:
        raise InputError(f"levels = {levels} lies outside [0, {H.dimension}]")
    random_generator(seed)  # refuses an invalid seed, even if no random number is needed
    _require_reach(H, times, method, throw)
    _require_states(H, method)
    watch.require_valid(H)
    start = starting_state(H, initial, seed)
    results = []
    for time in times:
        head = f"tau = {time:g}: " if np.ndim(tau) else ""
        seen = SeenStates(watch.at, H.dimension) if observables else None
        final = _final_state(H, time, start, method, watch, seen, file, progress, head, throw)
        populations = level_populations(H, 1.0, final.state, levels, seed) if levels else None
        observations = watch.observations(H, time, seen, final, progress) if seen else None
        results.append(result_of(H, time, method, final, populations, observations))
    return results if np.ndim(tau) else results[0]


@dataclass(frozen=True)
class _Watch:
    """What is asked about the states on the way of an anneal, at the fractions ``at``."""

    at: NDArray[np.float64]
    observables: Mapping[str, Observable]
    callback: Callback | None

    def require_valid(self, H: QubitHamiltonian) -> None:
        """Raise an error unless all observables can be measured, and the states fit into memory."""
        for observable in self.observables.values():
            observable.require_valid(H)
        if self.observables:
            number = counted(self.at.size, "anneal fraction")
            require_memory(
                _state_bytes(H) + (16 * self.at.size << H.num_qubits),
                f"the states of {H.num_qubits} qubits at {number}",
                "give fewer fractions in at=, or use fewer qubits",
            )

    def observations(
        self,
        H: QubitHamiltonian,
        tau: float,
        seen: SeenStates,
        final: FinalState,
        progress: Progress,
    ) -> Observations:
        """Measure the observables in the states that were seen."""
        with followed(progress, f"observables of {H.num_qubits} qubits") as say:
            return observations_of(H, tau, self.observables, seen.s, seen.states, final.error, say)


def _final_state(
    H: QubitHamiltonian,
    tau: float,
    start: NDArray[np.complex128],
    method: StateMethod,
    watch: _Watch,
    seen: SeenStates | None,
    file: Checkpoint | None,
    progress: Progress,
    head: str,
    throw: bool,
) -> FinalState:
    """Integrate one anneal."""
    if isinstance(method, QutipODE):
        calls = [call for call in (seen and seen.record, watch.callback) if call]

        def show(s: float, state: NDArray[np.complex128]) -> None:
            for call in calls:
                call(s, state)

        return integrate_by_qutip(H, tau, start, method, watch.at, show if calls else None)
    with followed(progress, f"anneal of {H.num_qubits} qubits") as say:
        head = head if say is progress else f"tau = {tau:g}: "
        report = None if say is silent else partial(_tell, say, head)
        run = SplitRun(H, tau, start, method, watch.at, file, report, seen)
        return integrate_by_splitting(run, watch.callback, throw)


def default_method(H: QubitHamiltonian) -> SplitOperator | SelectedDynamics:
    """Return the method that is used for a Hamiltonian if none is given.

    Parameters
    ----------
    H : AnnealHamiltonian
        Hamiltonian of the anneal.

    Returns
    -------
    SplitOperator or SelectedDynamics
        The latter if the state vectors of the former do not fit into memory.
    """
    single = isinstance(H, AnnealHamiltonian) and not fits_in_memory(_state_bytes(H))
    return SelectedDynamics() if single else SplitOperator()


def _require_states(H: QubitHamiltonian, method: StateMethod) -> None:
    """Raise MemoryLimitError if the state vectors of an anneal do not fit into memory."""
    purpose = f"the state vectors of {H.num_qubits} qubits"
    if isinstance(method, SplitOperator) and method.device is not None:
        from ..annealing.torch_device import FLOAT, require_device, require_device_memory

        num_bytes = 2 * FLOAT[method.precision].itemsize * DEVICE_STATES << H.num_qubits
        require_device_memory(num_bytes, purpose, require_device(method.device))
    else:
        require_memory(_state_bytes(H), purpose)


def _state_bytes(H: QubitHamiltonian) -> int:
    """Return the bytes of the state vectors of an anneal."""
    return 16 * HOST_STATES << H.num_qubits


def _in_configurations(
    H: QubitHamiltonian, times: Sequence[float], method: SelectedDynamics, progress: Progress
) -> list[SelectedAnneal]:
    """Anneal in selected configurations, at each time."""
    if isinstance(H, InhomogeneousHamiltonian):
        raise InputError("SelectedDynamics needs one schedule for all qubits; use SplitOperator")
    results = []
    for time in times:
        with followed(progress, f"anneal of {H.num_qubits} qubits") as say:
            head = f"tau = {time:g}: "
            results.append(anneal_in_configurations(H, time, method, partial(_tell, say, head)))
    return results


def _tell(say: Say, head: str, text: str) -> None:
    say(f"{head}{text}")


def checked_method(method: AnnealMethod | None) -> AnnealMethod:
    """Return a method for closed anneals that can work on this machine; by default SplitOperator().

    Parameters
    ----------
    method : SplitOperator, QutipODE or SelectedDynamics, optional
        The method to be checked.

    Raises
    ------
    InputError
        For another object, and for a device that is not available.
    """
    method = method or SplitOperator()
    if not isinstance(method, AnnealMethod):
        raise InputError(
            f"method is {kind_of(method)}; without a bath give SplitOperator(...), QutipODE(...) or"
            " SelectedDynamics(...), and with a bath use open_anneal"
        )
    if isinstance(method, SplitOperator) and method.device is not None:
        from ..annealing.torch_device import require_device  # loads PyTorch

        require_device(method.device)
    return method


def _writable_checkpoint(
    checkpoint: Checkpoint | str | Path | None, method: AnnealMethod
) -> Checkpoint | None:
    """Return the checkpoint of an anneal after a test that its file can be written, or None."""
    file = Checkpoint(checkpoint) if isinstance(checkpoint, str | Path) else checkpoint
    if file is None:
        return None
    if not (isinstance(method, SplitOperator) and method.device is None):
        raise InputError(
            f"{method!r} cannot save its position; use SplitOperator without a device, or no "
            "checkpoint"
        )
    file.require_writable()
    return file


def _require_reach(
    H: QubitHamiltonian, times: Sequence[float], method: StateMethod, throw: bool
) -> None:
    """Raise InputError for anneal times that ``method`` cannot integrate within its steps."""
    for time in times:
        if isinstance(method, QutipODE):
            require_ode_reach(H, time, method.max_steps)
        else:
            require_reach(H, time, method, to_tol=throw)


def _fractions(at: ArrayLike, callback: Callback | None, is_observed: bool) -> NDArray[np.float64]:
    """Return the fractions s at which something is observed, in rising order."""
    fractions = np.unique(real_array("at", at))
    if is_observed and not fractions.size and callback is None:
        return np.ones(1)
    if (callback is None and not is_observed) != (fractions.size == 0):
        raise InputError("give both at= (fractions s) and callback= or observe=, or none of them")
    if not np.all((fractions >= 0) & (fractions <= 1)):
        raise InputError(f"at = {fractions.tolist()} must lie in [0, 1]")
    return fractions
