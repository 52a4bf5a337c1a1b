"""Pages made from the code and from committed results; none of them is committed."""

from __future__ import annotations

import importlib
from pathlib import Path

import examples  # beside this file
import jupytext
import names
import reference
import sentences

from qxgap.report import bibtex, cited_methods, glossary


def write_all(docs: Path) -> bool:
    """Write every page that is made: reference, glossary, benchmarks, notebooks and BibTeX.

    Returns whether every notebook stands with its outputs, because `make notebooks` has run it
    since its source was last changed; else they must be run.
    """
    for old in (docs / "notebooks").glob("*.ipynb"):  # of a lesson that has another name now
        if not (docs.parent / "notebooks" / f"{old.stem}.py").exists():
            old.unlink()
    made = docs / "reference"
    for name in [name for name in names.packages() if name != "cli"]:  # commands have pages
        _write(made / "api" / f"{name}.rst", api_page(f"qxgap.{name}"))
    _write(made / "api" / "qxgap.rst", short_names_page())
    for name, text in reference.command_pages():
        _write(made / "cli" / f"{name}.md", text)
    _write(made / "generated" / "commands.md", reference.command_table())
    _write(made / "generated" / "study_file.md", reference.study_file_page())
    _write(made / "generated" / "columns.md", reference.columns_page())
    _write(made / "generated" / "sentences.md", sentences.sentences_page())
    _write(made / "references.bib", bibtex(cited_methods()) + "\n")
    _write(docs / "glossary.md", glossary_page())
    for result in sorted((docs.parent / "benchmarks" / "results").glob("*.md")):
        include = f"../../../benchmarks/results/{result.name}"
        text = f"```{{include}} {include}\n:relative-images:\n```\n"
        _write(made / "benchmarks" / result.name, text)
    return _write_notebooks(docs)


def _write_notebooks(docs: Path) -> bool:
    executed = []
    for source in sorted((docs.parent / "notebooks").glob("*.py")):
        result = docs.parent / "build" / "notebooks" / f"{source.stem}.ipynb"
        executed.append(result.exists() and result.stat().st_mtime >= source.stat().st_mtime)
        if executed[-1]:
            text = result.read_text(encoding="utf-8")
        else:
            text = jupytext.writes(jupytext.read(source), fmt="ipynb")
        _write(docs / "notebooks" / f"{source.stem}.ipynb", text)
    return all(executed)


def api_page(module: str) -> str:
    """reStructuredText of a module: a table of its public names, and then each in full."""
    loaded = importlib.import_module(module)
    listing = names.public(module)
    kinds = {name: names.kind(getattr(loaded, name)) for name in listing}
    table = "\n".join(f"   {name}" for name in listing if kinds[name] != "data")
    lines = [module, "=" * len(module), "", f".. automodule:: {module}", "   :no-members:", ""]
    lines += [
        f".. currentmodule:: {module}",
        "",
        ".. autosummary::",
        "   :nosignatures:",
        "",
        table,
    ]
    for name in listing:
        kind = kinds[name]
        lines += ["", f".. auto{kind}:: {name}"]
        lines += ["   :members:"] if kind == "class" else []
        lines += ["   :no-value:"] if kind == "data" else []
        lines += ["", *_where_used(module, name)]
    return "\n".join(lines) + "\n"


def _where_used(module: str, name: str) -> list[str]:
    """Lines that lead from a name without an example of its own to examples that use it."""
    links = examples.links(module, name)
    return [f"*Example:* {', '.join(links)}", ""] if links else []


def short_names_page() -> str:
    """reStructuredText of the short names of ``import qxgap as qx``, and of those at home there."""
    loaded = importlib.import_module("qxgap")
    lines = ["qxgap", "=====", "", ".. automodule:: qxgap", "   :no-members:", ""]
    lines += ["Each short name stands for a name of a package, which its link leads to.", ""]
    at_home: list[str] = []
    groups: dict[str, list[str]] = {}
    for name in names.public("qxgap"):
        home = names.home(name)
        if home is None:
            at_home += [name] if names.kind(getattr(loaded, name)) != "data" else []
        else:
            groups.setdefault(home, []).append(name)
    for home in [f"qxgap.{name}" for name in names.packages() if f"qxgap.{name}" in groups]:
        title = f"From :doc:`{home} <{home.removeprefix('qxgap.')}>`"
        lines += [title, "-" * len(title), "", ".. list-table::", "   :widths: 30 70", ""]
        for name in sorted(groups[home], key=names.public(home).index):
            first = (getattr(loaded, name).__doc__ or "").strip().splitlines()
            text = first[0] if first and names.kind(getattr(loaded, name)) != "data" else ""
            lines += [f"   * - :py:obj:`qx.{name} <{home}.{name}>`", f"     - {text}"]
        lines.append("")
    lines += ["Errors", "------", "", ".. currentmodule:: qxgap", ""]
    lines += [line for name in at_home for line in (f".. autoexception:: {name}", "")]
    lines += ["Results", "-------", "", "What every result can do:", ""]
    lines += [".. currentmodule:: qxgap.results", "", ".. autoclass:: Result", "   :members:", ""]
    return "\n".join(lines)


def glossary_page() -> str:
    """Markdown of all terms."""
    lines = [
        "# Glossary",
        "",
        "The words of this documentation and of the reports, in plain language. A report shows the",
        "same texts when the pointer rests on a word.",
        "",
        "```{glossary}",
    ]
    for term in glossary().values():
        lines += [term.name, f"  {term.meaning}"]
        lines += ["", f"  *As a formula:* `{term.formula}`"] if term.formula else []
        lines += ["", f"  *Also:* {', '.join(term.spellings)}"] if term.spellings else []
        lines.append("")
    return "\n".join([*lines, "```", ""])


def _write(path: Path, text: str) -> None:
    """Only if it changed, so that Sphinx rebuilds no more than it must."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
