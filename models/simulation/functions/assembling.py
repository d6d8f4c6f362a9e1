"""From what a person declares to what an engine serves: limits, tables of draws, requests."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from models.distributions import Draws, Duration, LogNormal
from models.errors import InvalidInputError
from models.quotas import first_run_seconds, init_seconds, runtimes, value_of
from models.services.apigateway import HttpApi, RestApi
from models.services.lambda_ import Call, Client, EventInvokeConfig, Function, Invocation
from models.services.lambda_.rules import reservable
from models.simulation.functions.assumptions import FunctionAssumptions
from models.simulation.functions.pool import Asked
from models.simulation.functions.serving import (
    DRAWN,
    DRAWN_ROWS,
    ROUTING,
    Backoff,
    Bucket,
    Caller,
    FunctionServing,
    Serving,
)
from models.simulation.streams import stream
from models.workload import Chunk, Trace
from models.workload.trace import STEP_SECONDS

_EVERYBODY = np.empty(0, dtype=np.int32)


def functions_of(invocations: Sequence[Invocation]) -> tuple[Function, ...]:
    """Every function: each invocation's own, followed by those that it calls."""
    return tuple(
        one for each in invocations for one in (each.function, *(c.function for c in each.calls))
    )


def entries_of(invocations: Sequence[Invocation]) -> list[int]:
    """The number, among all functions, of each invocation's own."""
    links = [1 + len(each.calls) for each in invocations]
    return [sum(links[:place]) for place in range(len(links))]


def serving_of(
    invocations: Sequence[Invocation], traces: Sequence[Trace], seed: int,
    assumed: FunctionAssumptions,
) -> Serving:  # fmt: skip
    """What the engine must know.

    Raises
    ------
    InvalidInputError
        Where two functions have one name, accounts differ, or reservations exceed the account.
    """
    functions = functions_of(invocations)
    _refuse_unlike(functions)
    limits = limits_of(functions, [one.provisioned_concurrent_executions for one in functions])
    pools = _pools(functions)
    most = limits_of(functions, [0] * len(functions))
    served: list[FunctionServing] = []
    apis = apis_of(invocations)
    fronts = list(apis)
    for invocation in invocations:
        api = invocation.api
        for depth, called in enumerate((None, *invocation.calls)):
            function = invocation.function if called is None else called.function
            number, last = len(served), depth == len(invocation.calls)
            served.append(
                FunctionServing(
                    pool=pools[number],
                    most_environments=max(most[pools[number]], 1),
                    drawn=_drawn(function, stream(seed, function.name, "environments")),
                    replaces_work=function.environment.cold_response is not None,
                    timeout_seconds=float(function.timeout_seconds),
                    provisioned=function.provisioned_concurrent_executions,
                    failure_share=function.environment.error_share,
                    routing=ROUTING[function.environment.routing],
                    scaling=Bucket(
                        assumed.scaling_environments_per_second, assumed.scaling_burst_environments
                    ),
                    front=fronts.index(api.name) if api and called is None else -1,
                    calls=-1 if last else number + 1,
                    column=depth,
                    client=_client(invocation) if called is None else Caller(),
                    caller=Caller() if last else _caller(invocation.calls[depth].client),
                    seed=zlib.crc32(f"{seed}/{function.name}".encode()),
                    bills_init=function.init_is_billed,
                    unbilled_seconds=float(
                        function.environment.placement_seconds
                        + function.environment.vpc_attachment_seconds
                    ),
                )
            )
    return Serving(
        functions=tuple(served),
        limits=limits,
        fronts=tuple(
            Bucket(api.throttle_rate_per_second, float(api.throttle_burst)) for api in apis.values()
        ),
        columns=1 + max(len(one.calls) for one in invocations),
        requests_per_concurrency=assumed.requests_per_concurrency,
        peak_rate_per_second=sum(_peak(trace) for trace in traces),
    )


def limits_of(functions: Sequence[Function], provisioned: Sequence[int]) -> tuple[int, ...]:
    """Concurrency of each pool beside the provisioned one: the account's, then each reserved one.

    Documented: https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html: reserved
    concurrency is taken from the account, provisioned from the function's reserved concurrency or,
    where it has none, from the account.
    """
    account = functions[0].account_concurrency
    own = []
    for function, kept in zip(functions, provisioned, strict=True):
        reserved = function.reserved_concurrent_executions
        account -= kept if reserved is None else reserved
        if reserved is not None:
            own.append(reserved - kept)
    return account, *own


