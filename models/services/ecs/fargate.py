"""What AWS counts for a task on Fargate, which sizes there are, and how fast tasks start."""

from __future__ import annotations

from collections.abc import Iterator

from models.errors import InvalidInputError
from models.metering import Meter, Quantity
from models.quotas import value_of
from models.units import MB_PER_GB

CPU_UNITS_PER_VCPU = 1024
_GB = MB_PER_GB

#: Memory that goes with each size of CPU. Documented:
#: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
#: ("Task CPU and memory"). [MiB by CPU units]
MEMORY_MIB = {
    256: (512, _GB, 2 * _GB),
    512: range(_GB, 4 * _GB + 1, _GB),
    1024: range(2 * _GB, 8 * _GB + 1, _GB),
    2048: range(4 * _GB, 16 * _GB + 1, _GB),
    4096: range(8 * _GB, 30 * _GB + 1, _GB),
    8192: range(16 * _GB, 60 * _GB + 1, 4 * _GB),
    16384: range(32 * _GB, 120 * _GB + 1, 8 * _GB),
    32768: (60 * _GB, 120 * _GB, 244 * _GB),
}
SIZES_SOURCE = (
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html"
)
#: Sizes of CPU that run Windows. Documented: the same table.
WINDOWS_CPU_UNITS = (1024, 2048, 4096)

_RULE = (
    "{what} the task asks for, used or not, by the second from the pull of its image until it ends,"
    " {minutes} at least."
)
_LEVER = "Give tasks what they use, run fewer at quiet times, and take Arm or Spot where they can."


def _meter(
    usage_type: str, name: str, what: str, minutes: str = "a minute", unit: str = "hours"
) -> Meter:
    rule = _RULE.format(what=what, minutes=minutes)
    return Meter("AmazonECS", usage_type, unit, name=name, rule=rule, lever=_LEVER)


VCPU_HOURS = _meter("Fargate-vCPU-Hours:perCPU", "Fargate vCPU-hours", "vCPU")
GB_HOURS = _meter("Fargate-GB-Hours", "Fargate memory", "Memory")
ARM_VCPU_HOURS = _meter("Fargate-ARM-vCPU-Hours:perCPU", "Fargate vCPU-hours, Arm", "vCPU")
ARM_GB_HOURS = _meter("Fargate-ARM-GB-Hours", "Fargate memory, Arm", "Memory")
WINDOWS_VCPU_HOURS = _meter(
    "Fargate-Windows-vCPU-Hours:perCPU", "Fargate vCPU-hours, Windows", "vCPU", "five minutes"
)
WINDOWS_OS_HOURS = _meter(
    "Fargate-Windows-OS-Hours:perCPU", "Windows license on Fargate", "vCPU", "five minutes"
)
WINDOWS_GB_HOURS = _meter(
    "Fargate-Windows-GB-Hours", "Fargate memory, Windows", "Memory", "five minutes"
)
EPHEMERAL_GB_HOURS = _meter(
    "Fargate-EphemeralStorage-GB-Hours", "Fargate ephemeral storage", "Storage above 20 GB that",
    unit="GB-Hours",
)  # fmt: skip


def spot_meters(cpu_architecture: str) -> tuple[Meter, Meter]:
    """vCPU-hours and memory of Fargate Spot.

    The usage types of Arm are built as those of On-Demand are; they could not be read.
    """
    arm, words = ("ARM-", ", Arm") if cpu_architecture == "ARM64" else ("", "")
    return (
        _meter(
            f"SpotUsage-Fargate-{arm}vCPU-Hours:perCPU", f"Fargate Spot vCPU-hours{words}", "vCPU"
        ),
        _meter(f"SpotUsage-Fargate-{arm}GB-Hours", f"Fargate Spot memory{words}", "Memory"),
    )


def task_meters(
    cpu_architecture: str, operating_system_family: str, *, spot: bool = False
) -> tuple[tuple[Meter, ...], Meter]:
    """The meters that count vCPU-hours of a task, and the one that counts its memory.

    >>> vcpu, memory = task_meters("X86_64", "WINDOWS_SERVER_2022_CORE")
    >>> [meter.usage_type for meter in vcpu]
    ['Fargate-Windows-vCPU-Hours:perCPU', 'Fargate-Windows-OS-Hours:perCPU']
    """
    if operating_system_family != "LINUX":
        return (WINDOWS_VCPU_HOURS, WINDOWS_OS_HOURS), WINDOWS_GB_HOURS
    if spot:
        vcpu, memory = spot_meters(cpu_architecture)
        return (vcpu,), memory
    if cpu_architecture == "ARM64":
        return (ARM_VCPU_HOURS,), ARM_GB_HOURS
    return (VCPU_HOURS,), GB_HOURS


