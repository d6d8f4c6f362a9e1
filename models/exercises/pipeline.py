"""A serverless pipeline: what a month costs, what a workflow type changes, what a run hides."""

from __future__ import annotations

from collections.abc import Iterator

from models.billing import Bill
from models.exercises.exercise import Exercise, Mistake, cost_usd, crossing, priced
from models.prices import Catalogue
from models.services import lambda_, stepfunctions
from models.services.lambda_ import tuning
from models.units import TYPICAL

_LESSON = "15_the_pipeline_and_its_missing_seconds"
_SECONDS = {"validate": 0.811, "transform": 58.2, "report": 2.3, "index": 1.8, "write": 0.245}
_A_DAY, _MEMORY_MB, _STEPS, _MORE_STEPS = 1_000, 512, 7, 9
#: The sample run, from start to end. [s]
_SAMPLE_SECONDS = (32 * 60 + 10.456) - (30 * 60 + 45.123)
_LESS_MEMORY_MB = 256
#: Waits before the retries of a step, unless it says otherwise. [s]
_WAITS_SECONDS = (1.0, 2.0, 4.0)


def _runs(days: float = TYPICAL.hours / 24) -> float:
    return _A_DAY * days


def _functions(runs: float) -> list[lambda_.Function]:
    return [
        lambda_.Function(
            name=name, memory_size_mb=_MEMORY_MB, timeout_seconds=300,
            requests=runs, duration_ms=1000 * taken,
        )
        for name, taken in _SECONDS.items()
    ]  # fmt: skip


def _workflow(steps: float, runs: float) -> stepfunctions.StateMachine:
    return stepfunctions.StateMachine(
        name="workflow", executions=runs, transitions_per_execution=steps
    )


def _month_usd(prices: Catalogue, steps: float = _MORE_STEPS, days: float | None = None) -> float:
    runs = _runs() if days is None else _runs(days)
    return cost_usd(prices, *_functions(runs), _workflow(steps, runs))


def _month_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield f"1,000 files a day are {_runs():,.0f} runs in a month of 730 hours."
    yield "Each run pays for all five functions, both branches too, and for nine steps."
    yield priced(prices, *_functions(_runs()), _workflow(_MORE_STEPS, _runs()))


# --- memory -----------------------------------------------------------------------------------


def _transform(memory_mb: int, waiting_share: float) -> lambda_.Function:
    """Transform at another memory, where so much of its time at 512 MB is waiting."""
    taken = _SECONDS["transform"]
    work = tuning.Work(
        cpu_seconds=(1 - waiting_share) * taken * float(lambda_.vcpus(_MEMORY_MB)),
        waiting_seconds=waiting_share * taken,
    )
    return lambda_.Function(
        name="transform", memory_size_mb=memory_mb, timeout_seconds=300,
        requests=_runs(), duration_ms=1000 * work.duration_seconds(memory_mb),
    )  # fmt: skip


def _memory_working(prices: Catalogue) -> Iterator[str | Bill]:
    half = _SECONDS["transform"] / 2
    yield f"{half:.1f} s of waiting stay; {half:.1f} s of computing double with half the memory."
    yield f"So an invocation takes {3 * half:.1f} s, at half the price of a second:"
    yield priced(prices, _transform(_LESS_MEMORY_MB, 0.5))


# --- Express ----------------------------------------------------------------------------------


def _express(seconds: float, memory_mb: float = 50.0) -> stepfunctions.StateMachine:
    return stepfunctions.StateMachine(
        name="express", state_machine_type="EXPRESS", executions=_runs(),
        duration_ms=1000 * seconds, memory_mb=memory_mb,
    )  # fmt: skip


def _break_even_seconds(prices: Catalogue, memory_mb: float = 50.0, steps: float = _STEPS) -> float:
    """Length of a run at which Express costs as much as Standard. [s]"""
    standard = cost_usd(prices, _workflow(steps, _runs()))
    second = cost_usd(prices, _express(1, memory_mb)) - cost_usd(prices, _express(0, memory_mb))
    request = cost_usd(prices, _express(0, memory_mb))
    return crossing(lambda length: request + second * length - standard, 0.0, standard / second)


def _express_working(prices: Catalogue) -> Iterator[str | Bill]:
    found = _break_even_seconds(prices)
    yield "A Standard workflow of seven steps, however long it takes:"
    yield priced(prices, _workflow(_STEPS, _runs()))
    yield f"An Express workflow with 64 MB that takes {found:.1f} s:"
    yield priced(prices, _express(min(found, 300.0)))


# --- the missing seconds ----------------------------------------------------------------------


def _missing_seconds() -> float:
    """What the sample run took beyond its longest way. [s]"""
    path = sum(_SECONDS.values()) - min(_SECONDS["report"], _SECONDS["index"])
    return _SAMPLE_SECONDS - path


def _failed_after(prices: Catalogue) -> float:
    """How long transform ran before each of two failures that explain everything. [s]"""
    return (_missing_seconds() - sum(_WAITS_SECONDS[:2])) / 2


def _missing_working(prices: Catalogue) -> Iterator[str | Bill]:
    missing = _missing_seconds()
    path = _SAMPLE_SECONDS - missing
    yield f"The run took {_SAMPLE_SECONDS:.3f} s, its longest way takes {path:.3f} s."
    yield f"Missing: {missing:.3f} s. Two retries wait 1 + 2 = 3 s of it."
    yield f"({missing:.3f} - 3) / 2 = {_failed_after(prices):.2f} s for each failed attempt."


