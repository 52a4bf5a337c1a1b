"""Whether the selected maps tell classes apart, and whether simple rules do it as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..digits import counted
from ..errors import InputError
from ..results import Result, plain
from ..statistics import ClassSelections, OverlapDifference, OverlapEstimate, adjusted_p_values
from ..statistics.bootstrap import CONFIDENCE_LEVEL
from ..statistics.class_selections import LEAST_IMAGES
from ..statistics.seeds import Seed, random_generator
from .methods import ExplanationMethod

if TYPE_CHECKING:
    from ..statistics import Estimate

SIMPLE_RULES = (
    ExplanationMethod.TOP_K,
    ExplanationMethod.RANDOM_K,
    ExplanationMethod.ALL_POSITIVE,
)
"""The rules with which the QUBO is compared: as many maps by importance or at random, and all."""

SIGNIFICANT = 0.05
"""Largest adjusted p-value with which a difference is stated."""

LEAST_CLASSES = 6
"""With fewer classes the smallest p-value of the test is larger than ``SIGNIFICANT``."""

TITLES = {ExplanationMethod.EXACT: "QUBO"}


@dataclass(frozen=True, eq=False, repr=False)
class ClassDisentanglement(Result):
    """How far the selections of several rules tell classes apart; a lower overlap is more distinct.

    Attributes
    ----------
    classes : tuple of str
        Names of the c classes explained.
    images : tuple of int
        Number of images of each class.
    overlaps : mapping of ExplanationMethod to OverlapEstimate
        The class-class overlaps of each rule; the first is the rule that is compared.
    differences : mapping of ExplanationMethod to OverlapDifference
        The first rule minus each other one.
    """

    classes: tuple[str, ...]
    images: tuple[int, ...]
    overlaps: Mapping[ExplanationMethod, OverlapEstimate]
    differences: Mapping[ExplanationMethod, OverlapDifference]

    @property
    def reference(self) -> ExplanationMethod:
        """The rule that is compared with the others."""
        return next(iter(self.overlaps))

    @property
    def adjusted_p_values(self) -> dict[ExplanationMethod, float]:
        """The p-value of each difference, adjusted for the number of differences."""
        tested = {rule: found.p_value for rule, found in self.differences.items()}
        known = {rule: p for rule, p in tested.items() if not np.isnan(p)}
        if not known:
            return tested
        adjusted = adjusted_p_values(list(known.values()), independent=False).tolist()
        return tested | dict(zip(known, adjusted, strict=True))

    @property
    def can_decide(self) -> bool:
        """Whether there are enough classes, and images of each, to state any difference."""
        return len(self.classes) >= LEAST_CLASSES and min(self.images) >= LEAST_IMAGES

    @property
    def verdicts(self) -> dict[ExplanationMethod, str]:
        """What can be said against each other rule.

        ``"better"`` (a lower overlap) or ``"worse"`` if the interval over images excludes 0 and the
        adjusted p-value of the test over classes is at most 0.05, else ``"undecided"``.
        """
        adjusted = self.adjusted_p_values
        words = {-1: "better", 1: "worse", 0: "undecided"}
        return {
            rule: words[found.difference.side() if adjusted[rule] <= SIGNIFICANT else 0]
            for rule, found in self.differences.items()
        }

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain Python values.

        Returns
        -------
        dict of str
            classes, images, overlaps and differences by rule, adjusted_p_values and verdicts.
        """
        return plain(
            vars(self) | {"adjusted_p_values": self.adjusted_p_values, "verdicts": self.verdicts},
        )

    def to_dataframe(self) -> pd.DataFrame:
        """Return a row for each rule, with means over the pairs of classes.

        Returns
        -------
        pandas.DataFrame
            The columns rule, overlap (of the images at hand), corrected, low, high; and, of the
            first rule minus this one, difference, difference_low, difference_high, p_value,
            adjusted_p_value and verdict.
        """
        adjusted, verdicts = self.adjusted_p_values, self.verdicts
        rows = []
        for rule, found in self.overlaps.items():
            row: dict[str, Any] = {"rule": rule.value, "overlap": found.mean_of_images}
            row |= _columns(found.mean, "corrected", "")
            if rule in self.differences:
                against = self.differences[rule]
                row |= _columns(against.difference, "difference", "difference_")
                row |= {"p_value": against.p_value, "adjusted_p_value": adjusted[rule]}
                row["verdict"] = verdicts[rule]
            rows.append(row)
        return pd.DataFrame(rows)

    def pairs(self) -> pd.DataFrame:
        """Return a row for each rule and pair of classes.

        Returns
        -------
        pandas.DataFrame
            The columns rule, first, second, overlap (of the images at hand), corrected, low, high.
        """
        names = self.classes

        def matrices(found: OverlapEstimate) -> tuple[Any, ...]:
            return found.matrix, found.corrected, found.low, found.high

        return pd.DataFrame(
            [
                (rule.value, names[c], names[d], *(values[c, d] for values in matrices(found)))
                for rule, found in self.overlaps.items()
                for c, d in combinations(range(len(names)), 2)
            ],
            columns=["rule", "first", "second", "overlap", "corrected", "low", "high"],
        )

    def plot(self, ax: Any = None) -> Any:
        """Draw the class-class maps of all rules side by side, as the paper prints them.

        Overlaps below 0.10 are printed as 0. The titles have the mean over the pairs.

        Parameters
        ----------
        ax : sequence of matplotlib.axes.Axes, optional
            Where to draw, one for each rule; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import class_overlap  # loads matplotlib

        matrices = {
            f"{TITLES.get(rule, rule.value)}: mean {found.mean_of_images:.2f}": found.matrix
            for rule, found in self.overlaps.items()
        }
        return class_overlap(matrices, self.classes, ax=ax)

    def __str__(self) -> str:
        verdicts, own = self.verdicts, self.overlaps[self.reference]
        adjusted = self.adjusted_p_values
        name = TITLES.get(self.reference, self.reference.value)
        lines = [_conclusion(name, verdicts)]
        lines.append(
            f"The maps that {_named(name)} selects for two of {counted(len(self.classes), 'class')}"
            f" overlap by {own.mean_of_images:.2f} in the mean, from 0 for no map in common to 1 "
            f"for the same maps; of many images {_in_words(own.mean)} is expected."
        )
        lines += [
            _contrast(rule.value, found.difference, adjusted[rule], verdicts[rule])
            for rule, found in sorted(
                self.differences.items(),
                key=lambda item: (verdicts[item[0]] == "undecided", not item[1].difference.side()),
            )
        ]
        if min(self.images) < LEAST_IMAGES:
            lines.append(
                f"A class has fewer than {LEAST_IMAGES} images, so that no interval is known and "
                "no difference can be shown."
            )
        if len(self.classes) < LEAST_CLASSES:
            lines.append(f"With fewer than {LEAST_CLASSES} classes no difference can be shown.")
        return "\n".join(lines)


def _columns(estimate: Estimate, name: str, prefix: str) -> dict[str, float]:
    """Return an estimate as three columns."""
    return {name: estimate.value, f"{prefix}low": estimate.low, f"{prefix}high": estimate.high}


def _named(name: str) -> str:
    """Return the name of a rule inside a sentence."""
    return f"the {name}" if name == "QUBO" else name


def _contrast(other: str, difference: Estimate, p_value: float, verdict: str) -> str:
    """Return a sentence about the difference from one other rule."""
    side = difference.side()
    if not side:
        value = f"{difference.value:+.3f}"
        if not np.isnan(difference.low):
            value += f" [{difference.low:+.3f}, {difference.high:+.3f}]"
        return f"No difference from {other} is shown: it is {value}."
    word = "lower" if side < 0 else "higher"
    least, most = sorted(abs(end) for end in (difference.low, difference.high))
    size = f"{abs(difference.value):.3f} [{least:.3f}, {most:.3f}]"
    told = f"This overlap is {word} than with {other}, by {size}"
    if verdict == "undecided":
        return f"{told}, but the classes differ too much to say so of others (p = {p_value:.2g})."
    return f"{told} (p = {p_value:.2g} over classes)."


def _in_words(estimate: Estimate) -> str:
    """Return an estimate with its interval in a sentence."""
    if np.isnan(estimate.low):
        return f"{estimate.value:.3f}"
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


def _conclusion(name: str, verdicts: Mapping[ExplanationMethod, str]) -> str:
    """Return in one sentence whether a rule separates classes better than the others."""
    by_word = {
        word: [rule.value for rule, found in verdicts.items() if found == word]
        for word in ("better", "worse", "undecided")
    }
    said = []
    if by_word["better"]:
        said.append(f"better than {_listed(by_word['better'])}")
    if by_word["worse"]:
        said.append(f"worse than {_listed(by_word['worse'])}")
    subject = f"{_named(name)[0].upper()}{_named(name)[1:]}"
    if len(by_word["better"]) == len(verdicts):
        return f"{subject} separates the classes {said[0]}."
    if not said:
        return f"{subject} is not shown to separate the classes better than simple rules."
    unknown = by_word["undecided"]
    rest = f", and is not shown to differ from {_listed(unknown)}" if unknown else ""
    return f"{subject} separates the classes {', and '.join(said)}{rest}."


def _listed(names: Sequence[str]) -> str:
    """Return names as a sentence has them."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def class_disentanglement(
    table: pd.DataFrame,
    *,
    rules: Sequence[ExplanationMethod] | None = None,
    reference: ExplanationMethod = ExplanationMethod.EXACT,
    class_names: Sequence[str] = (),
    confidence_level: float = CONFIDENCE_LEVEL,
    seed: Seed = None,
) -> ClassDisentanglement:
    """Compare how far the maps that a QUBO and simple rules select tell classes apart.

    The paper draws the overlap of every two classes in the selected maps, and reads from low ones
    that the selections tell classes apart. They do so by the QUBO's merit only if its overlaps are
    lower than those of rules without a QUBO.

    Parameters
    ----------
    table : pandas.DataFrame
        A table of :func:`score`, or one with its columns name, target, num_maps, num_qubits, method
        and selected; images in which a rule selects nothing are left out. To follow the paper, give
        only images that are classified correctly.
    rules : sequence of ExplanationMethod, optional
        The other rules; by default those of top-k, random-k and all positive that the table has.
    reference : ExplanationMethod, optional
        The rule that is compared with them.
    class_names : sequence of str, optional
        Names of the classes by their numbers.
    confidence_level : float, optional
        Probability that an interval covers the true value, in (0, 1).
    seed : int, Generator or None, optional
        Seed of the test over classes; it matters only with more than 16 classes.

    Returns
    -------
    ClassDisentanglement
        The class-class maps with intervals, the differences, and what can be said. Its intervals
        are about more images of these classes, its test about more classes, and neither is about
        another network: train several to say something about a kind of networks.

    Raises
    ------
    InputError
        For methods that select no maps, if two classes or more have no images with a selection, and
        if the rules have other images.

    See Also
    --------
    qxgap.statistics.ClassSelections : The intervals and the test, and how they were checked.

    References
    ----------
    Venturelli et al., arXiv 2604.25649: the map, and its claim.

    Examples
    --------
    >>> from qxgap import explain, xai
    >>> network = xai.open_network("digits")
    >>> images, labels = xai.digits_images()
    >>> explainer = explain.Explainer(network.module, network.layer, seed=1)
    >>> names = [str(number) for number in range(60)]
    >>> explained = list(explainer.explain(names, images[:60], labels[:60]))
    >>> metrics = explain.Metrics({}, steps=0, adcc=False)
    >>> table = explain.score(explainer, explained, metrics, progress=False)
    >>> found = explain.class_disentanglement(table)
    >>> print(str(found).splitlines()[0])
    The QUBO is not shown to separate the classes better than simple rules.
    """
    if rules is None:
        rules = [rule for rule in SIMPLE_RULES if (table.method == rule.value).any()]
    wanted = [ExplanationMethod(reference), *map(ExplanationMethod, rules)]
    if len(wanted) < 2:
        raise InputError("no rule to compare with; explain images by top-k, or give rules")
    weighted = [rule.value for rule in wanted if not rule.selects_maps]
    if weighted:
        raise InputError(f"{weighted[0]} selects no maps; give methods that select some")
    targets, chosen = _images_of_all(table, wanted)
    numbers, classes = np.unique(targets, return_inverse=True)
    if numbers.size < 2:
        raise InputError(
            f"{counted(numbers.size, 'class')} with a selection; give images of two classes or more"
        )
    num_maps = int(table.num_maps.max())
    selected = {
        rule: ClassSelections(labels, classes.tolist(), num_maps, numbers.size)
        for rule, labels in chosen.items()
    }
    rng = random_generator(seed)
    level = {"confidence_level": confidence_level}
    return ClassDisentanglement(
        classes=tuple(class_names[n] if class_names else str(n) for n in numbers.tolist()),
        images=tuple(np.bincount(classes).tolist()),
        overlaps={rule: each.overlap(**level) for rule, each in selected.items()},
        differences={
            rule: selected[wanted[0]].minus(selected[rule], seed=rng, **level)
            for rule in wanted[1:]
        },
    )


def _images_of_all(
    table: pd.DataFrame, rules: Sequence[ExplanationMethod]
) -> tuple[list[Any], dict[ExplanationMethod, list[Any]]]:
    """Return the classes of the images in which every rule selects a map, and what it selects.

    Raises
    ------
    InputError
        If the rules have other images.
    """
    used = table[(table.num_qubits > 0) & table.selected.notna()]
    by_rule = {rule: used[used.method == rule.value] for rule in rules}
    targets = by_rule[rules[0]].target.tolist()
    for rule, rows in by_rule.items():
        if rows.target.tolist() != targets:
            raise InputError(
                f"{rule.value} has other images than {rules[0].value}; give a table of score"
            )
    columns = [list(rows.selected) for rows in by_rule.values()]
    kept = [at for at, row in enumerate(zip(*columns, strict=True)) if all(map(len, row))]
    chosen = [[column[at] for at in kept] for column in columns]
    return [targets[at] for at in kept], dict(zip(by_rule, chosen, strict=True))
