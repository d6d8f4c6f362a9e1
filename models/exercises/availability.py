"""Minimum, maximum, and what availability costs."""

from __future__ import annotations

from collections.abc import Iterator

from models import theory
from models.billing import Bill
from models.exercises.exercise import Exercise, Mistake, cost_usd, priced
from models.prices import Catalogue
from models.quotas import instance_type, value_of
from models.services.autoscaling import AutoScalingGroup

_LESSON = "08_min_max_and_availability"
_RATE, _EACH, _ZONES = 500.0, 100.0, 3
_UP, _QUOTA_VCPUS = 0.99, 32


def _group(count: int) -> AutoScalingGroup:
    return AutoScalingGroup(name="web", min_size=count, max_size=count)


def _surviving(prices: Catalogue) -> float:
    return float(theory.instances_for(_RATE, _EACH, zones=_ZONES, survive_zone_loss=True))


def _surviving_working(prices: Catalogue) -> Iterator[str | Bill]:
    needed = theory.instances_for(_RATE, _EACH)
    yield f"{_RATE:.0f} requests a second at {_EACH:.0f} each need {needed} instances that are up."
    yield "Of 8 instances in three zones the fullest zone has 3: without it, 5 are left."
    yield f"With 7 the fullest zone also has 3, and only 4 are left. So: {_surviving(prices):.0f}."


def _second(prices: Catalogue) -> float:
    """What a minimum of two costs beyond a minimum of one. [USD a month]"""
    return cost_usd(prices, _group(2)) - cost_usd(prices, _group(1))


def _second_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "One m5.large with its volume and detailed monitoring, for the whole month:"
    yield priced(prices, _group(1))
    yield "The second instance costs the same again."


def _down_minutes(prices: Catalogue) -> float:
    """Minutes in a month in which neither of two instances is up, each on its own."""
    return float(1 - theory.availability(_UP, 2)) * 730 * 60


def _down_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Both are down at once with a probability of 0.01 x 0.01 = 0.0001."
    yield f"0.0001 of 730 x 60 minutes is {_down_minutes(prices):.2f} minutes."