EXERCISES = (
    Exercise(
        id="pipeline-month",
        topic="pipeline",
        lesson=_LESSON,
        question="1,000 files a day go through five functions with 512 MB each: 0.811 s, 58.2 s,"
        " then 2.3 s and 1.8 s at the same time, then 0.245 s. A Standard workflow leads them, and"
        " each run has nine steps. What do functions and workflow cost in a month of 730 hours,"
        " without free allowances?",
        unit="USD a month",
        kind="read a number",
        difficulty="basic",
        answer=_month_usd,
        look="Two services are on this bill. Which quantity does each of them count?",
        concept="Functions are charged for each request and for time x memory, whatever runs at"
        " the same time. The workflow is charged for each step.",
        formula="runs x (seconds x 0.5 GB x price + 5 x request price + 9 x step price)",
        working=_month_working,
        why="A run costs less than a tenth of a cent. Most of it is one function, and nearly a"
        " third is steps.",
        mistakes=(
            Mistake(
                lambda prices: cost_usd(prices, *_functions(_runs())),
                "That is the functions alone. The workflow charges for each step.",
            ),
            Mistake(
                lambda prices: _month_usd(prices, steps=_STEPS),
                "That is with seven steps. The question draws nine.",
            ),
            Mistake(
                lambda prices: _month_usd(prices, days=30),
                "That is a month of 30 days. 730 hours are a little more.",
            ),
        ),
        source="The learning material asks for this calculation of 1,000 runs a day and never"
        " shows it. 512 MB for all five is our assumption; it says so of one.",
    ),
    Exercise(
        id="pipeline-memory",
        topic="pipeline",
        lesson=_LESSON,
        question="The function transform takes 58.2 seconds with 512 MB, 1,000 times a day. Suppose"
        " half of that is waiting for others and half is computing. What does it cost a month (730"
        " hours) with 256 MB, requests included?",
        unit="USD a month",
        kind="change something",
        difficulty="intermediate",
        answer=lambda prices: cost_usd(prices, _transform(_LESS_MEMORY_MB, 0.5)),
        look="What does half the memory do to each half of the time?",
        concept="Processor comes in proportion to memory. Computing takes longer with less of it;"
        " waiting does not.",
        formula="runs x ((waiting + 2 x computing) x 0.25 GB x price of a GB-second + request)",
        working=_memory_working,
        why="The saving is a quarter, not a half, and each file takes half as long again. Measure"
        " at three sizes to learn how much is waiting.",
        mistakes=(
            Mistake(
                lambda prices: cost_usd(prices, _transform(_LESS_MEMORY_MB, 1.0)),
                "That takes as long as before. The computing half gets half the processor.",
            ),
            Mistake(
                lambda prices: cost_usd(prices, _transform(_LESS_MEMORY_MB, 0.0)),
                "That doubles all of the time. The waiting half does not grow.",
            ),
        ),
        source="The learning material calls a function that uses a quarter of its 512 MB"
        " over-provisioned, and does not ask what happens to its duration.",
    ),
    Exercise(
        id="pipeline-express",
        topic="pipeline",
        lesson=_LESSON,
        question="A run has seven steps. As an Express workflow it is billed with 64 MB for as long"
        " as it takes. At how many seconds do Standard and Express cost the same, at the price of"
        " the first GB-seconds?",
        unit="seconds",
        kind="find the break-even",
        difficulty="intermediate",
        answer=_break_even_seconds,
        look="What does Standard charge for a run, and what does Express charge for a second?",
        concept="Standard charges steps and no time, Express time and no steps. So long runs with"
        " few steps favour Standard.",
        formula="(7 x step price - request price) / (64 / 1,024 GB x price of a GB-second)",
        working=_express_working,
        why="At a minute a run, Express is well below. But it may last five minutes at most, and"
        " a run that failed starts from the beginning.",
        mistakes=(
            Mistake(
                lambda prices: _break_even_seconds(prices, memory_mb=1024.0),
                "That is with a whole GB. The workflow's own memory counts, not the functions'.",
            ),
            Mistake(
                lambda prices: _break_even_seconds(prices, steps=1),
                "That is a workflow of one step. Standard charges all seven.",
            ),
            Mistake(
                lambda prices: 300.0,
                "That is the longest an Express workflow may run. The costs cross before.",
            ),
        ),
        source="The learning material calls Express cheaper and names no length of run at which"
        " it stops being so.",
    ),
    Exercise(
        id="pipeline-missing",
        topic="pipeline",
        lesson=_LESSON,
        question="The sample run began at 15:30:45.123 and ended at 15:32:10.456; its steps take"
        " 0.811 s, 58.2 s, then 2.3 s and 1.8 s at the same time, then 0.245 s. Suppose transform"
        " failed twice after equal times and then succeeded, with waits of 1 and 2 seconds, and"
        " nothing else was slow. How long did each failed attempt run?",
        unit="seconds",
        kind="check a claim",
        difficulty="advanced",
        answer=_failed_after,
        look="How long should the run have taken? Mind what happens at the same time.",
        concept="The longest way through the workflow is what a clock shows. What it took beyond"
        " that is two failed attempts and two waits.",
        formula="(end - start - longest way - first wait - second wait) / 2",
        working=_missing_working,
        why="A sum that fits is no proof: other stories fit as well. The execution history has a"
        " time for each attempt.",
        mistakes=(
            Mistake(
                lambda prices: _missing_seconds() / 2,
                "You left out the waits: 1 second before the first retry, 2 before the second.",
            ),
            Mistake(
                lambda prices: _failed_after(prices) - _SECONDS["index"] / 2,
                "You added both branches. They run at the same time; the longer one counts.",
            ),
            Mistake(
                lambda prices: _missing_seconds() - _WAITS_SECONDS[0],
                "That is one failed attempt. There were two.",
            ),
        ),
        source="The learning material prints this run and its steps, and never says that nearly 24"
        " seconds of it are unaccounted for.",
    ),
)
