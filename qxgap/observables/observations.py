"""What was observed in an anneal, at its fractions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..annealing.accept import QubitHamiltonian
from ..digits import counted, fraction, rounded
from ..errors import InputError
from ..results import Result, plain
from .observable import Observable

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Observations(Result):
    """The values of observables along an anneal, as ``qxgap.anneal(..., observe=...)`` makes them.

    ``observations["magnetization"]`` are the values of the observable of that name.

    Attributes
    ----------
    s : ndarray of float, shape (n,)
        Anneal fractions, ascending.
    times : ndarray of float, shape (n,)
        The times ``s tau``, in the unit of the anneal time.
    values : mapping of str to ndarray of float, shape (n,) or (n, m)
        The values of each observable; m is the number of its components.
    errors : mapping of str to (ndarray of float, shape (n,), or None)
        Bounds of the errors of the values, which follow from ``state_error``. None if the method
        gives no error estimate, or if no bound is known for the observable.
    components : mapping of str to tuple of str
        Names of the components of each observable; empty for one number.
    axis_labels : mapping of str to str
        Label of each observable in figures, with its unit.
    state_error : float or None
        Estimated trace distance between the states and the exact ones, at most at any of the
        fractions and at the end. No probability of any measurement is wrong by more. None if the
        method gives no error estimate.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -0.5], [[0.0, 1.2], [0.0, 0.0]])
    >>> run = qx.anneal(problem, 10.0, at=[0.0, 1.0], observe=[qx.observables.Magnetization()])
    >>> print(run.observations)
    The state was observed at 2 anneal fractions from s = 0 to 1: magnetization.
    No probability at these fractions is wrong by more than 3.8e-07 (estimated).
    >>> list(run.observations.to_dataframe())
    ['s', 'time', 'magnetization_0', 'magnetization_1']
    """

    s: Array
    times: Array
    values: Mapping[str, Array]
    errors: Mapping[str, Array | None]
    components: Mapping[str, tuple[str, ...]]
    axis_labels: Mapping[str, str]
    state_error: float | None

    def __getitem__(self, name: str) -> Array:
        """Return the values of the observable ``name``, shape (n,) or (n, m)."""
        if name not in self.values:
            raise InputError(f"{name!r} was not observed; there are {', '.join(self.values)}")
        return self.values[name]

    def to_dict(self) -> dict[str, Any]:
        """Return fractions, times, values, components and bounds of errors.

        Returns
        -------
        dict of str
            Lists, and dictionaries of lists by the names of the observables.
        """
        return plain(
            {
                "s": self.s,
                "times": self.times,
                "values": self.values,
                "errors": self.errors,
                "components": self.components,
                "state_error": self.state_error,
            }
        )

    def to_dataframe(self) -> pd.DataFrame:
        """Return a row for each anneal fraction.

        Returns
        -------
        pandas.DataFrame
            The columns s and time, and one for each value: the name of the observable, followed by
            that of the component.
        """
        import pandas as pd

        columns: dict[str, Array] = {"s": self.s, "time": self.times}
        for name, values in self.values.items():
            if values.ndim == 1:
                columns[name] = values
            else:
                parts = zip(self.components[name], values.T, strict=True)
                columns |= {f"{name}_{part}": column for part, column in parts}
        return pd.DataFrame(columns)

    def plot(self, ax: Any = None) -> Any:
        """Draw each observable against the anneal fraction, in a panel of its own.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or sequence of them, optional
            Where to draw, one for each observable; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import curves_in_panels  # loads matplotlib

        drawn = [
            (
                self.axis_labels[name],
                dict(zip(self.components[name] or ("",), columns, strict=True)),
            )
            for name, values in self.values.items()
            for columns in [np.atleast_2d(values.T)]
        ]
        return curves_in_panels(self.s, drawn, "anneal fraction s", ax=ax)

    def __str__(self) -> str:
        names = ", ".join(name.replace("_", " ") for name in self.values)
        first, last = fraction(self.s[0]), fraction(self.s[-1])
        where = f"s = {first}"
        if self.s.size > 1:
            where = f"{counted(self.s.size, 'anneal fraction')} from s = {first} to {last}"
        text = f"The state was observed at {where}: {names}.\n"
        if self.state_error is None:
            return f"{text}The method gives no estimate of the errors."
        here = "this fraction" if self.s.size == 1 else "these fractions"
        return (
            f"{text}No probability at {here} is wrong by more than {rounded(self.state_error, 2)} "
            "(estimated)."
        )


def observations_of(
    H: QubitHamiltonian,
    tau: float,
    observables: Mapping[str, Observable],
    s: Array,
    states: NDArray[np.complex128],
    state_error: float | None,
    report: Callable[[str], object] = lambda _: None,
) -> Observations:
    """Measure observables in the states of an anneal.

    Parameters
    ----------
    H : AnnealHamiltonian or InhomogeneousHamiltonian
        Hamiltonian of the anneal.
    tau : float
        Anneal time.
    observables : mapping of str to Observable
        The observables, by name.
    s : ndarray of float, shape (n,)
        Anneal fractions, ascending.
    states : ndarray of complex, shape (n, 2^d)
        The states there. They are normalized in place.
    state_error : float or None
        Estimated trace distance between the states and the exact ones.
    report : callable, optional
        Called with a line of text about the progress.

    Raises
    ------
    InputError
        If an observable returns arrays of different lengths.
    """
    measured: dict[str, list[Any]] = {name: [] for name in observables}
    bounds: dict[str, list[float | None]] = {name: [] for name in observables}
    distance = None if state_error is None else min(state_error, 1.0)
    for fraction_of, state in zip(s.tolist(), states, strict=True):
        report(f"observables at s = {fraction(fraction_of)}")
        state /= np.linalg.norm(state)
        state.flags.writeable = False
        for name, observable in observables.items():
            measured[name].append(observable.measure(H, fraction_of, state))
            if distance is not None:
                bounds[name].append(observable.largest_error(H, fraction_of, distance))
    values = {name: _stacked(name, each) for name, each in measured.items()}
    return Observations(
        s=s,
        times=s * tau,
        values=values,
        errors={name: _bounds(each) for name, each in bounds.items()},
        components={
            name: _components(observable, H, values[name])
            for name, observable in observables.items()
        },
        axis_labels={name: each.axis_label(H) for name, each in observables.items()},
        state_error=state_error,
    )


def _stacked(name: str, values: list[Any]) -> Array:
    """Return the values at all fractions as one array."""
    shapes = {np.shape(value) for value in values}
    if len(shapes) > 1:
        raise InputError(
            f"observable {name!r} returned arrays of different shapes, {sorted(shapes)}; give one "
            "shape at every s"
        )
    return np.array(values, dtype=np.float64)


def _bounds(errors: list[float | None]) -> Array | None:
    """Return the bounds of errors, or None if they are not known."""
    known = [error for error in errors if error is not None]
    return np.array(known) if known and len(known) == len(errors) else None


def _components(observable: Observable, H: QubitHamiltonian, values: Array) -> tuple[str, ...]:
    """Return the names of the components, numbered if the observable gives none."""
    if values.ndim == 1:
        return ()
    named = observable.components(H)
    return named if len(named) == values.shape[1] else tuple(map(str, range(values.shape[1])))
