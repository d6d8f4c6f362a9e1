"""What AWS counts of the tasks of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from models.metering import Meter, UsageKey
from models.services.ec2.addresses import ADDRESS_IN_USE
from models.services.ecs import Service
from models.services.ecs.fargate import minimum_seconds
from models.simulation.metered import Hourly, HourlyUsage, billed_instance_seconds
from models.simulation.service.task import Task
from models.units import SECONDS_PER_HOUR


def task_hours(tasks: Sequence[Task], end: float) -> Hourly:
    """Task-hours in each hour of a run, from the pull of the image on, as AWS charges them. [h]"""
    groups = _alike(tasks)
    if not groups:
        return billed_instance_seconds([], end)
    hours = [_billed_hours(group, end) for group in groups]
    total = np.zeros(max(len(one) for one in hours))
    for one in hours:
        total[: len(one)] += one
    return total


def hourly_of_service(service: Service, tasks: Sequence[Task], end: float) -> HourlyUsage:
    """Usage of the tasks of a service in each hour of a run; on EC2 there is none."""
    found: HourlyUsage = {}
    if service.launch_type == "EC2":
        return found
    for group in _alike(tasks):
        for meter, hourly in _metered(service, group, end):
            key = UsageKey(service.name, service.region, meter)
            if np.any(hourly):
                found[key] = found[key] + hourly if key in found else hourly
    return found


def _metered(service: Service, alike: Sequence[Task], end: float) -> Iterator[tuple[Meter, Hourly]]:
    hours, first = _billed_hours(alike, end), alike[0]
    for meter, quantity in first.version.definition.metered(hours, spot=first.spot):
        yield meter, np.asarray(quantity)
    if service.assign_public_ip:
        yield ADDRESS_IN_USE, hours


def _alike(tasks: Sequence[Task]) -> list[list[Task]]:
    """Tasks that are counted alike, together; those whose image was never pulled left out."""
    groups: dict[tuple[object, ...], list[Task]] = {}
    for task in tasks:
        if task.begun:
            groups.setdefault((repr(task.version.definition), task.spot), []).append(task)
    return list(groups.values())


def _billed_hours(alike: Sequence[Task], end: float) -> Hourly:
    least = minimum_seconds(alike[0].version.definition.operating_system_family)
    return billed_instance_seconds(alike, end, least) / SECONDS_PER_HOUR