def minimum_seconds(operating_system_family: str) -> float:
    """The least a task is charged for. Documented: https://aws.amazon.com/fargate/pricing/. [s]

    >>> minimum_seconds("LINUX"), minimum_seconds("WINDOWS_SERVER_2022_CORE")
    (60, 300)
    """
    windows = "" if operating_system_family == "LINUX" else "windows_"
    return value_of("ecs", f"{windows}minimum_billed_seconds")


def refuse_size(cpu_units: int, memory_mib: int) -> None:
    """Refuse a task size that Fargate does not have.

    Raises
    ------
    InvalidInputError
        With the sizes that there are, and AWS's page.

    Examples
    --------
    >>> refuse_size(256, 512)
    >>> refuse_size(256, 4096)
    Traceback (most recent call last):
    models.errors.InvalidInputError: memory_mib (4096) must be one of 512, 1024, 2048 with ...
    """
    if cpu_units not in MEMORY_MIB:
        allowed = ", ".join(str(size) for size in MEMORY_MIB)
        raise InvalidInputError(
            f"cpu_units ({cpu_units}) must be one of {allowed} on Fargate ({SIZES_SOURCE})"
        )
    sizes = MEMORY_MIB[cpu_units]
    if memory_mib not in sizes:
        allowed = f"one of {', '.join(str(size) for size in sizes)}"
        if isinstance(sizes, range):
            allowed = f"from {sizes[0]} to {sizes[-1]} in steps of {sizes.step}"
        raise InvalidInputError(
            f"memory_mib ({memory_mib}) must be {allowed} with cpu_units {cpu_units} on Fargate"
            f" ({SIZES_SOURCE})"
        )


def smallest_size(cpu_units: float, memory_mib: float) -> tuple[int, int]:
    """The smallest task on Fargate that has as much of both: CPU units and memory. [units, MiB]

    Raises
    ------
    InvalidInputError
        Where no task is that large.

    Examples
    --------
    0.6 vCPU and 1.2 GB must be bought as 1 vCPU and 2 GB:

    >>> smallest_size(0.6 * 1024, 1.2 * 1024)
    (1024, 2048)
    >>> smallest_size(256, 5 * 1024)
    (1024, 5120)
    """
    for units, sizes in MEMORY_MIB.items():
        for size in sizes:
            if units >= cpu_units and size >= memory_mib:
                return units, size
    raise InvalidInputError(
        f"cpu_units ({cpu_units:g}) and memory_mib ({memory_mib:g}) must be at most"
        f" {max(MEMORY_MIB)} and {max(MEMORY_MIB[max(MEMORY_MIB)])} on Fargate ({SIZES_SOURCE})"
    )


def pull_seconds(image_size_mb: Quantity, mb_per_second: Quantity | None = None) -> Quantity:
    """Time to pull an image, which is charged. [s]

    Measured by one third party; see ``image_pull_mb_per_second`` of `models.quotas`. With the 15 to
    20 seconds before it, this is the measured start of 57 seconds of a task with an image of
    413 MB:

    >>> round(17.5 + pull_seconds(413), 1)
    58.8
    """
    rate = value_of("ecs", "image_pull_mb_per_second") if mb_per_second is None else mb_per_second
    return image_size_mb / rate


def launch_times(tasks: int) -> Iterator[float]:
    """When each of so many tasks asked for at once is launched: the throttle of Fargate. [s]

    Documented: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/throttling.html.

    >>> launched = list(launch_times(140))
    >>> launched[99], launched[100], launched[139]
    (0.0, 0.05, 2.0)
    """
    burst = value_of("ecs", "launch_burst_tasks")
    rate = value_of("ecs", "launch_tasks_per_second")
    return (max(task + 1 - burst, 0) / rate for task in range(tasks))


def vcpu_hours(cpu_units: Quantity, hours: Quantity) -> Quantity:
    """vCPU-hours of a task. [vCPU-h]

    >>> vcpu_hours(512, 10)
    5.0
    """
    return cpu_units / CPU_UNITS_PER_VCPU * hours


def gb_hours(memory_mib: Quantity, hours: Quantity) -> Quantity:
    """GB-hours of a task's memory. [GB-h]

    >>> gb_hours(512, 10)
    5.0
    """
    return memory_mib / MB_PER_GB * hours
