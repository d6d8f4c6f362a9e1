"""Lambda, Fargate or instances: what a comparison must hold, and from which load it turns."""

from __future__ import annotations

from collections.abc import Iterator

from models.architectures import build
from models.billing import Bill
from models.distributions import Fixed
from models.exercises.exercise import Exercise, Mistake, cost_usd, crossing, priced
from models.prices import Catalogue
from models.services.apigateway import HttpApi, RestApi
from models.services.ec2 import NatGateway
from models.services.ecs import Service, TaskDefinition
from models.services.elbv2 import ApplicationLoadBalancer
from models.services.lambda_ import Function, vcpus
from models.units import KB_PER_GB, SECONDS_PER_HOUR, TYPICAL
from models.workload import Constant

_LESSON = "17_lambda_fargate_or_ec2"

#: The API of the learning material: requests a month, each of 200 ms on 512 MB, and its fleet.
_REQUESTS, _SECONDS, _MEMORY_MB, _TASKS = 50e6, 0.2, 512, 2
#: What passes the load balancer with each request. [KB]
_KB = 12
_SIZE = TaskDefinition(cpu_units=512, memory_mib=1024)
_FLEET = Service(name="tasks", task_definition=_SIZE, desired_count=_TASKS)
_NAT = NatGateway(name="nat", count=2, availability_zones=2)
_API = HttpApi(name="api", requests=_REQUESTS)
_FUNCTION = Function(
    name="function", memory_size_mb=_MEMORY_MB, duration_ms=1000 * _SECONDS, requests=_REQUESTS
)


def _balancer(requests: float) -> ApplicationLoadBalancer:
    return ApplicationLoadBalancer(
        name="alb", processed_gb=requests * _KB / KB_PER_GB, public_ipv4_addresses=2
    )


def _functions_usd(prices: Catalogue) -> float:
    """A month of the API on Lambda. [USD]"""
    return cost_usd(prices, _FUNCTION, _API)


def _functions_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "50,000,000 x 0.2 s x 0.5 GB = 5,000,000 GB-seconds, and every request counts twice:"
    yield priced(prices, _FUNCTION, _API)


def _fleet_usd(prices: Catalogue) -> float:
    """A month of the two tasks and all that they need. [USD]"""
    return cost_usd(prices, _FLEET, _balancer(_REQUESTS), _NAT)


def _fleet_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Tasks, the load balancer with its two addresses and its LCUs, and two NAT gateways:"
    yield priced(prices, _FLEET, _balancer(_REQUESTS), _NAT)


def _alone_seconds() -> float:
    """How long a request that only computes takes on a vCPU of its own. [s]"""
    return _SECONDS * float(vcpus(_MEMORY_MB))


def _capacity(prices: Catalogue) -> float:
    """Requests a second that the two tasks answer at most, if these only compute. [1/s]"""
    fleet = build("api-on-fargate", min_tasks=_TASKS, max_tasks=_TASKS, cpu_share=1)
    work = Fixed(seconds=_alone_seconds())
    return fleet.capacity_per_second(Constant(rate_per_second=1, duration_seconds=3600, work=work))


def _capacity_working(prices: Catalogue) -> Iterator[str | Bill]:
    work, rate = _alone_seconds(), _REQUESTS / TYPICAL.hours / SECONDS_PER_HOUR
    yield f"512 MB bring {float(vcpus(_MEMORY_MB)):.3f} vCPU: {work:.4f} s on a whole one."
    yield f"A task has half a vCPU: {2 * work:.4f} s, one request at a time."
    yield f"Two tasks: 2 / {2 * work:.4f} s = {_capacity(prices):.2f} a second."
    yield f"50,000,000 a month are {rate:.2f} a second on average: more than that."


def _millions_where_equal(prices: Catalogue, *, api: bool = True, nat: bool = True) -> float:
    """Requests a month from which the fleet costs less than functions. [million]"""

    def excess(millions: float) -> float:
        requests = 1e6 * millions
        front = (_API.replace(requests=requests),) if api else ()
        functions_usd = cost_usd(prices, _FUNCTION.replace(requests=requests), *front)
        return functions_usd - cost_usd(prices, _FLEET, _balancer(requests), *(_NAT,) * nat)

    return crossing(excess, 0, 250)


def _full_millions(prices: Catalogue) -> float:
    """Requests a month at which the two tasks are full. [million]"""
    return _capacity(prices) * TYPICAL.hours * SECONDS_PER_HOUR / 1e6


def _millions_working(prices: Catalogue) -> Iterator[str | Bill]:
    requests = 1e6 * _millions_where_equal(prices)
    yield "At the break-even both months cost the same. Functions:"
    yield priced(prices, _FUNCTION.replace(requests=requests), _API.replace(requests=requests))
    yield "The fleet:"
    yield priced(prices, _FLEET, _balancer(requests), _NAT)


