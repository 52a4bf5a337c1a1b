"""Reference pages made from the code: the commands, their JSON, study files and results tables.

Every command with an example is run while the pages are built, so that a page shows what the
command prints today; a key of its JSON without a meaning stops the build.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import json
import os
import re
import shlex
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpydoc.docscrape import ClassDoc
from typer._click import Context
from typer.cli import get_docs_for_click

import qxgap as qx
from qxgap.cli.app import COMMANDS, app, load_command
from qxgap.study import Network, Study, describe_columns
from qxgap.testing import random_feature_selection

EXAMPLES = {
    "check": "qxgap check problem.npz --out checked",
    "gap": "qxgap gap problem.npz",
    "anneal": "qxgap anneal problem.npz --tau 10 --tau 50",
    "sample": "qxgap sample problem.npz --out samples.json",
    "embed": "qxgap embed problem.npz --topology pegasus --noise 100",
    "schedule": "qxgap schedule problem.npz --for Advantage2_system1 -o points.json",
    "compare": "qxgap compare problem.npz samples.json --tau 50",
    "select": "qxgap select problem.npz",
    "reduce": "qxgap reduce problem.npz --out smaller",
    "qubo": "qxgap qubo --model digits --images images.npz --out problems",
    "explain": "qxgap explain images.npz --model digits --steps 5 --out explained",
}
"""Command -> the example that its page shows; the files are made by :func:`write_files`."""

SEE_ALSO = {
    "check": ("howto/check", "howto/own_bqm", "explanation/how_sure"),
    "gap": ("howto/gap", "explanation/minimum_gap"),
    "anneal": ("howto/success",),
    "sample": ("reference/drawing_samples",),
    "embed": ("howto/embed",),
    "schedule": ("howto/schedule", "howto/embed"),
    "compare": ("howto/samples", "reference/reading_samples"),
    "select": ("howto/large",),
    "reduce": ("howto/large",),
    "qubo": ("howto/network",),
    "explain": ("howto/network",),
    "study": ("howto/study", "reference/study_file"),
    "report": ("howto/study", "reference/results_table"),
    "demo": ("tutorial/1_the_demo",),
    "cite": ("reference/citations",),
}


def command_pages() -> Iterator[tuple[str, str]]:
    """Yield the name and the page (Markdown) of every command, and of the JSON of all."""
    meanings = key_meanings()
    printed_by: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        write_files()
        for name in COMMANDS:
            text = help_text(name)
            if name in EXAMPLES:
                text += f"\n## What it prints\n\n{example(EXAMPLES[name])}"
                keys = keys_of(EXAMPLES[name])
                for key in keys:
                    printed_by.setdefault(key, []).append(name)
                text += f"\n## Keys of its JSON\n\n{key_table(keys, meanings)}"
            links = ", ".join(f"[](../../{page}.md)" for page in SEE_ALSO.get(name, ()))
            yield name, text + (f"\nSee also: {links}.\n" if links else "")
    yield "json", json_page(printed_by, meanings)


def command_table() -> str:
    """Return a table of all commands with the first sentence of their help."""
    rows = [f"| [`qxgap {name}`]({name}.md) | {text} |" for name, text in COMMANDS.items()]
    return "\n".join(["| command | does |", "|---|---|", *rows, ""])


def help_text(name: str) -> str:
    """Return the help of a command as Markdown, as typer writes it."""
    command = load_command(name)
    return get_docs_for_click(obj=command, ctx=Context(command), name=f"qxgap {name}")


def write_files() -> None:
    """Write the files of the examples into the current folder."""
    qx.save(random_feature_selection(6, seed=6), "problem.npz")
    images = qx.xai.open_network("digits").open_images("digits")
    np.savez("images.npz", images=np.asarray(images.read(slice(0, 2))))


def example(command: str) -> str:
    """Return a command and what it prints, as Markdown."""
    return f"```console\n$ {command}\n{run(command).rstrip()}\n```\n"


def run(command: str) -> str:
    """Run a command in this process and return what it prints."""
    output = io.StringIO()
    os.environ["COLUMNS"] = "84"  # as wide as a page
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(io.StringIO()):
        app(shlex.split(command)[1:], prog_name="qxgap", standalone_mode=False)
    return output.getvalue().replace(f"{Path.cwd()}/", "")


def keys_of(command: str) -> dict[str, Any]:
    """Return the keys of the JSON that a command prints, with one value of each."""
    values = json.loads(run(f"{command} --json"))
    keys: dict[str, Any] = {}
    for row in values if isinstance(values, list) else [values]:
        for key, value in row.items():
            if keys.get(key) is None:
                keys[key] = value
    return keys


def key_meanings() -> dict[str, str]:
    """Return what every known key of JSON means: from json_keys.toml, else from the table."""
    columns = describe_columns()
    meanings = dict(zip(columns.column, columns.meaning, strict=True))
    file = Path(__file__).parent / "reference" / "json_keys.toml"
    return meanings | tomllib.loads(file.read_text(encoding="utf-8"))


def key_table(keys: Mapping[str, Any], meanings: Mapping[str, str]) -> str:
    """Return a table of keys; raise KeyError for one without a meaning."""
    unknown = sorted(set(keys) - set(meanings))
    if unknown:
        raise KeyError(f"docs/reference/json_keys.toml does not explain {', '.join(unknown)}")
    rows = [f"| `{key}` | {type_name(value)} | {meanings[key]} |" for key, value in keys.items()]
    return "\n".join(["| key | type | meaning |", "|---|---|---|", *rows, ""])


def type_name(value: Any) -> str:
    """Return the name of a type of JSON."""
    names = {bool: "true or false", int: "integer", float: "number", str: "text"}
    names |= {list: "list", dict: "object", type(None): "null"}
    return names[type(value)]


def json_page(printed_by: Mapping[str, list[str]], meanings: Mapping[str, str]) -> str:
    """Return the page of all keys of JSON."""
    lines = [
        "# Keys of the JSON",
        "",
        "`--json` prints a list with an object for each row, with all digits. Infinite and unknown",
        "numbers are `null`. Keys are added from time to time and never renamed. `to_dict()` of a",
        "result has the same keys. `--csv` prints the same rows below a line of headings; lists",
        "are written as in JSON.",
        "",
        "| key | printed by | meaning |",
        "|---|---|---|",
    ]
    for key, commands in sorted(printed_by.items()):
        links = ", ".join(f"[{name}]({name}.md)" for name in commands)
        lines.append(f"| `{key}` | {links} | {meanings[key]} |")
    return "\n".join(lines) + "\n"


def study_file_page() -> str:
    """Return the tables of all keys of a study file, from the parameters of its classes."""
    study = parameter_rows(Study, without=("folder", "text", "file"))
    network = parameter_rows(Network)
    return "\n".join(
        [
            "| key | values | default | meaning |",
            "|---|---|---|---|",
            *study,
            "",
            "## Keys of a `[[networks]]` entry",
            "",
            "| key | values | default | meaning |",
            "|---|---|---|---|",
            *network,
            "",
        ]
    )


def parameter_rows(cls: type, without: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield a row of a table for each parameter of a class, with its default."""
    document = ClassDoc(cls)
    defaults = {
        name: parameter.default for name, parameter in inspect.signature(cls).parameters.items()
    }
    for entry in document["Parameters"] or document["Attributes"]:
        for name in entry.name.split(", "):
            if name not in without:
                default = plain_default(defaults[name])
                text = markdown(" ".join(entry.desc))
                yield f"| `{name}` | {in_words(entry.type)} | {default} | {text} |"


