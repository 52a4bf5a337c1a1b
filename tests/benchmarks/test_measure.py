"""The measurements of the source tree, on a small tree whose numbers are known."""

from benchmarks.house import measure

TREE = {
    "__init__.py": '"""Root."""\nfrom .low import f as f\n',
    "low/__init__.py": '"""Face."""\nfrom .ground import f as f\n',
    "low/ground.py": (
        '"""Ground."""\n# a comment\ndef f(a, b):\n'
        '    """Add.\n\n    Parameters\n    ----------\n    """\n'
    ),
    "high/__init__.py": '"""Face."""\n',
    "high/one.py": '"""One."""\nfrom ..low import f\nfrom .two import g\ndef h(x, y):\n    pass\n',
    "high/two.py": (
        '"""Two."""\ndef g():\n    """Do.\n\n    >>> 1\n    1\n    """\n    from .one import h\n'
    ),
    "high/three.py": '"""Three."""\nfrom . import one\n',
}


def tree(folder):
    root = folder / "house"
    for name, text in TREE.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_imports_are_followed_through_faces_and_into_functions(tmp_path):
    modules = measure.read(tree(tmp_path))
    assert modules["high.one"].imports == {"low.ground", "high.two"}
    assert modules["high.two"].imports == {"high.one"}
    assert modules["high.three"].imports == {"high.one"}
    assert modules[""].imports == {"low.ground"}


def test_circles_and_floors():
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a", "e"}, "e": set()}
    assert sorted(measure.circles(graph)) == [["a"], ["b", "c"], ["d"], ["e"]]
    assert measure.floors(graph) == 3
    assert measure.floors({}) == 0


def test_the_table_counts_what_is_there(tmp_path):
    rows = {
        row[0]: dict(zip(measure.HEAD, row, strict=True))
        for row in measure.rows(measure.read(tree(tmp_path)))
    }
    high, low, whole = rows["high"], rows["low"], rows["all"]
    assert (high["files"], high["circles"], high["floors"]) == ("4", "1", "2")
    assert (high["documented"], high["parameters"], high["examples"]) == ("50 %", "0 %", "1")
    assert (low["parameters"], low["comments / 1000"]) == ("100 %", "100.0")
    assert whole["files"] == str(len(TREE))
    assert int(whole["lines"]) == sum(text.count("\n") for text in TREE.values())


def test_repeated_names_are_listed(tmp_path):
    root = tree(tmp_path)
    assert measure.repeated_names(measure.read(root)) == []
    (root / "low" / "one.py").write_text("")
    assert measure.repeated_names(measure.read(root)) == ["one (high, low)"]
    assert "1 file names occur more than once: one (high, low)." in measure.report(root)
