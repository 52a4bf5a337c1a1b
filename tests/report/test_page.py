"""What the page of a study promises: short at first sight, self-contained, small, and safe."""

import base64
import hashlib
import re
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from study_table import study_table

from qxgap.report import write_report
from qxgap.report.instance_list import MAX_ROWS, NUM_HARDEST, list_instances
from qxgap.report.results_table import Results
from qxgap.report.sections.parts import cell_text
from qxgap.report.sketches import Axis, Curve, Level, Reads, Span, reads_sketch, sketch
from qxgap.report.term_marks import TermMarks
from qxgap.statistics import Estimate

SYMBOLS = ("\N{BLACK CIRCLE}", "\N{CIRCLE WITH LEFT HALF BLACK}", "?")
HOSTILE = "<script>alert(1)</script>\"' & ]]> #x"


def page_of(folder, frame):
    """The text of the page of a table and its tree, which must be well-formed."""
    folder.mkdir(exist_ok=True)
    frame.to_parquet(folder / "results.parquet")
    report = write_report(folder)
    assert report.failures == []
    text = report.path.read_text(encoding="utf-8")
    return text, ET.fromstring(text.removeprefix("<!doctype html>"))


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return page_of(tmp_path_factory.mktemp("page"), study_table())


def with_class(tree, name):
    return [node for node in tree.iter() if name in node.get("class", "").split()]


def text_of(node):
    """The words of a node without those of its figures."""
    parts = [node.text or ""]
    for child in node:
        parts += ["" if child.tag.endswith("svg") else text_of(child), child.tail or ""]
    return "".join(parts)


def test_the_first_screen_answers_the_four_questions_in_few_words(page):
    _, tree = page
    cards = with_class(tree, "card")
    assert len(cards) == 4
    shown = [node for card in cards for node in card.iter("p")]
    words = [word for node in shown for word in text_of(node).split() if word not in SYMBOLS]
    assert 40 < len(words) < 100
    for card in cards:
        (verdict,) = with_class(card, "verdict")
        assert text_of(verdict).split()[0] in SYMBOLS
        assert len(text_of(verdict).split()) >= 2
        assert len([node for node in card.iter() if node.tag.endswith("}svg")]) == 1


def test_every_question_has_a_story_of_five_sentences_and_one_figure_before_the_fold(page):
    _, tree = page
    chapters = with_class(tree, "chapter")
    stories = [chapter for chapter in chapters if with_class(chapter, "story")]
    assert len(stories) == 4
    for chapter in stories:
        (story,) = with_class(chapter, "story")
        assert len(story.findall("div")) == 5
        assert len(with_class(chapter, "main-figure")) == 1
        assert [node.tag for node in chapter][-1] == "details"


