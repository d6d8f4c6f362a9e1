"""Scaling policies: what a schedule saves, which threshold fits, how fast a policy is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from models.billing import Bill
from models.distributions import Fixed
from models.exercises.exercise import Exercise, Mistake, cost_usd, priced
from models.prices import Catalogue
from models.scaling import Alarm, SimpleScalingPolicy, StepAdjustment, StepScalingPolicy
from models.services import ec2
from models.services.autoscaling import Application, AutoScalingGroup
from models.simulation import simulate
from models.units import BillingPeriod
from models.workload import Step

_LESSON = "04_choosing_a_policy"
#: A month of 30 days, as the learning material counts.
_MONTH = BillingPeriod.of("2026-11")
_DAYS, _BUSY_HOURS, _QUIET_HOURS, _PEAK, _BASE = 30, 8, 16, 5, 2
_FIVE_MINUTES, _CAPACITY_PER_SECOND, _TAUGHT_THRESHOLD = 300, 100, 1000


def _instances(count: int, hours_a_day: float) -> ec2.Instance:
    return ec2.Instance(
        name=f"{count} instances", instance_type="m5.large", count=count, hours=hours_a_day * _DAYS
    )


def _scheduled(prices: Catalogue) -> float:
    parts = _instances(_PEAK, _BUSY_HOURS), _instances(_BASE, _QUIET_HOURS)
    return cost_usd(prices, *parts, period=_MONTH)


def _always(prices: Catalogue, count: int = _PEAK) -> float:
    return cost_usd(prices, _instances(count, _BUSY_HOURS + _QUIET_HOURS), period=_MONTH)


def _scheduled_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Five instances for 8 hours and two for 16, on each of 30 days:"
    parts = _instances(_PEAK, _BUSY_HOURS), _instances(_BASE, _QUIET_HOURS)
    yield priced(prices, *parts, period=_MONTH)


def _saved_percent(prices: Catalogue) -> float:
    return 100 * (1 - _scheduled(prices) / _always(prices))


def _saved_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Instance-hours a day: 5 x 8 + 2 x 16 = 72 in place of 5 x 24 = 120."
    yield f"72 / 120 leaves {100 - _saved_percent(prices):.0f} percent of the bill."


def _times_too_low(prices: Catalogue) -> float:
    return _CAPACITY_PER_SECOND * _FIVE_MINUTES / _TAUGHT_THRESHOLD


def _too_low_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "An instance that serves 100 requests a second serves 100 x 300 = 30,000 in five minutes."
    yield f"A threshold of 1,000 is reached {_times_too_low(prices):.0f} times earlier."


@cache
def _minutes_to_five() -> float:
    """From the jump until five instances are in service. [min]"""
    alarm = Alarm(
        metric_name="CPUUtilization", comparison_operator="GreaterThanThreshold", threshold=70,
        period_seconds=120, evaluation_periods=2,
    )  # fmt: skip
    group = AutoScalingGroup(
        name="web", min_size=2, max_size=10, launch=Fixed(seconds=20), os_boot=Fixed(seconds=3),
        application=Application(workers=10, boot=Fixed(seconds=37), queue_length=20),
        policies=(SimpleScalingPolicy(name="plus one", alarm=alarm, scaling_adjustment=1),),
    )  # fmt: skip
    jump = Step(
        duration_seconds=3600, from_per_second=100, to_per_second=480, at_seconds=600,
        work=Fixed(seconds=0.1),
    )  # fmt: skip
    run = simulate(group, jump, engine="fluid")
    served = [one.end_seconds for one in run.activities if one.change > 0]
    return (served[_PEAK - group.capacity - 1] - jump.at_seconds) / 60


def _simple_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "The first alarm needs two periods of 120 s and their delivery, so about 5 minutes."
    yield "Each further instance waits for its launch and for a cooldown of 300 s after it."
    yield f"Simulated: five instances are in service after {_minutes_to_five():.0f} minutes."


def _step_policy() -> StepScalingPolicy:
    alarm = Alarm(
        metric_name="CPUUtilization", comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=50, evaluation_periods=2,
    )  # fmt: skip
    return StepScalingPolicy(
        name="out", alarm=alarm, adjustment_type="PercentChangeInCapacity",
        step_adjustments=(
            StepAdjustment(lower_bound=0, upper_bound=10, scaling_adjustment=0),
            StepAdjustment(lower_bound=10, upper_bound=20, scaling_adjustment=10),
            StepAdjustment(lower_bound=20, scaling_adjustment=30),
        ),
    )  # fmt: skip


def _after_seventy(prices: Catalogue) -> float:
    return float(_step_policy().proposal(70, 11) or 11)


def _step_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "70 percent is 20 above the threshold of 50, so the third step applies: 30 percent."
    yield "30 percent of 11 is 3.3 instances; above one, AWS drops the fraction."
    yield f"11 + 3 = {_after_seventy(prices):.0f}."


EXERCISES = (
    Exercise(
        id="policies-scheduled-month",
        topic="policies",
        lesson=_LESSON,
        question="A fleet of m5.large runs 5 instances from 9 to 17 o'clock and 2 at other times,"
        " every day of a month of 30 days in us-east-1. What do the instance-hours cost?",
        unit="USD a month",
        kind="read a number",
        difficulty="basic",
        answer=_scheduled,
        look="Count the instance-hours of one day first, busy and quiet hours apart.",
        concept="An instance is charged for the hours it runs. A fleet that follows its traffic"
        " pays for the area under the curve of its size.",
        formula="(5 x 8 + 2 x 16) x 30 x price of an instance-hour",
        working=_scheduled_working,
        why="The bill is the area under the curve: a schedule that people can write down saves"
        " more than many an optimization.",
        mistakes=(
            Mistake(_always, "That is five instances all day: the fleet without a schedule."),
            Mistake(
                lambda prices: _always(prices, _BASE),
                "That is two instances all day. Who serves the busy hours?",
            ),
        ),
        source="Asked in the learning material on Auto Scaling with 0.05 dollars an hour: 180"
        " dollars for five all day, 108 with the schedule. Both figures are right.",
    ),
    Exercise(
        id="policies-scheduled-saving",
        topic="policies",
        lesson=_LESSON,
        question="How much of the bill for five instances all day does that schedule save?",
        unit="percent",
        kind="check a claim",
        difficulty="basic",
        answer=_saved_percent,
        look="Compare instance-hours; the price of one cancels out.",
        concept="With one price for every hour, saving hours and saving dollars is the same.",
        formula="1 - (5 x 8 + 2 x 16) / (5 x 24), in percent",
        working=_saved_working,
        why="Guides promise 50 to 70 percent. With a floor of two instances this day cannot save"
        " more than this: the floor is what availability costs.",
        mistakes=(
            Mistake(
                lambda prices: 100 - _saved_percent(prices),
                "That is what is left of the bill, not what is saved.",
            ),
            Mistake(
                lambda prices: 100 * _QUIET_HOURS / (_BUSY_HOURS + _QUIET_HOURS),
                "That is the share of quiet hours. Two instances still run in them.",
            ),
        ),
        source="The learning material says that elastic fleets often save 50 to 70 percent; its own"
        " example saves less.",
    ),
    Exercise(
        id="policies-request-target",
        topic="policies",
        lesson=_LESSON,
        question="A guide sets the alarm of RequestCountPerTarget at 1,000 requests in five minutes"
        " for instances that serve 100 requests a second each. How many times too low is that?",
        unit="times",
        kind="check a claim",
        difficulty="basic",
        answer=_times_too_low,
        look="Bring both to the same time: five minutes have how many seconds?",
        concept="RequestCountPerTarget is a sum over the period, not a rate: the threshold grows"
        " with the period.",
        formula="requests a second x seconds of the period / threshold",
        working=_too_low_working,
        why="With that threshold the fleet runs at its maximum all day, and nobody notices until"
        " the bill comes.",
        mistakes=(
            Mistake(
                lambda prices: _CAPACITY_PER_SECOND * 60 / _TAUGHT_THRESHOLD,
                "That takes one minute for the period. It is five minutes.",
            ),
            Mistake(
                lambda prices: _TAUGHT_THRESHOLD / _CAPACITY_PER_SECOND,
                "That divides the threshold by a rate, which gives seconds.",
            ),
        ),
        source="The learning material on Auto Scaling names 1,000 requests per target in five"
        " minutes, beside a capacity of 100 a second.",
    ),
    Exercise(
        id="policies-simple-minutes",
        topic="policies",
        lesson=_LESSON,
        question="Traffic jumps from what one instance serves to what five serve. A simple policy"
        " adds one instance when CPU is above 70 percent for two periods of 120 seconds, with the"
        " default cooldown of 300 seconds; an instance is ready a minute after its launch. After"
        " how many minutes are five in service, starting from two?",
        unit="minutes",
        kind="change something",
        difficulty="intermediate",
        answer=lambda prices: _minutes_to_five(),
        look="Three instances are missing, and they come one after the other.",
        concept="Simple scaling waits for the activity and then for the cooldown before it listens"
        " to an alarm again.",
        formula="first alarm + 3 launches + 2 cooldowns, each up to the next evaluation",
        working=_simple_working,
        why="A policy that adds one at a time cannot follow a jump: customers wait through every"
        " cooldown.",
        mistakes=(
            Mistake(
                lambda prices: 4.0,
                "That is the alarm alone: two periods of two minutes. Then instances are launched.",
            ),
            Mistake(
                lambda prices: 10.0,
                "That is two cooldowns. The alarm before and the launches come on top.",
            ),
        ),
        source="Taken from the policy of the learning material on Auto Scaling (plus one above 70"
        " percent for two periods of 120 seconds, cooldown 300), which does not ask how long.",
        tolerance=0.15,
    ),
    Exercise(
        id="policies-step-percent",
        topic="policies",
        lesson=_LESSON,
        question="A step policy with threshold 50 adds 10 percent from 60 and 30 percent from 70."
        " The group has 11 instances, all warm, and the metric is 70. How many does it have then?",
        unit="instances",
        kind="read a number",
        difficulty="intermediate",
        answer=_after_seventy,
        look="Which step does a metric of exactly 70 belong to?",
        concept="Above the threshold the lower bound belongs to a step. A percentage of more than"
        " one instance is rounded down.",
        formula="11 + floor(30 percent of 11), from the documented rounding",
        working=_step_working,
        why="This is AWS's own example. Rounding down keeps small groups small; a minimum"
        " adjustment magnitude is the way out.",
        mistakes=(
            Mistake(lambda prices: 12.0, "That is the step of 10 percent, which ends below 70."),
            Mistake(lambda prices: 15.0, "3.3 instances are rounded down, not up."),
        ),
        source="AWS's user guide on step scaling works this example: 10, then 11, then 14.",
    ),
)
