"""A pipeline without servers: what happens to a file, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from models.architecture import Architecture, Step, Traffic, Workflow
from models.architectures import parts
from models.architectures.checked import Amount, Number, Positive, PositiveShare, Processor, checked
from models.resource import Resource
from models.services.lambda_ import Function
from models.services.lambda_.rules import vcpus
from models.services.s3 import Bucket
from models.services.sqs import Queue
from models.services.stepfunctions import StateMachine
from models.units import HOURS_PER_DAY, MB_PER_GB, SECONDS_PER_HOUR

DAY_SECONDS = HOURS_PER_DAY * SECONDS_PER_HOUR
#: Handler time of each step in a published sample run; report and index run at the same time. [s]
SAMPLE_SECONDS = (
    {"validate": 0.811}, {"transform": 58.2}, {"report": 2.3, "index": 1.8}, {"write": 0.245},
)  # fmt: skip
_WHOLE = sum(seconds for stage in SAMPLE_SECONDS for seconds in stage.values())


@dataclass(frozen=True)
class Following:
    """What follows the files: the bucket that they are in, and logs.

    Parameters
    ----------
    region : str
    file_mb, log_kb : float
        [MB], [KB]
    kept_days : float
        [d]
    """

    region: str
    file_mb: float
    log_kb: float
    kept_days: float

    def __call__(self, traffic: Traffic) -> Iterator[Resource]:
        """The resources for so many files, each of them read once and written twice."""
        kept = traffic.per_second * self.kept_days * DAY_SECONDS
        yield Bucket(
            name="files", region=self.region, storage_gb=2 * kept * self.file_mb / MB_PER_GB,
            put_requests=2 * traffic.requests, get_requests=traffic.requests,
        )  # fmt: skip
        yield parts.logs(self.region, traffic, self.log_kb)


@checked
def serverless_pipeline(
    *, region: str = "us-east-1",
    orchestration: Literal["standard", "express", "queues"] = "standard",
    memory_size_mb: Number = 512, transform_memory_size_mb: Number = 512,
    architecture: Processor = "x86_64", timeout_seconds: Number = 300,
    cpu_share: PositiveShare = 0.25, file_mb: Positive = 1, kept_days: Positive = 30,
    log_kb: Amount = 5,
) -> Architecture:  # fmt: skip
    """A file is uploaded, and five functions work on it, in a workflow or from queue to queue.

    A request is a file; its work is that of all five functions together, of which transform does
    nine tenths. Report and index run at the same time.
    """
    conductor: StateMachine | Queue
    if orchestration == "queues":
        conductor = Queue(name="queues", region=region)
    else:
        kind: Literal["STANDARD", "EXPRESS"]
        kind = "STANDARD" if orchestration == "standard" else "EXPRESS"
        conductor = StateMachine(name="workflow", region=region, state_machine_type=kind)

    def step(name: str, seconds: float) -> Step:
        memory = transform_memory_size_mb if name == "transform" else memory_size_mb
        function = Function(
            name=name, region=region, memory_size_mb=memory, architecture=architecture,
            timeout_seconds=timeout_seconds,
        )  # fmt: skip
        return Step(function, seconds / _WHOLE, parts.slowdown(float(vcpus(memory)), cpu_share))

    stages = tuple(
        tuple(step(name, seconds) for name, seconds in stage.items()) for stage in SAMPLE_SECONDS
    )
    names = tuple(name for stage in SAMPLE_SECONDS for name in stage)
    return Architecture(
        name="serverless-pipeline",
        summary="Five functions that work on each uploaded file, step by step.",
        tiers=(Workflow(conductor, stages),),
        following=Following(region, file_mb, log_kb, kept_days),
        path=("files", conductor.name, *names),
        links=(("write", "logs"),),
        clients="uploads",
        left_out=(
            "What Step Functions takes between two steps, polls of queues that are empty, the"
            " event that starts a run, and the bytes between functions and bucket."
        ),
    )
