"""The function that anneals a system coupled to a bath, and its result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from ..annealing.accept import QubitsLike, as_qubits
from ..annealing.hamiltonian import AnnealHamiltonian
from ..dynamics.methods import DensityODE, OpenMethod, PauliMaster, QutipODE, Trajectories
from ..dynamics.reach import MAX_OPEN_QUBITS, anneal_times, require_ode_reach
from ..dynamics.readout import expectations
from ..dynamics.states import initial_state
from ..errors import InputError
from ..memory import require_memory
from ..progress import Progress, followed
from ..results import plain
from ..statistics.seeds import Seed, integer_seed, random_generator
from ..version import versions
from .baths import Bath, Baths, OhmicBath, as_baths
from .level_anneal import anneal_in_levels
from .level_result import LevelAnnealResult
from .master import integrate, lindbladian
from .open_readout import OpenReadOut
from .pauli import relax
from .qutip_solver import qutip_density
from .stages import Outcome, Stage
from .systems import Density, FullSystem
from .trajectories import TrajectoryAnnealResult, trajectory_anneal


@dataclass(frozen=True, eq=False, repr=False)
class OpenAnnealResult(OpenReadOut):
    """The final state of an open anneal, and what it says about the problem.

    Attributes
    ----------
    problem : QuboProblem
        Problem that was annealed.
    success_probability : float
        Probability of reading a ground state of the problem.
    energy : float
        Expectation of the problem's energy, offset included.
    residual_energy : float
        Energy minus the ground energy.
    tau : float
        Anneal time, in the unit of the schedule.
    density : ndarray of complex, shape (2^d, 2^d)
        Final density matrix in the computational basis; read-only.
    trace_error : float
        Deviation of the trace from 1 that the integrator made.
    lowest_eigenvalue : float
        Lowest eigenvalue of the density matrix. A value below 0 by far more than the tolerance
        shows that the Bloch-Redfield equation is used outside its range; see ``OhmicBath``.
    steps : int or None
        Time steps; None if the method does not say.
    method : DensityODE, PauliMaster or QutipODE
        Method of integration.
    bath : tuple of OhmicBath, Dephasing or Relaxation
        Baths that the qubits are coupled to.
    schedule : str
        Name of the schedule.
    driver : str
        Python expression of the driver.
    versions : mapping of str
        Versions of qxgap and of the packages on which the numbers depend.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -0.5], [[0.0, 1.2], [0.0, 0.0]])
    >>> run = qx.open_anneal(problem, 10.0, qx.Dephasing(rate=0.02))
    >>> round(run.success_probability, 3)
    0.587
    >>> run.density.shape
    (4, 4)
    """

    tau: float
    density: Density
    trace_error: float
    lowest_eigenvalue: float
    steps: int | None
    method: OpenMethod
    bath: tuple[Bath, ...]
    schedule: str
    driver: str
    versions: Mapping[str, str]

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Read-out probabilities, shape (2^d,), which sum to 1; rounding below 0 is cut off."""
        weights = np.maximum(self.density.diagonal().real, 0.0)
        return weights / weights.sum()

    def sample_info(self) -> dict[str, Any]:
        """Return what the ``info`` of samples says about this state.

        Returns
        -------
        dict of str
            Name of the sampler, the anneal time, and the bath.
        """
        return {"sampler": "master equation", "tau": self.tau, "bath": self._bath_text()}

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers of the result, without the density matrix.

        Returns
        -------
        dict of str
            The numbers by the names that the result of a closed anneal has too, and the provenance.
        """
        return plain(
            super().to_dict()
            | {
                "tau": self.tau,
                "trace_error": self.trace_error,
                "lowest_eigenvalue": self.lowest_eigenvalue,
                "steps": self.steps,
                "method": self.method,
                "bath": self._bath_text(),
                "schedule": self.schedule,
                "driver": self.driver,
                "versions": self.versions,
            }
        )

    def __str__(self) -> str:
        return self._sentence(f"{self._anneal_text()},")


@overload
def open_anneal(
    H: QubitsLike,
    tau: float,
    bath: Baths,
    method: OpenMethod | None = None,
    *,
    seed: Seed = 0,
    progress: Progress = None,
) -> OpenAnnealResult | LevelAnnealResult: ...


@overload
def open_anneal(
    H: QubitsLike,
    tau: float,
    bath: Baths,
    method: Trajectories,
    *,
    seed: Seed = 0,
    progress: Progress = None,
) -> TrajectoryAnnealResult: ...


def open_anneal(
    H: QubitsLike,
    tau: float,
    bath: Baths,
    method: OpenMethod | Trajectories | None = None,
    *,
    seed: Seed = 0,
    progress: Progress = None,
) -> OpenAnnealResult | LevelAnnealResult | TrajectoryAnnealResult:
    """Integrate a master equation from the ground state of H(0), with qubits coupled to a bath.

    Parameters
    ----------
    H : AnnealHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        Hamiltonian of at most 8 qubits, or of more with ``Trajectories()`` or if ``method`` follows
        few levels; a problem is given the linear schedule and the driver ``-sum sigma_x``.
    tau : float
        Anneal time; ns for a schedule in GHz.
    bath : OhmicBath, Dephasing or Relaxation, or a sequence of them
        Baths that each qubit is coupled to.
    method : DensityODE, PauliMaster, QutipODE or Trajectories, optional
        Method of integration. ``DensityODE()`` is the default. ``PauliMaster()`` is for ohmic baths
        and long anneals. With ``levels=m`` either of them follows the m lowest levels only, for
        ohmic baths and about 16 qubits. ``Trajectories()`` averages over wave functions, with
        Dephasing and Relaxation on as many qubits as fit into memory. ``QutipODE()`` uses
        ``qutip.mesolve`` or, with an OhmicBath on at most 4 qubits, ``qutip.brmesolve``; it is the
        default for an OhmicBath with ``secular``.
    seed : int, numpy.random.Generator or None
        Seed of the eigensolver, where the ground state of H(0) is computed, and of the
        trajectories, which are the same ones every time unless another seed is given.
    progress : callable or bool, optional
        A function such as ``print``, which is called with lines of text about what is going on;
        True for a line on stderr, False for nothing. By default the line is shown after two
        seconds, in terminals and notebooks.

    Returns
    -------
    OpenAnnealResult, LevelAnnealResult or TrajectoryAnnealResult
        The final density matrix and what it says about the problem; with ``levels=m`` the read-out
        probabilities, and how much the other levels matter; by Trajectories the average read-out
        with its uncertainty.

    Raises
    ------
    InputError
        For too many qubits, several anneal times, one that is out of reach, and a method that does
        not fit the bath.
    ConvergenceError
        If an eigen-solve fails.
    IntegrationError
        If the integrator fails, or does not reach its tolerance within ``max_steps``.

    See Also
    --------
    anneal : The same without a bath.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -0.5], [[0.0, 1.2], [0.0, 0.0]])
    >>> run = qx.open_anneal(problem, 10.0, qx.OhmicBath(temperature=0.2, coupling=1e-3))
    >>> round(run.success_probability, 3)
    0.651
    """
    H, baths = as_qubits(H), as_baths(bath)
    tau = _single_time(tau)
    random_generator(seed)  # refuses an invalid seed, even if no random number is needed
    task = f"open anneal of {H.num_qubits} qubits, tau = {tau:g}"
    if isinstance(method, Trajectories):
        with followed(progress, task) as say:
            return trajectory_anneal(H, tau, baths, method, integer_seed(seed), say)
    method = _checked_method(method, baths)
    ohmic = [bath for bath in baths if isinstance(bath, OhmicBath)]
    if not isinstance(method, QutipODE) and method.levels is not None:
        with followed(progress, task) as say:
            return anneal_in_levels(H, tau, ohmic, method, seed, say)
    _require_size(H)
    if not isinstance(method, PauliMaster):
        require_ode_reach(H, tau, method.max_steps)
    start = initial_state(H, seed)
    density: Density = np.outer(start, start.conj())
    whole, schedule = [Stage(0.0, 1.0, FullSystem(H))], H.schedule
    outcome = Outcome(density, None if isinstance(method, QutipODE) else 0)
    with followed(progress, task) as say:
        if tau == 0.0:
            pass
        elif isinstance(method, PauliMaster):
            outcome = relax(whole, schedule, tau, start, ohmic, method, lambda vectors: vectors)
        elif isinstance(method, QutipODE):
            outcome = Outcome(qutip_density(H, tau, density, baths, method), None)
        else:
            lindblad = _lindblad(H, baths)
            outcome = integrate(whole, schedule, tau, density, ohmic, method, say, lindblad)
    return _result(H, tau, outcome.density, outcome.steps, method, baths)


def _lindblad(H: AnnealHamiltonian, baths: Sequence[Bath]) -> sp.csr_array | None:
    """Return the superoperator of the baths that are not ohmic, if there are any."""
    d = H.num_qubits
    operators = [L for b in baths if not isinstance(b, OhmicBath) for L in b.operators(d)]
    return lindbladian(operators, H.dimension) if operators else None


def _single_time(tau: float) -> float:
    """Return the anneal time as a float; InputError for anything but one."""
    times = anneal_times(tau)
    if np.ndim(tau):
        raise InputError("open_anneal takes a single tau; anneal one after another")
    return times[0]


def _require_size(H: AnnealHamiltonian) -> None:
    """Raise InputError for too many qubits, and MemoryLimitError if the matrices do not fit."""
    d = H.num_qubits
    if d > MAX_OPEN_QUBITS:
        raise InputError(
            f"an open anneal of {d} qubits evolves {4**d} numbers, by products of 2^{d} x 2^{d} "
            f"matrices; that is for at most {MAX_OPEN_QUBITS} qubits. For more, "
            "DensityODE(levels=10) and PauliMaster(levels=10) follow the lowest levels with an "
            "OhmicBath, Trajectories() averages over wave functions with Dephasing and Relaxation, "
            "and gibbs(H, s, temperature) gives the equilibrium"
        )
    require_memory((400 + 40 * d) * 4**d, f"the density matrices of {d} qubits")


def _checked_method(method: OpenMethod | None, baths: Sequence[Bath]) -> OpenMethod:
    """Return a method that can treat these baths; InputError for one that cannot."""
    ohmic = [bath for bath in baths if isinstance(bath, OhmicBath)]
    secular = any(bath.secular is not None for bath in ohmic)
    if method is None:
        method = QutipODE() if secular else DensityODE()
    if not isinstance(method, DensityODE | PauliMaster | QutipODE):
        raise InputError(
            f"{method!r} evolves pure states; with a bath use DensityODE, PauliMaster or QutipODE"
        )
    if secular and isinstance(method, DensityODE):
        raise InputError("the secular approximation needs method=QutipODE(...), for d <= 4")
    if isinstance(method, PauliMaster) and len(ohmic) < len(baths):
        raise InputError("PauliMaster knows the rates of an OhmicBath only; use DensityODE")
    if isinstance(method, DensityODE) and method.levels is not None and len(ohmic) < len(baths):
        raise InputError(
            f"levels = {method.levels} needs an OhmicBath, which keeps a cold state in the lowest "
            "levels; other baths heat it out of them. Use Trajectories(), or levels=None for at "
            f"most {MAX_OPEN_QUBITS} qubits"
        )
    return method


def _result(
    H: AnnealHamiltonian,
    tau: float,
    density: Density,
    steps: int | None,
    method: OpenMethod,
    baths: tuple[Bath, ...],
) -> OpenAnnealResult:
    """Return the result of an integration, whose density matrix becomes read-only."""
    problem, trace = H.problem, float(np.trace(density).real)
    weights = density.diagonal().real / trace
    success, energy, residual = expectations(problem, weights)
    density.flags.writeable = False
    return OpenAnnealResult(
        problem=problem,
        tau=tau,
        density=density,
        success_probability=success,
        energy=energy,
        residual_energy=residual,
        trace_error=abs(trace - 1.0),
        lowest_eigenvalue=float(np.linalg.eigvalsh(density)[0]),
        steps=steps,
        method=method,
        bath=baths,
        schedule=H.schedule.name,
        driver=repr(H.driver),
        versions=versions(),
    )
