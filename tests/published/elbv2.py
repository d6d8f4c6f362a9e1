"""Published worked examples of load balancers, as usage built from their own inputs.

`EXAMPLES` gives the usage of each example by its id in `tests/data/published_examples.csv`; the
harness prices it with the example's own dated prices. The pages count 720 hours to the month and
1,000,000 KB to the GB; none counts public addresses, which are charged since 2024-02.
"""

from collections.abc import Callable

from models.metering import Usage
from models.services.elb import LoadBalancer
from models.services.elbv2 import (
    ApplicationLoadBalancer,
    NetworkLoadBalancer,
    active_connections,
)
from models.units import TYPICAL, BillingPeriod

THIRTY_DAYS = BillingPeriod("30 days", 720)


def gb_per_hour(kb_per_second: float) -> float:
    """The pages' own conversion: 300 KB a second are 1.08 GB an hour."""
    return kb_per_second * 3600 / 1e6


def application(
    new_per_second: float, minutes: float, kb_per_second: float, requests: float, rules: int
) -> ApplicationLoadBalancer:
    return ApplicationLoadBalancer(
        name="web",
        new_connections_per_second=new_per_second,
        active_connections=active_connections(new_per_second, duration_seconds=60 * minutes),
        processed_gb=720 * gb_per_hour(kb_per_second),
        requests_per_second=requests,
        rules=rules,
    )


#: The page's first two examples, by themselves so that their dimensions can be looked at.
ELB_01 = application(1, minutes=2, kb_per_second=300, requests=5, rules=60)
ELB_02 = application(100, minutes=3, kb_per_second=100, requests=4, rules=20)


def network_for_an_hour() -> Usage:
    tcp = {
        "new_flows_per_second": 1,
        "active_flows": active_connections(1, duration_seconds=120),
        "processed_gb": gb_per_hour(300),
    }
    return NetworkLoadBalancer(name="tcp", hours=1, tcp=tcp).estimate(TYPICAL)


EXAMPLES: dict[str, Callable[[], Usage]] = {
    "ELB-01": lambda: ELB_01.estimate(THIRTY_DAYS),
    "ELB-02": lambda: ELB_02.estimate(THIRTY_DAYS),
    "ELB-04": network_for_an_hour,
    "IC-ELB-01": lambda: ApplicationLoadBalancer(name="alb", processed_gb=1000).estimate(),
    "IC-ELB-02": lambda: NetworkLoadBalancer(name="nlb", tcp={"processed_gb": 1000}).estimate(),
    "X-ELB-01": lambda: LoadBalancer(name="classic", processed_gb=10_000).estimate(),
}
