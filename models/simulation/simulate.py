"""`simulate`: a group, a load balancer and a trace in; what happened, out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from models.errors import InvalidInputError
from models.services.autoscaling import AutoScalingGroup
from models.services.elbv2 import ApplicationLoadBalancer
from models.simulation.assumptions import Assumptions
from models.simulation.database.tier import Database
from models.simulation.group import GroupController
from models.simulation.metrics import CustomMetric
from models.simulation.run import Run
from models.simulation.scaling import DynamicScaling
from models.simulation.schedule import follow_schedule
from models.simulation.stage import Stage
from models.simulation.streams import stream
from models.workload import ClosedLoop, Trace


def simulate(
    groups: AutoScalingGroup | Sequence[AutoScalingGroup],
    trace: Trace | ClosedLoop,
    *,
    load_balancer: ApplicationLoadBalancer | None = None,
    database: Database | None = None,
    seed: int = 0,
    engine: str = "compiled",
    keep_records: bool = False,
    assumptions: Assumptions | None = None,
    metrics: Mapping[str, CustomMetric] | None = None,
) -> Run:
    """Run a trace through an Auto Scaling group behind an Application Load Balancer.

    Parameters
    ----------
    groups : AutoScalingGroup, or several
        Several are target groups of one balancer, such as blue and green; each gets requests by
        the weight of its target group.
    trace : Trace or ClosedLoop
        Who asks, when, and how much work each request is. A closed loop (a load-test tool) runs
        on the readable engine, and the run ends with its last answer.
    load_balancer : ApplicationLoadBalancer, optional
        What is metered for it; its `connections` say how clients use it.
    database : Database, optional
        What the instances ask, as their `application.queries` say: a worker is held until the
        database has answered. Its resources are metered apart from the run.
    seed : int
        Of the control plane: launch times, phases of health checks, lifetimes. The requests have
        the trace's own seed.
    engine : str
        ``compiled``: every request, fast. ``readable``: the same rules as plain SimPy events.
        ``fluid``: expected traffic in place of requests, for a year at a time.
    keep_records : bool
        Keep a row for each request, which takes memory.
    assumptions : Assumptions, optional
        What AWS does not document.
    metrics : mapping of str to function, optional
        Metrics of your own by name, for policies that track them; each is given what was
        `Observed` and returns a number, or None for no datapoint.

    Returns
    -------
    Run

    Raises
    ------
    InvalidInputError
        Where there is no such engine, the groups cannot stand behind one balancer, or the records
        would not fit in memory.
    UnknownNameError
        Where a policy follows a metric that nothing reports.
    """
    groups = (groups,) if isinstance(groups, AutoScalingGroup) else tuple(groups)
    _refuse_unlike(groups)
    assumed = assumptions or Assumptions()
    stage = Stage(
        groups, trace, engine,
        database=database, seed=seed, keep_records=keep_records, assumptions=assumed,
    )  # fmt: skip
    controllers = [
        GroupController(
            stage.clock, group, number, balancer=stage.balancer, targets=stage.targets,
            slots=stage.slots, log=stage.log, assumptions=assumed, rng=stream(seed, group.name),
        )
        for number, group in enumerate(groups)
    ]  # fmt: skip
    scaling = [DynamicScaling(one, stage.log, assumed, metrics or {}) for one in controllers]
    for controller in controllers:
        follow_schedule(controller, stage.log, trace)
    played = stage.play(controllers, scaling)
    return Run(
        groups=groups,
        load_balancer=load_balancer or ApplicationLoadBalancer(name="load balancer"),
        _instances=tuple((*one.retired, *one.instances) for one in controllers),
        **played,
    )


def _refuse_unlike(groups: tuple[AutoScalingGroup, ...]) -> None:
    """One balancer serves groups that are alike in what the engine keeps once for all."""
    if not groups:
        raise InvalidInputError("groups must hold at least one AutoScalingGroup")
    if len({group.name for group in groups}) < len(groups):
        raise InvalidInputError("groups must have different names")
    if not sum(group.target_group.weight for group in groups):
        raise InvalidInputError("target_group.weight must be above 0 for at least one group")
    first = groups[0]
    for group in groups[1:]:
        unlike = [
            name
            for name in (
                "workers",
                "queue_length",
                "client_timeout_seconds",
                "notices_abandonment",
                "queries",
            )
            if getattr(group.application, name) != getattr(first.application, name)
        ]
        unlike += [
            name
            for name in ("algorithm", "slow_start_duration_seconds", "stickiness_duration_seconds")
            if getattr(group.target_group, name) != getattr(first.target_group, name)
        ]
        if unlike:
            raise InvalidInputError(
                f"groups {first.name!r} and {group.name!r} must have the same {', '.join(unlike)}"
                " to stand behind one balancer"
            )
