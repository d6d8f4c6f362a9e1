"""What AWS refuses to configure, worded with the limit and the page that states it."""

from __future__ import annotations

from models.quotas import quota, range_of, value_of


def refuse_outside(value: int, name: str) -> int:
    """`value`, refused where it lies outside the range that AWS accepts for `name`.

    Raises
    ------
    ValueError
        With the range and its source.

    Examples
    --------
    >>> refuse_outside(1769, "memory_size_mb")
    1769
    """
    least, most = range_of("lambda", name)
    if not least <= value <= most:
        page = quota("lambda", f"{name}_max").source
        raise ValueError(f"must be from {least:,} to {most:,} ({page})")
    return value


def reservable(account_concurrency: int) -> int:
    """Concurrency that functions may reserve or provision together: some must be left to the rest.

    Examples
    --------
    >>> reservable(1000), reservable(10)
    (900, 0)
    """
    return max(account_concurrency - int(value_of("lambda", "unreserved_concurrency_min")), 0)
