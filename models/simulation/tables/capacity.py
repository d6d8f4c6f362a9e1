"""Capacity that changes: by auto scaling within a daily budget, or on demand with the last peak."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from models.quotas import value_of
from models.scaling import clipped
from models.services.dynamodb import ScalableTarget
from models.simulation.scaling import Declared
from models.units import HOURS_PER_DAY, SECONDS_PER_HOUR

if TYPE_CHECKING:
    from models.simulation.clock import Clock
    from models.simulation.group import Steps

SUCCESSFUL, FAILED = "Successful", "Failed"


class CapacityChange(NamedTuple):
    """One request to change the provisioned capacity of a table.

    Parameters
    ----------
    seconds : float
        When it was asked for. [s]
    capacity : str
        ``read`` or ``write``.
    before, after : int
        [units]
    ready_seconds : float
        When it serves; not a number where it was refused. [s]
    status : str
        ``Successful``, or ``Failed`` where no decrease was left. Of failures in a row only the
        first is noted.
    cause : str
    """

    seconds: float
    capacity: str
    before: int
    after: int
    ready_seconds: float
    status: str
    cause: str


class Decreases:
    """How often the capacity of a table may still be decreased on this day.

    Documented:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html: four at
    the start of a day (UTC), one more each hour, never more than four at a time.

    Examples
    --------
    >>> left = Decreases(start_of_day_seconds=0)
    >>> sum(left.take(minute * 60) for minute in range(24 * 60))
    27
    """

    def __init__(self, start_of_day_seconds: float) -> None:
        self._offset = start_of_day_seconds
        self._most = int(value_of("dynamodb", "decreases_at_day_start"))
        self._hourly = int(value_of("dynamodb", "decreases_per_hour"))
        self._hour, self._left = self._hour_of(0.0), self._most

    def _hour_of(self, now: float) -> int:
        return int((now + self._offset) // SECONDS_PER_HOUR)

    def take(self, now: float) -> bool:
        """Use one if there is one."""
        hour = self._hour_of(now)
        new_day = hour // HOURS_PER_DAY != self._hour // HOURS_PER_DAY
        more = self._most if new_day else self._hourly * (hour - self._hour)
        self._hour, self._left = hour, min(self._left + more, self._most)
        if not self._left:
            return False
        self._left -= 1
        return True


class ScaledCapacity:
    """The read or the write capacity of a table: what a policy can scale, as it does a group.

    Parameters
    ----------
    clock : Clock
    name : str
        Of the table.
    capacity : str
        ``read`` or ``write``.
    scaling : ScalableTarget
    units : int
        Provisioned at the start.
    warm : float
        What the table can serve at once. [1/s]
    update_seconds : float
    decreases : Decreases
        Shared by reads and writes. Assumed: each change is an update of its own.
    apply : function
        Makes so many units serve from now on.
    note : function
        Hears of each `CapacityChange`.
    """

    def __init__(
        self, clock: Clock, name: str, capacity: str, scaling: ScalableTarget, *, units: int,
        warm: float, update_seconds: float, decreases: Decreases, apply: Callable[[int], None],
        note: Callable[[CapacityChange], None],
    ) -> None:  # fmt: skip
        metric = f"DynamoDB{capacity.capitalize()}CapacityUtilization"
        self.clock, self.capacity, self.metric_name = clock, capacity, metric
        scaled = f"table/{name}:{capacity}"
        self.group = Declared(scaled, (scaling.policy(metric),), scaling.scheduled_actions)
        self.min_size, self.max_size = scaling.min_capacity, scaling.max_capacity
        self.desired = self._active = units
        self.instances: list[Any] = []
        self._warm, self._update_seconds = max(warm, units), update_seconds
        self._decreases, self._apply, self._note = decreases, apply, note
        self._refused = False

    def contributing(self, warmup_seconds: float) -> range:
        """As many as serve."""
        return range(self._active)

    def warming(self, warmup_seconds: float) -> int:
        """Asked for and not there yet."""
        return max(self.desired - self._active, 0)

    def may_scale_simply(self, cooldown_seconds: float) -> bool:
        """Application Auto Scaling has no simple scaling."""
        return False

    def set_sizes(self, min_size: int, max_size: int, desired: int, cause: str) -> None:
        """Change the bounds, as a scheduled action does."""
        self.min_size, self.max_size = min_size, max_size
        self.set_desired(desired, f"A scheduled action set capacity {min_size} to {max_size}.")

    def set_desired(self, capacity: int, cause: str) -> None:
        """Ask for so much: what the table had before is there at once, more only in a while."""
        before, after = self.desired, clipped(capacity, self.min_size, self.max_size)
        now = self.clock.now
        if after == before:
            return
        if after < before and not self._decreases.take(now):
            if not self._refused:
                refused = (before, after, float("nan"), FAILED, cause)
                self._note(CapacityChange(now, self.capacity, *refused))
            self._refused = True
            return
        self.desired, self._refused = after, False
        waits = after > self._warm and after > self._active
        ready = float(int(now + self._update_seconds)) if waits else now
        change = CapacityChange(now, self.capacity, before, after, ready, SUCCESSFUL, cause)
        self._note(change)
        if waits:
            self.clock.process(self._later(after, ready))
        else:
            self._serve(after)

    def _later(self, units: int, ready: float) -> Steps:
        yield self.clock.until(ready)
        if units == self.desired:
            self._serve(units)

    def _serve(self, units: int) -> None:
        self._active, self._warm = units, max(self._warm, units)
        self._apply(units)


class Peak:
    """What a table serves at once on demand: double its peak, as it was half an hour ago.

    Documented:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html.
    Assumed: the peak is that of whole minutes, and counts from half an hour after it.

    Examples
    --------
    >>> peak = Peak(4000)
    >>> [peak.after_minute(4000) for _ in range(31)][-2:]
    [4000, 8000]
    """

    def __init__(self, units: float) -> None:
        self.units = units
        self._factor = value_of("dynamodb", "on_demand_peak_factor")
        self._minutes: deque[float] = deque()
        self._held = int(value_of("dynamodb", "on_demand_peak_seconds") // 60)

    def after_minute(self, units: float) -> float:
        """What is served at once after a minute with so many units a second. [1/s]"""
        self._minutes.append(units)
        if len(self._minutes) > self._held:
            self.units = max(self.units, self._factor * self._minutes.popleft())
        return self.units
