"""The memory of a function: what it does to time and to the bill, and on which processor."""

from __future__ import annotations

from collections.abc import Iterator

from models.billing import Bill
from models.exercises.exercise import Exercise, Mistake, cost_usd, crossing, priced
from models.prices import Catalogue
from models.services.lambda_ import Function
from models.services.lambda_.meters import Architecture
from models.services.lambda_.tuning import LEAST_MB, MB_PER_VCPU, Work, cheapest_within

_LESSON = "12_how_much_memory"

#: One thread that computes for a second, ten million times.
_THREAD, _TIMES, _LARGE_MB = Work(cpu_seconds=1), 10_000_000, 3008
#: 200 ms at 512 MB, half of them computing.
_TAUGHT_MB, _TAUGHT_SECONDS = 512, 0.2
_HALF = Work(cpu_seconds=0.1 * _TAUGHT_MB / MB_PER_VCPU, waiting_seconds=0.1)
#: A function with a limit.
_LIMITED, _LIMIT_SECONDS = Work(cpu_seconds=0.8, waiting_seconds=0.2), 1.2
#: Ten seconds, so that rounding to milliseconds hides in the tolerance; 70 percent of it waiting.
_WAITING_SHARE = 0.7
_SLOWED = Work(cpu_seconds=10 * (1 - _WAITING_SHARE), waiting_seconds=10 * _WAITING_SHARE)


def _function(work: Work, memory_mb: int, architecture: Architecture = "x86_64") -> Function:
    return Function(
        name=f"{memory_mb} MB", memory_size_mb=memory_mb, architecture=architecture,
        requests=_TIMES, duration_ms=1000 * work.duration_seconds(memory_mb), timeout_seconds=60,
    )  # fmt: skip


def _thread_usd(prices: Catalogue, memory_mb: int) -> float:
    return cost_usd(prices, _function(_THREAD, memory_mb))


def _beyond(prices: Catalogue) -> float:
    return _thread_usd(prices, _LARGE_MB) - _thread_usd(prices, MB_PER_VCPU)


def _beyond_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "From one vCPU on a single thread takes one second at every memory."
    yield priced(prices, _function(_THREAD, _LARGE_MB))
    yield priced(prices, _function(_THREAD, MB_PER_VCPU))


def _saved_percent(prices: Catalogue) -> float:
    return 100 * (1 - float(_HALF.gb_seconds(LEAST_MB) / _HALF.gb_seconds(_TAUGHT_MB)))


def _saved_working(prices: Catalogue) -> Iterator[str | Bill]:
    seconds = float(_HALF.duration_seconds(LEAST_MB))
    yield "A quarter of the memory is a quarter of the processor: 100 ms of computing become 400."
    yield f"With 100 ms of waiting that is {1000 * seconds:.0f} ms in place of 200."
    yield f"128 x {1000 * seconds:.0f} / (512 x 200) is left: {100 - _saved_percent(prices):.1f} %."


def _in_time(prices: Catalogue) -> float:
    return float(cheapest_within(_LIMITED, _LIMIT_SECONDS))


def _in_time_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Waiting takes 0.2 s at every memory, so 1.0 s is left for computing."
    yield f"0.8 s of a whole vCPU in 1.0 s is 0.8 vCPU: 0.8 x {MB_PER_VCPU:,} MB."
    yield f"Rounded up to whole MB: {_in_time(prices):,.0f}."


def _even_speed_percent(prices: Catalogue) -> float:
    """Speed of arm64 at which both bills are equal. [percent of x86_64]"""
    on_x86 = cost_usd(prices, _function(_SLOWED, MB_PER_VCPU))

    def excess(percent: float) -> float:
        slower = _SLOWED.replace(speed=percent / 100)
        return cost_usd(prices, _function(slower, MB_PER_VCPU, architecture="arm64")) - on_x86

    return crossing(excess, 10, 1000)


def _arm_price_percent(prices: Catalogue) -> float:
    """Price of a GB-second on arm64. [percent of x86_64]"""
    names = "Lambda-GB-Second-ARM", "Lambda-GB-Second"
    arm, x86 = (prices.find("AWSLambda", name, region="us-east-1") for name in names)
    return 100 * arm.tiers[0].price_usd / x86.tiers[0].price_usd


def _even_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield f"A GB-second on arm64 costs {_arm_price_percent(prices):.0f} percent of that on x86_64."
    yield "With speed s the time is 0.3 / s + 0.7 of what it was, so 0.8 (0.3 / s + 0.7) = 1."
    yield f"s = 0.8 x 0.3 / (1 - 0.8 x 0.7), which is {_even_speed_percent(prices):.1f} percent."


