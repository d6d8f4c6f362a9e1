"""Containers on Fargate, on ECS and on EKS: what they cost, and how they start and are replaced."""

from __future__ import annotations

import math
from collections.abc import Iterator

from models.billing import Bill
from models.exercises.exercise import Exercise, Mistake, cost_usd, priced
from models.prices import Catalogue
from models.scaling.packing import Item, items_per_host
from models.services.autoscaling import HealthCheck, LaunchTemplate
from models.services.ecs import (
    CapacityProvider,
    Service,
    TaskDefinition,
    pull_seconds,
    rolling_bounds,
    smallest_size,
)
from models.services.ecs.fargate import minimum_seconds
from models.services.eks import Cluster, Nodegroup
from models.units import SECONDS_PER_HOUR, TYPICAL

_LESSON = "18_fargate_ecs_or_eks"

#: What a program needs that fits no size of Fargate. [vCPU, GB]
_NEEDED = Item(0.6, 1.2)
#: Pods on nodes of EKS, and the share of the bill that the control plane may be.
_POD, _NODES, _SHARE = Item(0.5, 1), Nodegroup(name="nodes", instance_type="m6i.2xlarge"), 0.05
#: Addresses of a /24, those that AWS keeps of every subnet, and the bounds of a deployment.
_ADDRESSES, _KEPT, _MINIMUM_PERCENT, _MAXIMUM_PERCENT = 256, 5, 100, 150
#: Tasks, and instances that seem made for two of them each.
_TASKS, _TASK = 10, TaskDefinition(cpu_units=1024, memory_mib=2048)
_ON_FARGATE = Service(name="on Fargate", task_definition=_TASK)
_HOST = CapacityProvider(
    name="hosts", max_size=20,
    launch_template=LaunchTemplate(instance_type="c6i.large", monitoring=False),
)  # fmt: skip
#: From a task running to its program answering; the checks; a grace period that is too short. [s]
_BOOT_SECONDS, _CHECK, _SHORT_GRACE_SECONDS = 60, HealthCheck(interval_seconds=10), 30
_SLOW = Service(
    name="slow",
    task_definition=TaskDefinition(cpu_units=512, memory_mib=1024, image_size_mb=400),
)


def _at_fargate(prices: Catalogue, vcpus: float, gb: float) -> float:
    """What so much CPU and memory would cost at Fargate's prices, if every size were sold. [USD]"""
    lines = priced(prices, _ON_FARGATE).by("usage_type")
    vcpu_usd, two_gb_usd = lines["Fargate-vCPU-Hours:perCPU"], lines["Fargate-GB-Hours"]
    return float(vcpus * vcpu_usd + gb * two_gb_usd / 2)


def _bought() -> TaskDefinition:
    units, mib = smallest_size(1024 * _NEEDED.cpu, 1024 * _NEEDED.memory)
    return TaskDefinition(cpu_units=units, memory_mib=mib)


def _rounding_percent(prices: Catalogue) -> float:
    paid = cost_usd(prices, Service(name="bought", task_definition=_bought()))
    return 100 * (paid / _at_fargate(prices, *_NEEDED) - 1)


def _rounding_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "0.5 vCPU is too small. The next size is 1 vCPU, which comes with 2 GB at least:"
    yield priced(prices, Service(name="bought", task_definition=_bought()))
    yield f"0.6 vCPU and 1.2 GB would be {_at_fargate(prices, *_NEEDED):.2f} USD."


def _pods_for_share(prices: Catalogue, of: str = "bill") -> float:
    """Pods from which the control plane is a small enough share. [pods]"""
    cluster = cost_usd(prices, Cluster(name="cluster"))
    rest = cluster / _SHARE - (cluster if of == "bill" else 0)
    nodes = math.floor(rest / cost_usd(prices, _NODES)) + 1
    return (nodes - 1) * _NODES.pods_per_node(_POD) + 1


def _share_working(prices: Catalogue) -> Iterator[str | Bill]:
    pods = int(_pods_for_share(prices))
    nodes = _NODES.nodes_needed([_POD] * pods)
    yield f"{_NODES.pods_per_node(_POD)} pods fit on a node: one less than its CPU would hold."
    yield f"With {nodes} nodes the cluster is less than 5 percent for the first time:"
    yield priced(prices, Cluster(name="cluster"), _NODES.replace(desired_size=nodes))
    yield f"The first pod on node {nodes} is number {pods}."


