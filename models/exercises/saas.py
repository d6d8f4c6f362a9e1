"""Software for many tenants: what a stack of one's own costs, and what stands idle."""

from __future__ import annotations

from collections.abc import Iterator

from models.billing import Bill, bill
from models.exercises.exercise import Exercise, Mistake, cost_usd, priced
from models.prices import Catalogue
from models.resource import Resource
from models.services.ec2 import NatGateway
from models.services.ecs import Service, TaskDefinition
from models.services.elbv2 import ApplicationLoadBalancer
from models.services.rds import DBInstance
from models.units import TYPICAL

_LESSON = "25_the_bill_of_a_saas_platform"

#: Customers with a database each, and the margin that a stack of one's own has to leave. [share]
_TENANTS, _MARGIN = 100, 0.8
#: Hours of a week, and those in which nobody works on a development environment. [h]
_WEEK_HOURS, _FREE_HOURS = 168, 118
#: Times a month that it is stopped.
_STOPS = 30

_SILO_TASKS = Service(
    name="silo-tasks", task_definition=TaskDefinition(
        cpu_units=256, memory_mib=512, cpu_architecture="ARM64"
    ),
)  # fmt: skip
_POOL_TASKS = Service(
    name="tasks", desired_count=2, task_definition=TaskDefinition(
        cpu_units=512, memory_mib=1024, cpu_architecture="ARM64"
    ),
)  # fmt: skip
_SILO_DB = DBInstance(
    name="silo-db", engine="postgres", db_instance_class="db.t4g.micro", multi_az=True,
    allocated_storage_gb=20,
)  # fmt: skip
_POOL_DB = _SILO_DB.replace(
    name="db", db_instance_class="db.t4g.medium", allocated_storage_gb=100
)  # fmt: skip
_DEV_DB = _SILO_DB.replace(name="dev-db", multi_az=False)
_NAT = NatGateway(name="dev-nat")


def _balancer(name: str) -> ApplicationLoadBalancer:
    return ApplicationLoadBalancer(name=name, public_ipv4_addresses=2)


_SILO = (_balancer("silo-alb"), _SILO_TASKS, _SILO_DB)
_POOL = (_balancer("alb"), _POOL_TASKS, _POOL_DB)


def _databases_bill(prices: Catalogue, each: DBInstance = _SILO_DB) -> Bill:
    return bill(each.estimate().scaled(_TENANTS), prices)


def _databases(prices: Catalogue) -> float:
    return float(_databases_bill(prices).total_usd)


def _without_storage(prices: Catalogue, each: DBInstance = _SILO_DB) -> float:
    """What only the instances cost. [USD]"""
    lines = _databases_bill(prices, each).lines
    return float(sum(line.cost_usd for line in lines if "Usage:db" in line.usage_type))


def _databases_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Each with its standby, and with storage in two zones; a hundred of them together:"
    yield _databases_bill(prices)
    yield "The shared one, for comparison:"
    yield priced(prices, _POOL_DB)


