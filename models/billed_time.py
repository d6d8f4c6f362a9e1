"""Time as AWS charges for it: rounded up, with minimums, and as a share of the month."""

from __future__ import annotations

import numpy as np

from models.errors import InvalidInputError
from models.metering import Quantity
from models.units import SECONDS_PER_HOUR, BillingPeriod

#: Instances, volumes and public addresses are billed per second, but never for less than this.
#: Documented: https://aws.amazon.com/ec2/pricing/ ("Per Second Billing"),
#: https://aws.amazon.com/ebs/pricing/, https://aws.amazon.com/vpc/pricing/ (public IPv4).
MINIMUM_SECONDS = 60

# Hours times 3,600 is not exact in floating point: 1.1 h gives 3,960.0000000000005 s, and
# rounding that up would charge a second that nobody used.
_DECIMALS = 6


def billed_seconds(
    seconds: Quantity, starts: Quantity = 1, *, minimum_seconds: float = MINIMUM_SECONDS
) -> Quantity:
    """Seconds charged when `seconds` of running are spread evenly over `starts` runs.

    Parameters
    ----------
    seconds : float or array
        Running time of all runs together. [s]
    starts : int or array
        Runs that began in the period. None (0) means one run that began earlier: no new minimum.
    minimum_seconds : float
        Of a run; 60 for all but a few services. [s]

    Returns
    -------
    float or array
        Each run rounded up to a whole second, and to at least the minimum. [s]

    Notes
    -----
    Documented: per second, "with a minimum of 60 seconds", each time an instance is started
    (https://aws.amazon.com/ec2/pricing/). Runs of equal length are assumed.

    Examples
    --------
    >>> float(billed_seconds(30)), float(billed_seconds(90.2)), float(billed_seconds(0))
    (60.0, 91.0, 0.0)
    >>> float(billed_seconds(600, starts=20))
    1200.0
    """
    runs = np.maximum(starts, 1)
    minimum = np.where(np.asarray(starts) > 0, minimum_seconds, 0)
    each = np.maximum(np.ceil(np.round(seconds / runs, _DECIMALS)), minimum)
    return np.where(np.asarray(seconds) > 0, runs * each, 0.0)


def billed_hours(hours: Quantity) -> Quantity:
    """Whole hours charged: a partial hour counts as a full one.

    Documented for NAT gateways (https://aws.amazon.com/vpc/pricing/), interface endpoints
    (https://aws.amazon.com/privatelink/pricing/) and transit gateway attachments
    (https://aws.amazon.com/transit-gateway/pricing/). [h]

    >>> float(billed_hours(0.1)), float(billed_hours(2)), float(billed_hours(0))
    (1.0, 2.0, 0.0)
    """
    whole: Quantity = np.ceil(np.round(hours, _DECIMALS))
    return whole


def hours_within(hours: Quantity | None, period: BillingPeriod, resource: str) -> Quantity:
    """`hours`, or all hours of the period where None. [h]

    Raises
    ------
    InvalidInputError
        Where there are more hours than the period has.
    """
    if hours is None:
        return float(period.hours)
    if np.any(np.asarray(hours) > period.hours):
        raise InvalidInputError(
            f"{resource}: hours {np.max(hours):g} must be at most"
            f" the {period.hours} of the billing period"
        )
    return hours


def share_of_period(hours: Quantity, period: BillingPeriod) -> Quantity:
    """Part of the period for which something that exists for `hours` is billed.

    Rounded up to a whole second, at least 60: a volume of S GB is billed S x share GB-months.

    >>> float(share_of_period(12, BillingPeriod("30 days", 720)))
    0.016666666666666666
    """
    return billed_seconds(hours * SECONDS_PER_HOUR) / (period.hours * SECONDS_PER_HOUR)
