"""Placement of tasks and pods on hosts, and what a capacity provider makes of it.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-strategies.html,
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-auto-scaling.html
"""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidInputError
from models.scaling.capacity_provider import instances_wanted, reservation_percent
from models.scaling.packing import (
    Host,
    HostSize,
    Item,
    choose,
    hosts_needed,
    items_per_host,
    pack,
    place,
    waste,
)

SIZE = HostSize(cpu=4, memory=8)
ITEM = Item(1, 2)
STRATEGIES = ["binpack(cpu)", "binpack(memory)", "spread(zone)", "spread(host)", "random"]

items_of_any_size = st.lists(
    st.builds(Item, st.sampled_from([0.1, 0.25, 1, 2.5, 4]), st.sampled_from([0.5, 1, 3, 8])),
    max_size=40,
)


def hosts(*counts, zones=None):
    """Hosts that hold so many items, each in the zone given or in one of its own."""
    zones = range(len(counts)) if zones is None else zones
    return [
        Host(SIZE, zone=zone, items=[ITEM] * count)
        for count, zone in zip(counts, zones, strict=True)
    ]


# --- where an item goes -----------------------------------------------------------------------


def test_binpack_takes_the_host_with_the_least_left_that_still_has_room():
    first, fuller, full = hosts(1, 3, 4)
    assert choose(ITEM, [first, fuller, full], ["binpack(memory)"]) is fuller
    assert choose(ITEM, [first, fuller, full], ["binpack(cpu)"]) is fuller


def test_binpack_of_cpu_and_of_memory_differ_where_items_do():
    much_memory = Host(SIZE, items=[Item(0.5, 6)])
    much_cpu = Host(SIZE, items=[Item(3, 1)])
    assert choose(ITEM, [much_memory, much_cpu], ["binpack(memory)"]) is much_memory
    assert choose(ITEM, [much_memory, much_cpu], ["binpack(cpu)"]) is much_cpu


def test_spread_takes_the_zone_or_the_host_with_the_fewest_items():
    # Zone 0 holds three items on two hosts, zone 1 holds two on one.
    a, b, c = hosts(3, 0, 2, zones=[0, 0, 1])
    assert choose(ITEM, [a, b, c], ["spread(zone)"]) is c
    assert choose(ITEM, [a, b, c], ["spread(host)"]) is b


def test_of_what_the_first_strategy_finds_equal_the_second_chooses():
    a, b, c = hosts(1, 2, 3, zones=[0, 1, 1])
    assert choose(ITEM, [a, b, c], ["spread(zone)", "binpack(cpu)"]) is a
    a, b, c = hosts(2, 3, 1, zones=[0, 1, 0])  # three items in either zone
    assert choose(ITEM, [a, b, c], ["spread(zone)", "binpack(cpu)"]) is b


def test_hosts_without_room_are_left_out_before_any_strategy():
    full, busy = hosts(4, 3)
    assert choose(ITEM, [full, busy], ["spread(zone)"]) is busy
    assert choose(Item(1, 7), [full, busy], ["random"]) is None


def test_random_takes_every_host_in_the_end():
    rng, three = np.random.default_rng(1), hosts(0, 0, 0)
    taken = {id(choose(ITEM, three, ["random"], rng)) for _ in range(50)}
    assert len(taken) == 3


def test_a_zone_of_full_hosts_does_not_keep_an_item_from_another():
    # Zone 1 has fewer items and no room for this one.
    roomy, small = Host(SIZE, zone=0, items=[ITEM] * 2), Host(HostSize(1, 2), 1, [ITEM])
    assert choose(ITEM, [roomy, small], ["spread(zone)"]) is roomy


def test_most_items_keeps_out_what_would_fit():
    host = Host(HostSize(cpu=4, memory=8, most_items=2))
    assert [found is host for found in place([Item(0.1, 0.1)] * 3, [host])] == [True, True, False]


def test_what_is_reserved_is_not_for_items():
    size = HostSize(cpu=4, memory=8, reserved_cpu=1, reserved_memory=2.5)
    assert items_per_host(ITEM, size) == 2
    assert waste([Host(size, items=[ITEM, ITEM])]) == pytest.approx((1 / 3, 1.5 / 5.5))


def test_ten_items_of_a_tenth_fit_on_one():
    assert [len(host.items) for host in pack([Item(0.1, 0.1)] * 11, HostSize(1, 1))] == [10, 1]
    assert hosts_needed([Item(0.1, 0.1)] * 10, HostSize(1, 1)) == 1