EXERCISES = (
    Exercise(
        id="memory-beyond-one-vcpu",
        topic="memory",
        lesson=_LESSON,
        question="A function in us-east-1 computes in one thread: a second on a whole vCPU. It is"
        " invoked 10 million times a month. Somebody has given it 3,008 MB to make it faster. What"
        " does that cost more than 1,769 MB?",
        unit="USD a month",
        kind="read a number",
        difficulty="basic",
        answer=_beyond,
        look="How long does one invocation take at each of the two sizes?",
        concept="At 1,769 MB a function has one whole vCPU. More memory brings more of them, and a"
        " single thread runs on one.",
        formula="10 million x 1 s x (3,008 - 1,769) / 1,024 GB x price of a GB-second",
        working=_beyond_working,
        why="More memory helps up to one vCPU and then only code that uses several threads. The"
        " bill does not ask whether the processors were used.",
        mistakes=(
            Mistake(
                lambda prices: _thread_usd(prices, _LARGE_MB),
                "That is all that 3,008 MB cost. The question asks for the difference.",
            ),
            Mistake(
                lambda prices: 0.0,
                "That takes the time to fall as memory grows. It does so up to 1,769 MB only.",
            ),
        ),
        source="The learning material buys 4 to 10 GB for the processors where 512 MB would hold"
        " the data, and says elsewhere that 1,769 MB are one vCPU.",
    ),
    Exercise(
        id="memory-512-to-128",
        topic="memory",
        lesson=_LESSON,
        question="A function has 512 MB, uses 128, and takes 200 ms, of which it computes half and"
        " waits half. With 128 MB in place of 512, by how many percent does the charge for its"
        " duration fall?",
        unit="percent",
        kind="check a claim",
        difficulty="intermediate",
        answer=_saved_percent,
        look="A quarter of the memory is also a quarter of what else?",
        concept="The share of a processor goes with the memory, so computing takes four times as"
        " long. Waiting does not.",
        formula="1 - (128 x new duration) / (512 x old duration), in percent",
        working=_saved_working,
        why="Unused memory is not all waste: a part of it buys processor. What is saved is the"
        " memory held while waiting, for an answer that comes later.",
        mistakes=(
            Mistake(
                lambda prices: 100 * (1 - LEAST_MB / _TAUGHT_MB),
                "That takes the duration to stay. Computing has a quarter of the processor now.",
            ),
            Mistake(
                lambda prices: 0.0,
                "That holds where all of the time is computing. Half of it is waiting.",
            ),
        ),
        source="The learning material shows a function that uses 128 of its 512 MB and says that a"
        " use below half is over-provisioned; it does not say what less memory does to the time.",
    ),
    Exercise(
        id="memory-within-limit",
        topic="memory",
        lesson=_LESSON,
        question="A function computes 0.8 s in one thread, on a whole vCPU, and waits 0.2 s. It"
        " must answer within 1.2 s. Which memory is the cheapest?",
        unit="MB",
        kind="change something",
        difficulty="intermediate",
        answer=_in_time,
        look="How much of the 1.2 s is left for computing?",
        concept="With any waiting at all, cost grows with memory. So the cheapest is the smallest"
        " that is in time.",
        formula="1,769 MB x computing / (limit - waiting), rounded up to a whole MB",
        working=_in_time_working,
        why="AWS sells memory by the megabyte. The sizes that tools try are habits.",
        mistakes=(
            Mistake(
                lambda prices: MB_PER_VCPU * _LIMITED.cpu_seconds / _LIMIT_SECONDS,
                "That leaves all of the 1.2 s for computing. The waiting comes off first.",
            ),
            Mistake(
                lambda prices: float(LEAST_MB),
                "That is the cheapest without a limit. Here it takes more than eleven seconds.",
            ),
            Mistake(
                lambda prices: float(MB_PER_VCPU),
                "That is in time with 0.2 s to spare, and what is spare is paid for.",
            ),
        ),
        source="Ours, after AWS's documentation of memory and processors; the learning material"
        " recommends a tuning tool and gives no way to work it out.",
    ),
    Exercise(
        id="memory-arm-speed",
        topic="memory",
        lesson=_LESSON,
        question="A function of 1,769 MB in us-east-1 computes for 30 percent of its time and waits"
        " for 70. How fast must arm64 be at its computing, in percent of x86_64, so that it costs"
        " no more?",
        unit="percent",
        kind="find the break-even",
        difficulty="advanced",
        answer=_even_speed_percent,
        look="How much cheaper is a GB-second, and which part of the time changes?",
        concept="A slower processor makes computing longer, not waiting. The lower price holds for"
        " both.",
        formula="price ratio x (computing / speed + waiting) = 1, solved for the speed",
        working=_even_working,
        why="The more a function waits, the less the processor matters, and the surer are the 20"
        " percent.",
        mistakes=(
            Mistake(
                _arm_price_percent,
                "That holds where all of the time is computing. Waiting does not get longer.",
            ),
            Mistake(
                lambda prices: _arm_price_percent(prices) * (1 - _WAITING_SHARE),
                "That leaves out that waiting became cheaper too.",
            ),
            Mistake(
                lambda prices: 100 * 100 / _arm_price_percent(prices),
                "That makes arm64 faster. It may be slower, for it costs less.",
            ),
        ),
        source="The learning material gives the 20 percent, which is right for the price of a"
        " GB-second, and not what becomes of the time.",
    ),
)
