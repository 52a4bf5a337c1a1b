"""QuTiP: the anneal as a ``QobjEvo``, and the split operator as an integrator of ``qutip.sesolve``.

    evo = to_qobjevo(H, tau)
    qutip.sesolve(evo, psi0, times, e_ops=[...], options={"method": "qxgap_split"})

Importing this module loads QuTiP and registers the integrator ``"qxgap_split"``.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import qutip
import scipy.sparse as sp
from numpy.typing import NDArray
from qutip.core.data import Data, Dense
from qutip.solver.integrator import Integrator, IntegratorException

from ..annealing.accept import QubitHamiltonian, QubitsLike, as_annealed
from ..annealing.hamiltonian import AnnealHamiltonian
from ..checks import require_number
from ..errors import InputError
from ..memory import require_memory
from ..version import versions
from .error_control import state_distance
from .methods import SplitOperator
from .reach import require_reach
from .split import corners, evolve, step_edges
from .split_run import refinement

METHOD = "qxgap_split"
"""Name of the integrator in QuTiP's options."""

MATCH_RTOL = 1e-10
"""Largest relative difference of the terms of a QobjEvo from those of its anneal; a larger one
means that the terms were changed."""

END_RTOL = 1e-9
"""Fraction of tau by which times may lie outside [0, tau], because grids are rounded."""

NEGLIGIBLE = 1e-3
"""Part of the whole tolerance that rounding errors may use up in one interval, however short."""

LEAD = 3.0
"""Length of the first steps of an interval, in units of the longest steps that would have sufficed
for the interval before. They are longer, because the error is known only after the third run."""


class Strength(qutip.Coefficient):  # type: ignore[misc]
    """Strength of a term of an anneal, such as ``A(t / tau)``, times its phase factor.

    Outside [0, tau] the values at the ends hold. QuTiP keeps coefficients when it scales or copies
    an operator, so that an integrator can read the anneal from ``hamiltonian`` and ``tau``.

    Parameters
    ----------
    hamiltonian : AnnealHamiltonian
        Hamiltonian of the anneal.
    tau : float
        Anneal time.
    which : int
        Number of the term, as :func:`term_matrix` takes it.
    """

    def __init__(self, hamiltonian: QubitHamiltonian, tau: float, which: int) -> None:
        super().__init__({})
        self.hamiltonian, self.tau, self.which = hamiltonian, tau, which
        self._values = _term_strengths(hamiltonian)[:, which]

    def __call__(self, t: float, _args: Any = None, **_: Any) -> float:
        """Return the strength at time t; it takes no arguments."""
        schedule = self.hamiltonian.schedule
        s = min(max(t / self.tau, 0.0), 1.0)
        return schedule.angular * float(np.interp(s, schedule.s, self._values))

    def copy(self) -> Strength:
        """Return itself, because it never changes."""
        return self

    def conj(self) -> Strength:
        """Return itself, because it is real."""
        return self

    def __reduce__(self) -> Any:
        return Strength, (self.hamiltonian, self.tau, self.which)


def _term_strengths(H: QubitHamiltonian) -> NDArray[np.float64]:
    """Return the strength of every term at the breakpoints of the schedule, shape (n, terms)."""
    if isinstance(H, AnnealHamiltonian):
        return np.stack([H.schedule.A, H.schedule.B], axis=1)
    return np.concatenate([H.transverse, H.problem_terms], axis=1)


def term_matrix(H: QubitHamiltonian, which: int) -> sp.csr_array:
    """Return the matrix of a term of an anneal.

    Parameters
    ----------
    H : AnnealHamiltonian or InhomogeneousHamiltonian
        Hamiltonian of the anneal.
    which : int
        0 for the driver and 1 for the problem. Where each qubit has its own schedule: first a
        transverse field for each bit, then the occupation of each bit, then those of all pairs.

    Returns
    -------
    scipy.sparse.csr_array
        The matrix, shape (2^d, 2^d).
    """
    if isinstance(H, AnnealHamiltonian):
        return H.problem_matrix() if which else H.driver_matrix()
    d, index = H.num_qubits, np.arange(H.dimension)
    if which < d:
        minus = np.full(H.dimension, -1.0)
        return sp.csr_array((minus, (index, index ^ (1 << which))), shape=(H.dimension,) * 2)
    pairs = np.column_stack(np.triu_indices(d, 1)).tolist()
    bits = [which - d] if which < 2 * d else pairs[which - 2 * d]
    both = np.prod([(index >> bit) & 1 for bit in bits], axis=0)
    return sp.csr_array(sp.diags_array(both.astype(np.float64)))