def _pools(functions: Sequence[Function]) -> list[int]:
    pools, count = [], 0
    for function in functions:
        reserves = function.reserved_concurrent_executions is not None
        count += reserves
        pools.append(count if reserves else 0)
    return pools


def _refuse_unlike(functions: Sequence[Function]) -> None:
    names = [one.name for one in functions]
    if len(set(names)) < len(names):
        raise InvalidInputError(f"functions must have different names: {', '.join(names)}")
    accounts = {one.account_concurrency for one in functions}
    if len(accounts) > 1:
        raise InvalidInputError(
            "functions of one account must have the same account_concurrency, not"
            f" {' and '.join(f'{one:,}' for one in sorted(accounts))}"
        )
    account = accounts.pop()
    taken = sum(
        one.most_provisioned
        if one.reserved_concurrent_executions is None
        else one.reserved_concurrent_executions
        for one in functions
    )
    if taken and taken > reservable(account):
        kept_free = int(value_of("lambda", "unreserved_concurrency_min"))
        raise InvalidInputError(
            f"reserved and provisioned concurrency together ({taken:,}) must be at most"
            f" {reservable(account):,}: account_concurrency {account:,} less the"
            f" {kept_free} that AWS keeps unreserved"
            " (https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html)"
        )


def apis_of(invocations: Sequence[Invocation]) -> dict[str, RestApi | HttpApi]:
    """Every API by its name; several functions may stand behind one, and share its throttle.

    Raises
    ------
    InvalidInputError
        Where two that differ have one name.
    """
    found: dict[str, RestApi | HttpApi] = {}
    for invocation in invocations:
        api = invocation.api
        if api is not None and found.setdefault(api.name, api) != api:
            raise InvalidInputError(f"apis that differ must not both be called {api.name!r}")
    return found


def _client(invocation: Invocation) -> Caller:
    """How those who invoke from outside wait and try again."""
    invoked_by = invocation.invoked_by
    if isinstance(invoked_by, EventInvokeConfig):
        return Caller(
            on_throttle=Backoff(
                float("inf"),
                value_of("lambda", "async_throttle_backoff_seconds"),
                value_of("lambda", "async_throttle_backoff_seconds_max"),
            ),
            on_failure=Backoff(
                1 + invoked_by.maximum_retry_attempts,
                value_of("lambda", "async_first_retry_seconds"),
                value_of("lambda", "async_second_retry_seconds"),
            ),
            most_age_seconds=float(invoked_by.maximum_event_age_seconds),
            counts_apart=True,
        )
    return _caller(invoked_by, invocation.patience_seconds)


def _caller(client: Client, patience_seconds: float | None = None) -> Caller:
    if patience_seconds is None:
        own = client.timeout_seconds
        patience_seconds = float("inf") if own is None else own
    return Caller(
        patience_seconds=float(patience_seconds),
        on_throttle=Backoff(
            client.attempts, client.throttle_base_seconds, client.most_backoff_seconds
        ),
        on_failure=Backoff(client.attempts, client.base_seconds, client.most_backoff_seconds),
        jitter=client.jitter,
        quota=client.retry_quota,
        retry_cost=client.retry_cost,
    )


# --- what environments bring ----------------------------------------------------------------------


def _drawn(function: Function, rng: np.random.Generator) -> NDArray[np.void]:
    """What each new environment brings; the table starts again after its last row."""
    rows = np.zeros(DRAWN_ROWS, dtype=DRAWN)
    environment = function.environment
    rows["retention"] = environment.idle_timeout.draw(rng, DRAWN_ROWS)
    rows["life"] = environment.life.draw(rng, DRAWN_ROWS)
    if environment.cold_response is not None:
        rows["init"] = environment.cold_response.draw(rng, DRAWN_ROWS)
        return rows
    init = init_law(function).draw(rng, DRAWN_ROWS)
    if not function.snap_start:
        init += environment.import_seconds
    limit = value_of("lambda", "init_limit_seconds")
    # An Init that takes too long is cut off and run again as part of the first invocation.
    rows["first_run"] = first_run_of(function) + np.where(init > limit, init, 0.0)
    rows["init"] = np.minimum(init, limit)
    return rows