# --- how many hosts ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("items", "size", "bound", "why"),
    [
        ([], SIZE, 0, "nothing needs nothing"),
        ([Item(1, 1)] * 9, SIZE, 3, "9 vCPU on 4 each"),
        ([Item(0.5, 3)] * 4, SIZE, 2, "12 GB on 8 each"),
        ([Item(1, 5)] * 3, SIZE, 3, "15 GB would fit on two, but no two items on one"),
        ([Item(0.1, 0.1)] * 30, HostSize(4, 8, most_items=10), 3, "30 items, 10 to a host"),
        ([Item(3, 1)] * 2 + [Item(1, 1)] * 3, SIZE, 3, "9 vCPU together, though no group needs 3"),
    ],
)
def test_the_lower_bound_by_hand(items, size, bound, why):
    assert hosts_needed(items, size) == bound, why


@given(items_of_any_size, st.sampled_from(STRATEGIES))
def test_no_placement_beats_the_lower_bound_and_no_host_holds_too_much(items, strategy):
    packed = pack(items, SIZE, [strategy])
    assert len(packed) >= hosts_needed(items, SIZE)
    assert sum(len(host.items) for host in packed) == len(items)
    for host in packed:
        assert host.items
        assert math.fsum(item.cpu for item in host.items) <= 4 + 1e-6
        assert math.fsum(item.memory for item in host.items) <= 8 + 1e-6


def test_one_size_of_item_reaches_the_bound():
    for count in range(1, 30):
        items = [Item(1, 3)] * count
        assert len(pack(items, SIZE)) == hosts_needed(items, SIZE) == math.ceil(count / 2)


def test_the_largest_first_needs_fewer_hosts():
    small, large = [Item(1, 1)] * 4, [Item(3, 1)] * 4
    assert len(pack(small + large, SIZE)) == 5
    assert len(pack(large + small, SIZE)) == 4


def test_waste_is_what_nothing_asked_for():
    assert waste(pack([Item(3, 2)] * 2, SIZE)) == pytest.approx((0.25, 0.75))


@pytest.mark.parametrize(
    ("item", "size", "said"),
    [
        (Item(5, 1), SIZE, "cpu 5 and memory 1 does not fit on a host that has cpu 4 and memory 8"),
        (Item(1, 8), HostSize(4, 8, reserved_memory=1), "does not fit .* memory 7"),
        (Item(0, 0), SIZE, "must ask for cpu or memory where most_items is not given"),
    ],
)
def test_an_item_that_no_host_can_hold_is_refused(item, size, said):
    for refusing in (items_per_host, lambda one, host: pack([one], host)):
        if item.cpu:
            with pytest.raises(InvalidInputError, match=said):
                refusing(item, size)
    with pytest.raises(InvalidInputError, match=said):
        hosts_needed([item], size)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"cpu": 4, "memory": 8, "reserved_memory": 8}, "must have something left"),
        ({"cpu": 4, "memory": 8, "reserved_cpu": -1}, "must not be negative"),
        ({"cpu": 4, "memory": 8, "most_items": 0}, r"most_items \(0\) must be at least 1"),
    ],
)
def test_a_host_that_could_hold_nothing_is_refused(fields, said):
    with pytest.raises(InvalidInputError, match=said):
        HostSize(**fields)


def test_an_unknown_strategy_is_refused_with_those_that_there_are():
    with pytest.raises(InvalidInputError, match=re.escape("'binpack' must be one of binpack(cpu)")):
        choose(ITEM, hosts(0), ["binpack"])


# --- capacity provider ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("needed", "running", "percent"),
    [(0, 0, 100), (1, 0, 200), (50, 0, 200), (0, 4, 0), (3, 4, 75), (4, 4, 100), (5, 4, 125)],
)
def test_the_reservation_and_its_special_cases(needed, running, percent):
    assert reservation_percent(needed, running) == percent


@pytest.mark.parametrize(
    ("needed", "running", "target", "wanted"),
    [
        (1, 0, 100, 2),
        (40, 0, 100, 2),
        (34, 334, 100, 34),
        (5, 4, 100, 5),
        (9, 9, 90, 10),
        (9, 10, 90, 10),
        (1, 1, 50, 2),
    ],
)
def test_instances_wanted(needed, running, target, wanted):
    assert instances_wanted(needed, running, target) == wanted


def test_the_published_cluster_of_a_thousand_tasks():
    """AWS's own: 1,000 tasks on 334 instances, three to each; of 100 tasks 34 are needed.

    https://aws.amazon.com/blogs/containers/faster-scaling-in-for-amazon-ecs-cluster-auto-scaling/
    """
    task, instance = Item(1.2, 2), HostSize(cpu=4, memory=8)
    assert hosts_needed([task] * 1000, instance) == 334
    assert hosts_needed([task] * 100, instance) == 34


def test_negative_instances_are_refused():
    with pytest.raises(InvalidInputError, match=r"running \(-1\) must be at least 0"):
        reservation_percent(1, -1)
