"""A Boltzmann law with more terms than the problem: an offset, a background susceptibility, others.

    P(z)  ~  exp(-beta E(z) - sum_k c_k E_k(z))

E is the energy of the problem, and each E_k is another quadratic function of the variables. A field
that does not come from the problem, such as a bias of the hardware, does not scale with beta; so
the coefficients c_k are fitted by themselves. ``c_k / beta`` says how much of E_k the hardware
added to the programmed problem. The fit is the logistic regression of
:func:`pseudolikelihood_temperature` with more regressors.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import dimod
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from ...annealing.background import background_problem
from ...digits import rounded
from ...errors import InputError
from ...problem.accept import ProblemLike, as_problem
from ...problem.qubo import QuboProblem
from ...results import Result, plain
from ...statistics.bootstrap import CONFIDENCE_LEVEL, require_confidence_level, student_quantile
from ..alignment import Reads, aligned_runs, pooled
from ..temperature import EffectiveTemperature
from .pseudolikelihood import FEW_FLIPS
from .regression import curvature, informative_flips, maximize, sandwich

if TYPE_CHECKING:
    import pandas as pd

SINGULAR = 1e10
"""The condition number of the curvature above which two terms cannot be told apart."""


class TermStatus(StrEnum):
    """What the reads say of a term."""

    PRESENT = "PRESENT"
    """The interval of its coefficient does not contain 0."""

    NOT_SEEN = "NOT_SEEN"
    """The interval contains 0: the reads are explained without the term."""


class FitStatus(StrEnum):
    """Whether the reads carry enough information for the intervals."""

    DETERMINED = "DETERMINED"
    """They do."""

    FEW_FLIPS = "FEW_FLIPS"
    """Fewer than 20 informative flips: the intervals are too narrow. Measure more reads."""


@dataclass(frozen=True, repr=False)
class FittedTerm(Result):
    """One further term of the energy, fitted to reads.

    Attributes
    ----------
    name : str
        Its name.
    coefficient : float
        c_k of the law, in units of the temperature.
    interval : tuple of float
        Its interval.
    relative : float
        ``c_k / beta``: how much of the term is added to the problem. Of the background term this is
        the susceptibility chi.
    relative_interval : tuple of float
        Its interval, by the delta method.

    Examples
    --------
    >>> import qxgap as qx
    >>> recorded = qx.samples.iitis24()
    >>> runs = recorded.select("Advantage2_system1.4", 100)
    >>> terms = {"background": qx.samples.background_term(recorded.problem)}
    >>> term = qx.samples.boltzmann_terms(recorded.problem, runs, terms)["background"]
    >>> term.status.name, round(term.relative, 2)  # a FittedTerm
    ('PRESENT', -0.02)
    """

    name: str
    coefficient: float
    interval: tuple[float, float]
    relative: float
    relative_interval: tuple[float, float]

    @property
    def status(self) -> TermStatus:
        """What the reads say of the term."""
        low, high = self.interval
        return TermStatus.NOT_SEEN if low <= 0 <= high else TermStatus.PRESENT

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as plain Python values.

        Returns
        -------
        dict of str
            All attributes and the status.
        """
        return {
            "name": self.name,
            "coefficient": self.coefficient,
            "interval": plain(self.interval),
            "relative": self.relative,
            "relative_interval": plain(self.relative_interval),
            "status": self.status.value,
        }

    def __str__(self) -> str:
        low, high = (rounded(end, 2) for end in self.relative_interval)
        size = f"{rounded(self.relative, 2)} (interval {low} to {high})"
        if self.status is TermStatus.NOT_SEEN:
            return (
                f"The reads are explained without the term {self.name!r}: {size} of it would be "
                "added to the problem."
            )
        return f"The reads show the term {self.name!r}: {size} of it is added to the problem."


