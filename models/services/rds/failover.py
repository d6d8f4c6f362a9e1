"""How long a database is away when its writer fails: ranges that AWS states, by configuration."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from models.errors import InvalidInputError
from models.quotas import quota, value_of
from models.theory.numbers import amount, one

Configuration = Literal[
    "multi-az-instance", "multi-az-cluster", "aurora-with-replica", "aurora-alone"
]
_ROWS = {
    "multi-az-instance": "multi_az_instance",
    "multi-az-cluster": "multi_az_cluster",
    "aurora-with-replica": "aurora_replica",
    "aurora-alone": "aurora_alone",
}


class FailoverTime(NamedTuple):
    """How long a failover takes.

    Parameters
    ----------
    low_seconds, high_seconds : float
        Typical bounds, no guarantee. [s]
    source : str
        AWS's page. Where it has an upper figure only, the lower is assumed.
    """

    low_seconds: float
    high_seconds: float
    source: str

    @property
    def mean_seconds(self) -> float:
        """Middle of the range; that any time in it is equally likely is assumed. [s]"""
        return (self.low_seconds + self.high_seconds) / 2


def failover_time(configuration: Configuration, *, behind_proxy: bool = False) -> FailoverTime:
    """How long the database itself is away when its writer fails.

    Parameters
    ----------
    configuration : str
        ``multi-az-instance`` (one standby), ``multi-az-cluster`` (two readable standbys of RDS),
        ``aurora-with-replica``, or ``aurora-alone``, where a new instance is created.
    behind_proxy : bool
        Whether RDS Proxy stands before it: it shortens failover of Aurora by *up to* 66 %, so the
        lower bound falls and the upper stays.

    Raises
    ------
    InvalidInputError
        For another configuration.

    Notes
    -----
    Documented as typical:
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZ.Failover.html,
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/multi-az-db-clusters-concepts-failover.html,
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.AuroraHighAvailability.html.
    An instance in one zone has nothing to fail over to, so it has no time here.

    Examples
    --------
    >>> failover_time("multi-az-instance")[:2]
    (60, 120)
    """
    if configuration not in _ROWS:
        raise InvalidInputError(
            f"configuration {configuration!r} must be one of {', '.join(get_args(Configuration))}"
        )
    name = f"failover_{_ROWS[configuration]}_seconds"
    low: float = value_of("rds", f"{name}_min")
    high = quota("rds", f"{name}_max")
    if behind_proxy and configuration.startswith("aurora"):
        low *= 1 - value_of("rds", "proxy_failover_cut_share")
    return FailoverTime(low, high.value, high.source)


def downtime(
    configuration: Configuration,
    *,
    behind_proxy: bool = False,
    dns_cache_seconds: float | None = None,
) -> FailoverTime:
    """How long a client cannot write, its cached address included.

    Parameters
    ----------
    configuration, behind_proxy
        As for `failover_time`. A proxy keeps its address, so no lookup is waited for.
    dns_cache_seconds : float, optional
        How long the client keeps an address once it has looked it up; 60 unless given, the longest
        that AWS advises. [s]

    Raises
    ------
    InvalidInputError

    Notes
    -----
    The endpoint is a name that points to the new writer once it is ready; until the cached
    address runs out, clients talk to the old one.

    Examples
    --------
    >>> downtime("multi-az-instance")[:2], downtime("multi-az-instance", behind_proxy=True)[:2]
    ((60, 180.0), (60, 120.0))
    """
    found = failover_time(configuration, behind_proxy=behind_proxy)
    kept = value_of("rds", "dns_cache_seconds") if dns_cache_seconds is None else dns_cache_seconds
    cached = 0.0 if behind_proxy else one("dns_cache_seconds", kept, unit="s")
    return found._replace(high_seconds=found.high_seconds + cached)


def expected_downtime_seconds(
    configuration: Configuration,
    events: float = 1,
    *,
    behind_proxy: bool = False,
    dns_cache_seconds: float | None = None,
) -> float:
    """Time that clients cannot write, expected over so many failures of the writer. [s]

    Parameters
    ----------
    configuration, behind_proxy, dns_cache_seconds
        As for `downtime`.
    events : float
        Failures and failovers for maintenance in the time looked at.

    Raises
    ------
    InvalidInputError

    Notes
    -----
    The middle of the range for each. A cached address has half of its time left on average.

    Examples
    --------
    >>> expected_downtime_seconds("multi-az-instance", events=2)
    240.0
    """
    times = downtime(configuration, behind_proxy=behind_proxy, dns_cache_seconds=dns_cache_seconds)
    return float(amount("events", events) * times.mean_seconds)
