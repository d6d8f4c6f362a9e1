"""Where to put what asks for CPU and memory: on which host, on how many, and what stays empty.

Tasks on container instances and pods on nodes alike. CPU and memory have any unit, as long as
items and hosts have the same one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np

from models.errors import InvalidInputError

Strategy = Literal["binpack(cpu)", "binpack(memory)", "spread(zone)", "spread(host)", "random"]

#: What floats leave over does not keep an item out: ten of 0.1 fit where there is 1.
_NOISE = 1e-9


class Item(NamedTuple):
    """What one task or pod asks for.

    Parameters
    ----------
    cpu, memory : float
        [unit of the hosts]
    """

    cpu: float
    memory: float


@dataclass(frozen=True)
class HostSize:
    """What one host has.

    Parameters
    ----------
    cpu, memory : float
        [unit of the items]
    most_items : int, optional
        The most it can hold, however small they are; without limit unless given.
    reserved_cpu, reserved_memory : float
        Kept back for the operating system and the agents. [unit of the items]

    Raises
    ------
    InvalidInputError
        Where nothing is left for items.
    """

    cpu: float
    memory: float
    most_items: int | None = None
    reserved_cpu: float = 0.0
    reserved_memory: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.reserved_cpu < self.cpu and 0 <= self.reserved_memory < self.memory):
            raise InvalidInputError(
                f"a host of cpu {self.cpu:g} and memory {self.memory:g} must have something left"
                f" beside the reserved cpu {self.reserved_cpu:g} and memory"
                f" {self.reserved_memory:g}, which must not be negative"
            )
        if self.most_items is not None and self.most_items < 1:
            raise InvalidInputError(f"most_items ({self.most_items}) must be at least 1")

    @property
    def usable(self) -> Item:
        """CPU and memory for items."""
        return Item(self.cpu - self.reserved_cpu, self.memory - self.reserved_memory)


@dataclass(eq=False)
class Host:
    """One host and what it holds.

    Parameters
    ----------
    size : HostSize
    zone : int
        Availability Zone, counted from 0.
    """

    size: HostSize
    zone: int = 0
    items: list[Item] = field(default_factory=list)

    @property
    def free(self) -> Item:
        """CPU and memory that no item has asked for."""
        usable = self.size.usable
        return Item(
            usable.cpu - math.fsum(one.cpu for one in self.items),
            usable.memory - math.fsum(one.memory for one in self.items),
        )

    def fits(self, item: Item) -> bool:
        """Whether there is room for one more."""
        most, free, usable = self.size.most_items, self.free, self.size.usable
        return (
            (most is None or len(self.items) < most)
            and item.cpu <= free.cpu + _NOISE * usable.cpu
            and item.memory <= free.memory + _NOISE * usable.memory
        )


class Waste(NamedTuple):
    """Parts of the hosts that no item has asked for, reserved parts left out.

    Parameters
    ----------
    cpu_share, memory_share : float
        [share]
    """

    cpu_share: float
    memory_share: float


def choose(
    item: Item,
    hosts: Sequence[Host],
    strategies: Sequence[Strategy] = ("binpack(memory)",),
    rng: np.random.Generator | None = None,
) -> Host | None:
    """The host that an item goes to; None where no host has room. Nothing is placed yet.

    Parameters
    ----------
    item : Item
    hosts : sequence of Host
        Whose items are all of one service, which is what AWS spreads.
    strategies : sequence of str
        ``binpack(cpu)`` and ``binpack(memory)`` take the host with the least of it left,
        ``spread(zone)`` and ``spread(host)`` the zone or host with the fewest items, ``random``
        any. Of those that the first finds equal the second chooses, and so on; at last the first
        host.
    rng : numpy random generator, optional
        For ``random``; seed 0 unless given.

    Raises
    ------
    InvalidInputError
        Where there is no such strategy.

    Notes
    -----
    Documented: hosts without room are left out first, then strategies count in their order
    (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-strategies.html;
    its names of the fields are ``attribute:ecs.availability-zone`` and ``instanceId``). Assumed:
    which host is taken of those that all strategies find equal.

    Examples
    --------
    >>> size = HostSize(cpu=4, memory=8)
    >>> full, empty = Host(size, zone=0, items=[Item(1, 2)]), Host(size, zone=1)
    >>> choose(Item(1, 2), [empty, full], ["binpack(cpu)"]) is full
    True
    >>> choose(Item(1, 2), [full, empty], ["spread(zone)"]) is empty
    True
    >>> choose(Item(4, 8), [full])
    """
    able = [host for host in hosts if host.fits(item)]
    for strategy in strategies:
        if not able:
            return None
        if strategy == "random":
            generator = np.random.default_rng(0) if rng is None else rng
            return able[int(generator.integers(len(able)))]
        rank = _ranks(strategy, hosts)
        ranks = [rank(host) for host in able]
        able = [host for host, one in zip(able, ranks, strict=True) if one == min(ranks)]
    return able[0] if able else None


def _ranks(strategy: str, hosts: Sequence[Host]) -> Callable[[Host], float]:
    """How a strategy rates a host: the smallest is taken."""
    if strategy == "binpack(cpu)":
        return lambda host: round(host.free.cpu, 9)
    if strategy == "binpack(memory)":
        return lambda host: round(host.free.memory, 9)
    if strategy == "spread(host)":
        return lambda host: len(host.items)
    if strategy == "spread(zone)":
        held: Counter[int] = Counter()
        for host in hosts:
            held[host.zone] += len(host.items)
        return lambda host: held[host.zone]
    allowed = "binpack(cpu), binpack(memory), spread(zone), spread(host), random"
    raise InvalidInputError(f"strategy {strategy!r} must be one of {allowed}")


def place(
    items: Iterable[Item],
    hosts: Sequence[Host],
    strategies: Sequence[Strategy] = ("binpack(memory)",),
    rng: np.random.Generator | None = None,
) -> list[Host | None]:
    """Put items on hosts, one after the other; for each its host, None where none has room.

    Parameters and refusals as `choose`; the hosts hold the items afterwards.

    Examples
    --------
    >>> hosts = [Host(HostSize(cpu=2, memory=4)) for _ in range(2)]
    >>> placed = place([Item(1, 1)] * 5, hosts, ["spread(host)"])
    >>> [None if host is None else hosts.index(host) for host in placed]
    [0, 1, 0, 1, None]
    """
    found = []
    for item in items:
        host = choose(item, hosts, strategies, rng)
        if host is not None:
            host.items.append(item)
        found.append(host)
    return found


def pack(
    items: Iterable[Item],
    size: HostSize,
    strategies: Sequence[Strategy] = ("binpack(memory)",),
    rng: np.random.Generator | None = None,
) -> list[Host]:
    """Put items on hosts of one size, another host wherever no host has room.

    Parameters as `choose`. In which order items come matters: the largest first needs fewer hosts.

    Raises
    ------
    InvalidInputError
        Where an item does not fit on an empty host.

    Examples
    --------
    >>> [len(host.items) for host in pack([Item(1, 3)] * 5, HostSize(cpu=4, memory=8))]
    [2, 2, 1]
    """
    hosts: list[Host] = []
    for item in items:
        host = choose(item, hosts, strategies, rng)
        if host is None:
            items_per_host(item, size)
            hosts.append(host := Host(size))
        host.items.append(item)
    return hosts


def items_per_host(item: Item, size: HostSize) -> int:
    """How many like `item` one host can hold.

    Raises
    ------
    InvalidInputError
        Where not even one fits, or the item asks for nothing that a host could run out of.

    Examples
    --------
    >>> items_per_host(Item(0.5, 1), HostSize(cpu=2, memory=8, reserved_memory=0.5))
    4
    """
    usable, limits = size.usable, []
    if item.cpu > 0:
        limits.append(usable.cpu / item.cpu)
    if item.memory > 0:
        limits.append(usable.memory / item.memory)
    if size.most_items is not None:
        limits.append(size.most_items)
    if not limits:
        raise InvalidInputError("an item must ask for cpu or memory where most_items is not given")
    count = math.floor(min(limits) * (1 + _NOISE))
    if count < 1:
        raise InvalidInputError(
            f"an item of cpu {item.cpu:g} and memory {item.memory:g} does not fit on a host that"
            f" has cpu {usable.cpu:g} and memory {usable.memory:g} for items"
        )
    return count


def hosts_needed(items: Iterable[Item], size: HostSize) -> int:
    """The fewest hosts that could hold the items: a lower bound, which no placement can beat.

    The largest of what all CPU, all memory, all items together need, and of what each group of
    equal items needs by itself.

    Raises
    ------
    InvalidInputError
        As `items_per_host`, for any of the items.

    Examples
    --------
    >>> hosts_needed([Item(1, 3)] * 5, HostSize(cpu=4, memory=8))
    3
    >>> hosts_needed([Item(1, 1)] * 4 + [Item(2, 2)] * 3, HostSize(cpu=4, memory=8))
    3
    """
    alike = Counter(items)
    bounds = [0.0]
    for item, count in alike.items():
        bounds.append(count / items_per_host(item, size))
    usable = size.usable
    bounds.append(math.fsum(item.cpu * count for item, count in alike.items()) / usable.cpu)
    bounds.append(math.fsum(item.memory * count for item, count in alike.items()) / usable.memory)
    if size.most_items is not None:
        bounds.append(alike.total() / size.most_items)
    return math.ceil(max(bounds) * (1 - _NOISE))


def waste(hosts: Sequence[Host]) -> Waste:
    """How much of the hosts' CPU and memory, reserved parts left out, no item has asked for.

    Examples
    --------
    >>> hosts = pack([Item(1, 4)] * 3, HostSize(cpu=4, memory=8))
    >>> waste(hosts)
    Waste(cpu_share=0.625, memory_share=0.25)
    >>> waste([])
    Waste(cpu_share=0.0, memory_share=0.0)
    """
    if not hosts:
        return Waste(0.0, 0.0)
    free, usable = [host.free for host in hosts], [host.size.usable for host in hosts]
    return Waste(
        math.fsum(one.cpu for one in free) / math.fsum(one.cpu for one in usable),
        math.fsum(one.memory for one in free) / math.fsum(one.memory for one in usable),
    )
