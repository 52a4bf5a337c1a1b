"""Citations: every source that a docstring names has an entry; a table names what it used."""

import re
from pathlib import Path

import pandas as pd
import pytest

import qxgap as qx
from qxgap.errors import InputError
from qxgap.report import bibtex, cited_methods, read_results, references
from qxgap.report.citations import METHODS

PACKAGE = Path(qx.__file__).parent
ENTRIES = references()


def field(entry, name):
    found = re.search(rf"^\s*{name} = \{{(.*?)\}},?$", entry, re.M)
    return found and found[1]


def row(task, **values):
    return {"task": task, "num_qubits": 8, "method": "", "status": "DONE", **values}


def keys(*rows):
    return {key for method in cited_methods(pd.DataFrame(rows)) for key in method.keys}


def test_every_source_in_the_code_has_an_entry():
    printed = {
        (field(entry, "volume"), (field(entry, "pages") or "").split("-")[0].lstrip("0"))
        for entry in ENTRIES.values()
    }
    named, eprints = set(), set()
    for file in PACKAGE.rglob("*.py"):
        text = " ".join(file.read_text(encoding="utf-8").split())
        year = r"(?: \((?:19|20)\d\d\)|, (?:19|20)\d\d\))"
        named |= {(v, p.lstrip("0")) for v, p in re.findall(rf"(\d+), (\d{{2,6}}){year}", text)}
        eprints |= set(re.findall(r"arXiv[ :]*(\d{4}\.\d{4,5})", text))
    assert len(named) > 15
    assert len(eprints) > 3
    assert named <= printed
    assert eprints <= {field(entry, "eprint") for entry in ENTRIES.values()}


def test_methods_and_entries_belong_together():
    used = {key for method in METHODS for key in method.keys}
    assert used == set(ENTRIES)
    text = (PACKAGE / "report" / "data" / "references.bib").read_text(encoding="utf-8")
    assert text.count("\n@") == len(ENTRIES)
    for entry in ENTRIES.values():
        assert field(entry, "title")
        assert field(entry, "author")
        assert entry.count("{") == entry.count("}")


def test_all_methods_print_every_entry_once():
    text = bibtex(cited_methods())
    assert sorted(re.findall(r"^@\w+\{([^,]+),", text, re.M)) == sorted(ENTRIES)
    assert text.count("chattopadhay2018") == 1
    assert "% Grad-CAM++; Average Drop and Increase\n@" in text


@pytest.mark.parametrize(("qubits", "davidson"), [(8, False), (9, False), (10, True)])
def test_the_eigensolver_by_size_is_the_one_that_ran(qubits, davidson):
    from qxgap.linalg.methods import Davidson, default_method

    assert isinstance(default_method(2**qubits, 2), Davidson) is davidson
    found = keys(row("gap", method="by size", num_qubits=qubits))
    assert ("davidson1975" in found) is davidson
    assert ("vandorsselaer2000" in found) is davidson
    assert "fan1949" in found


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (qx.SplitOperator(), {"blanes2002", "strang1968"}),  # extrapolated, or of order 4
        (qx.SplitOperator(order=4), {"blanes2002"}),
        (qx.SplitOperator(order=2), {"strang1968"}),
        (qx.QutipODE(), {"lambert2026"}),
    ],
)
def test_integrators_by_their_repr(method, expected):
    integrators = {"blanes2002", "strang1968", "lambert2026"}
    assert keys(row("success", method=repr(method))) & integrators == expected
    assert set(method.references) == expected
    written = " ".join(method.references)
    assert keys(row("success", references=written)) & integrators == expected


@pytest.mark.parametrize(
    ("method", "expected"), [(qx.Lanczos(), "lehoucq1998"), (qx.Lobpcg(), "knyazev2001")]
)
def test_eigensolvers_by_their_class(method, expected):
    solvers = {"lehoucq1998", "knyazev2001", "davidson1975"}
    assert keys(row("gap", num_qubits=12, method=repr(method))) & solvers == {expected}


def test_only_what_a_table_shows_is_cited():
    base = {"qxgap", "venturelli2026", "dimod"}
    assert keys(row("sample", sampler="exact")) == base | {"brown2001"}
    assert keys(row("sample", sampler="sa")) == base | {"brown2001", "dwavesamplers"}
    assert keys(row("gap", lz_slope=float("nan"))) == base | {"fan1949"}
    assert keys(row("gap", lz_slope=0.3)) == base | {"fan1949", "landau1932", "zener1932"}
    assert keys(row("xai", explanation="Grad-CAM")) == base | {"selvaraju2017", "chattopadhay2018"}


def test_the_keys_that_a_study_wrote_are_cited_too():
    """What other columns show stays; the keys add what only the study knows."""
    shown = keys(row("gap", method=repr(qx.Lanczos())))
    written = keys(row("gap", method=repr(qx.Lanczos()), references="fan1949 jansen2007"))
    assert written == shown | {"jansen2007"}
    assert keys(row("gap", references="jansen2007", status="FAILED")) == set()
    methods = cited_methods(pd.DataFrame([row("xai", references="chattopadhay2018")]))
    assert "Average Drop and Increase" in {method.name for method in methods}
    assert "Grad-CAM++" not in {method.name for method in methods}


def test_every_class_cites_entries_that_exist():
    cited = {}
    for name in ("linalg", "annealing", "spectra", "dynamics", "samplers", "samples", "xai"):
        for thing in vars(pytest.importorskip(f"qxgap.{name}")).values():
            if isinstance(thing, type) and isinstance(vars(thing).get("references"), tuple):
                cited[thing.__name__] = thing.references
    assert {key for keys in cited.values() for key in keys} <= set(ENTRIES)


def test_failed_rows_used_nothing():
    assert keys(row("success", method=repr(qx.QutipODE()), status="FAILED")) == set()


@pytest.mark.parametrize("parts", [False, True])
def test_results_are_read_from_folders_and_files(tmp_path, parts):
    table = pd.DataFrame([row("gap", method="by size", num_qubits=12)])
    if parts:
        (tmp_path / "parts").mkdir()
        table.to_parquet(tmp_path / "parts" / "a.parquet")
        table.to_parquet(tmp_path / "parts" / "b.parquet")
    else:
        table.to_parquet(tmp_path / "results.parquet")
        assert len(read_results(tmp_path / "results.parquet")) == 1
    assert len(read_results(tmp_path)) == 1 + parts


def test_bad_results_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"neither results\.parquet nor parts"):
        read_results(tmp_path)
    (tmp_path / "results.parquet").write_text("no Parquet")
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        read_results(tmp_path)
    with pytest.raises(InputError, match="no column task, method"):
        cited_methods(pd.DataFrame({"num_qubits": [3]}))
