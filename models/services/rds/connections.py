"""How many connections a fleet opens, and what RDS Proxy changes.

A fleet opens instances x pool connections whether they are used or not; a proxy lends one out for
the time of a transaction.
"""

from __future__ import annotations

from typing import Annotated, Self

import numpy as np
from pydantic import Field, field_validator, model_validator

from models.errors import InvalidInputError
from models.metering import Quantity
from models.quotas import quota, refuse_outside, value_of
from models.resource import Settings
from models.theory.limits import little_length
from models.theory.numbers import amount, plain, share

PERCENT = 100

Percent = Annotated[int, Field(strict=True)]
Seconds = Annotated[int, Field(strict=True)]


def connections_needed(instances: Quantity, pool_size: Quantity) -> Quantity:
    """Connections that a fleet opens: every instance fills a pool of its own.

    Parameters
    ----------
    instances : float or array
        Instances, tasks or execution environments.
    pool_size : float or array
        Connections that each of them keeps open.

    Raises
    ------
    InvalidInputError

    Examples
    --------
    >>> connections_needed(20, 50)
    1000.0
    """
    return plain(amount("instances", instances) * amount("pool_size", pool_size))


def largest_fleet(
    max_connections: Quantity, pool_size: Quantity, reserved: Quantity = 0
) -> Quantity:
    """Instances whose pools a database still takes; the next one meets refusals.

    Parameters
    ----------
    max_connections : float or array
        Of the database.
    pool_size : float or array
        Connections of each instance.
    reserved : float or array
        Connections for administrators, jobs and AWS itself.

    Raises
    ------
    InvalidInputError

    Examples
    --------
    >>> largest_fleet(500, pool_size=20), largest_fleet(500, pool_size=20, reserved=10)
    (25.0, 24.0)
    """
    free = np.asarray(amount("max_connections", max_connections) - amount("reserved", reserved))
    size = amount("pool_size", pool_size, above_zero=True)
    return plain(np.floor(np.maximum(free, 0.0) / size))


def proxy_connections_needed(
    transactions_per_second: Quantity,
    transaction_seconds: Quantity,
    *,
    clients: Quantity = 0,
    pinned_share: Quantity = 0,
) -> Quantity:
    """Database connections in use behind a proxy, on average.

    Parameters
    ----------
    transactions_per_second : float or array
        Of all clients together. [1/s]
    transaction_seconds : float or array
        How long one takes, while it holds a connection. [s]
    clients : float or array
        Connections that clients keep open to the proxy.
    pinned_share : float or array
        Share of these whose sessions are pinned: each keeps a database connection of its own.

    Raises
    ------
    InvalidInputError

    Notes
    -----
    Little's law for the transactions of sessions that are not pinned, and one for each that is.
    That pinning prevents sharing is documented
    (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-pinning.html), how often it
    happens depends on the application. Beyond the highest use AWS recommends 30 % more
    (``proxy_headroom_share``).

    Examples
    --------
    >>> proxy_connections_needed(1000, 0.01)
    10.0
    >>> proxy_connections_needed(1000, 0.01, clients=500, pinned_share=0.1)
    59.0
    """
    pinned = share("pinned_share", pinned_share)
    shared = little_length(transactions_per_second, transaction_seconds)
    return plain(shared * (1 - np.asarray(pinned)) + amount("clients", clients) * pinned)


class ConnectionPoolConfiguration(Settings):
    """How many connections a proxy opens to its database, and how long it lets a client wait.

    Documented: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ConnectionPoolConfiguration.html
    """

    max_connections_percent: Percent = int(value_of("rds", "max_connections_percent"))
    """Largest pool, of what the database takes. [%]"""
    max_idle_connections_percent: Percent | None = None
    """Connections kept open though idle, of what the database takes; half of the largest pool
    unless given. [%]"""
    connection_borrow_timeout_seconds: Seconds = int(
        value_of("rds", "connection_borrow_timeout_seconds")
    )
    """How long a client waits for a connection of the pool before it gets an error. [s]"""

    @field_validator("max_connections_percent")
    @classmethod
    def _pool_within_bounds(cls, value: int) -> int:
        return refuse_outside(value, "rds", "max_connections_percent")

    @field_validator("connection_borrow_timeout_seconds")
    @classmethod
    def _wait_within_bounds(cls, value: int) -> int:
        return refuse_outside(value, "rds", "connection_borrow_timeout_seconds")

    @model_validator(mode="after")
    def _idle_within_pool(self) -> Self:
        idle = self.max_idle_connections_percent
        if idle is not None and not 0 <= idle <= self.max_connections_percent:
            raise InvalidInputError(
                f"max_idle_connections_percent {idle} must be from 0 to max_connections_percent"
                f" ({self.max_connections_percent}): "
                f"{quota('rds', 'max_idle_connections_percent_of_max').source}"
            )
        return self

    def largest_pool(self, max_connections: Quantity) -> Quantity:
        """Connections that the proxy opens to a database with this limit, at most.

        >>> ConnectionPoolConfiguration(max_connections_percent=95).largest_pool(1000)
        950.0
        """
        most = amount("max_connections", max_connections)
        return plain(np.floor(np.asarray(most) * self.max_connections_percent / PERCENT))

    def kept_idle(self, max_connections: Quantity) -> Quantity:
        """Connections that stay open though nobody uses them, at most.

        >>> ConnectionPoolConfiguration(max_connections_percent=80).kept_idle(1000)
        400.0
        """
        percent = self.max_idle_connections_percent
        if percent is None:
            half = value_of("rds", "max_idle_connections_percent_of_max")
            percent = int(self.max_connections_percent * half / PERCENT)
        most = amount("max_connections", max_connections)
        return plain(np.floor(np.asarray(most) * percent / PERCENT))
