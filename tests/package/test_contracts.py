"""The contracts that every method and every result of the package keeps."""

import dataclasses
import inspect

import pytest

import qxgap as qx
from qxgap.report.citations import references
from qxgap.results import Result

PACKAGES = [name for name in qx.__all__ if name not in ("cli", "testing")]


def exported():
    """Every class that a package exports, with the name of the package."""
    pytest.importorskip("torch")
    for package in PACKAGES:
        module = getattr(qx, package)
        if not inspect.ismodule(module):
            continue
        for name, thing in vars(module).items():
            if inspect.isclass(thing) and thing.__module__.startswith(f"qxgap.{package}"):
                yield f"{package}.{name}", thing


def test_results_are_frozen_and_show_themselves_alike():
    results = {path: c for path, c in exported() if issubclass(c, Result)}
    assert len(results) > 50
    for path, result in results.items():
        if any(issubclass(other, result) for other in results.values() if other is not result):
            continue  # a base of results, which nobody meets
        assert dataclasses.is_dataclass(result), path
        assert result.__dataclass_params__.frozen, path
        assert callable(result.to_dict), path
        assert result.__repr__ is Result.__repr__, path  # a dataclass's own would show its arrays
        assert result.__str__ is not object.__str__, path


def test_references_are_entries_of_the_bibliography():
    known = set(references())
    classes = [(path, c) for path, c in exported() if hasattr(c, "references")]
    assert len(classes) > 20
    for path, cited in classes:
        keys = cited.references
        if not isinstance(keys, tuple):
            continue  # a property of instances
        assert set(keys) <= known, path