def _tenants_of_equal_cost(
    prices: Catalogue, pool: tuple[Resource, ...], silo: tuple[Resource, ...]
) -> int:
    """Tenants whose stacks of their own cost at least as much as a stack for them all."""
    return -int(-cost_usd(prices, *pool) // cost_usd(prices, *silo))


def _smallest_pool(prices: Catalogue) -> float:
    return float(_tenants_of_equal_cost(prices, _POOL, _SILO))


def _smallest_pool_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "The shared stack:"
    yield priced(prices, *_POOL)
    yield "A stack of one's own:"
    yield priced(prices, *_SILO)
    ratio = cost_usd(prices, *_POOL) / cost_usd(prices, *_SILO)
    yield f"The first over the second is {ratio:.2f}, rounded up {_smallest_pool(prices):.0f}."


def _dev(hours: float) -> tuple[Resource, ...]:
    """A development environment whose tasks and database are stopped for so many hours. [h]"""
    tasks = _SILO_TASKS.replace(name="dev-tasks", hours=TYPICAL.hours - hours)
    database = _DEV_DB.replace(stopped_hours=hours, stops=_STOPS)
    return _balancer("dev-alb"), tasks, database, _NAT


def _dev_free_hours() -> float:
    return TYPICAL.hours * _FREE_HOURS / _WEEK_HOURS


def _night_percent(prices: Catalogue) -> float:
    return 100 * (1 - cost_usd(prices, *_dev(_dev_free_hours())) / cost_usd(prices, *_dev(0)))


def _night_percent_without_storage(prices: Catalogue) -> float:
    """As if a database that is stopped had no storage either. [percent]"""
    storage = cost_usd(prices, _DEV_DB.replace(stopped_hours=TYPICAL.hours, stops=_STOPS))
    saved = storage * _FREE_HOURS / _WEEK_HOURS
    return _night_percent(prices) + 100 * saved / cost_usd(prices, *_dev(0))


def _night_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "All month:"
    yield priced(prices, *_dev(0))
    yield "With tasks and database stopped for 118 of 168 hours:"
    yield priced(prices, *_dev(_dev_free_hours()))


def _silo_price(prices: Catalogue) -> float:
    return cost_usd(prices, *_SILO) / (1 - _MARGIN)


def _silo_price_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield priced(prices, *_SILO)
    yield "These are to be 20 percent of the price."


EXERCISES = (
    Exercise(
        id="saas-databases",
        topic="saas",
        lesson=_LESSON,
        question="Each of 100 customers gets a PostgreSQL instance of its own in us-east-1: a"
        " db.t4g.micro, Multi-AZ, with 20 GB of gp3, the least there is. What do these databases"
        " cost together?",
        unit="USD a month",
        kind="check a claim",
        difficulty="basic",
        answer=_databases,
        look="What does one such database consist of, beside the instance?",
        concept="Instance and storage are charged apart, and Multi-AZ has both of them twice.",
        formula="100 x (730 h x price of the instance, Multi-AZ + 20 GB x price of gp3, Multi-AZ)",
        working=_databases_working,
        why="One db.t4g.medium for all of them, with 100 GB, costs about as much as four of these."
        " What isolation costs, somebody has to be charged for.",
        mistakes=(
            Mistake(
                _without_storage,
                "Those are the instances. Each of them has storage, too, used or not.",
            ),
            Mistake(
                lambda prices: _without_storage(prices, _DEV_DB),
                "That is without standby and without storage.",
            ),
            Mistake(
                lambda prices: float(_databases_bill(prices, _DEV_DB).total_usd),
                "That is for one zone. Multi-AZ has a standby with storage of its own.",
            ),
        ),
        source="The learning material lets 100 customers share tables, have a database or an"
        " instance each, and answers with a mix of these, without any cost. Other notes price the"
        " hundred instances at 1,168 or 2,336 dollars: they leave the storage out.",
    ),
    Exercise(
        id="saas-smallest-pool",
        topic="saas",
        lesson=_LESSON,
        question="Premium tenants have a stack of their own: a load balancer with two public"
        " addresses, one Arm task of 0.25 vCPU and 0.5 GB, and a db.t4g.micro of PostgreSQL,"
        " Multi-AZ, with 20 GB of gp3. All others share one: two Arm tasks of 0.5 vCPU and 1 GB,"
        " such a load balancer, and a db.t4g.medium, Multi-AZ, with 100 GB. How many tenants must"
        " share, at least, so that the shared stack costs no more than stacks of their own would?"
        " What they ask costs the same either way.",
        unit="tenants",
        kind="find the break-even",
        difficulty="intermediate",
        answer=_smallest_pool,
        look="What does each of the two stacks cost?",
        concept="Both are fixed. The pool replaces as many stacks as it has tenants.",
        formula="shared stack / stack of one's own, rounded up to whole tenants",
        working=_smallest_pool_working,
        why="It does not depend on how many premium tenants stand beside it. With 100 tenants,"
        " nearly all of them may be premium before a pool for the rest no longer pays.",
        mistakes=(
            Mistake(
                lambda prices: float(_tenants_of_equal_cost(prices, _POOL[2:], _SILO[2:])),
                "That compares the databases. Tasks and load balancers differ by less.",
            ),
            Mistake(
                lambda prices: _smallest_pool(prices) - 1,
                "With so few, the shared stack still costs more than theirs would.",
            ),
            Mistake(
                lambda prices: cost_usd(prices, *_POOL) / cost_usd(prices, *_SILO),
                "Tenants are whole. Which whole number is the first that is enough?",
            ),
        ),
        source="The learning material's answer for 100 customers is a stack for those of high"
        " value and shared tables for the small ones. It does not say from how many on.",
    ),
    Exercise(
        id="saas-dev-at-night",
        topic="saas",
        lesson=_LESSON,
        question="A development environment in us-east-1: a load balancer with two public"
        " addresses, one Arm task of 0.25 vCPU and 0.5 GB, a db.t4g.micro of PostgreSQL in one"
        " zone with 20 GB of gp3, and a NAT gateway with its address. Task and database are stopped"
        " for 118 of the 168 hours of a week, night by night. Which percentage of its bill does"
        " that save?",
        unit="percent",
        kind="check a claim",
        difficulty="intermediate",
        answer=_night_percent,
        look="Which of these can be stopped at all?",
        concept="A task and an instance of RDS are charged while they run. A load balancer, a NAT"
        " gateway and public addresses are charged while they exist, and so is storage.",
        formula="118/168 x (task + database instance) / bill of the environment",
        working=_night_working,
        why="Advice to stop what nobody uses is good where servers are the bill. Here most of it is"
        " the network around them, which has to be deleted, or shared by environments.",
        mistakes=(
            Mistake(
                lambda prices: 100 * _FREE_HOURS / _WEEK_HOURS,
                "That is the share of the hours. Load balancer and NAT gateway go on.",
            ),
            Mistake(
                _night_percent_without_storage,
                "The storage of a database stays, and is charged, while its instance is stopped.",
            ),
            Mistake(
                lambda prices: 100 - _night_percent(prices),
                "That is what is left of the bill.",
            ),
        ),
        source="Ours, after the common advice to stop environments outside of working hours, which"
        " counts hours in place of dollars. RDS starts a stopped instance again after seven days.",
    ),
    Exercise(
        id="saas-silo-price",
        topic="saas",
        lesson=_LESSON,
        question="A stack of a premium tenant's own is a load balancer with two public addresses,"
        " one Arm task of 0.25 vCPU and 0.5 GB, and a db.t4g.micro of PostgreSQL, Multi-AZ, with 20"
        " GB of gp3, in us-east-1. At which price a month does it leave a margin of 80 percent?",
        unit="USD a month",
        kind="find the break-even",
        difficulty="intermediate",
        answer=_silo_price,
        look="Which share of the price may the stack cost?",
        concept="A margin is a share of the price. At 80 percent, cost is the other 20.",
        formula="cost of the stack / (1 - 0.8)",
        working=_silo_price_working,
        why="Isolation has a price of its own, which the price list of the pool cannot carry. That"
        " is why platforms sell it as a tier.",
        mistakes=(
            Mistake(
                lambda prices: cost_usd(prices, *_SILO) * (1 + _MARGIN),
                "That is 80 percent on top of the cost: a markup, which is a smaller margin.",
            ),
            Mistake(
                lambda prices: cost_usd(prices, *_SILO) / _MARGIN,
                "There the stack is 80 percent of the price, and 20 are left.",
            ),
            Mistake(
                lambda prices: cost_usd(prices, _SILO_TASKS, _SILO_DB) / (1 - _MARGIN),
                "Each stack has a load balancer, with two addresses.",
            ),
        ),
        source="Ours. The learning material gives an instance to customers of high value, without"
        " saying how high that value must be.",
    ),
)
