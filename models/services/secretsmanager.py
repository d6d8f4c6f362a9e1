"""AWS Secrets Manager: secrets by the month and calls to read them.

Models: secrets, prorated by the hour they are stored, and API calls.
Leaves out: rotation, whose function is a Lambda function and whose calls are calls; own keys for
    encryption (see `kms`); trials. A replica is a secret of its own in its Region. A secret that
    is marked for deletion is free.
Pricing: https://aws.amazon.com/secrets-manager/pricing/ (secrets stored for less than a month are
    prorated by the hour; every API call counts).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.billed_time import hours_within
from models.metering import Meter, Quantity
from models.resource import Amount, Count, Resource
from models.units import BillingPeriod

__all__ = ["Secret", "cached_calls"]

SECRETS = Meter(
    "AWSSecretsManager", "AWSSecretsManager-Secrets", "Secrets", name="Secrets",
    rule="Every secret by the hour as a share of the month, read or not; versions are free.",
    lever="Keep several values in one secret, and settings that are no secrets in Parameter"
    " Store.",
)  # fmt: skip
CALLS = Meter(
    "AWSSecretsManager", "AWSSecretsManagerAPIRequest", "API Requests",
    name="Secrets Manager API calls",
    rule="Every API call counts, whether it reads, lists or writes.",
    lever="Cache the value in the process (AWS's caching clients and Lambda extension do).",
)  # fmt: skip


def cached_calls(
    clients: Quantity, ttl_seconds: Quantity, period_seconds: Quantity, reads: Quantity
) -> Quantity:
    """Calls of clients that keep a value for `ttl_seconds` and read at even intervals.

    Never more than the reads. Each client asks again at the first read after its copy is too
    old; that reads are dense is assumed, so this is the most that a cache leaves.

    Parameters
    ----------
    clients : float or array
        Processes that each keep a copy.
    ttl_seconds, period_seconds : float or array
        [s]
    reads : float or array
        Reads of all clients together in the period.

    Examples
    --------
    >>> float(cached_calls(10, ttl_seconds=3600, period_seconds=730 * 3600, reads=50_000_000))
    7300.0
    """
    return np.minimum(clients * period_seconds / ttl_seconds, reads)


class Secret(Resource):
    """A secret, or several alike.

    Documented: https://docs.aws.amazon.com/secretsmanager/latest/userguide/intro.html
    """

    count: Count = 1
    """How many such secrets."""
    api_calls: Amount = 0
    """API calls for all of them in the period."""
    hours: Amount | None = None
    """Hours each is stored in the period, without those marked for deletion; the whole period if
    not given. [h]"""

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield secrets as a share of the month, and calls."""
        yield SECRETS, self.count * hours_within(self.hours, period, self.name) / period.hours
        yield CALLS, self.api_calls
