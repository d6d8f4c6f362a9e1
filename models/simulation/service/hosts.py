"""Container instances: where tasks on EC2 find room, and how many there are.

Documented: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-auto-scaling.html.

Assumed: only instances without tasks are removed, as with managed termination protection; the
metric is what it is at the full minute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from models.distributions import Duration
from models.quotas import value_of
from models.scaling import TargetTrackingPolicy
from models.scaling.arithmetic import clipped
from models.scaling.capacity_provider import RESERVATION, instances_wanted, reservation_percent
from models.scaling.packing import Host, Item, Strategy, choose, hosts_needed
from models.services.ecs import CapacityProvider
from models.simulation import activities
from models.simulation.activities import ActivityLog
from models.simulation.clock import Clock
from models.simulation.controller import Steps
from models.simulation.instance import (
    IN_SERVICE,
    PENDING,
    TERMINATED,
    Changes,
    GroupInstance,
)
from models.simulation.metrics import Observed
from models.simulation.scaling import Declared


class ContainerInstance(GroupInstance):
    """An instance of the capacity provider, and what it holds once it is in service."""

    host: Host
    #: Versions whose image is there already.
    images: set[int]


def tracking(provider: CapacityProvider) -> TargetTrackingPolicy:
    """The policy that Amazon ECS makes for a capacity provider.

    >>> tracking(CapacityProvider(name="hosts")).alarms("hosts").low.evaluation_periods
    15
    """
    return TargetTrackingPolicy(
        name="managed scaling", custom_metric=RESERVATION,
        target_value=provider.target_capacity_percent,
        scale_out_periods=int(value_of("ecs", "capacity_provider_high_points")),
        scale_in_periods=int(value_of("ecs", "capacity_provider_low_points")), scale_in_ratio=1.0,
        scale_in_max_share=value_of("ecs", "capacity_provider_scale_in_percent") / 100,
        estimated_instance_warmup_seconds=provider.instance_warmup_seconds,
    )  # fmt: skip


class ContainerInstances:
    """Keeps as many instances as desired; a policy can scale it.

    Parameters
    ----------
    clock : Clock
    provider : CapacityProvider
    strategies : sequence of str
        How a task finds its instance: see `models.scaling.packing.choose`.
    log : ActivityLog
    rng : numpy random generator
        Draws launch times and ids, and hosts where placement is random.
    """

    def __init__(
        self, clock: Clock, provider: CapacityProvider, *, strategies: Sequence[Strategy],
        log: ActivityLog, rng: np.random.Generator,
    ) -> None:  # fmt: skip
        self.clock, self.provider, self._strategies = clock, provider, strategies
        self._log, self._rng = log, rng
        policies = (tracking(provider),) if provider.managed_scaling else ()
        self.group = Declared(provider.name, policies)
        self.min_size, self.max_size = provider.min_size, provider.max_size
        self.desired = 0
        self.instances: list[ContainerInstance] = []
        self.retired: list[ContainerInstance] = []
        self.changes = Changes()
        #: What all tasks ask for, those that wait for room with them.
        self.items: Callable[[], Iterable[Item]] = list
        #: Called where there is room that was not there before.
        self.on_room: Callable[[], None] = lambda: None

    def begin(self, items: Sequence[Item]) -> None:
        """Have the instances of the start: as declared, or as many as these tasks need."""
        provider, size = self.provider, self.provider.host_size
        self.desired = provider.desired_capacity or 0
        if provider.desired_capacity is None:
            needed = hosts_needed(items, size)
            wanted = instances_wanted(needed, needed, provider.target_capacity_percent)
            self.desired = clipped(wanted if needed else 0, self.min_size, self.max_size)
        for _ in range(self.desired):
            instance = self._new_instance()
            instance.running_seconds = self.clock.now
            self._in_service(instance, -float("inf"))

    def metrics(self) -> dict[str, Callable[[Observed], float]]:
        """`CapacityProviderReservation`, for `DynamicScaling`."""
        return {RESERVATION: lambda seen: self.reservation()}

    def reservation(self) -> float:
        """How much of the instances in service is needed. [percent]"""
        needed = hosts_needed(self.items(), self.provider.host_size)
        return reservation_percent(needed, len(self.in_service()))

    def in_service(self) -> list[ContainerInstance]:
        """Those that take tasks."""
        return [one for one in self.instances if one.in_service]

    # --- room ---------------------------------------------------------------------------------

    def place(self, item: Item) -> ContainerInstance | None:
        """Put a task where the strategies say; None where there is no room."""
        able = self.in_service()
        host = choose(item, [one.host for one in able], self._strategies, self._rng)
        if host is None:
            return None
        host.items.append(item)
        return next(one for one in able if one.host is host)

    def release(self, host: Host, item: Item) -> None:
        """A task has left its host."""
        host.items.remove(item)
        self.on_room()

    # --- what policies see --------------------------------------------------------------------

    def contributing(self, warmup_seconds: float) -> Sequence[Any]:
        """Instances in service; where there is none target tracking counts one."""
        return self.in_service() or [None]

    def warming(self, warmup_seconds: float) -> int:
        """Instances that launch or warm up."""
        begun = self.clock.now - warmup_seconds
        return sum(one.in_service_seconds > begun for one in self.instances)

    def may_scale_simply(self, cooldown_seconds: float) -> bool:
        """Managed scaling only tracks its target."""
        return False

    def set_sizes(self, min_size: int, max_size: int, desired: int, cause: str) -> None:
        """Managed scaling never changes the bounds."""
        raise TypeError("a capacity provider has no scheduled actions")

    def set_desired(self, capacity: int, cause: str) -> None:
        """Launch at least and at most a step, or remove instances that hold no task."""
        provider = self.provider
        if capacity > self.desired:
            least, most = provider.minimum_scaling_step_size, provider.maximum_scaling_step_size
            step = clipped(capacity - self.desired, least, most)
            added = min(self.desired + step, self.max_size) - self.desired
            self.desired += added
            for _ in range(added):
                self.clock.process(self._launch(self._new_instance(), cause))
            return
        empty = [one for one in self.in_service() if not one.host.items]
        leaving = empty[: self.desired - capacity]
        self.desired -= len(leaving)
        for instance in leaving:
            self._terminate(instance, cause)

    # --- instances ----------------------------------------------------------------------------

    def fail(self, host: Host) -> None:
        """The instance of that host is gone at once; another one is launched."""
        instance = next(one for one in self.instances if one.host is host)
        time = self._log.timestamp(self.clock.now)
        self._terminate(instance, activities.unhealthy(time, "EC2"))
        self.clock.process(self._launch(self._new_instance(), "Replacement."))

    def _new_instance(self) -> ContainerInstance:
        held = [one.zone for one in self.instances]
        zones = [held.count(zone) for zone in range(self.provider.availability_zones)]
        zone = zones.index(min(zones))
        instance_id = f"i-{int(self._rng.integers(1 << 62)):017x}"
        instance = ContainerInstance(self.changes, instance_id, -1, zone, self.clock.now, PENDING)
        instance.host = Host(self.provider.host_size, zone)
        instance.images = set()
        self.instances.append(instance)
        return instance

    def _launch(self, instance: ContainerInstance, cause: str) -> Steps:
        now, name = self.clock.now, self.group.name
        description = activities.launching(instance.instance_id)
        activity = self._log.begin(now, description, cause, group=name, change=1)
        yield self.clock.after(self._drawn(self.provider.launch))
        instance.running_seconds = self.clock.now
        boot = self._drawn(self.provider.os_boot) + self._drawn(self.provider.agent_start)
        yield self.clock.after(boot)
        self._in_service(instance, self.clock.now)
        self._log.end(activity, self.clock.now)
        self.on_room()

    def _in_service(self, instance: ContainerInstance, since: float) -> None:
        instance.state, instance.in_service_seconds = IN_SERVICE, since

    def _terminate(self, instance: ContainerInstance, cause: str) -> None:
        now, name = self.clock.now, self.group.name
        description = activities.terminating(instance.instance_id)
        activity = self._log.begin(now, description, cause, group=name, change=-1)
        instance.state, instance.terminated_seconds = TERMINATED, now
        self.instances.remove(instance)
        self.retired.append(instance)
        self._log.end(activity, now)

    def _drawn(self, duration: Duration) -> float:
        return float(duration.draw(self._rng, 1)[0])
