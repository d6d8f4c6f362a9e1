"""How many connections a database takes by default: it goes with the memory of its class."""

from __future__ import annotations

import numpy as np

from models.errors import InvalidInputError
from models.metering import Quantity
from models.quotas import value_of
from models.services.rds.classes import FAMILIES, memory_gib, refuse_unoffered
from models.theory.numbers import amount, plain
from models.units import BYTES_PER_GB

BYTES_PER_MIB = 1024**2


def class_memory_bytes(memory_gib: Quantity) -> Quantity:
    """What AWS calls DBInstanceClassMemory: memory less what the system takes. [B]

    Parameters
    ----------
    memory_gib : float or array
        Memory of the instance class, or 2 GiB for each ACU. [GiB]

    Raises
    ------
    InvalidInputError

    Notes
    -----
    That something is taken off is documented, how much is not. Assumed: a fixed part and a share,
    ``reserved_memory_mib`` and ``reserved_memory_share`` of the quotas, which reproduce the limits
    that AWS prints.

    Examples
    --------
    >>> round(float(class_memory_bytes(8)) / 2**30, 2)
    7.31
    """
    nominal = np.asarray(amount("memory_gib", memory_gib, unit="GiB", above_zero=True))
    kept = nominal * BYTES_PER_GB * (1 - value_of("rds", "reserved_memory_share"))
    return plain(kept - value_of("rds", "reserved_memory_mib") * BYTES_PER_MIB)


def max_connections(engine: str, memory_gib: Quantity) -> Quantity:
    """Connections that a database takes by default.

    Parameters
    ----------
    engine : str
        ``mysql``, ``postgres``, ``mariadb`` (10.5 or later), ``aurora-mysql`` or
        ``aurora-postgresql``.
    memory_gib : float or array
        Memory of the instance class: see `classes.memory_gib`. [GiB]

    Raises
    ------
    InvalidInputError
        For another engine, or memory that is not above 0.

    Notes
    -----
    Documented: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html and
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Managing.Performance.html
    Approximate but for Aurora MySQL, because `class_memory_bytes` is. Of the result, PostgreSQL
    keeps a few for itself.

    Examples
    --------
    >>> [int(max_connections(engine, 16)) for engine in ("mysql", "postgres", "aurora-mysql")]
    [1264, 1669, 1000]
    """
    if engine not in FAMILIES:
        raise InvalidInputError(f"engine {engine!r} must be one of {', '.join(FAMILIES)}")
    if engine == "aurora-mysql":
        return _aurora_mysql(memory_gib)
    name = "postgres" if engine == "aurora-postgresql" else engine
    each = value_of("rds", f"{name}_bytes_per_connection")
    found = np.floor(class_memory_bytes(memory_gib) / each)
    if name != "mysql":
        found = np.minimum(found, value_of("rds", f"{name}_default_connections_max"))
    return plain(np.maximum(found, 0.0))


def _aurora_mysql(memory_gib: Quantity) -> Quantity:
    """Whole steps of 45 or of 1,000 by powers of two of the nominal memory."""
    nominal = np.asarray(amount("memory_gib", memory_gib, unit="GiB", above_zero=True))

    def steps(name: str) -> Quantity:
        base = value_of("rds", f"aurora_mysql_{name}base_bytes")
        doublings = np.round(np.log2(nominal * BYTES_PER_GB / base))
        return np.maximum(doublings, 0.0) * value_of("rds", f"aurora_mysql_{name}step_connections")

    return plain(np.maximum(steps("small_"), steps("")))


def max_connections_of_class(engine: str, db_instance_class: str) -> float:
    """Connections that an instance of this class takes by default: see `max_connections`.

    Raises
    ------
    InvalidInputError
        Where AWS does not offer the class for the engine.
    UnknownNameError
        Where the memory of the class is not held.

    Examples
    --------
    >>> max_connections_of_class("aurora-mysql", "db.t3.medium")
    90.0
    """
    if engine in FAMILIES:
        refuse_unoffered(engine, db_instance_class)
    return float(max_connections(engine, memory_gib(db_instance_class)))


def max_connections_serverless(
    engine: str, min_capacity_acu: Quantity, max_capacity_acu: Quantity
) -> Quantity:
    """Connections that a serverless instance takes by default, whatever its capacity just is.

    Parameters
    ----------
    engine : str
        ``aurora-mysql`` or ``aurora-postgresql``.
    min_capacity_acu, max_capacity_acu : float or array
        Its range. [ACU]

    Raises
    ------
    InvalidInputError

    Notes
    -----
    Documented: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
    (from the memory of the *maximum* capacity; PostgreSQL that may scale to 0.5 or 0 ACUs: at most
    2,000). Between the capacities that AWS lists the same rule is assumed.

    Examples
    --------
    >>> [int(max_connections_serverless("aurora-postgresql", least, 128)) for least in (0.5, 1)]
    [2000, 5000]
    """
    if engine not in ("aurora-mysql", "aurora-postgresql"):
        raise InvalidInputError(f"engine {engine!r} must be aurora-mysql or aurora-postgresql")
    most = np.asarray(amount("max_capacity_acu", max_capacity_acu, unit="ACU", above_zero=True))
    least = np.asarray(amount("min_capacity_acu", min_capacity_acu, unit="ACU"))
    found = np.asarray(max_connections(engine, most * value_of("rds", "acu_memory_gib")))
    if engine == "aurora-mysql":
        return plain(np.maximum(found, value_of("rds", "serverless_mysql_connections_min")))
    capped = np.minimum(found, value_of("rds", "serverless_postgres_paused_connections_max"))
    return plain(np.where(least <= value_of("rds", "capacity_step_acu"), capped, found))
