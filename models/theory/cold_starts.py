"""Cold starts of a service that makes an environment for each request that finds none idle.

Each request takes an idle environment or, where there is none, a new one (a cold start); one that
has been idle for the idle timeout is gone. Arrivals are Poisson, a cold request works no longer
than a warm one, and there are environments without limit. With a limit: the environments in use are
`models.theory.little_length`, the share that is refused is `models.theory.erlang_b`.

How long AWS Lambda keeps an idle environment, and which of them it uses next, is not documented
(https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html): both are parameters
or in the name here. Sources by short name: see `models.theory`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.theory.numbers import Number, amount, one, plain, refusal
from models.theory.waiting import erlang_b

#: Beyond this the chain has too many states to be solved in seconds. [erlang]
_LARGEST_CHAIN_LOAD = 200
#: Beyond this the sums over environments take longer than a closed form should. [erlang]
_LARGEST_LOAD = 2_000
#: What is left out of an infinite sum, as a share of its largest term, and its logarithm.
_NEGLIGIBLE = 1e-16
_NEGLIGIBLE_LOG = math.log(_NEGLIGIBLE)


def single_environment_cold_share(
    rate_per_second: Number, idle_timeout_seconds: Number | tuple[float, float]
) -> Number:
    """Share of requests that start cold where one environment serves them all.

    Parameters
    ----------
    rate_per_second : float or array
        [1/s]
    idle_timeout_seconds : float, array or pair
        A pair is the least and the most of a uniform timeout, drawn anew for each gap. [s]

    Raises
    ------
    InvalidInputError

    Notes
    -----
    exp(-lambda T): the gap from an answer to the next request is exponential, whatever the work.
    Over a uniform timeout, the mean of that. It leaves out requests that come while the
    environment is busy, so it holds where the load is far below 1 erlang.

    Examples
    --------
    >>> round(single_environment_cold_share(1 / 300, 300), 6)
    0.367879
    >>> round(single_environment_cold_share(1 / 300, (300, 420)), 6)
    0.303206
    """
    rate = amount("rate_per_second", rate_per_second, unit="1/s")
    if not isinstance(idle_timeout_seconds, tuple):
        return plain(np.exp(-rate * amount("idle_timeout_seconds", idle_timeout_seconds, unit="s")))
    least, most = _least_and_most(idle_timeout_seconds)
    spread = np.asarray(rate * (most - least))
    # The mean of exp(-x) over 0 .. spread; its limit where there is no spread is 1.
    mean = np.divide(-np.expm1(-spread), spread, out=np.ones_like(spread), where=spread > 0)
    return plain(np.exp(-rate * least) * mean)


def single_environment_cold_share_exponential(
    rate_per_second: Number, mean_idle_timeout_seconds: Number
) -> Number:
    """The same where the timeout is exponential: 1 / (1 + lambda T).

    Notes
    -----
    The request and the timeout race each other; the timeout wins with its share of the rates.

    Examples
    --------
    >>> single_environment_cold_share_exponential(1 / 300, 300)
    0.5
    """
    rate = amount("rate_per_second", rate_per_second, unit="1/s")
    mean = amount("mean_idle_timeout_seconds", mean_idle_timeout_seconds, unit="s")
    return plain(1 / (1 + rate * mean))


def cold_share_of_gaps(
    gap_seconds: NDArray[np.float64], idle_timeout_seconds: float | tuple[float, float]
) -> float:
    """The same for any gaps between an answer and the next request, such as those of a log.

    Parameters
    ----------
    gap_seconds : array
        One gap or more. [s]
    idle_timeout_seconds : float or pair
        A pair is the least and the most of a uniform timeout. [s]

    Notes
    -----
    1 - F(T), F the distribution of the gaps: those longer than the timeout.

    Examples
    --------
    >>> cold_share_of_gaps(np.array([300.0, 400.0]), 360)
    0.5
    >>> cold_share_of_gaps(np.array([345.0]), (300, 420))
    0.375
    """
    gaps = np.atleast_1d(amount("gap_seconds", gap_seconds, unit="s"))
    if not gaps.size:
        raise refusal("gap_seconds", gap_seconds, "at least one gap", "s")
    given = idle_timeout_seconds
    least, most = _least_and_most(given if isinstance(given, tuple) else (given, given))
    if most == least:
        return float(np.mean(gaps > least))
    return float(np.mean(np.clip((gaps - least) / (most - least), 0.0, 1.0)))


def cold_share_exponential_idle(
    rate_per_second: float, work_seconds: float, mean_idle_timeout_seconds: float
) -> float:
    """Share of cold starts with exponential work and exponential idle timeouts, exactly.

    Parameters
    ----------
    rate_per_second : float
        [1/s]
    work_seconds : float
        Mean time that a request keeps its environment. [s]
    mean_idle_timeout_seconds : float
        [s]

    Returns
    -------
    float
        Whichever idle environment is used next: timeouts without memory make them all alike.

    Raises
    ------
    InvalidInputError
        Also where the load is above 200 erlang; see `cold_share_slow_expiry`.

    Notes
    -----
    The Markov chain of busy and idle environments, cut off where more are as good as impossible,
    solved as a sparse linear system. A request finds what there is on average over time (Wolff),
    so the answer is the share of time without an idle environment.

    Examples
    --------
    >>> round(cold_share_exponential_idle(2, 1, 60), 5)
    0.03051
    """
    rate, load, expiry = _rates(rate_per_second, work_seconds, mean_idle_timeout_seconds)
    if load > _LARGEST_CHAIN_LOAD:
        raise refusal(
            "rate_per_second x work_seconds", load,
            f"at most {_LARGEST_CHAIN_LOAD}; cold_share_slow_expiry takes more", "erlang",
        )  # fmt: skip
    most = max(len(_size_shares(rate, load, expiry)), _busy_at_most(load))
    idle, shares = _chain(rate, rate / load, expiry, most, reference=int(load))
    return float(shares[idle == 0].sum())


def cold_share_slow_expiry(
    rate_per_second: float, work_seconds: float, mean_idle_timeout_seconds: float
) -> float:
    """Share of cold starts for any law of work, where environments idle far longer than they work.

    Parameters and refusals as `cold_share_exponential_idle`, up to 2,000 erlang.

    Notes
    -----
    Approximate. While n environments exist, requests come and go many times: those that find all
    n busy are Erlang B, which asks only for the mean of the work. So n is taken as a birth-death
    chain: up at lambda B(n, a), down at the rate at which the n - a (1 - B(n, a)) idle ones
    expire. Requests that find all busy come in bursts, so this is **too low**: against the exact
    chain by up to 3 % where the timeout is 60 times the work or more, and this closes only slowly
    as the timeout grows; too high by up to 8 % at 50 erlang where timeout and work are equal.

    Examples
    --------
    >>> round(cold_share_slow_expiry(2, 1, 60), 5)
    0.03002
    """
    rate, load, expiry = _rates(rate_per_second, work_seconds, mean_idle_timeout_seconds)
    shares = _size_shares(rate, load, expiry)
    return float(sum(found * erlang_b(size, load) for size, found in enumerate(shares)))


def cold_share_newest_first(
    rate_per_second: float, work_seconds: float, idle_timeout_seconds: float
) -> float:
    """Share of cold starts with a fixed timeout where busy ones are preferred, approximately.

    Parameters and refusals as `cold_share_exponential_idle`, up to 2,000 erlang.

    Notes
    -----
    Environment k is used while the k - 1 before it are busy; what overflows to it is taken as
    Poisson at the rate lambda B(k - 1, a), so it is cold with exp(-lambda B(k - 1, a) T). Real
    overflow comes in bursts, so this is **too low**: by less than 1 % at 0.01 erlang, about 18 %
    at 0.5, 35 to 45 % at 2 to 5, and by more than half at 10 (measured, by simulation). Using the
    most recent one first gives about the same; using the oldest, or any, hardly ever starts cold.

    Examples
    --------
    >>> round(cold_share_newest_first(2, 1, 60), 5)
    0.00483
    """
    rate, load, expiry = _rates(
        rate_per_second, work_seconds, idle_timeout_seconds, name="idle_timeout_seconds"
    )
    cold, before, place = 0.0, 1.0, 0
    while before > _NEGLIGIBLE:
        place += 1
        blocked = float(erlang_b(place, load))
        cold += (before - blocked) * math.exp(-rate * before / expiry)
        before = blocked
    return cold


def provisioned_break_even_utilization(
    on_demand_gb_second: float,
    provisioned_gb_second: float,
    provisioned_duration_gb_second: float,
) -> float:
    """Share of the time from which on environments kept ready cost less than those on demand.

    Parameters
    ----------
    on_demand_gb_second, provisioned_gb_second, provisioned_duration_gb_second : float
        Price of a second at work on demand; of a second kept ready, at work or not; and of a
        second at work in addition to that. Any one currency. [1/GB-s]

    Returns
    -------
    float
        Above 1: never.

    Raises
    ------
    InvalidInputError
        Where working costs no less when it is provisioned: then nothing makes up for readiness.

    Notes
    -----
    At utilisation u a second costs p + u dp against u d, so u = p / (d - dp). Documented:
    https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html and
    https://aws.amazon.com/lambda/pricing/.

    Examples
    --------
    >>> provisioned_break_even_utilization(5, 1.5, 2.5)
    0.6
    """
    ready = one("provisioned_gb_second", provisioned_gb_second)
    working = one("provisioned_duration_gb_second", provisioned_duration_gb_second)
    on_demand = one("on_demand_gb_second", on_demand_gb_second)
    if on_demand <= working:
        raise refusal(
            "on_demand_gb_second", on_demand_gb_second,
            f"above provisioned_duration_gb_second {provisioned_duration_gb_second!r}",
        )  # fmt: skip
    return ready / (on_demand - working)


def _least_and_most(pair: tuple[float, float]) -> tuple[float, float]:
    if len(pair) != 2:
        raise refusal("idle_timeout_seconds", pair, "a number, or a pair of least and most", "s")
    least, most = (one("idle_timeout_seconds", value, unit="s") for value in pair)
    if most < least:
        raise refusal("idle_timeout_seconds", pair, "a pair of least and most, in that order", "s")
    return least, most


def _rates(
    rate: float, work: float, timeout: float, name: str = "mean_idle_timeout_seconds"
) -> tuple[float, float, float]:
    """Arrivals, load in erlang, and rate of expiry of one idle environment."""
    rate = one("rate_per_second", rate, unit="1/s", above_zero=True)
    load = rate * one("work_seconds", work, unit="s", above_zero=True)
    if load > _LARGEST_LOAD:
        raise refusal("rate_per_second x work_seconds", load, f"at most {_LARGEST_LOAD}", "erlang")
    return rate, load, 1 / one(name, timeout, unit="s", above_zero=True)


def _size_shares(rate: float, load: float, expiry: float) -> NDArray[np.float64]:
    """Share of time with 0, 1, ... environments where they expire slowly."""
    logs, top, blocked = [0.0], 0.0, 1.0
    while len(logs) <= load or logs[-1] > top + _NEGLIGIBLE_LOG:
        up, size = rate * blocked, len(logs)
        blocked = float(erlang_b(size, load))
        idle = size - load * (1 - blocked)
        logs.append(logs[-1] + math.log(up / (expiry * idle)))
        top = max(top, logs[-1])
    found = np.exp(np.array(logs) - top)
    return np.asarray(found / found.sum(), dtype=np.float64)


def _busy_at_most(load: float) -> int:
    """As many as are as good as never busy at once, were there environments without limit."""
    from scipy.special import pdtrc

    most = math.ceil(load)
    while pdtrc(most, load) > _NEGLIGIBLE:
        most += 1
    return most + 1


def _chain(
    rate: float, service: float, expiry: float, most: int, reference: int
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Idle environments in each state of the chain, and its share of time."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.linalg import spsolve

    busy, idle = np.nonzero(np.add.outer(np.arange(most + 1), np.arange(most + 1)) <= most)
    place = np.full((most + 1, most + 1), -1)
    place[busy, idle] = np.arange(len(busy))
    moves = (
        ((idle > 0), 1, -1, np.full(len(busy), rate)),
        ((idle == 0) & (busy < most), 1, 0, np.full(len(busy), rate)),
        ((busy > 0), -1, 1, busy * service),
        ((idle > 0), 0, -1, idle * expiry),
    )
    size = len(busy)
    flows: Any = coo_matrix((size, size))
    for can, more_busy, more_idle, rates in moves:
        start = np.flatnonzero(can)
        end = place[busy[can] + more_busy, idle[can] + more_idle]
        into = coo_matrix((rates[can], (end, start)), shape=(size, size))
        out = coo_matrix((rates[can], (start, start)), shape=(size, size))
        flows = flows + into - out
    # One state's share is set to 1 in place of its own equation, which follows from the others.
    fixed = place[min(reference, most), 0]
    others = np.flatnonzero(np.arange(size) != fixed)
    flows = flows.tocsc()
    shares = np.ones(size)
    shares[others] = spsolve(flows[others][:, others], -flows[others][:, [fixed]].toarray().ravel())
    return idle, shares / shares.sum()
