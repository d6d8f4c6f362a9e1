"""What an execution environment does: how it starts, how long it stays, and which one is chosen."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from models.distributions import Duration, Seconds, Uniform
from models.quotas import range_of
from models.resource import Settings

_IDLE = range_of("lambda", "idle_timeout_seconds")
_LIFE = range_of("lambda", "environment_life_seconds")

Probability = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class ExecutionEnvironment(Settings):
    """How the environments of a function behave.

    Documented: the phases of its life, and that idle ones end and busy ones are replaced every few
    hours (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html). How long
    an idle one stays, and which of several takes a request, AWS does not publish: both are
    parameters here.
    """

    init: Duration | None = None
    """The Init phase. As measured for the runtime, package and architecture of the function unless
    given. [s]"""
    import_seconds: Seconds = 0
    """What the function's own packages add to Init: the measurements are of hello-world. [s]"""
    restore: Duration | None = None
    """With SnapStart, in place of Init; nothing was measured, so a simulation needs
    it given. [s]"""
    vpc_attachment_seconds: Seconds = 0
    """Before Init of a function in a VPC, not billed: 0 today; older material says 10 s. [s]"""
    placement_seconds: Seconds = 0
    """Before Init, not billed: finding a place for the environment and loading the code. Nothing is
    measured here; third parties see 0.1 to 0.3 s beyond Init from outside. [s]"""
    first_run_seconds: Seconds | None = None
    """How much longer the first run of the handler takes. As measured for a hello-world handler
    and the function's memory unless given. [s]"""
    cold_response: Duration | None = None
    """A law for the whole of a cold invocation, in place of Init, first run and work. [s]"""
    idle_timeout: Duration = Uniform(low_seconds=_IDLE[0], high_seconds=_IDLE[1])
    """How long an environment that falls idle is kept, drawn each time. Measured by third parties:
    5 to 7 minutes in 2021, 10 to 60 in other years. [s]"""
    life: Duration = Uniform(low_seconds=_LIFE[0], high_seconds=_LIFE[1])
    """How long an environment is used at all. Assumed, around about 2 hours seen. [s]"""
    routing: Literal["most_recently_idle", "least_recently_idle", "newest_created", "random"] = (
        "most_recently_idle"
    )
    """Which idle environment takes a request. Assumed."""
    error_share: Probability = 0.0
    """Share of the invocations whose handler raises an error at the end of its work. [share]"""
