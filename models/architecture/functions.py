"""A tier of functions that answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.architecture.balancing import balancer_usage
from models.architecture.load import Load
from models.architecture.tiers import overload
from models.metering import Usage
from models.quotas import value_of
from models.resource import Resource
from models.services.elbv2 import ApplicationLoadBalancer
from models.services.lambda_ import Function, Invocation
from models.services.lambda_.rules import MS_PER_SECOND
from models.simulation import FunctionRun, simulate_functions
from models.theory import erlang_b
from models.units import BillingPeriod
from models.workload import Trace

#: Length of a row of the timeline, where no policy needs shorter ones. [s]
ROW_SECONDS = 3600


@dataclass(frozen=True)
class BalancedRun:
    """A run of functions behind an Application Load Balancer.

    Parameters
    ----------
    run : FunctionRun
    load_balancer : ApplicationLoadBalancer
    """

    run: FunctionRun
    load_balancer: ApplicationLoadBalancer

    @property
    def duration_seconds(self) -> float:
        """Time simulated. [s]"""
        return self.run.duration_seconds

    @property
    def outcomes(self) -> Mapping[str, float]:
        """Requests by how they ended."""
        return self.run.outcomes

    @property
    def records(self) -> NDArray[np.void] | None:
        """One row for each request, where they were kept."""
        return self.run.records

    @property
    def histogram(self) -> NDArray[Any]:
        """Answers by the time that they took."""
        return self.run.histogram

    def latency_seconds(self, share: float) -> float:
        """Time within which `share` of the answers came. [s]"""
        return self.run.latency_seconds(share)

    def usage(self, period: BillingPeriod) -> Usage:
        """Functions and load balancer."""
        requests = self.run.hourly_requests()
        return self.run.usage(period) + balancer_usage(
            self.load_balancer, requests, self.duration_seconds, period, to_functions=True
        )


@dataclass(frozen=True)
class Functions:
    """A function, with an API, a load balancer or nothing but its URL in front.

    Parameters
    ----------
    invocation : Invocation
    load_balancer : ApplicationLoadBalancer, optional
        In front of the function; then it has no API.
    slowdown : float
        How much longer the handler takes at this memory than the trace says.
    """

    invocation: Invocation
    load_balancer: ApplicationLoadBalancer | None = None
    slowdown: float = 1.0

    asynchronous = False

    @property
    def name(self) -> str:
        """That of the function."""
        return self.function.name

    @property
    def function(self) -> Function:
        """The function that is invoked."""
        return self.invocation.function

    @property
    def resources(self) -> tuple[Resource, ...]:
        """What stands in front, and the function with those that it calls."""
        front = (self.invocation.api, self.load_balancer)
        called = tuple(call.function for call in self.invocation.calls)
        return (*(one for one in front if one is not None), self.function, *called)

    def capacity_per_second(self, load: Load) -> float:
        """Requests that the function's concurrency, and the API in front, let through. [1/s]"""
        function, api = self.function, self.invocation.api
        most = function.reserved_concurrent_executions
        concurrency = function.account_concurrency if most is None else most
        per_unit = value_of("lambda", "requests_per_concurrency")
        answered = concurrency * min(1 / self._held_seconds(load), per_unit)
        return min(answered, float("inf") if api is None else api.throttle_rate_per_second)

    def _held_seconds(self, load: Load) -> float:
        """Time that a request holds an environment, its calls with it. [s]"""
        own = load.work.mean_seconds * self.slowdown
        return own + sum(call.work.mean_seconds for call in self.invocation.calls)

    def obstacles(self, load: Load) -> Iterator[str]:
        """Work that takes longer than a limit, or too much concurrency."""
        held = self._held_seconds(load)
        function, patience = self.function, self.invocation.patience_seconds
        if held > function.timeout_seconds:
            most = value_of("lambda", "timeout_seconds_max")
            yield (
                f"{self.name}: a request takes {held:,.4g} s on average, and the function is ended"
                f" after {function.timeout_seconds:,} s (AWS allows at most {most:,.0f})"
            )
        elif held > patience:
            yield (
                f"{self.name}: a request takes {held:,.4g} s on average, and what stands in front"
                f" waits {patience:,.4g} s"
            )
        limit = "its concurrency, or the throttle in front of it,"
        yield from overload(self.name, load, self.capacity_per_second(load), limit)

    def simulate(
        self, trace: Trace, *, seed: int, keep_records: bool = False
    ) -> FunctionRun | BalancedRun:
        """Run a trace through the function."""
        policies = self.function.provisioned_scaling is not None
        run = simulate_functions(
            self.invocation, trace.slowed(self.slowdown), seed=seed,
            row_seconds=60 if policies else ROW_SECONDS, keep_records=keep_records,
        )  # fmt: skip
        return run if self.load_balancer is None else BalancedRun(run, self.load_balancer)

    def estimate(self, load: Load, period: BillingPeriod) -> Usage:
        """Requests and their duration, without cold starts; provisioned concurrency, as it starts.

        What provisioned concurrency serves is by Erlang's loss formula: nobody waits for it.
        """
        requests = load.requests_in(period)
        held_ms = billed_ms(self._held_seconds(load), self.function)
        served = self._share_provisioned(load)
        function = self.function.replace(
            requests=requests, duration_ms=held_ms, provisioned_requests=requests * served
        )
        parts = [function.estimate(period)]
        if self.invocation.api is not None:
            parts.append(self.invocation.api.replace(requests=requests).estimate(period))
        if self.load_balancer is not None:
            parts.append(
                balancer_usage(
                    self.load_balancer, load.hourly_requests, load.duration_seconds, period,
                    to_functions=True,
                )
            )  # fmt: skip
        for call in self.invocation.calls:
            duration_ms = billed_ms(call.work.mean_seconds, call.function)
            called = call.function.replace(requests=requests, duration_ms=duration_ms)
            parts.append(called.estimate(period))
        return Usage.sum(parts, period=period)

    def _share_provisioned(self, load: Load) -> float:
        """Share of the requests that find a provisioned environment idle. [share]"""
        kept = self.function.provisioned_concurrent_executions
        if not kept:
            return 0.0
        lost = erlang_b(kept, load.per_second * self._held_seconds(load))
        return float(1 - (lost * load.hourly_requests).sum() / load.requests)


def billed_ms(held_seconds: float, function: Function) -> float:
    """Time charged for a request: no longer than the function may run. [ms]"""
    return min(held_seconds, function.timeout_seconds) * MS_PER_SECOND
