"""Where alternatives break even: closed forms to the digit, noisy ones within their interval."""

import pytest

import measures
from measures import Eager
from models.experiments import break_even

RENT, EACH = 90.0, 0.045


def metered(*, gb):
    return EACH * gb


def flat(*, gb):
    return RENT


def stepped(*, gb):
    """A second machine from 1,234.5 GB on."""
    return 50.0 if gb < 1234.5 else 100.0


@pytest.mark.parametrize(
    ("sides", "below", "above"),
    [({"metered": metered, "flat": flat}, "metered", "flat"),
     ({"flat": flat, "metered": metered}, "metered", "flat")],
)  # fmt: skip
@pytest.mark.parametrize("log", [False, True])
def test_a_closed_form_breaks_even_to_the_last_digits_in_either_order(sides, below, above, log):
    found = break_even(sides, "gb", 1, 10_000, log=log)
    assert found.at == pytest.approx(RENT / EACH, rel=1e-12)
    assert found.interval == (found.at, found.at)
    assert (found.cheaper_below, found.cheaper_above) == (below, above)
    assert found.cheaper is None
    assert repr(found) == f"gb = 2000: {below} is cheaper below, {above} above"


def test_a_jump_is_a_break_even_too():
    found = break_even({"stepped": stepped, "flat": flat}, "gb", 0, 10_000)
    assert found.at == pytest.approx(1234.5)
    assert (found.cheaper_below, found.cheaper_above) == ("stepped", "flat")


def test_one_measure_is_the_difference_itself():
    found = break_even(measures.shifted, "x", 0, 10)
    assert found.at == pytest.approx(4.0)
    assert (found.cheaper_below, found.cheaper_above) == ("first", "second")


@pytest.mark.parametrize(("low", "high", "cheaper"), [(0, 1999, "metered"), (2001, 9000, "flat")])
def test_where_there_is_none_the_cheaper_one_is_named(low, high, cheaper):
    found = break_even({"metered": metered, "flat": flat}, "gb", low, high)
    assert (found.at, found.interval, found.cheaper) == (None, None, cheaper)
    assert repr(found).startswith(f"No break-even between {low} and {high}: {cheaper} is cheaper")


def test_what_is_equal_everywhere_has_no_cheaper_one():
    found = break_even({"one": flat, "other": flat}, "gb", 0, 10)
    assert (found.at, found.cheaper) == (None, None)
    assert "both are equal" in repr(found)


#: The first falls against the second, and they meet at 4.
LINES = {"falling": (measures.line, {"slope": -1.0, "at": 7.0, "other": 1}),
         "rising": (measures.line, {"slope": 2.0, "at": 2.5, "other": 2})}  # fmt: skip


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("backwards", [False, True])
def test_noisy_lines_meet_within_the_interval(log, backwards):
    sides = dict(reversed(LINES.items())) if backwards else LINES
    found = break_even(sides, "x", 0.5, 50, log=log, seed=3)
    near, far = found.interval
    assert near < found.at < far
    assert near < 4 < far
    assert (far - near) / 2 <= 0.02 * found.at
    assert (found.cheaper_below, found.cheaper_above) == ("rising", "falling")
    assert found.precise
    assert found.complete


def test_the_interval_ends_where_the_difference_could_be_none():
    found = break_even(LINES, "x", 0.5, 50)
    for end, near in zip(found.interval, ("low", "high"), strict=True):
        (row,) = found.table[found.table["x"] == end].to_dict("records")
        assert abs(row[near]) < 0.15 * (row["high"] - row["low"])


def test_noise_does_not_hide_that_there_is_none():
    found = break_even(LINES, "x", 5, 50)
    assert (found.at, found.cheaper, found.complete) == (None, "falling", True)


def test_what_the_noise_hides_is_left_undecided():
    alike = {name: (measures.line, {"other": name, "slope": 0.0}) for name in (1, 2)}
    found = break_even(alike, "x", 0, 1, most=40)
    assert (found.at, found.cheaper) == (None, None)
    assert "the noise hides which is cheaper" in repr(found)


def test_an_imprecise_break_even_says_so():
    found = break_even(LINES, "x", 0.5, 50, replications=5, most=5)
    assert not found.precise
    assert found.table["replications"].max() == 5
    assert "Not as precise as asked for" in repr(found)


def test_every_run_of_a_search_is_made_once():
    executor = Eager()
    found = break_even(LINES, "x", 0.5, 50, executor=executor)
    assert sum(executor.sizes) == 2 * found.table["replications"].sum()


@pytest.mark.long
def test_95_of_100_intervals_hold_the_break_even():
    held = 0
    for seed in range(1000):
        near, far = break_even(
            LINES, "x", 0.5, 50, replications=30, most=30, seed=seed, progress=False
        ).interval
        held += near <= 4 <= far
    assert held / 1000 == pytest.approx(0.95, abs=0.02)