def to_qobjevo(H: QubitsLike | QubitHamiltonian, tau: float) -> qutip.QobjEvo:
    """Return H(t / tau) as a QuTiP operator; ``qxgap.to_qobjevo`` documents it.

    Parameters
    ----------
    H : AnnealHamiltonian, InhomogeneousHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        Hamiltonian of the anneal.
    tau : float
        Anneal time.

    Raises
    ------
    InputError
        Unless 0 < tau < inf.
    """
    H = as_annealed(H)
    require_number(tau, "tau", "one anneal time")
    if not 0 < tau < math.inf:
        raise InputError(f"tau = {tau} must be positive and finite for a time-dependent operator")
    dims = [[2] * H.num_qubits] * 2

    def operator(which: int) -> qutip.Qobj:
        return qutip.Qobj(sp.csr_matrix(term_matrix(H, which), dtype=complex), dims=dims)

    present = np.flatnonzero(np.any(_term_strengths(H) != 0, axis=0)).tolist()
    if isinstance(H, AnnealHamiltonian):
        present = [0, 1]
    return qutip.QobjEvo([[operator(which), Strength(H, tau, which)] for which in present])


class SplitIntegrator(Integrator):  # type: ignore[misc]
    """Integrator of ``to_qobjevo(H, tau)`` by the layers of :class:`~qxgap.dynamics.SplitOperator`.

    Each interval between two times of ``tlist`` is integrated with finer and finer steps, as an
    anneal is, until the error of the state is within the interval's share of ``tol``. The evolution
    is unitary, so that these errors do not grow. Therefore ``tol`` bounds the error of the state at
    every time, in norm and with its phase: read-out distributions are accurate to ``tol`` in total
    variation, and expectation values to ``2 tol ||operator||``.

    The integrator evolves kets and operators (propagators, column by column) forward in time,
    within [0, tau].
    """

    integrator_options = {"tol": 1e-6, "order": 4, "nsteps": 1_000_000}  # noqa: RUF012
    method = METHOD
    # QuTiP 5.1 to 5.3 read these two, and pass the QobjEvo as ``system``.
    support_time_dependant = True
    supports_blackbox = False
    # QuTiP 5.4 reads this one, and passes the method ``matmul_data`` of the QobjEvo.
    rhs_format = "callable"

    def _prepare(self) -> None:
        self.name = "qxgap split operator"
        self._H, self._tau = anneal_of(self._right_hand_side())
        options = self.options
        self._method = SplitOperator(options["tol"], options["order"], options["nsteps"])
        self._first, self._corners = 1, corners(self._H.schedule)

    def _right_hand_side(self) -> qutip.QobjEvo:
        """Return the QobjEvo ``-i H(t / tau)``, which versions of QuTiP pass in different ways."""
        derivative = self.system if hasattr(self, "system") else self.derivative
        rhs = getattr(derivative, "__self__", derivative)
        if not isinstance(rhs, qutip.QobjEvo):
            raise InputError(
                f'method "{METHOD}" was given a function instead of an operator: use it in '
                "qutip.sesolve, with a result of qxgap.to_qobjevo"
            )
        return rhs

    def set_state(self, t: float, state0: Data) -> None:
        """Start from ``state0``, shape (2^d, k), at time t."""
        self._t, self._psi = float(t), state0.to_array().astype(np.complex128)
        require_memory(5 * self._psi.nbytes, f"the state vectors of {self._H.num_qubits} qubits")
        self._fraction(t)
        self._is_set = True

    def get_state(self, copy: bool = True) -> tuple[float, Data]:
        """Return time and state."""
        return self._t, Dense(self._psi, copy=copy)

    def integrate(self, t: float, copy: bool = True) -> tuple[float, Data]:
        """Evolve the state to time t.

        Raises
        ------
        IntegratorException
            If ``nsteps`` steps, or double precision, do not suffice.
        InputError
            For times that fall or lie outside [0, tau].
        """
        low, high = self._fraction(self._t), self._fraction(t)
        if t < self._t:
            raise InputError(f"time {t} follows {self._t}; the times of tlist must rise")
        if high > low:
            self._psi = self._advance(low, high)
        self._t = float(t)
        return self.get_state(copy)

    def _fraction(self, t: float) -> float:
        """Anneal fraction of a time; InputError if it lies outside the anneal."""
        s = t / self._tau
        if not -END_RTOL <= s <= 1 + END_RTOL:
            raise InputError(
                f"time {t} lies outside the anneal [0, {self._tau}]; shorten tlist or lengthen the "
                "tau of to_qobjevo"
            )
        return min(max(s, 0.0), 1.0)

    def _advance(self, low: float, high: float) -> NDArray[np.complex128]:
        """State at s = ``high``, from the state at s = ``low``."""
        method, inside = self._method, (self._corners > low) & (self._corners < high)
        marks = np.concatenate([[low], self._corners[inside], [high]])
        share = replace(method, tol=method.tol * (high - low))
        self._require_reach(share, marks)
        runs = refinement(self._H, self._tau, share, marks, state_distance, self._first)
        first_steps = runs.next_steps
        runs.converge(lambda steps: self._run(step_edges(self._H.schedule, steps, marks)))
        # The share of a very short interval is smaller than the rounding error of its steps.
        rounding = runs.safety * runs.rounding * runs.steps
        if runs.error > max(share.tol, min(rounding, NEGLIGIBLE * method.tol)):
            short = 2 * runs.steps >= method.max_steps
            raise IntegratorException(
                f"tol = {method.tol:g} is not reached in {runs.steps} steps"
                + (": loosen tol or raise nsteps" if short else ", exact to rounding: loosen tol")
            )
        # The next interval begins with steps ``LEAD`` times longer than its last run is expected to
        # need: those of this interval, or fewer if half its tolerance would have been enough.
        finer = self._first * float((runs.steps_taken / first_steps).min())
        enough = finer * (2 * runs.error / share.tol) ** (1 / runs.order)
        self._first = max(int(min(enough, finer) / LEAD), 1)
        return runs.state

    def _require_reach(self, method: SplitOperator, marks: NDArray[np.float64]) -> None:
        """IntegratorException, as QuTiP's integrators raise it, if ``nsteps`` is too small."""
        try:
            require_reach(self._H, self._tau, method, to_tol=True, marks=marks, option="nsteps")
        except InputError as error:
            raise IntegratorException(str(error)) from error

    def _run(self, edges: NDArray) -> NDArray[np.complex128]:
        """Evolve every column of the state through the steps between ``edges``."""
        columns, order = np.ascontiguousarray(self._psi.T), self.options["order"]
        ends = [evolve(self._H, self._tau, edges, column, order) for column in columns]
        return np.stack(ends, axis=1)

    @property
    def options(self) -> dict[str, Any]:
        """
        Supported options by qxgap_split method:

        tol : float, default: 1e-6
            Error allowed in the state over the whole anneal.

        order : int, default: 4
            Order of the splitting, 2 or 4.

        nsteps : int, default: 1_000_000
            Maximum number of steps between two times of tlist.
        """
        return dict(self._options)

    @options.setter
    def options(self, new_options: dict[str, Any]) -> None:
        Integrator.options.fset(self, new_options)