def init_law(function: Function) -> Duration:
    """How long the Init phase, or the restore of a snapshot, takes: given, or as measured. [s]

    Raises
    ------
    InvalidInputError
        Where nothing was measured and nothing is given.
    """
    environment = function.environment
    given = environment.restore if function.snap_start else environment.init
    if given is not None:
        return given
    if function.snap_start or function.runtime not in runtimes():
        name = "restore" if function.snap_start else "init"
        raise InvalidInputError(
            f"{function.name}: environment.{name} must be given [s]: none was measured"
        )
    fit = init_seconds(function.runtime, function.package_type, function.architecture)
    return LogNormal(median_seconds=fit.median_seconds, sigma=fit.sigma)


def first_run_of(function: Function) -> float:
    """How much longer the first run of the handler takes: given, or as measured. [s]"""
    given = function.environment.first_run_seconds
    if given is not None:
        return float(given)
    if function.runtime not in runtimes():
        return 0.0
    return first_run_seconds(
        function.runtime, function.memory_size_mb, function.package_type, function.architecture
    )


# --- requests -------------------------------------------------------------------------------------


def requests(
    invocations: Sequence[Invocation], traces: Sequence[Trace], seed: int
) -> Iterator[Asked]:
    """The requests of all traces in order, with the work of each function they pass through."""
    columns = 1 + max(len(one.calls) for one in invocations)
    streams = [
        _asked(trace, invocation.calls, columns, seed)
        for invocation, trace in zip(invocations, traces, strict=True)
    ]
    if len(streams) == 1:
        return streams[0]
    return _merged(streams, entries_of(invocations))


def _asked(trace: Trace, calls: Sequence[Call], columns: int, seed: int) -> Iterator[Asked]:
    for number, chunk in enumerate(trace.chunks()):
        yield Asked(chunk.end_seconds, chunk.arrivals, _works(chunk, calls, columns, seed, number),
                    _EVERYBODY)  # fmt: skip


def _works(
    chunk: Chunk, calls: Sequence[Call], columns: int, seed: int, number: int
) -> NDArray[np.float64]:
    """Handler time of each request in each function; another chunk, another stream."""
    if columns == 1:
        return chunk.work.reshape(-1, 1)
    works = np.zeros((len(chunk.work), columns))
    works[:, 0] = chunk.work
    for column, call in enumerate(calls, start=1):
        rng = stream(seed, call.function.name, f"work {number}")
        works[:, column] = call.work.draw(rng, len(chunk.work))
    return works


def _merged(streams: Sequence[Iterator[Asked]], entries: Sequence[int]) -> Iterator[Asked]:
    """Several streams as one, cut where the first of them needs its next chunk."""
    held: list[Asked | None] = [next(one, None) for one in streams]
    while any(one is not None for one in held):
        end = min(one.end_seconds for one in held if one is not None)
        taken: list[tuple[NDArray[np.float64], NDArray[np.float64], int]] = []
        for place, (one, coming) in enumerate(zip(held, streams, strict=True)):
            if one is None:
                continue
            cut = int(np.searchsorted(one.arrivals, end))
            taken.append((one.arrivals[:cut], one.works[:cut], entries[place]))
            rest = one._replace(arrivals=one.arrivals[cut:], works=one.works[cut:])
            held[place] = next(coming, None) if one.end_seconds <= end else rest
        arrivals = np.concatenate([one for one, _, _ in taken])
        order = np.argsort(arrivals, kind="stable")
        which = np.concatenate([np.full(len(one), entry) for one, _, entry in taken])
        works = np.concatenate([works for _, works, _ in taken])
        yield Asked(end, arrivals[order], works[order], which[order].astype(np.int32))


def _peak(trace: Trace) -> float:
    """Highest rate of any minute. [1/s]"""
    steps = max(int(np.ceil(trace.duration_seconds / STEP_SECONDS)), 1)
    edges = np.linspace(0.0, trace.duration_seconds, steps + 1)
    rates: Draws = trace.rates(edges)
    return float(rates.max())
