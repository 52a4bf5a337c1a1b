"""Errors of the programmed coefficients, and how often they change the ground state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...checks import kind_of, require_number
from ...digits import percent
from ...errors import InputError
from ...memory import require_memory
from ...problem.accept import ProblemLike, as_problem
from ...problem.diagonal import quadratic_form_diagonal
from ...problem.qubo import QuboProblem
from ...results import Result, plain
from ...statistics.bootstrap import CONFIDENCE_LEVEL, require_confidence_level
from ...statistics.intervals import jeffreys_interval
from ...statistics.seeds import Seed, integer_seed
from ..base import require_positive

SIGMA_H = 0.01
SIGMA_J = 0.0095
"""Standard deviations of programmed h and J near the freeze-out of a qubit (s = 0.75).

The values are estimates from the figures of D-Wave's documentation, "Errors and Error Correction",
section ICE (D-Wave 2X; early in the anneal, s = 0.28, they are 0.025 and 0.0135-0.0155). The
systematic part is neglected.
"""


MAX_COPIES = 1_000_000
"""Largest number of perturbed copies.

So many copies determine a probability to 0.0005, which is far more accurate than the standard
deviations of the coefficients are known. Each copy takes 2^d energies.
"""


@dataclass(frozen=True, eq=False, repr=False)
class NoiseEnsemble(Result):
    """Ground states of perturbed copies of a problem.

    Attributes
    ----------
    num_samples : int
        Number of copies.
    changed : int
        Number of copies with a ground state that is none of the problem's.
    probability : float
        ``changed / num_samples``.
    interval : tuple of float
        Jeffreys interval of the probability at ``confidence_level``.
    excess_energy : ndarray of float, shape (num_samples,)
        Energy in the problem of each copy's ground state, above the problem's ground energy.
    sigma_h, sigma_J : float or ndarray of float
        Standard deviations of the programmed coefficients.
    scale : float
        The auto-scale factor.
    confidence_level : float
        Probability with which the interval covers the true probability.
    seed : int
        Seed of the copies.
    instance_hash : str
        Content hash of the problem.
    """

    num_samples: int
    changed: int
    probability: float
    interval: tuple[float, float]
    excess_energy: NDArray[np.float64]
    sigma_h: Any
    sigma_J: Any
    scale: float
    confidence_level: float
    seed: int
    instance_hash: str

    def to_dict(self) -> dict[str, Any]:
        """Return the attributes as plain Python values.

        Returns
        -------
        dict of str
            The attributes by name; arrays are lists.
        """
        return plain(vars(self))

    def __str__(self) -> str:
        low, high = self.interval
        return (
            f"Control errors change the ground state in {percent(self.probability)} % of "
            f"{self.num_samples} copies ({percent(self.confidence_level)} % interval "
            f"{percent(low)} to {percent(high)} %); the ground states of the copies lie "
            f"{self.excess_energy.mean():.2g} above the true one on average."
        )


def noise_ensemble(
    problem: ProblemLike,
    *,
    num_samples: int = 1000,
    sigma_h: ArrayLike = SIGMA_H,
    sigma_J: ArrayLike = SIGMA_J,
    scale: float = 1.0,
    confidence_level: float = CONFIDENCE_LEVEL,
    seed: Seed = None,
) -> NoiseEnsemble:
    """Find how often errors of the programmed coefficients change the ground state.

    The Ising h, and the Ising J of coupled pairs, get normal errors. The ground state of each copy
    is exact, over all 2^d states.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem, of d variables.
    num_samples : int
        Number of perturbed copies, at most a million.
    sigma_h : float or array_like of float, shape (d,)
        Standard deviation of h as programmed. Chains have larger ones:
        :func:`~qxgap.samplers.chain_sigmas`.
    sigma_J : float or array_like of float, shape (d, d)
        Standard deviation of J as programmed; of a matrix the upper triangle counts.
    scale : float
        The auto-scale factor: programmed coefficients are the problem's divided by it.
    confidence_level : float
        Probability with which the interval covers the true probability, in (0, 1).
    seed : int, numpy.random.Generator or None
        Seed of the copies, in [0, 2^31) if it is a number.

    Returns
    -------
    NoiseEnsemble
        How often the ground state changes, and by how much energy.

    Raises
    ------
    InputError
        For fewer than one copy or more than a million, a sigma that is negative, infinite or of
        another shape, or a scale that is not positive.
    MemoryLimitError
        If 2^d energies do not fit.

    Notes
    -----
    Source: the model of D-Wave's documentation, "Errors and Error Correction", section ICE.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -0.99], [[0.0, 3.0], [0.0, 0.0]])
    >>> print(qx.samplers.noise_ensemble(problem, num_samples=100, seed=1).num_samples)
    100
    """
    problem = as_problem(problem)
    require_positive(num_samples=num_samples)
    require_copies(num_samples, "num_samples")
    d, seed = problem.num_qubits, integer_seed(seed)
    sigmas = _sigma("sigma_h", sigma_h, (d,)), _sigma("sigma_J", sigma_J, (d, d))
    require_number(scale, "scale", "the positive auto-scale factor")
    if not 0 < scale < np.inf:
        raise InputError(f"scale = {scale}; an auto-scale factor is positive")
    require_confidence_level(confidence_level)
    require_memory(24 << d, f"the energies of {d} qubits")
    rng = np.random.default_rng(seed)
    grounds = [_perturbed_ground(problem, sigmas, scale, rng) for _ in range(num_samples)]
    excess = problem.diagonal[grounds] - problem.diagonal.min()
    changed = int((excess > problem.ground_tolerance).sum())
    return NoiseEnsemble(
        num_samples=num_samples,
        changed=changed,
        probability=changed / num_samples,
        interval=jeffreys_interval(changed, num_samples, confidence_level),
        excess_energy=excess,
        sigma_h=sigma_h,
        sigma_J=sigma_J,
        scale=scale,
        confidence_level=confidence_level,
        seed=seed,
        instance_hash=problem.content_hash,
    )


def require_copies(number: int, name: str) -> None:
    """Raise InputError for more perturbed copies than are useful."""
    if number > MAX_COPIES:
        raise InputError(
            f"{name} = {number}; give at most {MAX_COPIES} perturbed copies, which determine the "
            "probability to 0.0005"
        )


def _sigma(name: str, value: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return standard deviations in the shape of the coefficients, or raise InputError."""
    try:
        sigma = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{name} is {kind_of(value)}; give one number >= 0, or {shape} of them"
        ) from error
    if sigma.shape not in ((), shape) or not np.all(np.isfinite(sigma) & (sigma >= 0)):
        raise InputError(f"{name} of shape {sigma.shape}; give one number >= 0, or {shape} of them")
    return np.broadcast_to(sigma, shape)


def _perturbed_ground(
    problem: QuboProblem,
    sigmas: tuple[NDArray[np.float64], NDArray[np.float64]],
    scale: float,
    rng: np.random.Generator,
) -> int:
    """Return the state index of the ground state of one perturbed copy.

    ``dh s + dJ s s`` with s = 2n - 1 is, but for a constant, ``2 (dh_p - sum_q dJ_pq) n_p`` and
    ``4 dJ_pq n_p n_q``.
    """
    dh = scale * sigmas[0] * rng.normal(size=sigmas[0].shape)
    dJ = scale * sigmas[1] * rng.normal(size=sigmas[1].shape)
    dJ = np.where(problem.J != 0, dJ, 0.0)
    h = problem.h + 2 * (dh - dJ.sum(axis=0) - dJ.sum(axis=1))
    return int(quadratic_form_diagonal(h, problem.J + 4 * dJ, 0.0).argmin())
