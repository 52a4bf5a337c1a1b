"""A results folder belongs to one study: another one is refused, unless it may overwrite."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

import qxgap as qx
from qxgap.report import write_report
from qxgap.study import ExistingExecutor, Study, forecast, run_study
from qxgap.testing import random_feature_selection


def compute(study, out, **options):
    with ThreadPoolExecutor(1) as pool:
        return run_study(study, out, ExistingExecutor(pool), **options)


@pytest.fixture
def files(tmp_path):
    """Four problems, and studies A of the first two and B of the last two."""
    for number in range(4):
        qx.save(random_feature_selection(3, number), tmp_path / f"random-{number}.npz")
    for name, numbers in (("A", (0, 1)), ("B", (2, 3))):
        instances = [f"random-{number}.npz" for number in numbers]
        text = f'instances = {instances}\ntasks = ["success"]\ntau = [2]\n'
        (tmp_path / f"{name}.toml").write_text(text.replace("'", '"'))
    return tmp_path


@pytest.fixture
def out(files):
    """The results of A and their report."""
    folder = files / "results"
    compute(Study.load(files / "A.toml"), folder)
    write_report(folder)
    return folder


def contents(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_another_study_is_refused_and_nothing_of_the_first_is_touched(files, out, run):
    before = contents(out)
    for command in (["study", files / "B.toml", "-o", out], ["demo", "-o", out, "--per-class", 1]):
        for more in ([], ["--dry-run"] if command[0] == "study" else []):
            status, printed, error = run(*command, *more)
            assert (status, printed, error.count("\n")) == (2, "", 1)
            assert f"{out}: holds the results of another study (A.toml)" in error
            assert "--overwrite" in error
    assert contents(out) == before


def test_a_study_that_shares_instances_but_not_the_file_is_another(files, out):
    same = Study.load(files / "A.toml")
    (files / "other.toml").write_text(same.text)
    with pytest.raises(qx.InputError, match="another study"):
        compute(Study.load(files / "other.toml"), out)


def test_overwriting_replaces_all_but_the_files_of_others(files, out):
    (out / "notes.txt").write_text("mine")
    done = compute(Study.load(files / "B.toml"), out, overwrite=True)
    assert (done.num_computed, done.num_kept) == (2, 0)
    assert (out / "study.toml").read_text() == (files / "B.toml").read_text()
    assert (out / "notes.txt").read_text() == "mine"
    assert not (out / "report.html").exists()
    assert not list((out / "figures").iterdir())
    assert len(list((out / "parts").iterdir())) == 1
    assert set(pd.read_parquet(out / "results.parquet").instance) == {"random-2", "random-3"}
    python = Study(instances=[random_feature_selection(3, 9)], tasks="success", tau=2)
    compute(python, out, overwrite=True)
    assert not (out / "study.toml").exists()


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        ("tau = [2]", "tau = [2, 4]", 2),
        ("tau = [2]", "tau = [4]", 0),
        ("random-0.npz", "random-2.npz", 1),
        ('"random-0.npz", "random-1.npz"', '"random-2.npz"', 0),
    ],
)
def test_the_same_file_goes_on_however_it_was_edited(files, out, old, new, kept):
    text = (files / "A.toml").read_text()
    assert old in text
    (files / "A.toml").write_text(text.replace(old, new))
    study = Study.load(files / "A.toml")
    assert forecast(study, out).num_kept == kept
    assert compute(study, out).num_kept == kept
    assert (out / "study.toml").read_text() == text.replace(old, new)
    write_report(out)


def test_a_project_that_was_moved_goes_on(files, out, tmp_path_factory):
    moved = tmp_path_factory.mktemp("elsewhere") / "project"
    shutil.move(files, moved)
    text = (moved / "A.toml").read_text()
    (moved / "A.toml").write_text(text.replace("tau = [2]", "tau = [2, 4]"))
    assert compute(Study.load(moved / "A.toml"), moved / "results").num_kept == 2


def test_a_study_from_python_goes_on_if_it_shares_an_instance(tmp_path):
    problems = [random_feature_selection(3, seed) for seed in range(3)]

    def of(*given):
        return Study(instances=given, tasks="success", tau=2)

    compute(of(problems[0]), tmp_path)
    assert compute(of(*problems[:2]), tmp_path).num_kept == 1
    with pytest.raises(qx.InputError, match="holds the results of another study; give"):
        compute(of(problems[2]), tmp_path)


def test_a_report_replaces_no_other_study(files, out, tmp_path_factory):
    other, pages = files / "other", tmp_path_factory.mktemp("pages")
    compute(Study.load(files / "B.toml"), other)
    write_report(other, pages)
    write_report(other, pages)
    before = contents(pages) | contents(other)
    for target, what in ((pages, "report"), (other, "results")):
        with pytest.raises(qx.InputError, match=f"{target.name}: holds the {what} of another"):
            write_report(out, target)
    assert contents(pages) | contents(other) == before
    foreign = tmp_path_factory.mktemp("foreign")
    (foreign / "report.html").write_text("<html>my own</html>")
    with pytest.raises(qx.InputError, match="another study"):
        write_report(out, foreign)
    assert write_report(out, pages, overwrite=True).path.exists()
