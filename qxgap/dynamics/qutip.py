"""The split operator as an integrator of ``qutip.sesolve``. Importing this registers it.

    qutip.sesolve(H.to_qobjevo(tau), psi0, times, e_ops=[...], options={"method": "qxgap_split"})

``AnnealHamiltonian.to_qobjevo`` imports it, so that the method is there when it can be used.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import qutip
from numpy.typing import NDArray
from qutip.core.data import Data, Dense
from qutip.solver.integrator import Integrator, IntegratorException

from ..annealing.hamiltonian import AnnealHamiltonian
from ..annealing.qobjevo import Strength
from ..errors import InputError
from ..memory import require_memory
from ..version import versions
from .closed import SplitOperator
from .reach import require_reach
from .refine import state_distance
from .run import refinement
from .split import corners, evolve, step_edges

METHOD = "qxgap_split"
"""The name in QuTiP's options."""

MATCH_RTOL = 1e-10
"""Terms of a QobjEvo that differ by more than this from those of the anneal are not its own."""

END_RTOL = 1e-9
"""Times may miss [0, tau] by this fraction of tau, as grids do by rounding."""

LEAD = 3.0
"""An interval begins with steps so many times longer than would have done for the one before it:
the third run is the first whose error is known and confirmed."""


class SplitIntegrator(Integrator):  # type: ignore[misc]
    """Integrates ``H.to_qobjevo(tau)`` with :class:`~qxgap.dynamics.SplitOperator`'s layers.

    Every interval between two times that are asked for is run with finer and finer steps, as an
    anneal is, until the error of the state is within the interval's share of ``tol``. As the
    evolution is unitary these errors do not grow, so ``tol`` bounds the error of the state, in
    norm and phase included, at every time: read-out distributions are right to ``tol`` in total
    variation, expectation values to ``2 tol ||operator||``.

    Kets and operators (propagators, column by column) are evolved, forward, within [0, tau].
    """

    integrator_options = {"tol": 1e-6, "order": 4, "nsteps": 1_000_000}  # noqa: RUF012
    method = METHOD
    # QuTiP 5.1 to 5.3 ask these two, and hand over the QobjEvo as ``system``.
    support_time_dependant = True
    supports_blackbox = False
    # QuTiP 5.4 asks this one, and hands over the method ``matmul_data`` of the QobjEvo.
    rhs_format = "callable"

    def _prepare(self) -> None:
        self.name = "qxgap split operator"
        self._H, self._tau = anneal_of(self._right_hand_side())
        options = self.options
        self._method = SplitOperator(options["tol"], options["order"], options["nsteps"])
        self._first, self._corners = 1, corners(self._H.schedule)

    def _right_hand_side(self) -> qutip.QobjEvo:
        """Return the QobjEvo ``-i H(t / tau)``, by whichever way this version of QuTiP gives it."""
        derivative = self.system if hasattr(self, "system") else self.derivative
        rhs = getattr(derivative, "__self__", derivative)
        if not isinstance(rhs, qutip.QobjEvo):
            raise InputError(
                f'method "{METHOD}" was given a function instead of an operator: use it in '
                "qutip.sesolve, with what AnnealHamiltonian.to_qobjevo returned"
            )
        return rhs

    def set_state(self, t: float, state0: Data) -> None:
        """Start from ``state0``, (2^d, k), at time t."""
        self._t, self._psi = float(t), state0.to_array().astype(np.complex128)
        require_memory(5 * self._psi.nbytes, f"the state vectors of {self._H.num_qubits} qubits")
        self._fraction(t)
        self._is_set = True

    def get_state(self, copy: bool = True) -> tuple[float, Data]:
        """Time and state."""
        return self._t, Dense(self._psi, copy=copy)

    def integrate(self, t: float, copy: bool = True) -> tuple[float, Data]:
        """Evolve to time t.

        Raises
        ------
        IntegratorException : if ``nsteps`` steps or double precision do not suffice.
        InputError : for times that fall, or lie outside [0, tau].
        """
        low, high = self._fraction(self._t), self._fraction(t)
        if t < self._t:
            raise InputError(f"time {t} follows {self._t}; the times of tlist must rise")
        if high > low:
            self._psi = self._advance(low, high)
        self._t = float(t)
        return self.get_state(copy)

    def _fraction(self, t: float) -> float:
        s = t / self._tau
        if not -END_RTOL <= s <= 1 + END_RTOL:
            raise InputError(
                f"time {t} lies outside the anneal [0, {self._tau}]; shorten tlist or lengthen the "
                "tau of to_qobjevo"
            )
        return min(max(s, 0.0), 1.0)

    def _advance(self, low: float, high: float) -> NDArray[np.complex128]:
        """The state at s = ``high``, from that at ``low``."""
        method, inside = self._method, (self._corners > low) & (self._corners < high)
        marks = np.concatenate([[low], self._corners[inside], [high]])
        share = replace(method, tol=method.tol * (high - low))
        how = share, marks, state_distance, self._first
        self._require_reach(share, marks)
        runs = refinement(self._H, self._tau, *how)
        first = runs.next
        while not runs.done:
            runs.take(self._run(step_edges(self._H.schedule, runs.next, marks)))
        if runs.error > share.tol:
            short = 2 * runs.steps >= method.max_steps
            raise IntegratorException(
                f"tol = {method.tol:g} is not reached in {runs.steps} steps"
                + (": loosen tol or raise nsteps" if short else ", exact to rounding: loosen tol")
            )
        finer = self._first * float((runs.taken / first).min())
        enough = finer * (2 * runs.error / share.tol) ** (1 / method.order)
        self._first = max(int(min(enough, finer) / LEAD), 1)
        return runs.state

    def _require_reach(self, method: SplitOperator, marks: NDArray[np.float64]) -> None:
        """IntegratorException, as QuTiP's integrators raise it, if ``nsteps`` cannot do."""
        try:
            require_reach(self._H, self._tau, method, to_tol=True, marks=marks, option="nsteps")
        except InputError as error:
            raise IntegratorException(str(error)) from error

    def _run(self, edges: NDArray) -> NDArray[np.complex128]:
        """Evolve every column of the state through the steps between ``edges``."""
        columns, order = np.ascontiguousarray(self._psi.T), self._method.order
        ends = [evolve(self._H, self._tau, edges, column, order) for column in columns]
        return np.stack(ends, axis=1)

    @property
    def options(self) -> dict[str, Any]:
        """
        Supported options by qxgap_split method:

        tol : float, default: 1e-6
            Error of the state allowed over the whole anneal.

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
    """Give ``qutip.sesolve`` the method ``"qxgap_split"``; repeating it does no harm."""
    qutip.SESolver.add_integrator(SplitIntegrator, METHOD)


def version() -> tuple[str, str]:
    """Return name and version, as ``qutip.about()`` asks a package of the QuTiP family for them.

    QuTiP finds this module by the entry point ``qutip.family`` of the installed package.
    """
    return "qxgap", versions()["qxgap"]


def anneal_of(rhs: qutip.QobjEvo) -> tuple[AnnealHamiltonian, float]:
    """The anneal and its tau of which ``rhs`` is ``-i H(t / tau)``.

    Raises
    ------
    InputError : if it has other terms, or its terms were scaled or changed.
    """
    terms, sources = rhs.to_list(), {}
    for term in terms:
        strength = term[1] if isinstance(term, list) else None
        if not isinstance(strength, Strength):
            raise InputError(
                f'method "{METHOD}" integrates what AnnealHamiltonian.to_qobjevo returned and no '
                "other operator: use another method, such as vern7"
            )
        sources[id(strength.hamiltonian), strength.tau] = strength.hamiltonian, strength.tau
    if len(sources) != 1:
        raise InputError(f'method "{METHOD}" integrates one anneal, not the sum of {len(sources)}')
    ((H, tau),) = sources.values()
    _check_terms(H, terms)
    return H, tau


def _check_terms(H: AnnealHamiltonian, terms: list[Any]) -> None:
    """InputError unless the terms, applied to a random state, act as -i times H_D and H_P."""
    v = np.random.default_rng(0).normal(size=H.dimension) + 0j
    probe = qutip.Qobj(v[:, None], dims=[[2] * H.num_qubits, [1] * H.num_qubits])
    remainder = np.stack([-1j * H.apply(1.0, 0.0, v), -1j * H.apply(0.0, 1.0, v)])
    allowed = MATCH_RTOL * (1.0 + np.linalg.norm(remainder))
    for operator, strength in terms:
        remainder[strength.which] -= (operator @ probe).full().ravel()
    if np.linalg.norm(remainder) > allowed:
        raise InputError(
            f'method "{METHOD}": the operator was scaled or changed after to_qobjevo. Put the '
            "change into the problem, driver or schedule, or use another method, such as vern7"
        )


register()
