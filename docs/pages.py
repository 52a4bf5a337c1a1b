"""Pages made from the code and from committed results; none of them is committed."""

import ast
import importlib
from pathlib import Path

import docstrings  # beside this file
import jupytext

from qxgap.report import bibtex, cited_methods


def write_all(docs: Path) -> bool:
    """Write the API reference, the benchmark pages, the notebooks and the BibTeX of all methods.

    Returns whether every notebook stands with its outputs, because `make notebooks` has run it
    since its source was last changed; else they must be run.
    """
    for name in docstrings.all_packages():
        if name == "cli":
            continue  # it is for terminals
        _write(docs / "api" / f"{name}.rst", api_page(f"qxgap.{name}"))
    for result in sorted((docs.parent / "benchmarks" / "results").glob("*.md")):
        include = f"../../benchmarks/results/{result.name}"
        text = f"```{{include}} {include}\n:relative-images:\n```\n"
        _write(docs / "benchmarks" / result.name, text)
    executed = []
    for source in sorted((docs.parent / "notebooks").glob("*.py")):
        result = docs.parent / "build" / "notebooks" / f"{source.stem}.ipynb"
        executed.append(result.exists() and result.stat().st_mtime >= source.stat().st_mtime)
        if executed[-1]:
            text = result.read_text(encoding="utf-8")
        else:
            text = jupytext.writes(jupytext.read(source), fmt="ipynb")
        _write(docs / "notebooks" / f"{source.stem}.ipynb", text)
    _write(docs / "references.bib", bibtex(cited_methods()) + "\n")
    return all(executed)


def exports(module: str) -> list[str]:
    """Names that a module exports by `from .file import name as name`, or else defines."""
    path = importlib.import_module(module).__file__
    nodes = ast.parse(Path(path).read_text(encoding="utf-8")).body
    froms = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    named = [a.name for node in froms for a in node.names if a.asname == a.name]
    own = [n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    return named or [name for name in own if not name.startswith("_")]


def api_page(module: str) -> str:
    """reStructuredText of a module: a table of what it exports, and then each in full."""
    loaded = importlib.import_module(module)
    names = exports(module)
    kinds = {name: _directive(getattr(loaded, name)) for name in names}
    table = "\n".join(f"   {name}" for name in names if kinds[name] != "autodata")
    lines = [module, "=" * len(module), "", f".. automodule:: {module}", "   :no-members:", ""]
    lines += [
        f".. currentmodule:: {module}",
        "",
        ".. autosummary::",
        "   :nosignatures:",
        "",
        table,
    ]
    for name in names:
        lines += ["", f".. {kinds[name]}:: {name}"]
        lines += ["   :members:"] if kinds[name] == "autoclass" else []
        lines += ["   :no-value:"] if kinds[name] == "autodata" else []
    return "\n".join(lines) + "\n"


def _directive(thing: object) -> str:
    if isinstance(thing, type):
        return "autoexception" if issubclass(thing, Exception) else "autoclass"
    return "autofunction" if callable(thing) and hasattr(thing, "__code__") else "autodata"


def _write(path: Path, text: str) -> None:
    """Only if it changed, so that Sphinx rebuilds no more than it must."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
