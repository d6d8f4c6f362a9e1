"""Compute alone, of a function and of a task: by use, and for a job of minutes."""

from __future__ import annotations

from collections.abc import Iterator

from models.billing import Bill
from models.exercises.exercise import Exercise, Mistake, cost_usd, crossing, priced
from models.prices import Catalogue
from models.quotas import value_of
from models.services.ecs import Service, TaskDefinition, pull_seconds
from models.services.lambda_ import Function
from models.units import SECONDS_PER_HOUR, TYPICAL

_LESSON = "17_lambda_fargate_or_ec2"

#: Minutes of a run, runs a month, and what a function and a task have for it.
_MINUTES, _RUNS, _MEMORY_MB = 12, 3000, 2048
_SIZE = TaskDefinition(cpu_units=1024, memory_mib=2048, image_size_mb=400)
#: From which run time on the learning material looks at containers. [s]
_RULE_SECONDS = 60

#: A request that mostly waits: at a time in a task, how long there, and how long in a function.
_AT_ONCE, _TASK_SECONDS, _FUNCTION_MS, _FUNCTION_MB = 3, 0.15, 162, 512


def _task() -> Service:
    small = TaskDefinition(cpu_units=512, memory_mib=1024, cpu_architecture="ARM64")
    return Service(name="task", task_definition=small)


def _full_requests() -> float:
    """Requests a month of a task that is never idle."""
    return _AT_ONCE / _TASK_SECONDS * TYPICAL.hours * SECONDS_PER_HOUR


def _same_on_lambda(requests: float) -> Function:
    return Function(
        name="function", architecture="arm64", memory_size_mb=_FUNCTION_MB, requests=requests,
        duration_ms=_FUNCTION_MS,
    )  # fmt: skip


def _use_percent(prices: Catalogue) -> float:
    """Use at which a task costs as much as the same requests on Lambda. [percent]"""
    return 100 * cost_usd(prices, _task()) / cost_usd(prices, _same_on_lambda(_full_requests()))


def _use_percent_of_time(prices: Catalogue) -> float:
    """The same where a call as such were free. [percent]"""
    lines = priced(prices, _same_on_lambda(_full_requests())).by("usage_type")
    return 100 * cost_usd(prices, _task()) / float(lines["Lambda-GB-Second-ARM"])


def _use_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield f"Never idle, the task answers {_full_requests():,.0f} requests a month. It costs:"
    yield priced(prices, _task())
    yield "So many requests on Lambda:"
    yield priced(prices, _same_on_lambda(_full_requests()))
    yield "The first over the second is the use at which both cost the same."


def _tasks(seconds: float = 60.0 * _MINUTES, runs: int = _RUNS) -> Service:
    hours = seconds / 3600 * runs
    return Service(name="task", task_definition=_SIZE, hours=hours, starts=runs)


def _functions(seconds: float = 60.0 * _MINUTES, runs: int = _RUNS) -> Function:
    return Function(
        name="function", memory_size_mb=_MEMORY_MB, duration_ms=1000 * seconds, requests=runs,
        timeout_seconds=int(value_of("lambda", "timeout_seconds_max")),
    )  # fmt: skip


def _tasks_usd(prices: Catalogue) -> float:
    return cost_usd(prices, _tasks())


def _line_usd(prices: Catalogue, usage_type: str) -> float:
    """What one line of the bill of these tasks comes to. [USD]"""
    return float(priced(prices, _tasks()).by("usage_type")[usage_type])


def _tasks_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "3,000 tasks of 12 minutes are 600 hours, each of one vCPU and two gigabytes:"
    yield priced(prices, _tasks())
    yield "The same on Lambda:"
    yield priced(prices, _functions())


def _pull_seconds() -> float:
    return float(pull_seconds(_SIZE.image_size_mb))


def _seconds_where_equal(prices: Catalogue, pulled: float | None = None) -> float:
    """Run time from which a task costs less than a function. [s]"""
    before = _pull_seconds() if pulled is None else pulled

    def excess(seconds: float) -> float:
        task = cost_usd(prices, _tasks(before + seconds, runs=1))
        return cost_usd(prices, _functions(seconds, runs=1)) - task

    return crossing(excess, 0.001, value_of("lambda", "timeout_seconds_max"))


def _seconds_working(prices: Catalogue) -> Iterator[str | Bill]:
    seconds = _seconds_where_equal(prices)
    yield f"A thousand runs of {seconds:.2f} s on Lambda:"
    yield priced(prices, _functions(seconds, runs=1000))
    yield f"and as tasks, each charged for {_pull_seconds():.0f} s of pulling before:"
    yield priced(prices, _tasks(_pull_seconds() + seconds, runs=1000))


