"""Connections: how many a database takes, how many a fleet opens, and what a proxy changes."""

from __future__ import annotations

import math
from collections.abc import Iterator

from models import theory
from models.billing import Bill
from models.exercises.exercise import Exercise, Mistake, cost_usd, priced
from models.prices import Catalogue
from models.quotas import value_of
from models.services.rds import (
    DBInstance,
    DBProxy,
    connections_needed,
    largest_fleet,
)

_LESSON = "21_connections_and_pooling"

#: The group of the learning material: connections that the database takes, pool, largest size.
_LIMIT, _POOL, _MOST = 500, 20, 40
#: Environments of a function, and the pool that each of them opens.
_ENVIRONMENTS, _EACH = 100, 5
#: Tasks of a service, and connections that its database takes.
_TASKS, _TASK_LIMIT = 10, 150
#: vCPUs of a database, seconds of a statement and of a worker's own part, workers of an instance.
_VCPUS, _STATEMENT, _OWN, _WORKERS = 4, 0.008, 0.12, 6
_ORDERS = DBInstance(
    name="orders", engine="mysql", db_instance_class="db.m7g.large", allocated_storage_gb=100,
    multi_az=True,
)  # fmt: skip
_LARGER = _ORDERS.replace(db_instance_class="db.m7g.xlarge")
_PROXY = DBProxy(name="proxy", vcpus=2)


def _fleet(prices: Catalogue) -> float:
    return float(largest_fleet(_LIMIT, _POOL))


def _fleet_working(prices: Catalogue) -> Iterator[str | Bill]:
    wanted = connections_needed(_MOST, _POOL)
    yield f"At {_MOST} instances the pools want {_MOST} x {_POOL} = {wanted:.0f} connections."
    yield f"The database takes {_LIMIT}: {_LIMIT} / {_POOL} = {_LIMIT / _POOL:.0f} pools."
    yield "What the group starts beyond that is paid for, and fails the requests that it is sent."


def _idle(prices: Catalogue) -> float:
    return float(connections_needed(_ENVIRONMENTS, _EACH)) - _ENVIRONMENTS


def _idle_working(prices: Catalogue) -> Iterator[str | Bill]:
    opened = connections_needed(_ENVIRONMENTS, _EACH)
    yield f"{_ENVIRONMENTS} environments open {_ENVIRONMENTS} x {_EACH} = {opened:.0f} connections."
    yield f"Each serves one request at a time and uses one connection: {_ENVIRONMENTS} in use."


def _deployed_tasks() -> float:
    """Tasks that are there at the height of a rolling deployment."""
    return _TASKS * value_of("ecs", "maximum_percent") / 100


def _task_pool(prices: Catalogue) -> float:
    return math.floor(_TASK_LIMIT / _deployed_tasks())


def _task_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield f"Up to 200 percent of {_TASKS} tasks are there for a while: {_deployed_tasks():.0f}."
    yield f"{_TASK_LIMIT} / {_deployed_tasks():.0f} = {_TASK_LIMIT / _deployed_tasks():g}"
    yield f"Nobody opens half a connection, so it is {_task_pool(prices):.0f}."


def _knee(prices: Catalogue) -> float:
    """Instances whose workers just keep the database busy."""
    workers = theory.closed_loop_saturation(_STATEMENT, _VCPUS, think_seconds=_OWN)
    return float(workers) / _WORKERS


def _knee_working(prices: Catalogue) -> Iterator[str | Bill]:
    answered, held = _VCPUS / _STATEMENT, _OWN + _STATEMENT
    yield f"The database answers at most {_VCPUS} / {_STATEMENT} s = {answered:,.0f} a second."
    yield f"A worker is held {_OWN} + {_STATEMENT} = {held:.3f} s by each request."
    yield f"{_WORKERS} of them answer {_WORKERS / held:.3f} a second."
    yield f"{answered:,.0f} / {_WORKERS / held:.3f} = {_knee(prices):.2f}"


def _dearer(prices: Catalogue) -> float:
    """What the larger class costs more than the smaller one with a proxy. [USD a month]"""
    return cost_usd(prices, _LARGER) - cost_usd(prices, _ORDERS, _PROXY)


def _dearer_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "The larger class:"
    yield priced(prices, _LARGER)
    yield "The class as it is, and a proxy, which is charged by its two vCPUs:"
    yield priced(prices, _ORDERS, _PROXY)


