"""What integrates the Schroedinger equation of an anneal, other than qxgap: the dynamics' peers.

Each is used as its documentation shows, on one thread, and written here from descriptions. Given
to them for free: their matrices and their compilation, which are not timed; the knob (tolerance
or number of steps) that ``dynamics_knobs.py`` found to be the cheapest that reaches
1e-6; and for the Krylov methods qxgap's fast product.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import expm_multiply

from benchmarks.dynamics import dynamics_krylov
from benchmarks.gap.gap_peers import matrices, quspin_hamiltonian
from qxgap import AnnealHamiltonian
from qxgap.dynamics.split import evolve, strengths

TAU = 50.0
"""Of every anneal; linear schedule, hbar = 1."""
TARGET = 1e-6
"""Error allowed in the success probability."""
AUTHORS_DT = 0.01
KRYLOV_TOL = 1e-7
"""Error in norm that all exponentials of a Krylov method may make together."""


@dataclass(frozen=True)
class Outcome:
    """Final state, (2^d,), applications of the Hamiltonian or layers, and time steps, if known."""

    state: NDArray[np.complex128]
    applications: int | None
    steps: int | None = None


Evolve = Callable[[NDArray[np.complex128], float, float], Outcome]
"""From a state at the first time to the second."""


@dataclass(frozen=True)
class Peer:
    """A solver with the way it is used.

    Attributes
    ----------
    prepare : (H, knob) -> Evolve.
    ladder : knobs from cheap to accurate, for ``dynamics_knobs.py``.
    knobs : by d, as chosen there; above the largest d that one's.
    adaptive : chooses its steps itself, so that to begin costs it a step or two.
    products : its applications are matrix-vector products; the gates ask these.
    """

    label: str
    prepare: Callable[[AnnealHamiltonian, float], Evolve]
    ladder: tuple[float, ...]
    knobs: Mapping[int, float] = field(default_factory=dict)
    adaptive: bool = False
    products: bool = True

    def knob(self, d: int) -> float:
        """The knob for d qubits."""
        return self.knobs[max((k for k in self.knobs if k <= d), default=min(self.knobs))]


def driver_strength(t: float) -> float:
    return 1.0 - t / TAU


def problem_strength(t: float) -> float:
    return t / TAU


class Counted:
    """``driver_strength`` that counts its calls: one for each right-hand side."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, t: float) -> float:
        """A(t)."""
        self.count += 1
        return driver_strength(t)

    def take(self) -> int:
        """The calls since it was asked last."""
        count, self.count = self.count, 0
        return count


def qutip_ode(name: str, layout: str = "csr") -> Callable[[AnnealHamiltonian, float], Evolve]:
    """``SESolver``; the knob is rtol, and atol a hundredth of it. Nothing but the end is stored."""

    def prepare(H: AnnealHamiltonian, rtol: float) -> Evolve:
        import qutip

        d, calls = H.num_qubits, Counted()
        driver, problem = (
            qutip.Qobj(matrix, dims=[[2] * d] * 2).to(layout) for matrix in matrices(H, complex)
        )
        options = {
            **{"method": name, "rtol": rtol, "atol": rtol / 100, "nsteps": 10**8},
            **{"store_states": False, "store_final_state": True, "progress_bar": ""},
        }
        solver = qutip.SESolver(
            qutip.QobjEvo([[driver, calls], [problem, problem_strength]]), options=options
        )

        def run(psi: NDArray, begin: float, end: float) -> Outcome:
            calls.take()
            start = qutip.Qobj(psi[:, None], dims=[[2] * d, [1] * d])
            state = solver.run(start, [begin, end]).final_state.full().ravel()
            return Outcome(state, calls.take())

        return run

    return prepare


def authors(H: AnnealHamiltonian, dt: float) -> Evolve:
    """The loop of the paper's code (arXiv 2604.25649, repository checc1/FS_QA), as described.

    Steps of dt = 0.01; in each the complex CSR matrix H(t) of its beginning is put together, and
    scipy's ``expm_multiply`` applies ``exp(-i H dt)``. The code's next act in each step, the levels
    by eigsh, is left out (the gap benchmark times that). Its products are not counted.
    """
    driver, problem = matrices(H, complex)

    def run(psi: NDArray, begin: float, end: float) -> Outcome:
        steps = round((end - begin) / dt)
        for t in np.linspace(begin, end, steps, endpoint=False).tolist():
            operator = driver_strength(t) * driver + problem_strength(t) * problem
            psi = expm_multiply(-1j * operator * dt, psi)
        return Outcome(psi, None, steps)

    return run