EXERCISES = (
    Exercise(
        id="crossover-functions",
        topic="crossover",
        lesson=_LESSON,
        question="An API gets 50 million requests a month in us-east-1. A function of 512 MB on x86"
        " takes 200 ms for each, behind an HTTP API. What do function and API cost, without a free"
        " tier?",
        unit="USD a month",
        kind="check a claim",
        difficulty="basic",
        answer=_functions_usd,
        look="Which three things does each request add to?",
        concept="A request is charged by the API, once more by Lambda as a request, and by memory"
        " and time. Nothing of it is due without requests.",
        formula="requests x (API call + Lambda request + 0.2 s x 0.5 GB x price of a GB-second)",
        working=_functions_working,
        why="The material has the same figure. The call through the API is a third of it, so the"
        " choice of the API matters more than a few milliseconds.",
        mistakes=(
            Mistake(
                lambda prices: cost_usd(prices, _FUNCTION),
                "That is the function. The HTTP API in front is charged for each call, too.",
            ),
            Mistake(
                lambda prices: cost_usd(prices, _FUNCTION, RestApi(name="api", requests=_REQUESTS)),
                "That has a REST API in front, whose calls cost more than those of an HTTP API.",
            ),
            Mistake(
                lambda prices: cost_usd(prices, _FUNCTION.replace(duration_ms=0), _API),
                "You have requests and calls. The time of the function is missing.",
            ),
        ),
        source="The learning material prices this API at about 143 dollars on Lambda; right.",
    ),
    Exercise(
        id="crossover-fleet",
        topic="crossover",
        lesson=_LESSON,
        question="The same API on Fargate in us-east-1: two tasks of 0.5 vCPU and 1 GB on x86, all"
        " 730 hours, behind an Application Load Balancer with two public addresses. 12 KB a request"
        " decide its capacity units, 50 million times. The tasks are in private subnets, with an"
        " idle NAT gateway in each of two zones. What does all that cost?",
        unit="USD a month",
        kind="check a claim",
        difficulty="intermediate",
        answer=_fleet_usd,
        look="Write down what stands there all month even if nobody asks.",
        concept="Tasks, load balancer, NAT gateways and public addresses are all charged by the"
        " hour. Only the LCUs follow the traffic: a gigabyte an hour is one.",
        formula="730 x (2 tasks + balancer + 4 addresses + 2 gateways + GB an hour x price of an"
        " LCU-hour)",
        working=_fleet_working,
        why="The tasks are a quarter of it. A comparison that prices tasks and balancer alone"
        " leaves out more than it counts.",
        mistakes=(
            Mistake(
                lambda prices: cost_usd(prices, _FLEET, _balancer(_REQUESTS)),
                "Private subnets need a way out: the two NAT gateways are missing.",
            ),
            Mistake(
                lambda prices: cost_usd(
                    prices,
                    _FLEET,
                    _balancer(_REQUESTS).replace(public_ipv4_addresses=0),
                    _NAT.replace(addresses=0),
                ),
                "The public addresses are missing: two of the balancer, one of each gateway.",
            ),
            Mistake(
                lambda prices: cost_usd(prices, _FLEET, _balancer(0), _NAT),
                "The load balancer is charged for its hours and for capacity units.",
            ),
        ),
        source="The learning material prices this fleet at about 61 dollars: tasks, and 25 dollars"
        " for the balancer. NAT and addresses are not mentioned.",
    ),
    Exercise(
        id="crossover-capacity",
        topic="crossover",
        lesson=_LESSON,
        question="A request computes all the time. On a function of 512 MB, which has 512 / 1,769"
        " of a vCPU, it takes 200 ms. How many of them can two tasks of half a vCPU each answer in"
        " a second, at most?",
        unit="requests a second",
        kind="break it",
        difficulty="intermediate",
        answer=_capacity,
        look="How long would the request take on a whole vCPU?",
        concept="Computing takes as many vCPU-seconds anywhere. A function of 512 MB and a task"
        " have different shares of a vCPU, so the same work takes them different times.",
        formula="2 tasks x 0.5 vCPU / (200 ms x 512 / 1,769)",
        working=_capacity_working,
        why="50 million a month are 19 a second on average. The fleet that looked cheap cannot even"
        " serve the average, and every day has a peak.",
        mistakes=(
            Mistake(
                lambda prices: _TASKS / _SECONDS,
                "That takes 200 ms in a task. A task has more of a vCPU than the function.",
            ),
            Mistake(
                lambda prices: 2 * _capacity(prices),
                "That gives each task a whole vCPU. It has half of one.",
            ),
            Mistake(
                lambda prices: _REQUESTS / TYPICAL.hours / SECONDS_PER_HOUR,
                "That is what arrives on average, not what two tasks can answer.",
            ),
        ),
        source="The learning material never asks whether the fleet that it prices serves the load.",
    ),
    Exercise(
        id="crossover-fleet-break-even",
        topic="crossover",
        lesson=_LESSON,
        question="Take that fleet (two tasks, balancer, four addresses, two NAT gateways, 12 KB a"
        " request) and those functions (512 MB, 200 ms, x86, HTTP API), in us-east-1. From how many"
        " million requests a month does the fleet cost less, if it could serve them?",
        unit="million requests a month",
        kind="find the break-even",
        difficulty="advanced",
        answer=_millions_where_equal,
        look="What does a month of the fleet cost without any request?",
        concept="The fleet costs nearly the same whoever asks, functions cost in proportion. They"
        " meet where requests have cost as much as the fleet's hours.",
        formula="hours of the fleet / (cost of a request on Lambda - LCUs of a request)",
        working=_millions_working,
        why="Computing all the time, the two tasks are full at 45 million requests. They would have"
        " to be more before they are cheaper, and then they cost more.",
        mistakes=(
            Mistake(
                lambda prices: _millions_where_equal(prices, nat=False),
                "That leaves out the NAT gateways; it is close to what the material implies.",
            ),
            Mistake(
                _full_millions,
                "That is where the two tasks are full.",
            ),
            Mistake(
                lambda prices: _millions_where_equal(prices, api=False),
                "Something must stand in front of the functions: the HTTP API is missing.",
            ),
        ),
        source="The learning material says that the gap widens with traffic, and names no load from"
        " which there is one.",
    ),
)
