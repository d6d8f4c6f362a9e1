"""How available a whole is whose parts fail on their own: in series, or one of several enough.

`models.theory.availability` is the case between: so many of so many alike. Sources by short name:
see `models.theory`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from models.theory.numbers import Number, amount, one, plain, refusal, share

#: Seconds of the periods that downtime is usually told for.
MONTH_SECONDS, YEAR_SECONDS = 30 * 86_400, 365 * 86_400


def series_availability(*availabilities: Number) -> Number:
    """Probability that all parts are up, each on its own: a chain that needs every link.

    Parameters
    ----------
    *availabilities : float or array
        Probability that each part is up.

    Raises
    ------
    InvalidInputError
        Also where no part is given.

    Notes
    -----
    Barlow and Proschan, chapter 1, series structure: a product. The same as AWS's whitepaper
    Availability and Beyond, "Availability with dependencies",
    https://docs.aws.amazon.com/whitepapers/latest/availability-and-beyond-improving-resilience/availability-with-dependencies.html.

    Examples
    --------
    >>> round(series_availability(0.9999, 0.9999, 0.9995), 5)
    0.9993
    """
    return plain(math.prod(_parts(availabilities)))


def redundant_availability(*availabilities: Number) -> Number:
    """Probability that at least one part is up, each on its own.

    Parameters and refusals as `series_availability`.

    Notes
    -----
    Barlow and Proschan, chapter 1, parallel structure: one minus the product of the chances to
    be down. What the parts share (a release, a credential, the failover itself) is neglected,
    and is what fails first.

    Examples
    --------
    >>> round(redundant_availability(0.9989, 0.9989), 7)
    0.9999988
    """
    return plain(1 - math.prod(1 - part for part in _parts(availabilities)))


def renewal_availability(up_seconds: Number, down_seconds: Number) -> Number:
    """Share of the time that something is up which fails and is repaired over and over.

    Parameters
    ----------
    up_seconds, down_seconds : float or array
        Mean time between a repair and the next failure (MTBF), and to repair (MTTR). [s]

    Raises
    ------
    InvalidInputError

    Notes
    -----
    Barlow and Proschan, chapter 3: MTBF / (MTBF + MTTR) in the long run, whatever the
    distributions.

    Examples
    --------
    >>> round(renewal_availability(4380 * 3600, 0.5 * 3600), 6)
    0.999886
    """
    up = amount("up_seconds", up_seconds, unit="s", above_zero=True)
    return plain(up / (up + amount("down_seconds", down_seconds, unit="s")))


def downtime_seconds(availability: Number, period_seconds: float = YEAR_SECONDS) -> Number:
    """Expected time down in a period; by default in a year of 365 days. [s]

    Raises
    ------
    InvalidInputError

    Examples
    --------
    >>> round(downtime_seconds(0.9999, MONTH_SECONDS) / 60, 2)
    4.32
    """
    up = share("availability", availability)
    return plain((1 - up) * one("period_seconds", period_seconds, unit="s"))


def _parts(availabilities: Iterable[Number]) -> list[Number]:
    parts = [share("availability", part) for part in availabilities]
    if not parts:
        raise refusal("availabilities", (), "at least one")
    return parts
