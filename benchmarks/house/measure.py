"""Measure the source tree: sizes, import floors, circles, docstrings.

    python -m benchmarks.house.measure [--source qxgap] [--output FILE.md]

The source is read as text; nothing of it is imported or run. An import counts
wherever it stands: at the top of a file, inside a function, or below ``TYPE_CHECKING``. The floor
of a file is one more than the highest floor of the files of its own package that it imports; files
that import each other in a circle share a floor, and the table counts such circles.
"""

from __future__ import annotations

import argparse
import ast
import statistics
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import networkx

Graph = dict[str, set[str]]


@dataclass
class Module:
    """One file of the source tree.

    Attributes
    ----------
    name : str
        Dotted name below the root package, such as ``"spectra.gap"``.
    path : Path
        The file.
    tree : ast.Module
        Its syntax tree.
    lines : int
        Its number of lines.
    comments : int
        Its lines that are nothing but a comment.
    imports : set of str
        Names of the modules of the same source tree that it imports.
    """

    name: str
    path: Path
    tree: ast.Module
    lines: int
    comments: int
    imports: set[str] = field(default_factory=set)

    @property
    def is_face(self) -> bool:
        """Whether it is the ``__init__`` of a package, which only hands names on."""
        return self.path.name == "__init__.py"

    @property
    def package(self) -> str:
        """The top folder, or "(root)" for a file that lies in none."""
        top, dot, _ = self.name.partition(".")
        return top if dot or (self.is_face and self.name) else "(root)"


def read(source: Path) -> dict[str, Module]:
    """Read every Python file below ``source`` and resolve its imports."""
    modules = {}
    for path in sorted(source.rglob("*.py")):
        parts = list(path.relative_to(source).with_suffix("").parts)
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        text = path.read_text(encoding="utf-8")
        with tokenize.open(path) as file:
            tokens = list(tokenize.generate_tokens(file.readline))
        comments = sum(
            t.type == tokenize.COMMENT and not t.line[: t.start[1]].strip() for t in tokens
        )
        modules[name] = Module(name, path, ast.parse(text), text.count("\n"), comments)
    for module in modules.values():
        module.imports = set(_imports(module, modules, source.name)) - {module.name}
    return modules


def _imports(module: Module, modules: Mapping[str, Module], root: str) -> Iterator[str]:
    """Yield the modules that one module imports; a name that a face hands on counts as its home."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        if node.level:
            parts = module.name.split(".") if module.name else []
            parts = parts if module.is_face else parts[:-1]
            base = parts[: len(parts) - node.level + 1]
            target = ".".join([*base, *(node.module or "").split(".")]).strip(".")
        elif node.module == root or (node.module or "").startswith(root + "."):
            target = node.module[len(root) + 1 :]
        else:
            continue
        for alias in node.names:
            yield from _home(target, alias.name, modules)


def _home(target: str, name: str, modules: Mapping[str, Module]) -> Iterator[str]:
    """Follow an import through the faces of packages to the file that defines the name."""
    inner = f"{target}.{name}".strip(".")
    if inner in modules and not modules[inner].is_face:
        yield inner
        return
    face = modules.get(target)
    if face is None:
        return
    if not face.is_face:
        yield target
        return
    for node in face.tree.body:
        if not isinstance(node, ast.ImportFrom) or node.level != 1 or not node.module:
            continue
        if any((alias.asname or alias.name) == name for alias in node.names):
            yield from _home(f"{target}.{node.module}".strip("."), name, modules)
            return


def circles(graph: Graph) -> list[list[str]]:
    """Return the sets of files that import each other in a circle; a file alone is a set too."""
    return [
        sorted(group) for group in networkx.strongly_connected_components(networkx.DiGraph(graph))
    ]


def floors(graph: Graph) -> int:
    """Return the number of floors of a graph, each circle being one room."""
    if not graph:
        return 0
    return networkx.dag_longest_path_length(networkx.condensation(networkx.DiGraph(graph))) + 1


@dataclass
class Prose:
    """Counts over the public functions and classes of some modules."""

    public: int = 0
    documented: int = 0
    with_example: int = 0
    with_parameters: int = 0
    of_two_or_more: int = 0

    def add(self, module: Module) -> None:
        """Count the definitions of one module."""
        for node in _definitions(module.tree):
            text = ast.get_docstring(node) or ""
            self.public += 1
            self.documented += bool(text)
            self.with_example += ">>>" in text
            if isinstance(node, ast.FunctionDef):
                arguments = node.args
                named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
                if sum(a.arg not in ("self", "cls") for a in named) >= 2:
                    self.of_two_or_more += 1
                    self.with_parameters += "Parameters\n" in text


def _definitions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _definitions(node)


def share(part: int, whole: int) -> str:
    """Write a part of a whole in percent; a dash where there is nothing to count."""
    return f"{100 * part / whole:.0f} %" if whole else "-"


def rows(modules: Mapping[str, Module]) -> Iterator[list[str]]:
    """Yield a row per package and one of all."""
    packages: dict[str, list[Module]] = defaultdict(list)
    for module in modules.values():
        packages[module.package].append(module)
    total = sum(module.lines for module in modules.values())
    for name, members in [*sorted(packages.items()), ("all", list(modules.values()))]:
        rooms = [m for m in members if not m.is_face]
        names = {m.name for m in rooms}
        graph = {m.name: m.imports & names for m in rooms}
        prose = Prose()
        for module in members:
            prose.add(module)
        lines = [m.lines for m in members]
        yield [
            name,
            str(len(members)),
            str(sum(lines)),
            share(sum(lines), total),
            f"{statistics.median(lines):.0f}",
            str(max(lines)),
            str(floors(graph)),
            str(sum(len(group) > 1 for group in circles(graph))),
            share(prose.documented, prose.public),
            share(prose.with_parameters, prose.of_two_or_more),
            str(prose.with_example),
            f"{1000 * sum(m.comments for m in members) / max(sum(lines), 1):.1f}",
        ]


HEAD = (
    "package",
    "files",
    "lines",
    "share",
    "median",
    "largest",
    "floors",
    "circles",
    "documented",
    "parameters",
    "examples",
    "comments / 1000",
)


def markdown(head: Iterable[str], body: Iterable[list[str]]) -> str:
    """Set a table as Markdown."""
    head = list(head)
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def repeated_names(modules: Mapping[str, Module]) -> list[str]:
    """Return the names that more than one file has, with their folders."""
    places = defaultdict(list)
    for module in modules.values():
        if not module.is_face:
            folder, _, leaf = module.name.rpartition(".")
            places[leaf].append(folder or "(root)")
    return [f"{leaf} ({', '.join(at)})" for leaf, at in sorted(places.items()) if len(at) > 1]


def report(source: Path) -> str:
    """Return the measurements of one source tree as Markdown."""
    modules = read(source)
    crowded = Counter(str(m.path.parent.relative_to(source)) for m in modules.values())
    folder, most = crowded.most_common(1)[0]
    again = repeated_names(modules)
    return "\n\n".join(
        [
            markdown(HEAD, rows(modules)),
            f"The folder with the most files is `{folder}` with {most}. "
            f"{len(again)} file names occur more than once: {'; '.join(again) or 'none'}.",
        ]
    )


def main() -> None:
    """Print the table, and write it if that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=Path, default=Path(__file__).parents[2] / "qxgap")
    parser.add_argument("--output", type=Path, help="Markdown file to write")
    arguments = parser.parse_args()
    text = report(arguments.source)
    print(text)
    if arguments.output:
        arguments.output.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
