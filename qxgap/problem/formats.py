"""Problem files: one ``load`` and one ``save`` for all formats; the suffix names the format.

==========  ===================================================================================
``.npz``    feature selection: ``h`` >= 0, symmetric ``J``, ``labels``, ``tradeoff`` (the authors'
            names ``linear``, ``coupling``, ``nonzero_indices``, ``beta`` or ``n_f`` are read too);
            with ``size`` and ``size_weight`` a size term is added that h and J do not contain
``.bqm``    dimod's binary format
``.coo``    dimod's coordinate list (SPIN or BINARY by its header; integer labels)
``.json``   dimod's ``to_serializable``, or bqpjson 1.0
``.qubo``   qbsolv: ``p qubo``, 0-based nodes and couplers
==========  ===================================================================================

No file is read as a pickle, because loading a pickle runs code.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import dimod
import numpy as np
from dimod.serialization import coo

from ..checks import real_array
from ..errors import UNREADABLE, InputError
from ..files import write_whole
from .accept import ProblemLike, as_problem
from .bqmfile import read_bqm
from .feature_selection import FeatureSelection, SizeTerm, feature_selection_of
from .qubo import QuboProblem

NPY_MAGIC = b"\x93NUMPY"
"""The first bytes of a ``.npy`` file."""
NPZ_ALIASES = {
    "h": ("h", "linear"),
    "J": ("J", "coupling"),
    "labels": ("labels", "nonzero_indices"),
    "tradeoff": ("tradeoff", "beta", "n_f"),
}
"""The arrays of a ``.npz`` file, and the names that each of them may have."""
OPTIONAL = ("alpha", "features", "label", "pred", "target", "num_maps", "image")
"""Arrays that a ``.npz`` file may hold beside the problem; attributes of FeatureSelection."""


def load(path: str | Path, *, pair_weight: int = 1) -> QuboProblem:
    """Read a problem file.

    Parameters
    ----------
    path : str or Path
        A file that ends in .npz, .bqm, .coo, .json or .qubo.
    pair_weight : int
        1 or 2, the convention of a feature-selection ``.npz``, see :class:`FeatureSelection`. Every
        other format states its couplings in full and takes 1 only.

    Returns
    -------
    QuboProblem
        The problem. That of a ``.npz`` file has a :class:`FeatureSelection` as its ``source``.

    Raises
    ------
    InputError
        If the file cannot be read; the message names the file, what is wrong in it, and the remedy.

    See Also
    --------
    save : Write a problem file.

    Examples
    --------
    >>> import tempfile
    >>> import qxgap as qx
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = qx.save(qx.FeatureSelection([1.0], [[0.0]], 0.7).qubo(), f"{folder}/one.npz")
    ...     problem = qx.load(path)
    >>> problem.source
    FeatureSelection(1 features, tradeoff=0.7, pair_weight=1)
    """
    path = _path(path)
    if path.suffix not in _READERS:
        known = ", ".join(_READERS)
        raise InputError(f"{path}: unknown format {path.suffix!r}; known are {known}")
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    if pair_weight != 1 and path.suffix != ".npz":
        raise InputError(f"{path}: a pair weight applies to .npz files only; leave it at 1")
    try:
        if path.suffix == ".npz":
            return _read_npz(path, pair_weight)
        return QuboProblem.from_bqm(_READERS[path.suffix](path), meta={"file": path.name})
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except UNREADABLE as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{path}: not a readable {path.suffix} file ({reason})") from error


def save(problem: ProblemLike, path: str | Path) -> Path:
    """Write a problem in the format that the suffix names.

    The file is written whole or not at all; one that exists is replaced.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem.
    path : str or Path
        The file. ``.npz`` stores problems that were made from a :class:`FeatureSelection`; ``.coo``
        and ``.qubo`` store problems with labels 0, 1, ... and without offset. ``.json`` and
        ``.bqm`` store every problem, without its ``source`` and ``meta``.

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    InputError
        If the format is unknown or cannot store the problem.

    See Also
    --------
    load : Read a problem file.

    Examples
    --------
    >>> import tempfile
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, 0.5], [[0.0, 1.0], [0.0, 0.0]])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     qx.load(qx.save(problem, f"{folder}/two.json")) == problem
    True
    """
    problem = as_problem(problem)
    path = _path(path)
    if path.suffix not in _WRITERS:
        raise InputError(f"{path}: cannot write {path.suffix!r}; use {', '.join(_WRITERS)}")
    _WRITERS[path.suffix](problem, path)
    return path


def _path(path: Any) -> Path:
    """Return ``path`` as a Path; InputError for other objects."""
    if not isinstance(path, str | os.PathLike):
        raise InputError(f"{path!r} is no path; give the name of a problem file")
    return Path(path)


def _read_npz(path: Path, pair_weight: int) -> QuboProblem:
    """Read a feature-selection problem; arrays may have the names that the authors' files use."""
    arrays = _arrays(path)
    required = {}
    for name, aliases in NPZ_ALIASES.items():
        present = [alias for alias in aliases if alias in arrays]
        if present:
            required[name] = arrays[present[0]]
        elif name != "labels":
            raise InputError(f"no array {' or '.join(aliases)}; it has {sorted(arrays)}")
    tradeoff = real_array("tradeoff", required["tradeoff"])
    if tradeoff.size != 1:
        raise InputError(f"tradeoff has shape {tradeoff.shape}; give one number")
    optional: dict[str, Any] = {name: arrays[name] for name in OPTIONAL if name in arrays}
    selection = FeatureSelection(
        required["h"],
        required["J"],
        float(tradeoff.item()),
        pair_weight=pair_weight,
        size_term=_size_term(arrays),
        labels=tuple(required.get("labels", ())),
        **optional,
    )
    return selection.qubo(meta={"file": path.name})


