"""The demo in small: its table, its page and its findings."""

import re
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

pytest.importorskip("torch")

from qxgap.report import run_demo
from qxgap.study import ExistingExecutor


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "results"
    with ThreadPoolExecutor(1) as pool:
        workers = ExistingExecutor(pool)
        options = {"per_class": 1, "num_reads": 100, "seed": 3, "pool": workers}

        def show(sentence):
            shown.append((sentence, list(folder.glob("parts/*"))))

        shown.clear()
        return folder, run_demo(folder, **options, show=show)


shown = []
"""The sentences that the demo showed, and the parts of the table that existed then."""


def test_the_first_gap_is_shown_before_any_row_is_computed(demo):
    folder, _ = demo
    frame = pd.read_parquet(folder / "results.parquet")
    row = frame[(frame.task == "gap") & (frame.convention == "paper")].iloc[0]
    words = f"The first of 10 problems, a digit {row.label}, {row.num_qubits} qubits: The smallest "
    ((sentence, parts),) = shown
    assert sentence.startswith(f"{words}gap is {row.gap:.3g}")
    assert not parts


def test_the_demo_computes_every_task_of_every_digit(demo):
    folder, _ = demo
    frame = pd.read_parquet(folder / "results.parquet")
    assert set(frame.task) == {"gap", "success", "sample", "compare", "xai"}
    assert set(frame.label) == set(range(10))
    gaps = frame[frame.task == "gap"]
    assert len(gaps) == 20
    assert (gaps.gap_lower <= gaps.gap).all()
    assert (gaps.gap <= gaps.classical_gap * (1 + 1e-12)).all()


def test_the_page_shows_every_figure_and_says_what_was_found(demo):
    folder, report = demo
    page = report.path.read_text(encoding="utf-8")
    assert not re.search(r'(src|href)="(?!data:|#)', page)
    assert page.count('<svg class="sketch"') == 3 * page.count('<details class="instance"') == 30
    drawn = page.count("<svg ") - 30 - 4  # without those of the instances and of the cards
    assert drawn == len(list((folder / "figures").glob("*.png")))
    assert page.count('<img class="image" src="data:image/png') == 10
    instances = page[page.index('<details class="instance"') : page.index('id="glossary"')]
    assert len(page) - len(instances) + 6 * len(instances) < 5_000_000  # for 60 images
    assert page.count(' alt="map ') > 10
    names = {file.stem for file in report.figures}
    assert {
        "explanation_maps_digits_nonlinear",
        "class_overlap",
        "average_drop",
        "success_by_class",
    } <= names
    text = " ".join(str(line) for lines in report.findings.values() for line in lines)
    for words in (
        "the smallest gap is typically",
        "tau = 100",
        "that of independent qubits",
        "top-k",
        "greedy search",
        "Exact rules that shrink a problem",
        "half-normal 0.",
        "mean-field theory",
        "it varies by",
        "Average Drop",
        "together hold at 95 %",
    ):
        assert words in text
    assert not re.search(r"\bnan\b", page)