EXERCISES = (
    Exercise(
        id="connections-largest-fleet",
        topic="connections",
        lesson=_LESSON,
        question="A database takes 500 connections. Each web server opens a pool of 20 when it"
        " starts, and an Auto Scaling group may grow from 10 to 40 of them. How many can there be"
        " before one is refused connections?",
        unit="instances",
        kind="break it",
        difficulty="basic",
        answer=_fleet,
        look="How many connections does one instance hold, whether it uses them or not?",
        concept="A fleet opens instances x pool size. The database counts connections, not"
        " requests.",
        formula="instances = connections that the database takes / pool size, rounded down",
        working=_fleet_working,
        why="Maximum size x pool size is a figure to compare with max_connections before the first"
        " spike does it. Nothing in the group itself knows of the limit.",
        mistakes=(
            Mistake(
                lambda prices: float(connections_needed(_MOST, _POOL)),
                "Those are the connections that all 40 want. The question is how many instances"
                " get theirs.",
            ),
            Mistake(
                lambda prices: _fleet(prices) + 1,
                "That is the first one that is refused.",
            ),
            Mistake(
                lambda prices: _LIMIT / _MOST,
                "That is the pool size with which all 40 would fit, not a number of instances.",
            ),
        ),
        source="The learning material lets each instance open 20 to 50 connections and puts the"
        " limits of RDS at 150 to 500, which holds for small classes only: by default the limit"
        " goes with the memory of the class.",
    ),
    Exercise(
        id="connections-environments",
        topic="connections",
        lesson=_LESSON,
        question="Every environment of a Lambda function opens a pool of 5 connections outside its"
        " handler, and 100 requests are at work at the same time. How many of the connections are"
        " idle at that moment?",
        unit="connections",
        kind="check a claim",
        difficulty="basic",
        answer=_idle,
        look="How many requests does an environment work on at a time?",
        concept="An environment serves one request at a time. One request, in turn, uses one"
        " connection at a time.",
        formula="environments x pool size - environments",
        working=_idle_working,
        why="In a function a pool is of size one. More only reaches max_connections sooner, and an"
        " environment that has become idle keeps its connections until it goes.",
        mistakes=(
            Mistake(
                lambda prices: float(connections_needed(_ENVIRONMENTS, _EACH)),
                "Those are all that are open. Some of them are in use.",
            ),
            Mistake(
                lambda prices: float(_ENVIRONMENTS),
                "Those are the ones in use: one for each environment.",
            ),
        ),
        source="The learning material multiplies 100 environments by a pool of 5, which is right,"
        " and says that 500 exceeds most limits of RDS. It does not say that four in five of them"
        " can never be in use, nor names the limit that its 1,000 functions with one each exceed.",
    ),
    Exercise(
        id="connections-task-pool",
        topic="connections",
        lesson=_LESSON,
        question="A service of 10 tasks uses a database that takes 150 connections. Rolling"
        " deployments have the default bounds, so up to 200 percent of the tasks run for a while."
        " How large may the pool of a task be at most, so that a deployment meets no refusals?",
        unit="connections",
        kind="check a claim",
        difficulty="intermediate",
        answer=_task_pool,
        look="How many tasks are there at the height of a deployment, old and new together?",
        concept="Old tasks keep their pools until they stop, and new ones open theirs before that.",
        formula="connections that the database takes / (tasks x 200 percent), rounded down",
        working=_task_working,
        why="A pool that fits on every other day breaks on the day of a release, and what fails"
        " then looks like the new version's fault.",
        mistakes=(
            Mistake(
                lambda prices: _TASK_LIMIT / _TASKS,
                "That is the limit over the expected tasks. During a deployment there are twice as"
                " many.",
            ),
            Mistake(
                lambda prices: _TASK_LIMIT / _deployed_tasks(),
                "Nobody opens half a connection.",
            ),
        ),
        source="The learning material sets the pool of a task to max_connections over the expected"
        " number of tasks. That leaves nothing for a deployment, which doubles them.",
    ),
    Exercise(
        id="connections-proxy-price",
        topic="connections",
        lesson=_LESSON,
        question="A MySQL database of class db.m7g.large in us-east-1, Multi-AZ, with 100 GB of gp3"
        " storage, has too few connections. How much more a month (730 hours) does db.m7g.xlarge"
        " cost than the class as it is with an RDS Proxy of two vCPUs in front?",
        unit="USD a month",
        kind="change something",
        difficulty="intermediate",
        answer=_dearer,
        look="What is a proxy charged by, and what of a Multi-AZ instance is charged twice?",
        concept="A proxy is charged by the vCPUs of the instance behind it. The next class costs"
        " twice as much, with its standby.",
        formula="instance hours of the larger class - instance hours of this one - proxy",
        working=_dearer_working,
        why="Connections alone are no reason for a larger class. Memory and CPU for statements that"
        " really run are one, and a proxy gives neither.",
        mistakes=(
            Mistake(
                lambda prices: cost_usd(prices, _LARGER) - cost_usd(prices, _ORDERS),
                "That leaves the proxy out.",
            ),
            Mistake(
                lambda prices: (
                    cost_usd(prices, _LARGER.replace(multi_az=False))
                    - cost_usd(prices, _ORDERS.replace(multi_az=False), _PROXY)
                ),
                "That is without the standby.",
            ),
            Mistake(
                lambda prices: cost_usd(prices, _PROXY),
                "That is the price of the proxy itself.",
            ),
        ),
        source="The learning material says that a proxy adds cost and names no figure, nor the cost"
        " of the alternative.",
    ),
    Exercise(
        id="connections-knee",
        topic="connections",
        lesson=_LESSON,
        question="A database has 4 vCPUs, and the statements of a request take 8 ms. Instances"
        " have 6 workers, and a worker's own part takes 120 ms. At how many instances, fractions"
        " allowed, does the database become the bottleneck?",
        unit="instances",
        kind="find the break-even",
        difficulty="advanced",
        answer=_knee,
        look="How many requests a second can the database answer, and how many one instance?",
        concept="A worker is held for its own part and for the statement. The smaller limit of the"
        " two tiers is the limit of both.",
        formula="N x workers / (own part + statement) = vCPUs / statement, solved for N",
        working=_knee_working,
        why="Below that number an instance more is throughput. Above it, an instance more is only"
        " another line in front of the same database, and another one on the bill.",
        mistakes=(
            Mistake(
                lambda prices: _VCPUS * _OWN / _STATEMENT / _WORKERS,
                "A worker is held while it waits for its statement, too.",
            ),
            Mistake(
                lambda prices: _knee(prices) * _WORKERS,
                "That is the number of workers. An instance has six.",
            ),
            Mistake(
                lambda prices: _knee(prices) / _VCPUS,
                "That is with one vCPU. The database has four.",
            ),
        ),
        source="The learning material says that a single database becomes the bottleneck of a web"
        " tier that scales out, and gives no way to tell where.",
    ),
)