def _size_term(arrays: Mapping[str, np.ndarray]) -> SizeTerm | None:
    """Return the size term of a file, or None if it has none."""
    if "size_weight" not in arrays:
        return None
    return SizeTerm(int(arrays["size"]), float(arrays["size_weight"]))


def _arrays(path: Path) -> dict[str, np.ndarray]:
    """Return all arrays of a ``.npz`` file, which is a ZIP archive of ``.npy`` files.

    numpy takes a file of another kind for a pickle, and its error message advises to load it as
    such. So the kind of the file is checked here first.
    """
    with path.open("rb") as file:
        if not zipfile.is_zipfile(file):
            file.seek(0)
            if file.read(len(NPY_MAGIC)) == NPY_MAGIC:
                raise InputError(
                    "not a readable .npz file but a single array (.npy); save h, J and tradeoff "
                    "together by np.savez"
                )
            raise InputError("not a readable .npz file; save h, J and tradeoff by np.savez")
        file.seek(0)
        with np.load(file, allow_pickle=False) as archive:
            return {name: _array(archive, name) for name in archive.files}


def _array(archive: Any, name: str) -> np.ndarray:
    """Return one array of an archive; InputError if it holds pickled objects."""
    try:
        return np.asarray(archive[name])
    except ValueError as error:
        if "pickle" not in str(error):
            raise
        raise InputError(
            f"array {name} holds Python objects; save numbers, and labels as numbers or text"
        ) from error


def _write_npz(problem: QuboProblem, path: Path) -> None:
    """Write the feature selection that the problem was made from."""
    try:
        selection = feature_selection_of(problem)
    except InputError as error:
        raise InputError(f"{path}: .npz holds rewards; {error}, or save as .json or .bqm") from None
    term = selection.size_term
    arrays = {
        "h": selection.rewards,
        "J": selection.redundancy,
        "labels": np.array(selection.labels),
        "tradeoff": selection.tradeoff,
        **({"size": int(term.size), "size_weight": float(term.weight)} if term else {}),
        **{name: value for name in OPTIONAL if (value := getattr(selection, name)) is not None},
    }
    write_whole(path, lambda file: np.savez_compressed(file, **arrays))


def _write_bqm(problem: QuboProblem, path: Path) -> None:
    """Write dimod's binary format."""
    with problem.to_bqm().to_file() as stream:
        write_whole(path, stream.read())


def _read_coo(path: Path) -> dimod.BinaryQuadraticModel:
    """Read dimod's coordinate list; InputError without a header that names the vartype."""
    text = path.read_text()
    if "vartype=" not in text:
        raise InputError("no vartype header; make its first line '# vartype=BINARY' or SPIN")
    return coo.loads(text)