def _within_quota(prices: Catalogue) -> float:
    return float(_QUOTA_VCPUS // instance_type("m5.large").vcpus)


def _quota_working(prices: Catalogue) -> Iterator[str | Bill]:
    vcpus = instance_type("m5.large").vcpus
    yield f"An m5.large has {vcpus} vCPUs, and the quota counts vCPUs, not instances."
    yield f"{_QUOTA_VCPUS} / {vcpus} = {_within_quota(prices):.0f} instances, whatever max_size is."


def _tasks(prices: Catalogue) -> float:
    """Usable addresses of two /28 subnets."""
    reserved = value_of("ec2", "subnet_reserved_addresses")
    return 2.0 * (16 - reserved)


def _tasks_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "A /28 has 2 to the power of 32 - 28, so 16 addresses, of which AWS reserves 5."
    yield f"11 in each of two subnets are {_tasks(prices):.0f} instances at most."


EXERCISES = (
    Exercise(
        id="availability-second-instance",
        topic="availability",
        lesson=_LESSON,
        question="A group of m5.large in us-east-1 (8 GB gp3 volume, detailed monitoring) runs with"
        " a minimum of one, and one is enough. What does a minimum of two cost more, in a typical"
        " month?",
        unit="USD a month",
        kind="read a number",
        difficulty="basic",
        answer=_second,
        look="Estimate the group with one instance and with two, and subtract.",
        concept="An idle instance is charged like a busy one. The second one is insurance.",
        formula="price of an instance-hour x 730, plus its volume and its metrics",
        working=_second_working,
        why="This is the premium of the insurance. Whether it is cheap depends on what an hour"
        " without any instance costs you.",
        mistakes=(
            Mistake(
                lambda prices: cost_usd(prices, _group(2)),
                "That is both instances together. The question asks what the second one adds.",
            ),
            Mistake(
                lambda prices: _second(prices) * 24 / 730,
                "That is one day. A typical month has 730 hours.",
            ),
        ),
        source="The learning material on Auto Scaling calls a minimum of two the price of high"
        " availability, without a figure.",
    ),
    Exercise(
        id="availability-zones",
        topic="availability",
        lesson=_LESSON,
        question="500 requests a second, 100 for each instance, three Availability Zones. How many"
        " instances still serve everything when any one zone is gone?",
        unit="instances",
        kind="change something",
        difficulty="intermediate",
        answer=_surviving,
        look="How many instances does the fullest zone have?",
        concept="Auto Scaling spreads instances evenly. What is left after losing the fullest zone"
        " must be enough.",
        formula="smallest n with n - ceil(n / zones) at least rate / capacity",
        working=_surviving_working,
        why="More zones make the same safety cheaper: two zones need 10, three need fewer.",
        mistakes=(
            Mistake(
                lambda prices: float(theory.instances_for(_RATE, _EACH)),
                "That is enough while all zones are up. Now take one away.",
            ),
            Mistake(
                lambda prices: float(
                    theory.instances_for(_RATE, _EACH, zones=2, survive_zone_loss=True)
                ),
                "That is for two zones. With three, each holds a smaller part.",
            ),
            Mistake(
                lambda prices: float(theory.instances_for(_RATE, _EACH) + 1),
                "One spare instance is for the loss of an instance. A zone takes several.",
            ),
        ),
        source="The learning material on Auto Scaling sizes 500 requests a second at 100 each as 5,"
        " with 6 as headroom; losing a zone needs more.",
        tolerance=0.001,
    ),
    Exercise(
        id="availability-both-down",
        topic="availability",
        lesson=_LESSON,
        question="Two instances are each up 99 percent of the time, independently of each other,"
        " and one is enough. How many minutes of a typical month is nobody there?",
        unit="minutes",
        kind="read a number",
        difficulty="basic",
        answer=_down_minutes,
        look="How likely is it that one of them is down? And both at once?",
        concept="Independent events happen together with the product of their probabilities.",
        formula="(1 - availability of one) squared x minutes of the month",
        working=_down_working,
        why="Independence is the assumption that fails first: a bad release, a full database and a"
        " lost zone take both at once.",
        mistakes=(
            Mistake(
                lambda prices: float(1 - theory.availability(_UP, 1)) * 730 * 60,
                "That is one instance alone. With two, both must be down at once.",
            ),
            Mistake(
                lambda prices: float(1 - theory.availability(_UP, 2, needed=2)) * 730 * 60,
                "That is when at least one is down. The other one still serves.",
            ),
        ),
        source="The learning material asks for redundancy over zones and leaves the arithmetic of"
        " independent failures out.",
    ),
    Exercise(
        id="availability-quota",
        topic="availability",
        lesson=_LESSON,
        question="max_size is 40, the account's quota for running On-Demand vCPUs is 32, and each"
        " instance is an m5.large. How many instances can the group have?",
        unit="instances",
        kind="break it",
        difficulty="basic",
        answer=_within_quota,
        look="What does the quota count, instances or something inside of them?",
        concept="The quota counts vCPUs of all running On-Demand instances of the standard families"
        " in a Region.",
        formula="quota / vCPUs of an instance, rounded down",
        working=_quota_working,
        why="A maximum above the quota is a promise that nobody keeps. The failure is in the"
        " activity log, during the spike.",
        mistakes=(
            Mistake(
                lambda prices: float(_QUOTA_VCPUS),
                "That counts instances; the quota counts vCPUs.",
            ),
            Mistake(
                lambda prices: 40.0, "That is max_size, which AWS does not check against the quota."
            ),
        ),
        source="The learning material asks what happens to a group with a maximum of 200 and a"
        " quota of 100 vCPUs in a spike.",
        tolerance=0.001,
    ),
    Exercise(
        id="availability-subnets",
        topic="availability",
        lesson=_LESSON,
        question="A group spreads over two subnets of size /28 in which nothing else lives. How"
        " many instances fit?",
        unit="instances",
        kind="read a number",
        difficulty="basic",
        answer=_tasks,
        look="How many addresses does a /28 have, and how many of them are yours?",
        concept="AWS reserves the first four addresses and the last one of every subnet.",
        formula="subnets x (2 ^ (32 - 28) - reserved addresses)",
        working=_tasks_working,
        why="Small subnets look tidy until the day of the spike. Addresses cost nothing; a larger"
        " subnet later does.",
        mistakes=(
            Mistake(lambda prices: 32.0, "AWS keeps five addresses of every subnet for itself."),
            Mistake(
                lambda prices: _tasks(prices) + 6,
                "Two reserved addresses a subnet is what other networks do. AWS reserves five.",
            ),
        ),
        source="The learning material computes usable addresses of VPC subnets (251 in a /24) and"
        " names full subnets as a reason for failed launches.",
        tolerance=0.001,
    ),
)