@dataclass(frozen=True, repr=False)
class BoltzmannTerms(Result):
    """A Boltzmann law with further terms, fitted to reads.

    Attributes
    ----------
    temperature : EffectiveTemperature
        The temperature of the problem's energy, with the further terms in the fit.
    terms : tuple of FittedTerm
        The further terms.
    num_flips : float
        The number of flips that carry the information on the temperature.
    status : FitStatus
        Whether they are enough for the intervals.
    """

    temperature: EffectiveTemperature
    terms: tuple[FittedTerm, ...]
    num_flips: float

    @property
    def status(self) -> FitStatus:
        """Whether the reads carry enough information for the intervals."""
        return FitStatus.FEW_FLIPS if self.num_flips < FEW_FLIPS else FitStatus.DETERMINED

    def __getitem__(self, name: str) -> FittedTerm:
        """Return a term by its name; InputError for an unknown one."""
        for term in self.terms:
            if term.name == name:
                return term
        raise InputError(f"no term {name!r}; fitted were {[term.name for term in self.terms]}")

    def to_dict(self) -> dict[str, Any]:
        """Return the fit as plain Python values.

        Returns
        -------
        dict of str
            The temperature, a list of terms, the number of flips and the status.
        """
        return {
            **self.temperature.to_dict(),
            "terms": [term.to_dict() for term in self.terms],
            "num_flips": self.num_flips,
            "status": self.status.value,
        }

    def to_dataframe(self) -> pd.DataFrame:
        """Return the terms as a table.

        Returns
        -------
        pandas.DataFrame
            A row for each term.
        """
        import pandas as pd

        return pd.DataFrame([term.to_dict() for term in self.terms])

    def __str__(self) -> str:
        lines = [str(self.temperature), *map(str, self.terms)]
        if self.status is FitStatus.FEW_FLIPS:
            lines.append(
                f"Only about {self.num_flips:.0f} flips carry this information, so that the "
                "intervals are too narrow: measure more reads."
            )
        return "\n".join(lines)


def offset_term(problem: ProblemLike) -> QuboProblem:
    """Return a field that is the same for all variables: the number of variables that are 1.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem whose labels the term has.

    Returns
    -------
    QuboProblem
        The term, for :func:`boltzmann_terms`.

    Examples
    --------
    >>> import qxgap as qx
    >>> qx.samples.offset_term(qx.testing.random_feature_selection(3, seed=1)).h.tolist()
    [1.0, 1.0, 1.0]
    """
    problem = as_problem(problem)
    size = problem.num_qubits
    return QuboProblem(np.ones(size), np.zeros((size, size)), labels=problem.labels)


def background_term(problem: ProblemLike) -> QuboProblem:
    """Return what a background susceptibility of 1 adds to a problem.

    The flux of a qubit also reaches its neighbors' neighbors, through the neighbors. In the Ising
    form this adds the fields ``J h`` and the couplings ``J J``.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem that was programmed. If it was embedded with chains, take the embedded problem:
        the susceptibility acts on qubits.

    Returns
    -------
    QuboProblem
        The term, for :func:`boltzmann_terms`.

    Examples
    --------
    >>> import dimod
    >>> import qxgap as qx
    >>> chain = dimod.BinaryQuadraticModel.from_ising({}, {"ab": 1.0, "bc": 1.0})
    >>> term = qx.samples.background_term(chain).to_bqm().change_vartype("SPIN", inplace=False)
    >>> float(term.quadratic["a", "c"])
    1.0
    """
    return background_problem(as_problem(problem))


