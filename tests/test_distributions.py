"""Every distribution draws what its closed forms say; scipy is the oracle."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from scipy import stats

from models.distributions import (
    Duration,
    Empirical,
    Exponential,
    Fixed,
    Gamma,
    LogNormal,
    Uniform,
)
from models.errors import InvalidInputError
from models.resource import Settings

#: Probability that a right distribution would look wrong, had the seed not been fixed.
UNLIKELY = 0.001
SAMPLES = 100_000

QUANTILES = (0.5, 0.6, 1.0, 3.0, 20.0)
WITH_ORACLE = [
    (Exponential(mean_seconds=0.25), stats.expon(scale=0.25)),
    (LogNormal(median_seconds=0.08, sigma=0.5), stats.lognorm(s=0.5, scale=0.08)),
    (LogNormal(median_seconds=40, sigma=1.2), stats.lognorm(s=1.2, scale=40)),
    (Uniform(low_seconds=2, high_seconds=5), stats.uniform(loc=2, scale=3)),
    (Gamma(mean_seconds=3, cv=0.5), stats.gamma(a=4, scale=0.75)),
    (Gamma(mean_seconds=3, cv=2), stats.gamma(a=0.25, scale=12)),
    (
        Empirical(quantile_seconds=QUANTILES),
        stats.rv_histogram((np.ones(4), np.array(QUANTILES)), density=False),
    ),
]
EVERY = [
    Fixed(seconds=0.2),
    Uniform(low_seconds=1, high_seconds=1),
    Empirical(quantile_seconds=(0, 0, 1, 1)),
    *(found for found, _ in WITH_ORACLE),
]


def named(value):
    """The same name in every process: an oracle's own holds its address."""
    return repr(value) if isinstance(value, Settings) else "oracle"


def drawn(duration, size=SAMPLES, seed=1):
    return duration.draw(np.random.default_rng(seed), size)


@pytest.mark.parametrize(("duration", "oracle"), WITH_ORACLE, ids=named)
def test_the_closed_forms_are_those_of_theory(duration, oracle):
    assert duration.mean_seconds == pytest.approx(oracle.mean(), rel=1e-9)
    assert duration.cv2 == pytest.approx(oracle.var() / oracle.mean() ** 2, rel=1e-6)


@pytest.mark.parametrize(("duration", "oracle"), WITH_ORACLE, ids=named)
def test_draws_follow_the_distribution(duration, oracle):
    assert stats.kstest(drawn(duration), oracle.cdf).pvalue > UNLIKELY


@pytest.mark.parametrize("duration", EVERY, ids=named)
def test_the_mean_of_draws_is_near_the_mean_they_should_have(duration):
    error = duration.mean_seconds * math.sqrt(duration.cv2 / SAMPLES)
    allowed = stats.norm.isf(UNLIKELY / 2) * error + 1e-9
    assert abs(drawn(duration).mean() - duration.mean_seconds) <= allowed


@pytest.mark.parametrize("duration", EVERY, ids=named)
@pytest.mark.parametrize("size", [0, 1, 1000])
def test_draws_are_a_plain_array_that_the_caller_may_change(duration, size):
    values = drawn(duration, size)
    assert values.dtype == np.float64
    assert values.shape == (size,)
    assert values.flags.writeable
    assert values.flags.c_contiguous
    assert np.all(np.isfinite(values) & (values >= 0))


@pytest.mark.parametrize("duration", EVERY, ids=named)
def test_one_seed_always_gives_the_same_draws(duration):
    assert np.array_equal(drawn(duration, 100), drawn(duration, 100))


@given(mean=st.floats(1e-4, 1e4), cv=st.floats(0, 10))
def test_a_lognormal_of_a_mean_and_a_spread_has_them(mean, cv):
    found = LogNormal.of_mean(mean, cv=cv)
    assert found.mean_seconds == pytest.approx(mean, rel=1e-9)
    assert found.cv2 == pytest.approx(cv**2, rel=1e-6, abs=1e-12)


def test_without_spread_a_lognormal_is_always_its_median():
    assert set(drawn(LogNormal(median_seconds=3, sigma=0), 10)) == {3.0}


