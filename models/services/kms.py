"""AWS KMS: keys by the month and the requests that use them.

Models: customer managed keys, prorated by the hour, with what their rotations add; requests by
    kind of key; how many requests it takes to encrypt data directly.
Leaves out: AWS managed and AWS owned keys, which cost nothing to keep (requests to AWS managed
    keys do: give them with `count` 0); pairs of data keys; CloudHSM and external key stores. A
    replica of a multi-Region key is a key of its own in its Region. A key scheduled for deletion
    is free. Free allowances come off the bill, not off the usage.
Pricing: https://aws.amazon.com/kms/pricing/ (keys are prorated hourly; the first and the second
    rotation of a key add the price of a key each, further ones nothing).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from models.billed_time import hours_within
from models.errors import InvalidInputError
from models.metering import Meter, Quantity
from models.quotas import value_of
from models.resource import Amount, Count, Resource
from models.units import BillingPeriod

__all__ = ["Key", "billed_versions", "direct_requests"]

KB_PER_GB = 1024 * 1024

_RULE = "Every request that uses a key counts, those that AWS services make for you too."
_LEVER = "Encrypt data with a data key and keep it for a while; S3 Bucket Keys do so for objects."

KEYS = Meter(
    "awskms", "KMS-Keys", "Keys", name="KMS keys",
    rule="Every customer managed key by the hour as a share of the month, used or not; its first"
    " and second rotation count as a key each.",
    lever="Share a key where its policy allows, use AWS managed keys, delete keys of the past.",
)  # fmt: skip
REQUESTS = Meter(
    "awskms", "KMS-Requests", "Requests", name="KMS requests", rule=_RULE, lever=_LEVER,
)  # fmt: skip
RSA_2048_REQUESTS = Meter(
    "awskms", "KMS-Requests-Asymmetric-RSA_2048", "Requests", name="KMS requests, RSA 2048",
    rule=_RULE, lever="Verify signatures outside KMS, with the public key.",
)  # fmt: skip
ASYMMETRIC_REQUESTS = Meter(
    "awskms", "KMS-Requests-Asymmetric", "Requests", name="KMS requests, other asymmetric keys",
    rule=_RULE, lever="Verify signatures outside KMS, with the public key.",
)  # fmt: skip

KeySpec = Literal[
    "SYMMETRIC_DEFAULT", "RSA_2048", "RSA_3072", "RSA_4096", "ECC_NIST_P256", "ECC_NIST_P384",
    "ECC_NIST_P521", "ECC_SECG_P256K1",
]  # fmt: skip


def billed_versions(rotations: Quantity) -> Quantity:
    """Keys charged for one that was rotated so often: itself and its first two rotations.

    >>> [float(billed_versions(times)) for times in (0, 1, 2, 10)]
    [1.0, 2.0, 3.0, 3.0]
    """
    return 1 + np.minimum(rotations, value_of("kms", "billed_rotations_max"))


def direct_requests(gb: Quantity) -> Quantity:
    """Requests to encrypt `gb` in KMS itself, 4 KB at a time, without data keys.

    With envelope encryption it is one request for each data key, whatever it then encrypts.

    >>> float(direct_requests(500))
    131072000.0
    """
    whole: Quantity = np.ceil(np.round(gb * KB_PER_GB / value_of("kms", "encrypt_kb_max"), 6))
    return whole


class Key(Resource):
    """A customer managed key, or several alike.

    Documented: https://docs.aws.amazon.com/kms/latest/developerguide/overview.html
    """

    count: Count = 1
    """How many such keys."""
    key_spec: KeySpec = "SYMMETRIC_DEFAULT"
    """AWS's name of the kind of key; it decides what a request costs."""
    rotations: Count = 0
    """How often each has been rotated in its life; the first two count as a key each."""
    requests: Amount = 0
    """Requests with all of them in the period."""
    hours: Amount | None = None
    """Hours each exists in the period, without those scheduled for deletion; the whole period if
    not given. [h]"""

    @model_validator(mode="after")
    def _rotates(self) -> Self:
        if self.key_spec != "SYMMETRIC_DEFAULT" and np.any(self.rotations):
            raise InvalidInputError(
                f"rotations must not be given for {self.key_spec}: KMS rotates symmetric keys only"
                " (https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html)"
            )
        return self

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield keys as a share of the month, and requests."""
        months = self.count * hours_within(self.hours, period, self.name) / period.hours
        yield KEYS, months * billed_versions(self.rotations)
        kinds = {"SYMMETRIC_DEFAULT": REQUESTS, "RSA_2048": RSA_2048_REQUESTS}
        yield kinds.get(self.key_spec, ASYMMETRIC_REQUESTS), self.requests
