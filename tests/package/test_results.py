"""How results print themselves."""

import json
import math
from dataclasses import dataclass
from enum import Enum, StrEnum

import numpy as np
import pytest

from qxgap import plotting
from qxgap.results import MAX_ITEMS, Result, html_table, plain, text_of


class Status(Enum):
    GOOD = "all is well"


class Choice(StrEnum):
    PAPER = "paper"


@dataclass(frozen=True, repr=False)
class Example(Result):
    probability: float
    curve: np.ndarray

    def to_dict(self):
        return plain({"success_probability": self.probability, "curve": self.curve, "a<b": None})

    def __str__(self):
        return f"probability {self.probability:g} & more\nsecond line <b>"


class Sentences(Result):
    def to_dict(self):
        return {"gap": 0.5}

    def __str__(self):
        return "The gap is 0.5, at s = 0.25. There is more to say."

    def plot(self, ax=None):
        return plotting.curves([0, 1], {"a < b": [0, 1]}, "s", "gap", ax=ax)


class Broken(Sentences):
    def plot(self, ax=None):
        raise RuntimeError("no figure")


EXAMPLE = Example(0.25, np.arange(100.0))


def test_repr_is_the_first_line_and_holds_no_array():
    assert repr(EXAMPLE) == "<Example: probability 0.25 & more>"
    assert repr(Sentences()) == "<Sentences: The gap is 0.5, at s = 0.25>"


def test_html_is_the_sentence_and_a_table_with_everything_escaped():
    text = EXAMPLE._repr_html_()
    assert text.startswith("<p>probability 0.25 &amp; more</p>\n<details>")
    assert ">second line &lt;b&gt;</pre>" in text
    assert "<svg" not in text
    assert ">success probability</th>" in text
    assert ">0.25</td>" in text
    assert ">100 values</td>" in text
    assert ">a&lt;b</th>" in text
    assert "<b>" not in text
    assert text.count("<tr>") == text.count("</tr>") == 3


def test_html_shows_the_figure_between_the_sentence_and_the_numbers():
    text = Sentences()._repr_html_()
    sentence, figure, numbers = (text.index(part) for part in ("<p>", "<svg", "<details>"))
    assert sentence < figure < numbers
    assert "currentColor" in text
    assert 'aria-label="The gap is 0.5, at s = 0.25. There is more to say."' in text
    assert "a &lt; b" in text


def test_a_figure_that_fails_is_not_hidden():
    with pytest.raises(RuntimeError, match="no figure"):
        Broken()._repr_html_()


def test_values_of_a_table_are_escaped():
    assert "&lt;script&gt;" in html_table({"name": "<script>"})
    assert "<script>" not in html_table({"<script>": "<script>"})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "—"),
        (0.123456789, "0.123457"),
        (3, "3"),
        (True, "yes"),
        (np.bool_(False), "no"),
        (np.float64(1e-9), "1e-09"),
        (math.inf, "inf"),
        ("linear", "linear"),
        (Status.GOOD, "GOOD"),
        ((0.1, np.float64(0.25)), "[0.1, 0.25]"),
        (["a", None], "[a, —]"),
        (np.zeros(MAX_ITEMS + 1), f"{MAX_ITEMS + 1} values"),
        (np.zeros((2, 2)), "2 values"),
        ({"numpy": "2.0", "width": (1, 2)}, "numpy: 2.0, width: [1, 2]"),
        ({i: i for i in range(MAX_ITEMS + 1)}, f"{MAX_ITEMS + 1} values"),
        ([], "[]"),
    ],
)
def test_values_as_a_person_reads_them(value, text):
    assert text_of(value) == text


def test_plain_values_are_what_json_writes():
    values = {
        "method": np.random.default_rng(0),
        "status": Status.GOOD,
        "array": np.arange(4).reshape(2, 2),
        "interval": (np.float64(0.5), 1),
        "labels": ("a", 3),
        "nested": {1: np.int64(2)},
        "none": None,
        "choice": Choice.PAPER,
    }
    result = plain(values)
    assert json.loads(json.dumps(result)) == result
    assert result["method"] == repr(values["method"])
    assert result["status"] == "GOOD"
    assert result["choice"] == "paper"
    assert type(result["choice"]) is str
    assert result["array"] == [[0, 1], [2, 3]]
    assert result["interval"] == [0.5, 1]
    assert result["labels"] == ["a", 3]
    assert result["nested"] == {"1": 2}
    assert type(result["interval"][0]) is float


def test_infinite_and_undefined_numbers_are_none_as_in_json():
    values = {"tts99": math.inf, "interval": (1.0, np.nan), "energies": np.array([0.0, -np.inf])}
    assert plain(values) == {"tts99": None, "interval": [1.0, None], "energies": [0.0, None]}
    assert plain(values, infinities=True)["tts99"] == math.inf
    assert text_of((0.5, math.inf)) == "[0.5, inf]"


def test_a_result_inside_a_result_becomes_its_dictionary():
    assert plain([Example(0.25, np.arange(2.0))]) == [
        {"success_probability": 0.25, "curve": [0.0, 1.0], "a<b": None}
    ]


def test_a_result_without_a_dictionary_says_so():
    with pytest.raises(NotImplementedError, match="Result has no to_dict"):
        Result().to_dict()
