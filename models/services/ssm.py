"""AWS Systems Manager: parameters of Parameter Store.

Models: standard parameters, which are free; advanced ones by the month, prorated by the hour;
    and interactions, where they are charged: with advanced parameters, and with higher
    throughput.
Leaves out: the rest of Systems Manager (sessions, automation, patches and so on), and the KMS
    requests of a SecureString (see `kms`).
Pricing: https://aws.amazon.com/systems-manager/pricing/#Parameter_Store (an interaction is one
    parameter in one call: a call for ten parameters is ten).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from models.billed_time import hours_within
from models.errors import InvalidInputError
from models.metering import Meter, Quantity
from models.quotas import quota
from models.resource import Amount, Count, Resource
from models.units import BillingPeriod

__all__ = ["Parameter"]

ADVANCED = Meter(
    "AWSSystemsManager", "PS-Advanced-Param-Tier1", "Mo", name="Advanced parameters",
    rule="Every advanced parameter by the hour as a share of the month; standard ones are free.",
    lever="Stay with standard parameters up to 4 KB; an advanced one cannot be turned back.",
)  # fmt: skip
INTERACTIONS = Meter(
    "AWSSystemsManager", "PS-Param-Processed-Tier2", "Requests",
    name="Parameter Store interactions",
    rule="Every parameter in every call, if it is advanced or the account has higher throughput.",
    lever="Cache values in the process, and turn higher throughput off where it is not needed.",
)  # fmt: skip


class Parameter(Resource):
    """A parameter, or several alike.

    Documented: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
    """

    count: Count = 1
    """How many such parameters."""
    tier: Literal["Standard", "Advanced"] = "Standard"
    """AWS's name of the tier."""
    value_kb: Amount = 1
    """Size of the largest value. [KB]"""
    interactions: Amount = 0
    """Parameters read or written in the period, each once for each call."""
    higher_throughput: bool = False
    """Whether the account has turned on higher throughput, which charges standard parameters'
    interactions too."""
    hours: Amount | None = None
    """Hours each exists in the period; the whole period if not given. [h]"""

    @model_validator(mode="after")
    def _within_the_tier(self) -> Self:
        tier = self.tier.lower()
        for field, bound in (("value_kb", "value_kb_max"), ("count", "parameters_max")):
            most = quota("ssm", f"{tier}_{bound}")
            if np.any(np.asarray(getattr(self, field)) > most.value):
                raise InvalidInputError(
                    f"{field} must be at most {most.value:,} [{most.unit}] for {self.tier!r}"
                    f" ({most.source})"
                )
        return self

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield advanced parameters as a share of the month, and interactions where charged."""
        months = self.count * hours_within(self.hours, period, self.name) / period.hours
        if self.tier == "Advanced":
            yield ADVANCED, months
        if self.tier == "Advanced" or self.higher_throughput:
            yield INTERACTIONS, self.interactions
