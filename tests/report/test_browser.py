"""The page of a study in a browser: cards of points and terms, filters, keyboard, instances."""

import html
import json
import re
import shutil
import subprocess

import numpy as np
import pytest
from study_table import study_table

from qxgap.report import write_report

CHROMIUM = next((p for p in map(shutil.which, ("chromium", "chromium-browser")) if p), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed")

ACTIONS = """
(function () {
  var seen = {}, tip = document.getElementById("tip");
  function at(node) {
    var box = node.getBoundingClientRect();
    return {clientX: box.left + box.width / 2, clientY: box.top + box.height / 2, bubbles: true,
      cancelable: true, pointerType: "mouse", detail: 1};
  }
  function move(node) { node.dispatchEvent(new PointerEvent("pointermove", at(node))); }
  function click(node) { node.dispatchEvent(new MouseEvent("click", at(node))); }
  function card() { return tip.hidden ? "" : tip.textContent; }
  function press(key) {
    document.dispatchEvent(new KeyboardEvent("keydown", {key: key, bubbles: true}));
  }
  function choose(name, value) {
    var select = document.querySelector('[data-filter="' + name + '"]');
    select.value = value;
    select.dispatchEvent(new Event("change", {bubbles: true}));
  }
  var point = document.querySelector(".main-figure [data-instance]");
  point.scrollIntoView();
  move(point);
  seen.instance = point.dataset.instance;
  seen.point = card();
  seen.image = tip.querySelector("img") !== null;
  seen.lit = Array.from(document.querySelectorAll(".lit")).map(function (other) {
    return other.dataset.instance;
  });
  press("Escape");
  seen.escaped = card();
  move(document.querySelector("h1"));
  seen.elsewhere = card();
  var term = document.querySelector(".story a.term");
  term.focus();
  seen.term = term.textContent;
  seen.meaning = card();
  seen.described = term.getAttribute("aria-describedby");
  term.blur();
  press("Escape");
  seen.before = document.getElementById("count").textContent;
  choose("class", "1");
  seen.count = document.getElementById("count").textContent;
  seen.rows = Array.from(document.querySelectorAll("#instance-table tbody tr")).filter(
    function (row) { return !row.hidden; }).map(function (row) { return row.dataset.class; });
  var shown = {};
  document.querySelectorAll("#instance-table tbody tr").forEach(function (row) {
    shown[row.dataset.instance] = !row.hidden;
  });
  seen.faded = Array.from(document.querySelectorAll("svg [data-instance]")).every(
    function (other) { return other.classList.contains("off") !== shown[other.dataset.instance]; });
  choose("class", "");
  choose("tau", "5");
  seen.taus = Array.from(document.querySelectorAll("svg [data-tau]:not(.off)")).map(
    function (other) { return other.dataset.tau; });
  seen.columns = Array.from(document.querySelectorAll("#instance-table thead th")).filter(
    function (cell) { return !cell.hidden; }).map(function (cell) { return cell.textContent; });
  choose("tau", "");
  var again = document.querySelector(".main-figure [data-instance]");
  again.scrollIntoView();
  click(again);
  setTimeout(function () {
    seen.open = Array.from(document.querySelectorAll("details.instance[open]")).map(
      function (part) { return part.dataset.instance; });
    seen.active = document.activeElement.tagName;
    document.querySelector("details.instance[open] a[rel=next], " +
      "details.instance[open] a[rel=prev]").click();
    setTimeout(function () {
      seen.neighbor = Array.from(document.querySelectorAll("details.instance[open]")).map(
        function (part) { return part.dataset.instance; });
      press("Escape");
      seen.closed = document.querySelectorAll("details.instance[open]").length;
      var link = document.querySelector("#instance-table a");
      link.focus();
      seen.row = card();
      window.dispatchEvent(new Event("beforeprint"));
      seen.printed = document.querySelectorAll("details.more:not([open])").length;
      window.dispatchEvent(new Event("afterprint"));
      seen.folded = document.querySelectorAll("details.more[open]").length;
      var result = document.createElement("pre");
      result.id = "result";
      result.textContent = JSON.stringify(seen);
      document.body.append(result);
    }, 50);
  }, 50);
}());
"""


def dump(page, folder):
    """The page after its scripts ran, as the browser has it."""
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
    command += [f"--user-data-dir={folder}", "--window-size=1280,900"]
    command += ["--virtual-time-budget=5000", page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    frame = study_table()
    frame.to_parquet(folder / "results.parquet")
    names = frame.instance.drop_duplicates().to_numpy(dtype=np.str_)
    rng = np.random.default_rng(0)
    np.savez(
        folder / f"explanations-{frame.group.iloc[0]}.npz",
        **{"names": names[:1], "pred": np.array([0]), "images": rng.random((1, 1, 8, 8))},
        **{"maps": rng.random((1, 8, 4, 4)), "alpha": rng.random((1, 8))},
        small_names=names,
        small_images=rng.integers(256, size=(len(names), 8, 8), dtype=np.uint8),
        small_maps=rng.integers(-127, 128, size=(len(names), 8, 4, 4), dtype=np.int8),
        small_peaks=np.ones((len(names), 8)),
        small_alpha=np.ones((len(names), 8)),
    )
    return write_report(folder).path


@pytest.fixture(scope="module")
def seen(written, tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    page = written.read_text(encoding="utf-8")
    page = re.sub(r"script-src 'sha256-[^']*'", "script-src 'unsafe-inline'", page)
    page = page.replace("</body>", f"<script>{ACTIONS}</script></body>")
    (folder / "page.html").write_text(page, encoding="utf-8")
    shown = dump(folder / "page.html", folder / "profile")
    result = re.search(r'<pre id="result">(.*?)</pre>', shown, re.S)
    assert result, "the actions did not come to their end"
    return json.loads(html.unescape(result[1]))


def test_the_policy_of_the_page_lets_its_script_run(written, tmp_path):
    assert 'class="scripted"' in dump(written, tmp_path)


def test_a_point_shows_its_instance(seen):
    assert seen["point"].startswith(seen["instance"])
    assert "gap" in seen["point"]
    assert "success at tau = 20" in seen["point"]
    assert "selected maps" in seen["point"]
    assert seen["image"]
    assert len(seen["lit"]) > 1
    assert set(seen["lit"]) == {seen["instance"]}


def test_escape_and_the_empty_page_close_the_card(seen):
    assert seen["escaped"] == ""
    assert seen["elsewhere"] == ""


def test_a_term_shows_its_meaning_to_the_keyboard(seen):
    assert len(seen["meaning"]) > len(seen["term"]) + 20
    assert seen["described"] == "tip"


def test_filters_fade_points_and_rows_and_count_them(seen):
    assert seen["before"].startswith("10 of 10 problems shown; median gap ")
    assert re.match(
        r"\d of 10 problems shown; median gap [\d.]+ .*; median success ", seen["count"]
    )
    assert set(seen["rows"]) == {"1"}
    assert int(seen["count"].split()[0]) == len(seen["rows"])
    assert seen["faded"]
    assert set(seen["taus"]) == {"5"}
    assert any("tau = 5" in name for name in seen["columns"])
    assert not any("tau = 20" in name for name in seen["columns"])


def test_a_click_opens_the_instance_and_its_neighbor_follows(seen):
    assert seen["open"] == [seen["instance"]]
    assert seen["active"] == "DETAILS"
    assert len(seen["neighbor"]) == 1
    assert seen["neighbor"] != seen["open"]
    assert seen["closed"] == 0
    assert seen["row"]


def test_paper_shows_the_details_that_were_folded(seen):
    assert seen["printed"] == 0
    assert seen["folded"] == 0
