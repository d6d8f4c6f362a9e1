"""CloudWatch alarms: AWS's own tables, missing data, and the fast evaluator against the rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidInputError
from models.quotas import value_of
from models.scaling import Alarm, AlarmEvaluator, evaluate

STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
THRESHOLD = 50
#: As AWS's tables write datapoints: 0 is fine, X breaches, - is missing.
POINTS = {"0": 40.0, "X": 60.0, "-": None}


def alarm(evaluation_periods=3, **fields):
    given_fields = {
        "metric_name": "CPUUtilization",
        "comparison_operator": "GreaterThanThreshold",
        "threshold": THRESHOLD,
    }
    return Alarm(**{**given_fields, "evaluation_periods": evaluation_periods, **fields})


def points(text):
    return [POINTS[point] for point in text]


def pushed(watched, text, state="INSUFFICIENT_DATA"):
    """State of an evaluator after the datapoints of `text`, having been in `state` before them."""
    evaluator = AlarmEvaluator(watched)
    for place, value in enumerate(points(text)):
        if place == len(text) - 1:
            evaluator.state = state
        evaluator.push(value)
    return evaluator.state


# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html,
# both tables: M, datapoints, then the state for each treatment ("retain": as it was).
TABLES = [
    (3, "0-X-X", "OK", "OK", "OK", "OK"),
    (3, "0----", "OK", "OK", "OK", "OK"),
    (3, "-----", "INSUFFICIENT_DATA", "retain", "ALARM", "OK"),
    (3, "0XX-X", "ALARM", "ALARM", "ALARM", "ALARM"),
    (3, "--X--", "ALARM", "retain", "ALARM", "OK"),
    (2, "0-X-X", "ALARM", "ALARM", "ALARM", "ALARM"),
    (2, "00X0X", "ALARM", "ALARM", "ALARM", "ALARM"),
    (2, "0-X--", "OK", "OK", "ALARM", "OK"),
    (2, "----0", "OK", "OK", "ALARM", "OK"),
    (2, "---X-", "ALARM", "retain", "ALARM", "OK"),
]
CELLS = [
    pytest.param(needed, text, treatment, expected, id=f"{needed} of 3, {text}, {treatment}")
    for needed, text, *row in TABLES
    for treatment, expected in zip(TREATMENTS, row, strict=True)
]


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize(("needed", "text", "treatment", "expected"), CELLS)
def test_every_cell_of_the_tables_of_aws(needed, text, treatment, expected, before):
    watched = alarm(datapoints_to_alarm=needed, treat_missing_data=treatment)
    state = before if expected == "retain" else expected
    assert evaluate(watched, points(text), before) == state
    assert pushed(watched, text, before) == state


@pytest.mark.parametrize("text", ["----X", "---X-"])
@pytest.mark.parametrize("before", ["OK", "INSUFFICIENT_DATA"])
def test_a_breach_too_new_for_the_premature_alarm_state_does_not_sound(text, before):
    assert evaluate(alarm(), points(text), before) == before


@pytest.mark.parametrize("text", ["---X0", "--X-0"])
def test_the_next_point_not_breaching_shows_why_the_alarm_waited(text):
    assert evaluate(alarm(), points(text), "OK") == "OK"


@pytest.mark.parametrize("text", ["-X---", "X----", "X-X--", "-XX--"])
def test_an_old_breach_with_nothing_after_it_sounds(text):
    assert evaluate(alarm(), points(text), "OK") == "ALARM"


def test_a_point_that_stays_the_only_one_leaves_the_range_after_five_periods():
    watched = alarm(treat_missing_data="breaching")
    assert evaluate(watched, points("0----"), "OK") == "OK"
    assert evaluate(watched, points("0-----"), "OK") == "ALARM"


def test_the_example_of_three_points_in_a_row():
    # The figure of the alarm-evaluation page: periods 3 to 5 breach, six falls below, nine
    # breaches alone.
    evaluator, values = AlarmEvaluator(alarm()), points("00XXX000X0")
    states = [evaluator.push(value) for value in values]
    assert [period + 1 for period, state in enumerate(states) if state == "ALARM"] == [5]
    assert set(states) == {"OK", "ALARM"}


def test_breaches_of_m_of_n_need_not_be_consecutive():
    four_of_five = alarm(5, datapoints_to_alarm=4)
    assert pushed(four_of_five, "XX0XX") == "ALARM"
    assert pushed(four_of_five, "XX0X0") == "OK"


@pytest.mark.parametrize(
    ("operator", "breaching"),
    [
        ("GreaterThanThreshold", [51]),
        ("GreaterThanOrEqualToThreshold", [50, 51]),
        ("LessThanThreshold", [49]),
        ("LessThanOrEqualToThreshold", [49, 50]),
    ],
)
def test_the_datapoint_stands_left_of_the_comparison(operator, breaching):
    watched = alarm(1, comparison_operator=operator)
    assert [v for v in (49, 50, 51) if evaluate(watched, [v], "OK") == "ALARM"] == breaching
    assert [v for v in (49, 50, 51) if AlarmEvaluator(watched).push(v) == "ALARM"] == breaching


def test_an_alarm_starts_with_insufficient_data():
    evaluator = AlarmEvaluator(alarm())
    assert evaluator.state == "INSUFFICIENT_DATA"
    assert [evaluator.push(60) for _ in range(3)] == ["INSUFFICIENT_DATA"] * 2 + ["ALARM"]


def test_only_the_range_is_read():
    for extra, state in ((0, "OK"), (1, "ALARM")):
        watched = alarm(datapoints_to_alarm=2, extra_datapoints=extra)
        assert evaluate(watched, points("X0-X"), "OK") == state


texts = st.text(alphabet="0X-", min_size=1, max_size=60) | st.text(alphabet="X-", min_size=1)
shapes = st.integers(1, 20).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n)))


@given(
    text=texts,
    shape=shapes,
    treatment=st.sampled_from(TREATMENTS),
    extra=st.integers(0, 6),
    step=st.integers(1, 5),
)
def test_the_evaluator_always_agrees_with_the_rule(text, shape, treatment, extra, step):
    periods, needed = shape
    watched = alarm(
        periods, datapoints_to_alarm=needed, treat_missing_data=treatment, extra_datapoints=extra
    )
    evaluator, state = AlarmEvaluator(watched, evaluations_per_period=step), "INSUFFICIENT_DATA"
    values = points(text)
    for count in range(1, len(values) + 1):
        state = evaluate(watched, values[:count][::-step][::-1], state)
        assert evaluator.push(values[count - 1]) == state
        assert evaluator.state == state


@given(text=st.text(alphabet="0X", min_size=20, max_size=40), shape=shapes,
       treatment=st.sampled_from(TREATMENTS))  # fmt: skip
def test_without_gaps_m_of_the_n_newest_decide_whatever_the_treatment(text, shape, treatment):
    periods, needed = shape
    watched = alarm(periods, datapoints_to_alarm=needed, treat_missing_data=treatment)
    sounds = text[-periods:].count("X") >= needed
    assert evaluate(watched, points(text), "OK") == ("ALARM" if sounds else "OK")


@given(text=st.text(alphabet="0X-", min_size=5, max_size=5), needed=st.integers(1, 3))
def test_a_missing_point_counts_for_at_most_what_its_treatment_says(text, needed):
    def state(treatment):
        watched = alarm(datapoints_to_alarm=needed, treat_missing_data=treatment)
        return evaluate(watched, points(text), "OK")

    order = ["OK", "INSUFFICIENT_DATA", "ALARM"]
    assert order.index(state("notBreaching")) <= order.index(state("missing"))
    assert order.index(state("missing")) <= order.index(state("breaching"))


def test_overlapping_windows_look_at_every_fifth_value():
    # A five-minute alarm fed each minute: two values five minutes apart, not two in a row.
    evaluator = AlarmEvaluator(alarm(2), evaluations_per_period=5)
    states = [evaluator.push(value) for value in points("00000XX000XX")]
    assert [minute for minute, state in enumerate(states) if state == "ALARM"] == [10, 11]
    values = points("00000X0000X")
    assert [AlarmEvaluator(alarm(2)).push(value) for value in values].count("ALARM") == 0


def test_the_age_of_a_breach_counts_in_periods_where_windows_overlap():
    evaluator = AlarmEvaluator(alarm(), evaluations_per_period=2)
    states = [evaluator.push(value) for value in points("X----")]
    assert states == ["INSUFFICIENT_DATA"] * 4 + ["ALARM"]


@pytest.mark.parametrize(
    ("period", "periods", "seconds"),
    [(10, 3, 10), (30, 3, 10), (60, 3, 60), (300, 1, 60), (86_400, 1, 60), (86_400, 2, 3600)],
)
def test_how_often_an_alarm_is_evaluated(period, periods, seconds):
    assert alarm(periods, period_seconds=period).evaluation_seconds == seconds


@pytest.mark.parametrize("period", [1, 5, 15, 45, 61, 90, 100])
def test_a_period_that_cloudwatch_does_not_have_is_refused_with_those_it_has(period):
    with pytest.raises(InvalidInputError, match=rf"period_seconds: {period} must be 10, 20, 30 or"):
        alarm(period_seconds=period)


@pytest.mark.parametrize("period", [10, 20, 30, 60, 120, 300, 3600])
def test_periods_that_cloudwatch_has(period):
    assert alarm(period_seconds=period).period_seconds == period


@pytest.mark.parametrize(
    ("period", "most"), [(10, 8640), (60, 1440), (300, 288), (3600, 168), (86_400, 7)]
)
def test_the_longest_window(period, most):
    assert alarm(most, period_seconds=period).evaluation_periods == most
    with pytest.raises(InvalidInputError, match=rf"{most + 1} x {period} = .* s must be at most"):
        alarm(most + 1, period_seconds=period)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"datapoints_to_alarm": 4}, r"datapoints_to_alarm 4 must be at most evaluation_periods"),
        ({"datapoints_to_alarm": 0}, r"datapoints_to_alarm: 0 must be greater than or equal to 1"),
        ({"evaluation_periods": 0}, r"evaluation_periods: 0 must be greater than or equal to 1"),
        ({"evaluation_periods": 1.5}, r"evaluation_periods: 1.5 must be a valid integer"),
        ({"threshold": float("nan")}, r"threshold: nan must be a finite number"),
        ({"metric_name": ""}, r"metric_name: '' must have at least 1 character"),
        ({"statistic": "p99"}, r"statistic: 'p99' must be one of 'Average', 'Sum'"),
        ({"comparison_operator": ">"}, r"comparison_operator: '>' must be one of 'GreaterThan"),
        ({"treat_missing_data": "notbreaching"}, r"treat_missing_data: .* nearest: notBreaching"),
        ({"unit": "Percent"}, r"unit: there is no such field; allowed: .*threshold"),
    ],
)
def test_what_an_alarm_cannot_be(fields, message):
    with pytest.raises(InvalidInputError, match=message):
        alarm(**fields)


def test_an_evaluator_is_fed_at_least_once_a_period():
    with pytest.raises(InvalidInputError, match="evaluations_per_period 0 must be at least 1"):
        AlarmEvaluator(alarm(), evaluations_per_period=0)


def test_the_numbers_are_those_of_the_quotas():
    def of(name):
        return value_of("cloudwatch", name)

    assert alarm().extra_datapoints == of("alarm_evaluation_range_extra")
    assert alarm().evaluation_seconds == of("alarm_evaluation_interval_seconds")
    longest = of("alarm_window_short_period_seconds_max")
    assert alarm(longest // 60).window_seconds == longest
    assert alarm(7, period_seconds=86_400).window_seconds == of("alarm_window_seconds_max")
