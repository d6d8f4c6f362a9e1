"""DB instance classes: what memory they have, and which engines AWS offers them for."""

from __future__ import annotations

from models.errors import InvalidInputError
from models.quotas import instance_type

#: Families that RDS for MySQL, MariaDB and PostgreSQL runs on, of any size.
_RDS = frozenset({
    "t3", "t4g", "m5", "m5d", "m6g", "m6gd", "m6i", "m6id", "m6idn", "m6in", "m7g", "m7i", "m8g",
    "m8gd", "r5", "r5b", "r5d", "r6g", "r6gd", "r6i", "r6id", "r6idn", "r6in", "r7g", "r7i", "r8g",
    "r8gd", "x2g", "x2idn", "x2iedn",
})  # fmt: skip
#: Families that both engines of Aurora run on, of any size.
_AURORA = frozenset({"r5", "r6g", "r6i", "r7g", "r7i", "r8g", "x2g"})

#: What AWS's tables list, as read in April 2026.
FAMILIES = {
    "mysql": _RDS,
    "postgres": _RDS,
    "mariadb": _RDS,
    "aurora-mysql": _AURORA,
    "aurora-postgresql": _AURORA | {"r6gd", "r6id", "r8gd"},
}
#: Single classes beside these; ``db.t3.small`` for Aurora MySQL 2 only.
CLASSES = {
    "aurora-mysql": {"db.t3.small", "db.t3.medium", "db.t3.large", "db.t4g.medium", "db.t4g.large"},
    "aurora-postgresql": {"db.t3.medium", "db.t3.large", "db.t4g.medium", "db.t4g.large"},
}
_DOCS = "https://docs.aws.amazon.com/AmazonRDS/latest"
SOURCES = {
    "rds": f"{_DOCS}/UserGuide/Concepts.DBInstanceClass.Support.html",
    "aurora": f"{_DOCS}/AuroraUserGuide/Concepts.DBInstanceClass.SupportAurora.html",
}


def memory_gib(db_instance_class: str) -> float:
    """Memory of a class: that of the EC2 instance type of the same name. [GiB]

    Parameters
    ----------
    db_instance_class : str
        For example ``db.r6g.large``.

    Raises
    ------
    UnknownNameError
        Where that type is not held, with the nearest.

    Notes
    -----
    Documented: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html

    Examples
    --------
    >>> memory_gib("db.r6g.large"), memory_gib("db.t3.micro")
    (16.0, 1.0)
    """
    return float(instance_type(db_instance_class.removeprefix("db.")).memory_gib)


def refuse_unoffered(engine: str, db_instance_class: str) -> None:
    """Refuse a class that AWS does not offer for `engine`.

    Parameters
    ----------
    engine : str
        ``mysql``, ``postgres``, ``mariadb``, ``aurora-mysql`` or ``aurora-postgresql``.
    db_instance_class : str

    Raises
    ------
    InvalidInputError
        With what is offered, and the page that says so.

    Examples
    --------
    >>> refuse_unoffered("aurora-mysql", "db.r6g.large")
    >>> refuse_unoffered("aurora-mysql", "db.m6g.large")
    Traceback (most recent call last):
        ...
    models.errors.InvalidInputError: db_instance_class 'db.m6g.large' is not offered for \
aurora-mysql: families r5, r6g, r6i, r7g, r7i, r8g, x2g and db.t3.large, db.t3.medium, \
db.t3.small, db.t4g.large, db.t4g.medium are \
(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.DBInstanceClass.SupportAurora.html)
    """
    single = CLASSES.get(engine, set())
    if db_instance_class in single or db_instance_class.split(".")[1] in FAMILIES[engine]:
        return
    beside = f" and {', '.join(sorted(single))}" if single else ""
    raise InvalidInputError(
        f"db_instance_class {db_instance_class!r} is not offered for {engine}: families"
        f" {', '.join(sorted(FAMILIES[engine]))}{beside} are"
        f" ({SOURCES['aurora' if engine.startswith('aurora') else 'rds']})"
    )