EXERCISES = (
    Exercise(
        id="crossover-use",
        topic="crossover",
        lesson=_LESSON,
        question="A task of 0.5 vCPU and 1 GB (Arm, us-east-1, 730 hours) works on three requests"
        " at a time, each for 150 ms. A function of 512 MB on Arm is charged 162 ms for one. Count"
        " nothing but the task, and the function with its requests. At which use of the task do"
        " both cost the same?",
        unit="percent",
        kind="find the break-even",
        difficulty="intermediate",
        answer=_use_percent,
        look="How many requests does the task answer in a month in which it is never idle?",
        concept="The task costs the same, idle or busy. The less it is used, the more each request"
        " costs on it; on Lambda a request always costs the same.",
        formula="cost of the task / (requests of a full month x cost of a request on Lambda)",
        working=_use_working,
        why="The rule of thumb of 20 to 30 percent is right for compute alone. Balancer, NAT and"
        " at least two tasks move it much higher.",
        mistakes=(
            Mistake(
                _use_percent_of_time,
                "The function is charged for each request, too, not only for its time.",
            ),
            Mistake(
                lambda prices: _AT_ONCE * _use_percent(prices),
                "That lets the task work on one request at a time. It works on three.",
            ),
        ),
        source="The learning material: containers win above 20 to 30 percent of use, without saying"
        " what is counted.",
    ),
    Exercise(
        id="crossover-long-job",
        topic="crossover",
        lesson=_LESSON,
        question="A job takes 12 minutes and runs 3,000 times a month. Each run is a task of its"
        " own on Fargate in us-east-1: 1 vCPU, 2 GB, x86. What do the tasks cost? Leave out the"
        " time in which the image is pulled.",
        unit="USD a month",
        kind="check a claim",
        difficulty="basic",
        answer=_tasks_usd,
        look="How many hours do all runs of a month take together?",
        concept="A task is charged for the vCPUs and for the memory that it asks for, as long as it"
        " runs. There is nothing to pay between two runs.",
        formula="3,000 x 12 / 60 h x (1 x price of a vCPU-hour + 2 x price of a GB-hour)",
        working=_tasks_working,
        why="A function costs more, but two to three times as much and not thirteen times. A wrong"
        " factor of five in one price decides many an architecture.",
        mistakes=(
            Mistake(
                lambda prices: _line_usd(prices, "Fargate-GB-Hours"),
                "That is the memory alone, and close to what the material says. The vCPU is the"
                " larger part.",
            ),
            Mistake(
                lambda prices: _line_usd(prices, "Fargate-vCPU-Hours:perCPU"),
                "That is the vCPU alone. The two gigabytes are charged, too.",
            ),
            Mistake(
                lambda prices: cost_usd(prices, Service(name="task", task_definition=_SIZE)),
                "That is one task which runs all month. These end after twelve minutes.",
            ),
        ),
        source="The learning material has about 72 dollars on Lambda, which is right for 2,048 MB,"
        " and about 5.40 on Fargate, which is not.",
    ),
    Exercise(
        id="crossover-long-job-from",
        topic="crossover",
        lesson=_LESSON,
        question="A task (1 vCPU, 2 GB, x86, us-east-1) is charged from the pull of its image on:"
        " 400 MB at 10 MB a second, before the work begins. A function of 2,048 MB on x86 needs as"
        " long for the work itself. From which run time on is the task the cheaper one?",
        unit="seconds",
        kind="find the break-even",
        difficulty="advanced",
        answer=_seconds_where_equal,
        look="What does each of both cost for a second of work?",
        concept="A second of the function costs more, but the task is charged for its pull as well,"
        " by whole seconds and for a minute at least. The longer the work, the less that matters.",
        formula="pull x cost of a task-second / (cost of a function-second - cost of a"
        " task-second), nearly",
        working=_seconds_working,
        why="The rule of thumb, a minute, is on the safe side for a small image. A large one moves"
        " the break-even with it.",
        mistakes=(
            Mistake(
                lambda prices: _seconds_where_equal(prices, 0.0),
                "That forgets the pull of the image, which is charged.",
            ),
            Mistake(
                lambda prices: float(_RULE_SECONDS),
                "That is the rule of thumb. Put in the prices.",
            ),
        ),
        source="The learning material advises to look at containers from a minute on, without a"
        " reckoning.",
        tolerance=0.02,
    ),
)