def boltzmann_terms(
    problem: ProblemLike,
    samplesets: Sequence[dimod.SampleSet] | Sequence[Reads],
    terms: Mapping[str, ProblemLike],
    *,
    confidence_level: float = CONFIDENCE_LEVEL,
) -> BoltzmannTerms:
    """Fit a temperature and further terms of the energy to the reads of one run or more.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem that was sampled; any number of variables.
    samplesets : sequence of dimod.SampleSet or of Reads
        The reads of each run. For several runs the intervals come from the spread of the runs, for
        one run from that of the reads, which assumes that they are independent.
    terms : mapping of str to QuboProblem or dimod.BinaryQuadraticModel
        The further terms by name, with the variables of the problem; see :func:`offset_term` and
        :func:`background_term`.
    confidence_level : float
        Confidence level of the intervals, in (0, 1).

    Returns
    -------
    BoltzmannTerms
        The temperature and the coefficients.

    Raises
    ------
    InputError
        Without reads or terms; for a term with other variables; if terms cannot be told apart; if
        no finite estimate exists, such as for reads that are all local minima.

    Notes
    -----
    Source: Raymond, Yarkoni & Andriyash, Frontiers in ICT 3, 23 (2016); Besag, The Statistician 24,
    179 (1975). ``maximum_pseudolikelihood`` of dwave-system gives the same estimates, without these
    intervals.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.testing.random_feature_selection(4, seed=1)
    >>> cold = qx.gibbs(problem, s=1.0, temperature=0.2).sample(20000, seed=1)
    >>> terms = {"offset": qx.samples.offset_term(problem)}
    >>> law = qx.samples.boltzmann_terms(problem, [cold], terms)
    >>> round(law.temperature.value, 1), law["offset"].status.name
    (0.2, 'NOT_SEEN')
    """
    problem = as_problem(problem)
    require_confidence_level(confidence_level)
    aligned = aligned_runs(problem, samplesets, "samplesets")
    if not aligned:
        raise InputError("samplesets is empty; give the reads of one run or more")
    if not terms:
        raise InputError("terms is empty; without further terms use pseudolikelihood_temperature")
    together = pooled(aligned)
    occupations = together.occupations.astype(np.float64)
    multiplicity = together.multiplicity.astype(np.float64)
    energies = [problem, *(_in_order(problem, name, term) for name, term in terms.items())]
    fields = [one.h + occupations @ (one.J + one.J.T) for one in energies]
    scales = np.array([float(np.abs(field).max()) for field in fields])
    if not scales.all():
        name = ["the problem", *terms][int(np.flatnonzero(scales == 0)[0])]
        raise InputError(f"{name} has no field at any variable, so nothing can be fitted to it")
    signs = 2 * occupations - 1
    if not np.any(fields[0] * signs > 1e-12 * scales[0]):
        raise InputError(
            "every read is a local minimum of the problem, so that no temperature above 0 can be "
            "fitted together with other terms; use pseudolikelihood_temperature, or more reads"
        )
    regressors = np.stack([f / scale for f, scale in zip(fields, scales, strict=True)], axis=-1)
    theta = maximize(signs, regressors, multiplicity)
    condition = np.linalg.cond(curvature(regressors, multiplicity, theta))
    if condition > SINGULAR:
        raise InputError(
            f"the terms {list(terms)} and the problem cannot be told apart by these reads; leave a "
            "term out"
        )
    cluster = np.repeat(np.arange(len(aligned)), [len(run.multiplicity) for run in aligned])
    covariance, freedom = sandwich(signs, regressors, multiplicity, cluster, theta)
    values, covariance = theta / scales, covariance / np.outer(scales, scales)
    quantile = student_quantile(freedom, confidence_level)
    margins = quantile * np.sqrt(np.diag(covariance))
    kind = f"sandwich over {'runs' if len(aligned) > 1 else 'reads'}"
    beta = float(values[0])
    against = expit(-np.abs(regressors @ theta))
    return BoltzmannTerms(
        temperature=EffectiveTemperature.from_inverse(
            beta, (beta - float(margins[0]), beta + float(margins[0])), confidence_level, kind
        ),
        terms=tuple(
            _term(name, values, covariance, margins, quantile, k)
            for k, name in enumerate(terms, start=1)
        ),
        num_flips=informative_flips(against, fields[0], multiplicity)[0],
    )


def _in_order(problem: QuboProblem, name: str, term: ProblemLike) -> QuboProblem:
    """A term with its variables in the order of the problem's."""
    other = as_problem(term)
    place = {label: i for i, label in enumerate(other.labels)}
    wrong = set(place) ^ set(problem.labels)
    if wrong:
        raise InputError(
            f"term {name!r}: variable {next(iter(wrong))!r} is missing or unknown; a term has the "
            f"{problem.num_qubits} variables of the problem"
        )
    order = [place[label] for label in problem.labels]
    pairs = (other.J + other.J.T)[np.ix_(order, order)]
    return QuboProblem.from_symmetric(other.h[order], pairs, labels=problem.labels)


def _term(
    name: str,
    values: NDArray[np.float64],
    covariance: NDArray[np.float64],
    margins: NDArray[np.float64],
    quantile: float,
    k: int,
) -> FittedTerm:
    """The numbers of term k, whose ratio to beta has the error of a quotient."""
    beta, c = float(values[0]), float(values[k])
    ratio = c / beta if beta else math.inf
    gradient = np.array([-ratio, 1.0]) / beta if beta else np.array([math.inf, math.inf])
    block = covariance[np.ix_([0, k], [0, k])]
    margin = quantile * math.sqrt(max(float(gradient @ block @ gradient), 0.0))
    return FittedTerm(
        name,
        c,
        (c - float(margins[k]), c + float(margins[k])),
        ratio,
        (ratio - margin, ratio + margin),
    )
