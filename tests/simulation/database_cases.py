"""Fleets whose workers ask a database, for the tests of it."""

import numpy as np

from models.distributions import Exponential, Fixed
from models.services.autoscaling import Application, AutoScalingGroup, Queries
from models.services.rds import ConnectionPoolConfiguration
from models.simulation.database.tier import with_statements
from models.workload import Constant

WORK = Fixed(seconds=0.02)
STATEMENT = Exponential(mean_seconds=0.1)
PROXY = ConnectionPoolConfiguration(max_connections_percent=100)


def fleet(instances=4, *, workers=8, application=None, most=None, **queries):
    asks = Queries(**{"time": STATEMENT, **queries})
    return AutoScalingGroup(
        name="web", min_size=instances, max_size=most or instances,
        application=Application(workers=workers, queries=asks, **(application or {})),
    )  # fmt: skip


def steady(rate, seconds=600.0, **fields):
    given = {"work": WORK, **fields}
    return Constant(rate_per_second=rate, duration_seconds=seconds, **given)


def arrivals(trace):
    return np.concatenate([chunk.arrivals for chunk in trace.chunks()])


def statements(trace, group):
    chunks = with_statements(trace, group.application.queries)
    return np.concatenate([chunk.statements for chunk in chunks])
