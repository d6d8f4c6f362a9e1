"""CloudWatch alarms: what one watches, and which state its datapoints put it in."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from models.errors import InvalidInputError
from models.resource import Name, Settings
from models.units import HOURS_PER_DAY, SECONDS_PER_HOUR

Statistic = Literal["Average", "Sum", "Minimum", "Maximum"]
ComparisonOperator = Literal[
    "GreaterThanThreshold",
    "GreaterThanOrEqualToThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
]
TreatMissingData = Literal["missing", "ignore", "breaching", "notBreaching"]
AlarmState = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]

#: Periods below a minute, of high-resolution alarms; others are whole minutes. Documented:
#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html. [s]
HIGH_RESOLUTION_PERIODS_SECONDS = (10, 20, 30)
_MINUTE = 60
_DAY = HOURS_PER_DAY * SECONDS_PER_HOUR
#: Longest window (EvaluationPeriods x Period) by whether the period is below an hour. Documented:
#: same page, "Period". [s]
LONGEST_WINDOW_SECONDS = 7 * _DAY
LONGEST_WINDOW_OF_SHORT_PERIODS_SECONDS = _DAY

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = MappingProxyType(
    {
        "GreaterThanThreshold": operator.gt,
        "GreaterThanOrEqualToThreshold": operator.ge,
        "LessThanThreshold": operator.lt,
        "LessThanOrEqualToThreshold": operator.le,
    }
)

#: Longer than other names: AWS's own alarms spell out what they are for.
AlarmName = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$")]
Periods = Annotated[int, Field(ge=1, strict=True)]


class Alarm(Settings):
    """M of the N newest datapoints of a metric beyond a threshold.

    Documented:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
    """

    alarm_name: AlarmName | None = None
    """Names it in the history and in the cause of an activity."""
    metric_name: Name
    """CloudWatch's name of the metric."""
    statistic: Statistic = "Average"
    """How the values of one period become one datapoint."""
    period_seconds: Periods = 60
    """Length of the period of one datapoint: 10, 20, 30 or a multiple of 60. [s]"""
    evaluation_periods: Periods
    """N: how many of the newest datapoints are looked at."""
    datapoints_to_alarm: Periods | None = None
    """M: how many of them must breach; all of them unless given."""
    comparison_operator: ComparisonOperator
    """What breaching means: the datapoint stands on the left."""
    threshold: Annotated[float, Field(allow_inf_nan=False)]
    """In the unit of the metric."""
    treat_missing_data: TreatMissingData = "missing"
    """What stands in for datapoints that are not there. Alarms on metrics of Amazon DynamoDB are
    always ``ignore``."""
    extra_datapoints: Annotated[int, Field(ge=0, le=1000, strict=True)] = 2
    """Datapoints read beyond the N newest, in case some of those are missing. Assumed: AWS's
    example reads 5 for N = 3 and gives no rule for other N."""

    @field_validator("period_seconds")
    @classmethod
    def _period_exists(cls, seconds: int) -> int:
        if seconds not in HIGH_RESOLUTION_PERIODS_SECONDS and seconds % _MINUTE:
            raise ValueError("must be 10, 20, 30 or a multiple of 60 [s]")
        return seconds

    @model_validator(mode="after")
    def _datapoints_fit_the_periods(self) -> Self:
        if self.datapoints_needed > self.evaluation_periods:
            raise InvalidInputError(
                f"datapoints_to_alarm {self.datapoints_to_alarm} must be at most"
                f" evaluation_periods ({self.evaluation_periods})"
            )
        return self

    @model_validator(mode="after")
    def _window_is_short_enough(self) -> Self:
        short = self.period_seconds < SECONDS_PER_HOUR
        most = LONGEST_WINDOW_OF_SHORT_PERIODS_SECONDS if short else LONGEST_WINDOW_SECONDS
        if self.window_seconds > most:
            kind = "below" if short else "of at least"
            raise InvalidInputError(
                f"evaluation_periods x period_seconds = {self.evaluation_periods} x"
                f" {self.period_seconds} = {self.window_seconds:,} s must be at most {most:,} s"
                f" with a period {kind} an hour"
            )
        return self

    @property
    def datapoints_needed(self) -> int:
        """M: datapoints that must breach."""
        if self.datapoints_to_alarm is None:
            return self.evaluation_periods
        return self.datapoints_to_alarm

    @property
    def range_periods(self) -> int:
        """Datapoints read at each evaluation: AWS's evaluation range."""
        return self.evaluation_periods + self.extra_datapoints

    @property
    def window_seconds(self) -> int:
        """Time that the N newest datapoints cover. [s]"""
        return self.evaluation_periods * self.period_seconds

    @property
    def evaluation_seconds(self) -> int:
        """Time between two evaluations, each over windows that end then. [s]

        Documented:
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
        """
        if self.window_seconds > _DAY:
            return SECONDS_PER_HOUR
        return _MINUTE if self.period_seconds >= _MINUTE else HIGH_RESOLUTION_PERIODS_SECONDS[0]

    @property
    def comparison(self) -> Callable[[float, float], bool]:
        """The comparison itself: of a datapoint, left, and the threshold, right."""
        return _COMPARISONS[self.comparison_operator]


