"""Provisioned concurrency that is asked for, allocated, and changed by schedules and policies.

Documented: https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.scaling import clipped
from models.services.lambda_ import Function
from models.simulation.functions.assembling import limits_of
from models.simulation.functions.assumptions import FunctionAssumptions
from models.simulation.functions.outcomes import PROVISIONED
from models.simulation.functions.pool import Functions, Totals
from models.simulation.scaling import MINUTE_SECONDS, Declared

if TYPE_CHECKING:
    from models.simulation.clock import Clock
    from models.simulation.group import Steps


class Allocation(NamedTuple):
    """One change of the provisioned concurrency of a function.

    Parameters
    ----------
    seconds : float
        When it was asked for. [s]
    function : str
    before, after : int
        Provisioned concurrency. [environments]
    ready_seconds : float
        When all of it serves. [s]
    cause : str
    """

    seconds: float
    function: str
    before: int
    after: int
    ready_seconds: float
    cause: str


class Limits:
    """Keeps the limits of all functions in step with their provisioned concurrency."""

    def __init__(self, declared: Sequence[Function], engine: Functions) -> None:
        self._declared, self._engine = declared, engine
        self.allocated = [one.provisioned_concurrent_executions for one in declared]
        self.configured = list(self.allocated)
        self._areas = np.zeros((2, len(declared)))
        self._since = 0.0

    def areas(self, now: float) -> NDArray[np.float64]:
        """Allocated and configured environments of each function, integrated until `now`. [s]"""
        self._areas += (now - self._since) * np.array([self.allocated, self.configured])
        self._since = now
        return self._areas.copy()

    def configure(self, now: float, number: int, environments: int) -> None:
        """So many environments of a function are asked for, and billed, from now on."""
        self.areas(now)
        self.configured[number] = environments

    def allocate(self, now: float, number: int, environments: int) -> None:
        """So many environments of a function serve from now on."""
        self.areas(now)
        self.allocated[number] = environments
        self._engine.set_provisioned(number, environments)
        for pool, limit in enumerate(limits_of(self._declared, self.allocated)):
            self._engine.set_limit(pool, limit)


class ProvisionedConcurrency:
    """The provisioned concurrency of one function: what a policy can scale, as it does a group.

    Parameters
    ----------
    clock : Clock
    number : int
        Of the function.
    function : Function
    limits : Limits
    assumptions : FunctionAssumptions
    note : function
        Hears of each `Allocation`.
    """

    def __init__(
        self, clock: Clock, number: int, function: Function, *, limits: Limits,
        assumptions: FunctionAssumptions, note: Callable[[Allocation], None],
    ) -> None:  # fmt: skip
        scaling = function.provisioned_scaling
        assert scaling is not None
        self.clock, self.number, self.function = clock, number, function
        self.group = Declared(function.name, scaling.policies, scaling.scheduled_actions)
        self.min_size, self.max_size = scaling.min_capacity, scaling.max_capacity
        self.desired = function.provisioned_concurrent_executions
        self.instances: list[Any] = []
        self._limits, self._assumptions, self._note = limits, assumptions, note
        self._turn = 0

    def contributing(self, warmup_seconds: float) -> range:
        """As many as are allocated."""
        return range(self._limits.allocated[self.number])

    def warming(self, warmup_seconds: float) -> int:
        """Asked for and not allocated yet."""
        return max(self.desired - self._limits.allocated[self.number], 0)

    def may_scale_simply(self, cooldown_seconds: float) -> bool:
        """Application Auto Scaling has no simple scaling."""
        return False

    def set_sizes(self, min_size: int, max_size: int, desired: int, cause: str) -> None:
        """Change the bounds, as a scheduled action does."""
        self.min_size, self.max_size = min_size, max_size
        self.set_desired(desired, f"A scheduled action set capacity {min_size} to {max_size}.")

    def set_desired(self, capacity: int, cause: str) -> None:
        """Ask for so much: less is there at once, more when all of it is allocated."""
        before, self.desired = self.desired, clipped(capacity, self.min_size, self.max_size)
        if self.desired == before:
            return
        self._turn += 1
        self._limits.configure(self.clock.now, self.number, self.desired)
        now, more = self.clock.now, self.desired - self._limits.allocated[self.number]
        ready = now + self._delay(more) if more > 0 else now
        self._note(Allocation(now, self.function.name, before, self.desired, ready, cause))
        if more > 0:
            self.clock.process(self._allocate(self._turn, ready))
        else:
            self._limits.allocate(self.clock.now, self.number, self.desired)

    def _delay(self, more: int) -> float:
        per_second = self._assumptions.provisioned_allocation_per_minute / MINUTE_SECONDS
        return self._assumptions.provisioned_start_seconds + more / per_second

    def _allocate(self, turn: int, ready: float) -> Steps:
        yield self.clock.until(ready)
        if turn == self._turn:
            self._limits.allocate(self.clock.now, self.number, self.desired)


def utilization(number: int, before: Totals, now: Totals, allocated: float) -> float | None:
    """Mean share of the provisioned environments at work; nothing where none was invoked. [share]

    `allocated` is integrated over the same stretch of time. [s] Documented: no datapoint while
    nobody invokes the function.
    """
    used = float(now.provisioned_seconds[number] - before.provisioned_seconds[number])
    invoked = now.starts[number, PROVISIONED] - before.starts[number, PROVISIONED]
    if not allocated or not invoked:
        return None
    return used / allocated