def test_the_only_script_is_the_one_that_the_policy_allows(page):
    text, tree = page
    scripts = re.findall(r"<script>(.*?)</script>", text, re.S)
    assert text.count("<script") == len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    policy = next(
        node.get("content")
        for node in tree.iter("meta")
        if node.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy == (
        "default-src 'none'; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; img-src data:"
    )
    assert not re.search(r"\b(fetch|import|eval|XMLHttpRequest|innerHTML|Function)\b", scripts[0])
    assert not [name for node in tree.iter() for name in node.attrib if name.startswith("on")]
    styles = "".join(re.findall(r"<style>(.*?)</style>", text, re.S))
    assert len(scripts[0]) + len(styles) < 100_000


def test_names_of_instances_cannot_do_harm(tmp_path):
    frame = study_table().copy()
    first = frame.instance.iloc[0]
    frame["instance"] = frame.instance.replace(first, HOSTILE)
    frame["source"] = frame.instance
    text, tree = page_of(tmp_path / "hostile", frame)
    assert text.count("<script") == 1
    assert "<script>alert" not in text
    names = {node.get("data-instance") for node in tree.iter() if node.get("data-instance")}
    assert HOSTILE in names
    assert "instance-0001" in names
    ids = [node.get("id") for node in tree.iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    assert not [name for name in ids if "alert" in name]


def many(number):
    """The rows of a study of many instances: copies of a small one under other names."""
    frame = study_table()
    parts = [
        frame.assign(
            instance=frame.instance + f"-{copy}", source=f"copy {copy}", gap=frame.gap + copy
        )
        for copy in range(number)
    ]
    return pd.concat(parts, ignore_index=True)


def test_a_study_of_more_than_2000_rows_is_static(tmp_path):
    frame = many(17)
    frame = frame[frame.task.isin(["gap", "success", "sample"])]
    frame = pd.concat([frame, many(21).query("task == 'gap'").iloc[340:]], ignore_index=True)
    while len(frame) <= MAX_ROWS:
        copy = frame.assign(instance=frame.instance + "+", source=frame.source + "+")
        frame = pd.concat([frame, copy], ignore_index=True)
    _, tree = page_of(tmp_path / "many", frame)
    assert not with_class(tree, "filters")
    figures = [node for node in tree.iter() if node.tag.endswith("}svg")]
    assert not [node for one in figures for node in one.iter() if node.get("data-instance")]
    assert len(with_class(tree, "instance")) == NUM_HARDEST
    assert f"of {frame.instance.nunique()}" in "".join(tree.itertext())


def test_up_to_a_hundred_instances_have_a_section_and_of_more_the_hardest():
    gap = many(12)
    gap = gap[gap.task == "gap"]
    listed = list_instances(Results(gap))
    assert listed.total == len(listed.rows) == 120
    assert sum(row.has_section for row in listed.rows) == NUM_HARDEST
    first = gap[gap.convention == "paper"].set_index("instance").gap.sort_values()
    assert [row.name for row in listed.rows[:3]] == list(first.index[:3])
    listed = list_instances(Results(gap[gap.source != "copy 11"].iloc[: 2 * 100]))
    assert all(row.has_section for row in listed.rows)


def test_the_table_of_instances_has_the_numbers_of_the_study(page):
    _, tree = page
    table = next(node for node in tree.iter("table") if node.get("id") == "instance-table")
    header = [text_of(cell) for cell in table.find("thead/tr")]
    frame = study_table()
    gaps = frame[(frame.task == "gap") & (frame.convention == "paper")].set_index("instance").gap
    at = next(i for i, name in enumerate(header) if name.startswith("gap"))
    for row in table.find("tbody"):
        if row.get("data-instance") in gaps.index:
            value = gaps[row.get("data-instance")]
            assert float(row[at].get("data-value")) == pytest.approx(value, rel=1e-5)
            assert text_of(row[at]) == f"{value:.2g}"


def test_numbers_of_tables_have_two_digits():
    assert cell_text("0.1234 as it is") == "0.1234 as it is"
    assert cell_text(Estimate(0.5167, 0.34567, 0.7621, 10)) == "0.52 [0.35, 0.76]"
    assert cell_text(Estimate(335.2, np.nan, np.nan, 1)) == "335 [no interval]"


def test_no_table_of_the_page_has_more_digits(page):
    _, tree = page
    for table in tree.iter("table"):
        for cell in table.iter("td"):
            for digits in re.findall(r"\d+\.(\d+)", text_of(cell)):
                # close to 1 the nines do not count
                assert len(re.sub("^(0+|99+)", "", digits)) <= 2, text_of(cell)


def test_terms_are_marked_once_in_a_paragraph_and_escaped():
    marks = TermMarks()
    line = marks.mark("A minimum gap & a gap; the Gap again <b>.")
    assert line.count("<a ") == 2
    assert line.startswith('A <a class="term" href="#term-minimum-gap">minimum gap</a> &amp; a <a ')
    assert line.endswith("; the Gap again &lt;b&gt;.")
    assert [term.name for term in marks.used] == ["gap", "minimum gap"]
    assert "<a" not in marks.mark("Read it: d is exact in this paper.")


def test_every_term_leads_to_its_meaning(page):
    _, tree = page
    entries = {node.get("id") for node in tree.iter("div") if node.get("id")}
    links = [node.get("href") for node in with_class(tree, "term")]
    assert len(links) > 20
    assert {link.removeprefix("#") for link in links} <= entries


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize(("low", "high"), [(0.1, 1.0), (3e-7, 2e3), (0.5, 0.6), (1.0, 1.0)])
def test_ticks_of_sketches_are_few_round_numbers_inside(low, high, log):
    axis = Axis(low, high * 1.0001, 0.0, 100.0, log)
    ticks = axis.ticks()
    assert len(ticks) <= 7
    assert all(low - 1e-6 * high <= tick <= high * 1.001 for tick in ticks)
    if high > 2 * low:
        assert len(ticks) >= 2
    assert axis.at(low) == pytest.approx(0.0, abs=0.1) or high == low


def test_sketches_draw_values_at_their_places():
    picture = sketch(
        "alt & text",
        "x",
        "y<",
        [Curve("a", [0, 1], [0.0, 1.0], marks=True)],
        levels=[Level("half", 0.5)],
        spans=[Span(0.5, 0.2, 0.4, 0.3)],
        percent=True,
    )
    tree = ET.fromstring(str(picture))
    first, last, middle = (float(node.get("cy")) for node in tree.iter("circle"))
    assert first - middle == pytest.approx(0.3 * (first - last), abs=0.2)
    assert tree.get("aria-label") == "alt & text"
    assert sketch("alt", "x", "y", [Curve("a", [0.0], [np.nan])]) == ""
    reads = ET.fromstring(str(reads_sketch("alt", [Reads("sa", 0.4, 0.5, 0.6, [("m", 0.5)])])))
    (dot,), (band,) = reads.findall("circle"), reads.findall("rect")
    middle = float(band.get("x")) + float(band.get("width")) / 2
    assert float(dot.get("cx")) == pytest.approx(middle, abs=0.2)