def evaluate(alarm: Alarm, datapoints: Sequence[float | None], state: AlarmState) -> AlarmState:
    """State of `alarm` after an evaluation.

    Parameters
    ----------
    alarm : Alarm
        What is watched.
    datapoints : sequence of float or None
        Oldest first, None where one is missing. Only the `alarm.range_periods` newest count, and
        where fewer are given the older ones are missing. [unit of the metric]
    state : str
        The state until now: ``OK``, ``ALARM`` or ``INSUFFICIENT_DATA``.

    Notes
    -----
    Documented:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html.
    N real points anywhere in the range are enough, and gaps then do not matter. Otherwise all real
    points count, and what is missing up to N is filled in.

    Examples
    --------
    >>> busy = Alarm(metric_name="CPUUtilization", evaluation_periods=3, threshold=50,
    ...              comparison_operator="GreaterThanThreshold")
    >>> evaluate(busy, [40, 60, 60, None, 60], "OK")
    'ALARM'
    >>> evaluate(busy, [None, None, None, None, None], "OK")
    'INSUFFICIENT_DATA'
    """
    breaches, threshold = alarm.comparison, alarm.threshold
    window = datapoints[-alarm.range_periods :]
    breaching = [breaches(value, threshold) for value in window if value is not None]
    recent = breaching[-alarm.evaluation_periods :]
    if len(recent) == alarm.evaluation_periods:
        return "ALARM" if sum(recent) >= alarm.datapoints_needed else "OK"
    first = next((place for place, value in enumerate(window) if value is not None), len(window))
    return _with_gaps(alarm, len(recent), sum(recent), len(window) - first, state)


def _with_gaps(
    alarm: Alarm, real: int, breaching: int, oldest: int, state: AlarmState
) -> AlarmState:
    """State where some of the N newest points are missing.

    `real` points count, N at most, `breaching` of them breach, and the oldest real one is the
    `oldest`-th newest point. The documented tables decide where the prose can be read two ways:
    a real point that does not breach always rules out the premature alarm state.

    Assumed: where all real points breach, but are too few and too new for the premature alarm
    state, ``missing`` keeps the state; AWS only says that it does not become ALARM.
    """
    treatment = alarm.treat_missing_data
    filled = alarm.evaluation_periods - real if treatment == "breaching" else 0
    if breaching + filled >= alarm.datapoints_needed:
        return "ALARM"
    if treatment in {"breaching", "notBreaching"} or breaching < real:
        return "OK"
    if treatment == "ignore":
        return state
    if real == 0:
        return "INSUFFICIENT_DATA"
    return "ALARM" if oldest >= alarm.datapoints_needed else state


class AlarmEvaluator:
    """An alarm at work: fed one datapoint at a time, it always knows its state.

    It gives what `evaluate` gives on the same datapoints, in a fraction of the time. The points of
    the range are bits of two whole numbers, the newest lowest: which points are real, and which of
    them breach.

    Parameters
    ----------
    alarm : Alarm
        What is watched.
    evaluations_per_period : int
        How often the alarm is evaluated, and so fed, in one period: 1 unless windows overlap. An
        alarm with a period of 300 s is evaluated each minute over the five minutes before; fed
        with the value of those at each minute it has 5 evaluations per period.

    Attributes
    ----------
    state : str
        ``INSUFFICIENT_DATA`` at first, as AWS creates alarms
        (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html).

    Examples
    --------
    >>> busy = AlarmEvaluator(Alarm(metric_name="CPUUtilization", evaluation_periods=2,
    ...                             comparison_operator="GreaterThanThreshold", threshold=50))
    >>> [busy.push(percent) for percent in (40, 60, None, 60)]
    ['OK', 'OK', 'OK', 'ALARM']
    """

    __slots__ = (
        "_alarm", "_breaches", "_breaching", "_kept", "_needed", "_range", "_real", "_recent",
        "_step", "_threshold", "state",
    )  # fmt: skip

    def __init__(self, alarm: Alarm, *, evaluations_per_period: int = 1) -> None:
        if evaluations_per_period < 1:
            raise InvalidInputError(
                f"evaluations_per_period {evaluations_per_period} must be at least 1"
            )
        self._alarm = alarm
        self._breaches, self._threshold = alarm.comparison, alarm.threshold
        self._needed, self._step = alarm.datapoints_needed, evaluations_per_period
        self._recent = self._places(alarm.evaluation_periods)
        self._range = self._places(alarm.range_periods)
        self._kept = (1 << self._range.bit_length()) - 1
        self._real = self._breaching = 0
        self.state: AlarmState = "INSUFFICIENT_DATA"

    def _places(self, count: int) -> int:
        """Bits of the `count` newest datapoints: every `evaluations_per_period`-th one."""
        return sum(1 << (place * self._step) for place in range(count))

    def push(self, value: float | None) -> AlarmState:
        """Evaluate with one datapoint more, None where it is missing, and return the state."""
        kept = self._kept
        if value is None:
            self._real = self._real << 1 & kept
            self._breaching = self._breaching << 1 & kept
            return self._push_gap()
        self._real = real = (self._real << 1 | 1) & kept
        breaching = self._breaching << 1
        if self._breaches(value, self._threshold):
            breaching |= 1
        self._breaching = breaching = breaching & kept
        recent = self._recent
        if real & recent != recent:
            return self._push_gap()
        self.state = "ALARM" if (breaching & recent).bit_count() >= self._needed else "OK"
        return self.state

    def _push_gap(self) -> AlarmState:
        """Evaluate where one of the N newest datapoints is missing."""
        real = self._real & self._range
        for _ in range(real.bit_count() - self._alarm.evaluation_periods):
            real ^= 1 << (real.bit_length() - 1)  # the oldest real points beyond N do not count
        breaching = (self._breaching & real).bit_count()
        oldest = -(-real.bit_length() // self._step)
        self.state = _with_gaps(self._alarm, real.bit_count(), breaching, oldest, self.state)
        return self.state
