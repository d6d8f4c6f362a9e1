"""AWS list prices: dated, sourced, tiered, and never guessed.

The catalogue is read from CSV files (see ``data/README.md``), works offline and loads in
milliseconds. A price is known by service code, usage type, operation and region. A price that
is not held raises `UnknownPriceError` with the nearest names; there is no default.

**Tier pools.** Which usage is added up before the tiers are applied: within one region of the
account (the default), over all services (internet egress), or not at all. Free allowances have
a scope of their own: one region, or all of them.
"""

from models.prices.catalogue import DATA_TRANSFER, Catalogue
from models.prices.reading import PRICE_COLUMNS, read_prices
from models.prices.records import (
    CONFIDENCES,
    FREE_TIER_PLANS,
    GLOBAL,
    Allowance,
    Credit,
    Price,
    Region,
    Tier,
)

__all__ = [
    "CONFIDENCES",
    "DATA_TRANSFER",
    "FREE_TIER_PLANS",
    "GLOBAL",
    "PRICE_COLUMNS",
    "Allowance",
    "Catalogue",
    "Credit",
    "Price",
    "Region",
    "Tier",
    "read_prices",
]