def test_equal_quantiles_are_a_value_that_is_drawn_often():
    found = Empirical(quantile_seconds=(0, 1, 1, 1, 2))
    assert found.mean_seconds == 1.0
    # Two uniform quarters of variance 1/12, each 1/2 off the mean; two quarters that never vary.
    assert found.cv2 == pytest.approx((1 / 12 + 1 / 4) / 2)
    ones = int(np.sum(drawn(found) == 1))
    assert stats.binomtest(ones, SAMPLES, 0.5).pvalue > UNLIKELY


@pytest.mark.parametrize("nothing", [Fixed(seconds=0), Uniform(low_seconds=0, high_seconds=0)])
def test_a_duration_of_nothing_has_no_spread(nothing):
    assert (nothing.mean_seconds, nothing.cv2) == (0, 0)
    assert not drawn(nothing, 5).any()


@pytest.mark.parametrize("duration", EVERY, ids=named)
def test_what_is_written_as_data_reads_back_the_same(duration):
    read = TypeAdapter(Duration).validate_json(duration.model_dump_json())
    assert read == duration
    assert read.distribution == type(duration).__name__.lower()


def test_a_duration_is_spelled_by_the_name_of_its_distribution():
    class Holder(Settings):
        work: Duration

    held = Holder(work={"distribution": "gamma", "mean_seconds": 2, "cv": 0.5})
    assert held.work == Gamma(mean_seconds=2, cv=0.5)
    with pytest.raises(InvalidInputError, match="distribution"):
        Holder(work={"distribution": "normal", "mean_seconds": 2})


def test_the_schema_names_every_distribution():
    schema = TypeAdapter(Duration).json_schema()
    assert set(schema["discriminator"]["mapping"]) == {
        "fixed", "exponential", "lognormal", "uniform", "gamma", "empirical",
    }  # fmt: skip


def test_a_duration_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        Fixed(seconds=1).seconds = 2


@pytest.mark.parametrize("bad", [-1, math.nan, math.inf, -math.inf, 1e10, "1", True, None, [1]])
@pytest.mark.parametrize(
    ("kind", "field", "others"),
    [
        (Fixed, "seconds", {}),
        (Exponential, "mean_seconds", {}),
        (LogNormal, "median_seconds", {"sigma": 1}),
        (LogNormal, "sigma", {"median_seconds": 1}),
        (Uniform, "low_seconds", {"high_seconds": 9e8}),
        (Uniform, "high_seconds", {"low_seconds": 0}),
        (Gamma, "mean_seconds", {"cv": 1}),
        (Gamma, "cv", {"mean_seconds": 1}),
    ],
)
def test_what_is_no_duration_is_refused_by_the_name_of_its_field(kind, field, others, bad):
    with pytest.raises(InvalidInputError, match=f"{kind.__name__}.{field}.* must be"):
        kind(**{field: bad}, **others)


@pytest.mark.parametrize("kind", [Exponential, LogNormal, Gamma])
def test_a_mean_of_nothing_is_refused_where_the_shape_needs_one(kind):
    fields = {"mean_seconds": 0, "median_seconds": 0, "sigma": 1, "cv": 1}
    known = {name: fields[name] for name in kind.model_fields if name in fields}
    with pytest.raises(InvalidInputError, match="greater than 0"):
        kind(**known)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((1,), "at least 2"),
        ((1, 3, 2), "number 3 is 2 after 3"),
        ((1, math.nan), "finite"),
        ((-1, 1), "greater than or equal to 0"),
    ],
)
def test_quantiles_that_are_none_are_refused(values, message):
    with pytest.raises(InvalidInputError, match=message):
        Empirical(quantile_seconds=values)


def test_bounds_in_the_wrong_order_are_refused():
    with pytest.raises(InvalidInputError, match=r"low_seconds \(2.0\) must be at most high_sec"):
        Uniform(low_seconds=2, high_seconds=1)


@pytest.mark.parametrize(
    ("mean", "cv"), [(0, 1), (-1, 1), (math.nan, 1), (1, -1), (1, math.nan), (1, math.inf)]
)
def test_a_lognormal_of_an_impossible_mean_or_spread_is_refused(mean, cv):
    with pytest.raises(InvalidInputError, match="must be above 0"):
        LogNormal.of_mean(mean, cv=cv)
