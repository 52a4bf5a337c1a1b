"""The rules of the house that the import contracts do not state: sizes, circles, shadowed names."""

import importlib
import inspect
from collections import Counter
from pathlib import Path

import pytest

import qxgap as qx
from benchmarks.house import measure

SOURCE = Path(qx.__file__).parent
MODULES = measure.read(SOURCE)


def test_no_files_import_each_other_in_a_circle():
    """Imports inside functions and below TYPE_CHECKING count too."""
    graph = {name: module.imports for name, module in MODULES.items()}
    assert [group for group in measure.circles(graph) if len(group) > 1] == []


def test_no_folder_is_crowded():
    crowd = Counter(module.path.parent for module in MODULES.values())
    assert {str(folder): number for folder, number in crowd.items() if number > 18} == {}


def test_no_package_has_more_than_its_share_of_the_lines():
    lines = Counter()
    for module in MODULES.values():
        lines[module.package] += module.lines
    total = sum(lines.values())
    assert {name: count for name, count in lines.items() if count > 0.15 * total} == {}


def test_no_file_is_too_long():
    assert {name: module.lines for name, module in MODULES.items() if module.lines > 500} == {}


PACKAGES = sorted(name for name in MODULES if name and "." not in name and MODULES[name].is_face)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_is_shadowed_by_what_its_package_exports(package):
    """``import qxgap.x.y`` and ``qxgap.x.y`` must be the same thing."""
    if package in ("xai", "explain"):
        pytest.importorskip("torch")
    shadowed = []
    for name in MODULES:
        parent, _, leaf = name.rpartition(".")
        if name.split(".")[0] != package or not parent:
            continue
        loaded = getattr(importlib.import_module(f"qxgap.{parent}"), leaf, None)
        if loaded is not None and not inspect.ismodule(loaded):
            shadowed.append(name)
    assert shadowed == []
    assert inspect.ismodule(getattr(qx, package))
