"""What AWS calls its services and regions on a bill, and where FOCUS files them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from models.errors import UnknownNameError, did_you_mean
from models.files import DATA, read_table

SERVICE_COLUMNS = (
    "service_code", "service_name", "short_name", "boto3_clients", "service_category",
    "service_subcategory", "source",
)  # fmt: skip
_REGION_COLUMNS = ("region", "name", "usage_type_prefix", "source")


@dataclass(frozen=True)
class Service:
    """One AWS service, as a bill names it.

    Parameters
    ----------
    code : str
        AWS's service code, e.g. ``"AmazonEC2"``.
    name : str
        The name on a bill, e.g. ``"Amazon Elastic Compute Cloud"``.
    short_name : str
        What people say, e.g. ``"EC2"``.
    boto3_clients : tuple of str
        The boto3 clients that manage it, e.g. ``("ec2",)``; the names of its modules in `services`.
    category, subcategory : str
        FOCUS's ServiceCategory and ServiceSubcategory.
    """

    code: str
    name: str
    short_name: str
    boto3_clients: tuple[str, ...]
    category: str
    subcategory: str


@cache
def services() -> dict[str, Service]:
    """Every service that has prices, by service code."""
    return {
        row["service_code"]: Service(
            row["service_code"], row["service_name"], row["short_name"],
            tuple(row["boto3_clients"].split("|")),
            row["service_category"], row["service_subcategory"],
        )
        for _, row in read_table(DATA / "services.csv", SERVICE_COLUMNS)
    }  # fmt: skip


def service(code: str) -> Service:
    """The service with this service code.

    Raises
    ------
    UnknownNameError
        Naming the nearest codes.

    Examples
    --------
    >>> service("AmazonEC2").name
    'Amazon Elastic Compute Cloud'
    """
    known = services()
    if code not in known:
        raise UnknownNameError(
            f"service code {code!r} is not listed in data/services.csv{did_you_mean(code, known)}"
        )
    return known[code]


def service_name(code: str) -> str:
    """The name on a bill; for a code that is not listed, the code itself. For display only.

    >>> service_name("AWSQueueService"), service_name("SomethingElse")
    ('Amazon Simple Queue Service', 'SomethingElse')
    """
    known = services().get(code)
    return known.name if known else code


@cache
def region_names() -> dict[str, str]:
    """The name of every AWS region on the console, by region code.

    >>> region_names()["eu-west-1"]
    'Europe (Ireland)'
    """
    rows = read_table(DATA / "regions.csv", _REGION_COLUMNS)
    return {row["region"]: row["name"] for _, row in rows}
