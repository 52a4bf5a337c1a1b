"""The Python examples of README and docs, page by page, print what they say."""

import contextlib
import io
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    path
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
    if "```python\n" in path.read_text(encoding="utf-8")
]
EXAMPLE = re.compile(r"^```python\n(.*?)^```\n(?:\s*^```text\n(.*?)^```)?", re.M | re.S)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
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
