"""Amazon EventBridge: event buses, charged for the events that are put, not for where they go.

Models: custom and partner events in units of 64 KB, events sent on to another bus, discovery of
    schemas in units of 8 KB; archives by the GB taken in and stored, and their replays. AWS calls
    this bus, which routes by rules and targets, "Custom Event Bus - Classic" today.
Leaves out: the Custom Event Bus of 2026, which is charged by the KB; events of AWS services, which
    are free, and S3's data events, which are charged; targets in other accounts but buses; API
    destinations, pipes and the scheduler, for which no prices are held; data transfer between
    Regions. Free allowances come off the bill, not off the usage.
Pricing: https://aws.amazon.com/eventbridge/pricing/
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from pydantic import field_validator

from models.metering import Meter, Quantity
from models.quotas import quota, value_of
from models.resource import Amount, Resource
from models.units import BillingPeriod

__all__ = ["Archive", "EventBus", "event_chunks"]

_RULE = "for each 64 KB of it or part of them; matching rules and delivering it is free."

CUSTOM_EVENTS = Meter(
    "AWSEvents", "Event-64K-Chunks", "64K-Chunks", "PutEvents",
    name="Custom events",
    rule=f"Every event that is put, sent on to another bus or replayed, {_RULE}",
    lever="Put fewer and smaller events; send references, and use SNS or SQS where nothing is"
    " filtered.",
)  # fmt: skip
PARTNER_EVENTS = Meter(
    "AWSEvents", "Event-64K-Chunks", "64K-Chunks", "ReceivedPartnerEvents",
    name="Partner events",
    rule=f"Every event of a partner that is received, {_RULE}",
    lever="Let the partner send only the types of events that somebody uses.",
)  # fmt: skip
DISCOVERY = Meter(
    "AWSEvents", "Event-8K-Chunks", "8K-Chunks",
    name="Schema discovery",
    rule="Every event that a bus looks at to find schemas, for each 8 KB of it or part of them.",
    lever="Discover in a test account, and stop when the schemas are known.",
)  # fmt: skip
ARCHIVED = Meter(
    "AWSEvents", "ArchivedEvents-Bytes", "GB",
    name="Events archived",
    rule="Every GB of events that an archive takes in.",
    lever="Archive only the events that somebody would replay: give the archive a pattern.",
)  # fmt: skip
ARCHIVE_STORAGE = Meter(
    "AWSEvents", "TimedStorage-ByteHrs", "GB-Mo",
    name="Archive storage",
    rule="Every GB kept, by the hour; without a retention an archive keeps everything for ever.",
    lever="Set a retention.",
)  # fmt: skip


def event_chunks(
    events: Quantity, event_kb: Quantity, chunk_kb: Quantity | None = None
) -> Quantity:
    """Units charged for events of `event_kb` each: at least one for each event.

    Events of one size are assumed: the average decides. Each event counts by itself, however many
    are put with one call.

    >>> [float(event_chunks(100, kb)) for kb in (1, 64, 65, 256)]
    [100.0, 100.0, 200.0, 400.0]
    >>> float(event_chunks(100, 20, chunk_kb=8))
    300.0
    """
    unit_kb = value_of("events", "event_chunk_kb") if chunk_kb is None else chunk_kb
    each: Quantity = np.maximum(np.ceil(np.round(event_kb / unit_kb, 6)), 1.0)
    return events * each


class _WithEvents(Resource):
    """What has events of some size."""

    event_kb: Amount = 1
    """An event on average, envelope included. [KB]"""

    @field_validator("event_kb")
    @classmethod
    def _as_large_as_allowed(cls, value: Quantity) -> Quantity:
        most = value_of("events", "event_kb_max")
        if np.any(np.asarray(value) > most):
            page = quota("events", "event_kb_max").source
            raise ValueError(f"must be at most {most:,} [KB] ({page})")
        return value


class EventBus(_WithEvents):
    """An event bus.

    Documented: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus.html
    """

    custom_events: Amount = 0
    """Put by applications in the period."""
    partner_events: Amount = 0
    """Received from partners in the period."""
    events_to_other_buses: Amount = 0
    """Sent on to buses of this or another account in the period, charged to this one as custom
    events. Documented: https://aws.amazon.com/about-aws/whats-new/2021/05/
    amazon-eventbridge-supports-sharing-events-between-event-buses-same-account-region/"""
    discovered_events: Amount = 0
    """Looked at to find schemas in the period."""

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield events in units of 64 KB, and of 8 KB where schemas are looked for."""
        put = self.custom_events + self.events_to_other_buses
        yield CUSTOM_EVENTS, event_chunks(put, self.event_kb)
        yield PARTNER_EVENTS, event_chunks(self.partner_events, self.event_kb)
        unit_kb = value_of("events", "discovery_chunk_kb")
        yield DISCOVERY, event_chunks(self.discovered_events, self.event_kb, unit_kb)


class Archive(_WithEvents):
    """An archive of a bus.

    Documented: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-archive.html
    """

    archived_gb: Amount = 0
    """Taken in in the period. [GB]"""
    stored_gb: Amount = 0
    """Stored on average over the period. [GB]"""
    replayed_events: Amount = 0
    """Sent to the bus again in the period; charged as custom events (as third parties read AWS's
    page)."""

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield GB taken in, GB stored, and events replayed."""
        yield ARCHIVED, self.archived_gb
        yield ARCHIVE_STORAGE, self.stored_gb
        yield CUSTOM_EVENTS, event_chunks(self.replayed_events, self.event_kb)