def quspin(H: AnnealHamiltonian, rtol: float) -> Evolve:
    """``hamiltonian.evolve`` with its default solver, dop853."""
    calls = Counted()
    operator = quspin_hamiltonian(H, calls, problem_strength)

    def run(psi: NDArray, begin: float, end: float) -> Outcome:
        calls.take()
        tolerances = {"rtol": rtol, "atol": rtol / 100, "nsteps": 10**8}
        return Outcome(operator.evolve(psi, begin, end, **tolerances).ravel(), calls.take())

    return run


def dynamiqs(H: AnnealHamiltonian, rtol: float) -> Evolve:
    """``sesolve`` with Dopri8 (13 right-hand sides a step) on diagonal-sparse operators."""
    import dynamiqs as dq

    dq.set_precision("double")
    d, layout = H.num_qubits, dq.dia
    eye, flip = dq.eye(2, layout=layout), dq.sigmax(layout=layout)
    driver = sum(-dq.tensor(*(flip if p == q else eye for p in range(d))) for q in range(d))
    problem = dq.sparsedia_from_dict({0: H.diagonal.astype(complex)}, dims=(2,) * d)
    operator = dq.modulated(driver_strength, driver) + dq.modulated(problem_strength, problem)
    method = dq.method.Dopri8(rtol=rtol, atol=rtol / 100, max_steps=10**7)

    def run(psi: NDArray, begin: float, end: float) -> Outcome:
        start = dq.asqarray(psi[:, None], dims=(2,) * d)
        result = dq.sesolve(
            operator, start, [begin, end], method=method, save_states=False, progress_meter=False
        )
        state = np.asarray(result.final_state.to_jax()).ravel()
        steps = int(result.infos.nsteps)
        return Outcome(state, 13 * steps, steps)

    return run


def emu_sv(H: AnnealHamiltonian, steps: float) -> Evolve:
    """emu-sv's stepper: exponentials of the midpoint's Hamiltonian by Lanczos."""
    import torch
    from emu_sv.hamiltonian import RydbergHamiltonian
    from emu_sv.time_evolution import EvolveStateVector

    torch.set_num_threads(1)
    calls = Counted()

    class CountingHamiltonian(RydbergHamiltonian):
        def __mul__(self, vec: torch.Tensor) -> torch.Tensor:
            calls(0.0)
            return super().__mul__(vec)

    import emu_sv.time_evolution.torch as stepping

    stepping.RydbergHamiltonian = CountingHamiltonian
    d, stepper = H.num_qubits, EvolveStateVector()
    weights, h = torch.tensor(H.driver.weights(d)), torch.tensor(H.problem.h)
    J, still = torch.tensor(H.problem.J + H.problem.J.T), torch.zeros(d, dtype=torch.float64)

    def run(psi: NDArray, begin: float, end: float) -> Outcome:
        calls.take()
        n = max(round(steps * (end - begin) / TAU), 1)
        dt, state = (end - begin) / n, torch.tensor(psi)
        for k in range(n):
            t = begin + (k + 0.5) * dt
            A, B = driver_strength(t), problem_strength(t)
            state, _ = stepper.apply(
                dt, -2 * A * weights, -B * h, still, B * J, state, KRYLOV_TOL / steps, []
            )
        return Outcome(state.numpy(), calls.take(), n)

    return run


Layers = Callable[[NDArray, NDArray, NDArray], None]
"""(psi (2, 2^d), phases (n + 1,), angles (n,)): layers and a last phase, in place."""


def qokit_layers(H: AnnealHamiltonian) -> Layers:
    """QOKit's compiled loop over QAOA layers, taken out of the package as ``pip`` installs it.

    The package itself wants forty others at fixed versions, so ``--no-deps``: its extension
    ``simulator`` is a plain C library (qokit/fur/c/csim), gcc -O3.
    """
    found = find_spec("simulator")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("No module named 'simulator' (pip install --no-deps qokit)")
    apply = ctypes.CDLL(found.origin).apply_qaoa_furx
    array = np.ctypeslib.ndpointer(np.float64, flags="C_CONTIGUOUS")
    apply.argtypes = [*[array] * 5, ctypes.c_uint, ctypes.c_size_t, ctypes.c_size_t]
    apply.restype = None
    weight, diagonal = float(H.driver_weights[0]), np.ascontiguousarray(H.diagonal)

    def run(psi: NDArray, phases: NDArray, angles: NDArray) -> None:
        gammas, betas = 2.0 * phases, np.append(-weight * angles, 0.0)
        apply(psi[0], psi[1], gammas, betas, diagonal, H.num_qubits, H.dimension, gammas.size)

    return run