def _most_tasks(addresses: int, maximum_percent: int = _MAXIMUM_PERCENT) -> int:
    """Tasks whose deployment fits into so many addresses."""
    fitting = (
        desired
        for desired in range(addresses + 1)
        if rolling_bounds(desired, _MINIMUM_PERCENT, maximum_percent)[1] <= addresses
    )
    return max(fitting)


def _most_working(prices: Catalogue) -> Iterator[str | Bill]:
    free, most = _ADDRESSES - _KEPT, _most_tasks(_ADDRESSES - _KEPT)
    yield f"AWS keeps five of the 256 addresses of every /24, so that {free} are free."
    for desired in (most, most + 1):
        yield f"{desired} tasks: up to {rolling_bounds(desired, 100, 150)[1]} at a time."


def _matching(count: int) -> CapacityProvider:
    return _HOST.replace(desired_capacity=count)


def _hosts_needed() -> int:
    """Instances for the ten tasks."""
    return math.ceil(_TASKS / items_per_host(_TASK.item, _HOST.host_size))


def _matching_usd(prices: Catalogue) -> float:
    return cost_usd(prices, _matching(_hosts_needed()))


def _matching_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "By CPU two tasks fit. By memory (4,096 - 256) / 2,048 = 1.9, which is one."
    yield priced(prices, _matching(_hosts_needed()))
    yield "On Fargate they would be:"
    yield priced(prices, _ON_FARGATE.replace(desired_count=_TASKS))


def _grace_seconds() -> float:
    """From running until the last of the successes that make a target healthy, at worst. [s]"""
    return _BOOT_SECONDS + _CHECK.healthy_threshold_count * _CHECK.interval_seconds


def _grace_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Two failed checks make the target unhealthy long before its program answers."
    yield f"Then it takes {_CHECK.healthy_threshold_count} successes in a row, 10 seconds apart."
    yield f"The first may come up to 10 seconds after the 60: {_grace_seconds():.0f} in the end."


def _alive_seconds() -> float:
    """What each task in vain is charged for: its image, and the grace period. [s]"""
    return float(pull_seconds(_SLOW.task_definition.image_size_mb)) + _SHORT_GRACE_SECONDS


def _cycle_seconds(alive_seconds: float) -> float:
    """From the start of one task in vain to that of the next. [s]"""
    return _SLOW.provisioning_time.mean_seconds + alive_seconds


def _in_vain(alive_seconds: float, billed_seconds: float) -> Service:
    """A month of tasks that are replaced one after the other. [s]"""
    starts = round(TYPICAL.hours * SECONDS_PER_HOUR / _cycle_seconds(alive_seconds))
    return _SLOW.replace(hours=starts * billed_seconds / SECONDS_PER_HOUR, starts=starts)


def _in_vain_usd(prices: Catalogue) -> float:
    return cost_usd(prices, _in_vain(_alive_seconds(), _alive_seconds()))


def _in_vain_working(prices: Catalogue) -> Iterator[str | Bill]:
    alive = _alive_seconds()
    cycle = _cycle_seconds(alive)
    yield f"17.5 s until the pull, 40 s of pull, 30 s of grace: a task every {cycle} s."
    yield f"Charged from the pull on, {alive:.0f} s of these, more than the least of 60:"
    yield priced(prices, _in_vain(alive, alive))