def register() -> None:
    """Register the method ``"qxgap_split"`` with ``qutip.sesolve``; a second time does no harm."""
    qutip.SESolver.add_integrator(SplitIntegrator, METHOD)


def version() -> tuple[str, str]:
    """Return name and version, which ``qutip.about()`` prints for packages of the QuTiP family.

    QuTiP finds this module by the entry point ``qutip.family`` of the installed package.

    Returns
    -------
    tuple of str
        Name and version.
    """
    return "qxgap", versions()["qxgap"]


def anneal_of(rhs: qutip.QobjEvo) -> tuple[QubitHamiltonian, float]:
    """Return the Hamiltonian and tau of the anneal of which ``rhs`` is ``-i H(t / tau)``.

    Parameters
    ----------
    rhs : qutip.QobjEvo
        Right-hand side of the Schrödinger equation.

    Raises
    ------
    InputError
        If it has other terms, or its terms were scaled or changed.
    """
    terms, sources = rhs.to_list(), {}
    for term in terms:
        strength = term[1] if isinstance(term, list) else None
        if not isinstance(strength, Strength):
            raise InputError(
                f'method "{METHOD}" integrates results of qxgap.to_qobjevo and no '
                "other operator: use another method, such as vern7"
            )
        sources[id(strength.hamiltonian), strength.tau] = strength.hamiltonian, strength.tau
    if len(sources) != 1:
        raise InputError(f'method "{METHOD}" integrates one anneal, not the sum of {len(sources)}')
    ((H, tau),) = sources.values()
    _check_terms(H, terms)
    return H, tau


def _check_terms(H: QubitHamiltonian, terms: list[Any]) -> None:
    """InputError unless the terms, applied to a random state, act as -i times those of H."""
    # Comparing products with one random vector costs much less than comparing matrices.
    v = np.random.default_rng(0).normal(size=H.dimension) + 0j
    probe = qutip.Qobj(v[:, None], dims=[[2] * H.num_qubits, [1] * H.num_qubits])
    present = np.flatnonzero(np.any(_term_strengths(H) != 0, axis=0)).tolist()
    remainder = {which: -1j * (term_matrix(H, which) @ v) for which in present}
    allowed = MATCH_RTOL * (1.0 + max(np.linalg.norm(part) for part in remainder.values()))
    for operator, strength in terms:
        remainder[strength.which] -= (operator @ probe).full().ravel()
    if max(np.linalg.norm(part) for part in remainder.values()) > allowed:
        raise InputError(
            f'method "{METHOD}": the operator was scaled or changed after to_qobjevo. Put the '
            "change into the problem, driver or schedule, or use another method, such as vern7"
        )


register()
