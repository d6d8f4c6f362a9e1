"""Published worked examples of CloudFront, Route 53 and Secrets Manager, from their own inputs.

`EXAMPLES` gives the usage of each example by its id in `tests/data/published_examples.csv`; the
harness prices it with the example's own dated prices. What an example has free is a first tier at
no charge there. Route 53's example is of queries alone: the zone they are in is not in its total.
"""

from collections.abc import Callable

from models.metering import Usage
from models.services.cloudfront import Distribution
from models.services.route53 import HostedZone
from models.services.secretsmanager import Secret

EXAMPLES: dict[str, Callable[[], Usage]] = {
    "IC-CF-01": lambda: Distribution(name="edges", transfer_out_gb=12_340_000).estimate(),
    "IC-CF-02": lambda: Distribution(name="edges", invalidation_paths=12_340).estimate(),
    "IC-R53-01": lambda: HostedZone(name="zone", count=0, queries=1_100_000_000).estimate(),
    "IC-KMS-01": lambda: Secret(name="secret", api_calls=100_000).estimate(),
}
