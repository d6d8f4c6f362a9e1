"""What a load balancer in front of a tier is charged."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.metering import Usage
from models.services.elbv2 import ApplicationLoadBalancer
from models.simulation.metered import hourly_of_balancer, over_period, standing_of_balancer
from models.units import SECONDS_PER_HOUR, BillingPeriod
from models.workload import Trace


def balancer_usage(
    balancer: ApplicationLoadBalancer, hourly_requests: NDArray[np.float64],
    duration_seconds: float, period: BillingPeriod, *, to_functions: bool = False,
) -> Usage:  # fmt: skip
    """Usage of a load balancer that was sent so many requests in each hour of a run.

    Where it sends them to functions, a capacity unit holds fewer bytes.
    """
    hourly = hourly_of_balancer(
        balancer, hourly_requests, duration_seconds, to_functions=to_functions
    )
    metered = over_period(hourly, duration_seconds, period)
    return standing_of_balancer(balancer, period) + metered


def requests_by_hour(trace: Trace) -> NDArray[np.float64]:
    """Requests that are drawn from a trace, in each of its hours."""
    hours = int(np.ceil(trace.duration_seconds / SECONDS_PER_HOUR))
    counted = np.zeros(hours)
    for chunk in trace.chunks():
        places = (chunk.arrivals // SECONDS_PER_HOUR).astype(int)
        counted += np.bincount(places, minlength=hours)
    return counted
