"""How long a cold start takes and what it costs: memory, INIT on the bill, snapshots, chains."""

from __future__ import annotations

from collections.abc import Iterator

from models.billing import Bill
from models.exercises.exercise import Exercise, Mistake, cost_usd, priced
from models.prices import Catalogue
from models.quotas import first_run_seconds, init_seconds
from models.services.lambda_ import Function

_LESSON = "10_what_decides_the_length_of_a_cold_start"
_SLOW, _SMALL_MB, _LARGE_MB = "dotnet8", 128, 1024
_CALLS = Function(
    name="calls", memory_size_mb=512, requests=10_000_000, duration_ms=200, cold_start_share=0.01,
    init_ms=300,
)  # fmt: skip
_RESTORES, _FUNCTIONS, _COLD_SHARE = 100_000, 3, 0.005
_SNAPPED = Function(name="snapshot", memory_size_mb=1024, snap_start=True)
_STARTED = Function(name="init", memory_size_mb=1024, requests=_RESTORES, cold_start_share=1)


def _first_run_ms(memory_mb: int) -> float:
    return 1000 * first_run_seconds(_SLOW, memory_mb)


def _init_ms() -> float:
    return 1000 * init_seconds(_SLOW).median_seconds


def _shorter_ms(prices: Catalogue) -> float:
    """What eight times the memory takes off a cold start. [ms]"""
    return _first_run_ms(_SMALL_MB) - _first_run_ms(_LARGE_MB)


def _memory_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield f"Init: {_init_ms():.0f} ms at every memory size."
    small, large = _first_run_ms(_SMALL_MB), _first_run_ms(_LARGE_MB)
    yield f"First run: {small:.0f} ms at 128 MB, {large:.0f} ms at 1,024 MB."
    yield f"Only the first run gets shorter, by {_shorter_ms(prices):.0f} ms."


def _billed_usd(prices: Catalogue, **changed: float) -> float:
    """What INIT on the bill adds in a month. [USD]"""
    calls = _CALLS.replace(**changed)
    return cost_usd(prices, calls) - cost_usd(prices, calls.replace(bill_init=False))


def _init_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Before August 2025, without the Init of zip archives:"
    yield priced(prices, _CALLS.replace(bill_init=False))
    yield "Since then, with 100,000 times 300 ms more:"
    yield priced(prices, _CALLS)


def _restores_usd(prices: Catalogue) -> float:
    """What restoring from a snapshot so many times costs, without keeping it. [USD]"""
    restored = cost_usd(prices, _SNAPPED.replace(snap_start_restores=_RESTORES))
    return restored - cost_usd(prices, _SNAPPED)


def _init_second_usd(prices: Catalogue) -> float:
    """What a second of Init in as many cold starts costs. [USD]"""
    return cost_usd(prices, _STARTED.replace(init_ms=1000)) - cost_usd(prices, _STARTED)


def _as_dear_seconds(prices: Catalogue) -> float:
    return _restores_usd(prices) / _init_second_usd(prices)


def _restore_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "A month with the snapshot of one version and 100,000 restores:"
    yield priced(prices, _SNAPPED.replace(snap_start_restores=_RESTORES))
    yield "100,000 cold starts without it, with an Init of one second:"
    yield priced(prices, _STARTED.replace(init_ms=1000))
    yield f"Line of restores / line of seconds = {_as_dear_seconds(prices):.2f} s."


def _met_percent(prices: Catalogue) -> float:
    """Requests that meet at least one cold start on their way. [percent]"""
    return 100 * (1 - (1 - _COLD_SHARE) ** _FUNCTIONS)


def _chain_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "All three are warm for 0.995 x 0.995 x 0.995 of the requests."
    yield f"The others, {_met_percent(prices):.2f} percent, wait for at least one cold start."


