"""The catalogue: every price held, found by AWS's own names or refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from itertools import product
from pathlib import Path

from models import naming
from models.errors import PriceFileError, UnknownNameError, UnknownPriceError, did_you_mean
from models.files import DATA
from models.prices.reading import (
    read_allowances,
    read_credits,
    read_pools,
    read_prices,
    read_regions,
)
from models.prices.records import FREE_TIER_PLANS, GLOBAL, Allowance, Credit, Price, Region

#: AWS lists the data transfer of every service under this code.
DATA_TRANSFER = "AWSDataTransfer"


class Catalogue:
    """Every price held, with free allowances, credits and regions.

    Parameters
    ----------
    prices : iterable of Price
        At most one for each key.
    allowances, credits, regions : iterables
    pools : mapping of (service code or ``*``, usage type) to pool name

    See Also
    --------
    Catalogue.load : the catalogue that ships with the project.
    """

    def __init__(
        self,
        prices: Iterable[Price],
        *,
        allowances: Iterable[Allowance] = (),
        credits: Iterable[Credit] = (),
        regions: Iterable[Region] = (),
        pools: Mapping[tuple[str, str], str] | None = None,
    ) -> None:
        self.prices: dict[tuple[str, str, str, str], Price] = {}
        for price in prices:
            if price.key in self.prices:
                raise PriceFileError(f"two prices for {' '.join(price.key)}")
            self.prices[price.key] = price
        self.allowances = tuple(allowances)
        self.credits = tuple(credits)
        self.regions = {region.code: region for region in regions}
        self._pools = dict(pools or {})

    @staticmethod
    def load(folder: Path | None = None) -> Catalogue:
        """Read the catalogue from `folder`, by default the one that ships with the project.

        Raises
        ------
        PriceFileError
            Where a file is empty or truncated, a tier chain has a gap or an overlap, a row is a
            duplicate, or lacks a date or a source. Names file and line.
        """
        return _load((folder or DATA).resolve())

    def find(
        self, service_code: str, usage_type: str, *, region: str, operation: str = ""
    ) -> Price:
        """The price of a usage type in a region.

        A price that holds everywhere is found from any region, and data transfer is found under
        any service code, because AWS lists it under one. An empty `operation` matches where only
        one operation has a price.

        Raises
        ------
        UnknownNameError
            Where the region is not one of AWS's.
        UnknownPriceError
            Where no such price is held, naming the nearest.
        """
        for code, name, place in self._places(service_code, usage_type, region):
            found = self._at(code, name, operation, place)
            if found:
                return found
        raise self._unknown(service_code, usage_type, operation, region)

    def find_all(
        self, service_code: str, usage_type: str, *, region: str, operation: str = ""
    ) -> list[Price]:
        """Like `find`, but with every operation's price where none is given."""
        for place in self._places(service_code, usage_type, region):
            found = self._operations.get(place)
            if found and not operation:
                return found
        return [self.find(service_code, usage_type, region=region, operation=operation)]

    def region(self, code: str) -> str:
        """`code` itself, once known to be a region."""
        if code not in self.regions and code != GLOBAL:
            raise UnknownNameError(
                f"region {code!r} is not an AWS region{did_you_mean(code, self.regions)};"
                f" prices are held for {', '.join(self.priced_regions)}"
            )
        return code

    def pool(self, price: Price) -> tuple[str, ...]:
        """What is added up with usage at this price before the tiers are applied."""
        shared = self._pools.get((price.service_code, price.usage_type)) or self._pools.get(
            ("*", price.usage_type)
        )
        if shared:
            return (shared, price.region)
        return price.key

    def free_allowances(self, plan: str) -> tuple[Allowance, ...]:
        """Allowances of a free-tier plan. Always-free ones belong to every plan but ``none``."""
        if plan not in FREE_TIER_PLANS:
            raise UnknownNameError(
                f"free_tier {plan!r} must be one of {', '.join(FREE_TIER_PLANS)}"
                f"{did_you_mean(plan, FREE_TIER_PLANS)}"
            )
        plans = () if plan == "none" else ("always-free", plan)
        return tuple(allowance for allowance in self.allowances if allowance.plan in plans)

    @cached_property
    def priced_regions(self) -> tuple[str, ...]:
        """Regions for which any price is held."""
        return tuple(sorted({key[3] for key in self.prices} - {GLOBAL}))

    @cached_property
    def service_codes(self) -> frozenset[str]:
        """Service codes for which any price is held."""
        return frozenset(price.service_code for price in self)

    @cached_property
    def dates(self) -> tuple[str, str]:
        """Oldest and newest effective date held."""
        found = sorted(price.effective_date for price in self.prices.values())
        return found[0], found[-1]

    def __len__(self) -> int:
        return len(self.prices)

    def __iter__(self) -> Iterator[Price]:
        return iter(self.prices.values())

    def __repr__(self) -> str:
        return f"Catalogue({len(self)} prices, {self.dates[0]} to {self.dates[1]})"

    def _places(
        self, service_code: str, usage_type: str, region: str
    ) -> Iterator[tuple[str, str, str]]:
        """Where to look, in order: service code, usage type, region."""
        prefix = self.regions[region].usage_type_prefix if self.region(region) != GLOBAL else ""
        names = dict.fromkeys((usage_type, usage_type.removeprefix(f"{prefix}-")))
        known = service_code in self.service_codes or service_code in naming.services()
        codes = (service_code, DATA_TRANSFER) if known else ()
        return product(codes, names, (region, GLOBAL))

    def _at(self, service_code: str, usage_type: str, operation: str, region: str) -> Price | None:
        exact = self.prices.get((service_code, usage_type, operation, region))
        if exact or operation:
            return exact or self.prices.get((service_code, usage_type, "", region))
        choices = self._operations.get((service_code, usage_type, region), [])
        return choices[0] if len(choices) == 1 else None

    @cached_property
    def _operations(self) -> dict[tuple[str, str, str], list[Price]]:
        found: dict[tuple[str, str, str], list[Price]] = {}
        for price in self:
            found.setdefault((price.service_code, price.usage_type, price.region), []).append(price)
        return found

    def _unknown(
        self, service_code: str, usage_type: str, operation: str, region: str
    ) -> UnknownPriceError:
        if service_code not in self.service_codes:
            hint = did_you_mean(service_code, self.service_codes)
            return UnknownPriceError(f"service code {service_code!r} has no prices{hint}")
        operations = self._operations
        here = operations.get((service_code, usage_type, region)) or operations.get(
            (service_code, usage_type, GLOBAL)
        )
        if here:
            given = f"operation {operation!r}" if operation else "without an operation"
            held = ", ".join(repr(price.operation) for price in here)
            return UnknownPriceError(
                f"{service_code} {usage_type} in {region} {given} has no price;"
                f" operations held: {held}"
            )
        near = [key for key in operations if key[0] in (service_code, DATA_TRANSFER)]
        where = dict.fromkeys(place for _, held, place in near if held == usage_type)
        types = [held for _, held, place in near if place in (region, GLOBAL)]
        hint = f"; held for {', '.join(where)}" if where else did_you_mean(usage_type, types)
        return UnknownPriceError(f"{service_code} {usage_type} has no price in {region}{hint}")


@lru_cache(maxsize=8)
def _load(folder: Path) -> Catalogue:
    files = sorted((folder / "prices").glob("*.csv"))
    if not files:
        raise PriceFileError(f"{folder / 'prices'}: holds no price files (*.csv)")
    return Catalogue(
        (price for file in files for price in read_prices(file)),
        allowances=read_allowances(folder / "free_tier.csv"),
        credits=read_credits(folder / "free_tier_credits.csv"),
        regions=read_regions(folder / "regions.csv"),
        pools=read_pools(folder / "tier_pools.csv"),
    )