def _write_coo(problem: QuboProblem, path: Path) -> None:
    """Write dimod's coordinate list."""
    _require_integer_labels(problem, path)
    if problem.offset:
        raise InputError(f"{path}: .coo holds no offset; save as .json or .bqm")
    write_whole(path, coo.dumps(problem.to_bqm(), vartype_header=True).encode())


def _read_json(path: Path) -> dimod.BinaryQuadraticModel:
    """Read JSON of dimod or of bqpjson."""
    content = json.loads(path.read_text(encoding="utf-8-sig"))
    if not isinstance(content, dict):
        raise InputError("its top level is not an object")
    if content.get("type") == "BinaryQuadraticModel":
        return dimod.BinaryQuadraticModel.from_serializable(content)
    if "variable_domain" in content:
        return _from_bqpjson(content)
    raise InputError("neither a dimod model (type BinaryQuadraticModel) nor bqpjson")


def _write_json(problem: QuboProblem, path: Path) -> None:
    """Write dimod's ``to_serializable`` as JSON."""
    write_whole(path, json.dumps(problem.to_bqm().to_serializable()).encode())


def _from_bqpjson(content: dict[str, Any]) -> dimod.BinaryQuadraticModel:
    """Return the model that a bqpjson object describes, with its scale multiplied in."""
    domains = {"spin": dimod.SPIN, "boolean": dimod.BINARY}
    if content["variable_domain"] not in domains:
        raise InputError(f"variable_domain {content['variable_domain']!r}; use spin or boolean")
    bqm = dimod.BinaryQuadraticModel(domains[content["variable_domain"]])
    scale = float(content.get("scale", 1.0))
    for variable in content["variable_ids"]:
        bqm.add_linear(variable, 0.0)
    for term in content["linear_terms"]:
        bqm.add_linear(term["id"], scale * term["coeff"])
    for term in content["quadratic_terms"]:
        bqm.add_quadratic(term["id_head"], term["id_tail"], scale * term["coeff"])
    bqm.offset = scale * float(content.get("offset", 0.0))
    return bqm


def _read_qubo(path: Path) -> dimod.BinaryQuadraticModel:
    """Read the format of qbsolv."""
    bqm = dimod.BinaryQuadraticModel(dimod.BINARY)
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        words = line.split()
        if not words or words[0] in ("c", "p"):
            continue
        if len(words) != 3:
            raise InputError(f"line {number} is not 'i j value': {line!r}")
        u, v, bias = int(words[0]), int(words[1]), float(words[2])
        if u == v:
            bqm.add_linear(u, bias)
        else:
            bqm.add_linear(u, 0.0)
            bqm.add_linear(v, 0.0)
            bqm.add_quadratic(u, v, bias)
    return bqm


def _write_qubo(problem: QuboProblem, path: Path) -> None:
    """Write the format of qbsolv."""
    labels = _require_integer_labels(problem, path)
    if problem.offset:
        raise InputError(f"{path}: .qubo holds no offset; save as .json or .bqm")
    pairs = np.argwhere(problem.J)
    lines = [f"p qubo 0 {max(labels) + 1} {len(labels)} {len(pairs)}"]
    lines += [f"{u} {u} {bias!r}" for u, bias in zip(labels, problem.h.tolist(), strict=True)]
    for p, q in pairs:
        u, v = sorted((labels[p], labels[q]))
        lines.append(f"{u} {v} {float(problem.J[p, q])!r}")
    write_whole(path, ("\n".join(lines) + "\n").encode())


def _require_integer_labels(problem: QuboProblem, path: Path) -> list[int]:
    """Return the labels; InputError unless all are whole numbers of at least 0."""
    labels = [label for label in problem.labels if isinstance(label, int) and label >= 0]
    if len(labels) < problem.num_qubits:
        raise InputError(f"{path}: {path.suffix} holds labels 0, 1, ... only; save as .json")
    return labels


_READERS: dict[str, Callable[..., Any]] = {
    ".npz": _read_npz,
    ".bqm": read_bqm,
    ".coo": _read_coo,
    ".json": _read_json,
    ".qubo": _read_qubo,
}
_WRITERS: dict[str, Callable[[QuboProblem, Path], None]] = {
    ".npz": _write_npz,
    ".bqm": _write_bqm,
    ".coo": _write_coo,
    ".json": _write_json,
    ".qubo": _write_qubo,
}
