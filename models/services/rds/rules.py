"""What RDS counts: hours, stops, included IOPS and free backups. Pure rules, no resources."""

from __future__ import annotations

import numpy as np

from models.metering import Quantity
from models.units import HOURS_PER_DAY, MINUTES_PER_HOUR

#: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_OnDemandDBInstances.html
MINIMUM_HOURS = 10 / MINUTES_PER_HOUR

#: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_StopInstance.html
LONGEST_STOP_HOURS = 7 * HOURS_PER_DAY

#: gp3 storage from this size on is striped over four volumes (MySQL, MariaDB, PostgreSQL).
#: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html, "gp3 storage".
GP3_STRIPED_FROM_GB = 400
GP3_INCLUDED_IOPS = 3_000
GP3_STRIPED_INCLUDED_IOPS = 12_000


def instance_hours(hours: Quantity) -> Quantity:
    """Instance hours charged for one run: to the second, ten minutes at least.

    Parameters
    ----------
    hours : float or array
        Hours available, in one stretch. [h]

    Notes
    -----
    Documented: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_OnDemandDBInstances.html

    Examples
    --------
    >>> float(instance_hours(100.5)), round(float(instance_hours(0.05)), 4), instance_hours(0)
    (100.5, 0.1667, array(0.))
    """
    return np.where(np.asarray(hours) > 0, np.maximum(hours, MINIMUM_HOURS), 0.0)


def stopped_hours(wanted_hours: Quantity, stops: Quantity) -> Quantity:
    """Hours that an instance really stays stopped: AWS starts it again after seven days.

    Parameters
    ----------
    wanted_hours : float or array
        Hours for which it is meant to be stopped. [h]
    stops : float or array
        How many times it is stopped in that time.

    Notes
    -----
    Documented: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_StopInstance.html
    (stopped for up to seven consecutive days, then started automatically).

    Examples
    --------
    >>> float(stopped_hours(700, stops=1)), float(stopped_hours(700, stops=5))
    (168.0, 700.0)
    """
    return np.minimum(wanted_hours, LONGEST_STOP_HOURS * np.asarray(stops, dtype=np.float64))


def gp3_included_iops(allocated_storage_gb: Quantity) -> Quantity:
    """IOPS that come with gp3 storage of MySQL, MariaDB and PostgreSQL.

    Parameters
    ----------
    allocated_storage_gb : float or array
        [GiB]

    Notes
    -----
    Documented: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html

    Examples
    --------
    >>> int(gp3_included_iops(399)), int(gp3_included_iops(400))
    (3000, 12000)
    """
    striped = np.asarray(allocated_storage_gb) >= GP3_STRIPED_FROM_GB
    return np.where(striped, float(GP3_STRIPED_INCLUDED_IOPS), float(GP3_INCLUDED_IOPS))


def charged_backup_gb(backup_storage_gb: Quantity, free_gb: Quantity) -> Quantity:
    """Backup storage that is charged: what exceeds the free allowance.

    Parameters
    ----------
    backup_storage_gb, free_gb : float or array
        Automated backups and manual snapshots; the allowance, which is the database storage
        provisioned in the region. [GB]

    Notes
    -----
    Documented: https://aws.amazon.com/rds/postgresql/pricing/, "Backup storage" (free up to 100%
    of the total database storage of a region).

    Examples
    --------
    >>> float(charged_backup_gb(600, free_gb=400)), float(charged_backup_gb(100, free_gb=400))
    (200.0, 0.0)
    """
    return np.maximum(np.asarray(backup_storage_gb) - free_gb, 0.0)
