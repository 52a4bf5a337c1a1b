"""Files of sample sets.

=========  ====================================================================================
``.json``  What dimod's ``to_serializable`` writes, or bqpjson 1.0 with solutions. LANL's variant,
           which has a list of values and a count for each solution, is read too.
``.csv``   Counts: one column for each variable, headed by its label, and ``num_occurrences``;
           optionally ``energy``. Lines that begin with ``#`` may state ``# vartype=SPIN`` and
           ``# info={...}`` (JSON). Labels that are all integers become integers.
=========  ====================================================================================

All other content of a file (solver, times, metadata) goes into ``SampleSet.info``.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import dimod
import numpy as np
from numpy.typing import NDArray

from ..checks import kind_of
from ..errors import UNREADABLE, InputError
from ..files import WriteError, write_whole
from ..problem.accept import ProblemLike, as_problem
from ..problem.qubo import QuboProblem
from ..samplers.sampleset import require_sampleset

COUNT, ENERGY = "num_occurrences", "energy"
"""Headings of the columns of a CSV file that are not variables."""

BQPJSON_PROBLEM = (
    "variable_domain",
    "variable_ids",
    "solutions",
    "linear_terms",
    "quadratic_terms",
)
"""Keys of a bqpjson file that do not go into ``info``."""


def save_sampleset(sampleset: dimod.SampleSet, path: str | Path) -> Path:
    """Write a sample set as JSON or CSV; the end of the file's name decides.

    Parameters
    ----------
    sampleset : dimod.SampleSet
        The samples.
    path : str or Path
        Name of the file, ending in .json or .csv.

    Returns
    -------
    Path
        The path of the file.

    Raises
    ------
    InputError
        If the name ends otherwise, if ``info`` cannot be written as JSON, or if the file cannot be
        written.
    """
    path = require_sample_file(path)
    require_sampleset(sampleset)
    try:
        if path.suffix == ".csv":
            text = _csv_text(sampleset)
        else:
            text = json.dumps(sampleset.to_serializable())  # type: ignore[no-untyped-call]
    except (TypeError, ValueError) as error:
        raise InputError(f"{path}: the sample set does not serialise ({error})") from error
    try:
        write_whole(path, text.encode())
    except WriteError as error:
        reason = getattr(error.__cause__, "strerror", None) or error
        raise InputError(f"{path}: cannot be written ({reason})") from error
    return path


def require_sample_file(path: str | Path) -> Path:
    """Return the path if its name ends in .json or .csv; raise InputError if not."""
    path = Path(path)
    if path.suffix not in (".json", ".csv"):
        raise InputError(f"{path}: samples are written as .json or .csv; name the file so")
    return path


def load_sampleset(path: str | Path, problem: ProblemLike | None = None) -> dimod.SampleSet:
    """Read a sample set from a JSON or CSV file.

    JSON may be what dimod's ``to_serializable`` writes, or bqpjson with solutions; CSV has one
    column for each variable, headed by its label, and the column ``num_occurrences``.

    Parameters
    ----------
    path : str or Path
        Name of the file.
    problem : QuboProblem, dimod.BinaryQuadraticModel or None
        The problem that computes the energies if the file has none.

    Returns
    -------
    dimod.SampleSet
        The samples, with all other content of the file in ``info``.

    Raises
    ------
    InputError
        If the file cannot be read; the message names the file, what is wrong in it, and the remedy.
    """
    problem = None if problem is None else as_problem(problem)
    if not isinstance(path, str | os.PathLike):
        raise InputError(f"path is {kind_of(path)}; give the name of a sample file")
    path = Path(path)
    if path.is_dir():
        raise InputError(f"{path}: a folder; give the sample files in it, such as {path}/*.json")
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    try:
        text = path.read_text(encoding="utf-8-sig")
        return _from_csv(text, problem) if path.suffix == ".csv" else _from_json(text, problem)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except UNREADABLE as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{path}: not a readable sample set ({reason})") from error


def _from_json(text: str, problem: QuboProblem | None) -> dimod.SampleSet:
    """Return the samples of a JSON text of either format."""
    content = json.loads(text)
    if isinstance(content, dict) and content.get("type") == "SampleSet":
        return dimod.SampleSet.from_serializable(content)  # type: ignore[no-untyped-call]
    if isinstance(content, dict) and "solutions" in content:
        return _from_bqpjson(content, problem)
    raise InputError(
        "it holds no dimod SampleSet and no bqpjson solutions; write one with json and "
        "to_serializable"
    )


def _from_bqpjson(content: dict[str, Any], problem: QuboProblem | None) -> dimod.SampleSet:
    """Return the solutions of a bqpjson file as samples."""
    labels, solutions = content["variable_ids"], content["solutions"]
    if not solutions:
        raise InputError("its list of solutions is empty")
    rows = []
    for solution in solutions:
        values = solution.get("solution")
        if values is None:
            assigned = {entry["id"]: entry["value"] for entry in solution["assignment"]}
            values = [assigned[label] for label in labels]
        if len(values) != len(labels):
            raise InputError(f"a solution has {len(values)} values for {len(labels)} variables")
        rows.append(values)
    domain = {"spin": "SPIN", "boolean": "BINARY"}.get(content.get("variable_domain", ""))
    energies = [s.get("energy", s.get("evaluation")) for s in solutions]
    counts = [s.get(COUNT, 1) for s in solutions]
    info = {key: value for key, value in content.items() if key not in BQPJSON_PROBLEM}
    return _build(
        rows,
        labels,
        vartype=domain,
        energies=None if None in energies else energies,
        counts=counts,
        info=info,
        problem=problem,
    )


def _from_csv(text: str, problem: QuboProblem | None) -> dimod.SampleSet:
    """Return the samples of a CSV text."""
    lines = text.splitlines()
    statements = dict(
        line[1:].strip().split("=", 1) for line in lines if line.startswith("#") and "=" in line
    )
    table = list(csv.DictReader(line for line in lines if line.strip() and line[0] != "#"))
    if not table or COUNT not in table[0]:
        raise InputError(f"it needs a header with the labels and {COUNT}, and a row of samples")
    if any(None in row or None in row.values() for row in table):
        raise InputError("its rows do not all have as many cells as the header; correct them")
    names = [name for name in table[0] if name not in (COUNT, ENERGY)]
    energies = [float(row[ENERGY]) for row in table] if ENERGY in table[0] else None
    return _build(
        [[int(row[name]) for name in names] for row in table],
        _labels(names),
        vartype=statements.get("vartype"),
        energies=energies,
        counts=[int(row[COUNT]) for row in table],
        info=json.loads(statements.get("info", "{}")),
        problem=problem,
    )


def _labels(names: list[str]) -> list[Hashable]:
    """Return the labels of the headings: integers if all of them are."""
    try:
        return [int(name) for name in names]
    except ValueError:
        return list(names)


def _build(
    rows: list[list[int]],
    labels: list[Hashable],
    *,
    vartype: Any,
    energies: list[float] | None,
    counts: list[int],
    info: dict[str, Any],
    problem: QuboProblem | None,
) -> dimod.SampleSet:
    """Make a sample set of the columns of a file; the vartype and the energies may be missing."""
    values = np.array(rows, dtype=np.int8)
    kind: Any = dimod.as_vartype(_vartype(values) if vartype is None else vartype)
    if energies is None:
        if problem is None:
            raise InputError("it has no energies; give the problem, which computes them")
        sampled = dimod.as_samples((values, labels))
        energies = problem.to_bqm(kind).energies(sampled).tolist()
    return dimod.SampleSet.from_samples(  # type: ignore[no-untyped-call]
        (values, labels),
        kind,
        energy=energies,
        num_occurrences=counts,
        info=info,
        sort_labels=False,
    )


def _vartype(values: NDArray) -> Any:
    """Return the vartype that the values show; raise InputError if they could be of both."""
    spin, binary = bool(np.any(values == -1)), bool(np.any(values == 0))
    if spin == binary:
        raise InputError(
            "its values are neither SPIN nor BINARY for certain; state '# vartype=BINARY'"
        )
    return "SPIN" if spin else "BINARY"


def _csv_text(sampleset: dimod.SampleSet) -> str:
    """Return the statements, the header, and a line for each row of the sample set."""
    record = sampleset.record
    file = io.StringIO(newline="")
    file.write(f"# vartype={sampleset.vartype.name}\n# info={json.dumps(sampleset.info)}\n")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*sampleset.variables, COUNT, ENERGY])
    for sample, count, energy in zip(
        record.sample.tolist(),
        record.num_occurrences.tolist(),
        record.energy.tolist(),
        strict=True,
    ):
        writer.writerow([*sample, count, repr(energy)])
    return file.getvalue()
