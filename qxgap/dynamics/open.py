"""The open-system anneal: master equations of a few qubits and their bath."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import dimod
import numpy as np
import scipy.integrate
from numpy.typing import NDArray

from ..annealing.accept import QubitsLike, as_qubits
from ..annealing.hamiltonian import AnnealHamiltonian
from ..errors import InputError
from ..memory import require_memory
from ..problem.qubo import QuboProblem
from ..version import versions
from .baths import Bath, Baths, OhmicBath, as_baths
from .closed import AnnealMethod, IntegrationError, QutipODE
from .initial import initial_state
from .master import Density, MasterEquation
from .open_qutip import qutip_density
from .pauli import PauliMaster, relaxed_density
from .reach import require_ode_reach, require_steps, require_tolerances
from .readout import outcome, read_out

MAX_QUBITS = 8
"""The products of 2^d x 2^d matrices, d of them a step, take hours beyond."""

MAX_RESTARTS = 16
"""Schedules of at most so many pieces are integrated piece by piece."""


@dataclass(frozen=True)
class DensityODE:
    """Dormand-Prince of order 8 on the density matrix, as matrix products.

    Parameters
    ----------
    rtol, atol : of every element and step; they bound no global error.
    max_steps : of the whole anneal.
    """

    rtol: float = 1e-8
    atol: float = 1e-10
    max_steps: int = 1_000_000

    def __post_init__(self) -> None:
        require_tolerances(self.rtol, self.atol)
        require_steps(self.max_steps)


@dataclass(frozen=True, eq=False)
class OpenAnnealResult:
    """The final state of an open anneal and what it says about the problem.

    Attributes
    ----------
    problem : what was annealed.
    tau : anneal time, in the unit of the schedule.
    density : (2^d, 2^d) complex128, in the computational basis; read-only.
    success_probability : of reading a ground state of the problem.
    energy : expectation of the problem's energy, offset included.
    residual_energy : ``energy`` minus the ground energy.
    trace_error : ``|trace - 1|``, which the integrator made.
    lowest_eigenvalue : of the density matrix. Far below the integrator's tolerance, it tells how
        far the Bloch-Redfield equation has left its range (see ``OhmicBath``).
    steps : time steps taken; None if the method does not tell.
    method, bath, schedule, driver, instance_hash, versions : provenance.
    """

    problem: QuboProblem
    tau: float
    density: Density
    success_probability: float
    energy: float
    residual_energy: float
    trace_error: float
    lowest_eigenvalue: float
    steps: int | None
    method: str
    bath: str
    schedule: str
    driver: str
    versions: Mapping[str, str]

    @property
    def instance_hash(self) -> str:
        """Content hash of the problem."""
        return self.problem.content_hash

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """(2^d,) read-out probabilities, summing to 1; rounding below 0 is cut off."""
        weights = np.maximum(self.density.diagonal().real, 0.0)
        return weights / weights.sum()

    def sample(
        self, num_reads: int, seed: int | np.random.Generator | None = None
    ) -> dimod.SampleSet:
        """Read the final state out ``num_reads`` times: one BINARY row per read, as drawn."""
        info = {"sampler": "master equation", "tau": self.tau, "bath": self.bath}
        return read_out(self.problem, self.probabilities, num_reads, seed, info)

    def __str__(self) -> str:
        return (
            f"success probability {self.success_probability:.6g} at tau = {self.tau:g}, residual "
            f"energy {self.residual_energy:.4g}, {self.bath}"
        )


def open_anneal(
    H: QubitsLike,
    tau: float,
    bath: Baths,
    method: AnnealMethod | DensityODE | PauliMaster | None = None,
    *,
    seed: int = 0,
) -> OpenAnnealResult:
    """What ``anneal(..., bath=bath)`` does: anneal from the ground state of H(0), coupled to baths.

    Parameters
    ----------
    tau : total time; ns for a schedule in GHz.
    bath : an OhmicBath, Dephasing or Relaxation, or several.
    method : ``DensityODE`` (default; d <= 8), ``PauliMaster`` (ohmic baths; d <= 8; long anneals),
        or ``QutipODE``, through ``qutip.mesolve`` or ``brmesolve`` (default for an OhmicBath with
        ``secular``; d <= 8 and d <= 4).
    seed : of the eigensolver, where the ground state of H(0) is not the uniform one.

    Raises
    ------
    InputError : for too many qubits, and methods that do not fit the bath.
    IntegrationError : if the integrator fails.
    """
    H = as_qubits(H)
    baths = as_baths(bath)
    secular = any(getattr(one, "secular", None) is not None for one in baths)
    _check_size(H)
    if method is None:
        method = QutipODE() if secular else DensityODE()
    if not isinstance(method, DensityODE | PauliMaster | QutipODE):
        raise InputError(
            f"{method!r} evolves pure states; with a bath use DensityODE, PauliMaster or QutipODE"
        )
    if secular and isinstance(method, DensityODE):
        raise InputError("the secular approximation needs method=QutipODE(...), for d <= 4")
    if not isinstance(method, PauliMaster):
        require_ode_reach(H, tau, method.max_steps)
    start = initial_state(H, seed)
    density, steps = np.outer(start, start.conj()), None
    if isinstance(method, PauliMaster):
        density, steps = _relaxed(H, tau, start, baths, method) if tau else (density, 0)
    elif isinstance(method, QutipODE):
        density = qutip_density(H, tau, density, baths, method) if tau else density
    else:
        density, steps = _integrate(H, tau, density, MasterEquation(H, tau, baths), method)
    told = baths[0] if len(baths) == 1 else baths
    return _result(H, tau, density, steps, repr(method), repr(told))


def _relaxed(
    H: AnnealHamiltonian,
    tau: float,
    start: NDArray[np.complex128],
    baths: Sequence[Bath],
    method: PauliMaster,
) -> tuple[Density, int]:
    ohmic = tuple(bath for bath in baths if isinstance(bath, OhmicBath))
    if len(ohmic) < len(baths):
        raise InputError("PauliMaster knows the rates of an OhmicBath only; use DensityODE")
    return relaxed_density(H, tau, start, ohmic, method)


def _check_size(H: AnnealHamiltonian) -> None:
    d = H.num_qubits
    if d > MAX_QUBITS:
        raise InputError(
            f"an open anneal of {d} qubits evolves {4**d} numbers, by products of 2^{d} x 2^{d} "
            f"matrices; that is for at most {MAX_QUBITS} qubits. gibbs(H, s, temperature) gives "
            "the equilibrium for more"
        )
    require_memory((400 + 40 * d) * 4**d, f"the density matrices of {d} qubits")


def _integrate(
    H: AnnealHamiltonian, tau: float, density: Density, rhs: MasterEquation, method: DensityODE
) -> tuple[Density, int]:
    """Final state and steps, restarting at breakpoints if they are few."""
    s = H.schedule.s if H.schedule.s.size <= MAX_RESTARTS + 1 else np.array([0.0, 1.0])
    steps, shape = 0, density.shape

    def flat(t: float, y: NDArray) -> NDArray:
        return rhs(t, y.reshape(shape)).ravel()

    for low, high in zip(tau * s[:-1], tau * s[1:], strict=True):
        if high == low:
            continue
        solver = scipy.integrate.DOP853(
            flat, low, density.ravel(), high, rtol=method.rtol, atol=method.atol
        )
        while solver.status == "running":
            message, steps = solver.step(), steps + 1
            if solver.status == "failed" or steps >= method.max_steps:
                raise IntegrationError(
                    f"open anneal stopped at s = {solver.t / tau:.3g} after {steps} steps: "
                    f"{message or 'max_steps reached; raise it or shorten tau'}"
                )
        density = solver.y.reshape(shape)
    return density, steps


def _result(
    H: AnnealHamiltonian, tau: float, density: Density, steps: int | None, method: str, bath: str
) -> OpenAnnealResult:
    problem, trace = H.problem, float(np.trace(density).real)
    weights = density.diagonal().real / trace
    success, energy, residual = outcome(problem, weights)
    density.flags.writeable = False
    return OpenAnnealResult(
        problem=problem,
        tau=float(tau),
        density=density,
        success_probability=success,
        energy=energy,
        residual_energy=residual,
        trace_error=abs(trace - 1.0),
        lowest_eigenvalue=float(np.linalg.eigvalsh(density)[0]),
        steps=steps,
        method=method,
        bath=bath,
        schedule=H.schedule.name,
        driver=repr(H.driver),
        versions=versions(),
    )