EXERCISES = (
    Exercise(
        id="cold-length-memory",
        topic="cold length",
        lesson=_LESSON,
        question="A hello-world function on dotnet8 (zip archive, x86) has 128 MB and gets 1,024."
        " By how many milliseconds is its cold start, Init and first run together, shorter as"
        " measured?",
        unit="ms",
        kind="change something",
        difficulty="basic",
        answer=_shorter_ms,
        look="Which of the two parts falls with memory? Look at the figure of the lesson.",
        concept="Memory brings processor time to the handler. The measured Init takes as long at"
        " every size.",
        formula="first run at 128 MB - first run at 1,024 MB; first_run_seconds of models.quotas",
        working=_memory_working,
        why="More memory helps where the handler has much to do when it first runs, as with .NET."
        " Python and Node.js hardly gain: their first run is short at any size.",
        mistakes=(
            Mistake(
                lambda prices: (1 - _SMALL_MB / _LARGE_MB) * (_init_ms() + _first_run_ms(128)),
                "That makes all of it eight times as fast. Init does not fall with memory.",
            ),
            Mistake(
                lambda prices: (1 - _SMALL_MB / _LARGE_MB) * _init_ms(),
                "That shortens Init, which stays. It is the first run of the handler that falls.",
            ),
        ),
        source="The learning material names memory as a remedy for cold starts; AWS's knowledge"
        " base does too. Measured starts bear it out for one part only.",
        tolerance=0.02,
    ),
    Exercise(
        id="cold-length-init-bill",
        topic="cold length",
        lesson=_LESSON,
        question="10 million calls a month take 200 ms each at 512 MB (zip archive, Python, x86,"
        " us-east-1); 1 percent start cold, with an Init of 300 ms. What does INIT, billed since"
        " August 2025, add to the bill?",
        unit="USD a month",
        kind="check a claim",
        difficulty="intermediate",
        answer=_billed_usd,
        look="How many seconds of Init are there in the month, and with how much memory?",
        concept="Init is charged as duration: GB-seconds at the same price as the handler's.",
        formula="calls x cold share x Init in seconds x memory in GB x price of a GB-second",
        working=_init_working,
        why="It is 1.5 percent of the duration, and less of the bill. The change hurts where cold"
        " starts are many and imports are heavy, not here.",
        mistakes=(
            Mistake(
                lambda prices: _billed_usd(prices, cold_start_share=1),
                "That bills an Init for every call. Only one in a hundred starts cold.",
            ),
            Mistake(
                lambda prices: _billed_usd(prices, memory_size_mb=1024),
                "That is for 1,024 MB. GB-seconds count the memory that is configured: half a GB.",
            ),
            Mistake(
                lambda prices: _billed_usd(prices, init_ms=500),
                "That counts the 200 ms of the handler as well, which were charged before too.",
            ),
        ),
        source="The learning material warns of cold starts without their price; notes beside it"
        " give 1.5 percent of the duration for 300 ms on one call in a hundred of 200 ms.",
    ),
    Exercise(
        id="cold-length-chain",
        topic="cold length",
        lesson=_LESSON,
        question="A request passes through three functions one after the other. Each starts cold"
        " for 0.5 percent of its invocations, whatever the others do. Which percentage of the"
        " requests meets at least one cold start?",
        unit="percent",
        kind="break it",
        difficulty="basic",
        answer=_met_percent,
        look="Which share of the requests finds all three warm?",
        concept="A request is quick only if every function on its way is warm; the shares of warm"
        " starts multiply.",
        formula="1 - (1 - cold share) to the power of the number of functions",
        working=_chain_working,
        why="Each function keeps its 99th percentile warm, and the chain does not: its cold share"
        " is above one percent.",
        mistakes=(
            Mistake(
                lambda prices: 100 * _COLD_SHARE,
                "That is one function. A request must get past all three.",
            ),
            Mistake(
                lambda prices: 100 - _met_percent(prices),
                "That is the share of requests that meet no cold start at all.",
            ),
        ),
        source="Ours, after AWS's documentation of execution environments; the learning material"
        " asks from which cold share on the 99th percentile is a cold start.",
        tolerance=0.002,
    ),
    Exercise(
        id="cold-length-restore",
        topic="cold length",
        lesson=_LESSON,
        question="With SnapStart a Python function (x86, us-east-1) pays for each restore by the"
        " GB of its memory. How long is an Init that costs as much? Leave out what keeping the"
        " snapshot costs.",
        unit="s",
        kind="find the break-even",
        difficulty="advanced",
        answer=_as_dear_seconds,
        look="Both prices are for a GB. Does the memory of the function matter?",
        concept="A restore is charged once for each GB, an Init for each GB and second. Memory"
        " cancels out.",
        formula="price of a restored GB / price of a GB-second",
        working=_restore_working,
        why="Hardly any Init is that long. For Python and .NET, SnapStart buys time and does not"
        " save money; for Java restores are free.",
        mistakes=(
            Mistake(
                lambda prices: 0.0,
                "Restores are free for Java only. Python and .NET pay for each.",
            ),
            Mistake(
                lambda prices: _as_dear_seconds(prices) / 8,
                "That takes 128 MB for the restore and 1,024 for Init. Take the same for both.",
            ),
            Mistake(
                lambda prices: (
                    cost_usd(prices, _SNAPPED.replace(snap_start_restores=_RESTORES))
                    / _init_second_usd(prices)
                ),
                "That spreads the month's charge for keeping the snapshot over 100,000 restores.",
            ),
        ),
        source="The learning material sets SnapStart against provisioned concurrency and against"
        " accepting cold starts, for Java, and names no price. For Java there is none.",
    ),
)
