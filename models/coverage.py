"""Which AWS services are modelled, which only estimated, which left out; and for which regions."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from models import naming
from models.prices import Catalogue, Price
from models.services import modules, resource_types


@dataclass(frozen=True)
class Coverage:
    """What stands for one AWS service.

    Parameters
    ----------
    id : str
        Its boto3 client.
    name : str
        What people call it.
    status : str
        ``modelled`` where behaviour over time is simulated, ``estimated`` where there is a closed
        form, ``left out`` where prices are held and nothing else.
    service_codes, regions, resources : tuple of str
        Service codes on the bill, regions with prices, resource types of a scenario file.
    prices : int
        How many prices are held.
    price_date : str
        Newest effective date among them.
    """

    id: str
    name: str
    status: str
    service_codes: tuple[str, ...]
    regions: tuple[str, ...]
    resources: tuple[str, ...]
    prices: int
    price_date: str

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return asdict(self)


def coverage(catalogue: Catalogue | None = None) -> tuple[Coverage, ...]:
    """Every service that has prices, by boto3 client."""
    by_client: dict[str, list[Price]] = {}
    for price in catalogue or Catalogue.load():
        for client in naming.service(price.service_code).boto3_clients:
            by_client.setdefault(client, []).append(price)
    return tuple(_coverage(client, prices) for client, prices in sorted(by_client.items()))


def _coverage(client: str, prices: list[Price]) -> Coverage:
    codes = tuple(sorted({price.service_code for price in prices}))
    kinds = {name: kind for name, kind in resource_types().items() if name.startswith(f"{client}.")}
    status = "left out"
    if client in modules():
        simulated = any(kind.simulated for kind in kinds.values())
        status = "modelled" if simulated else "estimated"
    return Coverage(
        id=client,
        name=" and ".join(naming.service(code).short_name for code in codes),
        status=status,
        service_codes=codes,
        regions=tuple(sorted({price.region for price in prices})),
        resources=tuple(kinds),
        prices=len(prices),
        price_date=max(price.effective_date for price in prices),
    )
