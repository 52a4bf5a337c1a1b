"""The report of whole, partial and degenerate tables: well-formed, self-contained, honest."""

import json
import re
import xml.etree.ElementTree as ET
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from study_table import study_table, xai_rows

import qxgap as qx
from qxgap.report import write_report
from qxgap.report.findings import Context, answers
from qxgap.report.findings.wording import two
from qxgap.report.results_table import Results
from qxgap.report.sections import SECTIONS
from qxgap.report.sidefiles import ShownImages, SideFiles, load_side_files

TASKS = ("gap", "success", "sample", "compare", "xai")


def everything():
    return pd.concat([study_table(), xai_rows()], ignore_index=True)


def sections(frame, side=None):
    context = Context(Results(frame), side or SideFiles(), 1)
    return [section(context) for section in SECTIONS.values()]


def lines_of(parts):
    return [str(line) for part in parts for line in [*part.findings, *part.missing]]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    everything().to_parquet(folder / "results.parquet")
    history = {"train_loss": [1.0, 0.5], "validation_loss": [1.1, 0.7], "best_epoch": 2}
    facts = {"net & co": {"history": history, "credit": "Images: <ours>."}}
    (folder / "study.json").write_text(json.dumps({"networks": facts}))
    rng = np.random.default_rng(0)
    np.savez(
        folder / "explanations-net = 1.npz",
        **{"names": np.array(["instance-0000", "instance-0003"]), "pred": np.array([0, 3])},
        **{"images": rng.random((2, 3, 8, 8)), "maps": rng.random((2, 6, 4, 4))},
        alpha=rng.random((2, 6)),
    )
    return folder, write_report(folder)


