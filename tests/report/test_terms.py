"""The glossary: every term has a short plain meaning, and no word means two things."""

from collections import Counter

import pytest

from qxgap.report import glossary, term_of

TERMS = list(glossary().values())


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.name)
def test_the_meaning_is_short_and_a_sentence(term):
    assert 3 <= len(term.meaning.split()) < 40
    assert term.meaning.endswith(".")
    assert term.meaning.isascii() or "ö" in term.meaning  # Schrödinger


def test_terms_stand_in_alphabetical_order():
    names = [term.name.casefold() for term in TERMS]
    assert names == sorted(names)


def test_no_word_means_two_things():
    words = Counter(
        word for term in TERMS for word in {w.casefold() for w in (term.name, *term.spellings)}
    )
    assert {word: number for word, number in words.items() if number > 1} == {}


@pytest.mark.parametrize(
    ("word", "name"), [("gaps", "gap"), ("TTS99", "time to solution"), ("Qubits", "qubit")]
)
def test_other_spellings_lead_to_the_term(word, name):
    assert term_of(word).name == name


def test_an_unknown_word_has_no_term():
    assert term_of("banana") is None


@pytest.mark.parametrize(
    "word",
    """feature map, QUBO, BQM, qubit, gap, classical gap, anneal time, tau, anneal fraction, driver,
    convention, success probability, time to solution, read, sampler, simulated annealing,
    null model, top-k, greedy, tradeoff, interval, bootstrap, total variation, degenerate,
    class activation map, Average Drop, bracket, avoided crossing, certified, error estimate,
    p-value, instance, class, d, sa, paper, authors-code""".replace("\n", " ").split(", "),
)
def test_the_words_of_the_first_screens_are_explained(word):
    assert term_of(word.strip()) is not None
