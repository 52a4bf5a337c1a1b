"""The documentation says what is so: examples, links, commands, public names and terms."""

import contextlib
import importlib
import io
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
MADE = ("_build", "notebooks", "reference/api", "reference/cli", "reference/generated", "glossary")
"""Where pages stand that docs/pages.py makes; index.md pages among them are written by hand."""


def _by_hand(path):
    name = path.relative_to(DOCS).as_posix()
    return not name.startswith(MADE) or (path.name == "index.md" and not name.startswith("_build"))


PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(path for path in sorted(DOCS.rglob("*.md")) if _by_hand(path)),
]
WITH_CODE = [path for path in PAGES if "```python\n" in path.read_text(encoding="utf-8")]
EXAMPLE = re.compile(r"^```python\n(.*?)^```\n(?:\s*^```text\n(.*?)^```)?", re.M | re.S)


def _name(path):
    return str(path.relative_to(ROOT))


@pytest.fixture
def made(monkeypatch):
    """Import a module of docs/ by its name."""
    monkeypatch.syspath_prepend(str(DOCS))
    before = set(sys.modules)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if Path(getattr(sys.modules[name], "__file__", None) or "").parent == DOCS:
            del sys.modules[name]


@pytest.mark.parametrize("page", WITH_CODE, ids=_name)
def test_examples_print_what_they_say(page, tmp_path, monkeypatch):
    text = page.read_text(encoding="utf-8")
    if " xai" in text or "qx.xai" in text:
        pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    examples = EXAMPLE.findall(text)
    assert len(examples) == text.count("```python\n")
    assert any(output for _, output in examples)
    names = {"__name__": "__main__"}
    for code, output in examples:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, str(page), "exec"), names)
        assert printed.getvalue() == output


def _is_made(path):
    """Whether docs/pages.py makes a page of this name: a command's, a package's, a result's."""
    results = {file.stem for file in (ROOT / "benchmarks" / "results").glob("*.md")}
    name = path.relative_to(DOCS).as_posix()
    return (
        name == "glossary.md"
        or (path.parent == DOCS / "reference" / "benchmarks" and path.stem in results)
        or path.parent in (DOCS / "reference" / "cli", DOCS / "reference" / "api")
    )


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page):
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.S)
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:|#", link):
            continue
        target = (page.parent / link.partition("#")[0]).resolve()
        if not (target.exists() or (target.is_relative_to(DOCS) and _is_made(target))):
            broken.append(link)
    assert broken == []


def test_terms_are_in_the_glossary():
    from qxgap.report import glossary

    used = {}
    for page in PAGES:
        for word in re.findall(r"\{term\}`([^`]+)`", page.read_text(encoding="utf-8")):
            used.setdefault(re.sub(r".*<(.*)>", r"\1", word, flags=re.S), []).append(_name(page))
    assert used
    assert {word: pages for word, pages in used.items() if word not in glossary()} == {}


def test_every_command_has_a_page_that_leads_on(made):
    pytest.importorskip("torch")
    reference = made("reference")
    from qxgap.cli.app import COMMANDS

    for name in COMMANDS:
        text = reference.help_text(name)
        assert text.startswith(f"# `qxgap {name}`")
        assert "**Usage**" in text
        assert reference.SEE_ALSO[name], f"docs/reference.py leads from {name} to no page"
        for page in reference.SEE_ALSO[name]:
            assert (DOCS / f"{page}.md").exists()


@pytest.mark.parametrize(
    "command", ["check", "gap", "anneal", "sample", "schedule", "compare", "select", "reduce"]
)
def test_the_keys_of_json_are_explained(command, made, tmp_path, monkeypatch):
    pytest.importorskip("torch")
    reference = made("reference")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    reference.write_files()
    if command == "compare":
        reference.run(reference.EXAMPLES["sample"])
    keys = reference.keys_of(reference.EXAMPLES[command])
    assert "| key | type | meaning |" in reference.key_table(keys, reference.key_meanings())


def test_a_study_file_page_has_every_key(made):
    reference = made("reference")
    from qxgap.study import Network, Study, describe_columns

    page = reference.study_file_page()
    keys = {*Study.__dataclass_fields__, *Network.__dataclass_fields__} - {"folder", "text", "file"}
    assert {key for key in keys if f"| `{key}` |" not in page} == set()
    columns = reference.columns_page()
    assert {name for name in describe_columns().column if f"| `{name}` |" not in columns} == set()


def test_every_public_name_is_on_an_api_page(made):
    pytest.importorskip("torch")
    names, pages = made("names"), made("pages")
    import qxgap as qx

    packages = names.packages()
    assert {name.split(".")[0] for name in packages} == {
        name for name in qx.__all__ if type(getattr(qx, name)).__name__ == "module"
    }
    index = (DOCS / "reference" / "api" / "index.md").read_text(encoding="utf-8")
    for package in packages:
        if package == "cli":
            continue  # the commands have pages of their own
        assert f"({package}.rst)" in index, f"docs/reference/api/index.md lacks {package}"
        page = pages.api_page(f"qxgap.{package}")
        for name in names.public(f"qxgap.{package}"):
            assert re.search(rf"^\.\. auto\w+:: {name}$", page, re.M)
    short = pages.short_names_page()
    for name in names.public("qxgap"):
        if name != "__version__":
            assert re.search(rf"qx\.{name} <|autoexception:: {name}\n", short)


def test_the_gallery_shows_every_figure():
    """By a call, or by the name of the function that a result's ``plot`` calls."""
    from qxgap import plotting

    pages = "".join(path.read_text(encoding="utf-8") for path in (DOCS / "gallery").glob("*.md"))
    functions = [name for name, thing in vars(plotting).items() if hasattr(thing, "__code__")]
    missing = [name for name in functions if not re.search(rf"plotting\.{name}(\(|`)", pages)]
    assert missing == []


def test_every_public_name_has_an_example_or_is_used_in_one(made):
    pytest.importorskip("torch")
    assert made("examples").without_example() == []


def test_every_kind_of_claim_has_an_example_on_the_page_of_sentences(made):
    source = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "qxgap/report/findings").rglob("*.py")
    )
    called = r"(?:Finding|summed_up|pattern_findings|judged)\(\s*|claim="
    claims = set(re.findall(rf'(?:{called})"([a-z0-9-]+)"', source)) - {"gap"}  # in a docstring
    assert len(claims) > 50
    shown = made("sentences").examples()
    assert {claim for claim, _ in shown} == claims
    page = made("sentences").sentences_page()
    assert all(words.endswith(".") for words in shown.values())
    assert all(f"| {words.replace('|', chr(92) + '|')} |" in page for words in shown.values())
