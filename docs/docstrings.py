"""Check that the docstrings of all public names follow numpydoc: `python docs/docstrings.py`.

A name is public if the ``__init__`` of a package of qxgap exports it; the public methods of its
classes are checked with it. Every parameter must be named with its type and a description, and each
name that `import qxgap` itself or `qxgap.plotting` offers needs an example. Give packages as
arguments to check these only, such as `python docs/docstrings.py spectra dynamics`.
"""

from __future__ import annotations

import dataclasses
import enum
import importlib
import inspect
import sys
from collections.abc import Iterator

import names  # beside this file
from numpydoc.validate import Validator, validate

CHECKS = {
    "GL03",
    "GL06",
    "GL07",
    "GL08",
    "SS02",
    "SS03",
    "SS04",
    "PR01",
    "PR02",
    "PR03",
    "PR04",
    "PR05",
    "PR07",
    "PR10",
    "RT03",
    "RT05",
}
"""See https://numpydoc.readthedocs.io/en/latest/validation.html for what each of them means."""

WITH_EXAMPLES = ("qxgap", "qxgap.plotting")
"""Each name of these packages needs an example of its own."""


def public_names(package: str) -> Iterator[str]:
    """Yield the dotted path of each public name of a package and of the methods of its classes."""
    module = importlib.import_module(package)
    for name in names.public(package):
        thing = getattr(module, name)
        if names.kind(thing) == "data" or not thing.__module__.startswith("qxgap"):
            continue
        if package != "qxgap" and not thing.__module__.startswith(package):
            continue  # its own package checks it
        yield f"{package}.{name}"
        if inspect.isclass(thing):
            for attribute, member in vars(thing).items():
                method = inspect.isfunction(member) or isinstance(member, classmethod)
                if method and not attribute.startswith("_"):
                    yield f"{package}.{name}.{attribute}"


def faults(path: str) -> list[str]:
    """Return what numpydoc finds wrong with one docstring, and a missing example."""
    result = validate(path)
    thing = Validator._load_obj(path)
    # the fields of a result, which nobody constructs, stand under Attributes
    fields_of = getattr(thing, "_fields", ())  # of a NamedTuple
    if dataclasses.is_dataclass(thing):
        fields_of = [field.name for field in dataclasses.fields(thing)]
    documented = "Attributes" in (thing.__doc__ or "") and bool(fields_of)
    # nobody calls an exception, a member of an enumeration or a protocol with parameters
    no_parameters = inspect.isclass(thing) and (
        issubclass(thing, Exception | enum.Enum) or getattr(thing, "_is_protocol", False)
    )
    skipped = {"PR01"} if documented or no_parameters else set()
    found = [f"{code} {text}" for code, text in result["errors"] if code in CHECKS - skipped]
    if documented:
        fields = {name for name in fields_of if not name.startswith("_")}
        text = thing.__doc__.replace(" ", "")
        found += [
            f"attribute {name} is not described"
            for name in sorted(fields)
            if f"\n{name}" not in text and f",{name}" not in text
        ]
    if path.rpartition(".")[0] in WITH_EXAMPLES and ">>>" not in (thing.__doc__ or ""):
        found.append("needs an example")
    return found


def main(packages: list[str]) -> int:
    """Print every fault of the named packages, or of all; return 1 if there is one."""
    wanted = packages or names.packages()
    own = list(public_names("qxgap"))
    paths = [path for package in wanted for path in public_names(f"qxgap.{package}")]
    homes = {path.split(".", 2)[2]: path.split(".")[1] for path in paths if path.count(".") == 2}
    paths += [path for path in own if not packages or homes.get(path.split(".")[1]) in packages]
    count = 0
    for path in dict.fromkeys(paths):
        for fault in faults(path):
            print(f"{path}: {fault}")
            count += 1
    print(f"{count} faults in {len(paths)} docstrings", file=sys.stderr)
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