def qokit(H: AnnealHamiltonian, steps: float) -> Evolve:
    """Second-order Trotter steps, as a QAOA of that many layers; the knob is their number."""
    layers = qokit_layers(H)

    def run(psi: NDArray, begin: float, end: float) -> Outcome:
        n = max(round(steps * (end - begin) / TAU), 1)
        edges = np.linspace(begin, end, n + 1) / TAU
        parts = np.stack([psi.real, psi.imag])
        layers(parts, *strengths(H.schedule, TAU, edges, order=2))
        return Outcome(parts[0] + 1j * parts[1], n, n)

    return run


def krylov(scheme: dynamics_krylov.Magnus) -> Callable[[AnnealHamiltonian, float], Evolve]:
    """A Magnus integrator with qxgap's product; the knob is the number of steps."""

    def prepare(H: AnnealHamiltonian, steps: float) -> Evolve:
        each = KRYLOV_TOL / steps / len(scheme.weights)
        H.apply(1.0, 0.0, np.zeros(H.dimension, dtype=complex))

        def at(t: float) -> tuple[float, float]:
            return driver_strength(t), problem_strength(t)

        def run(psi: NDArray, begin: float, end: float) -> Outcome:
            n = max(round(steps * (end - begin) / TAU), 1)
            times = np.linspace(begin, end, n + 1)
            return Outcome(*dynamics_krylov.evolve(scheme, H.apply, at, psi, times, each), n)

        return run

    return prepare


def fixed_steps(H: AnnealHamiltonian, steps: float) -> Evolve:
    """Ours without its error control: that many steps of order 4, six layers each."""

    def run(psi: NDArray, begin: float, end: float) -> Outcome:
        n = max(round(steps * (end - begin) / TAU), 1)
        edges = np.linspace(begin, end, n + 1) / TAU
        return Outcome(evolve(H, TAU, edges, psi, 4), 6 * n, n)

    return run


TOLERANCES = tuple(float(f"{m}e-{e}") for e in range(4, 9) for m in (3, 1))
STEPS = tuple(round(10 * 1.25**k) for k in range(30))
PEERS = {
    "authors": Peer("authors' loop, dt = 0.01", authors, (AUTHORS_DT,), {0: AUTHORS_DT}),
    "qutip-dop853": Peer(
        "QuTiP CSR, dop853", qutip_ode("dop853"), TOLERANCES, {8: 3e-6, 12: 1e-6}, adaptive=True
    ),
    "qutip-vern7": Peer(
        "QuTiP CSR, vern7", qutip_ode("vern7"), TOLERANCES, {8: 1e-4, 12: 3e-5}, adaptive=True
    ),
    "qutip-vern9": Peer(
        "QuTiP CSR, vern9", qutip_ode("vern9"), TOLERANCES, {0: 1e-5}, adaptive=True
    ),
    "qutip-adams": Peer(
        "QuTiP CSR, adams", qutip_ode("adams"), TOLERANCES, {0: 3e-7}, adaptive=True
    ),
    "quspin": Peer("QuSpin evolve, dop853", quspin, TOLERANCES, {8: 3e-7, 12: 1e-7}, adaptive=True),
    "dynamiqs": Peer("dynamiqs DIA, Dopri8", dynamiqs, TOLERANCES, {0: 1e-7}, adaptive=True),
    "emu-sv": Peer("emu-sv stepper", emu_sv, STEPS, {0: 3309}),
    "qokit": Peer(
        "QOKit's C layers, order 2", qokit, STEPS, {8: 867, 10: 1355, 12: 867}, products=False
    ),
    "midpoint-krylov": Peer(
        "midpoint exponential, Lanczos", krylov(dynamics_krylov.MIDPOINT), STEPS, {0: 3309}
    ),
    "cfm4-krylov": Peer(
        "CF4:2 Magnus, Lanczos", krylov(dynamics_krylov.CFM4), STEPS, {8: 60, 10: 75, 12: 60}
    ),
}
OWN = {"fixed": Peer("qxgap, fixed steps", fixed_steps, STEPS, {0: 48}, products=False)}
