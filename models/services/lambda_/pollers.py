"""Event pollers in provisioned mode: what fetches messages for a function, kept ready."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from models.billed_time import billed_seconds, hours_within
from models.errors import InvalidInputError
from models.metering import Meter, Quantity
from models.resource import Amount, Resource
from models.services.lambda_.meters import KAFKA_POLLERS, SQS_POLLERS
from models.units import SECONDS_PER_HOUR, BillingPeriod

#: Documented: https://aws.amazon.com/lambda/pricing/ ("Provisioned Mode for Event Source Mapping").
LEAST_SQS_UNITS = 2


class EventPollers(Resource):
    """Event pollers of event source mappings in provisioned mode.

    Documented: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
    """

    kind: Literal["kafka", "sqs"]
    """What they poll."""
    units: Amount
    """Event poller units on average. For SQS each is one poller (1 MB/s), of which a mapping has
    two or more; for Kafka each carries 20 MB/s and is shared within a poller group."""
    hours: Amount | None = None
    """Hours they are there in the period; the whole period if not given. [h]"""

    @model_validator(mode="after")
    def _as_many_as_needed(self) -> Self:
        units = np.asarray(self.units)
        if self.kind == "sqs" and np.any((units > 0) & (units < LEAST_SQS_UNITS)):
            raise InvalidInputError(
                f"units must be at least {LEAST_SQS_UNITS} for 'sqs'"
                " (https://aws.amazon.com/lambda/pricing/)"
            )
        return self

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield hours of event poller units."""
        hours = hours_within(self.hours, period, self.name)
        billed = billed_seconds(hours * SECONDS_PER_HOUR) / SECONDS_PER_HOUR
        yield KAFKA_POLLERS if self.kind == "kafka" else SQS_POLLERS, self.units * billed
