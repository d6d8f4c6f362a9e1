"""A refusal is one plain line, and catches as the built-in error that it resembles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import (
    InvalidInputError,
    ModelError,
    PriceFileError,
    UnknownNameError,
    UnknownPriceError,
    did_you_mean,
    nearest,
)


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (InvalidInputError, ValueError),
        (PriceFileError, ValueError),
        (UnknownNameError, LookupError),
        (UnknownPriceError, KeyError),
    ],
)
def test_an_error_is_caught_by_the_models_name_and_by_the_builtin_one(error, builtin):
    assert issubclass(error, ModelError)
    assert issubclass(error, builtin)


@pytest.mark.parametrize(
    "error", [ModelError, InvalidInputError, PriceFileError, UnknownNameError, UnknownPriceError]
)
def test_an_error_reads_as_its_message(error):
    assert str(error("no price for 'x'")) == "no price for 'x'"


def test_invalid_input_lists_its_problems_where_they_are_known():
    refused = InvalidInputError("nat: hours must be a number", [(("nat", "hours"), "must be")])
    assert refused.problems == ((("nat", "hours"), "must be"),)
    assert InvalidInputError("wrong").problems == ()


def test_the_nearest_name_is_found_whatever_its_case():
    assert nearest("natgateway-hours", ["BoxUsage", "NatGateway-Hours"]) == ["NatGateway-Hours"]


def test_no_more_names_are_offered_than_asked_for():
    regions = ["us-west-1", "us-east-2", "us-east-1"]
    assert nearest("us-east-11", regions, count=1) == ["us-east-1"]
    assert len(nearest("us-east-11", regions, count=2)) == 2


@given(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=8))
def test_only_known_names_are_offered(given_name, known):
    found = nearest(given_name, known)
    assert set(found) <= set(known)
    assert bool(did_you_mean(given_name, known)) == bool(found)
