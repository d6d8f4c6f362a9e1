"""EBS volumes: what is provisioned is billed, and only what AWS allows can be provisioned."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidInputError
from models.services.ec2 import Volume
from models.services.ec2.volumes import LIMITS, STORAGE, io2_tiers
from models.units import TYPICAL, BillingPeriod


def totals(resource, period=TYPICAL):
    usage = resource.estimate(period)
    return {key.meter.usage_type: usage.total(key) for key in usage}


def volume(volume_type="gp3", size_gb=100, **fields):
    return Volume(name="disk", volume_type=volume_type, size_gb=size_gb, **fields)


def smallest(kind):
    return {"size_gb": LIMITS[kind].size_gb[0], "iops": 100 if kind in ("io1", "io2") else None}


@pytest.mark.parametrize("kind", STORAGE)
def test_every_type_has_its_own_storage_line(kind):
    fields = {name: value for name, value in smallest(kind).items() if value is not None}
    assert STORAGE[kind].usage_type in totals(volume(kind, **fields))


def test_a_gp3_volume_within_what_is_included_is_charged_for_storage_only():
    plain = volume(iops=3000, throughput_mib_per_second=125)
    assert totals(plain) == totals(volume()) == {"EBS:VolumeUsage.gp3": 100.0}


def test_gp3_is_charged_for_iops_and_throughput_above_what_is_included():
    usage = totals(volume(iops=10_000, throughput_mib_per_second=637))
    assert usage["EBS:VolumeP-IOPS.gp3"] == 7000
    # AWS prices throughput in GiB/s: 512 MiB/s above the included 125 are half of one.
    assert usage["EBS:VolumeP-Throughput.gp3"] == 0.5


def test_two_gp3_volumes_include_twice_three_thousand_iops():
    assert totals(volume(iops=4000, count=2))["EBS:VolumeP-IOPS.gp3"] == 2000


def test_io1_is_charged_for_every_iops():
    assert totals(volume("io1", iops=3000))["EBS:VolumeP-IOPS.piops"] == 3000


def test_io2_iops_are_split_into_tiers_volume_by_volume():
    one_large = totals(volume("io2", 2000, iops=100_000))
    assert one_large["EBS:VolumeP-IOPS.io2"] == 32_000
    assert one_large["EBS:VolumeP-IOPS.io2.tier2"] == 32_000
    assert one_large["EBS:VolumeP-IOPS.io2.tier3"] == 36_000
    ten_small = totals(volume("io2", 200, iops=10_000, count=10))
    assert ten_small == {"EBS:VolumeUsage.io2": 2000, "EBS:VolumeP-IOPS.io2": 100_000}


@given(iops=st.integers(0, 256_000))
def test_the_io2_tiers_add_up_to_the_iops(iops):
    parts = io2_tiers(iops)
    assert sum(parts) == iops
    assert min(parts) >= 0


def test_a_volume_of_half_a_month_is_charged_for_half_the_gb_months():
    assert totals(volume(hours=365))["EBS:VolumeUsage.gp3"] == pytest.approx(50)


def test_a_volume_deleted_at_once_is_charged_for_a_minute():
    month = BillingPeriod.of("2026-11")
    usage = totals(volume(hours=1 / 3600), month)
    assert usage["EBS:VolumeUsage.gp3"] == pytest.approx(100 * 60 / (720 * 3600))


@pytest.mark.parametrize("kind", LIMITS)
def test_sizes_outside_what_the_type_allows_are_refused(kind):
    least, most = LIMITS[kind].size_gb
    iops = {"iops": 100} if kind in ("io1", "io2") else {}
    for wrong in (least - 1, most + 1):
        with pytest.raises(InvalidInputError, match=rf"size_gb: .* from {least:,} to {most:,} GB"):
            volume(kind, wrong, **iops)


@pytest.mark.parametrize(
    ("kind", "size_gb", "iops", "why"),
    [
        ("gp3", 1000, 2999, "from 3,000 to 80,000 IOPS"),
        ("gp3", 1000, 80_001, "from 3,000 to 80,000 IOPS"),
        ("gp3", 10, 5001, "at most 5,000 for gp3 of 10 GB"),
        ("io1", 100, 5001, "at most 5,000 for io1 of 100 GB"),
        ("io2", 10, 10_001, "at most 10,000 for io2 of 10 GB"),
        ("io2", 1000, 256_001, "from 100 to 256,000 IOPS"),
        ("io1", 100, None, "must be given for io1"),
        ("gp2", 100, 3000, "must not be given for gp2"),
        ("st1", 500, 3000, "must not be given for st1"),
    ],
)
def test_iops_that_aws_would_not_provision_are_refused(kind, size_gb, iops, why):
    with pytest.raises(InvalidInputError, match=rf"Volume.iops: .*{why}"):
        volume(kind, size_gb, iops=iops)


def test_a_small_gp3_volume_still_has_the_included_iops():
    assert totals(volume(size_gb=1, iops=3000)) == {"EBS:VolumeUsage.gp3": 1.0}


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"throughput_mib_per_second": 124}, "from 125 to 2,000 MiB/s"),
        ({"throughput_mib_per_second": 2001, "iops": 16_000}, "from 125 to 2,000 MiB/s"),
        ({"throughput_mib_per_second": 751}, "0.25 MiB/s for each of its 3,000 IOPS"),
        ({"throughput_mib_per_second": 250, "volume_type": "gp2"}, "must not be given for gp2"),
    ],
)
def test_throughput_that_aws_would_not_provision_is_refused(fields, why):
    with pytest.raises(InvalidInputError, match=rf"throughput_mib_per_second: .*{why}"):
        volume(**fields)


def test_an_unknown_volume_type_is_answered_with_the_nearest():
    with pytest.raises(InvalidInputError, match=r"'gp4' must be one of .*nearest: gp"):
        volume("gp4")


def test_a_sweep_over_iops_agrees_with_one_volume_at_a_time():
    points = np.array([3000.0, 5000.0, 16_000.0])
    swept = totals(volume(iops=points))["EBS:VolumeP-IOPS.gp3"]
    single = [totals(volume(iops=each)).get("EBS:VolumeP-IOPS.gp3", 0.0) for each in points]
    assert swept == pytest.approx(single)


def test_a_sweep_with_one_impossible_point_is_refused():
    with pytest.raises(InvalidInputError, match="at most 50,000"):
        volume(iops=np.array([3000.0, 60_000.0]))