EXERCISES = (
    Exercise(
        id="containers-size-grid",
        topic="containers",
        lesson=_LESSON,
        question="A program needs 0.6 vCPU and 1.2 GB. Fargate has certain sizes only. By how many"
        " percent is the smallest task that is large enough dearer than exactly 0.6 vCPU and 1.2 GB"
        " would be at the same prices?",
        unit="percent",
        kind="check a claim",
        difficulty="basic",
        answer=_rounding_percent,
        look="Which sizes of CPU are there around 0.6, and which memory goes with them?",
        concept="CPU is sold as 0.25, 0.5, 1, 2 vCPU and so on, and each has a least memory. Both"
        " are rounded up, and both are paid.",
        formula="(price of the size bought) / (0.6 x price of a vCPU + 1.2 x price of a GB) - 1",
        working=_rounding_working,
        why="Both are rounded up by the same factor, so that no price matters here. A program that"
        " can be made to fit half a vCPU and 1 GB would halve its bill.",
        mistakes=(
            Mistake(
                lambda prices: 100 * (1 - _NEEDED.memory * 1024 / _bought().memory_mib),
                "That is the part of what is bought that nobody uses. The question compares with"
                " what is needed.",
            ),
            Mistake(
                lambda prices: (
                    100 * (_at_fargate(prices, 1, 1.2) / _at_fargate(prices, *_NEEDED) - 1)
                ),
                "You rounded the CPU only. A task of 1 vCPU has 2 GB at least.",
            ),
        ),
        source="The learning material asks what rounding up 0.6 vCPU and 1.2 GB wastes and gives 67"
        " percent. That is right, at any price.",
    ),
    Exercise(
        id="containers-control-plane",
        topic="containers",
        lesson=_LESSON,
        question="Pods of 0.5 vCPU and 1 GB fill nodes of m6i.2xlarge (with volumes of 20 GB, and"
        " only as many nodes as the pods need). From how many pods is the control plane of EKS less"
        " than 5 percent of the bill of both?",
        unit="pods",
        kind="find the break-even",
        difficulty="intermediate",
        answer=_pods_for_share,
        look="How many pods does a node take, and how many nodes make the cluster small?",
        concept="The control plane is a fixed price, and nodes come whole. Part of each node is"
        " kept back, so that fewer pods fit than its CPU divided by theirs.",
        formula="control plane / (control plane + nodes x price of a node) < 5 %",
        working=_share_working,
        why="Five percent is soon reached, by a single team. It is many small clusters that make"
        " control planes dear.",
        mistakes=(
            Mistake(
                lambda prices: _pods_for_share(prices, of="nodes"),
                "That is 5 percent of the nodes. The control plane is part of the bill as well.",
            ),
            Mistake(
                lambda prices: _pods_for_share(prices) + _NODES.pods_per_node(_POD) - 1,
                "That fills the last node. It is paid from its first pod on.",
            ),
            Mistake(
                lambda prices: 1 + 16 * (_pods_for_share(prices) - 1) / _NODES.pods_per_node(_POD),
                "16 would take all CPU of a node. The node keeps some of it.",
            ),
        ),
        source="The learning material compares ECS with EKS and leaves out that the control plane"
        " has a price.",
    ),
    Exercise(
        id="containers-subnet",
        topic="containers",
        lesson=_LESSON,
        question="Each task on Fargate has an address. A service runs in one /24 subnet that has"
        " nothing else in it, with a minimum of 100 and a maximum of 150 percent. How many tasks"
        " may it have, so that a deployment finds all addresses it may need?",
        unit="tasks",
        kind="break it",
        difficulty="intermediate",
        answer=lambda prices: _most_tasks(_ADDRESSES - _KEPT),
        look="How many tasks are there at most while a deployment goes on?",
        concept="The maximum percent of the desired count, rounded down, may run or start at a"
        " time. AWS keeps five addresses of every subnet.",
        formula="the largest count with floor(count x 150 / 100) <= 256 - 5",
        working=_most_working,
        why="With one task more the deployment waits, half done. Old tasks that still drain need"
        " their addresses too, so that less is safer.",
        mistakes=(
            Mistake(
                lambda prices: _most_tasks(_ADDRESSES - _KEPT, 200),
                "That is for the default of 200 percent. This service may have 150.",
            ),
            Mistake(
                lambda prices: _most_tasks(_ADDRESSES),
                "AWS keeps five addresses of every subnet.",
            ),
            Mistake(
                lambda prices: _ADDRESSES - _KEPT,
                "They all have an address, until the first deployment needs more.",
            ),
        ),
        source="The learning material asks how many tasks in a /24 survive a deployment; 125 is the"
        " answer for the default bounds.",
    ),
    Exercise(
        id="containers-matching-host",
        topic="containers",
        lesson=_LESSON,
        question="A c6i.large has 2 vCPU and 4 GB: twice what a task of 1 vCPU and 2 GB asks for."
        " Operating system and agent keep 256 MiB of it. What do instances for ten such tasks cost"
        " in us-east-1, with volumes of 8 GB and without detailed monitoring?",
        unit="USD a month",
        kind="check a claim",
        difficulty="intermediate",
        answer=_matching_usd,
        look="How many tasks does one instance take, by CPU and by memory?",
        concept="A task has room where both its CPU and its memory are free. What the operating"
        " system needs is not free, and there is no room for half a task.",
        formula="10 / floor((4096 - 256) / 2048) x price of an instance",
        working=_matching_working,
        why="A shape that matches exactly leaves nothing for the operating system: half of the"
        " instance is empty. On the larger types of this family one task in many is lost.",
        mistakes=(
            Mistake(
                lambda prices: cost_usd(prices, _matching(_TASKS // 2)),
                "That is two tasks on an instance. Not all of its memory is there for tasks.",
            ),
            Mistake(
                lambda prices: cost_usd(prices, _ON_FARGATE.replace(desired_count=_TASKS)),
                "That is what they cost on Fargate.",
            ),
        ),
        source="The learning material says that EC2 is the cheaper place when instances are full,"
        " and not when they are.",
    ),
    Exercise(
        id="containers-grace",
        topic="containers",
        lesson=_LESSON,
        question="A program answers 60 s after its task runs. The load balancer checks every 10 s;"
        " two failures in a row make a target unhealthy, five successes healthy again. Which grace"
        " period is long enough for every task, whenever its checks come?",
        unit="s",
        kind="break it",
        difficulty="advanced",
        answer=lambda prices: _grace_seconds(),
        look="What does the load balancer say of the task when its program begins to answer?",
        concept="The grace period keeps ECS from acting; the checks go on all the same. A target"
        " that they found unhealthy must pass several in a row.",
        formula="time to the first answer + healthy threshold x interval",
        working=_grace_working,
        why="A grace period as long as the start is too short. Lower the healthy threshold, or give"
        " it the time of the checks on top.",
        mistakes=(
            Mistake(
                lambda prices: float(_BOOT_SECONDS),
                "Then the program answers, but the load balancer still calls the target unhealthy.",
            ),
            Mistake(
                lambda prices: float(_BOOT_SECONDS + _CHECK.interval_seconds),
                "One success is enough for a new target. This one was found unhealthy before.",
            ),
            Mistake(
                lambda prices: (
                    _BOOT_SECONDS + _CHECK.unhealthy_threshold_count * _CHECK.interval_seconds
                ),
                "That is the threshold of unhealthy targets. This one must become healthy.",
            ),
        ),
        source="The learning material recommends 60 to 120 s for a start of 30 s without a reason;"
        " the thresholds are one.",
    ),
    Exercise(
        id="containers-never-healthy",
        topic="containers",
        lesson=_LESSON,
        question="A task of 0.5 vCPU and 1 GB on Fargate in us-east-1 needs 60 s from running to"
        " its first answer, but the grace period is 30 s, in which it is found unhealthy. It is"
        " stopped then and the next one started, over and over. A start takes 17.5 s until the pull"
        " begins, and 40 s for an image of 400 MB. What does this one task cost, if nobody"
        " notices?",
        unit="USD a month",
        kind="break it",
        difficulty="advanced",
        answer=_in_vain_usd,
        look="How long does each attempt last, and from which moment on is it charged?",
        concept="A task on Fargate is charged from the pull of its image until it is gone, a minute"
        " at least. It need not answer anybody.",
        formula="price of a month x (40 + 30) / (17.5 + 40 + 30)",
        working=_in_vain_working,
        why="A service that serves nobody costs four fifths of one that works. A circuit breaker"
        " ends it after a few attempts.",
        mistakes=(
            Mistake(
                lambda prices: cost_usd(prices, _SLOW),
                "That is a task that runs all the time. The time before the pull is free.",
            ),
            Mistake(
                lambda prices: cost_usd(
                    prices, _in_vain(_alive_seconds(), minimum_seconds("LINUX"))
                ),
                "A minute is the least that is charged. With the pull of its image each attempt is"
                " charged for more.",
            ),
            Mistake(
                lambda prices: cost_usd(
                    prices, _in_vain(_alive_seconds() + 30, _alive_seconds() + 30)
                ),
                "No attempt lives for 60 s: it is stopped when the grace period is over.",
            ),
        ),
        source="The learning material asks what becomes of a service whose grace period is shorter"
        " than its start, and answers: none healthy, and starts without end, a minute each. The"
        " minute is only the least; and old tasks go on where the bounds of the deployment let"
        " them.",
    ),
)
