"""AWS Step Functions: workflows charged by the step (Standard) or by time and memory (Express).

Models: state transitions of Standard workflows; requests and GB-seconds of Express workflows, in
    steps of 100 ms and 64 MB; the number of transitions at which both cost the same.
Leaves out: what the steps call, logs, redrives, the quotas for starts and open executions. A
    distributed map starts child executions: list them as a state machine of their own. Free
    allowances come off the bill, not off the usage.
Pricing: https://aws.amazon.com/step-functions/pricing/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from models.errors import InvalidInputError
from models.metering import Meter, Quantity
from models.quotas import quota, value_of
from models.resource import Amount, Resource
from models.units import MB_PER_GB, BillingPeriod

__all__ = [
    "StateMachine",
    "express_billed_ms",
    "express_gb_seconds",
    "express_memory_mb",
    "standard_break_even_transitions",
]

MS_PER_SECOND = 1000

TRANSITIONS = Meter(
    "AmazonStates", "StateTransition", "StateTransitions", name="Step Functions transitions",
    rule="Every step that an execution takes is charged, retries too; waiting is free.",
    lever="Join steps, let services wait for each other's events, run short workflows as Express.",
)  # fmt: skip
REQUESTS = Meter(
    "AmazonStates", "StepFunctions-Request", "Requests", name="Express executions",
    rule="Every execution of an Express workflow that is started.",
    lever="Handle several items in one execution.",
)  # fmt: skip
DURATION = Meter(
    "AmazonStates", "StepFunctions-GB-Second", "GB-Seconds", name="Express duration",
    rule="Time from start to end, rounded up to 100 ms, by memory rounded up to 64 MB; waiting"
    " counts.",
    lever="Wait in a Standard workflow, pass on references instead of large payloads.",
)  # fmt: skip


def express_billed_ms(duration_ms: Quantity) -> Quantity:
    """Milliseconds charged for an Express execution: rounded up to 100. [ms]

    Documented: https://aws.amazon.com/step-functions/pricing/. Of a mean the mean is rounded up.

    >>> [float(express_billed_ms(ms)) for ms in (1, 100, 801)]
    [100.0, 100.0, 900.0]
    """
    return _up_to(duration_ms, "express_rounding_ms")


def express_memory_mb(memory_mb: Quantity) -> Quantity:
    """Memory charged for an Express execution: rounded up to 64 MB. [MB]

    >>> [float(express_memory_mb(mb)) for mb in (50, 64, 1200)]
    [64.0, 64.0, 1216.0]
    """
    return _up_to(memory_mb, "express_memory_chunk_mb")


def express_gb_seconds(
    executions: Quantity, duration_ms: Quantity, memory_mb: Quantity
) -> Quantity:
    """GB-seconds of Express executions of one length and size.

    >>> float(express_gb_seconds(100_000_000, 801, memory_mb=1200))
    106875000.0
    """
    seconds = express_billed_ms(duration_ms) / MS_PER_SECOND
    return executions * seconds * express_memory_mb(memory_mb) / MB_PER_GB


def standard_break_even_transitions(
    gb_seconds: Quantity,
    request_to_transition_price: Quantity,
    gb_second_to_transition_price: Quantity,
) -> Quantity:
    """Transitions of an execution at which Standard costs as much as Express; fewer favour it.

    Express charges the request and its GB-seconds, Standard each transition; equating the two
    gives (request price + GB-seconds x GB-second price) / transition price.

    Parameters
    ----------
    gb_seconds : float or array
        Charged for one Express execution, as `express_gb_seconds` gives them.
    request_to_transition_price, gb_second_to_transition_price : float or array
        Prices of an Express request and of a GB-second, over that of a transition.

    Examples
    --------
    A minute with 64 MB, at prices of 1, 16.67 and 25 millionths of a dollar:

    >>> minute = express_gb_seconds(1, 60_000, memory_mb=64)
    >>> round(float(standard_break_even_transitions(minute, 1 / 25, 16.67 / 25)), 4)
    2.5405
    """
    return request_to_transition_price + gb_seconds * gb_second_to_transition_price


class StateMachine(Resource):
    """A state machine and its executions.

    Documented: https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html
    """

    state_machine_type: Literal["STANDARD", "EXPRESS"] = "STANDARD"
    """How it is run and charged."""
    executions: Amount = 0
    """Executions started in the period."""
    transitions_per_execution: Amount = 1
    """Steps that an execution takes on average, retries and the start included; charged for
    STANDARD."""
    duration_ms: Amount = 0
    """Time from start to end on average; charged for EXPRESS. [ms]"""
    memory_mb: Amount = value_of("stepfunctions", "express_base_memory_mb")
    """Memory of an execution on average, charged for EXPRESS: 50 MB, the size of the definition,
    and the payloads, times the branches that run at once. [MB]"""

    @model_validator(mode="after")
    def _express_is_short(self) -> Self:
        most = value_of("stepfunctions", "express_max_seconds") * MS_PER_SECOND
        if self.state_machine_type == "EXPRESS" and np.any(np.asarray(self.duration_ms) > most):
            page = quota("stepfunctions", "express_max_seconds").source
            raise InvalidInputError(f"duration_ms must be at most {most:,} for 'EXPRESS' ({page})")
        return self

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield transitions, or requests and GB-seconds."""
        if self.state_machine_type == "STANDARD":
            yield TRANSITIONS, self.executions * self.transitions_per_execution
            return
        yield REQUESTS, self.executions
        yield DURATION, express_gb_seconds(self.executions, self.duration_ms, self.memory_mb)


def _up_to(amount: Quantity, step_name: str) -> Quantity:
    """`amount` rounded up to a whole number of AWS's steps."""
    step = value_of("stepfunctions", step_name)
    whole: Quantity = np.ceil(np.round(amount / step, 6)) * step
    return whole
