"""The lowest levels at one point of an anneal, in a selected set of configurations.

Beyond about 25 qubits no vector of 2^d amplitudes fits into memory. But in the mean-field frame the
low states live on few configurations, above all late in the anneal, where the gap is smallest. The
set grows where the states couple most strongly to the outside (heat-bath selection), and what is
left out is corrected by perturbation theory of second order, for all wanted levels together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.linalg import aslinearoperator

from ...annealing.accept import QubitsLike, as_qubits
from ...annealing.frame import ProductFrame, product_frames
from ...annealing.hamiltonian import AnnealHamiltonian
from ...checks import require_whole
from ...errors import InputError
from ...problem import lowest_states
from ...results import Result, plain
from .configurations import ConfigurationSet, Words, words_of
from .selection import SelectedConfigurations
from .set_solver import lowest_within
from .terms import frame_terms

Array = NDArray[np.float64]

NUM_STARTS = 20
"""Number of low classical states from which mean-field solutions and the first set start."""

MAX_CONTRIBUTIONS = 4_000_000
"""Largest number of contributions of a correction; its threshold is raised to that end."""

STEP_GROWTH = 1.3
"""From one correction to the next the set grows by at least this factor, if it can."""

SMALL_SET, SMALL_SET_THRESHOLD = 1000, 3e-3
"""A smaller set is cheap, so that it is grown to this threshold before anything is said of it."""

NUM_DRESSED = 8
"""Number of low classical states that are in the first set with all their flips of one qubit."""

HALFWAY = 0.5
"""A qubit whose direction has a smaller modulus along z counts as turned halfway."""

MOST_HALFWAY = 8
"""At most so many qubits count as turned halfway."""

CUT_REDUCTION = 0.1
"""Factor by which a correction lowers its cut where it counts few configurations."""

LEAST_CUT = 1e-8
"""A correction counts no contributions below this, relative to the energy of an excited qubit."""

SETTLED_GROWTH = 0.02
"""At one threshold the set is grown until a step adds less than this share of its members."""


@dataclass(frozen=True, eq=False, repr=False)
class SelectedLevels(Result):
    """The lowest levels in one set of configurations.

    Attributes
    ----------
    threshold : float
        The threshold of the selection, in the unit of the Hamiltonian.
    num_configurations : int
        Size of the set.
    num_outside : int
        Number of configurations outside the set in the correction.
    ritz : ndarray of float, shape (k,)
        The levels within the set, without the problem's offset. The j-th is a proven upper bound of
        the j-th exact level, to rounding (Courant, Fischer).
    corrected : ndarray of float, shape (k,)
        The levels with the correction: estimates, no bounds.
    variance : ndarray of float, shape (k,)
        ``|(H - E) v|^2`` of each state, as far as the correction counts it.
    is_complete : bool
        Whether the set is closed: nothing outside couples to it, and the levels are exact.
    """

    threshold: float
    num_configurations: int
    num_outside: int
    ritz: Array
    corrected: Array
    variance: Array
    is_complete: bool

    def to_dict(self) -> dict[str, Any]:
        """Return the levels and the sizes as plain Python values.

        Returns
        -------
        dict of str
            The attributes by name; arrays as lists.
        """
        return plain(vars(self))

    def __str__(self) -> str:
        levels = ", ".join(f"{level:.6g}" for level in self.corrected)
        upper = ", ".join(f"{level:.6g}" for level in self.ritz)
        return (
            f"Lowest levels, estimated in {self.num_configurations} configurations: {levels}; "
            f"none lies above {upper}."
        )


class Expansion:
    """The set of configurations at one point of an anneal, and the states in it.

    Parameters
    ----------
    frame : ProductFrame
        The frame in which configurations are sets of excited qubits.
    num_levels : int
        Number k of levels.
    method : SelectedConfigurations
        Thresholds and limits.
    starts : ndarray of uint64, shape (n, w)
        Configurations of the first set besides the product state and single excitations.
    """

    def __init__(
        self,
        frame: ProductFrame,
        num_levels: int,
        method: SelectedConfigurations,
        starts: Words | None = None,
    ) -> None:
        self.frame, self.num_levels, self.method = frame, num_levels, method
        self.terms = terms = frame_terms(frame)
        self.configurations = ConfigurationSet(terms)
        d = terms.num_qubits
        self.configurations.add(words_of([[], *([p] for p in range(d))], d))
        if starts is not None:
            self.configurations.add(starts)
        while len(self.configurations) < min(num_levels, 2**d):
            self._grow_by_pairs()
        self.values, self.vectors = np.zeros(0), np.zeros((0, 0))
        self._solve()

    def _grow_by_pairs(self) -> None:
        """Add all pairs of excited qubits, and for tiny problems the sets of three and more."""
        d, members = self.terms.num_qubits, self.configurations.words
        bits = words_of([[p] for p in range(d)], d)
        self.configurations.add(np.concatenate([members | bit for bit in bits]))

    def levels(self) -> Iterator[SelectedLevels]:
        """Yield the levels of the first set, and those at one threshold after the other.

        The set grows in between. Thresholds at which it grows little are left out: they would say
        that nothing changes. The last levels are those at the smallest threshold, of a full set or
        of a closed one.
        """
        step = self._corrected(self.method.first_threshold / self.method.reduction * self._scale)
        yield step
        before = len(self.configurations)
        if step.is_complete or before >= self.method.max_configurations:
            return
        for relative in self.method.thresholds():
            full, size = self.grow(relative), len(self.configurations)
            is_last = full or relative == self.method.last_threshold
            is_rough = size < SMALL_SET and relative > SMALL_SET_THRESHOLD
            if (size < STEP_GROWTH * before or is_rough) and not is_last:
                continue
            before, step = size, self._corrected(relative * self._scale)
            yield step
            if full or step.is_complete:
                return

    @property
    def _scale(self) -> float:
        """The largest energy of one excited qubit, to which thresholds are relative."""
        return float(np.abs(self.terms.excitation).max())

    def grow(self, relative: float) -> bool:
        """Grow the set until it changes little; return whether it has reached its largest size.

        Parameters
        ----------
        relative : float
            The threshold, relative to the largest energy of one excited qubit.

        Returns
        -------
        bool
            Whether the set is full.
        """
        threshold = relative * self._scale
        while len(self.configurations) < self.method.max_configurations:
            before = len(self.configurations)
            added = self.configurations.grow(np.abs(self.vectors).max(axis=1), threshold)
            if added:
                self._solve()
            if added <= SETTLED_GROWTH * before:
                return False
        return True

    def occupations(self) -> tuple[Array, Array]:
        """Return what the states say of every qubit.

        Returns
        -------
        occupations : ndarray of float, shape (d, k)
            The probability that the variable is 1.
        flips : ndarray of float, shape (d, k)
            The expectation of ``sigma_x``.
        """
        return self._occupations_in(self.vectors)

    def localized(self, i: int, j: int) -> tuple[Array, Array]:
        """Return the occupations of the two states between which two levels cross.

        At an avoided crossing both levels are equal mixtures of the same two states. These are the
        mixtures of the levels in which the most changed variable has its extreme occupations.

        Parameters
        ----------
        i, j : int
            The two levels.

        Returns
        -------
        tuple of ndarray of float, shape (d,)
            The occupations of the two states.
        """
        pair = self.vectors[:, [i, j]]
        own = self._occupations_in(np.column_stack([pair, pair.sum(axis=1) / np.sqrt(2)]))[0]
        mixed = own[:, 2] - own[:, :2].mean(axis=1)
        spread = np.hypot(own[:, 0] - own[:, 1], 2 * mixed)
        p = int(np.argmax(spread))
        _, mixture = np.linalg.eigh([[own[p, 0], mixed[p]], [mixed[p], own[p, 1]]])
        occupations = self._occupations_in(pair @ mixture)[0]
        return occupations[:, 0], occupations[:, 1]

    def _occupations_in(self, vectors: Array) -> tuple[Array, Array]:
        """Return occupations and flips in any states of the set."""
        excited, flipped = self.configurations.one_qubit(vectors)
        c, s = (f(self.frame.theta)[:, None] for f in (np.cos, np.sin))
        return (1 - c) / 2 + c * excited + s / 2 * flipped, s * (1 - 2 * excited) + c * flipped

    def _solve(self) -> None:
        """Solve for the wanted levels within the set, from the states that are known."""
        matrix = self.configurations.matrix()
        n, k = matrix.shape[0], min(self.num_levels, matrix.shape[0])
        start = np.zeros((n, self.vectors.shape[1]))
        start[: len(self.vectors)] = self.vectors
        norm = float(np.abs(matrix).sum(axis=1).max())
        pairs = lowest_within(
            aslinearoperator(matrix), k, norm, matrix.diagonal(), start, self.method.tol
        )
        self.values, self.vectors = pairs.values, pairs.vectors

    def _corrected(self, threshold: float) -> SelectedLevels:
        """Return the levels with what the configurations outside add in second order.

        The correction is an effective Hamiltonian of all wanted levels, symmetric in its two
        energy denominators (quasi-degenerate perturbation theory), because levels that lie close to
        each other are also mixed by what is outside.
        """
        cut = self.method.share * threshold
        while self.configurations.num_contributions(self.vectors, cut) > MAX_CONTRIBUTIONS:
            cut *= 2
        while True:
            effective, variance, outside = self._second_order(cut)
            if outside >= len(self.configurations) or cut <= LEAST_CUT * self._scale:
                break
            cut *= CUT_REDUCTION  # few configurations say little of all the others
        return SelectedLevels(
            threshold=threshold,
            num_configurations=len(self.configurations),
            num_outside=outside,
            ritz=self.values + self.terms.energy,
            corrected=np.asarray(np.linalg.eigvalsh(effective)) + self.terms.energy,
            variance=variance,
            is_complete=len(self.configurations) == 2**self.terms.num_qubits,
        )

    def _second_order(self, cut: float) -> tuple[Array, Array, int]:
        """Return the effective Hamiltonian of the levels, their variances and how many are outside.

        Contributions to configurations outside count if they exceed ``cut``.
        """
        effective, variance, outside = np.diag(self.values), np.zeros(self.values.size), 0
        for couplings, energies in self.configurations.outside(self.vectors, cut):
            with np.errstate(divide="ignore"):
                inverse = 1.0 / (self.values[:, None] - energies)
            inverse[self.values[:, None] >= energies] = 0.0  # an intruder cannot be treated so
            weighted = couplings * inverse.T
            effective = effective + (couplings.T @ weighted + weighted.T @ couplings) / 2
            variance += (couplings**2).sum(axis=0)
            outside += energies.size
        return effective, variance, outside


def best_frame(H: AnnealHamiltonian, A: float, B: float, starts: Sequence[Array]) -> ProductFrame:
    """Return the product frame of lowest energy among those reached from several starts.

    Parameters
    ----------
    H : AnnealHamiltonian
        Qubits in a transverse field.
    A, B : float
        Strengths of driver and problem.
    starts : sequence of ndarray of float, shape (d,)
        Occupations from which the self-consistency loop starts, such as low classical states.

    Returns
    -------
    ProductFrame
        The frame.
    """
    frames = product_frames(H.problem, H.driver.weights(H.num_qubits), A, B, starts)
    return min(frames, key=lambda frame: frame.energy)


def expand(
    H: AnnealHamiltonian,
    A: float,
    B: float,
    num_levels: int,
    method: SelectedConfigurations,
    states: Iterable[ArrayLike] = (),
) -> Expansion:
    """Begin the expansion of the lowest levels of ``A H_D + B H_P``.

    Parameters
    ----------
    H : AnnealHamiltonian
        Qubits in a transverse field.
    A, B : float
        Strengths of driver and problem.
    num_levels : int
        Number of levels.
    method : SelectedConfigurations
        Thresholds and limits.
    states : iterable of array_like of int, shape (d,)
        Occupations of low classical states. Each starts a mean-field solution, and the
        configurations that are nearest to them belong to the first set.

    Returns
    -------
    Expansion
        Its :meth:`Expansion.levels` yields better and better levels.
    """
    d = H.num_qubits
    occupations = [np.asarray(state, dtype=float) for state in states]
    frame = best_frame(H, A, B, [np.full(d, 0.5), *occupations])
    reference = np.cos(frame.theta) < 0  # qubits that are down in the product state
    excited = [set(np.flatnonzero((n > 0.5) != reference).tolist()) for n in occupations]
    # Levels can be compared only if the states behind them are treated alike.
    dressed = [state ^ {p} for state in excited[:NUM_DRESSED] for p in range(d)]
    # A qubit that is turned halfway is a mixture of both values in every classical state.
    halfway = np.argsort(np.abs(np.cos(frame.theta)))[:MOST_HALFWAY]
    halfway = halfway[np.abs(np.cos(frame.theta[halfway])) < HALFWAY]
    mixed = [state ^ {p} for state in excited for p in halfway.tolist()]
    return Expansion(frame, num_levels, method, words_of([*excited, *dressed, *mixed], d))


def selected_levels(
    H: QubitsLike,
    s: float,
    num_levels: int = 4,
    method: SelectedConfigurations | None = None,
) -> SelectedLevels:
    """Estimate the lowest levels at one point of an anneal, at any number of qubits.

    Parameters
    ----------
    H : AnnealHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        Qubits in a transverse field.
    s : float
        The anneal fraction, with both parts of H switched on.
    num_levels : int
        Number of levels. They are not counted as one if they are degenerate.
    method : SelectedConfigurations, optional
        Thresholds and limits.

    Returns
    -------
    SelectedLevels
        Proven upper bounds of the levels, and better estimates, in the unit of the schedule.

    Raises
    ------
    InputError
        If driver or problem is switched off at ``s``, where the levels are known in closed form, or
        if there are fewer levels.
    MemoryLimitError
        If the configurations do not fit in memory.

    Notes
    -----
    The set grows by heat-bath selection (Holmes, Tubman and Umrigar, 2016), as configurations do in
    quantum chemistry (Huron, Malrieu and Rancurel, 1973). The correction is that of
    quasi-degenerate perturbation theory with the denominators of Epstein and Nesbet.

    Examples
    --------
    >>> import qxgap as qx
    >>> from qxgap.spectra import selected_levels
    >>> from qxgap.testing import random_feature_selection
    >>> levels = selected_levels(random_feature_selection(100, seed=1), s=0.995, num_levels=2)
    >>> bool(levels.corrected[0] <= levels.ritz[0])
    True
    """
    H = as_qubits(H)
    method = method or SelectedConfigurations()
    require_whole(num_levels, "num_levels", "the number of levels")
    if not 1 <= num_levels <= H.dimension:
        raise InputError(
            f"{num_levels} levels of {H.num_qubits} qubits do not exist; give 1 to {H.dimension}"
        )
    A, B = map(float, H.schedule(s))
    if A <= 0 or B <= 0:
        raise InputError(
            f"at s = {s} only one of driver and problem is switched on, and the levels are known "
            "in closed form; give an s in between"
        )
    states = lowest_states(H.problem, NUM_STARTS).occupations
    *_, last = expand(H, A, B, num_levels, method, states).levels()
    return last