def markdown(text: str) -> str:
    """Return a sentence of a docstring as Markdown in a table."""
    text = re.sub(r":(\w+):`~?([^`]+)`", r"{\1}`\2`", text)
    return text.replace("``", "`").replace("|", r"\|")


def in_words(kind: str) -> str:
    """Return the type of a parameter as it is written in TOML."""
    several = kind.startswith("sequence of ")
    first = kind.removeprefix("sequence of ").split(" or ")[0].split(",")[0]
    names = {"str": "text", "int": "integer", "float": "number", "bool": "true or false"}
    name = names.get(first, "text")
    if first == "Network":
        return "`[[networks]]` entries"
    return f"{name}, or a list" if several else name


def plain_default(value: Any) -> str:
    """Return a default value as it is written in TOML."""
    if value is inspect.Parameter.empty:
        return "required"
    if value in (None, ()):
        return "none"
    items = value if isinstance(value, tuple) else (value,)
    texts = [toml_of(item) for item in items]
    return f"`{texts[0]}`" if len(texts) == 1 else f"`[{', '.join(texts)}]`"


def toml_of(value: Any) -> str:
    """Return a value as TOML writes it; objects by their names."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value!s}"'
    if isinstance(value, int | float):
        return f"{value:g}"
    return f'"{value.name}"'


def columns_page() -> str:
    """Return the tables of all columns of a results table, a section for each task."""
    lines: list[str] = []
    for task, rows in describe_columns().groupby("task", sort=False):
        heading = f"## Columns of the task `{task}`" if task else "## Columns of every row"
        lines += [heading, "", "| column | type | meaning |", "|---|---|---|"]
        for row in rows.itertuples():
            lines.append(f"| `{row.column}` | {row.dtype} | {markdown(row.meaning)} |")
        lines.append("")
    return "\n".join(lines)
