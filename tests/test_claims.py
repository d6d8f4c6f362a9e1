"""A finding is stated only together with the condition that makes it true."""

from __future__ import annotations

import numpy as np
import pytest

from models.claims import BrokenClaimError, claim
from models.errors import InvalidInputError, ModelError


@pytest.fixture
def learner(monkeypatch):
    monkeypatch.delenv("COSTLAB_STRICT", raising=False)


@pytest.fixture
def strict(monkeypatch):
    monkeypatch.setenv("COSTLAB_STRICT", "1")


def test_a_claim_that_holds_shows_its_sentence(strict):
    assert str(claim("Two is more than one.", True)) == "Two is more than one."


def test_a_broken_claim_raises_where_claims_are_strict(strict):
    with pytest.raises(BrokenClaimError, match="One is more than two"):
        claim("One is more than two.", False)


def test_a_broken_claim_is_both_a_model_error_and_an_assertion():
    assert issubclass(BrokenClaimError, ModelError)
    assert issubclass(BrokenClaimError, AssertionError)


def test_a_learner_is_told_that_a_claim_no_longer_holds_and_goes_on(learner):
    found = claim("One is more than two.", False)
    assert str(found) == "No longer true with your changes: One is more than two."
    assert not found


@pytest.mark.parametrize("value", ["", "0", "no"])
def test_only_the_value_one_makes_claims_strict(monkeypatch, value):
    monkeypatch.setenv("COSTLAB_STRICT", value)
    assert not claim("One is more than two.", False)


def test_the_result_shows_its_sentence_as_a_cells_last_expression(strict):
    assert repr(claim("It holds.", True)) == "It holds."


def test_html_in_a_sentence_is_escaped(learner):
    for holds in (True, False):
        html = claim("<script>alert(1)</script> & more", holds)._repr_html_()
        assert "<script>" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in html


def test_html_says_when_a_claim_no_longer_holds(learner):
    assert "No longer true with your changes" in claim("So.", False)._repr_html_()


def test_a_numpy_truth_value_is_a_condition(strict):
    assert claim("It holds.", np.float64(2) > np.float64(1)).holds is True


def test_an_array_is_not_a_condition(learner):
    with pytest.raises(InvalidInputError, match=r"\.all\(\) or \.any\(\)"):
        claim("It holds.", np.array([True, False]))


@pytest.mark.parametrize("holds", [None, 1, "yes", 0.0])
def test_what_is_neither_true_nor_false_is_refused(learner, holds):
    with pytest.raises(InvalidInputError, match="must be True or False"):
        claim("It holds.", holds)


@pytest.mark.parametrize("sentence", ["", "  ", None])
def test_an_empty_sentence_is_refused(learner, sentence):
    with pytest.raises(InvalidInputError, match="must be a text"):
        claim(sentence, True)
