"""Capacity units: what one holds, what traffic needs, and which dimension is billed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from models.metering import Meter, Quantity

#: New connections per second of one LCU, by the certificate's ``KeyAlgorithm`` as ACM spells it.
#: https://aws.amazon.com/elasticloadbalancing/faqs/ ("different certificate types and key sizes").
LCU_NEW_CONNECTIONS_PER_SECOND: Mapping[str, float] = MappingProxyType(
    {
        "RSA_2048": 25,
        "RSA_3072": 5,
        "RSA_4096": 5,
        "EC_prime256v1": 25,
        "EC_secp384r1": 5,
        "EC_secp521r1": 1,
    }
)
#: What one LCU holds. https://aws.amazon.com/elasticloadbalancing/pricing/, "LCU details".
LCU_ACTIVE_CONNECTIONS = 3000
LCU_ACTIVE_CONNECTIONS_MUTUAL_TLS = 1500
LCU_GB_PER_HOUR = 1.0
LCU_LAMBDA_GB_PER_HOUR = 0.4
LCU_RULE_EVALUATIONS_PER_SECOND = 1000
FREE_RULES = 10

#: New flows per second, active flows and GB per hour of one NLCU (same page, "NLCU details")
#: and of one GLCU ("GLCU details").
FLOW_UNITS: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {
        "TCP": (800, 100_000, 1.0),
        "UDP": (400, 50_000, 1.0),
        "TLS": (50, 3_000, 1.0),
        "gateway": (600, 60_000, 1.0),
    }
)

_LEVERS = {
    "new connections": "Reuse connections (keep-alive, HTTP/2); use a short certificate key.",
    "active connections": "Close idle connections sooner, lengthen polling intervals.",
    "processed bytes": "Compress, cache in front of it, serve large files from elsewhere.",
    "rule evaluations": "Put the busiest rules first, or use fewer than ten.",
}


@dataclass(frozen=True)
class CapacityUnits:
    """Capacity units that each dimension of the traffic would need, and which one is billed.

    Parameters
    ----------
    dimensions : mapping of str to float or array
        Units by dimension. [LCU]
    """

    dimensions: Mapping[str, Quantity]

    @property
    def billed(self) -> Quantity:
        """Units charged: the largest dimension. [LCU]"""
        highest = np.max(np.broadcast_arrays(*self.dimensions.values()), axis=0)
        return float(highest) if np.ndim(highest) == 0 else highest

    @property
    def binding(self) -> Any:
        """Name of the dimension that decides; an array of names, one for each sweep point."""
        names = np.array(list(self.dimensions))
        found = names[np.argmax(np.broadcast_arrays(*self.dimensions.values()), axis=0)]
        return str(found) if np.ndim(found) == 0 else found

    @property
    def any(self) -> bool:
        """Whether there is any traffic at all."""
        return bool(np.any(self.billed))

    def __str__(self) -> str:
        """Units of each dimension and what decides, in words."""
        shown = ", ".join(f"{name} {_range(units)}" for name, units in self.dimensions.items())
        return f"{shown} units, so {' or '.join(self.deciding)} decide"

    @property
    def deciding(self) -> list[str]:
        """The dimensions that decide, each once; more than one only in a sweep."""
        return sorted(set(np.ravel(self.binding).tolist()))


def explained(meter: Meter, needed: Mapping[str, CapacityUnits]) -> Meter:
    """`meter` with the dimensions of each kind of traffic in its rule, and the levers that fit."""
    used = {kind: units for kind, units in needed.items() if units.any}
    if not used:
        return meter
    deciding = dict.fromkeys(name for units in used.values() for name in units.deciding)
    return replace(
        meter,
        rule=" ".join([meter.rule, *(f"{kind}: {units}." for kind, units in used.items())]),
        lever=" ".join(_LEVERS[name] for name in deciding),
    )


def _range(units: Quantity) -> str:
    low, high = float(np.min(units)), float(np.max(units))
    return f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}"


def active_connections(new_per_second: Quantity, duration_seconds: Quantity) -> Quantity:
    """Connections open at a time: those that arrive x how long each lasts (Little's law).

    Parameters
    ----------
    new_per_second : float or array
        [1/s]
    duration_seconds : float or array
        [s]

    Notes
    -----
    Documented: the examples of https://aws.amazon.com/elasticloadbalancing/pricing/ count so.

    Examples
    --------
    >>> active_connections(100, duration_seconds=180)
    18000
    """
    return new_per_second * duration_seconds


def rule_evaluations_per_second(requests_per_second: Quantity, rules: Quantity) -> Quantity:
    """Rule evaluations that count: request rate x rules processed beyond the ten free ones.

    Parameters
    ----------
    requests_per_second : float or array
        [1/s]
    rules : float or array
        Rules processed for each request, on average.

    Notes
    -----
    Documented: https://aws.amazon.com/elasticloadbalancing/pricing/, "LCU details".

    Examples
    --------
    >>> float(rule_evaluations_per_second(5, rules=60)), float(rule_evaluations_per_second(5, 8))
    (250.0, 0.0)
    """
    evaluations: Quantity = requests_per_second * np.maximum(np.asarray(rules) - FREE_RULES, 0)
    return evaluations


def lcus(
    *,
    new_connections_per_second: Quantity = 0.0,
    active_connections: Quantity = 0.0,
    gb_per_hour: Quantity = 0.0,
    lambda_gb_per_hour: Quantity = 0.0,
    requests_per_second: Quantity = 0.0,
    rules: Quantity = 0.0,
    mutual_tls: bool = False,
    key_algorithm: str = "RSA_2048",
) -> CapacityUnits:
    """Capacity units of an application load balancer in one hour, by dimension.

    Parameters
    ----------
    new_connections_per_second, requests_per_second : float or array
        [1/s]
    active_connections : float or array
        Open at a time, sampled each minute.
    gb_per_hour, lambda_gb_per_hour : float or array
        Requests and responses of instances, containers and addresses; of Lambda targets. [GB/h]
    rules : float or array
        Rules processed for each request.
    mutual_tls : bool
        Clients show certificates; a unit then holds half as many active connections.
    key_algorithm : str
        Of the listener's certificate: long keys make new connections dearer.

    Notes
    -----
    Documented: https://aws.amazon.com/elasticloadbalancing/pricing/, "LCU details", and the FAQs
    beside it: averages over an hour, and parts of a unit are billed. Assumed: bytes of Lambda
    and of other targets on one balancer add up by the units they fill.

    Examples
    --------
    >>> units = lcus(new_connections_per_second=100, active_connections=18000, gb_per_hour=0.36)
    >>> units.billed, units.binding
    (6.0, 'active connections')
    """
    active = LCU_ACTIVE_CONNECTIONS_MUTUAL_TLS if mutual_tls else LCU_ACTIVE_CONNECTIONS
    evaluations = rule_evaluations_per_second(requests_per_second, rules)
    return CapacityUnits(
        {
            "new connections": new_connections_per_second
            / LCU_NEW_CONNECTIONS_PER_SECOND[key_algorithm],
            "active connections": active_connections / active,
            "processed bytes": gb_per_hour / LCU_GB_PER_HOUR
            + lambda_gb_per_hour / LCU_LAMBDA_GB_PER_HOUR,
            "rule evaluations": evaluations / LCU_RULE_EVALUATIONS_PER_SECOND,
        }
    )


def flow_units(
    protocol: str,
    *,
    new_flows_per_second: Quantity = 0.0,
    active_flows: Quantity = 0.0,
    gb_per_hour: Quantity = 0.0,
) -> CapacityUnits:
    """Capacity units of one protocol on a network load balancer, or of a gateway load balancer.

    Parameters
    ----------
    protocol : str
        ``TCP``, ``UDP``, ``TLS`` or ``gateway``.
    new_flows_per_second : float or array
        New connections or flows. [1/s]
    active_flows : float or array
        Connections or flows at a time, sampled each minute.
    gb_per_hour : float or array
        [GB/h]

    Notes
    -----
    Documented: https://aws.amazon.com/elasticloadbalancing/pricing/, "NLCU details" and "GLCU
    details"; https://aws.amazon.com/elasticloadbalancing/faqs/ (each protocol is charged for its
    own highest dimension).

    Examples
    --------
    >>> flow_units("TLS", new_flows_per_second=100, gb_per_hour=1.5).billed
    2.0
    """
    new, active, gb = FLOW_UNITS[protocol]
    return CapacityUnits(
        {
            "new connections": new_flows_per_second / new,
            "active connections": active_flows / active,
            "processed bytes": gb_per_hour / gb,
        }
    )