def test_the_page_is_well_formed_and_needs_nothing_else(written):
    _, report = written
    page = report.path.read_text(encoding="utf-8")
    tree = ET.fromstring(page.removeprefix("<!doctype html>"))
    ids = [node.get("id") for node in tree.iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    for node in tree.iter():
        for name, value in node.attrib.items():
            if name.endswith(("href", "src")):
                assert value.startswith(("#", "data:"))
                assert not value.startswith("#") or value[1:] in ids
    outside = re.sub(r'xmlns(:xlink)?="[^"]*"', "", page)
    assert not re.search(r"https?:|url\((?!#)|@import|<link|<script (?!>)", outside)
    assert len(page) < 5_000_000
    pictures = [node for node in tree.iter() if node.tag.endswith("}svg")]
    large = [picture for picture in pictures if picture.get("class") != "sketch"]
    assert len(large) == len(report.figures) / 2 + 4  # the four of the cards have no files
    assert all(len(picture.get("aria-label")) > 20 for picture in pictures)
    assert "currentColor" in page
    assert "prefers-color-scheme" in page
    assert not re.search(r"\b(nan|None|NaN|inf)\b", " ".join(tree.itertext()))


def test_every_figure_of_the_paper_and_of_the_study_is_there(written):
    _, report = written
    assert {file.stem for file in report.figures} == {
        "gap_histogram",
        "gap_by_size",
        "gap_against_classical",
        "success_by_time",
        "agreement_of_instances",
        "rule_shares",
        "minimum_place",
        "interior_gaps",
        "side_by_side",
        "exponents",
        "success_by_size",
        "success_by_class",
        "time_to_solution",
        "collapse",
        "agreement",
        "model_ladder",
        "coupling_histogram",
        "subset_size",
        "explanation_maps_net_1",
        "average_drop",
        "tradeoff",
        "class_overlap",
        "loss_net_co",
    }
    for file in report.figures:
        assert file.stat().st_size > 2000
    svg = next(file for file in report.figures if file.name == "gap_by_size.svg")
    assert "<text" in svg.read_text()


@pytest.mark.slow
def test_the_same_table_gives_the_same_bytes(written, tmp_path):
    folder, report = written
    again = write_report(folder, tmp_path / "other")
    assert again.path.read_bytes() == report.path.read_bytes()
    for one, other in zip(report.figures, again.figures, strict=True):
        assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("kept", [c for n in (1, 2) for c in combinations(TASKS, n)], ids="+".join)
def test_any_tasks_will_do(kept):
    frame = everything()
    parts = sections(frame[frame.task.isin(kept)])
    told = lines_of(parts)
    assert not any("nan" in line.split() for line in told)
    missing = " ".join(line for part in parts for line in part.missing)
    assert ("No gap was computed" in missing) == ("gap" not in kept)
    assert ("No success probability was computed" in missing) == ("success" not in kept)
    assert ("No samples were compared" in missing) == ("compare" not in kept)
    assert ("No explanation was scored" in missing) == ("xai" not in kept)
    if kept == ("success",):
        assert "gap_by_size" not in {p.name for part in parts for p in part.pictures}


def one_instance(frame):
    return frame[frame.instance.isin([frame.instance.iloc[0], "image-0"])]


def one_class(frame):
    return frame.assign(pred=0, label=0)


def no_class(frame):
    return frame.assign(pred=pd.NA, label=pd.NA)


def unknown_gaps(frame):
    return frame.assign(gap=np.where(frame.index % 2, np.nan, frame.gap))


def all_unknown(frame):
    return frame.assign(gap=np.inf, lz_slope=np.nan)


def unknown_classical_gaps(frame):
    values = np.resize([np.nan, np.inf, 0.0, 0.1], len(frame))
    return frame.assign(classical_gap=values, lz_slope=np.resize([0.0, np.inf, 1.0], len(frame)))


def no_time(frame):
    return frame.assign(tau=frame.tau.where(frame.tau != 5, 0.0))


def all_degenerate(frame):
    return frame.assign(degeneracy=2, interior_gap=np.inf, interior_s=np.nan)


def certain(frame):
    sure = frame.assign(success_probability=1.0, error_estimate=1e-7, tv_distance=0.0)
    return sure.assign(ground_probability=1.0)


def hopeless(frame):
    return frame.assign(success_probability=0.0, null_product=0.0)


def equal_couplings(frame):
    known = frame.couplings.notna()
    return frame.assign(couplings=frame.couplings.where(~known, pd.Series([[0.1]] * len(frame))))


def all_failed(frame):
    return frame.assign(status="FAILED", reason="out of luck")


def two_units(frame):
    unit = np.where(frame.convention == "paper", frame.unit.astype(object), "GHz")
    return frame.assign(unit=unit, schedule=np.where(unit == "GHz", "Advantage", frame.schedule))


DEGENERATE = [
    one_instance,
    one_class,
    no_class,
    unknown_gaps,
    all_unknown,
    all_degenerate,
    certain,
    unknown_classical_gaps,
    no_time,
    hopeless,
    equal_couplings,
    all_failed,
    two_units,
]


@pytest.mark.parametrize("spoil", DEGENERATE, ids=lambda f: f.__name__)
def test_degenerate_tables_give_a_page_and_no_claim_from_nothing(spoil):
    parts = sections(spoil(everything().copy()))
    told = lines_of(parts)
    assert not any("nan" in re.findall(r"\w+", line) for line in told)
    for part in parts:
        for picture in part.pictures:
            assert picture.figure.axes
            assert len(picture.alt) > 20
    claims = [line for line in told if re.search(r"\b(larger|smaller|more|less|better) ", line)]
    if spoil is one_class:
        assert not claims
    if spoil is one_instance:  # whose reads have an interval of their own
        assert all(line.startswith("Simulated annealing") for line in claims)
    if spoil is all_failed:
        assert "out of luck" in " ".join(told)
        assert not any(part.pictures for part in parts)
    if spoil is two_units:
        names = {p.name for part in parts for p in part.pictures}
        assert {"gap_histogram", "gap_histogram_GHz"} <= names


def test_medians_in_the_findings_are_those_of_the_table():
    frame = study_table()
    gaps = frame[(frame.task == "gap") & (frame.convention == "paper")]
    told = " ".join(lines_of(sections(frame)))
    assert f"the smallest gap is typically {two(gaps.gap.median())} (95 % interval" in told
    longest = frame[(frame.task == "success") & (frame.convention == "paper") & (frame.tau == 20)]
    answer = answers(Results(frame), SideFiles())[1]
    probability = two(longest.success_probability.median())
    assert f"with probability {probability} (driver" in answer.sentence


def test_images_of_one_name_under_two_networks_are_two_instances():
    frame = everything()
    other = frame.assign(group="another")
    lines = lines_of(sections(pd.concat([frame, other], ignore_index=True)))
    problems = frame[frame.task != "xai"]
    number, groups = problems.instance.nunique(), problems.group.nunique() + 1
    (line,) = [line for line in lines if line.startswith(f"The study has {2 * number} problems of")]
    assert line.endswith(f", in {groups} groups.")


def test_a_difference_of_methods_is_claimed_where_it_is_clear_and_only_there():
    told = lines_of(sections(xai_rows((0.7,), images=24)))
    (clear,) = [line for line in told if "the QUBO than for Grad-CAM" in line]
    assert "The Average Drop is smaller" in clear
    assert "The maps of the QUBO explain the class better than Grad-CAM." in told
    assert "No difference between the maps of the QUBO and top-k can be shown." in told
    assert any("all 2 together hold at 95 %" in line for line in told)


def test_each_network_has_class_maps_of_its_own_and_a_verdict_where_one_is_possible():
    rows = xai_rows((0.7,), images=42)
    rows = rows.assign(pred=rows.instance.str.removeprefix("image-").astype(int) % 7)
    clear = rows.assign(
        group="clear",
        source="other",
        selected=[
            None if method == "Grad-CAM" else [pred] if method == "exact" else [7]
            for method, pred in zip(rows.explanation, rows.pred, strict=True)
        ],
    )
    context = Context(Results(pd.concat([rows, clear])), SideFiles(), 1)
    section = SECTIONS["Do the selected maps explain the class?"](context)
    captions = {each.name: each.caption for each in section.pictures}
    assert captions["class_overlap_clear"].endswith(
        "The QUBO separates the classes better than top-k."
    )
    assert captions["class_overlap_network"].endswith(
        "not shown to separate the classes better than simple rules."
    )


def test_side_files_that_are_no_such_files_are_named(tmp_path):
    assert load_side_files(tmp_path).networks == {}
    (tmp_path / "study.json").write_text("{")
    with pytest.raises(qx.InputError, match=r"study\.json"):
        load_side_files(tmp_path)
    (tmp_path / "study.json").unlink()
    (tmp_path / "explanations-a.npz").write_bytes(b"no archive")
    with pytest.raises(qx.InputError, match=r"explanations-a\.npz"):
        load_side_files(tmp_path)


def test_shown_maps_are_those_of_the_subset_cam():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    maps, alpha = rng.normal(size=(1, 5, 4, 4)), rng.normal(size=(1, 5))
    images = rng.random((1, 3, 4, 4))
    shown = ShownImages(np.array(["a"]), np.array([0]), images, maps, alpha)
    for selected in ([], [0], [1, 4], range(5)):
        expected = qx.xai.subset_cam(torch.tensor(maps[0]), alpha[0], selected, (4, 4))
        np.testing.assert_allclose(shown.cam(0, selected), expected, atol=1e-12)
    np.testing.assert_array_equal(shown.cam(0, None), shown.cam(0, range(5)))
    assert shown.display()[0].shape == (4, 4, 3)


def test_folders_that_are_no_results_are_refused(tmp_path):
    with pytest.raises(qx.InputError, match=r"no results\.parquet"):
        write_report(tmp_path)
    (tmp_path / "results.parquet").write_bytes(b"no table")
    with pytest.raises(qx.InputError, match="cannot be read"):
        write_report(tmp_path)
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "results.parquet")
    with pytest.raises(qx.InputError, match="has no column task"):
        write_report(tmp_path)
    file = tmp_path / "file"
    file.write_text("")
    study_table().to_parquet(tmp_path / "results.parquet")
    with pytest.raises(qx.InputError, match="cannot be written"):
        write_report(tmp_path, file)


def test_headings_are_names_of_files_with_as_many_folders_as_tell_them_apart():
    from qxgap.report.samples_page import short_names

    sources = ["/data/a/run.json", "/data/b/run.json", "/data/b/other.json", "cold, 20 us"]
    assert list(short_names(sources).values()) == [
        "a/run.json",
        "b/run.json",
        "other.json",
        "cold, 20 us",
    ]
    assert list(short_names(["run.json", "a/run.json"]).values()) == ["run.json", "a/run.json"]
