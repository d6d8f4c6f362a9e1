"""What AWS commits itself to, service by service: monthly uptime by service level agreement.

A commitment is what AWS pays credit for, not what a service is built for and not a forecast.
Multiplying commitments gives an order of magnitude, as AWS itself says.

Examples
--------
>>> sla("lambda").availability
0.9995
>>> sla("rds", "Multi-AZ").uptime_percent, sla("rds", "Single-AZ").uptime_percent
(99.95, 99.5)
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from models.errors import UnknownNameError, did_you_mean
from models.files import DATA
from models.quotas.reading import read_slas
from models.quotas.records import Sla

__all__ = ["Sla", "sla", "slas"]


@cache
def slas() -> Mapping[tuple[str, str], Sla]:
    """Every commitment held, by service and configuration.

    Examples
    --------
    >>> ("ec2", "Instance") in slas(), ("ec2", "") in slas()
    (True, False)
    """
    found = {(row.service, row.configuration): row for row in read_slas(DATA / "sla.csv")}
    return MappingProxyType(found)


def sla(service: str, configuration: str = "") -> Sla:
    """The monthly uptime that AWS commits itself to.

    Parameters
    ----------
    service : str
        boto3 name, for example ``elbv2``. ECS and Fargate are ``ecs``, Aurora is of ``rds``.
    configuration : str
        What the commitment holds for, such as ``Multi-AZ``; none where there is only one.

    Returns
    -------
    Sla
        With `availability` as a share from 0 to 1.

    Raises
    ------
    UnknownNameError
        For what is not held, with the nearest that is: also where the configuration decides and
        none is given.

    Notes
    -----
    Documented in the agreements that ``data/sla.csv`` names, most of them as copied in public;
    `confidence` says how sure a row is.

    Examples
    --------
    >>> print(sla("elbv2", "Multi-AZ"))
    elbv2 Multi-AZ: 99.99 % a month by time (2022-07-25). Source: \
https://aws.amazon.com/elasticloadbalancing/sla/
    """
    held = slas()
    if (service, configuration) in held:
        return held[service, configuration]
    configurations = [name for owner, name in held if owner == service]
    if not configurations:
        known = sorted({owner for owner, _ in held})
        raise UnknownNameError(
            f"no service level agreement is held for {service!r}{did_you_mean(service, known)};"
            f" held: {', '.join(known)}"
        )
    listed = ", ".join(repr(name) for name in configurations)
    raise UnknownNameError(
        f"the agreement of {service} has no configuration {configuration!r}"
        f"{did_you_mean(configuration, configurations)}; held: {listed}"
    )
